#include "fasttok/pinyin/syllables.h"

#include <string_view>

namespace fasttok::pinyin {
namespace {

// A mark stands on a or e, else on the o of ou, else on the last vowel; without vowels on the first letter.
std::uint8_t place_of_mark(std::string_view letters) {
  std::size_t place = letters.find_first_of("ae^");
  if (place == std::string_view::npos) place = letters.find("ou");
  if (place == std::string_view::npos) place = letters.find_last_of("iouv");
  return place == std::string_view::npos ? 0 : static_cast<std::uint8_t>(place);
}

}  // namespace

Letter letter_of(char c) {
  return c == '^' ? kLetterE : c >= 'a' && c <= 'z' ? static_cast<Letter>(c - 'a') : kNoLetter;
}

Automaton::Automaton() {
  next_.assign(2 * kStride, kDead);
  for (auto& accepted : accepted_) accepted.assign(2, kNoSpelling);
  for (const Spelling& spelling : spellings()) {
    const auto index = static_cast<std::uint16_t>(&spelling - spellings().data());
    const std::string_view letters = spelling.letters;
    syllables_.push_back(spelling.syllable);
    mark_places_.push_back(place_of_mark(letters));
    if (spelling.kind == SyllableKind::kErhua) erhua_ = index;
    if (spelling.kind == SyllableKind::kErhua || spelling.kind == SyllableKind::kAlone) continue;
    State state = kRoot;
    for (std::size_t i = 1; i < letters.size(); ++i) {
      within_[letter_of(letters[i - 1])] |= 1u << letter_of(letters[i]);
    }
    for (const char c : letters) {
      const std::size_t at = std::size_t{state} * kStride + letter_of(c);
      if (next_[at] == kDead) {
        next_[at] = static_cast<State>(accepted_[0].size());
        next_.resize(next_.size() + kStride, kDead);
        for (auto& accepted : accepted_) accepted.push_back(kNoSpelling);
      }
      state = next_[at];
    }
    accepted_[1][state] = index;
    if (spelling.kind == SyllableKind::kStandard) accepted_[0][state] = index;
  }
  find_parts();
}

void Automaton::find_parts() {
  for (const bool extended : {false, true}) {
    for (std::size_t state = 0; state < accepted_[0].size(); ++state) {
      first_parts_[extended].push_back(static_cast<std::uint32_t>(parts_[extended].size()));
      const std::uint16_t whole = accepted_[extended][state];
      if (whole == kNoSpelling) continue;
      const std::string_view letters = spellings()[whole].letters;
      std::array<bool, kLongestSyllable + 1> reached{}, finishes{};
      std::vector<Part> found;
      reached[0] = finishes[letters.size()] = true;
      for (std::size_t begin = 0; begin < letters.size(); ++begin) {
        State here = kRoot;
        for (std::size_t end = begin; reached[begin] && end < letters.size();) {
          here = step(here, letter_of(letters[end++]));
          if (spelling(here, extended) == kNoSpelling) continue;
          reached[end] = true;
          found.push_back(
              {static_cast<std::uint8_t>(begin), static_cast<std::uint8_t>(end), spelling(here, extended)});
        }
      }
      for (std::size_t i = found.size(); i-- > 0;) {
        if (finishes[found[i].end])
          finishes[found[i].begin] = true;
        else
          found.erase(found.begin() + static_cast<std::ptrdiff_t>(i));
      }
      parts_[extended].insert(parts_[extended].end(), found.begin(), found.end());
    }
    first_parts_[extended].push_back(static_cast<std::uint32_t>(parts_[extended].size()));
  }
}

const Automaton& Automaton::get() {
  static const Automaton automaton;
  return automaton;
}

std::uint16_t Automaton::alone(std::span<const Letter> letters) const {
  for (const Spelling& spelling : spellings()) {
    if (spelling.kind != SyllableKind::kAlone) continue;
    const std::string_view wanted = spelling.letters;
    bool same = wanted.size() == letters.size();
    for (std::size_t i = 0; same && i < wanted.size(); ++i) same = letter_of(wanted[i]) == letters[i];
    if (same) return static_cast<std::uint16_t>(&spelling - spellings().data());
  }
  return kNoSpelling;
}

}  // namespace fasttok::pinyin
