// One step for each letter: which syllable ends before it, if one does, and what is read after it.
//
// An entry is found by what has been read since the last end, and the next letter (or kEnd, where no letter
// follows). It tells the spelling that has ended, plus 1, or 0, or kUndecided: more letters are needed, or
// there is no way on; and the row that goes on, 0 at kEnd and where it is undecided.
//
//   ni -h-> ni ends, the row of "h" goes on
//   xia -n-> the row of "xian";  xian -$-> xian ends, but could be divided: it is a choice
//   nin -a-> undecided: nin a, ni na
//
// A choice is a syllable whose letters are several ways of syllables: xian, xi an. The table gives the whole
// one; its ways stand by it, in the order in which a search takes the first of equals.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "fasttok/pinyin/syllables.h"

namespace fasttok::pinyin {

class ScanTable {
 public:
  static constexpr std::uint32_t kWidth = 32;  // of a row
  static constexpr std::uint32_t kEnd = 26;    // the column for what is no letter
  static constexpr std::uint16_t kUndecided = 0xFFFF;
  static constexpr std::uint32_t kStart = Automaton::kRoot * kWidth;  // the row where nothing has been read

  struct Way {
    std::size_t size = 0;
    std::array<std::uint16_t, kLongestSyllable> spellings{}, syllables{};
    std::array<std::uint8_t, kLongestSyllable> ends{};  // letters from the beginning of the choice
  };

  ScanTable() = default;
  // `only` of each state: the only spelling that may be taken for its letters, kNoSpelling where there are
  // several or none.
  ScanTable(const std::vector<std::uint16_t>& only, bool extended);

  // The column of a character: that of its letter for a to z.
  template <class Unit>
  static std::uint32_t column(Unit c) {
    const std::uint32_t letter = static_cast<std::uint32_t>(c) - U'a';
    return letter < kEnd ? letter : kEnd;
  }
  // Two tables, so that the one that each step waits for is small.
  const std::uint16_t* rows() const { return rows_.data(); }
  const std::uint16_t* ended() const { return ended_.data(); }

  // The state of the automaton in which a choice ends.
  Automaton::State state(std::uint16_t spelling) const { return choices_[spelling].state; }
  bool is_choice(std::uint16_t spelling) const { return choices_[spelling].count > 0; }
  std::span<const Way> ways(std::uint16_t spelling) const {
    return {ways_.data() + choices_[spelling].first, choices_[spelling].count};
  }

 private:
  struct Choice {
    std::uint16_t first = 0, count = 0;  // of ways_
    Automaton::State state = Automaton::kDead;
  };
  void add_choice(Automaton::State state, bool extended);

  std::vector<std::uint16_t> rows_, ended_;
  std::vector<Choice> choices_;  // by spelling
  std::vector<Way> ways_;
};

}  // namespace fasttok::pinyin
