// Which of a set of strings a text begins with: the longest one, or else one character.
//
//   PrefixMatcher matcher({"<a>", "<ab>"});
//   matcher.match("<ab>c")   {4, true}
//   matcher.match("中")      {3, false}
//
// Mirrors sentencepiece's matcher of user-defined symbols, which keeps the 64 shortest of nested strings and
// tells the size of a character by its first byte alone, so it also takes bytes that are not UTF-8.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/base/double_array.h"

namespace fasttok {

// Bytes of the character that `text` begins with, as its first byte says; never more than there are.
inline std::size_t size_by_lead(std::string_view text) {
  constexpr unsigned char kSizes[16] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4};
  const std::size_t size = kSizes[static_cast<unsigned char>(text[0]) >> 4];
  return size < text.size() ? size : text.size();
}

class PrefixMatcher {
 public:
  struct Match {
    std::size_t size;  // bytes
    bool found;        // false: a character
  };

  PrefixMatcher() = default;
  // The strings are distinct and not empty.
  explicit PrefixMatcher(std::span<const std::string_view> strings) : empty_(strings.empty()) {
    std::vector<std::pair<std::string_view, std::uint32_t>> keys;
    for (const std::string_view string : strings) {
      begins_[static_cast<unsigned char>(string[0])] = true;
      keys.emplace_back(string, 0);
    }
    trie_ = DoubleArray(keys);
  }

  bool empty() const { return empty_; }
  // Whether a string begins with this byte.
  bool may_begin(char byte) const { return begins_[static_cast<unsigned char>(byte)]; }

  // `text` is not empty.
  Match match(std::string_view text) const {
    if (may_begin(text[0])) {
      constexpr int kMostFound = 64;
      std::size_t longest = 0;
      int found = 0;
      DoubleArray::Node node = trie_.root();
      for (std::size_t at = 0; at < text.size() && found < kMostFound; ++at) {
        node = trie_.child(node, static_cast<std::uint8_t>(text[at]));
        if (node == DoubleArray::kNone) break;
        if (trie_.value(node) == DoubleArray::kNoValue) continue;
        longest = at + 1;
        ++found;
      }
      if (longest > 0) return {longest, true};
    }
    return {size_by_lead(text), false};
  }

 private:
  DoubleArray trie_;
  bool empty_ = true;
  bool begins_[256] = {};
};

}  // namespace fasttok
