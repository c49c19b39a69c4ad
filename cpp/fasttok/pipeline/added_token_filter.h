// Tells texts in which no added token stands from those that need a look: for the fused engines.
//
//   AddedTokenFilter filter({"<s>", "</s>"});
//   filter.may_hold("a < b")   false;  filter.may_hold("a<s>")   true
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fasttok/base/double_array.h"

namespace fasttok {

class AddedTokenFilter {
 public:
  AddedTokenFilter() = default;
  // What tokens are looked for by; nothing stands for no token.
  explicit AddedTokenFilter(std::vector<std::string_view> patterns);

  // Whether one of them stands in the text, be it allowed or not. A long text asks now and then whether the
  // call is to end.
  bool may_hold(std::string_view text) const;
  // Of characters below U+10000; true, too, where it is not known for what stands beyond ASCII.
  bool may_hold(std::span<const std::uint16_t> text) const;

 private:
  bool empty_ = true;
  std::array<bool, 256> first_bytes_{};
  bool first_bytes_are_ascii_ = true;
  std::optional<char> only_first_byte_;  // where all begin with it
  DoubleArray trie_;
};

}  // namespace fasttok
