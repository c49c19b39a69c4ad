// What the engine does with Python's text of 16-bit units, where only ids are wanted: it is read where it
// lies, words are found by masks of units, and the model looks parts up by their units. What is odd (a NUL, a
// surrogate, an added token, what NFC might change) goes the way of UTF-8.
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/over_read.h"
#include "fasttok/pipeline/engine_byte_bpe.h"
#include "fasttok/simd/kernels.h"
#include "fasttok/text/char_classes.h"
#include "fasttok/text/word_scanner.h"

namespace fasttok {
namespace {

// Bytes behind the text that may be read: sixteen units.
constexpr std::size_t kSlack = 32;

// Room that the kernel wants behind the UTF-8 that it writes, and that the model wants behind its ids.
constexpr std::size_t kWriteSlack = 64, kIdSlack = WordCache::kMaxIds + 1;

constexpr std::size_t kUnitsBetweenChecks = 16384;

}  // namespace

// False, with no tokens written, where the text is not for this way.
bool ByteBpeEngine::encode_units(const SequenceRequest& request, std::size_t index, std::size_t limit,
                                 Scratch& scratch, TokenColumns& out) const {
  const TextView& view = request.texts[index];
  const SplitRules* const rules = splitter_.rules();
  if (view.kind != 2 || view.length == 0 || view.length > UINT32_MAX / 4 || out.details || !rules)
    return false;
  UnitChars text{static_cast<const std::uint16_t*>(view.data), view.length};
  const bool adds_space = splitter_.adds_prefix_space() && text[0] != ' ';
  if (adds_space || !may_read_beyond(text.units + text.length, kSlack)) {
    std::vector<std::uint16_t>& copy = scratch.units;
    const std::size_t size = text.length + adds_space;
    if (copy.size() < size + kSlack / 2) copy.resize(size + size / 4 + kSlack / 2);
    copy[0] = ' ';
    std::memcpy(&copy[adds_space], text.units, 2 * text.length);
    text = {copy.data(), size};
  }
  if (added_.may_hold({text.units, text.length})) return false;

  const std::size_t before = out.ids.size();
  WordCache* cache = &WordCache::of_this_thread(model_.owner());
  UnitWordScanner scanner(*rules, text);
  std::size_t asked = 0;
  bool good = true;
  for (std::size_t at = 0; at < text.size() && out.ids.size() < limit && good;) {
    if (at - asked >= kUnitsBetweenChecks) {
      asked = at;
      check_interrupt();
      cache = &WordCache::of_this_thread(model_.owner());
    }
    const auto found = scanner.find(at);
    good = !found.odd && !(normalizes_ && (found.classes & kClassNotNfc));
    if (!good) break;
    const std::size_t size = out.ids.size();
    out.make_room(3 * found.size + kIdSlack);
    if (found.size > 0) {
      const auto found_end = static_cast<std::uint16_t>(found.size);
      std::uint32_t count;
      model_.append_units(text.units + at, {&found_end, 1}, found.starts, found.high, *cache,
                          out.ids.data() + size, &count);
      out.set_size(size + count);
    }
    std::size_t begin = found.size;
    const std::uint16_t* const from = text.units + at;
    at += scanner.each_apart(found, [&](std::size_t end) {
      good = good && append_word(from + begin, end - begin, *cache, scratch, out);
      begin = end;
    });
    // Where enough has been read, what follows may not have been looked at, and compose with the last
    // character.
    if (normalizes_ && at < text.size()) good = good && !(char_class(text.units[at]) & kClassNotNfc);
  }
  if (!good) out.set_size(before);
  return good;
}

// A word of units by itself. False where something odd is in it.
bool ByteBpeEngine::append_word(const std::uint16_t* word, std::size_t size, WordCache& cache,
                                Scratch& scratch, TokenColumns& out) const {
  std::vector<std::uint8_t>& utf8 = scratch.utf8;
  if (utf8.size() < 3 * size + kWriteSlack) utf8.resize(3 * size + kWriteSlack);
  const Utf8Written written = kernels().to_utf8(word, size, utf8.data());
  if (written.units < size || std::memchr(utf8.data(), 0, written.bytes)) return false;
  if (normalizes_ && !written.plain) {
    for (std::size_t i = 0; i < size; ++i) {
      if (char_class(word[i]) & kClassNotNfc) return false;
    }
  }
  out.make_room(written.bytes + kIdSlack);
  const std::uint32_t bounds[ByteBpe::kReadBounds] = {0, static_cast<std::uint32_t>(written.bytes)};
  const std::size_t ids = out.ids.size();
  out.set_size(ids + model_.append(utf8.data(), bounds, 1, ByteBpe::Content::kAny, cache,
                                   out.ids.data() + ids, nullptr));
  return true;
}

}  // namespace fasttok
