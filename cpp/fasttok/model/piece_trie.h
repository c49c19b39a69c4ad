// The pieces of a Unigram model in a trie for the search of the best way through a segment (segment_walk.h).
//
//   PieceTrie trie(pieces, score_of);     {"a", 1}, {"abc", 2}, scores -1 and -3
//   trie.for_each_step(p, 'a', 1, end, step)     "abd": step(p + 1, -1, 1), step(p + 2, kNoPiece, any)
//
// Which pieces begin at a place can hardly be foretold, so nothing branches on whether a path that goes on is
// a piece: where it is none, it has a score by which no way is the better one. All that a step needs is in
// one unit: a cache line that is not near costs as much as many steps, and so does a page, so units lie on
// large ones. A unit tells of most labels that no child has them, so that the step that fails, one for each
// place, seldom touches a unit of its own. The paths of single characters, and of two in ASCII, are in
// tables.
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

  // No way that begins with the character has a larger sum.
  double most_from(std::uint32_t c) const { return most_from_[std::min<std::uint32_t>(c, 0x80)]; }

  // step(end, score, id) for each beginning of the text from `p` to `end` that a piece begins with, shorter
  // ones first, and for some that none does, with kNoPiece. The first is the character `c`, of `size` bytes;
  // returns whether that is a piece. The byte at `end` is read, and begins a character.
  template <class Step>
  bool for_each_step(const std::uint8_t* p, std::uint32_t c, std::size_t size, const std::uint8_t* end,
                     Step&& step) const {
    const Unit* const units = units_.begin();
    Node node = c < kTableChars ? first_[c] : walk(p, size);
    Unit unit = units[node];
    const bool is_piece = node != kRoot && unit.score != kNoPiece;
    p += size;
    if (node == kRoot) return false;
    step(p, unit.score, unit.id);
    if (p == end) return is_piece;
    if ((c | *p) < 0x80) {
      unit = twos_[c << 7 | *p];
      node = unit.parent;
      step(++p, unit.score, unit.id);
    }
    while (p != end && (unit.children & bit_of(*p)) != 0) {
      const Node child = unit.base + *p;
      if (units[child].parent != node) break;
      node = child;
      unit = units[child];
      ++p;
      if ((*p & 0xC0) != 0x80) step(p, unit.score, unit.id);
    }
    return is_piece;
  }

 private:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;  // nobody's child
  static constexpr std::uint32_t kTableChars = 0x10000;
  struct Unit {
    std::uint32_t base;  // the child by label b is at base + b, if that names this node as its parent
    std::uint32_t parent;
    std::uint32_t children;  // bit_of(b) of their labels
    std::uint32_t id;
    double score;
  };
  // Letters have one each.
  static std::uint32_t bit_of(std::uint8_t label) { return std::uint32_t{1} << (label & 31); }

  Node child(Node node, std::uint8_t label) const {
    const Node next = units_[node].base + label;
    return units_[next].parent == node ? next : kRoot;
  }
  Node walk(const std::uint8_t* p, std::size_t size) const;

  ZeroedArray<Unit> units_;
  ZeroedArray<Node> first_;  // by the character; kRoot: no piece begins with it
  ZeroedArray<Unit> twos_;   // copies, with their own number for the parent's
  std::array<double, 0x80 + 1> most_from_;
};

}  // namespace fasttok
