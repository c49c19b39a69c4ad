// CLIP's text stages in one pass: NFC, each run of white space as one space, lower case; then contractions,
// runs of letters, single digits and runs of the rest, without the white space between them.
//
//   ClipWords words({"<|startoftext|>"});
//   ClipWords::Block block;
//   words.read(view, 0, view.length, block)    // "It's 12" becomes "it 's 1 2 ", whose words end at 3 6 8 10
//
// Each word is written with a space behind it, which stands for the mark of its end: white space is in no
// word, so nothing else is taken for it. A character is written as one, but U+0130 as two, between which a
// word ends: so the characters of a word are neighbours in the original, too.
//
// Odd is, and left to the literal stages, what NFC might change, and what an added token may begin with, or
// a special token that the pattern names ("<|").
//
// Mirrors the normalizer and pre-tokenizer of transformers' CLIPTokenizer.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "fasttok/base/text_view.h"
#include "fasttok/simd/kernels.h"
#include "fasttok/text/normalizer.h"
#include "fasttok/text/pre_tokenizer.h"

namespace fasttok {

class ClipWords {
 public:
  // Whether these are CLIP's stages.
  static bool fits(const Normalizer& normalizer, const PreTokenizer& pre_tokenizer);
  // Whether an added token with this pattern, which is not empty, can be seen coming.
  static bool fits(std::string_view added);

  explicit ClipWords(std::span<const std::string_view> added);

  // Words that were read, and the beginning of one that is not at its end.
  struct Block {
    static constexpr std::size_t kChars = 1024;  // of the original, at most, for each read()

    std::vector<std::uint8_t> text;  // as UTF-8, with 16 bytes and more behind it
    std::size_t size = 0;
    std::size_t count = 0;
    // In `text`, of words; behind the last one as many as are read there.
    std::uint32_t bounds[2 * kChars + 4 + kWordsReadAhead];
    std::uint32_t chars[2 * kChars + 4];  // the first character of each, in the original; then that of the
                                          // one that is open
    bool has_nul = false;                 // one was seen

    Block() { bounds[0] = 0; }
    // Begins anew with what is open.
    void drop_words();

   private:
    friend class ClipWords;
    enum class Open : std::uint8_t { kNone, kLetters, kRest } open_ = Open::kNone;
    void begin(std::size_t at, Open open) {
      chars[count] = static_cast<std::uint32_t>(at);
      open_ = open;
    }
    void close() {
      if (open_ == Open::kNone) return;
      text[size++] = ' ';
      bounds[++count] = static_cast<std::uint32_t>(size);
      open_ = Open::kNone;
    }
  };

  // Reads characters from `at` on, up to `end` or a little more, which is at most kChars behind; the block
  // has no words yet. Ends the last word where the text ends. Returns where it stopped, or kOdd.
  static constexpr std::size_t kOdd = ~std::size_t{0};
  std::size_t read(const TextView& text, std::size_t at, std::size_t end, Block& block) const;

 private:
  template <class Unit>
  std::size_t read_units(const Unit* text, std::size_t length, std::size_t at, std::size_t end,
                         Block& block) const;
  // Whether an added token may begin with these two.
  bool stops(char32_t c, char32_t next) const { return pairs_[c][next < 0x80 ? next : kOther]; }

  // By an ASCII character, and what is behind it: another, or anything else, or nothing.
  static constexpr std::size_t kOther = 0x80;
  std::bitset<kOther + 1> pairs_[0x80];
};

}  // namespace fasttok
