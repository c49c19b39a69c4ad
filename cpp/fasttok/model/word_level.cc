#include "fasttok/model/word_level.h"

#include <optional>

#include "fasttok/base/error.h"

namespace fasttok {

std::vector<Token> WordLevel::tokenize(std::string_view word) const {
  const std::string_view found = vocab->token_to_id(word) ? word : std::string_view(unk_token);
  const std::optional<std::uint32_t> id = vocab->token_to_id(found);
  if (!id) throw Error("WordLevel error: Missing [UNK] token from the vocabulary");
  return {{*id, std::string(found), {0, word.size()}}};
}

}  // namespace fasttok
