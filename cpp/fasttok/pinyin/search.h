// The cheapest paths of a lattice.
//
// A state is an edge and the one before it, so that costs may look at three symbols. The states of an edge
// lie side by side, one for each edge that ends where it begins: their number is bounded by the edges, and
// theirs by the letters. What is foreign has the symbol "end" and forgets what was before it.
//
// Where there is only one way, costs decide nothing: for the best path alone they are left out there.
//
//   Search search;
//   search.run(lattice, costs, true);
//   search.best(path);                            // the numbers of the edges of the cheapest path
//   search.n_best(10, most, [](path) { ... });    // the cheapest, and then the next, …
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "fasttok/pinyin/costs.h"
#include "fasttok/pinyin/lattice.h"

namespace fasttok::pinyin {

using Path = std::vector<std::uint32_t>;  // numbers of edges

// Always the longest syllable that a kept path goes on with.
void longest_path(const Lattice& lattice, Path& path);

class Search {
 public:
  // What was read before the edges.
  struct Before {
    Costs::Symbol previous, symbol;
  };

  // Edges and costs must stay as they are while the search is used; n_best() needs `all_costs`. The edges
  // lead from the first one's beginning to the letter `end`.
  void run(std::span<const Edge> edges, std::uint32_t end, const Costs& costs, bool all_costs, Before before);
  void run(const Lattice& lattice, const Costs& costs, bool all_costs) {
    const Costs::Symbol none = costs.end();
    run(lattice.edges, static_cast<std::uint32_t>(lattice.letters.size()), costs, all_costs, {none, none});
  }

  void best(Path& path) const;
  // The best path of a lattice, and of its long ones part by part: what lies before two edges that every path
  // goes over is decided, and need not be kept.
  void best_by_parts(const Lattice& lattice, const Costs& costs, Path& path);
  // Up to `k` paths, the cheapest first, with no more than `most_edges` in all (but one path at least).
  void n_best(std::size_t k, std::size_t most_edges, const std::function<void(const Path&)>& visit) const;

 private:
  struct State {
    std::uint64_t cost;
    std::uint32_t edge;
    std::uint32_t from;  // the state before it on the cheapest path; kNone: the beginning
    Costs::Symbol previous, symbol;
  };
  struct Node;
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  Costs::Symbol symbol(const Edge& edge) const {
    return edge.spelling == kNoSpelling ? costs_->end() : automaton_->syllable(edge.spelling);
  }
  // What an edge costs behind a state; `pair` is of the state's symbol and `next`.
  std::uint64_t step_cost(const State& state, const Edge& edge, Costs::Pair pair, Costs::Symbol next) const {
    int cost = edge.extra & ~kAfterBreak;
    // "end" behind "end" is not counted: foreign letters in a row.
    if (next != costs_->end() || state.symbol != next) cost += costs_->follow(context(state), pair, next);
    if (pair.improbable() && (edge.extra & kAfterBreak) == 0) cost += Costs::kImprobable;
    return static_cast<std::uint64_t>(cost);
  }
  Costs::Context context(const State& state) const { return costs_->context(state.previous, state.symbol); }
  std::uint64_t end_cost(const State& state) const;

  std::span<const Edge> edges_;
  const Costs* costs_ = nullptr;
  const Automaton* automaton_ = &Automaton::get();
  std::vector<State> states_;
  std::vector<std::uint32_t> firsts_;      // of each edge: its first state; one more at the end
  std::vector<std::uint32_t> last_edges_;  // that end at the last letter
  Path part_;
};

// The number of paths: a product of factors, and of products of matrices where too many paths hang together.
struct PathCount {
  static constexpr std::size_t kWindow = kLongestSyllable;
  using Matrix = std::array<std::array<std::uint64_t, kWindow>, kWindow>;  // [from][to]
  std::vector<std::uint64_t> factors;
  std::vector<std::vector<Matrix>> chains;  // the number of a chain is [0][0] of its product
};
PathCount count_paths(const Lattice& lattice);

}  // namespace fasttok::pinyin
