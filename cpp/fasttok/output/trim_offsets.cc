#include "fasttok/output/trim_offsets.h"

#include <algorithm>

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

void trim_offsets(EncodingData& row, bool add_prefix_space) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    auto& [begin, end] = row.offsets[i];
    std::size_t leading = leading_spaces(row.tokens[i]);
    const std::size_t trailing = trailing_spaces(row.tokens[i]);
    if (leading > 0) {
      // A single space at the beginning of the text may have been put there; it is left where it is.
      if (add_prefix_space && leading == 1 && (i == 0 || begin == 0)) leading = 0;
      begin = std::min(begin + leading, end);
    }
    if (trailing > 0 && end >= trailing) end = std::max(end - trailing, begin);
  }
}

}  // namespace fasttok
