// A pattern as instructions, for both engines.
//
// Example: a+?b is  0: set a   1: split 2, 0   2: set b   3: match  (a split goes to its first target first).
// Characters are told apart only as far as the pattern does: `classes` maps each to one of a few classes, and
// a set is a row of bits over the classes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "fasttok/regex/pattern.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok::regex {

enum class Op : std::uint8_t {
  kSet,        // a: set; consumes a character of it
  kSplit,      // a, b: both are tried, a first
  kJump,       // a
  kAnchor,     // anchor; a: the set of word characters for \b and \B
  kLookChar,   // a: set; the next (previous if behind) character is in it, or at_edge: there is none
  kLook,       // the body follows up to kLookEnd; a: what follows that; behind: b, c: least, most characters
  kLookEnd,    //
  kAtomic,     // the body follows up to kAtomicEnd; a: what follows that
  kAtomicEnd,  //
  kIf,         // the condition follows up to kAtomicEnd; a: then, b: else
  kIfGroup,    // a: list of groups; b: else
  kLoopStart,  // a: loop; remembers the position
  kLoopEnd,    // a: loop; b: where to go if nothing was consumed since
  kCount,      // a new counter
  kNext,       // counts; b: body, c: least, d: most times; greedy. Falls through when done
  kDrop,       // the counter
  kSaveBegin,  // a: group
  kSaveEnd,    // a: group
  kBackref,    // a: list of groups; letters
  kCall,       // a
  kReturn,     //
  kKeep,       //
  kNever,      //
  kMatch,      //
};

struct Inst {
  Op op = Op::kNever;
  Anchor anchor{};
  Case letters = Case::kExact;
  bool greedy = true;
  bool behind = false;
  bool negative = false;
  bool at_edge = false;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  std::uint32_t d = 0;
};

// Which class a character is of.
class CharClasses {
 public:
  static constexpr std::size_t kBlock = 64;
  static constexpr std::size_t kMostClasses = 60000;

  explicit CharClasses(const std::vector<CharSet>& sets);

  std::uint16_t of_ascii(unsigned char byte) const { return ascii_[byte]; }
  std::uint16_t of(char32_t c) const { return blocks_[index_[c / kBlock] * kBlock + c % kBlock]; }
  // Of the character at `at`, and its size in bytes; only before the end of the text.
  std::uint16_t at(std::string_view text, std::size_t at, std::size_t& size) const {
    const auto byte = [&](std::size_t i) -> std::size_t { return static_cast<unsigned char>(text[at + i]); };
    const std::size_t lead = byte(0);
    size = 1;
    if (lead < 0x80) return ascii_[lead];
    const DecodedChar decoded = decode_char(text, at);
    size = decoded.size;
    return of(decoded.c);
  }
  std::size_t count() const { return class_count_; }
  bool contains(std::uint32_t set, std::uint16_t char_class) const {
    return members_[set * class_count_ + char_class] != 0;
  }

 private:
  std::vector<std::uint16_t> ascii_;
  std::vector<std::uint16_t> index_;   // [c / kBlock]
  std::vector<std::uint16_t> blocks_;  // [index * kBlock + c % kBlock]
  std::vector<std::uint8_t> members_;  // [set][class]
  std::size_t class_count_ = 1;
};

struct Program {
  std::vector<Inst> code;
  std::vector<CharSet> sets;
  std::vector<std::vector<std::uint32_t>> group_lists;
  std::uint32_t group_count = 0;
  std::uint32_t loop_count = 0;
  bool regular = true;  // no back-references, calls, conditions, \K, long look-behind
};

// As it stands: repeats are counted. For the backtracker.
Program compile_counted(const Pattern& pattern);
// Repeats are written out. A program that is not regular, or longer than `limit`, has no code.
Program compile_expanded(const Pattern& pattern, std::size_t limit);

}  // namespace fasttok::regex
