// The table: what backtracking would find, in one look at each character.
//
// The idea: follow all ways at once, in the order in which backtracking would try them. A state is that
// ordered list of places in the program (and what anchors can know of the character before); where one of the
// ways arrives at a match, those behind it are dropped. Look-ahead and anchors ask for one character at most,
// so they are decided when the next character is known: a match is reported by the step over the character
// after it, or over the end of the text. All states are built when the pattern is compiled; nothing changes
// afterwards.
//
//     state   'a'        'b'          end        for a+b|a: state 0 at the start, 1 after an "a"
//     0       1          dead         dead
//     1       1, match*  2            dead, match       (* only for a place where "a" alone is the first way)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "fasttok/regex/program.h"

namespace fasttok::regex {

class Dfa {
 public:
  // None if the program looks ahead by more than a character, or would need too many states.
  static std::optional<Dfa> build(const Program& program, const CharClasses& classes);

  // Where the match that begins at `begin` ends, if there is one. `read`: where reading stopped, for the
  // account of what was read in vain.
  std::optional<std::size_t> match_end(const CharClasses& classes, std::string_view text, std::size_t begin,
                                       bool at_search_start, std::size_t& read) const;

 private:
  friend class DfaBuilder;
  static constexpr std::uint32_t kAccept = 0x80000000;

  std::vector<std::uint32_t> next_;  // [state + class]: state, perhaps with kAccept; the last class: the end
  std::vector<std::uint32_t> starts_;  // [class before, or their number at the begin of the text; twice: \G]
  std::uint32_t class_count_ = 0;
  bool one_start_ = false;  // all of starts_ are the same
};

}  // namespace fasttok::regex
