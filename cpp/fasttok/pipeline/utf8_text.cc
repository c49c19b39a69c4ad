#include "fasttok/pipeline/utf8_text.h"

#include <algorithm>
#include <cstring>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/over_read.h"
#include "fasttok/pipeline/engine.h"
#include "fasttok/simd/kernels.h"
#include "fasttok/text/char_classes.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

// Room that the kernel wants behind what it writes.
constexpr std::size_t kWriteSlack = 64;

// Returns the size.
template <bool kAskNfc, class Unit>
std::size_t write_utf8(const Unit* units, std::size_t length, std::size_t text_index, std::uint8_t* out,
                       bool& is_nfc) {
  const CharClasses& classes = CharClasses::get();
  std::uint8_t seen = 0;
  std::uint8_t* to = out;
  for (std::size_t i = 0; i < length; ++i) {
    check_interrupt_at(i);
    const char32_t c = units[i];
    if (c < 0x80) {
      *to++ = static_cast<std::uint8_t>(c);
      continue;
    }
    if constexpr (kAskNfc) seen |= classes(c);
    if (sizeof(Unit) > 1 && c >= 0x800 && c < 0xD800) {
      const std::uint32_t bytes = 0x8080E0 | c >> 12 | (c >> 6 & 0x3F) << 8 | (c & 0x3F) << 16;
      std::memcpy(to, &bytes, 4);  // more than counts: what is behind is written over
      to += 3;
      continue;
    }
    if (sizeof(Unit) > 1 && is_surrogate(c)) throw SurrogateFound(text_index, i);
    std::uint8_t utf8[4];
    const std::size_t n = encode_utf8(c, utf8);
    std::memcpy(to, utf8, 4);
    to += n;
  }
  is_nfc = !(seen & kClassNotNfc);
  return static_cast<std::size_t>(to - out);
}

template <class Unit>
std::size_t write_utf8(const TextView& view, std::size_t text_index, bool ask_nfc, std::uint8_t* out,
                       bool& is_nfc) {
  const auto* units = static_cast<const Unit*>(view.data);
  return ask_nfc ? write_utf8<true>(units, view.length, text_index, out, is_nfc)
                 : write_utf8<false>(units, view.length, text_index, out, is_nfc);
}

// By the kernel, some units at a time.
std::size_t write_units(const TextView& view, std::size_t text_index, bool ask_nfc, std::uint8_t* out,
                        bool& is_nfc) {
  constexpr std::size_t kUnits = std::size_t{1} << 16;
  const auto* units = static_cast<const std::uint16_t*>(view.data);
  const CharClasses& classes = CharClasses::get();
  std::size_t size = 0;
  for (std::size_t at = 0; at < view.length; at += kUnits) {
    if (at > 0) check_interrupt();
    const std::size_t n = std::min(kUnits, view.length - at);
    const Utf8Written written = kernels().to_utf8(units + at, n, out + size);
    if (written.units < n) throw SurrogateFound(text_index, at + written.units);
    size += written.bytes;
    if (!ask_nfc || written.plain) continue;
    std::uint8_t seen = 0;
    for (std::size_t i = at; i < at + n; ++i) seen |= classes(units[i]);
    is_nfc = is_nfc && !(seen & kClassNotNfc);
  }
  return size;
}

}  // namespace

Utf8Text text_to_utf8(const TextView& view, std::size_t text_index, bool ask_nfc,
                      std::vector<std::uint8_t>& buffer) {
  const auto* bytes = static_cast<const std::uint8_t*>(view.data);
  if (view.ascii && (view.length == 0 || may_read_beyond(bytes + view.length, kUtf8Slack)))
    return {{reinterpret_cast<const char*>(bytes), view.length}};
  const std::size_t most = view.ascii ? view.length
                                      : view.length * (view.kind == 1   ? 2
                                                       : view.kind == 2 ? 3
                                                                        : 4);
  if (buffer.size() < most + kWriteSlack) buffer.resize(most + most / 4 + kWriteSlack);
  std::size_t size = view.length;
  bool is_nfc = true;
  if (view.ascii) {
    if (size) std::memcpy(buffer.data(), bytes, size);
  } else if (view.kind == 1) {
    size = write_utf8<std::uint8_t>(view, text_index, ask_nfc, buffer.data(), is_nfc);
  } else if (view.kind == 2) {
    size = write_units(view, text_index, ask_nfc, buffer.data(), is_nfc);
  } else {
    size = write_utf8<std::uint32_t>(view, text_index, ask_nfc, buffer.data(), is_nfc);
  }
  return {{reinterpret_cast<const char*>(buffer.data()), size}, is_nfc};
}

}  // namespace fasttok
