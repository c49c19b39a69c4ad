// WordPiece, literally as the reference does it: greedy longest match by hash lookups, the whole word unknown
// if any part of it is. The fused engine has its own fast form (pipeline/engine_bert) and must equal this
// one.
//
//   WordPiece model{std::make_shared<Vocab>(Vocab{{"[UNK]", 0}, {"ba", 1}, {"##na", 2}})};
//   model.tokenize("banana")   {1, "ba", {0, 2}}  {2, "##na", {2, 4}}  {2, "##na", {4, 6}}
//   model.tokenize("bath")     {0, "[UNK]", {0, 4}}
//
// Mirrors `models.WordPiece.tokenize`: offsets are bytes of the word, `value` is the vocabulary's text with
// its prefix, an empty word gives no token.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/model/token.h"
#include "fasttok/model/vocab.h"

namespace fasttok {

struct WordPiece {
  std::shared_ptr<const Vocab> vocab;
  std::string unk_token = "[UNK]";
  std::string continuing_subword_prefix = "##";
  std::size_t max_input_chars_per_word = 100;  // in characters (code points), not bytes

  // `word` is valid UTF-8. Throws Error ("WordPiece error: Missing [UNK] token from the vocabulary", whatever
  // unk_token is called) where unk_token is needed and absent.
  std::vector<Token> tokenize(std::string_view word) const;
};

}  // namespace fasttok
