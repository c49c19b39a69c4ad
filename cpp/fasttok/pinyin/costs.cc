#include "fasttok/pinyin/costs.h"

#include <algorithm>
#include <string>

#include "fasttok/base/error.h"
#include "fasttok/pinyin/syllables.h"

namespace fasttok::pinyin {
namespace {

constexpr std::string_view kMagic = "FTPINYIN";

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::string_view take(std::size_t count) {
    if (bytes_.size() - at_ < count) fail("the file ends too early");
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    const std::string_view part = take(size);
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(part[i]);
    return value;
  }
  bool at_end() const { return at_ == bytes_.size(); }
  [[noreturn]] void fail(const std::string& what) const {
    throw FormatError("the costs of pinyin: byte " + std::to_string(at_) + ": " + what +
                      "; install fasttok again, or write the file again with scripts/make_pinyin_table.py");
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::shared_ptr<const Costs> Costs::parse(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.take(kMagic.size()) != kMagic) in.fail("no table of costs");
  const std::shared_ptr<Costs> made(new Costs);
  const std::size_t symbols = in.number(4);
  if (symbols != syllable_count() + 1) in.fail("a table of other syllables");
  made->symbols_ = symbols;
  const std::string_view unigrams = in.take(symbols), bigrams = in.take(symbols * symbols);
  made->unigrams_.assign(unigrams.begin(), unigrams.end());
  for (const char cost : bigrams) made->pairs_.push_back(static_cast<unsigned char>(cost));
  const std::size_t contexts = in.number(4), trigrams = in.number(4);
  if (contexts >= 0xFFFF) in.fail("too many contexts");
  made->trigrams_.assign(1, {});
  const auto symbol = [&] {
    const std::uint32_t value = in.number(2);
    if (value >= symbols) in.fail("no such syllable");
    return static_cast<Symbol>(value);
  };
  std::size_t first = 0;
  for (std::size_t i = 1; i <= contexts; ++i) {
    const Symbol a = symbol(), b = symbol();
    if (made->context(a, b) != 0) in.fail("a context that was there before");
    made->pairs_[a * symbols + b] |= static_cast<std::uint32_t>(i) << 16;
    const auto back_off = static_cast<std::int8_t>(in.number(1));
    in.take(1);
    const auto count = static_cast<std::uint16_t>(in.number(2));
    made->trigrams_.push_back({static_cast<std::uint32_t>(first), count, back_off, 0});
    first += count;
  }
  if (first != trigrams) in.fail("the contexts do not add up");
  for (std::size_t i = 0; i < trigrams; ++i) {
    const Symbol c = symbol();
    made->thirds_.push_back({c, static_cast<std::uint16_t>(in.number(1))});
  }
  for (Trigrams& context : made->trigrams_) {
    for (std::size_t i = 0; i < context.count; ++i)
      context.symbols |= std::uint64_t{1} << (made->thirds_[context.first + i].symbol % 64);
  }
  if (!in.at_end()) in.fail("more bytes than expected");
  made->find_improbable();
  for (const bool extended : {false, true})
    made->scan_tables_[extended] = ScanTable(made->only_[extended], extended);
  return made;
}

void Costs::find_improbable() {
  constexpr int kThousandTimes = 83;  // less frequent, in units of costs
  const Automaton& automaton = Automaton::get();
  for (const bool extended : {true, false}) {
    for (Automaton::State state = 0; state < automaton.states(); ++state) {
      const auto parts = automaton.parts(state, extended);
      const std::uint16_t whole = automaton.spelling(state, extended);
      for (const Part& x : parts) {
        for (const Part& y : parts) {
          if (x.end != y.begin) continue;
          const Symbol a = automaton.syllable(x.spelling), b = automaton.syllable(y.spelling);
          for (const Part& both : parts) {
            if (both.begin != x.begin || both.end != y.end) continue;
            const int split = unigram(a) + pair(a, b).bigram() - unigram(automaton.syllable(both.spelling));
            if (split > kThousandTimes) pairs_[a * symbols_ + b] |= kImprobableBit;
          }
        }
      }
      // Without the improbable pairs, is the whole the only way?
      bool only = true;
      for (const Part& x : parts) {
        if (x.begin != 0 || x.spelling == whole) continue;
        for (const Part& y : parts) {
          only &= y.begin != x.end ||
                  pair(automaton.syllable(x.spelling), automaton.syllable(y.spelling)).improbable();
        }
      }
      only_[extended].push_back(only ? whole : kNoSpelling);
    }
  }
}

int Costs::find_third(const Trigrams& trigrams, Symbol c) const {
  // The last that is not behind c, if there is one; halves are taken without a branch that must be guessed.
  const Third* at = thirds_.data() + trigrams.first;
  for (std::size_t left = trigrams.count; left > 1;) {
    const std::size_t half = left / 2;
    at = at[half].symbol <= c ? at + half : at;
    left -= half;
  }
  return at->symbol == c ? at->cost : -1;
}

}  // namespace fasttok::pinyin
