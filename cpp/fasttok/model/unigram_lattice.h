// All ways to cut a text into pieces, to draw one at random.
//
//   UnigramLattice lattice("aab", tables);
//   lattice.sample(0.5);         any way, better ones more often
//   lattice.sample_best(3, 0.5)  one of the three best
//
// Mirrors the reference's lattice, which Unigram uses when `alpha` is set:
// * sample() scales the sum of the scores so far by alpha again at each step, so early pieces count by powers
// of
//   alpha: the chances are those of sentencepiece only where alpha is 1.
// * sample_best() takes a way with a chance proportional to exp(alpha · its sum). Of equal sums the
// reference's
//   order is a heap's; here the one found first comes first.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "fasttok/model/unigram.h"

namespace fasttok {

class UnigramLattice {
 public:
  struct Node {
    std::uint32_t id;
    std::size_t begin, end;  // bytes
    double score;
  };

  // `tables` has an unk_id and must outlive the lattice; `text` is not empty.
  UnigramLattice(std::string_view text, const UnigramTables& tables);

  // Throw Error where a sum is no longer a number (a large alpha on a long text; the reference panics).
  std::vector<const Node*> sample(double alpha) const;
  std::vector<const Node*> sample_best(std::size_t count, double alpha) const;

 private:
  std::span<const Node> ending_at(std::size_t place) const {
    return std::span(nodes_).subspan(first_[place], first_[place + 1] - first_[place]);
  }

  std::vector<Node> nodes_;         // by end, then by begin
  std::vector<std::size_t> first_;  // the nodes that end at byte i: first_[i] up to first_[i + 1]
};

}  // namespace fasttok
