// Where a text may be cut because no piece spans the place: between two characters that no piece holds one
// behind the other.
//
//   PieceCuts cuts(pairs);           // of the pieces "▁the" and "中国"
//   cuts.may_span('t', 'h')  true;  cuts.may_span('e', ',')  false
//
// A piece over a boundary between characters holds both of them, so where the answer is false the boundary is
// one that every way to cut the text goes through. ASCII is answered exactly, other characters by a hash: it
// may say true without need, which costs a longer segment and changes nothing. U+0000 is never spanned.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fasttok/base/zeroed_memory.h"
#include "fasttok/simd/kernels.h"

namespace fasttok {

struct CharPair {
  char32_t left, right;
};

class PieceCuts {
 public:
  PieceCuts() : PieceCuts(std::span<const CharPair>{}) {}
  explicit PieceCuts(std::span<const CharPair> pairs) {
    const int bits = std::clamp(static_cast<int>(std::bit_width(32 * pairs.size())), 12, 20);
    shift_ = 32 - bits;
    bits_ = ZeroedArray<std::uint64_t>(std::size_t{1} << (bits - 6));
    for (const auto& [left, right] : pairs) {
      if (left == 0 || right == 0) continue;
      if ((left | right) < 0x80) ascii_[left << 7 | right] = 1;
      const std::uint32_t bit = bit_of(left, right);
      bits_[bit >> 6] |= std::uint64_t{1} << (bit & 63);
    }
  }

  // All boundaries count as spanned, but for those before a space where words begin there. After a character
  // beyond ASCII these do as well.
  static PieceCuts of_whole_words(bool at_spaces) {
    PieceCuts cuts;
    for (std::uint32_t left = 1; left < 128; ++left) {
      for (std::uint32_t right = 1; right < 128; ++right)
        cuts.ascii_[left << 7 | right] = right != ' ' || !at_spaces;
    }
    std::fill(cuts.bits_.begin(), cuts.bits_.end(), ~std::uint64_t{0});
    return cuts;
  }

  // Of the places between ASCII characters that no piece spans, those that some classes of characters can
  // tell, which in most text are nearly all.
  AsciiCuts by_classes() const;

  // Both below 0x80.
  bool spans_ascii(std::uint32_t left, std::uint32_t right) const { return ascii_[left << 7 | right]; }
  // By the hash alone; neither is U+0000.
  bool may_span_hashed(char32_t left, char32_t right) const { return hashed()(Hashed::of_left(left), right); }
  // The same for a loop, which keeps what is of the left character.
  struct Hashed {
    const std::uint64_t* bits;
    int shift;

    static std::uint32_t of_left(std::uint32_t c) { return c * kLeft; }
    bool operator()(std::uint32_t of_left, std::uint32_t right) const {
      const std::uint32_t bit = (of_left ^ right * kRight) >> shift;
      return bits[bit >> 6] >> (bit & 63) & 1;
    }
  };
  Hashed hashed() const { return {bits_.begin(), shift_}; }
  bool may_span(char32_t left, char32_t right) const {
    if ((left | right) < 0x80) return spans_ascii(left, right);
    return left != 0 && right != 0 && may_span_hashed(left, right);
  }

 private:
  static constexpr std::uint32_t kLeft = 0x9E3779B1u, kRight = 0x85EBCA77u;

  std::uint32_t bit_of(char32_t left, char32_t right) const {
    return (left * kLeft ^ right * kRight) >> shift_;
  }

  std::array<std::uint8_t, 128 * 128> ascii_{};  // 1 or 0
  ZeroedArray<std::uint64_t> bits_;
  int shift_ = 20;
};

}  // namespace fasttok
