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

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fasttok/base/zeroed_memory.h"

namespace fasttok {

// Pairs of ids that merge: eight bytes for each, at most two thirds full. Eight of them are a line of memory,
// which is looked through as a whole: no branch depends on where in it a pair is, or whether it is there.
class MergeTable {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::uint32_t kMost = (1u << 20) - 1;  // ids and ranks are below

  MergeTable() = default;
  explicit MergeTable(std::size_t merges);
  void add(std::uint32_t left, std::uint32_t right, std::uint32_t rank);

  // The rank of a pair, or kNone. No pair has kMost, which may be asked for.
  std::uint32_t find(std::uint32_t left, std::uint32_t right) const {
    const std::uint64_t pair = pair_of(left, right), hash = hash_of(pair);
    if (!may_merge(hash)) return kNone;
    const std::uint32_t rank = rank_or_most(pair, slots_.begin() + line_of(hash));
    return rank < kMost ? rank : kNone;
  }

  // The same in two steps, without a branch: where to look, which is on its way then, and what is there,
  // where kMost says that there is nothing.
  struct Place {
    std::uint64_t pair;
    const std::uint64_t* line;
  };
  Place prefetch(std::uint32_t left, std::uint32_t right) const {
    const std::uint64_t pair = pair_of(left, right), hash = hash_of(pair);
    const Place place{pair, slots_.begin() + (line_of(hash) & (0 - may_merge(hash)))};
    __builtin_prefetch(place.line);
    return place;
  }
  bool is_somewhere(const Place& place) const { return place.line != slots_.begin(); }
  std::uint32_t rank_or_most(const Place& place) const { return rank_or_most(place.pair, place.line); }

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
  static constexpr std::size_t kLine = 8;
  static std::uint64_t pair_of(std::uint32_t left, std::uint32_t right) {
    return std::uint64_t{left} << 20 | right;
  }
  static std::uint64_t hash_of(std::uint64_t pair) { return pair * 0x9E3779B97F4A7C15u; }
  // Most pairs that are asked for do not merge: a bit says so, in a table that is a sixteenth as large.
  std::uint64_t may_merge(std::uint64_t hash) const {
    const std::uint64_t bit = hash >> (shift_ - 2);
    return bits_[bit >> 6] >> (bit & 63) & 1;
  }
  // Where a pair's line begins. What has no slot there has the first one behind it that is free.
  std::size_t line_of(std::uint64_t hash) const { return (hash >> shift_ & ~(kLine - 1)) + kLine; }
  std::size_t next(std::size_t i) const { return i + 1 < slots_.size() ? i + 1 : kLine; }
  std::uint32_t rank_or_most(std::uint64_t pair, const std::uint64_t* line) const {
    // Of equal pairs the rank is left, which is below kMost; of others, and of what is empty, no less.
    std::uint64_t least = kMost;
    for (std::size_t i = 0; i < kLine; ++i) {
      const std::uint64_t other = line[i] ^ pair << 20;
      least = other < least ? other : least;
    }
    if ((least == kMost) & (line[kLine - 1] != kEmpty)) [[unlikely]]
      return find_beyond(pair);
    return static_cast<std::uint32_t>(least);
  }
  std::uint32_t find_beyond(std::uint64_t pair) const;

  ZeroedArray<std::uint64_t> slots_;  // an empty line; then left : 20 | right : 20 | rank : 20
  ZeroedArray<std::uint64_t> bits_;   // four for each slot, by a pair's hash
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

  // A few symbols, and what is known of their pairs meanwhile.
  class Few {
   public:
    static constexpr std::uint32_t kMost = 8;
    std::span<const std::uint32_t> ids() const { return {ids_ + 1, size_}; }

   private:
    friend class PairMerges;
    static constexpr std::uint32_t kNoId = MergeTable::kMost;
    std::uint32_t size_;
    std::uint32_t at_;  // where the last step was
    // ids_[0], and what is behind the last, is kNoId. So much is behind them that kMost can be moved from
    // anywhere.
    std::uint32_t ids_[2 * kMost + 2];
    // rank << 4 | i of ids_[i] and ids_[i + 1]; the rank is MergeTable::kMost where there is none.
    std::uint32_t steps_[2 * kMost + 2];
    MergeTable::Place places_[kMost];  // of pairs that are to be looked up
  };
  static constexpr std::size_t kMostTogether = 32;
  // Begins with so many ids, at least one; what run_together() will read first is on its way then.
  void begin(Few& few, const std::uint32_t* ids, std::size_t size) const;
  // Merges the ids of each of at most kMostTogether in place, as run() would. One step is taken of each, then
  // the next one: what a step waits for is far away, and so they wait together.
  void run_together(std::span<Few* const> words) const;

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
