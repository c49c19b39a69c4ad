// What a reading costs: the frequencies of syllables that follow each other.
//
// A trigram model whose trigrams are few: most pairs of syllables have none and are read in one table. Costs
// are -ln p in units of 1/12. The file and how it is counted: scripts/make_pinyin_table.py.
//
// A syllable that could be divided in two ("guo", gu o), but practically never is meant so, is an improbable
// split: it costs kImprobable more, which is more than anything can make up for. So the best path never has
// one where it need not, and the search for it may leave them out.
//
//   auto costs = Costs::parse(bytes);
//   costs->follow(costs->context(a, b), costs->pair(b, c), c);  // c after a b
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "fasttok/pinyin/scan_table.h"
#include "fasttok/pinyin/syllables.h"

namespace fasttok::pinyin {

class Costs {
 public:
  using Symbol = std::uint16_t;   // a syllable, or the end: the boundary of what was counted
  using Context = std::uint16_t;  // a pair of symbols that has trigrams; 0: none

  // Throws FormatError where the bytes are damaged or belong to other syllables.
  static std::shared_ptr<const Costs> parse(std::string_view bytes);

  Symbol end() const { return static_cast<Symbol>(symbols_ - 1); }
  int unigram(Symbol a) const { return unigrams_[a]; }
  // More than the symbols around a split cost together.
  static constexpr int kImprobable = 4000;
  // What is known of b behind a, in one word of one table.
  class Pair {
   public:
    explicit Pair(std::uint32_t bits) : bits_(bits) {}
    int bigram() const { return static_cast<int>(bits_ & 0xFF); }
    bool improbable() const { return (bits_ & kImprobableBit) != 0; }
    Context context() const { return static_cast<Context>(bits_ >> 16); }

   private:
    std::uint32_t bits_;
  };
  Pair pair(Symbol a, Symbol b) const { return Pair(pairs_[a * symbols_ + b]); }

  // The only spelling that the best path may take for the letters of the syllable that ends in a state;
  // kNoSpelling where there are several, or none.
  std::uint16_t only(Automaton::State state, bool extended) const { return only_[extended][state]; }

  // The same for text without marks, letter by letter.
  const ScanTable& scan_table(bool extended) const { return scan_tables_[extended]; }

  Context context(Symbol a, Symbol b) const { return pair(a, b).context(); }
  // c behind a b, where context(a, b) is `context` and `pair` is pair(b, c).
  int follow(Context context, Pair pair, Symbol c) const {
    const Trigrams& trigrams = trigrams_[context];  // number 0 has none and backs off for nothing
    if ((trigrams.symbols >> (c % 64) & 1) != 0) {
      if (const int cost = find_third(trigrams, c); cost >= 0) return cost;
    }
    return std::max(0, pair.bigram() + trigrams.back_off);
  }

 private:
  struct Trigrams {
    std::uint32_t first;
    std::uint16_t count;
    std::int16_t back_off;
    std::uint64_t symbols;  // a bit for each that follows, by its number modulo 64
  };
  struct Third {
    Symbol symbol;
    std::uint16_t cost;
  };

  Costs() = default;
  void find_improbable();
  // The cost of `c` among trigrams, below 0 where it is not there.
  int find_third(const Trigrams& trigrams, Symbol c) const;

  static constexpr std::uint32_t kImprobableBit = 0x100;

  std::size_t symbols_ = 0;
  std::vector<std::uint8_t> unigrams_;
  std::vector<std::uint32_t> pairs_;  // bigram, the bit of improbable splits, context << 16
  std::vector<Trigrams> trigrams_;    // by context
  std::vector<Third> thirds_;         // ascending within a context
  std::array<std::vector<std::uint16_t>, 2> only_;
  std::array<ScanTable, 2> scan_tables_;
};

}  // namespace fasttok::pinyin
