#include "fasttok/model/sentencepiece_lattice.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <queue>
#include <unordered_map>
#include <utility>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/random.h"

namespace fasttok::sentencepiece {
namespace {

constexpr std::uint32_t kStart = 0, kEnd = 1;
constexpr std::uint32_t kNone = 0xFFFFFFFFu;

std::atomic<int> n_best_timeout{30000};

float log_sum(float x, float y, bool first) {
  if (first) return y;
  const float low = std::min(x, y), high = std::max(x, y);
  if (high > low + 50.0f) return high;
  return static_cast<float>(high + std::log1p(std::exp(static_cast<double>(low - high))));
}

// Drawn from the standard Gumbel distribution.
float gumbel() {
  constexpr float kEpsilon = 1e-7f;
  const auto u = static_cast<float>(kEpsilon + (1.0 - 2 * kEpsilon) * uniform());
  return -std::log(-std::log(u));
}

// An index, with a chance proportional to its weight; what is no positive number counts as 0.
std::size_t draw(const std::vector<float>& weights) {
  double total = 0;
  const auto counts = [](float weight) { return std::isfinite(weight) && weight > 0; };
  for (const float weight : weights) total += counts(weight) ? weight : 0;
  double left = total * uniform();
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!counts(weights[i])) continue;
    last = i;
    left -= weights[i];
    if (left < 0) break;
  }
  return last;
}

// A way from the end of the text back to some node.
struct Hypothesis {
  std::uint32_t node;
  std::uint32_t next;  // the hypothesis that it goes on with; kNone: none
  float priority;      // the sum of the best way that ends like this
  float sum;           // from the node on
};

struct Worse {
  const std::vector<Hypothesis>* kept;
  bool operator()(std::uint32_t a, std::uint32_t b) const {
    return (*kept)[a].priority < (*kept)[b].priority;
  }
};

}  // namespace

void set_n_best_timeout(int milliseconds) {
  n_best_timeout.store(milliseconds);
}

Lattice::Lattice(std::string_view text, const UnigramModel& unigram, const Types& types)
    : unigram_(unigram), types_(types) {
  std::vector<std::size_t> places;  // bytes, of each character
  for (std::size_t at = 0; at < text.size(); at += size_by_lead(text.substr(at))) places.push_back(at);
  length_ = places.size();
  places.push_back(text.size());
  nodes_.reserve(4 * places.size());
  first_.reserve(places.size());
  nodes_.push_back({0, 0, 0, 0, -1});
  nodes_.push_back({text.size(), text.size(), length_, length_, -1});

  const DoubleArray& trie = unigram.trie();
  const auto add = [&](std::size_t from, std::size_t to, std::int32_t id, float score) {
    nodes_.push_back({places[from], places[to], from, to, id, score});
  };
  for (std::size_t from = 0; from < length_; ++from) {
    check_interrupt_at(from);
    first_.push_back(static_cast<std::uint32_t>(nodes_.size()));
    bool has_char = false;
    std::size_t to = from;
    trie.for_each_prefix(text.substr(places[from]), [&](std::uint32_t id, std::size_t length) {
      if (types[id] == PieceType::kUnused) return;
      // A piece that ends inside a character takes the whole of it.
      while (places[to] < places[from] + length) ++to;
      add(from, to, static_cast<std::int32_t>(id),
          types[id] == PieceType::kUserDefined ? user_defined_score(to - from) : unigram.pieces()[id].score);
      has_char |= to - from == 1;
    });
    if (!has_char) add(from, from + 1, unigram.pieces().unk_id(), unigram.unk_score());
  }
  first_.push_back(static_cast<std::uint32_t>(nodes_.size()));

  // By end, without those of one place changing their order; the end itself ends nowhere.
  first_end_.resize(length_ + 2);
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) first_end_[nodes_[i].to + 1] += i != kEnd;
  for (std::size_t place = 0; place <= length_; ++place) first_end_[place + 1] += first_end_[place];
  ends_.resize(nodes_.size() - 1);
  std::vector<std::uint32_t> next(first_end_.begin(), first_end_.end() - 1);
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    if (i != kEnd) ends_[next[nodes_[i].to]++] = i;
  }
}

std::vector<Part> Lattice::parts_of(const std::vector<std::uint32_t>& path) const {
  std::vector<Part> parts;
  parts.reserve(path.size());
  for (const std::uint32_t index : path)
    parts.push_back({nodes_[index].begin, nodes_[index].end, nodes_[index].id});
  return parts;
}

void Lattice::run_viterbi() {
  for (std::size_t place = 0; place <= length_; ++place) {
    check_interrupt_at(place);
    const auto [first_right, last_right] = beginning_at(place);
    for (std::uint32_t right = first_right; right < last_right; ++right) {
      float best = 0;
      std::uint32_t before = kNone;
      for (const std::uint32_t left : ending_at(place)) {
        const float sum = nodes_[left].best + nodes_[right].score;
        if (before != kNone && !(sum > best)) continue;
        before = left;
        best = sum;
      }
      nodes_[right].before = before;
      nodes_[right].best = best;
    }
  }
}

Lattice::Way Lattice::best_way() {
  run_viterbi();
  std::vector<std::uint32_t> path;
  for (std::uint32_t index = nodes_[kEnd].before; index != kStart; index = nodes_[index].before)
    path.push_back(index);
  std::reverse(path.begin(), path.end());
  return {std::move(path), nodes_[kEnd].best};
}

Scored Lattice::best() {
  const Way way = best_way();
  return {parts_of(way.path), way.score};
}

std::vector<float> Lattice::forward(float alpha) const {
  std::vector<float> sums(nodes_.size(), 0);
  for (std::size_t place = 0; place <= length_; ++place) {
    check_interrupt_at(place);
    const auto [first_right, last_right] = beginning_at(place);
    for (std::uint32_t right = first_right; right < last_right; ++right) {
      bool first = true;
      for (const std::uint32_t left : ending_at(place)) {
        sums[right] = log_sum(sums[right], alpha * nodes_[left].score + sums[left], first);
        first = false;
      }
    }
  }
  return sums;
}

std::vector<Scored> Lattice::n_best(std::size_t count) {
  if (count == 1) return {best()};
  std::vector<Scored> results;
  for (const Way& way : search(count, false, 0)) results.push_back({parts_of(way.path), way.score});
  return results;
}

std::vector<Lattice::Way> Lattice::search(std::size_t count, bool random, float alpha) {
  constexpr std::size_t kMostOpen = 10000, kFewestOpen = 512, kMostKept = 100000, kMostMade = 500000;
  constexpr int kMostCuts = 10;
  const auto start = std::chrono::steady_clock::now();
  const int timeout = n_best_timeout.load();
  const auto too_late = [&] {
    return timeout > 0 && std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(timeout);
  };

  std::vector<Hypothesis> kept;
  using Agenda = std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, Worse>;
  Agenda agenda(Worse{&kept});
  std::vector<float> sums;
  if (random) {
    sums = forward(alpha);
    kept.push_back({kEnd, kNone, gumbel(), 0});
  } else {
    run_viterbi();
    kept.push_back({kEnd, kNone, nodes_[kEnd].best, 0});
  }
  agenda.push(0);

  std::vector<Way> found;
  const std::size_t cut_to = std::min(kFewestOpen, count * 10);
  std::size_t most_kept = kMostKept, made = 1;
  int cuts = 0;
  std::vector<float> chances, perturbed;
  std::vector<double> adjusted;
  for (std::size_t steps = 1; !agenda.empty(); ++steps) {
    check_interrupt_at(steps);
    if ((steps & 0xFFF) == 0 && too_late()) return {best_way()};
    const std::uint32_t top = agenda.top();
    agenda.pop();
    const Hypothesis way = kept[top];
    if (way.node == kStart) {
      std::vector<std::uint32_t> path;
      for (std::uint32_t i = way.next; i != kNone && kept[i].next != kNone; i = kept[i].next) {
        path.push_back(kept[i].node);
      }
      found.push_back({std::move(path), way.priority});
      if (found.size() == count) break;
      continue;
    }
    const std::span<const std::uint32_t> lefts = ending_at(nodes_[way.node].from);
    if (random) {
      chances.assign(lefts.size(), 0);
      perturbed.assign(lefts.size(), 0);
      adjusted.assign(lefts.size(), 0);
      float highest = -1e8f;
      for (std::size_t i = 0; i < lefts.size(); ++i) {
        chances[i] = way.sum + sums[lefts[i]] + (alpha * nodes_[lefts[i]].score) - sums[way.node];
        perturbed[i] = chances[i] + gumbel();
        highest = std::max(highest, perturbed[i]);
      }
      // A Gumbel variable cut off at the parent's value: Kool et al. 2019 (arXiv 1903.06059), appendix B.3.
      for (std::size_t i = 0; i < lefts.size(); ++i) {
        const float v = way.priority - perturbed[i] + std::log1p(-std::exp(perturbed[i] - highest));
        adjusted[i] = way.priority - std::max(0.0f, v) - std::log1p(std::exp(-std::abs(v)));
      }
    }
    for (std::size_t i = 0; i < lefts.size(); ++i) {
      const Node& left = nodes_[lefts[i]];
      const auto index = static_cast<std::uint32_t>(kept.size());
      if (random) {
        kept.push_back({lefts[i], top, static_cast<float>(adjusted[i]), chances[i]});
      } else {
        kept.push_back({lefts[i], top, left.best + way.sum, left.score + way.sum});
      }
      agenda.push(index);
    }
    made += lefts.size();
    if (made >= kMostMade || kept.size() >= kMostMade) return {best_way()};
    if (agenda.size() < kMostOpen && !(agenda.size() > cut_to && kept.size() >= most_kept)) continue;

    // Too many: the best ones stay, with what they go on with.
    if (too_late() || cuts++ >= kMostCuts) return {best_way()};
    std::vector<Hypothesis> stay;
    std::unordered_map<std::uint32_t, std::uint32_t> moved;
    std::vector<std::uint32_t> open;
    for (std::size_t i = std::min(agenda.size(), cut_to); i > 0; --i) {
      open.push_back(agenda.top());
      agenda.pop();
    }
    for (std::uint32_t& first : open) {
      std::uint32_t* link = nullptr;
      std::uint32_t made_first = kNone;
      for (std::uint32_t at = first; at != kNone; at = kept[at].next) {
        const auto [entry, is_new] = moved.emplace(at, static_cast<std::uint32_t>(stay.size()));
        if (link) *link = entry->second;
        if (made_first == kNone) made_first = entry->second;
        if (!is_new) break;
        stay.push_back(kept[at]);
        link = &stay.back().next;
      }
      first = made_first;
    }
    kept = std::move(stay);
    agenda = Agenda(Worse{&kept});
    for (const std::uint32_t index : open) agenda.push(index);
    most_kept = kept.size() + kMostKept;
  }
  return found;
}

std::vector<std::uint32_t> Lattice::sample_path(float alpha, const std::vector<float>& sums) const {
  std::vector<std::uint32_t> path;
  std::vector<float> weights;
  for (std::uint32_t node = kEnd;;) {
    const std::span<const std::uint32_t> lefts = ending_at(nodes_[node].from);
    weights.clear();
    for (const std::uint32_t left : lefts) {
      weights.push_back(static_cast<float>(
          std::exp(static_cast<double>(sums[left] + alpha * nodes_[left].score - sums[node]))));
    }
    node = lefts[draw(weights)];
    if (node == kStart) break;
    path.push_back(node);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<Part> Lattice::sample(float alpha) const {
  return parts_of(sample_path(alpha, forward(alpha)));
}

float Lattice::sum_of(const std::vector<std::uint32_t>& path, float alpha) const {
  float sum = 0;
  for (const std::uint32_t node : path) sum += alpha * nodes_[node].score;
  return sum;
}

std::vector<Scored> Lattice::sample_and_score(float alpha, std::size_t count, bool replace,
                                              bool include_best) {
  const std::vector<float> sums = forward(alpha);
  const float all = sums[kEnd];
  std::vector<Scored> results;
  if (replace) {
    while (results.size() < count) {
      const std::vector<std::uint32_t> path = sample_path(alpha, sums);
      results.push_back({parts_of(path), sum_of(path, alpha) - all});
    }
    return results;
  }
  // One more than asked for: its value bounds those of the others from below.
  std::vector<Way> ways = search(count + 1, true, alpha);
  if (include_best) {
    const Way best = best_way();
    results.push_back({parts_of(best.path), 0});
    const auto same =
        std::find_if(ways.begin(), ways.end(), [&](const Way& way) { return way.path == best.path; });
    ways.erase(same == ways.end() ? ways.end() - 1 : same);
    if (ways.empty()) return results;
  }
  const double bound = ways.back().score;
  ways.pop_back();
  for (const Way& way : ways) results.push_back({parts_of(way.path), sum_of(way.path, alpha) - all});
  for (Scored& result : results) {
    if (result.score == 0) continue;
    // The logarithm of the chance to be above the bound.
    const double x = result.score - bound, y = std::exp(x);
    result.score = static_cast<float>(x <= -10 ? x - y / 2 + std::pow(y, 2) / 24 - std::pow(y, 4) / 2880
                                               : std::log(-std::expm1(-y)));
  }
  return results;
}

float Lattice::entropy(float alpha) const {
  const std::vector<float> sums = forward(alpha);
  std::vector<float> entropies(nodes_.size(), 0);
  for (std::size_t place = 0; place <= length_; ++place) {
    check_interrupt_at(place);
    const auto [first_right, last_right] = beginning_at(place);
    for (std::uint32_t right = first_right; right < last_right; ++right) {
      for (const std::uint32_t left : ending_at(place)) {
        const float chance = (alpha * nodes_[left].score) + sums[left] - sums[right];  // its logarithm
        entropies[right] += std::exp(chance) * (entropies[left] + chance);
      }
    }
  }
  return -entropies[kEnd];
}

}  // namespace fasttok::sentencepiece
