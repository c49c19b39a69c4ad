// The pieces of a Unigram model in a trie for the search of the best way through a segment (unigram_way.h).
//
//   PieceTrie trie(pieces, score_of, unk_score);     {"a", 1}, {"abc", 2}, scores -1 and -3
//   trie.for_each_step(p, a, b, end, step)           "abd": step(p + 1, -1, 1), step(p + 2, kNoPiece, any)
//
// Which pieces begin at a place can hardly be foretold, so nothing branches on whether a path that goes on is
// a piece: where it is none, it has a score by which no way is the better one. All that a step needs is in
// one unit: a cache line that is not near costs as much as many steps, and so does a page, so units lie on
// large ones. A unit tells of most labels that no child has them, so that the step that fails, one for each
// place, seldom touches a unit of its own.
//
// The units of single characters and of two have copies in tables. In Chinese hardly a path is longer, and
// which lines of the tables a segment needs is known before its search begins, so that they come together.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string_view>

#include "fasttok/base/double_array.h"
#include "fasttok/base/zeroed_memory.h"
#include "fasttok/model/segment_walk.h"

namespace fasttok {

class PieceTrie {
 public:
  static constexpr double kNoPiece = -std::numeric_limits<double>::infinity();

  // No score is kNoPiece. What is unknown has `unk_score`.
  PieceTrie(std::span<const SpacePiece> pieces, const std::function<double(std::uint32_t)>& score_of,
            double unk_score);

  double unk_score() const { return unk_score_; }
  // No way that begins with the character has a larger sum.
  double most_from(std::uint32_t c) const { return most_from_[std::min<std::uint32_t>(c, 0x80)]; }

  // A character of a text, and its bytes.
  struct Char {
    std::uint32_t c;
    std::size_t size;

    static Char at(const std::uint8_t* p) {
      Char read;
      read.size = read_char(p, read.c);
      return read;
    }
  };

  // step(end, score, id) for each beginning of the text from `p` to `end` that a piece begins with, shorter
  // ones first, and for some that none does, with kNoPiece. The first character is there; the second one is
  // what stands behind it, be that at `end`, where a character begins that may be read. Returns whether the
  // first one is a piece.
  template <class Step>
  bool for_each_step(const std::uint8_t* p, Char first, Char second, const std::uint8_t* end,
                     Step&& step) const {
    Unit unit = unit_of(p, first);
    const bool is_piece = unit.score != kNoPiece;
    p += first.size;
    step(p, unit.score, unit.id);
    if (p == end) return is_piece;
    if ((first.c | second.c) < 0x80) {
      unit = twos_[first.c << 7 | second.c];
      step(++p, unit.score, unit.id);
    } else if ((first.c | second.c) < kTableChars) {
      unit = pair_of(first.c, second.c);
      step(p += second.size, unit.score, unit.id);
    }
    const Unit* const units = units_.begin();
    while (p != end && (unit.children & bit_of(*p)) != 0) {
      const Node child = unit.base + *p;
      if (units[child].node != unit.node) break;
      unit = units[child];
      unit.node = child;
      ++p;
      if ((*p & 0xC0) != 0x80) step(p, unit.score, unit.id);
    }
    return is_piece;
  }

  // Has what for_each_step() reads of pairs on its way, as far as the text has characters of three bytes.
  void prefetch(const std::uint8_t* p, const std::uint8_t* end) const {
    const auto is_three = [](std::uint8_t lead) { return (lead & 0xF0) == 0xE0; };
    std::uint32_t left, right;
    if (end - p < 6 || !is_three(p[0])) return;
    read_char(p, left);
    for (p += 3; end - p >= 3 && is_three(p[0]); p += 3, left = right) {
      read_char(p, right);
      __builtin_prefetch(&pairs_[line_of(left, right)]);
    }
  }

 private:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;  // nobody's child
  static constexpr std::uint32_t kTableChars = 0x10000;
  struct Unit {
    std::uint32_t base;      // the child by label b is at base + b, if that names this node as its parent
    std::uint32_t node;      // its parent; of a copy: itself
    std::uint32_t children;  // bit_of(b) of their labels
    std::uint32_t id;
    double score;
  };
  static constexpr Unit kNoUnit{0, kRoot, 0, 0, kNoPiece};

  // Paths of two characters, not both in ASCII, by their hash; a line that is full goes on in the next one.
  static constexpr unsigned kWays = 2;
  struct alignas(64) PairLine {
    Unit units[kWays];
    std::uint64_t keys[kWays];  // left << 16 | right, and kHasKey; or 0
  };
  static constexpr std::uint64_t kHasKey = std::uint64_t{1} << 32;
  static std::uint64_t key_of(std::uint32_t left, std::uint32_t right) {
    return kHasKey | left << 16 | right;
  }
  std::size_t line_of(std::uint32_t left, std::uint32_t right) const {
    return (left << 16 | right) * 0x9E3779B1u >> pair_shift_;
  }
  const Unit& pair_of(std::uint32_t left, std::uint32_t right) const {
    const std::uint64_t key = key_of(left, right);
    for (std::size_t at = line_of(left, right);; at = (at + 1) & (pairs_.size() - 1)) {
      const PairLine& line = pairs_[at];
      const bool second = line.keys[1] == key;
      if (second | (line.keys[0] == key)) return line.units[second];
      if (line.keys[kWays - 1] == 0) return kNoUnit;
    }
  }

  // Letters have one each.
  static std::uint32_t bit_of(std::uint8_t label) { return std::uint32_t{1} << (label & 31); }

  Unit unit_of(const std::uint8_t* p, Char first) const {
    return first.c < kTableChars ? ones_[first_[first.c]] : walk(kRoot, p, first.size);
  }
  Node child(Node node, std::uint8_t label) const {
    const Node next = units_[node].base + label;
    return units_[next].node == node ? next : kRoot;
  }
  Unit walk(Node node, const std::uint8_t* p, std::size_t size) const;
  void add_ones(std::span<const SpacePiece> pieces);
  void add_pairs(std::span<const SpacePiece> pieces);

  double unk_score_;
  ZeroedArray<Unit> units_;
  ZeroedArray<std::uint32_t> first_;  // by the character, its place in ones_; 0: no piece begins with it
  ZeroedArray<Unit> ones_;
  ZeroedArray<Unit> twos_;  // of ASCII
  ZeroedArray<PairLine> pairs_;
  int pair_shift_ = 31;
  std::array<double, 0x80 + 1> most_from_;
};

}  // namespace fasttok
