#include "fasttok/pinyin/scan_table.h"

#include <algorithm>

namespace fasttok::pinyin {

ScanTable::ScanTable(const std::vector<std::uint16_t>& only, bool extended) : choices_(spellings().size()) {
  const Automaton& automaton = Automaton::get();
  rows_.assign(std::size_t{automaton.states()} * kWidth, 0);
  ended_.assign(rows_.size(), kUndecided);
  static_assert(Automaton::kDead == 0, "no row of a state is row 0");
  // The letter that leads to a state, as a trie has one for each.
  std::vector<Letter> last(automaton.states(), kNoLetter);
  for (Automaton::State state = Automaton::kRoot; state < automaton.states(); ++state) {
    for (Letter letter = 0; letter <= kLetterE; ++letter) {
      if (const auto next = automaton.step(state, letter)) last[next] = letter;
    }
  }
  for (Automaton::State state = Automaton::kRoot; state < automaton.states(); ++state) {
    const auto put = [&, row = std::size_t{state} * kWidth](std::uint32_t column, Automaton::State next,
                                                            std::uint16_t before) {
      rows_[row + column] = static_cast<std::uint16_t>(next * kWidth);
      ended_[row + column] = before;
    };
    const std::uint16_t whole = automaton.spelling(state, extended);
    if (whole != kNoSpelling && only[state] == kNoSpelling) add_choice(state, extended);
    const auto ended = whole == kNoSpelling ? kUndecided : static_cast<std::uint16_t>(whole + 1);
    for (Letter letter = 0; letter < kEnd; ++letter) {
      if (const auto next = automaton.step(state, letter)) {
        put(letter, next, 0);
      } else if (state != Automaton::kRoot && !automaton.within(last[state], letter)) {
        // No syllable goes over this place, so what has been read is divided by itself.
        const auto begun = automaton.step(Automaton::kRoot, letter);
        if (begun && ended != kUndecided) put(letter, begun, ended);
      }
    }
    put(kEnd, Automaton::kDead, state == Automaton::kRoot ? std::uint16_t{0} : ended);
  }
}

void ScanTable::add_choice(Automaton::State state, bool extended) {
  const Automaton& automaton = Automaton::get();
  const std::span<const Part> parts = automaton.parts(state, extended);
  // Ways as numbers of parts.
  std::vector<std::vector<std::size_t>> ways, open{{}};
  const std::size_t length = [&] {
    std::size_t farthest = 0;
    for (const Part& part : parts) farthest = std::max<std::size_t>(farthest, part.end);
    return farthest;
  }();
  while (!open.empty()) {
    const std::vector<std::size_t> way = std::move(open.back());
    open.pop_back();
    const std::size_t at = way.empty() ? 0 : parts[way.back()].end;
    if (at == length) ways.push_back(way);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].begin != at) continue;
      open.push_back(way);
      open.back().push_back(i);
    }
  }
  // A search takes of equal ways the one whose last edge has the smaller number; of those the same before it.
  std::ranges::sort(ways, [](const auto& a, const auto& b) {
    return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  });
  choices_[automaton.spelling(state, extended)] = {static_cast<std::uint16_t>(ways_.size()),
                                                   static_cast<std::uint16_t>(ways.size()), state};
  for (const auto& numbers : ways) {
    Way way;
    for (const std::size_t number : numbers) {
      way.spellings[way.size] = parts[number].spelling;
      way.syllables[way.size] = automaton.syllable(parts[number].spelling);
      way.ends[way.size] = parts[number].end;
      ++way.size;
    }
    ways_.push_back(way);
  }
}

}  // namespace fasttok::pinyin
