// UTF-8, one character at a time.
//
// The idea: text enters the core valid (the bindings and the readers of files see to it), so decoding trusts
// the lead byte. Everything here but invalid_utf8_at() and lossy_utf8() is for text that is valid UTF-8; on
// other bytes the results are unspecified, but nothing is read past the view's end.
//
//   for_each_char("aé", [](char32_t c, std::size_t at, std::size_t size) { ... });  // (a, 0, 1), (é, 1, 2)
//   utf8_length("aé") == 2
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/base/interrupt.h"

namespace fasttok {

struct DecodedChar {
  char32_t c;
  std::size_t size;  // bytes, 1 to 4; never more than there were
};

inline bool is_continuation_byte(char b) {
  return (static_cast<unsigned char>(b) & 0xC0) == 0x80;
}

// The character at `at`, which must be below text.size().
inline DecodedChar decode_char(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> char32_t { return static_cast<unsigned char>(text[at + i]); };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t left = text.size() - at;
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (left < size) return {0xFFFD, left};
  if (size == 2) return {(lead & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (size == 3) return {(lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  return {(lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
}

// Where the character that ends at `end` begins; `end` must be above 0.
inline std::size_t previous_char(std::string_view text, std::size_t end) {
  std::size_t at = end - 1;
  while (at > 0 && is_continuation_byte(text[at])) --at;
  return at;
}

inline std::size_t utf8_size(char32_t c) {
  return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

// Writes the 1 to 4 bytes of a character and returns their number.
inline std::size_t encode_utf8(char32_t c, std::uint8_t (&out)[4]) {
  const auto low6 = [](char32_t bits) { return static_cast<std::uint8_t>(0x80 | (bits & 0x3F)); };
  if (c < 0x80) {
    out[0] = static_cast<std::uint8_t>(c);
    return 1;
  }
  if (c < 0x800) {
    out[0] = static_cast<std::uint8_t>(0xC0 | c >> 6);
    out[1] = low6(c);
    return 2;
  }
  if (c < 0x10000) {
    out[0] = static_cast<std::uint8_t>(0xE0 | c >> 12);
    out[1] = low6(c >> 6);
    out[2] = low6(c);
    return 3;
  }
  out[0] = static_cast<std::uint8_t>(0xF0 | c >> 18);
  out[1] = low6(c >> 12);
  out[2] = low6(c >> 6);
  out[3] = low6(c);
  return 4;
}

void append_utf8(std::string& out, char32_t c);
std::string to_utf8(std::u32string_view chars);
std::u32string to_utf32(std::string_view text);

// Where the first character begins that is not UTF-8 (an overlong form, a surrogate, beyond U+10FFFF, cut
// off); the size of the text where all is well.
std::size_t invalid_utf8_at(std::string_view text);

// Bytes as text: each longest beginning of a character that does not go on becomes one U+FFFD, as Unicode
// recommends and Rust and Python do.
std::string lossy_utf8(std::string_view bytes);

// Number of characters.
std::size_t utf8_length(std::string_view text);

// Whether a character begins at `at` or the text ends there; false past the end.
inline bool is_char_boundary(std::string_view text, std::size_t at) {
  return at == text.size() || (at < text.size() && !is_continuation_byte(text[at]));
}

// visit(char32_t c, std::size_t at, std::size_t size) for each character, left to right. A long text asks now
// and then whether the call is to end.
template <typename Visit>
void for_each_char(std::string_view text, Visit&& visit) {
  constexpr std::size_t kBetweenChecks = 4096;
  for (std::size_t at = 0; at < text.size();) {
    if (at > 0) check_interrupt();
    const std::size_t horizon = at + std::min(text.size() - at, kBetweenChecks);
    while (at < horizon) {
      const DecodedChar d = decode_char(text, at);
      visit(d.c, at, d.size);
      at += d.size;
    }
  }
}

// Byte position -> number of the character that this byte belongs to. ASCII text needs no table.
class CharIndex {
 public:
  explicit CharIndex(std::string_view text);
  // One past the last byte is no character: only at < size() is known.
  std::size_t size() const { return size_; }
  std::size_t operator[](std::size_t at) const { return chars_.empty() ? at : chars_[at]; }

 private:
  std::size_t size_;
  std::vector<std::uint32_t> chars_;  // empty where every byte is a character
};

}  // namespace fasttok
