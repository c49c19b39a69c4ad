// A text as letters: what is left of it when tones, separators and everything foreign have been put aside.
//
//   "Xī'ān 3月"  ->  letters x i a n and one for what is foreign ("3月"); i and the second a have tone marks;
//                    breaks before the a (a separator) and before what is foreign (a space)
//
// Letters are ASCII and full-width, in both cases, with a tone mark or without, precomposed or not; ü is ü, v
// or u:. A stretch of foreign characters is one letter, kNoLetter. No syllable goes over a break: they are
// where tone digits and separators (white space, apostrophes, hyphens) stand.
//
// A digit from 0 to 5 behind a letter is a tone where the line is written with tones: no digit follows it,
// and the line has such a digit for every kLettersOfTone letters. In "zai3yueqingdao…" (在3月) it is foreign.
#pragma once

#include <cstdint>
#include <vector>

#include "fasttok/base/text_view.h"
#include "fasttok/pinyin/syllables.h"

namespace fasttok::pinyin {

inline constexpr std::uint8_t kNoTone = 0xFF;
inline constexpr std::size_t kLettersOfTone = 24;

// How a letter is written.
enum Look : std::uint8_t {
  kMark = 7,     // its tone mark, 1 to 4, or 0
  kUpper = 8,    // a capital
  kUmlaut = 16,  // ü as ü (as v otherwise)
  kUColon = 32,  // ü as u:
};

struct Break {
  std::uint32_t place;                           // the number of letters before it
  std::uint8_t tone = kNoTone;                   // of the digit, if there is one
  std::uint32_t digit_begin = 0, digit_end = 0;  // characters; an empty range where there is none
  std::uint32_t end = 0;                         // characters: where the separators behind the digit end
};

struct Letters {
  std::vector<Letter> codes;
  std::vector<std::uint8_t> looks;
  std::vector<std::uint32_t> begins, ends;  // characters of the text
  std::vector<Break> breaks;                // by place, one at each
  bool any_mark = false, any_upper = false, any_umlaut = false;

  std::size_t size() const { return codes.size(); }
  void clear();
};

// Throws ValueError for a text of 2^32 characters or more.
void read_letters(const TextView& text, Letters& out);

}  // namespace fasttok::pinyin
