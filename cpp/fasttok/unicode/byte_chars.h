// The characters that GPT-2's byte-level BPE writes for bytes: printable Latin-1 stands for itself, the other
// 68 bytes are U+0100 to U+0143 in their order.
//
//   byte_char('A') == U'A'     byte_char(' ') == U'Ġ' (U+0120)     byte_of_char(U'Ġ') == ' '
//
// Mirrors `pre_tokenizers.ByteLevel.alphabet` and the tables behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fasttok/unicode/utf8.h"

namespace fasttok {

constexpr char32_t byte_char(std::uint8_t byte) {
  if (byte <= 0x20) return char32_t{0x100} + byte;
  if (byte >= 0x7F && byte <= 0xA0) return char32_t{0x121} + (byte - char32_t{0x7F});
  return byte == 0xAD ? char32_t{0x143} : char32_t{byte};
}

// Nothing for characters that stand for no byte.
constexpr std::optional<std::uint8_t> byte_of_char(char32_t c) {
  if (c > 0x143) return std::nullopt;
  if (c >= 0x100) {
    const char32_t byte = c <= 0x120 ? c - 0x100 : c <= 0x142 ? c - 0x121 + 0x7F : 0xAD;
    return static_cast<std::uint8_t>(byte);
  }
  const auto byte = static_cast<std::uint8_t>(c);
  if (byte_char(byte) != c) return std::nullopt;
  return byte;
}

// The characters of these bytes, as UTF-8.
inline void append_byte_chars(std::string& text, std::string_view bytes) {
  for (const char byte : bytes) append_utf8(text, byte_char(static_cast<std::uint8_t>(byte)));
}

inline std::string to_byte_chars(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  append_byte_chars(text, bytes);
  return text;
}

}  // namespace fasttok
