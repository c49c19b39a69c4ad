// The syllables of pinyin, and an automaton that finds them.
//
// In the tables a letter is a number: a to z are 0 to 25, where v stands for ü; 26 is ê; 27 is what no
// syllable has. A syllable is known by its number, its spellings ("lve" and "lue" are one syllable) by
// theirs.
//
//   const Automaton& automaton = Automaton::get();
//   auto state = automaton.step(automaton.step(Automaton::kRoot, 'x' - 'a'), 'i' - 'a');
//   automaton.spelling(state, false);  // that of "xi"
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace fasttok::pinyin {

enum class SyllableKind : std::uint8_t {
  kStandard,
  kExtended,  // of dialects; only where they are asked for
  kAlone,     // m, n, ng, hm, hng: only where nothing else stands beside them
  kErhua,     // the r behind a syllable
};

struct Spelling {
  const char* letters;  // v is ü, ^ is ê
  std::uint16_t syllable;
  SyllableKind kind;
};

using Letter = std::uint8_t;
inline constexpr Letter kLetterV = 'v' - 'a', kLetterE = 26, kNoLetter = 27;
inline constexpr std::uint16_t kNoSpelling = 0xFFFF;
inline constexpr std::size_t kLongestSyllable = 6;

// The generated table: a syllable's first spelling has the syllable's number.
std::span<const Spelling> spellings();
std::size_t syllable_count();

// A syllable that is a part of a longer one's letters.
struct Part {
  std::uint8_t begin, end;
  std::uint16_t spelling;
};

class Automaton {
 public:
  using State = std::uint16_t;
  static constexpr State kDead = 0, kRoot = 1;

  static const Automaton& get();  // made at the first call

  State step(State state, Letter letter) const { return next_[std::size_t{state} * kStride + letter]; }
  // What ends in `state`, or kNoSpelling.
  std::uint16_t spelling(State state, bool extended) const { return accepted_[extended][state]; }

  // Whether these two letters stand side by side in a syllable. Where they do not, a syllable ends between
  // them.
  bool within(Letter a, Letter b) const { return (within_[a] >> b & 1) != 0; }
  // For the letters of the syllable that ends in `state`: all syllables on ways over them from end to end, in
  // the order of the edges of a lattice. Empty where no syllable ends there.
  std::span<const Part> parts(State state, bool extended) const {
    const auto& firsts = first_parts_[extended];
    return {parts_[extended].data() + firsts[state],
            parts_[extended].data() + firsts[state + std::size_t{1}]};
  }
  State states() const { return static_cast<State>(accepted_[0].size()); }

  // The spelling of letters that stand alone, or kNoSpelling.
  std::uint16_t alone(std::span<const Letter> letters) const;
  std::uint16_t erhua() const { return erhua_; }

  std::uint16_t syllable(std::uint16_t spelling) const { return syllables_[spelling]; }
  // Which of a spelling's letters a tone mark belongs on.
  std::uint8_t mark_place(std::uint16_t spelling) const { return mark_places_[spelling]; }

 private:
  static constexpr std::size_t kStride = 28;
  Automaton();
  void find_parts();

  std::vector<State> next_;
  std::array<std::vector<std::uint16_t>, 2> accepted_;
  std::vector<std::uint16_t> syllables_;
  std::vector<std::uint8_t> mark_places_;
  std::uint16_t erhua_ = kNoSpelling;
  std::array<std::uint32_t, kStride> within_{};
  std::array<std::vector<Part>, 2> parts_;
  std::array<std::vector<std::uint32_t>, 2> first_parts_;  // by state, and one more
};

Letter letter_of(char c);
inline bool is_vowel(Letter letter) {
  constexpr std::uint32_t kVowels =
      1u << 0 | 1u << 4 | 1u << 8 | 1u << 14 | 1u << 20 | 1u << kLetterV | 1u << kLetterE;
  return (kVowels >> letter & 1) != 0;
}

}  // namespace fasttok::pinyin
