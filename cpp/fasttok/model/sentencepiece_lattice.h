// All ways to cut a text into the pieces of a Unigram model: the n best, random ones, their entropy.
//
//   Lattice lattice("▁aab", unigram, types);
//   lattice.n_best(3);         the three best, with their sums
//   lattice.sample(0.5);       any way: its chance is proportional to exp(0.5 · its sum)
//
// Mirrors the lattice of sentencepiece 0.2.3, and of 0.2.1 for what 0.2.3 dropped (sample_and_score,
// entropy): the same floats, the same search with its bounds on the number of partial ways, so n-best lists
// and their scores are equal to the bit (of equal scores, std::priority_queue decides there and here). Random
// numbers are our own: the distributions are equal, not the draws.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/model/sentencepiece_unigram.h"

namespace fasttok::sentencepiece {

struct Scored {
  std::vector<Part> parts;
  float score;
};

// After so many milliseconds n_best() gives the best way alone; 0: never. 30,000 until set.
void set_n_best_timeout(int milliseconds);

class Lattice {
 public:
  // `text` is not empty and outlived by `unigram`.
  Lattice(std::string_view text, const UnigramModel& unigram, const Types& types);

  Scored best();
  // `count` is above 0. Where the search grows too large, the best way alone.
  std::vector<Scored> n_best(std::size_t count);
  std::vector<Part> sample(float alpha) const;
  // Random ways with the logarithm of their chances; `replace`: independent ones. Without replacement, scores
  // are those of being among them; `include_best` puts the best way first, with score 0.
  std::vector<Scored> sample_and_score(float alpha, std::size_t count, bool replace, bool include_best);
  // In nats, of the distribution that sample(alpha) draws from.
  float entropy(float alpha) const;

 private:
  struct Node {
    std::size_t begin, end;  // bytes
    std::size_t from, to;    // characters
    std::int32_t id;
    float score = 0;
    float best = 0;            // the sum of the best way up to its end
    std::uint32_t before = 0;  // the last but one node of that way
  };

  struct Way {
    std::vector<std::uint32_t> path;  // nodes
    float score;
  };

  std::vector<float> forward(float alpha) const;
  void run_viterbi();
  std::vector<Way> search(std::size_t count, bool random, float alpha);
  Way best_way();
  std::vector<Part> parts_of(const std::vector<std::uint32_t>& path) const;
  std::vector<std::uint32_t> sample_path(float alpha, const std::vector<float>& sums) const;
  float sum_of(const std::vector<std::uint32_t>& path, float alpha) const;
  // The nodes that begin at a character: from the first to before the second.
  std::pair<std::uint32_t, std::uint32_t> beginning_at(std::size_t place) const {
    if (place == length_) return {1, 2};
    return {first_[place], first_[place + 1]};
  }
  // Those that end there, as they were made.
  std::span<const std::uint32_t> ending_at(std::size_t place) const {
    return std::span(ends_).subspan(first_end_[place], first_end_[place + 1] - first_end_[place]);
  }

  const UnigramModel& unigram_;
  const Types& types_;
  std::size_t length_;                // characters
  std::vector<Node> nodes_;           // 0: the beginning; 1: the end; the others by their beginnings
  std::vector<std::uint32_t> first_;  // that begins at each place
  std::vector<std::uint32_t> ends_, first_end_;  // by end; where those of each place begin
};

}  // namespace fasttok::sentencepiece
