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
#include "fasttok/pinyin/characters.h"
#include "fasttok/pinyin/syllables.h"

namespace fasttok::pinyin {

inline constexpr std::uint8_t kNoTone = 0xFF;

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
  void reserve(std::size_t size);
};

// The length of a text; throws ValueError for 2^32 characters or more.
std::uint32_t checked_length(const TextView& text);

void read_letters(const TextView& text, Letters& out);

// The same for one section: from `begin`, which is no foreign character, up to the next foreign one. Returns
// where that is. `tones` is of the whole text and is asked from left to right.
template <class Unit>
std::uint32_t read_section(const Unit* text, std::uint32_t length, std::uint32_t begin,
                           ToneDigits<Unit>& tones, Letters& out);

}  // namespace fasttok::pinyin
