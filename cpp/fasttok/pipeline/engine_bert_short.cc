// A short text of bytes, most often one that a caller gives by itself: its words by the kernel and their
// pieces, without what Scanner (engine_bert.cc) keeps for texts of any length and for what may stand in them.
// Equal to it because the kernel stops at every character that asks for more than that.
#include <algorithm>
#include <cstring>

#include "fasttok/base/over_read.h"
#include "fasttok/pipeline/engine_bert.h"
#include "fasttok/pipeline/word_pieces.h"

namespace fasttok {

bool BertEngine::encode_short(const TextView& text, const RowFrame& frame, TokenColumns& out) const {
  constexpr std::size_t kShort = 128, kRead = 16;  // keys are read so many bytes at a time
  if (text.kind != 1 || text.length > kShort) return false;
  std::uint16_t begins[kShort + 64], ends[kShort + 64];
  WindowStarts windows[kShort / 64];
  const auto* bytes = static_cast<const std::uint8_t*>(text.data);
  const WordSpans words =
      kernels().ascii_words_u8(bytes, text.length, true, actions_.ascii(), {begins, ends, windows, nullptr});
  if (words.consumed < text.length) return false;
  std::uint8_t copy[kShort + kRead];
  if (!may_read_beyond(bytes + text.length, kRead)) {
    std::memcpy(copy, bytes, text.length);
    bytes = copy;
  }
  const std::size_t first = out.ids.size(), before = frame.before.size(), behind = frame.behind.size();
  out.make_room(before + text.length + WordCache::kMaxIds + behind);  // a word has no more pieces than bytes
  std::uint32_t* const ids = out.ids.data() + first;
  std::copy_n(frame.before.begin(), before, ids);
  std::uint32_t places[kShort + 1];
  const std::size_t size =
      WordPieces(matcher_, WordCache::of_this_thread(matcher_.owner()), actions_.folds_ascii())
          .append(bytes, begins, ends, words.count, {}, ids, before, places);
  std::copy_n(frame.behind.begin(), behind, ids + size);
  out.set_size(first + size + behind);
  return true;
}

}  // namespace fasttok
