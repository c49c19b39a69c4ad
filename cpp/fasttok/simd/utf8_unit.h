// One unit of 16-bit text as UTF-8: what the kernels do where they go one by one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fasttok {

inline bool is_surrogate_unit(std::uint16_t unit) {
  return (unit & 0xF800) == 0xD800;
}

// Writes 1 to 3 bytes and returns their number; `unit` is no surrogate.
inline std::size_t write_unit(std::uint16_t unit, std::uint8_t* out) {
  const auto byte = [](unsigned value) { return static_cast<std::uint8_t>(value); };
  if (unit < 0x80) {
    out[0] = byte(unit);
    return 1;
  }
  if (unit < 0x800) {
    out[0] = byte(0xC0 | unit >> 6);
    out[1] = byte(0x80 | (unit & 0x3F));
    return 2;
  }
  out[0] = byte(0xE0 | unit >> 12);
  out[1] = byte(0x80 | (unit >> 6 & 0x3F));
  out[2] = byte(0x80 | (unit & 0x3F));
  return 3;
}

// Ideographs and Hangul: letters without case.
inline bool is_syllable_unit(std::uint16_t unit) {
  const auto in = [&](unsigned first, unsigned last) { return unit - first <= last - first; };
  return in(0x3400, 0x4DBF) || in(0x4E00, 0x9FEF) || in(0xAC00, 0xD7A3);
}

// Common punctuation of Chinese text: neither letters nor marks nor numbers nor white space.
inline bool is_sign_unit(std::uint16_t unit) {
  const auto in = [&](unsigned first, unsigned last) { return unit - first <= last - first; };
  return in(0x2010, 0x2027) || in(0x3001, 0x3003) || in(0x3008, 0x301F) || in(0xFF01, 0xFF0F) ||
         in(0xFF1A, 0xFF20);
}

// ASCII, common punctuation, ideographs: see Utf8Written.
inline bool is_plain_unit(std::uint16_t unit) {
  const auto in = [&](unsigned first, unsigned last) { return unit - first <= last - first; };
  return unit < 0x80 || in(0x4E00, 0x9FFF) || in(0x2010, 0x2027) || in(0x3001, 0x301F) || in(0xFF01, 0xFF5E);
}

}  // namespace fasttok
