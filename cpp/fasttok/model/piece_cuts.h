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
#include <cstddef>
#include <cstdint>
#include <span>

#include "fasttok/base/zeroed_memory.h"
#include "fasttok/simd/kernels.h"

namespace fasttok {

struct CharPair {
  char32_t left, right;
};

class PieceCuts {
 public:
  PieceCuts() : PieceCuts(std::span<const CharPair>{}) {}
  explicit PieceCuts(std::span<const CharPair> pairs);

  // All boundaries count as spanned, but for those before a space where words begin there. After a character
  // beyond ASCII these do as well.
  static PieceCuts of_whole_words(bool at_spaces) {
    PieceCuts cuts;
    for (std::uint32_t left = 1; left < 128; ++left) {
      for (std::uint32_t right = 1; right < 128; ++right)
        cuts.ascii_[left << 7 | right] = right != ' ' || !at_spaces;
    }
    std::fill(cuts.words_.begin(), cuts.words_.end(), ~std::uint32_t{0});
    return cuts;
  }

  // Of the places between ASCII characters that no piece spans, those that some classes of characters can
  // tell, which in most text are nearly all.
  AsciiCuts by_classes() const;

  // Both below 0x80.
  bool spans_ascii(std::uint32_t left, std::uint32_t right) const { return ascii_[left << 7 | right]; }
  // By the hash alone; neither is U+0000.
  bool may_span_hashed(char32_t left, char32_t right) const { return set_.has(left, right); }
  // The same for each of units[i], i < n <= 64, and the one before it, as bit i; of the first one that is
  // `left`. 32 bytes from each unit on may be read.
  std::uint64_t spanned(std::uint16_t left, const std::uint16_t* units, std::size_t n) const {
    return pair_masks_(set_, left, units, n).pairs;
  }
  bool may_span(char32_t left, char32_t right) const {
    if ((left | right) < 0x80) return spans_ascii(left, right);
    return left != 0 && right != 0 && may_span_hashed(left, right);
  }

 private:
  std::array<std::uint8_t, 128 * 128> ascii_{};  // 1 or 0
  ZeroedArray<std::uint32_t> words_;             // of the set
  PairSet set_;                                  // no character has flags
  decltype(Kernels::pair_masks) pair_masks_ = kernels().pair_masks;
};

}  // namespace fasttok
