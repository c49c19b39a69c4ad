// BPE by ranks, literally as tiktoken does it: a word that is a token is that token; any other starts as its
// characters, and of all neighbours whose concatenation is a token those of the lowest id merge first, again
// and again, the leftmost of equal ones before the others.
//
//   RankBpe{std::make_shared<Vocab>({{"a", 0}, {"b", 1}, {"ab", 2}})}.tokenize("abb")
//   // {2, "ab", {0, 2}}  {1, "b", {2, 3}}
//
// There is no list of merges: the id of a token is its rank. Tokens and words are in the characters of
// byte-level models (unicode/byte_chars.h), one for each byte, so that tokens are text whatever their bytes.
//
// Mirrors tiktoken's `byte_pair_encode`, with what may surprise:
// * A pair may merge although one of its parts is no token; only what is left in the end must be one.
// * The token of rank 2^32 - 1 is never made by a merge, only taken as a whole word.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "fasttok/model/token.h"
#include "fasttok/model/vocab.h"

namespace fasttok {

struct RankBpe {
  std::shared_ptr<const Vocab> vocab;  // ids are unique

  // `word` is valid UTF-8. Throws KeyError for a character that is left by itself and is no token (tiktoken
  // panics). Time is O(n log n) for tokens of bounded length.
  std::vector<Token> tokenize(std::string_view word) const;
  // By merges alone, even where the word is a token.
  std::vector<Token> merge(std::string_view word) const;
};

}  // namespace fasttok
