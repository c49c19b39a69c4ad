// Finds added tokens in the original text, for the fused engines.
//
// Where several tokens begin at a character the longest counts, as in the reference's automaton; that the
// leftmost one wins is the engine's part, which asks at each character from left to right. Only tokens that
// are matched as they are written (normalized = false) are found; for the others see
// normalized_token_filter.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fasttok/base/double_array.h"
#include "fasttok/text/added_tokens.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

class AddedTokenFinder {
 public:
  explicit AddedTokenFinder(std::span<const AddedToken> tokens);

  // Characters that tokens begin with, ascending.
  std::span<const char32_t> first_characters() const { return firsts_; }

  struct Match {
    std::size_t end = 0;  // one past the last character; 0 where no token begins here
    std::uint32_t index = 0;
  };

  template <class Unit>
  Match match(const Unit* text, std::size_t length, std::size_t begin) const {
    DoubleArray::Node node = trie_.root();
    Match longest;
    for (std::size_t i = begin; i < length; ++i) {
      std::uint8_t utf8[4];
      const std::size_t bytes = encode_utf8(text[i], utf8);
      node = trie_.walk(node, {reinterpret_cast<const char*>(utf8), bytes});
      if (node == DoubleArray::kNone) break;
      if (const std::uint32_t index = trie_.value(node); index != DoubleArray::kNoValue)
        longest = {i + 1, index};
    }
    return longest;
  }

  const AddedToken& token(std::uint32_t index) const { return tokens_[index]; }

 private:
  std::vector<AddedToken> tokens_;
  std::vector<char32_t> firsts_;
  DoubleArray trie_;  // UTF-8 of the contents -> index
};

}  // namespace fasttok
