// Merging symbols by id, for words that are looked up nowhere: the pair of the lowest rank, the leftmost of
// equal ones, again and again.
//
//   PairMerges merges(2);
//   merges.add(0, a, b, ab);           // rank 0
//   merges.add(1, ab, b, abb);
//   ids = {a, b, b, a};
//   merges.run(ids, 4)                 // 2: ids = {abb, a}
//
// Mirrors the loops of the reference's BPE and of tiktoken, once each of their merges is a pair of ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fasttok/base/zeroed_memory.h"

namespace fasttok {

// Pairs of ids that merge: eight bytes for each, at most two thirds full.
class MergeTable {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::uint32_t kMost = (1u << 20) - 1;  // ids and ranks are below

  MergeTable() = default;
  explicit MergeTable(std::size_t merges);
  void add(std::uint32_t left, std::uint32_t right, std::uint32_t rank);

  // The rank of a pair, or kNone.
  std::uint32_t find(std::uint32_t left, std::uint32_t right) const {
    const std::uint64_t pair = std::uint64_t{left} << 20 | right;
    const std::uint64_t bit = bit_of(pair);
    if ((bits_[bit >> 6] >> (bit & 63) & 1) == 0) return kNone;
    for (std::size_t i = slot(pair);; i = (i + 1) & mask_) {
      if (slots_[i] >> 20 == pair) return static_cast<std::uint32_t>(slots_[i] & kMost);
      if (slots_[i] == kEmpty) return kNone;
    }
  }

  // Starts to fetch what find() will read of a pair.
  void prefetch(std::uint32_t left, std::uint32_t right) const {
    const std::uint64_t pair = std::uint64_t{left} << 20 | right;
    __builtin_prefetch(&bits_[bit_of(pair) >> 6]);
    __builtin_prefetch(&slots_[slot(pair)]);
  }

  // visit(left, right, rank), in any order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const std::uint64_t slot : slots_) {
      if (slot == kEmpty) continue;
      visit(static_cast<std::uint32_t>(slot >> 40), static_cast<std::uint32_t>(slot >> 20 & kMost),
            static_cast<std::uint32_t>(slot & kMost));
    }
  }

 private:
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
  // Most pairs that are asked for do not merge: a bit says so, in a table that is a sixteenth as large.
  std::uint64_t bit_of(std::uint64_t pair) const { return (pair * 0xD6E8FEB86659FD93u) >> (shift_ - 2); }
  std::size_t slot(std::uint64_t pair) const { return (pair * 0x9E3779B97F4A7C15u) >> shift_; }

  ZeroedArray<std::uint64_t> slots_;  // left : 20 | right : 20 | rank : 20
  ZeroedArray<std::uint64_t> bits_;   // four for each slot, set by a pair's hash
  std::size_t mask_ = 0;
  int shift_ = 63;
};

class PairMerges {
 public:
  static constexpr std::uint32_t kNone = MergeTable::kNone;

  PairMerges() = default;
  // For ranks below `ranks`, which is at most MergeTable::kMost.
  explicit PairMerges(std::size_t ranks) : PairMerges(ranks, ranks) {}
  // For so many merges with such ranks.
  PairMerges(std::size_t merges, std::size_t ranks) : table_(merges), made_(ranks, kNone) {}

  // Each pair and each rank once. It is faster where the rank is what is made, for all.
  void add(std::uint32_t rank, std::uint32_t left, std::uint32_t right, std::uint32_t made) {
    table_.add(left, right, rank);
    made_[rank] = made;
    ranks_are_made_ = ranks_are_made_ && rank == made;
  }

  // The rank of a pair, or kNone.
  std::uint32_t find(std::uint32_t left, std::uint32_t right) const { return table_.find(left, right); }
  // What the merge of a rank makes; kNone where no merge has it.
  std::uint32_t made(std::uint32_t rank) const { return made_[rank]; }
  std::size_t ranks() const { return made_.size(); }
  // visit(left, right, rank), in any order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    table_.for_each(visit);
  }

  // Merges ids[0, size) in place; returns how many are left. Time is O(n log n).
  std::size_t run(std::uint32_t* ids, std::size_t size) const {
    return size <= kFewSymbols ? run_short(ids, size) : run_long(ids, size);
  }

 private:
  // Up to so many symbols the lowest rank is looked for among all of them, beyond that by a heap.
  static constexpr std::size_t kFewSymbols = 48;

  std::size_t run_short(std::uint32_t* ids, std::size_t size) const;
  std::size_t run_long(std::uint32_t* ids, std::size_t size) const;

  MergeTable table_;
  std::vector<std::uint32_t> made_;  // by rank
  bool ranks_are_made_ = true;
};

}  // namespace fasttok
