// The vector kernels: function pointers, each with its contract. scalar.cc is the reference text of each.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "fasttok/base/word_cache.h"
#include "fasttok/simd/ascii_rows.h"
#include "fasttok/simd/isa.h"

namespace fasttok {

// Classes of the 128 ASCII characters, as bit sets that a byte shuffle can look up: character c is in the
// class if bit (c >> 4) of row[c & 15] is set. Characters in no class are letters.
struct AsciiClass {
  alignas(16) std::array<std::uint8_t, 16> row{};
  void add(unsigned c) { row[c & 15] = static_cast<std::uint8_t>(row[c & 15] | (1u << (c >> 4))); }
  void remove(unsigned c) { row[c & 15] = static_cast<std::uint8_t>(row[c & 15] & ~(1u << (c >> 4))); }
  bool has(unsigned c) const { return (row[c & 15] >> (c >> 4)) & 1; }
};

struct AsciiClasses {
  AsciiClass space;         // separates words, and is dropped
  AsciiClass punctuation;   // is a word by itself
  AsciiClass stop;          // the kernel must not go on: the caller treats it
  bool stops_above = true;  // characters above ASCII are in `stop`; else (8-bit text only) letters
};

// Half-open ranges of words, ascending. `consumed`: all text before it is covered; there the caller goes on.
// It is the start of a word that might continue, or the first character that is not ASCII or that is in
// `stop`, or the end.
struct WordSpans {
  std::size_t count;
  std::size_t consumed;
};

// The most characters that one call of a span kernel may be given; also the room that its outputs must have.
inline constexpr std::size_t kSpanChunk = 4096;

struct WordOutputs {
  std::uint16_t* begins;  // room for kSpanChunk + 64
  std::uint16_t* ends;    // likewise
  std::uint8_t* narrow;   // the covered characters; room for kSpanChunk + 64; not written for 8-bit text
};

// The most words that are looked up together, so that memory is waited for together.
inline constexpr std::size_t kWordGroup = 256;
// Begins and ends of words are read up to the next multiple of this, and bounds of words up to the place
// behind that; what is behind the last one may be anything.
inline constexpr std::size_t kWordsReadAhead = 16;

// A word that is looked up.
struct alignas(32) AskedWord {
  WordKey key;
  WordCache::Line* line;
};

struct WordGroup {
  AskedWord words[kWordGroup];
  const WordCache::Answer* answers[kWordGroup];
  std::uint16_t missed[kWordGroup + 1];  // the words that have no answer, ascending
};

inline constexpr std::size_t kShortText = 64;
inline constexpr std::size_t kNoAnswer = SIZE_MAX;

// Words of a text, one behind the other, that are on their way to ids at once.
inline constexpr std::size_t kWordRun = 128;

// Bits of a text's bytes or units, 64 to a block, and none before the first block.
struct MaskRow {
  static constexpr std::size_t kBlocks = 16;
  std::uint64_t words[1 + kBlocks + 1];

  std::uint64_t& operator[](std::size_t block) { return words[block + 1]; }
  std::uint64_t operator[](std::size_t block) const { return words[block + 1]; }
  // Each bit where the next one is.
  std::uint64_t moved(std::size_t block) const { return words[block + 1] << 1 | words[block] >> 63; }
};

// Blocks of UTF-8, or of units of 16 bits, bit i for byte or unit i. The first rows are of ASCII characters
// only (see ascii_rows.h). Of more than a few blocks kernels take kTogether at a time, so as many have a
// value, and the next one.
struct ClassMasks {
  static constexpr std::size_t kTogether = 8, kFew = 2;
  static std::size_t blocks(std::size_t n) { return (n + 63) / 64; }
  static std::size_t blocks_with_value(std::size_t n) {
    return n <= 64 * kFew ? blocks(n) : (blocks(n) + kTogether - 1) / kTogether * kTogether;
  }

  MaskRow space, letter, number, newline, apostrophe, upper, blank, slash;
  MaskRow high;      // above 0x7F
  MaskRow trail;     // all bytes of a character but the first
  MaskRow syllable;  // leads of some of U+4000 to U+9FFF and U+B000 to U+CFFF, all of them ideographs or
                     // Hangul: those that can be told by two bytes of the block. Of units: see
                     // is_syllable_unit
  MaskRow sign;      // of units: see is_sign_unit
  bool any_high, any_trail, any_nul;

  static constexpr MaskRow ClassMasks::*kRows[] = {
      &ClassMasks::space,      &ClassMasks::letter, &ClassMasks::number,   &ClassMasks::newline,
      &ClassMasks::apostrophe, &ClassMasks::upper,  &ClassMasks::blank,    &ClassMasks::slash,
      &ClassMasks::high,       &ClassMasks::trail,  &ClassMasks::syllable, &ClassMasks::sign};
};

// What tells where words begin, each all ones or 0; see text/split_rules.h.
struct StartRules {
  std::uint64_t any_prefix, space_digits, single_digits, digit_groups, case_split, newline_tail, slash_tail,
      newline_run, digits_apart;

  // Whether they ask for upper case or slashes, and so may find something complex.
  bool use_all_rows() const { return (case_split | slash_tail) != 0; }
};

// Where words begin; see text/word_scanner.h.
struct StartMasks {
  // Given: letters without case, and what is left to others, to which rules of cases or slashes add.
  MaskRow both, complex;
  // Found. `gap`: white space but the newlines in `tail`, which belong to the rest before them.
  MaskRow tail, gap, starts;
  MaskRow groups;  // where digits begin, if they go in groups
  bool any_groups, any_complex;
  bool any_behind_newline;  // white space behind a newline in a gap, where words end with the last newline
  // On the way: what begins a run of the rest, and where the character behind that begins.
  MaskRow others, second;
};

// What became of 16-bit text: `units` of it were written as `bytes`. `plain`: all of these are ASCII,
// U+4E00..9FFF, U+2010..2027, U+3001..301F or U+FF01..FF5E, characters that no normal form by canonical
// equivalence changes, whatever stands beside them.
struct Utf8Written {
  std::size_t units, bytes;
  bool plain;
};

// A set of pairs of 16-bit characters that never lacks one it has, but may have others: three bits of a word,
// by the pair's hash. And flags of characters by themselves: a pair is flagged where a flag of the left one
// is among the upper four bits of the right one.
struct PairSet {
  static constexpr std::uint32_t kLeft = 0x9E3779B1u, kRight = 0x85EBCA77u;
  const std::uint32_t* words = nullptr;
  int shift = 31;                       // the upper bits of the hash tell the word
  const std::uint8_t* flags = nullptr;  // 65,536, behind which three bytes may be read

  static std::uint32_t hash(std::uint32_t left, std::uint32_t right) { return left * kLeft ^ right * kRight; }
  static std::uint32_t bits(std::uint32_t hash) {
    return 1u << (hash & 31) | 1u << (hash >> 5 & 31) | 1u << (hash >> 10 & 31);
  }
  bool has(std::uint32_t left, std::uint32_t right) const {
    const std::uint32_t h = hash(left, right);
    return (bits(h) & ~words[h >> shift]) == 0;
  }
};

struct PairMasks {
  std::uint64_t pairs, flagged;
};

// Where parts of a text are looked up in a table of those of one and of two units: one by itself, two by
// their hash, behind all units. A part of more has a key that nothing at its place has.
struct PartPlaces {
  static constexpr std::uint32_t kUnits = 0x10000, kFactor = 0x9E3779B1u;
  static constexpr std::uint32_t kNoKey = 0xFFFF, kNoPlace = 0;
  int shift = 31;

  static std::uint32_t key_of_two(std::uint32_t left, std::uint32_t right) { return left | right << 16; }
  std::uint32_t place_of_two(std::uint32_t key) const { return kUnits + (key * kFactor >> shift); }
};

// Pairs of ASCII characters between which text is cut: the left one in a class of `left`, the right one in
// the class of `right` of the same place.
struct AsciiCuts {
  static constexpr std::size_t kSets = 2;
  AsciiClasses left[kSets], right[kSets];

  bool has(unsigned a, unsigned b) const {
    bool cut = false;
    for (std::size_t i = 0; i < kSets; ++i) {
      cut = cut || (left[i].space.has(a) && right[i].space.has(b)) ||
            (left[i].punctuation.has(a) && right[i].punctuation.has(b)) ||
            (left[i].stop.has(a) && right[i].stop.has(b));
    }
    return cut;
  }
};

// Objects of 32 bytes by number, one behind the other: those below `low` from low_begin on, the others up to
// `count` (at most 2^31) where they would be if number 0 were at `begin`.
struct ObjectTable {
  // The objects of so few are fetched: the list of a short text is often dropped at once, which writes to
  // them. For longer ones it would take longer than it saves.
  static constexpr std::size_t kFetched = 16;

  std::uintptr_t begin, low_begin;
  std::uint32_t low, count;

  std::uintptr_t address(std::uint64_t number) const {
    return (number < low ? low_begin : begin) + 32 * number;
  }
};

struct Kernels {
  // Finds the words of `text[0, n)`, n <= kSpanChunk, up to the first character that is in classes.stop or,
  // with stops_above, that is not ASCII. A word that touches that character, or the end of the text, is left
  // (consumed = its start), because what follows may belong to it; with `final`, the end of the text ends a
  // word. Neither kernel reads beyond text[n - 1].
  WordSpans (*ascii_words_u8)(const std::uint8_t* text, std::size_t n, bool final,
                              const AsciiClasses& classes, const WordOutputs& out);
  WordSpans (*ascii_words_u16)(const std::uint16_t* text, std::size_t n, bool final,
                               const AsciiClasses& classes, const WordOutputs& out);

  // The masks of text[0, n), n <= 64 * MaskRow::kBlocks; bits behind the end are 0. Without `all_rows`, those
  // of upper and slash are anything.
  void (*byte_masks)(const std::uint8_t* text, std::size_t n, bool all_rows, ClassMasks& out);

  // The same of units of 16 bits.
  void (*unit_masks)(const std::uint16_t* text, std::size_t n, bool all_rows, ClassMasks& out);

  // Where words of a text begin whose first `n` > 0 bytes or units have these masks. What is behind counts as
  // white space. (One text for all sets, of vectors or not; its reference is SplitRules::word_end.)
  void (*word_starts)(const StartRules& rules, const ClassMasks& of, std::size_t n, StartMasks& out);

  // Copies text to `out`, which has room for 64 beyond n: NUL for what is in classes.space, and with `fold`
  // a-z for A-Z. Returns the index of the first character that is in classes.stop or, with stops_above, not
  // ASCII; n if there is none.
  std::size_t (*copy_ascii)(const std::uint8_t* text, std::size_t n, const AsciiClasses& classes, bool fold,
                            std::uint8_t* out);

  // Where the words of text[0, n), n <= kSpanChunk, begin, which NULs separate, and `n`; returns their
  // number. Characters in classes.punctuation are words, all others letters; the rest of the classes is not
  // looked at. ends[k] becomes where word k ends, unless `ends` is null. `bounds` and `ends` have room for n
  // + 64. numbers[k] becomes the number of words that begin before text[places[k]], which ascend.
  std::size_t (*row_words)(const std::uint8_t* text, std::size_t n, const AsciiClasses& classes,
                           std::uint16_t* bounds, std::uint16_t* ends, const std::uint16_t* places,
                           std::size_t count, std::uint16_t* numbers);

  // The tagged keys of `count` <= kWordGroup words and their lines of the cache, which are on their way
  // afterwards. Word k is bytes[begins[k], ends[k]); 16 bytes from its begin on may be read, and
  // begins and ends up to the next multiple of kWordsReadAhead.
  void (*word_lines)(const WordCache& cache, const std::uint8_t* bytes, const std::uint16_t* begins,
                     const std::uint16_t* ends, std::size_t count, AskedWord* words);

  // The answers that the words of the group have in their lines. Returns the number of words that have none.
  std::size_t (*word_answers)(std::size_t count, WordGroup& group);

  // The tagged keys of `count` <= kWordRun words and their lines of the cache, which are on their way
  // afterwards. Word k is text[bounds[k], bounds[k + 1]); 16 bytes from its begin on may be read, and of the
  // bounds one more than the next multiple of kWordsReadAhead.
  void (*run_lines)(const WordCache& cache, const std::uint8_t* text, const std::uint32_t* bounds,
                    std::size_t count, AskedWord* words);

  // As plain_answers(), but that counts[k] becomes the number of ids of word k, unless `counts` is null.
  std::size_t (*run_answers)(const AskedWord* words, std::size_t first, std::size_t count,
                             std::uint32_t*& out, std::uint32_t* counts);

  // out[i] = table[text[i]] up to n or to the first character whose entry is not below 2^28; returns their
  // number. `table` has 65,536 entries; `out` has room for 16 beyond n.
  std::size_t (*short_values)(const std::uint16_t* text, std::size_t n, const std::uint32_t* table,
                              std::uint32_t* out);

  // Writes text[0, n) as UTF-8, up to the first surrogate; `out` has room for 3 n + 64 bytes.
  Utf8Written (*to_utf8)(const std::uint16_t* text, std::size_t n, std::uint8_t* out);

  // Bit i tells of the pair of units[i - 1] (of `left`, where i is 0) and units[i], for i < n <= 64. 32 bytes
  // from each unit on may be read.
  PairMasks (*pair_masks)(const PairSet& set, std::uint16_t left, const std::uint16_t* units, std::size_t n);

  // For i < n: keys[i] and places[i] are those of the part that begins at units[i], or would if one did.
  // Parts begin where bits of `begins` say so, of which there are n + 64. 32 bytes from each unit on may be
  // read; 16 more keys and places may be written.
  void (*part_places)(const PartPlaces& of, const std::uint16_t* units, std::size_t n,
                      const std::uint64_t* begins, std::uint32_t* keys, std::uint32_t* places);

  // Writes the positions of all bits of `blocks` masks, ascending, and returns their number; `out` has room
  // for 64 more.
  std::size_t (*positions)(const std::uint64_t* masks, std::size_t blocks, std::uint16_t* out);
  std::size_t (*wide_positions)(const std::uint64_t* masks, std::size_t blocks, std::uint32_t* out);

  // out[i] = values[i] for i < n.
  void (*widen)(const std::uint32_t* values, std::size_t n, std::int64_t* out);

  // out[i] = value for i < n.
  void (*fill)(std::int64_t value, std::size_t n, std::int64_t* out);

  // Bit i % 64 of masks[i / 64] tells whether text[0, n) is cut before text[i]; that of text[0] is set.
  // Returns the number of characters up to the first that is above 0x7F or NUL; of these and what is behind
  // them, the bits are 0, but for the first of the text. All (n + 63) / 64 masks are written.
  std::size_t (*ascii_cuts)(const AsciiCuts& cuts, const std::uint8_t* text, std::size_t n,
                            std::uint64_t* masks);

  // Appends the answers for the words from `first` on to `out`, up to the first word that has none or whose
  // note is below `least`, and returns its index, or `count`. Notes are what stands above the low 8 bits of
  // Answer::count, but for the topmost bit, which `seen` gets. kMaxIds ids may be written beyond the last.
  std::size_t (*noted_answers)(const AskedWord* words, std::size_t first, std::size_t count,
                               std::uint32_t least, std::uint32_t*& out, std::uint32_t& seen);

  // The same of answers without notes; a word that a line has twice has one answer. 8 ids are written for
  // each, whatever its count, and begins[k] becomes where those of word k begin.
  std::size_t (*plain_answers)(const AskedWord* words, std::size_t first, std::size_t count,
                               std::uint32_t*& out, std::uint32_t** begins);

  // The ids of all words of text[0, n), n < kShortText, into `out`, which has room for n + 8; returns their
  // number. kNoAnswer where a character is in classes.stop or, with stops_above, not ASCII, or where the
  // cache has no answer for a word. 16 bytes from each place of the text on may be read. Answers have no
  // notes.
  std::size_t (*short_answers)(const WordCache& cache, const std::uint8_t* text, std::size_t n,
                               const AsciiClasses& classes, std::uint32_t* out);

  // Writes n pointers to `out`: to objects[numbers[i]] for i < n. Returns false, and writes anything, where a
  // number is not below objects.count. If n is at most kFetched, the objects are on their way afterwards.
  bool (*addresses)(const ObjectTable& objects, const std::uint32_t* numbers, std::size_t n, void* out);
};

const Kernels& kernels_for(Isa isa);

extern std::atomic<const Kernels*> kernels_in_use;  // null before the first call
const Kernels& choose_kernels();
inline const Kernels& kernels() {  // kernels_for(active_isa())
  const Kernels* const chosen = kernels_in_use.load(std::memory_order_relaxed);
  return chosen ? *chosen : choose_kernels();
}

}  // namespace fasttok
