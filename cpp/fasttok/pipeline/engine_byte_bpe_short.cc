// A short text of ASCII, most often one that a caller gives by itself: encode_part() (engine_byte_bpe.cc) on
// the stack, without what that keeps for texts of any length and for what may stand in them.
#include <cstdint>
#include <string_view>

#include "fasttok/base/over_read.h"
#include "fasttok/pipeline/engine_byte_bpe.h"
#include "fasttok/pipeline/utf8_text.h"
#include "fasttok/text/word_scanner.h"

namespace fasttok {

std::size_t ByteBpeEngine::encode_short(const TextView& text, const RowFrame& frame,
                                        std::uint32_t (&ids)[kShortRoom]) const {
  // A word has no more ids than bytes.
  static_assert(kMostAround + kMostShort + WordCache::kMaxIds + 1 <= kShortRoom);
  const SplitRules* const rules = splitter_.rules();
  if (!text.ascii || text.length == 0 || !is_short(text, frame) || clip_words_ || !rules ||
      splitter_.adds_prefix_space())
    return 0;
  const auto* const bytes = static_cast<const std::uint8_t*>(text.data);
  const std::string_view utf8(reinterpret_cast<const char*>(bytes), text.length);
  if (!may_read_beyond(bytes + text.length, kUtf8Slack) || added_.may_hold(utf8)) return 0;
  WordCache& cache = WordCache::of_this_thread(model_.owner());
  std::uint32_t* out = put_ids(frame.before, ids);
  std::uint32_t bounds[WordScanner::kRoom];
  WordScanner scanner(*rules, utf8);
  for (std::size_t at = 0; at < text.length;) {
    const WordScanner::Words words = scanner.next(at, bounds);
    out += model_.append(bytes + at, bounds, words.count, content_of(words), cache, out, nullptr);
    at += bounds[words.count];
  }
  return static_cast<std::size_t>(put_ids(frame.behind, out) - ids);
}

}  // namespace fasttok
