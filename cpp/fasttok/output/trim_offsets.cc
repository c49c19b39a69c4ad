#include "fasttok/output/trim_offsets.h"

#include "fasttok/unicode/byte_chars.h"
#include "fasttok/unicode/properties.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

bool is_space(char32_t c) {
  return c == byte_char(' ') || (char_flags(c) & kBertWhitespace) != 0;
}

std::size_t leading_spaces(std::string_view token) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < token.size(); ++count) {
    const DecodedChar decoded = decode_char(token, at);
    if (!is_space(decoded.c)) break;
    at += decoded.size;
  }
  return count;
}

std::size_t trailing_spaces(std::string_view token) {
  std::size_t count = 0;
  for (std::size_t end = token.size(); end > 0; ++count) {
    const std::size_t at = previous_char(token, end);
    if (!is_space(decode_char(token, at).c)) break;
    end = at;
  }
  return count;
}

}  // namespace

TokenSpaces spaces_around(std::string_view token) {
  return {static_cast<std::uint32_t>(leading_spaces(token)),
          static_cast<std::uint32_t>(trailing_spaces(token))};
}

void trim_offsets(EncodingData& row, bool add_prefix_space) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    auto& [begin, end] = row.offsets[i];
    trim(begin, end, spaces_around(row.tokens[i]), add_prefix_space, i == 0);
  }
}

}  // namespace fasttok
