#include "fasttok/text/word_scanner.h"

#include <algorithm>
#include <bit>

#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

template <class Visit>
void for_each_bit(std::uint64_t mask, Visit visit) {
  for (; mask; mask &= mask - 1) visit(static_cast<std::size_t>(std::countr_zero(mask)));
}

}  // namespace

StartRules start_rules_of(const SplitRules& rules) {
  const auto all_if = [](bool is) { return is ? ~std::uint64_t{0} : 0; };
  return {.any_prefix = all_if(rules.any_prefix),
          .space_digits = all_if(rules.space_digits),
          .single_digits = all_if(rules.most_digits == 1),
          .digit_groups = all_if(rules.most_digits > 1),
          .case_split = all_if(rules.case_split),
          .newline_tail = all_if(rules.newline_tail),
          .slash_tail = all_if(rules.slash_tail),
          .newline_run = all_if(rules.newline_run),
          .digits_apart = all_if(rules.digits_apart)};
}

// Gives the units of characters beyond ASCII their classes.
template <class Text>
void BasicWordScanner<Text>::fill_wide(Found& found) {
  constexpr bool kUnits = sizeof(typename Text::Unit) > 1;
  Chunk& chunk = chunk_;
  ClassMasks& of = chunk.of;
  MaskRow &both = chunk.words.both, &complex = chunk.words.complex;
  const auto fill = [&](MaskRow& mask, std::size_t b, std::uint64_t bytes, std::size_t bit) {
    mask[b] |= bytes << bit;
    if (bit > 60) mask[b + 1] |= bytes >> (64 - bit);
  };
  for (std::size_t b = 0; b < chunk.blocks; ++b) {
    const std::uint64_t high = of.high[b];
    if (high == 0) continue;
    const std::uint64_t h = of.syllable[b];
    if (kUnits) {
      of.letter[b] |= h;
      both[b] |= h;
    } else {
      const std::uint64_t filled = h | h << 1 | h << 2, over = h >> 63 | h >> 62;
      of.letter[b] |= filled;
      both[b] |= filled;
      of.letter[b + 1] |= over | h >> 63 << 1;
      both[b + 1] |= over | h >> 63 << 1;
    }
    for_each_bit(high & ~(of.trail[b] | of.sign[b] | h), [&](std::size_t bit) {
      const std::size_t at = chunk.at + b * 64 + bit;
      if (at >= chunk.at + chunk.size) return;
      const DecodedChar d = text_.at(at);
      const std::uint8_t c = classes_(d.c);
      found.classes |= c;
      if (kUnits && (d.c & 0xFFFFF800) == 0xD800) found.odd = true;
      const std::uint64_t bytes = (std::uint64_t{1} << d.size) - 1;
      if (c & kClassLetter) {
        fill(of.letter, b, bytes, bit);
        if (c & kClassUpper) {
          fill(of.upper, b, bytes, bit);
        } else if (!(c & kClassLower)) {
          fill(both, b, bytes, bit);
        }
      } else if (c & kClassNumber) {
        fill(of.number, b, bytes, bit);
        if (rules_.most_digits > 1) complex[b] |= std::uint64_t{1} << bit;
      } else if (rules_.digits_apart && d.size == 4 && SplitRules::is_digit_apart(d.c)) {
        complex[b] |= std::uint64_t{1} << bit;
      } else if ((c & kClassSpace) || (rules_.case_split && (c & kClassMark))) {
        complex[b] |= std::uint64_t{1} << bit;
      }
    });
  }
}

// Digits in groups: a start at every few of them.
template <class Text>
void BasicWordScanner<Text>::add_groups() {
  Chunk& chunk = chunk_;
  for (std::size_t b = 0; b < chunk.blocks; ++b) {
    for_each_bit(chunk.words.groups[b], [&](std::size_t bit) {
      const std::size_t begin = b * 64 + bit;
      const auto is_digit = [&](std::size_t i) {
        return i < chunk.size && (chunk.of.number[i / 64] >> i % 64 & 1) != 0;
      };
      for (std::size_t i = begin + 1, n = 1; is_digit(i); ++i, ++n) {
        if (n % rules_.most_digits == 0) chunk.set(chunk.words.starts, i);
      }
    });
  }
}

// White space goes to its last newline: what follows that one begins a word.
template <class Text>
void BasicWordScanner<Text>::add_newline_ends() {
  Chunk& chunk = chunk_;
  std::uint64_t before = 0;
  for (std::size_t b = 0; b < chunk.blocks; ++b) {
    const std::uint64_t newline = chunk.of.newline[b] & chunk.words.gap[b];
    const std::uint64_t after_newline = newline << 1 | before;
    before = newline >> 63;
    for_each_bit(chunk.of.space[b] & ~chunk.of.newline[b] & after_newline, [&](std::size_t bit) {
      const std::size_t begin = b * 64 + bit;
      // White space that goes on behind the chunk is not taken from it, whatever is noted here.
      std::size_t i = chunk.at + begin;
      for (; i < chunk.at + chunk.size; ++i) {
        const std::uint8_t c = text_[i] < 0x80 ? classes_(text_[i]) : 0;
        if (c & kClassNewline) return;
        if (!(c & kClassSpace)) break;
      }
      if (rules_.space_end && i == text_.size()) return;
      chunk.set(chunk.words.starts, begin);
    });
  }
}

template <class Text>
void BasicWordScanner<Text>::move_contractions() {
  Chunk& chunk = chunk_;
  const bool is_suffix = rules_.contraction == SplitRules::Contraction::kSuffix;
  std::size_t done = 0;  // behind the last contraction
  for (std::size_t b = 0; b < chunk.blocks; ++b) {
    for_each_bit(chunk.of.apostrophe[b] & (is_suffix ? chunk.of.letter.moved(b) : chunk.words.starts[b]),
                 [&](std::size_t bit) {
                   const std::size_t begin = b * 64 + bit;
                   if (is_suffix && begin == done) return;
                   const std::size_t size = rules_.contraction_size(text_, chunk.at + begin);
                   if (size == 0) return;
                   for (std::size_t i = is_suffix ? 0 : 1; i < size; ++i)
                     chunk.clear(chunk.words.starts, begin + i);
                   done = begin + size;
                   chunk.set(chunk.words.starts, done);
                 });
  }
}

// Where in a block words begin whatever follows.
template <class Text>
std::uint64_t BasicWordScanner<Text>::sure_starts(std::size_t b) const {
  const ClassMasks& of = chunk_.of;
  const StartMasks& words = chunk_.words;
  const std::uint64_t letter = of.letter[b], number = of.number[b], after_letter = of.letter.moved(b),
                      after_number = of.number.moved(b);
  const std::uint64_t rest = ~(letter | number | of.space[b]);
  const std::uint64_t sure = (of.blank[b] & ~words.gap.moved(b)) |
                             (rest & ~of.apostrophe[b] & ~words.complex[b] & (after_letter | after_number)) |
                             (letter & after_number) | (number & after_letter);
  const std::size_t in_block = chunk_.size - b * 64;
  return in_block < 64 ? sure & ((std::uint64_t{1} << in_block) - 1) : sure;
}

template <class Text>
typename BasicWordScanner<Text>::Found BasicWordScanner<Text>::find(std::size_t at) {
  Chunk& chunk = chunk_;
  chunk.at = at;
  chunk.size = std::min(text_.size() - at, blocks_ * 64);
  const bool is_last = at + chunk.size == text_.size();
  while (!is_last && chunk.size > 0 && !text_.begins_char(at + chunk.size)) --chunk.size;
  chunk.blocks = (chunk.size + 63) / 64;
  ClassMasks& of = chunk.of;
  const bool all_rows = start_rules_.use_all_rows();
  if constexpr (sizeof(typename Text::Unit) > 1) {
    kernels_.unit_masks(text_.data() + at, chunk.size, all_rows, of);
  } else {
    kernels_.byte_masks(text_.data() + at, chunk.size, all_rows, of);
  }
  StartMasks& words = chunk.words;
  if (chunk.size > 64 * ClassMasks::kFew) {
    words.both = words.complex = {};
  } else {
    for (std::size_t b = 0; b <= chunk.blocks; ++b) words.both[b] = words.complex[b] = 0;
  }
  words.gap.words[0] = 0;  // that no unset value is read where the first block is moved
  Found found{at, 0, &words.starts[0], &of.high[0], 0, of.any_nul, !of.any_high, 0};
  if (of.any_high) fill_wide(found);
  kernels_.word_starts(start_rules_, of, chunk.size, words);
  if (words.any_groups) add_groups();
  if (words.any_behind_newline) add_newline_ends();
  move_contractions();

  std::size_t complex = chunk.size;  // the first such character
  if (words.any_complex) {
    for (std::size_t b = 0; b < chunk.blocks && complex == chunk.size; ++b) {
      if (words.complex[b]) complex = b * 64 + static_cast<std::size_t>(std::countr_zero(words.complex[b]));
    }
  }
  const bool is_complex = complex < chunk.size;
  if (is_last && !is_complex) {
    found.size = chunk.size;
  } else {
    for (std::size_t b = std::min(complex / 64, chunk.blocks - 1) + 1; b-- > 0 && found.size == 0;) {
      std::uint64_t mask = sure_starts(b);
      if (complex / 64 == b && complex % 64 != 63) mask &= (std::uint64_t{2} << complex % 64) - 1;
      if (b == 0) mask &= ~std::uint64_t{1};
      if (mask) found.size = b * 64 + 63 - static_cast<std::size_t>(std::countl_zero(mask));
    }
  }
  if (is_complex || found.size == 0) {
    // One by one over what is complex, or where it is not known of any place that a word begins there.
    blocks_ = is_complex ? 1 : std::min(2 * blocks_, kBlocks);
    found.apart = is_complex ? complex + 1 : chunk.size;
  } else {
    blocks_ = std::min(2 * blocks_, kBlocks);
  }
  return found;
}

template <class Text>
typename BasicWordScanner<Text>::Words BasicWordScanner<Text>::next(std::size_t at, std::uint32_t* bounds) {
  const Found found = find(at);
  std::uint32_t* const ends = bounds + 1;
  bounds[0] = 0;
  std::size_t count = 0;
  if (found.size > 0) {
    std::uint64_t* const starts = &chunk_.words.starts[0];
    starts[0] &= ~std::uint64_t{1};
    if (found.size % 64 != 0) starts[found.size / 64] &= (std::uint64_t{1} << found.size % 64) - 1;
    count = kernels_.wide_positions(starts, (found.size + 63) / 64, ends);
    ends[count++] = static_cast<std::uint32_t>(found.size);
  }
  if (found.apart == 0) return {count, found.ascii, found.odd};
  const std::size_t end =
      each_apart(found, [&](std::size_t word_end) { ends[count++] = static_cast<std::uint32_t>(word_end); });
  const auto* const begin = text_.data() + at;
  return {count, false, std::find(begin, begin + end, 0) != begin + end};
}

template class BasicWordScanner<Utf8Chars>;
template class BasicWordScanner<UnitChars>;

}  // namespace fasttok
