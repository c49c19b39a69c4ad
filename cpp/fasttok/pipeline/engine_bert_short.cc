// A short text of bytes, most often one that a caller gives by itself: its words and their pieces by one
// kernel, or where a word is new, or the text is longer, by the kernel for words and one by one, without what
// Scanner (engine_bert.cc) keeps for texts of any length and for what may stand in them. Equal to it because
// the kernel stops at every character that asks for more than that.
#include <algorithm>
#include <cstring>

#include "fasttok/base/over_read.h"
#include "fasttok/pipeline/engine_bert.h"
#include "fasttok/pipeline/word_pieces.h"

namespace fasttok {
namespace {

// Apart, for it wants much of the stack.
[[gnu::noinline]] std::size_t append_word(const WordPieceMatcher& matcher, WordCache& cache, bool fold,
                                          const std::uint8_t* bytes, std::uint16_t begin, std::uint16_t end,
                                          std::uint32_t* ids, std::size_t size) {
  std::uint32_t places[2];
  WordPieces::Misses misses;
  return WordPieces(matcher, cache, fold, misses)
      .append(bytes, &begin, &end, 1, {}, ids, size, places, false);
}

}  // namespace

std::size_t BertEngine::encode_short(const TextView& text, const RowFrame& frame,
                                     std::uint32_t (&ids)[kShortRoom]) const {
  constexpr std::size_t kShort = 128, kRead = 16;  // keys are read so many bytes at a time
  constexpr std::size_t kMostAround = 32;
  // A word has no more pieces than bytes.
  static_assert(kMostAround + kShort + WordCache::kMaxIds <= kShortRoom);
  if (text.kind != 1 || text.length > kShort) return 0;
  const std::size_t before = frame.before.size(), behind = frame.behind.size();
  if (before + behind > kMostAround) return 0;
  const auto* bytes = static_cast<const std::uint8_t*>(text.data);
  std::uint8_t copy[kShort + kRead];
  if (!may_read_beyond(bytes + text.length, kRead)) {
    std::memcpy(copy, bytes, text.length);
    bytes = copy;
  }
  WordCache& cache = WordCache::of_this_thread(matcher_.owner());
  for (std::size_t i = 0; i < before; ++i) ids[i] = frame.before[i];
  if (text.length < kShortText) {
    const std::size_t known =
        kernels().short_answers(cache, bytes, text.length, actions_.ascii(), ids + before);
    if (known != kNoAnswer) {
      for (std::size_t i = 0; i < behind; ++i) ids[before + known + i] = frame.behind[i];
      return before + known + behind;
    }
  }
  std::uint16_t begins[kShort + 64], ends[kShort + 64];
  WindowStarts windows[kShort / 64];
  const WordSpans words =
      kernels().ascii_words_u8(bytes, text.length, true, actions_.ascii(), {begins, ends, windows, nullptr});
  if (words.consumed < text.length) return 0;
  std::size_t size = before;
  // Of so few words the CPU itself reads the lines of several at once.
  for (std::size_t k = 0; k < words.count; ++k) {
    const std::uint8_t* const word = bytes + begins[k];
    const WordKey key = load_key(word, static_cast<std::size_t>(ends[k] - begins[k]), cache.tag());
    const WordCache::Line& line = *cache.line_of(key);
    unsigned found;
    const WordCache::Answer* const answer = WordCache::find(line, key, found);
    if (__builtin_expect(!found, 0)) {
      size = append_word(matcher_, cache, actions_.folds_ascii(), bytes, begins[k], ends[k], ids, size);
      continue;
    }
    answer->copy_to(ids + size);  // more than counts: what is behind is written over
    size += answer->count;
  }
  for (std::size_t i = 0; i < behind; ++i) ids[size + i] = frame.behind[i];
  return size + behind;
}

}  // namespace fasttok
