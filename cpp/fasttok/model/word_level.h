// WordLevel: a word is one token, or unknown.
//
//   WordLevel model{std::make_shared<Vocab>(Vocab{{"<unk>", 0}, {"ba", 1}})};
//   model.tokenize("ba")    {1, "ba", {0, 2}}
//   model.tokenize("bax")   {0, "<unk>", {0, 3}}
//
// Mirrors `models.WordLevel.tokenize`: an empty word is a word, too.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/model/token.h"
#include "fasttok/model/vocab.h"

namespace fasttok {

struct WordLevel {
  std::shared_ptr<const Vocab> vocab;
  std::string unk_token = "<unk>";

  // Throws Error ("WordLevel error: Missing [UNK] token from the vocabulary", whatever unk_token is called)
  // where unk_token is needed and absent.
  std::vector<Token> tokenize(std::string_view word) const;
};

}  // namespace fasttok
