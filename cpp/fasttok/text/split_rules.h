// The published splitting patterns as one set of rules: words without a regular expression.
//
//   const auto rules = SplitRules::of_pattern(R"('s|'t|'re|...)");   // GPT-2's
//   rules->word_end("Hey, you", 0)   // 3
//
// The patterns differ in few points, which are the members below; each is recognised by its exact text.
// word_end() is the literal form of what they have in common:
//
//   contraction     's 't 're 've 'm 'll 'd
//   word            a prefix, letters
//   digits          in groups
//   the rest        one space, neither white space nor letters nor digits, a tail of newlines
//   white space     up to the last newline; all but the last character; all
//
// Mirrors the reference's Split and ByteLevel with these patterns (tested against the regular expressions).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "fasttok/regex/regex.h"
#include "fasttok/text/char_text.h"

namespace fasttok {

struct SplitRules {
  enum class Contraction {
    kLower,    // 's
    kAnyCase,  // (?i:'s)
    kSuffix,   // (?i:'s)? behind a word
  };
  Contraction contraction = Contraction::kLower;
  bool any_prefix = false;      // before letters: [^\r\n\p{L}\p{N}]? and not a space
  bool space_digits = false;    // ' ?' before digits
  std::size_t most_digits = 0;  // of a group; 0: any number
  bool case_split = false;      // words end where upper case follows lower case; marks belong to words
  bool newline_tail = false;    // [\r\n]* behind the rest
  bool slash_tail = false;      // [\r\n/]*
  bool newline_run = false;     // \s*[\r\n]+ before \s+(?!\S)
  bool space_end = false;       // \s++$ before that: white space that ends the text is one word
  bool digits_apart = false;    // each digit is split off first: white space before it is not divided

  // The rules of a pattern, if it is a known one. All of them match each character of any text.
  static std::optional<SplitRules> of_pattern(std::string_view pattern, regex::Syntax syntax);
  static SplitRules gpt2();

  // Whether Digits takes a character, which may know more of them beyond U+FFFF than \p{N} does.
  static bool is_digit_apart(char32_t c);

  // Whether a word ends between two characters wherever they stand, by any of the known patterns, with the
  // same words before it where the text ends there, and behind it where the text begins there: a blank behind
  // what is visible in ASCII, a newline behind an ASCII letter or digit, a Chinese sign behind an ideograph.
  static bool divides(char32_t left, char32_t right);
  // What may be put between two texts, of which one ends and the other begins with these characters, so that
  // their words are what they are by themselves, and between them are its own; null where that is not known.
  static std::optional<std::string_view> divider(char32_t left, char32_t right);

  // The units of the contraction that begins at `at`; 0: none does.
  std::size_t contraction_size(const Utf8Chars& text, std::size_t at) const;
  std::size_t contraction_size(const UnitChars& text, std::size_t at) const;

  // Where the match that begins at `at` ends; `at` is a boundary of words, below the size.
  std::size_t word_end(const Utf8Chars& text, std::size_t at) const;
  std::size_t word_end(const UnitChars& text, std::size_t at) const;
  std::size_t word_end(std::string_view text, std::size_t at) const { return word_end(Utf8Chars{text}, at); }

  bool operator==(const SplitRules&) const = default;
};

}  // namespace fasttok
