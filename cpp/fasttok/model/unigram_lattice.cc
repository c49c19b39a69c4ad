#include "fasttok/model/unigram_lattice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>
#include <utility>

#include "fasttok/base/error.h"
#include "fasttok/base/random.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

// One of them, with a chance proportional to exp(weight).
std::size_t draw(std::vector<double>& weights) {
  const double most = *std::max_element(weights.begin(), weights.end());
  double total = 0;
  for (double& weight : weights) {
    weight = std::exp(weight - most);
    total += weight;
  }
  if (!std::isfinite(total)) {
    throw Error("Unigram: no piece can be drawn, the sums of scores are not finite; choose a smaller alpha");
  }
  double left = uniform() * total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return weights.size() - 1;
}

double log_sum_exp(const std::vector<double>& values) {
  const double most = *std::max_element(values.begin(), values.end());
  if (!std::isfinite(most)) return most;
  double total = 0;
  for (const double value : values) total += std::exp(value - most);
  return most + std::log(total);
}

}  // namespace

UnigramLattice::UnigramLattice(std::string_view text, const UnigramTables& tables) {
  std::vector<Node> by_begin;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t one_char = decode_char(text, begin).size;
    bool is_piece = false;
    tables.for_each_prefix(text.substr(begin), [&](std::uint32_t id, std::size_t bytes) {
      by_begin.push_back({id, begin, begin + bytes, tables.pieces()[id].score});
      is_piece = is_piece || bytes == one_char;
    });
    if (!is_piece) {
      by_begin.push_back({tables.unk_id().value(), begin, begin + one_char, tables.unk_score()});
    }
    begin += one_char;
  }
  // Sorted by end, stably: counted, then placed.
  first_.assign(text.size() + 2, 0);
  for (const Node& node : by_begin) ++first_[node.end + 1];
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  nodes_.resize(by_begin.size());
  std::vector<std::size_t> next = first_;
  for (const Node& node : by_begin) nodes_[next[node.end]++] = node;
}

std::vector<const UnigramLattice::Node*> UnigramLattice::sample(double alpha) const {
  const std::size_t size = first_.size() - 2;
  std::vector<double> sums(size + 1, 0.0);  // what the reference calls alpha of a node that begins there
  std::vector<double> values;
  for (std::size_t place = 1; place <= size; ++place) {
    values.clear();
    for (const Node& node : ending_at(place)) values.push_back(alpha * (node.score + sums[node.begin]));
    if (!values.empty()) sums[place] = log_sum_exp(values);
  }
  std::vector<const Node*> path;
  for (std::size_t place = size; place > 0; place = path.back()->begin) {
    const std::span<const Node> nodes = ending_at(place);
    values.clear();
    for (const Node& node : nodes) values.push_back(sums[node.begin] + alpha * node.score);
    path.push_back(&nodes[draw(values)]);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<const UnigramLattice::Node*> UnigramLattice::sample_best(std::size_t count, double alpha) const {
  const std::size_t size = first_.size() - 2;
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  std::vector<double> best(size + 1, kNone);  // the highest sum up to there
  best[0] = 0;
  for (std::size_t place = 1; place <= size; ++place) {
    for (const Node& node : ending_at(place)) {
      best[place] = std::max(best[place], best[node.begin] + node.score);
    }
  }

  // From the end of the text to its beginning, the most promising first: what is sure behind, plus the best
  // that can come before.
  constexpr std::size_t kNoStep = std::numeric_limits<std::size_t>::max();
  struct Step {
    const Node* node;    // null at the end of the text
    std::size_t behind;  // the step to its right
    double sum;          // of this node and all behind it
  };
  struct Candidate {
    double promise;
    std::size_t step;
    bool operator<(const Candidate& other) const {
      return promise != other.promise ? promise < other.promise : step > other.step;
    }
  };
  // As the reference, so that long texts end: more candidates than this are cut down to the best ones.
  constexpr std::size_t kMostCandidates = 100000;
  const std::size_t kept = std::min<std::size_t>(512, count > 51 ? 512 : count * 10);
  std::vector<Step> steps{{nullptr, kNoStep, 0}};
  std::priority_queue<Candidate> candidates;
  candidates.push({best[size], 0});
  std::vector<std::size_t> found;
  while (!candidates.empty() && found.size() < count) {
    const std::size_t at = candidates.top().step;
    candidates.pop();
    const std::size_t place = steps[at].node ? steps[at].node->begin : size;
    if (place == 0) {
      found.push_back(at);
      continue;
    }
    const double sum = steps[at].sum;
    for (const Node& node : ending_at(place)) {
      steps.push_back({&node, at, sum + node.score});
      candidates.push({best[node.begin] + sum + node.score, steps.size() - 1});
    }
    if (candidates.size() > kMostCandidates) {
      std::priority_queue<Candidate> fewer;
      for (std::size_t i = 0; i < kept; ++i) {
        fewer.push(candidates.top());
        candidates.pop();
      }
      candidates = std::move(fewer);
    }
  }
  std::vector<double> weights;
  for (const std::size_t step : found) weights.push_back(alpha * steps[step].sum);
  std::vector<const Node*> path;
  for (std::size_t at = found[draw(weights)]; steps[at].node; at = steps[at].behind)
    path.push_back(steps[at].node);
  return path;
}

}  // namespace fasttok
