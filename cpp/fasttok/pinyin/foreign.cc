#include "fasttok/pinyin/foreign.h"

#include <algorithm>

namespace fasttok::pinyin {
namespace {

// In the units of Costs.
constexpr int kForeignLetter = 36, kForeignEnd = 36, kForeignEndAtCapitals = 12, kUnreadLetter = 144,
              kCapitalInside = 100, kErhua = 60;

class Finder {
 public:
  Finder(Letters& letters, const Costs& costs, bool extended, ForeignScratch& scratch)
      : letters_(letters), costs_(costs), extended_(extended), scratch_(scratch) {}

  // One stretch of letters without a break.
  void stretch(std::uint32_t begin, std::uint32_t end) {
    begin_ = begin;
    end_ = end;
    if (!find_starts()) return;
    const std::size_t length = end - begin;
    // What the letters from a place on cost, where a foreign word goes on there, and where none does.
    foreign_.assign(length + 1, 0);
    native_.assign(length + 1, 0);
    step_.assign(length, 0);
    leaves_.assign(length, 0);
    for (std::uint32_t i = static_cast<std::uint32_t>(length); i-- > 0;) {
      const std::int64_t on = foreign_[i + 1];
      const std::int64_t leave = native_[i + 1] + (i + 1 < length ? end_cost(begin + i) : 0);
      leaves_[i] = leave < on;
      foreign_[i] = kForeignLetter + std::min(on, leave);
      const bool erhua = letters_.codes[begin + i] == 'r' - 'a' &&
                         (i + 1 == length || !is_vowel(letters_.codes[begin + i + 1]));
      native_[i] = (erhua ? kErhua : kUnreadLetter) + native_[i + 1];
      step_[i] = 1;
      int inside = 0;
      Automaton::State state = Automaton::kRoot;
      for (std::uint32_t j = i; j < length;) {
        state = automaton_.step(state, letters_.codes[begin + j]);
        if (state == Automaton::kDead) break;
        if (j > i && upper(begin + j) && !upper(begin + j - 1)) inside += kCapitalInside;
        ++j;
        const std::uint16_t spelling = automaton_.spelling(state, extended_);
        if (spelling == kNoSpelling) continue;
        const std::int64_t cost = costs_.unigram(automaton_.syllable(spelling)) + inside + native_[j];
        if (cost < native_[i]) {
          native_[i] = cost;
          step_[i] = static_cast<std::uint8_t>(j - i);
        }
      }
      if (starts_[i] && foreign_[i] < native_[i]) {
        native_[i] = foreign_[i];
        step_[i] = 0;
      }
    }
    for (std::uint32_t i = 0; i < length;) {
      if (step_[i] > 0) {
        i += step_[i];
        continue;
      }
      bool leaves;
      do {
        letters_.codes[begin + i] = kNoLetter;
        leaves = leaves_[i];
        ++i;
      } while (!leaves && i < length);
    }
  }

 private:
  bool upper(std::uint32_t at) const { return (letters_.looks[at] & kUpper) != 0; }

  std::int64_t end_cost(std::uint32_t at) const {
    const bool behind_capitals = upper(at) && !upper(at + 1) && at > begin_ && upper(at - 1);
    return behind_capitals ? kForeignEndAtCapitals : kForeignEnd;
  }

  // Marks in starts_ where foreign words may begin; false if nowhere.
  bool find_starts() {
    starts_.assign(end_ - begin_, 0);
    readable_.assign(end_ - begin_ + 1, 0);
    bool any = false;
    std::uint32_t word_end = end_;
    readable_[end_ - begin_] = 1;
    for (std::uint32_t at = end_; at-- > begin_;) {
      readable_[at - begin_] = can_be_read(at, word_end);
      if (!upper(at) || (at > begin_ && upper(at - 1))) continue;
      if (!readable_[at - begin_]) starts_[at - begin_] = any = true;
      word_end = at;
      readable_[at - begin_] = 1;  // for the word before it
    }
    return any;
  }

  bool can_be_read(std::uint32_t at, std::uint32_t word_end) const {
    Automaton::State state = Automaton::kRoot;
    for (std::uint32_t j = at; j < word_end;) {
      state = automaton_.step(state, letters_.codes[j]);
      if (state == Automaton::kDead) return false;
      ++j;
      if (automaton_.spelling(state, extended_) != kNoSpelling && readable_[j - begin_]) return true;
    }
    return false;
  }

  Letters& letters_;
  const Costs& costs_;
  const bool extended_;
  ForeignScratch& scratch_;
  const Automaton& automaton_ = Automaton::get();
  std::uint32_t begin_ = 0, end_ = 0;
  std::vector<std::uint8_t>& starts_ = scratch_.starts;
  std::vector<std::uint8_t>& readable_ = scratch_.readable;
  std::vector<std::uint8_t>& step_ = scratch_.step;
  std::vector<std::uint8_t>& leaves_ = scratch_.leaves;
  std::vector<std::int64_t>& foreign_ = scratch_.foreign;
  std::vector<std::int64_t>& native_ = scratch_.native;
};

}  // namespace

void find_foreign_words(Letters& letters, const Costs& costs, bool extended, ForeignScratch& scratch) {
  if (!letters.any_upper) return;
  Finder finder(letters, costs, extended, scratch);
  const auto size = static_cast<std::uint32_t>(letters.size());
  auto next_break = letters.breaks.begin();
  for (std::uint32_t at = 0; at < size;) {
    if (letters.codes[at] == kNoLetter) {
      ++at;
      continue;
    }
    while (next_break != letters.breaks.end() && next_break->place <= at) ++next_break;
    const std::uint32_t limit = next_break == letters.breaks.end() ? size : next_break->place;
    std::uint32_t end = at;
    bool any_upper = false;
    while (end < limit && letters.codes[end] != kNoLetter) any_upper |= (letters.looks[end++] & kUpper) != 0;
    if (any_upper) finder.stretch(at, end);
    at = end;
  }
}

}  // namespace fasttok::pinyin
