// The literal engine: tries one way after the other, as the reference does. It runs everything that a pattern
// can hold; the DFA is tested against it.
//
// The stack of choices is its own, so nothing is deep; only look-around and atomic groups run inside each
// other, as deep as the pattern nests them. A search that goes back too often throws ValueError: (a+)+$ ends,
// too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "fasttok/regex/program.h"
#include "fasttok/regex/regex.h"

namespace fasttok::regex {

class Backtracker {
 public:
  Backtracker(const Program& program, const CharClasses& classes, std::string_view text);

  // The leftmost match from `from` on.
  std::optional<Span> find(std::size_t from);

 private:
  static constexpr std::size_t kUnset = static_cast<std::size_t>(-1);

  // What is open at a place: calls to return from, counters, rounds of loops. A list, innermost first.
  struct Frame {
    std::uint32_t outer;
    std::uint32_t value;    // return address, or count
    std::size_t position;   // where the round began
    std::size_t undo_size;  // of undo_ then
  };
  struct Choice {
    std::uint32_t pc;
    std::uint32_t frame;
    std::size_t position;
    std::size_t frame_count;
    std::size_t undo_size;
    std::size_t keep;
  };
  struct Undo {
    std::uint32_t slot;
    std::size_t value;
  };

  // Runs from `pc` at position_ until a match or the end of a look-around or atomic group; false: no way.
  bool run(std::uint32_t pc);
  void restore(const Choice& choice);
  void push(std::uint32_t pc);
  std::uint32_t push_frame(std::uint32_t value);
  void undo_to(std::size_t size);
  void save(std::uint32_t slot, std::size_t value);
  bool look(std::uint32_t pc, const Inst& inst);
  bool look_behind(std::uint32_t pc, const Inst& inst);
  bool match_backref(const Inst& inst);
  bool group_changed(const Frame& round) const;

  const Program& program_;
  const CharClasses& classes_;
  const std::string_view text_;
  std::size_t position_ = 0;
  std::size_t search_start_ = 0;
  std::size_t keep_ = 0;  // where the match begins
  std::size_t look_behind_end_ = 0;
  std::uint32_t frame_ = 0;    // innermost; 0: none
  std::vector<Frame> frames_;  // [0] is no frame
  std::vector<Choice> choices_;
  std::vector<Undo> undo_;
  std::vector<std::size_t> groups_;  // begin, end, and the begin of one that is open, three to a group
  std::uint64_t retries_ = 0;        // at this start
  std::uint64_t steps_ = 0;
};

}  // namespace fasttok::regex
