// Unicode normalization that says where each character came from.
//
// Each output character carries a change, as the `transform` of a NormalizedString wants it:
//    0   it takes the place of the next input character
//    1   it is new, and shares the place of what stands before it
//   -N   it takes the place of the next input character, and the N input characters after that are gone
//
//   nfd(U"é")  ->  (e, 0), (U+0301, 1)
//
// Mirrors the crate unicode-normalization-alignments: canonical reordering moves a character together with
// its change, so after a reordering the changes still count the input off one by one, but a mark may get its
// neighbour's place.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace fasttok {

struct CharChange {
  char32_t c;
  std::ptrdiff_t change;

  bool operator==(const CharChange&) const = default;
};

std::vector<CharChange> nfd(std::u32string_view chars);

}  // namespace fasttok
