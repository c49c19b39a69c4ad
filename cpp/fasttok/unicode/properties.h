// What the reference's normalizers and pre-tokenizers know about each code point.
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
  kBertWhitespace = 1 << 2,    // BertPreTokenizer, Whitespace and WhitespaceSplit remove it, Strip strips it
  kBertPunctuation = 1 << 3,   // BertPreTokenizer and Punctuation isolate it
  kCjk = 1 << 4,               // BertNormalizer(handle_chinese_chars) puts spaces around it
  kStripMark = 1 << 5,         // BertNormalizer(strip_accents) removes it after NFD: an old table's Mn
  kHasDecomposition = 1 << 6,  // NFD changes it (Hangul syllables included)
  kHasLowercase = 1 << 7,      // Lowercase changes it
  kAddedTokenWord = 1 << 8,    // a "word" character for AddedToken(single_word) and Whitespace
  kAddedTokenSpace = 1 << 9,   // a white-space character for AddedToken(lstrip, rstrip)
  kCombiningMark = 1 << 10,    // StripAccents removes it, without NFD first: a newer table's Mn, Mc and Me
  kNumeric = 1 << 11,          // Digits isolates it
  kNfcSafe = 1 << 12,          // NFC leaves it as it is, whatever stands beside it that is safe, too
  kNfkcSafe = 1 << 13,         // NFKC likewise
  kHasCompatDecomposition = 1 << 14,  // NFKD does something else to it than NFD
  kComposesBack = 1 << 15,            // NFC may join it to the character before it
};

// What a code point does in a grapheme cluster, as far as the Precompiled normalizer can tell. Regional
// indicators are kOther: it looks only at clusters of less than six bytes.
enum class GraphemeClass : std::uint8_t {
  kOther,
  kControl,  // CR and LF, too
  kExtend,
  kConjunctExtend,  // an Extend that may stand between the consonants of a conjunct
  kConjunctLinker,  // an Extend that joins them
  kJoiner,          // U+200D
  kSpacingMark,
  kPrepend,
  kConsonant,  // of conjuncts
  kPictographic,
  kL,
  kV,
  kT,
  kLV,
  kLVT,
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

// Full compatibility decomposition, where it differs from the canonical one, or empty.
std::u32string_view compat_decomposition(char32_t c);

// What NFC makes of two neighbours, or 0. Hangul included.
char32_t composition(char32_t first, char32_t second);

// Lowercase and uppercase of one character without context, or empty where it is `c` itself.
std::u32string_view lowercase(char32_t c);
std::u32string_view uppercase(char32_t c);

// The number of its script as the UnicodeScripts pre-tokenizer sees it; 0: one that never splits.
std::uint8_t script_of(char32_t c);

GraphemeClass grapheme_class(char32_t c);

// \p{L}, \p{N} and \s, as the reference's regular expressions see them.
enum class RegexClass : std::uint8_t { kOther, kLetter, kNumber, kSpace };
RegexClass regex_class(char32_t c);

// The same facts as lists, for building tables: ranges with any flag set, ascending, and not overlapping;
// Hangul syllables are not listed in decompositions().
std::span<const FlagRange> flag_ranges();
std::span<const Mapping> decompositions();
std::span<const Mapping> lowercases();

}  // namespace fasttok
