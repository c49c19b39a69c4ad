// Finds added tokens in the original text, for the fused engines.
//
// The leftmost occurrence of any token, the longest where several begin there, as the reference's automaton finds
// them. Only tokens that are matched as they are written (normalized = false) are looked for; one with single_word,
// lstrip or rstrip is reported as such, and the caller leaves the text to `generic`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fasttok/base/double_array.h"
#include "fasttok/base/text_view.h"
#include "fasttok/simd/kernels.h"
#include "fasttok/text/added_tokens.h"

namespace fasttok {

class AddedTokenFinder {
 public:
  explicit AddedTokenFinder(std::span<const AddedToken> tokens);

  bool empty() const { return tokens_.empty(); }

  struct Match {
    std::size_t begin, end;  // characters; begin == the end of the searched range where there is none
    std::uint32_t index;     // of the token in the list given to the constructor
    bool found;
  };

  // Looks for a token that begins in text[from, to); it may end beyond `to`.
  template <class Unit>
  Match find(const Unit* text, std::size_t length, std::size_t from, std::size_t to) const;

  const AddedToken& token(std::uint32_t index) const { return tokens_[index]; }
  static bool is_plain(const AddedToken& token) { return !token.single_word && !token.lstrip && !token.rstrip; }

 private:
  template <class Unit>
  std::size_t next_candidate(const Unit* text, std::size_t from, std::size_t to) const;

  std::vector<AddedToken> tokens_;
  DoubleArray trie_;                    // UTF-8 of the contents -> index
  std::vector<std::uint64_t> first_;    // bit c: some token begins with code point c
  bool few_ = false;                    // at most four first characters, all below U+10000: the kernels look for them
  std::uint16_t first16_[4] = {};
  std::uint8_t first8_[4] = {};
  bool any_first8_ = false;             // whether one of the four is below U+0100
};

}  // namespace fasttok
