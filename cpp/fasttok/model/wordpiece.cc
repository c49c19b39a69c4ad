#include "fasttok/model/wordpiece.h"

#include <algorithm>
#include <optional>

#include "fasttok/base/error.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

std::vector<Token> WordPiece::tokenize(std::string_view word) const {
  const auto unknown = [&] {
    const std::optional<std::uint32_t> id = vocab->token_to_id(unk_token);
    if (!id) throw Error("WordPiece error: Missing [UNK] token from the vocabulary");
    return std::vector<Token>{{*id, unk_token, {0, word.size()}}};
  };
  if (utf8_length(word) > max_input_chars_per_word) return unknown();

  // The prefix followed by the whole word: every candidate after the first is `prefix` + word[start, end),
  // and is built by writing the prefix over the bytes before `start`, which no later candidate reads.
  const std::size_t prefix_size = continuing_subword_prefix.size();
  std::string buffer = continuing_subword_prefix;
  buffer += word;

  std::vector<Token> tokens;
  for (std::size_t start = 0; start < word.size();) {
    std::size_t reach = vocab->longest_token();  // nothing longer can be in the vocabulary
    const char* candidate = word.data();
    std::size_t extra = 0;
    if (start > 0) {
      continuing_subword_prefix.copy(buffer.data() + start, prefix_size);
      candidate = buffer.data() + start;
      extra = prefix_size;
      reach = reach > prefix_size ? reach - prefix_size : 0;
    }
    std::size_t end = start + std::min(word.size() - start, reach);
    while (end < word.size() && end > start && is_continuation_byte(word[end])) --end;

    std::optional<std::uint32_t> id;
    while (end > start) {
      id = vocab->token_to_id({candidate, extra + end - start});
      if (id) break;
      do --end;
      while (end > start && is_continuation_byte(word[end]));
    }
    if (!id) return unknown();
    tokens.push_back({*id, std::string(candidate, extra + end - start), {start, end}});
    start = end;
  }
  return tokens;
}

}  // namespace fasttok
