#include "fasttok/pinyin/few_ways.h"

#include <algorithm>

namespace fasttok::pinyin {

FewWays::FewWays(const Costs& costs, const Around& around, const Ahead& ahead)
    : costs_(costs),
      ahead_(ahead),
      after_break_(around.after_break),
      before_{0, costs.context(around.previous, around.symbol), around.symbol},
      behind_(costs.pair(ahead.first, ahead.second)) {}

const FewWays::Way& FewWays::best(std::span<const Way> ways) const {
  const Way* best = nullptr;
  int least = 0;
  for (const Way& way : ways) {
    State state = before_;
    for (std::size_t i = 0; i < way.size; ++i) state = step(state, way.syllables[i], i == 0 && after_break_);
    const int cost = whole_cost(state);
    if (!best || cost < least) {
      best = &way;
      least = cost;
    }
  }
  return *best;
}

// Over all ways, an edge after the other. Costs are not below 0, so a way is left when it costs more than the
// best so far.
class FewWays::Walk {
 public:
  Walk(const FewWays& few, std::span<const Edge> edges, Path& best)
      : few_(few), edges_(edges), end_(edges.back().end), best_(best) {}

  void run() {
    best_.clear();
    from(0, few_.before_, 0);
  }

 private:
  // `depth` edges lead to the beginning of the edge with number `at`; no deeper than there are edges.
  void from(std::uint32_t at, const State& state, std::size_t depth) {
    const std::uint32_t begin = edges_[at].begin;
    for (; at < edges_.size() && edges_[at].begin == begin; ++at) {
      const Edge& edge = edges_[at];
      const bool after_break = edge.extra == kAfterBreak;
      const State next = few_.step(state, automaton_.syllable(edge.spelling), after_break);
      if (!best_.empty() && next.cost > least_) continue;
      way_[depth] = at;
      if (edge.end == end_) {
        offer(depth + 1, few_.whole_cost(next));
        continue;
      }
      std::uint32_t behind = at + 1;
      while (edges_[behind].begin < edge.end) ++behind;
      from(behind, next, depth + 1);
    }
  }

  void offer(std::size_t size, int cost) {
    const auto way = std::span(way_).first(size);
    if (!best_.empty()) {
      if (cost > least_) return;
      if (cost == least_ &&
          !std::lexicographical_compare(way.rbegin(), way.rend(), best_.rbegin(), best_.rend())) {
        return;
      }
    }
    best_.assign(way.begin(), way.end());
    least_ = cost;
  }

  const FewWays& few_;
  const std::span<const Edge> edges_;
  const std::uint32_t end_;
  Path& best_;
  const Automaton& automaton_ = Automaton::get();
  std::array<std::uint32_t, kMostEdges> way_;
  int least_ = 0;
};

void FewWays::best(std::span<const Edge> edges, Path& path) const {
  Walk(*this, edges, path).run();
}

}  // namespace fasttok::pinyin
