// The Unigram model as sentencepiece runs it: the best way to cut a text, in single precision.
//
//   UnigramModel unigram(pieces);
//   unigram.best("▁the", types)   {0, 6, 3}
//
// Mirrors sentencepiece 0.2.3 to the bit. Sums are floats, rounded piece by piece from the left; of equal
// sums the way that was found first stays, which is the one whose last piece begins first; a sum that goes
// beyond 100,000 is taken off all that are still open. User-defined symbols score 0.1 for each byte but the
// first; a character without a piece of its own costs 10 more than the worst piece. (tokenizers' Unigram, in
// unigram.h, sums in double precision.)
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "fasttok/base/double_array.h"
#include "fasttok/model/sentencepiece_pieces.h"

namespace fasttok::sentencepiece {

class UnigramModel {
 public:
  explicit UnigramModel(std::shared_ptr<const Pieces> pieces);

  const Pieces& pieces() const { return *pieces_; }
  // Built when first asked for: the fused path has one of its own.
  const DoubleArray& trie() const;
  float unk_score() const { return unk_score_; }
  // What a piece that is found in a text counts for.
  float weight(std::size_t id, PieceType type) const;

  // Whether a sum is one that is taken off all that are still open.
  static bool takes_off(float sum) { return sum < -kMostSum || sum > kMostSum; }

  // Time is linear in the text, times the longest piece.
  std::vector<Part> best(std::string_view text, const Types& types) const;
  // The same for the rest of a longer text, at whose beginning the best sum is `sum`, which becomes that at
  // its end. No piece of the longer text spans the beginning.
  std::vector<Part> best(std::string_view text, const Types& types, float& sum) const;

 private:
  static constexpr float kMostSum = 100000.0f;

  std::shared_ptr<const Pieces> pieces_;
  mutable std::once_flag has_trie_;
  mutable DoubleArray trie_;
  std::vector<float> scores_;
  float unk_score_;
};

// The score of a user-defined symbol of so many bytes (in a lattice: characters).
inline float user_defined_score(std::size_t length) {
  return static_cast<float>(0.1 * static_cast<double>(static_cast<int>(length) - 1));
}

}  // namespace fasttok::sentencepiece
