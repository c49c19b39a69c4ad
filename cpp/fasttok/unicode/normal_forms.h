// Unicode normalization that says where each character came from.
//
// Each output character carries a change, as the `transform` of a NormalizedString wants it:
//    0   it takes the place of the next input character
//    1   it is new, and shares the place of what stands before it
//   -N   it takes the place of the next input character, and the N input characters after that are gone
//
//   normalize_chars(NormalForm::kNfd, U"é", out)   ->  (e, 0), (U+0301, 1)
//   normalize_chars(NormalForm::kNfc, U"e\u0301", out)  ->  (é, -1)
//
// Mirrors the crate unicode-normalization-alignments: canonical reordering and composition move a character
// together with its change, so the changes still count the input off one by one, but a mark may get its
// neighbour's place.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "fasttok/unicode/properties.h"

namespace fasttok {

struct CharChange {
  char32_t c;
  std::ptrdiff_t change;

  bool operator==(const CharChange&) const = default;
};

enum class NormalForm { kNfc, kNfd, kNfkc, kNfkd };

// Appends the normalized form of `chars` to `out`.
void normalize_chars(NormalForm form, std::u32string_view chars, std::vector<CharChange>& out);

// Whether the form leaves a character alone, and also the text on both of its sides does not look at each
// other across it: a text may be cut before every such character and normalized part by part.
inline bool is_inert(NormalForm form, char32_t c) {
  if (c < 0x80) return true;
  switch (form) {
    case NormalForm::kNfc:
      return (char_flags(c) & kNfcSafe) != 0;
    case NormalForm::kNfkc:
      return (char_flags(c) & kNfkcSafe) != 0;
    case NormalForm::kNfd:
      return !(char_flags(c) & kHasDecomposition) && combining_class(c) == 0;
    case NormalForm::kNfkd:
      return !(char_flags(c) & (kHasDecomposition | kHasCompatDecomposition)) && combining_class(c) == 0;
  }
  return false;
}

}  // namespace fasttok
