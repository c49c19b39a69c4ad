// What each character is to pinyin: a letter, a separator, a digit, or foreign.
//
//   CharacterFacts::get()[U'ǎ']  // the letter a, with the third tone's mark
//
// And which digits are tones, which depends on the line that they stand in: see letters.h.
#pragma once

#include <array>
#include <cstdint>

#include "fasttok/pinyin/syllables.h"

namespace fasttok::pinyin {

// How a letter is written.
enum Look : std::uint8_t {
  kMark = 7,     // its tone mark, 1 to 4, or 0
  kUpper = 8,    // a capital
  kUmlaut = 16,  // ü as ü (as v otherwise)
  kUColon = 32,  // ü as u:
};

enum class Class : std::uint8_t { kOther, kLetter, kSeparator, kDigit };

struct Facts {
  Class what = Class::kOther;
  std::uint8_t value = 0;  // the letter, or the digit
  std::uint8_t look = 0;
};

class CharacterFacts {
 public:
  static const CharacterFacts& get();  // made at the first call

  Facts operator[](char32_t c) const { return c < kTableSize ? table_[c] : rare(c); }

 private:
  static constexpr char32_t kTableSize = 0x250;
  CharacterFacts();
  static Facts rare(char32_t c);

  std::array<Facts, kTableSize> table_{};
};

// Combining marks: all that may belong to the letter before them lie in this range.
inline bool is_combining(char32_t c) {
  return c >= 0x300 && c <= 0x30C;
}

// A digit from 0 to 5 behind a letter is a tone where the line is written with tones: no digit follows it,
// and the line has such a digit for every kLettersOfTone letters.
inline constexpr std::size_t kLettersOfTone = 24;

template <class Unit>
class ToneDigits {
 public:
  ToneDigits(const Unit* text, std::uint32_t length) : text_(text), length_(length) {}

  // Whether the digit at `at` is a tone, if what stands before it is a letter. Who asks from left to right
  // has each line looked at once.
  bool is_tone(std::uint32_t at) {
    if (!may_be_tone(at)) return false;
    if (at < line_begin_ || at >= line_end_) look_at_line(at);
    return line_has_tones_;
  }

 private:
  bool is_digit(std::uint32_t at) const { return at < length_ && facts_[text_[at]].what == Class::kDigit; }

  // As far as its neighbours say.
  bool may_be_tone(std::uint32_t at) const {
    if (facts_[text_[at]].value > 5 || at == 0 || is_digit(at + 1)) return false;
    const char32_t before = text_[at - 1];
    if (is_combining(before)) return true;
    return facts_[before].what == Class::kLetter ||
           (before == ':' && at > 1 && (text_[at - 2] | 0x20) == 'u');
  }

  void look_at_line(std::uint32_t at) {
    std::uint32_t letters = 0, tones = 0;
    line_begin_ = at;
    while (line_begin_ > 0 && text_[line_begin_ - 1] != '\n') --line_begin_;
    line_end_ = line_begin_;
    while (line_end_ < length_ && text_[line_end_] != '\n') {
      const Facts facts = facts_[text_[line_end_]];
      letters += facts.what == Class::kLetter;
      tones += facts.what == Class::kDigit && may_be_tone(line_end_);
      ++line_end_;
    }
    line_has_tones_ = tones >= letters / kLettersOfTone;
  }

  const Unit* const text_;
  const std::uint32_t length_;
  const CharacterFacts& facts_ = CharacterFacts::get();
  std::uint32_t line_begin_ = 0, line_end_ = 0;  // of the line that line_has_tones_ is about
  bool line_has_tones_ = false;
};

}  // namespace fasttok::pinyin
