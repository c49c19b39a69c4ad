#include "fasttok/model/pair_merges.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <queue>
#include <utility>

#include "fasttok/base/interrupt.h"

namespace fasttok {

MergeTable::MergeTable(std::size_t merges)
    : slots_(std::bit_ceil(std::max<std::size_t>(merges + merges / 2, 62) + 2)),
      bits_(slots_.size() / 16),
      mask_(slots_.size() - 1),
      shift_(64 - std::countr_zero(slots_.size())) {
  std::fill(slots_.begin(), slots_.end(), kEmpty);
}

void MergeTable::add(std::uint32_t left, std::uint32_t right, std::uint32_t rank) {
  const std::uint64_t pair = std::uint64_t{left} << 20 | right;
  std::size_t i = slot(pair);
  while (slots_[i] != kEmpty) i = (i + 1) & mask_;
  slots_[i] = pair << 20 | rank;
  const std::uint64_t bit = bit_of(pair);
  bits_[bit >> 6] |= std::uint64_t{1} << (bit & 63);
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
  std::vector<Symbol> symbols(size);
  std::vector<std::uint64_t> steps;
  const auto last = static_cast<std::uint32_t>(size - 1);
  for (std::uint32_t i = 0; i <= last; ++i) {
    const std::uint32_t rank = i < last ? table_.find(ids[i], ids[i + 1]) : MergeTable::kNone;
    symbols[i] = {ids[i], i == 0 ? kEnd : i - 1, i < last ? i + 1 : kEnd, rank};
    if (rank != MergeTable::kNone) steps.push_back(std::uint64_t{rank} << 32 | i);
  }
  std::priority_queue queue(std::greater<>(), std::move(steps));
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
  for (std::uint32_t at = 0; at != kEnd; at = symbols[at].behind) ids[n++] = symbols[at].id;
  return n;
}

}  // namespace fasttok
