// The best of a few ways over some letters, where what stands before and behind them is decided.
//
//   FewWays few(costs, around, ahead);
//   few.best(table.ways(spelling))  // of "xian": xian, or xi an
//   few.best(edges, path)           // of "ninan", by its edges: nin an, or ni nan
//
// Costs see two syllables back, so that two on each side tell them all; Search (search.h) over the whole
// would decide the same, and of equal ways takes the same.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "fasttok/pinyin/chunk.h"
#include "fasttok/pinyin/costs.h"
#include "fasttok/pinyin/search.h"

namespace fasttok::pinyin {

class FewWays {
 public:
  using Way = ScanTable::Way;
  // That are worth going over way by way.
  static constexpr std::size_t kMostEdges = 12;

  struct Around {  // what stands before the letters
    Costs::Symbol previous, symbol;
    bool after_break;  // whether a stretch begins with them
  };
  struct Ahead {
    Costs::Symbol first, second;  // "end" where the section ends
    bool first_after_break;
  };

  FewWays(const Costs& costs, const Around& around, const Ahead& ahead);

  // The first of the cheapest.
  const Way& best(std::span<const Way> ways) const;
  // The cheapest way over edges, of which there are 1 to kMostEdges, by begin; each is part of a way from the
  // first one's beginning to the last one's end. Of equal ways the one whose last edge has the smaller
  // number; of those the same before it.
  void best(std::span<const Edge> edges, Path& path) const;

 private:
  // After some syllables.
  struct State {
    int cost;
    Costs::Context context;
    Costs::Symbol last;
  };
  class Walk;

  // As Search::step_cost().
  State step(const State& state, Costs::Symbol next, bool after_break) const {
    const Costs::Pair pair = costs_.pair(state.last, next);
    int cost = state.cost + costs_.follow(state.context, pair, next);
    if (pair.improbable() && !after_break) cost += Costs::kImprobable;
    return {cost, pair.context(), next};
  }
  // With what stands ahead.
  int whole_cost(State state) const {
    state = step(state, ahead_.first, ahead_.first_after_break);
    if (ahead_.first == costs_.end()) return state.cost;
    return state.cost + costs_.follow(state.context, behind_, ahead_.second);
  }

  const Costs& costs_;
  const Ahead ahead_;
  const bool after_break_;
  const State before_;
  const Costs::Pair behind_;  // of the two ahead
};

}  // namespace fasttok::pinyin
