// Bytes as visible characters, and back: the alphabet of byte-level models.
//
//   kByteChars[' ']        // U+0120, Ġ
//   byte_of(U'Ġ')          // ' '
//
// Mirrors GPT-2's bytes_to_unicode: the printable Latin-1 characters stand for themselves, the other 68 bytes
// for U+0100 and on, in order.
#pragma once

#include <array>
#include <cstdint>

namespace fasttok {

constexpr bool is_printable_latin1(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

inline constexpr std::array<char16_t, 256> kByteChars = [] {
  std::array<char16_t, 256> chars{};
  char16_t next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) {
    chars[byte] = is_printable_latin1(byte) ? static_cast<char16_t>(byte) : next++;
  }
  return chars;
}();

inline constexpr char32_t kByteCharLimit = 0x144;  // all of them are below

// The byte that a character stands for, or -1.
inline int byte_of(char32_t c) {
  static constexpr std::array<std::int16_t, kByteCharLimit> kBytes = [] {
    std::array<std::int16_t, kByteCharLimit> bytes{};
    for (auto& b : bytes) b = -1;
    for (unsigned byte = 0; byte < 256; ++byte) bytes[kByteChars[byte]] = static_cast<std::int16_t>(byte);
    return bytes;
  }();
  return c < kByteCharLimit ? kBytes[c] : -1;
}

}  // namespace fasttok
