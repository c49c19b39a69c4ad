// The words of DeepSeek-V3's three splits in one pass: groups of three digits; then runs of Han and kana;
// then in each of the pieces, by itself, what the long pattern finds.
//
//   DeepSeekWords::get().word_end("Hey, 中文 1", 0)   // 3; then 4 5 11 12 13
//
// A piece ends where the kind of the characters changes: digit, Han or kana, others. Within it the pattern is
// read as it stands, and the end of the piece is the end of its text. What nothing matches is one word up to
// the next match.
//
// Mirrors the reference's Split with these patterns (tested against them).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "fasttok/text/pre_tokenizer.h"

namespace fasttok {

class DeepSeekWords {
 public:
  // Whether these splits are those.
  static bool are(std::span<const SplitAtPattern* const> splits);
  static const DeepSeekWords& get();

  // Where the word that begins at `at` ends; `at` is a boundary of words, below the size.
  std::size_t word_end(std::string_view text, std::size_t at) const;

 private:
  DeepSeekWords();
  struct Char {
    std::uint8_t is;  // 0 beyond the end of the piece
    std::size_t end;
  };
  Char char_at(std::string_view text, std::size_t at) const;
  // Beyond the end where it is of another piece than those of `kind`.
  Char within(std::string_view text, std::size_t at, std::uint8_t kind) const;
  template <class Is>
  std::size_t run(std::string_view text, std::size_t at, std::uint8_t kind, Is is) const;
  std::size_t white_space(std::string_view text, std::size_t at, std::uint8_t kind) const;

  std::vector<std::uint8_t> classes_;  // by character
};

}  // namespace fasttok
