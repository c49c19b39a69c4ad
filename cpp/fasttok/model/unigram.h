// Unigram, literally as the reference does it: of all ways to cut a text into pieces the one with the highest
// sum of scores.
//
//   auto tables = std::make_shared<UnigramTables>({{"<unk>", 0.0}, {"ab", -1.0}, {"a", -2.0}}, 0);
//   Unigram{tables}.tokenize("aabb")   {2, "a", {0, 1}}  {1, "ab", {1, 3}}  {0, "b", {3, 4}}
//
// Mirrors `models.Unigram.tokenize`, with what may surprise:
// * Scores are summed in double precision, from left to right; of equal sums the piece that begins first
// wins.
// * A character that is no piece of its own may be unknown, at the lowest score of all pieces less 10.
// * Unknown parts in a row are one. The text of such a run, and of every other piece, is looked up once more:
// it
//   may be a piece after all, and the piece's text stands for it.
// * The unknown piece's own text is matched like any other, and fuses with what is unknown around it.
// * Byte tokens each have the offsets of the whole run.
// * Of equal pieces the last counts; the earlier ids are known by id_to_token only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/base/double_array.h"
#include "fasttok/model/byte_tokens.h"
#include "fasttok/model/token.h"
#include "fasttok/model/vocab.h"

namespace fasttok {

struct ScoredPiece {
  std::string_view text;
  double score;
};

// The id of a piece is its position.
class UnigramTables {
 public:
  // Copies the texts. Throws Error, in the reference's words, where unk_id is not a position.
  UnigramTables(std::span<const ScoredPiece> pieces, std::optional<std::size_t> unk_id);

  const Vocab& vocab() const { return vocab_; }
  std::span<const ScoredPiece> pieces() const { return pieces_; }
  std::optional<std::uint32_t> unk_id() const { return unk_id_; }
  double unk_score() const { return unk_score_; }
  const ByteTokens& byte_tokens() const { return byte_tokens_; }

  // visit(id, bytes) for each piece that `text` begins with, shorter ones first. The empty piece is none.
  template <typename Visit>
  void for_each_prefix(std::string_view text, Visit&& visit) const {
    trie_.for_each_prefix(text, visit);
  }

 private:
  Vocab vocab_;
  std::vector<ScoredPiece> pieces_;  // their texts are views into vocab_
  ByteTokens byte_tokens_;
  DoubleArray trie_;
  std::optional<std::uint32_t> unk_id_;
  double unk_score_;
};

struct Unigram {
  std::shared_ptr<const UnigramTables> tables;
  bool byte_fallback = false;
  std::optional<double> alpha{};            // not 0: sample, see unigram_lattice.h
  std::optional<std::size_t> nbest_size{};  // above 0: among so many of the best

  // `text` is valid UTF-8. Throws Error ("Encountered an unknown token but `unk_id` is missing") where an
  // unknown part would be better than what was found so far, and always when sampling without unk_id. Time is
  // linear in the text, times the longest piece.
  std::vector<Token> tokenize(std::string_view text) const;

 private:
  struct Part {
    std::uint32_t id;
    std::size_t begin, end;
  };
  std::vector<Part> best(std::string_view text) const;
  std::vector<Part> sampled(std::string_view text) const;
};

}  // namespace fasttok
