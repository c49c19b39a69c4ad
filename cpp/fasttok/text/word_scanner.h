// The fast twin of SplitRules::word_end: many words at a time, by the masks of 64 bytes.
//
//   WordScanner scanner(rules, text);
//   std::uint32_t ends[WordScanner::kMostWords];
//   const auto count = scanner.next(at, ends);     // ends of the words from `at` on, counted from there
//
// A chunk of text from the start of a word on becomes masks of classes, in which every byte of a character
// has its class, and where words begin is a few operations on these masks:
//
//   text      Hey, you're  12
//   letter    111..11101 1..
//   starts    1..11..  1  111    what begins a run, but letters behind a space: the space begins the word
//
// What depends on more (contractions, groups of digits, newlines in white space) is looked at one by one.
// What is rare and would make the masks many (white space and grouped digits beyond ASCII; marks and mixed
// letters with and without case, where case counts) is left to word_end().
//
// Near the end of a chunk that is not the end of the text, what follows is not seen. So words are taken only
// up to a place where a word begins whatever surrounds the two characters there: a blank behind what is no
// white space; and between a letter, a digit and the rest, where the second could not belong to the first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fasttok/simd/kernels.h"
#include "fasttok/text/char_classes.h"
#include "fasttok/text/split_rules.h"

namespace fasttok {

class WordScanner {
 public:
  static constexpr std::size_t kBlocks = 16;
  static constexpr std::size_t kMostWords = kBlocks * 64;

  WordScanner(const SplitRules& rules, std::string_view text) : rules_(rules), text_(text) {}

  // Writes at most kMostWords ends, and returns their number, at least 1. `at` is below the size.
  std::size_t next(std::size_t at, std::uint32_t* ends);

 private:
  struct Chunk;
  void fill_wide(Chunk& chunk) const;
  void find_starts(Chunk& chunk) const;
  void add_groups(Chunk& chunk) const;
  void add_newline_ends(Chunk& chunk) const;
  void move_contractions(Chunk& chunk) const;

  const SplitRules& rules_;
  const std::string_view text_;
  const CharClasses& classes_ = CharClasses::get();
  const Kernels& kernels_ = kernels();
  std::size_t blocks_ = kBlocks;  // of the next chunk
};

}  // namespace fasttok
