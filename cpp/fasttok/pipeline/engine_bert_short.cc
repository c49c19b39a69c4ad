// A short text of bytes, most often one that a caller gives by itself: its words and their pieces by one
// kernel, or where a word is new, or the text is longer, by the kernel for words and one by one, without what
// Scanner (engine_bert.cc) keeps for texts of any length and for what may stand in them. Equal to it because
// the kernel stops at every character that asks for more than that.
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

constexpr std::size_t kRead = 16;  // keys are read so many bytes at a time

}  // namespace

std::size_t BertEngine::encode_short(const TextView& text, const RowFrame& frame,
                                     std::uint32_t (&ids)[kShortRoom]) const {
  // A word has no more pieces than bytes.
  static_assert(kMostAround + kMostShort + WordCache::kMaxIds <= kShortRoom);
  if (text.kind != 1 || !is_short(text, frame)) return 0;
  const auto* const bytes = static_cast<const std::uint8_t*>(text.data);
  if (text.length < kShortText && may_read_beyond(bytes + text.length, kRead)) [[likely]] {
    WordCache& cache = WordCache::of_this_thread(matcher_.owner());
    std::uint32_t* const begin = put_ids(frame.before, ids);
    const std::size_t known = kernels().short_answers(cache, bytes, text.length, actions_.ascii(), begin);
    if (known != kNoAnswer) [[likely]]
      return static_cast<std::size_t>(put_ids(frame.behind, begin + known) - ids);
  }
  return encode_short_words(text, frame, ids);
}

std::size_t BertEngine::encode_short_words(const TextView& text, const RowFrame& frame,
                                           std::uint32_t (&ids)[kShortRoom]) const {
  const auto* bytes = static_cast<const std::uint8_t*>(text.data);
  std::uint8_t copy[kMostShort + kRead];
  if (!may_read_beyond(bytes + text.length, kRead)) {
    std::memcpy(copy, bytes, text.length);
    bytes = copy;
  }
  WordCache& cache = WordCache::of_this_thread(matcher_.owner());
  std::uint16_t begins[kMostShort + 64], ends[kMostShort + 64];
  const WordSpans words =
      kernels().ascii_words_u8(bytes, text.length, true, actions_.ascii(), {begins, ends, nullptr});
  if (words.consumed < text.length) return 0;
  auto size = static_cast<std::size_t>(put_ids(frame.before, ids) - ids);
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
  return static_cast<std::size_t>(put_ids(frame.behind, ids + size) - ids);
}

}  // namespace fasttok
