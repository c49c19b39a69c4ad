// The boundaries between characters that no token spans.
//
//   CharCuts cuts(tokens);            // "ab", "的\xE6"
//   cuts.may_span(U'a', U'b')         // true: a token holds both
//   cuts.may_span(U'的', U'是')       // true: a token has 的 and then the beginning of 是
//   cuts.may_span(U'b', U'a')         // false
//
// What spans a boundary between characters c1 and c2:
//
//   a token holds c1 and then c2                              three bits of the pair's hash
//   a token holds c1 and then the beginning of c2 as its end  a flag of each; where both have it, a list
//   a token begins with the end of c1, then has c2 or its beginning: likewise
//
// "May": pairs may have bits of others, so some boundaries are taken for spanned that are not.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fasttok/base/zeroed_memory.h"
#include "fasttok/simd/kernels.h"

namespace fasttok {

class CharCuts {
 public:
  static constexpr char32_t kChars = 0x10000;  // boundaries of characters beyond count as spanned

  CharCuts() = default;
  // `pairs`: where the pairs of characters go that some token holds, left << 32 | right, ascending.
  explicit CharCuts(const std::vector<std::string_view>& tokens, std::vector<std::uint64_t>* pairs = nullptr);

  bool may_span(char32_t left, char32_t right) const {
    const bool pair = set_.has(left, right) | ((left | right) >= kChars);
    const unsigned shared = set_.flags[left % kChars] & set_.flags[right % kChars] >> 4;
    if (shared != 0) [[unlikely]]
      return pair || parts_span(left, right, shared);
    return pair;
  }

  // Whether a token that spans the boundary may begin or end within one of the two.
  bool may_divide(char32_t left, char32_t right) const {
    if ((left | right) >= kChars) return true;
    const unsigned shared = set_.flags[left] & set_.flags[right] >> 4;
    return shared != 0 && parts_span(left, right, shared);
  }

  // Bit i tells whether the boundary before units[i] may be spanned, for i < n <= 64; that before the first
  // one is between it and `left`. 32 bytes from each unit on may be read.
  std::uint64_t spanned(std::uint16_t left, const std::uint16_t* units, std::size_t n) const {
    PairMasks masks = pair_masks_(set_, left, units, n);
    for (masks.flagged &= ~masks.pairs; masks.flagged != 0; masks.flagged &= masks.flagged - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(masks.flagged));
      const std::uint16_t before = i == 0 ? left : units[i - 1];
      const unsigned shared = set_.flags[before] & set_.flags[units[i]] >> 4;
      if (parts_span(before, units[i], shared)) masks.pairs |= std::uint64_t{1} << i;
    }
    return masks.pairs;
  }

 private:
  bool parts_span(char32_t left, char32_t right, unsigned shared) const;
  std::size_t part_slot(std::uint64_t part) const {
    return (part * 0x9E3779B97F4A7C15u >> 32) & (parts_.size() - 1);
  }

  ZeroedArray<std::uint32_t> block_;  // of what the set points to, so that it may lie on one large page
  PairSet set_;                       // pairs, and flags by code point: on the left | on the right << 4
  decltype(Kernels::pair_masks) pair_masks_ = kernels().pair_masks;
  std::vector<std::uint64_t> parts_;  // the bytes of a token around such a boundary, hashed; 0: none
};

}  // namespace fasttok
