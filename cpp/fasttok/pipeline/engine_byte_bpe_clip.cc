// What the engine does with CLIP's words (text/clip_words.h): a block of the text is written anew, its words
// become ids, and what of a word is not at its end goes on in the next block.
#include <algorithm>
#include <cstdint>

#include "fasttok/base/interrupt.h"
#include "fasttok/pipeline/engine_byte_bpe.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

constexpr std::size_t kIdSlack = WordCache::kMaxIds + 1;

constexpr std::size_t kBlocksBetweenChecks = 16;

}  // namespace

// False, with no tokens written, where something is odd.
bool ByteBpeEngine::encode_clip(const SequenceRequest& request, std::size_t index, std::size_t limit,
                                Scratch& scratch, TokenColumns& out) const {
  const TextView& view = request.texts[index];
  if (view.length > UINT32_MAX / 8) return false;
  using Block = ClipWords::Block;
  Block block;
  block.text.swap(scratch.clip);
  const std::size_t before = out.ids.size();
  std::uint32_t counts[std::size(block.chars)];
  std::int32_t next_word = 0;
  bool good = true;
  for (std::size_t at = 0, step = 0; at < view.length && out.ids.size() < limit; ++step) {
    if (step % kBlocksBetweenChecks == kBlocksBetweenChecks - 1) check_interrupt();
    // It may be time for the cache to grow.
    WordCache& cache = WordCache::of_this_thread(model_.owner());
    at = clip_words_->read(view, at, std::min(at + Block::kChars, view.length), block);
    good = at != ClipWords::kOdd;
    if (!good) break;
    if (block.count == 0) continue;
    const std::size_t first = out.ids.size();
    out.make_room(block.bounds[block.count] + kIdSlack);
    const std::size_t written = model_.append(block.text.data(), block.bounds, block.count,
                                              block.has_nul ? ByteBpe::Content::kNul : ByteBpe::Content::kAny,
                                              cache, out.ids.data() + first, out.details ? counts : nullptr);
    out.set_size(first + written);
    if (out.details) {
      std::size_t token = first, byte = 0;
      for (std::size_t k = 0; k < block.count; byte = block.bounds[++k]) {
        const std::int32_t word = request.pretokenized ? static_cast<std::int32_t>(index) : next_word++;
        std::uint32_t character = block.chars[k];  // that the byte belongs to
        for (std::size_t i = 0; i < counts[k]; ++i, ++token) {
          std::uint32_t last = character;
          const std::size_t end = byte + model_.text_length(out.ids[token]);
          while (++byte < end) last += !is_continuation_byte(static_cast<char>(block.text[byte]));
          out.spans[token] = {character, last + 1};
          out.words[token] = word;
          character = last + !is_continuation_byte(static_cast<char>(block.text[byte]));
        }
      }
    }
    block.drop_words();
  }
  block.text.swap(scratch.clip);
  if (!good) out.set_size(before);
  return good;
}

}  // namespace fasttok
