#include "fasttok/model/pair_merges.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>
#include <queue>
#include <utility>

#include "fasttok/base/interrupt.h"

namespace fasttok {

MergeTable::MergeTable(std::size_t merges) {
  const std::size_t size = std::bit_ceil(std::max<std::size_t>(merges + merges / 2, 62) + 2);
  slots_ = ZeroedArray<std::uint64_t>(kLine + size);
  std::fill(slots_.begin(), slots_.end(), kEmpty);
  bits_ = ZeroedArray<std::uint64_t>(size / 16);
  shift_ = 64 - std::countr_zero(size);
}

void MergeTable::add(std::uint32_t left, std::uint32_t right, std::uint32_t rank) {
  const std::uint64_t pair = pair_of(left, right), hash = hash_of(pair), bit = hash >> (shift_ - 2);
  std::size_t i = line_of(hash);
  while (slots_[i] != kEmpty) i = next(i);
  slots_[i] = pair << 20 | rank;
  bits_[bit >> 6] |= std::uint64_t{1} << (bit & 63);
}

// Of a pair whose line is full, and does not have it.
std::uint32_t MergeTable::find_beyond(std::uint64_t pair) const {
  for (std::size_t i = next(line_of(hash_of(pair)) + kLine - 1); slots_[i] != kEmpty; i = next(i)) {
    if (slots_[i] >> 20 == pair) return static_cast<std::uint32_t>(slots_[i] & kMost);
  }
  return kMost;
}

void PairMerges::begin(Few& few, const std::uint32_t* ids, std::size_t size) const {
  few.size_ = static_cast<std::uint32_t>(size);
  for (std::uint32_t i = 0; i < std::size(few.ids_); ++i) {
    few.ids_[i] = Few::kNoId;
    few.steps_[i] = MergeTable::kMost << 4 | i;
  }
  std::copy_n(ids, size, few.ids_ + 1);
  for (std::size_t i = 0; i + 1 < size; ++i) few.places_[i] = table_.prefetch(ids[i], ids[i + 1]);
}

// Whatever the number of symbols, all places of a word are gone through: no branch depends on where its step
// is. A symbol's neighbour may be kNoId, which merges with none.
void PairMerges::run_together(std::span<Few* const> words) const {
  const auto look = [&](Few& few, std::uint32_t i, const MergeTable::Place& place) {
    const std::uint32_t rank = table_.rank_or_most(place);
    few.steps_[i] = rank << 4 | i;
    if (!ranks_are_made_) __builtin_prefetch(&made_[rank < MergeTable::kMost ? rank : 0]);
  };
  std::array<Few*, kMostTogether> going;
  std::size_t n = 0;
  for (Few* const few : words) {
    for (std::uint32_t i = 1; i < few->size_; ++i) look(*few, i, few->places_[i - 1]);
    going[n++] = few;
  }
  while (n > 0) {
    std::size_t left = 0;
    for (std::size_t k = 0; k < n; ++k) {
      Few& few = *going[k];
      std::uint32_t step = few.steps_[0];
      for (std::uint32_t i = 1; i < Few::kMost; ++i) step = few.steps_[i] < step ? few.steps_[i] : step;
      const std::uint32_t rank = step >> 4, at = step & 15;
      if (rank == MergeTable::kMost) continue;
      --few.size_;
      few.ids_[at] = ranks_are_made_ ? rank : made_[rank];
      std::uint32_t moved[Few::kMost];
      std::memcpy(moved, few.ids_ + at + 2, sizeof moved);
      std::memcpy(few.ids_ + at + 1, moved, sizeof moved);
      std::memcpy(moved, few.steps_ + at + 2, sizeof moved);
      for (std::uint32_t& other : moved) --other;
      std::memcpy(few.steps_ + at + 1, moved, sizeof moved);
      few.steps_[at - 1] = MergeTable::kMost << 4 | (at - 1);
      few.steps_[at] = MergeTable::kMost << 4 | at;
      few.at_ = at;
      few.places_[0] = table_.prefetch(few.ids_[at - 1], few.ids_[at]);
      few.places_[1] = table_.prefetch(few.ids_[at], few.ids_[at + 1]);
      going[left++] = &few;
    }
    n = left;
    for (std::size_t k = 0; k < n; ++k) {
      Few& few = *going[k];
      if (table_.is_somewhere(few.places_[0])) look(few, few.at_ - 1, few.places_[0]);
      if (table_.is_somewhere(few.places_[1])) look(few, few.at_, few.places_[1]);
    }
  }
}

std::size_t PairMerges::run_short(std::uint32_t* ids, std::size_t size) const {
  std::uint32_t ranks[kFewSymbols + 1];
  // The tables are not near: what will be read of them is waited for together.
  for (std::size_t i = 0; i + 1 < size; ++i) table_.prefetch(ids[i], ids[i + 1]);
  for (std::size_t i = 0; i + 1 < size; ++i) {
    ranks[i] = table_.find(ids[i], ids[i + 1]);
    if (!ranks_are_made_ && ranks[i] != MergeTable::kNone) __builtin_prefetch(&made_[ranks[i]]);
  }
  std::size_t n = size;
  while (n > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < n; ++i) best = ranks[i] < ranks[best] ? i : best;
    if (ranks[best] == MergeTable::kNone) break;
    ids[best] = ranks_are_made_ ? ranks[best] : made_[ranks[best]];
    --n;
    for (std::size_t i = best + 1; i < n; ++i) {
      ids[i] = ids[i + 1];
      ranks[i - 1] = ranks[i];
    }
    if (best + 1 < n) ranks[best] = table_.find(ids[best], ids[best + 1]);
    if (best > 0) ranks[best - 1] = table_.find(ids[best - 1], ids[best]);
  }
  return n;
}

// A list linked through vectors, and a heap of rank << 32 | place; steps that are out of date are passed
// over.
std::size_t PairMerges::run_long(std::uint32_t* ids, std::size_t size) const {
  constexpr std::uint32_t kEnd = ~std::uint32_t{0};
  struct Symbol {
    std::uint32_t id, before, behind;
    std::uint32_t rank;  // of the pair with what is behind; kNone: none
  };
  std::vector<Symbol> symbols;
  symbols.reserve(size);
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> queue;
  const auto last = static_cast<std::uint32_t>(size - 1);
  for (std::uint32_t i = 0; i <= last; ++i) {
    check_interrupt_at(i);
    const std::uint32_t rank = i < last ? table_.find(ids[i], ids[i + 1]) : MergeTable::kNone;
    symbols.push_back({ids[i], i == 0 ? kEnd : i - 1, i < last ? i + 1 : kEnd, rank});
    if (rank != MergeTable::kNone) queue.push(std::uint64_t{rank} << 32 | i);
  }
  const auto look = [&](std::uint32_t at) {
    Symbol& symbol = symbols[at];
    symbol.rank =
        symbol.behind == kEnd ? MergeTable::kNone : table_.find(symbol.id, symbols[symbol.behind].id);
    if (symbol.rank != MergeTable::kNone) queue.push(std::uint64_t{symbol.rank} << 32 | at);
  };
  for (std::size_t step = 0; !queue.empty(); ++step) {
    check_interrupt_at(step);
    const auto at = static_cast<std::uint32_t>(queue.top());
    const auto rank = static_cast<std::uint32_t>(queue.top() >> 32);
    queue.pop();
    Symbol& left = symbols[at];
    if (left.rank != rank) continue;
    Symbol& right = symbols[left.behind];
    left.id = made_[rank];
    left.behind = right.behind;
    right.rank = MergeTable::kNone;
    if (left.behind != kEnd) symbols[left.behind].before = at;
    look(at);
    if (left.before != kEnd) look(left.before);
  }
  std::size_t n = 0;
  for (std::uint32_t at = 0; at != kEnd; at = symbols[at].behind) {
    check_interrupt_at(n);
    ids[n++] = symbols[at].id;
  }
  return n;
}

}  // namespace fasttok
