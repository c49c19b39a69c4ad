// Tells texts in which no added token with normalized=true can be found from those that need a look.
//
// The reference looks for such a token, by its normalized content, in the normalized text. The `bert` engine
// has no normalized text, so it asks this filter at each character that some content may begin with; where
// the answer is yes, `generic` does the text.
//
// Both sides are compared without white space: the contents, and the text's characters as they are normalized
// one by one. White space is all that the normalizer puts in or moves, so whatever the reference finds has
// its characters in the text one behind the other: the filter never says no wrongly. It may say yes wrongly
// ("newyork" for "new york"), which costs time only.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "fasttok/base/double_array.h"
#include "fasttok/pipeline/bert_actions.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

class NormalizedTokenFilter {
 public:
  NormalizedTokenFilter() = default;
  explicit NormalizedTokenFilter(std::span<const std::u32string> contents);

  // A normalized content without its white space.
  static std::u32string without_space(std::string_view content);

  bool empty() const { return firsts_.empty(); }

  // Normalized characters that contents begin with, ascending.
  std::span<const char32_t> first_characters() const { return firsts_; }

  template <class Unit>
  bool may_begin(const Unit* text, std::size_t length, std::size_t begin, const BertActions& actions) const {
    DoubleArray::Node node = trie_.root();
    for (std::size_t i = begin; i < length; ++i) {
      const std::optional<char32_t> c = actions.normalized_character(text[i]);
      if (!c) return true;
      if (*c == 0) continue;
      std::uint8_t utf8[4];
      node = trie_.walk(node, {reinterpret_cast<const char*>(utf8), encode_utf8(*c, utf8)});
      if (node == DoubleArray::kNone) return false;
      if (trie_.value(node) != DoubleArray::kNoValue) return true;
    }
    return false;
  }

 private:
  std::vector<char32_t> firsts_;
  DoubleArray trie_;  // UTF-8 of the contents
};

}  // namespace fasttok
