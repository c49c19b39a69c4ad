// Offsets without the spaces around a token: what `trim_offsets` of ByteLevel and RobertaProcessing does.
//
//   " Hello" at (0, 6), written "ĠHello", becomes (1, 6); with add_prefix_space it stays (0, 6), as one that
//   is the first token or begins at 0; with two spaces it becomes (2, 7) in any case
//
// Mirrors the reference's process_offsets: spaces are counted in the token's text (U+0120, or white space),
// and taken off in characters of the original text, whatever they were there.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "fasttok/output/encoding.h"

namespace fasttok {

// Spaces at the ends of a token's text, up to kMost, which stands for more than any place has.
struct TokenSpaces {
  static constexpr std::uint32_t kMost = ~std::uint32_t{0};
  std::uint32_t leading = 0, trailing = 0;
};
TokenSpaces spaces_around(std::string_view token);

// The place [begin, end) of a token without them; `first`: it is the first one.
template <class Position>
void trim(Position& begin, Position& end, TokenSpaces spaces, bool add_prefix_space, bool first) {
  if (spaces.leading > 0) {
    // A single space at the beginning of the text may have been put there; it is left where it is.
    if (add_prefix_space && spaces.leading == 1 && (first || begin == 0)) spaces.leading = 0;
    begin = std::min<Position>(begin + spaces.leading, end);
  }
  if (spaces.trailing > 0 && end >= spaces.trailing) end = std::max<Position>(end - spaces.trailing, begin);
}

// Not in overflowing parts.
void trim_offsets(EncodingData& row, bool add_prefix_space);

}  // namespace fasttok
