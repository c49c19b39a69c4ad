// Which of a list of literals comes first in a text, read where it lies: leftmost first, then longest.
//
//   const LiteralFinder finder({U"<|end|>", U"<|endoftext|>"});
//   finder.find(view_of("a<|endoftext|>"), 0);   // {1, 14, 1}
//
// Characters that begin no literal are passed over; at the others the sorted literals are narrowed down
// character by character. So time is linear in the text for literals of bounded length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fasttok/base/text_view.h"

namespace fasttok {

class LiteralFinder {
 public:
  struct Hit {
    std::size_t begin, end;  // characters
    std::size_t literal;     // its number in the list
  };

  // Empty literals are never found; of equal ones the first is.
  explicit LiteralFinder(const std::vector<std::u32string>& literals);

  bool empty() const { return sorted_.empty(); }
  // The first hit that begins at character `from` or later.
  std::optional<Hit> find(const TextView& text, std::size_t from) const;

 private:
  struct Literal {
    std::u32string text;
    std::size_t number;
  };
  template <class Unit>
  std::optional<Hit> find_in(const Unit* units, std::size_t length, std::size_t from) const;
  template <class Unit>
  std::optional<Hit> match_at(const Unit* units, std::size_t length, std::size_t at) const;
  bool may_begin(char32_t c) const;

  std::vector<Literal> sorted_;
  std::u32string firsts_;  // the characters that literals begin with, sorted
};

}  // namespace fasttok
