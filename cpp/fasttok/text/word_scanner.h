// The fast twin of SplitRules::word_end: many words at a time, by the masks of 64 bytes, or of 64 units of
// 16 bits.
//
//   WordScanner scanner(rules, text);
//   std::uint32_t bounds[WordScanner::kRoom];
//   const auto words = scanner.next(at, bounds);   // word k is [bounds[k], bounds[k + 1]) from `at` on
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
#include "fasttok/text/char_text.h"
#include "fasttok/text/split_rules.h"

namespace fasttok {

StartRules start_rules_of(const SplitRules& rules);

// `Text` is Utf8Chars or UnitChars.
template <class Text>
class BasicWordScanner {
 public:
  static constexpr std::size_t kBlocks = MaskRow::kBlocks;
  static constexpr std::size_t kMostWords = kBlocks * 64;
  static constexpr std::size_t kRoom = 1 + kMostWords + 64;

  BasicWordScanner(const SplitRules& rules, const Text& text)
      : rules_(rules), start_rules_(start_rules_of(rules)), text_(text) {}

  // What the masks tell of the text from `at` on, which is below the size: words that end at `size`, which
  // may be 0, and begin where the bits below say so. The others are to be had from each_apart().
  struct Found {
    std::size_t at, size;
    const std::uint64_t *starts, *high;  // not to be used beyond `size`, nor after the next call
    std::uint8_t classes;                // those of characters beyond ASCII, together
    bool odd;                            // a NUL is among what was looked at, or, of units, a surrogate
    bool ascii;                          // what was looked at is
    std::size_t apart;                   // up to here words are taken one by one; 0: none is
  };
  Found find(std::size_t at);

  // visit(end) for each word behind what is found, at least one, where there are any; the ends are counted
  // from found.at. Returns the last one.
  template <class Visit>
  std::size_t each_apart(const Found& found, Visit&& visit) {
    std::size_t end = found.size;
    if (found.apart == 0) return end;
    do {
      end = rules_.word_end(text_, found.at + end) - found.at;
      visit(end);
    } while (end < found.apart && found.at + end < text_.size());
    return end;
  }

  // Writes the bounds of at most kMostWords words, of which there is one at least: 0, and the end of each,
  // counted from `at`, which is below the size. There is room for kRoom. `ascii`: all the words are; without
  // `nul` no unit of theirs is 0.
  struct Words {
    std::size_t count;
    bool ascii, nul;
  };
  Words next(std::size_t at, std::uint32_t* bounds);

 private:
  struct Chunk {
    std::size_t at;      // in the text
    std::size_t size;    // units, up to the end of a character
    std::size_t blocks;  // that hold them
    ClassMasks of;       // `letter`, `number` and `upper` of all units of a character
    StartMasks words;

    void set(MaskRow& mask, std::size_t i) const {
      if (i < size) mask[i / 64] |= std::uint64_t{1} << i % 64;
    }
    void clear(MaskRow& mask, std::size_t i) const {
      if (i < size) mask[i / 64] &= ~(std::uint64_t{1} << i % 64);
    }
  };
  void fill_wide(Found& found);
  void add_groups();
  void add_newline_ends();
  void move_contractions();
  std::uint64_t sure_starts(std::size_t b) const;

  const SplitRules& rules_;
  const StartRules start_rules_;
  const Text text_;
  const CharClasses& classes_ = CharClasses::get();
  const Kernels& kernels_ = kernels();
  std::size_t blocks_ = kBlocks;  // of the next chunk
  Chunk chunk_;
};

class WordScanner : public BasicWordScanner<Utf8Chars> {
 public:
  WordScanner(const SplitRules& rules, std::string_view text) : BasicWordScanner(rules, Utf8Chars{text}) {}
};
using UnitWordScanner = BasicWordScanner<UnitChars>;

}  // namespace fasttok
