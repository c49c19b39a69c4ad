// What the reference's BERT stages know about each code point.
//
// The facts come from sweeping tokenizers 0.23.3 itself (scripts/make_unicode_tables.py -> tables.cc),
// because the reference mixes tables of several Unicode versions and no other library agrees with it
// everywhere.
//
//   char_flags(U'中') & kCjk          BertNormalizer(handle_chinese_chars) puts spaces around it
//   canonical_decomposition(U'é')    U"e\u0301"
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace fasttok {

enum CharFlag : std::uint16_t {
  kCleanDrop = 1 << 0,         // BertNormalizer(clean_text) removes it
  kCleanSpace = 1 << 1,        // BertNormalizer(clean_text) turns it into U+0020 (not set for U+0020 itself)
  kBertWhitespace = 1 << 2,    // BertPreTokenizer splits on it and removes it
  kBertPunctuation = 1 << 3,   // BertPreTokenizer isolates it
  kCjk = 1 << 4,               // BertNormalizer(handle_chinese_chars) puts spaces around it
  kStripMark = 1 << 5,         // BertNormalizer(strip_accents) removes it after NFD: an old table's Mn
  kHasDecomposition = 1 << 6,  // NFD changes it (Hangul syllables included)
  kHasLowercase = 1 << 7,      // Lowercase changes it
  kAddedTokenWord = 1 << 8,    // a "word" character for AddedToken(single_word)
  kAddedTokenSpace = 1 << 9,   // a white-space character for AddedToken(lstrip, rstrip)
  kCombiningMark = 1 << 10,    // StripAccents removes it, without NFD first: a newer table's Mn, Mc and Me
};

struct FlagRange {
  char32_t first, last;  // inclusive
  std::uint16_t flags;
};

struct Mapping {
  char32_t from;
  std::u32string_view to;
};

std::uint16_t char_flags(char32_t c);

// Canonical combining class as NFD's reordering uses it; 0 for starters, and for what NFD decomposes.
std::uint8_t combining_class(char32_t c);

// Full canonical decomposition, or empty where NFD leaves `c` alone. Hangul syllables are answered from
// `buffer`.
std::u32string_view canonical_decomposition(char32_t c, char32_t (&buffer)[3]);

// Lowercase of one character without context, or empty where it is `c` itself.
std::u32string_view lowercase(char32_t c);

// The same facts as lists, for building tables: ranges with any flag set, ascending, and not overlapping;
// Hangul syllables are not listed in decompositions().
std::span<const FlagRange> flag_ranges();
std::span<const Mapping> decompositions();
std::span<const Mapping> lowercases();

}  // namespace fasttok
