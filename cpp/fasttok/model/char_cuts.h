// The boundaries between characters that no token spans.
//
//   CharCuts cuts(tokens);            // "ab", "的\xE6"
//   cuts.may_span(U'a', U'b')         // true: a token holds both
//   cuts.may_span(U'的', U'是')       // true: a token has 的 and then the beginning of 是
//   cuts.may_span(U'b', U'a')         // false
//
// What spans a boundary between characters c1 and c2:
//
//   a token holds c1 and then c2                              a bit of the pair's hash
//   a token holds c1 and then the beginning of c2 as its end  a flag of each; where both have it, a list
//   a token begins with the end of c1, then has c2 or its beginning: likewise
//
// "May": two pairs may have one bit, so some boundaries are taken for spanned that are not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fasttok/base/zeroed_memory.h"

namespace fasttok {

class CharCuts {
 public:
  static constexpr char32_t kChars = 0x10000;  // boundaries of characters beyond count as spanned

  CharCuts() = default;
  explicit CharCuts(const std::vector<std::string_view>& tokens);

  bool may_span(char32_t left, char32_t right) const {
    const std::uint32_t bit = (left * 0x9E3779B1u ^ right * 0x85EBCA77u) >> bit_shift_;
    const std::uint64_t pair = bits_[bit >> 6] >> (bit & 63) & 1;
    const bool beyond = (left | right) >= kChars;
    if (flags_[left % kChars] & flags_[right % kChars] >> 4) [[unlikely]]
      return pair | beyond || parts_span(left, right);
    return pair | beyond;
  }

 private:
  bool parts_span(char32_t left, char32_t right) const;
  std::size_t part_slot(std::uint64_t part) const {
    return (part * 0x9E3779B97F4A7C15u >> 32) & (parts_.size() - 1);
  }

  ZeroedArray<std::uint64_t> block_;  // of the following, so that they may lie on one large page
  std::uint64_t* bits_ = nullptr;
  std::uint8_t* flags_ = nullptr;  // by code point: on the left | on the right << 4
  int bit_shift_ = 0;
  std::vector<std::uint64_t> parts_;  // the bytes of a token around such a boundary, hashed; 0: none
};

}  // namespace fasttok
