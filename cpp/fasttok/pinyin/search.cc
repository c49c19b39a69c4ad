#include "fasttok/pinyin/search.h"

#include <algorithm>
#include <array>
#include <queue>

namespace fasttok::pinyin {
namespace {

// The edges that end at the letters ahead, by the letter's number modulo 8: no edge is longer.
class Arrivals {
 public:
  void add(const Edge& edge, std::uint32_t number) {
    const std::size_t slot = edge.end & 7;
    if (place_[slot] != edge.end) {
      place_[slot] = edge.end;
      count_[slot] = 0;
    }
    edges_[slot][count_[slot]++] = number;
  }
  std::span<const std::uint32_t> at(std::uint32_t place) const {
    const std::size_t slot = place & 7;
    return {edges_[slot].data(), place_[slot] == place ? count_[slot] : std::size_t{0}};
  }

 private:
  // One edge of each length, and letters that stand alone.
  std::array<std::array<std::uint32_t, 8>, 8> edges_;
  std::array<std::size_t, 8> count_;
  std::array<std::uint32_t, 8> place_{~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u};
};

}  // namespace

void longest_path(const Lattice& lattice, Path& path) {
  path.clear();
  std::uint32_t at = 0;
  const auto size = static_cast<std::uint32_t>(lattice.edges.size());
  for (std::uint32_t i = 0; i < size;) {
    if (lattice.edges[i].begin != at) {
      ++i;
      continue;
    }
    while (i + 1 < size && lattice.edges[i + 1].begin == at) ++i;
    path.push_back(i);
    at = lattice.edges[i++].end;
  }
}

void Search::run(std::span<const Edge> edges, std::uint32_t last_letter, const Costs& costs, bool all_costs,
                 Before start_behind) {
  edges_ = edges;
  costs_ = &costs;
  states_.clear();
  firsts_.clear();
  last_edges_.clear();
  const auto size = static_cast<std::uint32_t>(edges.size());
  const Costs::Symbol end = costs.end();
  firsts_.resize(size + std::size_t{1});
  Arrivals arrivals;
  const std::uint32_t first_letter = edges.empty() ? 0 : edges[0].begin;
  std::uint32_t farthest = first_letter;  // of the edges so far
  for (std::uint32_t i = 0; i < size; ++i) {
    const Edge& edge = edges[i];
    firsts_[i] = static_cast<std::uint32_t>(states_.size());
    const Costs::Symbol c = symbol(edge);
    const std::span<const std::uint32_t> before = arrivals.at(edge.begin);
    // States whose edge ends where this one begins.
    const auto states_of = [&](std::uint32_t e) {
      return std::span(&states_[firsts_[e]], firsts_[e + 1] - firsts_[e]);
    };
    // Where every path passes over this edge.
    const bool only_edge = !all_costs && farthest == edge.begin &&
                           (i == 0 || edges[i - 1].begin != edge.begin) &&
                           (i + 1 == size || edges[i + 1].begin != edge.begin);
    if (edge.begin == first_letter) {
      const Costs::Symbol b = start_behind.symbol;
      const State start{0, 0, kNone, start_behind.previous, b};
      states_.push_back(
          {only_edge ? 0 : step_cost(start, edge, costs.pair(b, c), c), i, kNone, c == end ? end : b, c});
    } else if (only_edge && before.size() == 1 && firsts_[before[0] + 1] - firsts_[before[0]] == 1) {
      const State state = states_[firsts_[before[0]]];
      // Foreign letters forget what was before them.
      states_.push_back({state.cost, i, firsts_[before[0]], c == end ? end : state.symbol, c});
    } else {
      for (const std::uint32_t e : before) {
        std::uint64_t least = ~std::uint64_t{0};
        std::uint32_t from = 0;
        std::uint32_t at = firsts_[e];
        const Costs::Symbol b = states_[at].symbol;
        const Costs::Pair pair = costs.pair(b, c);
        for (const State& state : states_of(e)) {
          const std::uint64_t cost = state.cost + step_cost(state, edge, pair, c);
          if (cost < least) {
            least = cost;
            from = at;
          }
          ++at;
        }
        states_.push_back({least, i, from, c == end ? end : b, c});
      }
    }
    firsts_[i + std::size_t{1}] = static_cast<std::uint32_t>(states_.size());
    arrivals.add(edge, i);
    farthest = std::max(farthest, edge.end);
    if (edge.end == last_letter) last_edges_.push_back(i);
  }
}

std::uint64_t Search::end_cost(const State& state) const {
  const Costs::Symbol end = costs_->end();
  if (state.symbol == end) return 0;
  return static_cast<std::uint64_t>(costs_->follow(context(state), costs_->pair(state.symbol, end), end));
}

void Search::best(Path& path) const {
  path.clear();
  std::uint64_t least = ~std::uint64_t{0};
  std::uint32_t at = kNone;
  for (const std::uint32_t edge : last_edges_) {
    for (std::uint32_t s = firsts_[edge]; s < firsts_[edge + 1]; ++s) {
      const std::uint64_t cost = states_[s].cost + end_cost(states_[s]);
      if (cost < least) {
        least = cost;
        at = s;
      }
    }
  }
  for (; at != kNone; at = states_[at].from) path.push_back(states_[at].edge);
  std::reverse(path.begin(), path.end());
}

void Search::best_by_parts(const Lattice& lattice, const Costs& costs, Path& path) {
  constexpr std::size_t kPart = 4096;  // edges of a part, at least
  path.clear();
  const std::span<const Edge> edges = lattice.edges;
  Before before{costs.end(), costs.end()};
  std::uint32_t farthest = 0;
  for (std::size_t first = 0, i = 0, alone = 0; i < edges.size(); ++i) {
    // Whether every path goes over this edge.
    const bool is_alone = farthest <= edges[i].begin && (i == 0 || edges[i - 1].begin != edges[i].begin) &&
                          (i + 1 == edges.size() || edges[i + 1].begin >= edges[i].end);
    alone = is_alone ? alone + 1 : 0;
    farthest = std::max(farthest, edges[i].end);
    if (i + 1 < edges.size() && (alone < 2 || i - first < kPart)) continue;
    run(edges.subspan(first, i + 1 - first), edges[i].end, costs, false, before);
    best(part_);
    for (const std::uint32_t number : part_) path.push_back(static_cast<std::uint32_t>(first) + number);
    first = i + 1;
    if (first == edges.size()) break;
    // As run() has it: what is foreign forgets what was before it.
    const Costs::Symbol last = symbol(edges[i]);
    before = {last == costs.end() ? last : symbol(edges[i - 1]), last};
  }
}

// A way from a state to the end. The queue holds them by the cost of the cheapest whole path that ends with
// them, so that each path is reached without a detour; of equal ones the longest way first.
struct Search::Node {
  std::uint64_t total;   // with the cheapest way from the beginning
  std::uint64_t behind;  // of the edges behind the state
  std::uint32_t state;
  std::uint32_t next;  // the node behind it; kNone: the end
};

void Search::n_best(std::size_t k, std::size_t most_edges,
                    const std::function<void(const Path&)>& visit) const {
  Path path;
  if (edges_.empty()) {
    if (k > 0) visit(path);
    return;
  }
  std::vector<Node> nodes;
  const auto later = [&](std::uint32_t a, std::uint32_t b) {
    return nodes[a].total != nodes[b].total ? nodes[a].total > nodes[b].total : a < b;
  };
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, decltype(later)> queue(later);
  const auto push = [&](const Node& node) {
    nodes.push_back(node);
    queue.push(static_cast<std::uint32_t>(nodes.size() - 1));
  };
  // Backwards: of equal ones the last comes first, and best() takes the first.
  for (auto edge = last_edges_.rbegin(); edge != last_edges_.rend(); ++edge) {
    for (std::uint32_t s = firsts_[*edge + std::size_t{1}]; s-- > firsts_[*edge];) {
      const std::uint64_t cost = end_cost(states_[s]);
      push({states_[s].cost + cost, cost, s, kNone});
    }
  }
  std::size_t written = 0;
  while (k > 0 && !queue.empty()) {
    std::uint32_t at = queue.top();
    queue.pop();
    // Follow the cheapest way to the beginning; every other way at each state goes into the queue.
    while (states_[nodes[at].state].from != kNone) {
      const State& state = states_[nodes[at].state];
      const Edge& edge = edges_[state.edge];
      const State& cheapest = states_[state.from];
      const std::uint32_t before = cheapest.edge;
      const std::uint64_t behind = nodes[at].behind;
      std::uint32_t next = kNone;
      for (std::uint32_t s = firsts_[before]; s < firsts_[before + 1]; ++s) {
        const std::uint64_t cost =
            behind + step_cost(states_[s], edge, costs_->pair(states_[s].symbol, state.symbol), state.symbol);
        const Node node{states_[s].cost + cost, cost, s, at};
        if (s == state.from) {
          next = static_cast<std::uint32_t>(nodes.size());
          nodes.push_back(node);
        } else {
          push(node);
        }
      }
      at = next;
    }
    path.clear();
    for (std::uint32_t n = at; n != kNone; n = nodes[n].next) path.push_back(states_[nodes[n].state].edge);
    if (written > 0 && written + path.size() > most_edges) return;
    written += path.size();
    --k;
    visit(path);
  }
}

PathCount count_paths(const Lattice& lattice) {
  constexpr std::size_t kWindow = PathCount::kWindow;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60;
  PathCount count;
  using Row = std::array<std::uint64_t, kWindow + 1>;
  // rows[r][d]: how many paths lead from the block's r-th place to d letters behind the present one.
  std::array<Row, kWindow> rows;
  const auto restart = [&] {
    for (std::size_t r = 0; r < kWindow; ++r) {
      rows[r].fill(0);
      rows[r][r] = 1;
    }
  };
  std::vector<PathCount::Matrix> chain;
  const auto matrix = [&] {
    PathCount::Matrix made;
    for (std::size_t r = 0; r < kWindow; ++r) std::copy_n(rows[r].begin(), kWindow, made[r].begin());
    return made;
  };
  std::uint64_t product = 1;
  std::uint32_t farthest = 0;
  const auto size = static_cast<std::uint32_t>(lattice.letters.size());
  std::size_t e = 0;
  restart();
  for (std::uint32_t at = 0; at <= size; ++at) {
    if (at == farthest) {  // every path passes here
      if (!chain.empty()) {
        chain.push_back(matrix());
        count.chains.push_back(std::move(chain));
        chain = {};
      } else if (rows[0][0] > 1) {
        std::uint64_t larger;
        if (__builtin_mul_overflow(product, rows[0][0], &larger)) {
          count.factors.push_back(product);
          larger = rows[0][0];
        }
        product = larger;
      }
      restart();
    }
    bool large = false;
    for (; e < lattice.edges.size() && lattice.edges[e].begin == at; ++e) {
      const std::uint32_t length = lattice.edges[e].end - at;
      farthest = std::max(farthest, lattice.edges[e].end);
      for (Row& row : rows) {
        row[length] += row[0];
        large |= row[length] > kMost;
      }
    }
    for (Row& row : rows) {
      std::copy(row.begin() + 1, row.end(), row.begin());
      row[kWindow] = 0;
    }
    if (large && at + 1 < farthest) {
      chain.push_back(matrix());
      restart();
    }
  }
  count.factors.push_back(product);
  return count;
}

}  // namespace fasttok::pinyin
