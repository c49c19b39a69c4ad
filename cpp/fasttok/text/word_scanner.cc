#include "fasttok/text/word_scanner.h"

#include <algorithm>
#include <bit>

#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

const ByteClasses& byte_classes() {
  static const ByteClasses classes = [] {
    ByteClasses result;
    for (unsigned c = 0; c < 128; ++c) {
      const std::uint8_t is = char_class(c);
      if (is & kClassSpace) result.first.space.add(c);
      if (is & kClassLetter) result.first.punctuation.add(c);
      if (is & kClassNumber) result.first.stop.add(c);
      if (is & kClassNewline) result.second.space.add(c);
      if (is & kClassUpper) result.second.stop.add(c);
    }
    result.second.punctuation.add('\'');
    result.third.space.add(' ');
    result.third.punctuation.add('/');
    result.first.stops_above = result.second.stops_above = false;
    return result;
  }();
  return classes;
}

// The mask with each bit moved to the next place; `carry` comes from the block before and becomes what goes
// on to the next.
std::uint64_t moved(std::uint64_t mask, std::uint64_t& carry) {
  const std::uint64_t result = mask << 1 | carry;
  carry = mask >> 63;
  return result;
}

// a + b, with a carry as above.
std::uint64_t sum(std::uint64_t a, std::uint64_t b, std::uint64_t& carry) {
  std::uint64_t first, result;
  const bool over = __builtin_add_overflow(a, b, &first);
  carry = over | __builtin_add_overflow(first, carry, &result);
  return result;
}

template <class Visit>
void for_each_bit(std::uint64_t mask, Visit visit) {
  for (; mask; mask &= mask - 1) visit(static_cast<std::size_t>(std::countr_zero(mask)));
}

}  // namespace

// Gives the units of characters beyond ASCII their classes.
template <class Text>
void BasicWordScanner<Text>::fill_wide(Found& found) {
  constexpr bool kUnits = sizeof(typename Text::Unit) > 1;
  Chunk& chunk = chunk_;
  std::fill_n(chunk.both, chunk.blocks + 1, 0);
  std::fill_n(chunk.complex, chunk.blocks + 1, 0);
  for (std::size_t b = 0; b < chunk.blocks; ++b) {
    chunk.letter[b] = chunk.masks[b].letter;
    chunk.number[b] = chunk.masks[b].number;
    chunk.upper[b] = chunk.masks[b].upper;
  }
  chunk.letter[chunk.blocks] = chunk.number[chunk.blocks] = chunk.upper[chunk.blocks] = 0;
  const auto fill = [&](std::uint64_t* mask, std::size_t b, std::uint64_t bytes, std::size_t bit) {
    mask[b] |= bytes << bit;
    if (bit > 60) mask[b + 1] |= bytes >> (64 - bit);
  };
  for (std::size_t b = 0; b < chunk.blocks; ++b) {
    const ByteMasks& masks = chunk.masks[b];
    chunk.high[b] = masks.high;
    if (kUnits && masks.nul != 0) found.odd = true;
    if (masks.high == 0) continue;
    const std::uint64_t h = masks.syllable;
    if (kUnits) {
      chunk.letter[b] |= h;
      chunk.both[b] |= h;
    } else {
      const std::uint64_t filled = h | h << 1 | h << 2, over = h >> 63 | h >> 62;
      chunk.letter[b] |= filled;
      chunk.both[b] |= filled;
      chunk.letter[b + 1] |= over | h >> 63 << 1;
      chunk.both[b + 1] |= over | h >> 63 << 1;
    }
    for_each_bit(masks.high & ~(masks.trail | masks.sign | h), [&](std::size_t bit) {
      const std::size_t at = chunk.at + b * 64 + bit;
      if (at >= chunk.at + chunk.size) return;
      const DecodedChar d = text_.at(at);
      const std::uint8_t c = classes_(d.c);
      found.classes |= c;
      if (kUnits && (d.c & 0xFFFFF800) == 0xD800) found.odd = true;
      const std::uint64_t bytes = (std::uint64_t{1} << d.size) - 1;
      if (c & kClassLetter) {
        fill(chunk.letter, b, bytes, bit);
        if (c & kClassUpper) {
          fill(chunk.upper, b, bytes, bit);
        } else if (!(c & kClassLower)) {
          fill(chunk.both, b, bytes, bit);
        }
      } else if (c & kClassNumber) {
        fill(chunk.number, b, bytes, bit);
        if (rules_.most_digits > 1) chunk.complex[b] |= std::uint64_t{1} << bit;
      } else if (rules_.digits_apart && d.size == 4 && SplitRules::is_digit_apart(d.c)) {
        chunk.complex[b] |= std::uint64_t{1} << bit;
      } else if ((c & kClassSpace) || (rules_.case_split && (c & kClassMark))) {
        chunk.complex[b] |= std::uint64_t{1} << bit;
      }
    });
  }
}

template <class Text>
void BasicWordScanner<Text>::find_starts() {
  Chunk& chunk = chunk_;
  // What is behind the end counts as white space.
  const std::size_t last = chunk.blocks - 1, used = chunk.size - last * 64;
  const std::uint64_t behind = used == 64 ? 0 : ~std::uint64_t{0} << used;
  std::uint64_t rest[kBlocks + 1];
  std::uint64_t rest_before = 0, tail_before = 0, overflow = 0;
  for (std::size_t b = 0; b < chunk.blocks; ++b) {
    const ByteMasks& masks = chunk.masks[b];
    const std::uint64_t end = b == last ? behind : 0;
    rest[b] = ~(chunk.letter[b] | chunk.number[b] | masks.space | end);
    chunk.tail[b] = 0;
    if (rules_.newline_tail) {
      const std::uint64_t after_rest = moved(rest[b], rest_before);
      const std::uint64_t first = (after_rest | tail_before) & masks.newline;
      if (first) chunk.tail[b] = (sum(masks.newline, first, overflow = 0) ^ masks.newline) & masks.newline;
      if (rules_.slash_tail) chunk.complex[b] |= (chunk.tail[b] << 1 | tail_before) & masks.slash;
      tail_before = chunk.tail[b] >> 63;
    }
    chunk.space[b] = (masks.space & ~chunk.tail[b]) | end;
  }
  chunk.space[chunk.blocks] = ~std::uint64_t{0};

  std::uint64_t c_letter = 0, c_number = 0, c_rest = 0, c_space = 0, c_blank = 0, c_prefix = 0, c_single = 0,
                c_trail = 0, c_lower = 0, c_both = 0, c_upper = 0;
  for (std::size_t b = 0; b < chunk.blocks; ++b) {
    const ByteMasks& masks = chunk.masks[b];
    const std::uint64_t letter = chunk.letter[b], number = chunk.number[b], other = rest[b],
                        space = chunk.space[b];
    const std::uint64_t after_letter = moved(letter, c_letter), after_number = moved(number, c_number),
                        after_other = moved(other, c_rest), after_space = moved(space, c_space),
                        after_blank = moved(masks.blank, c_blank),
                        after_prefix = moved(space & ~masks.newline, c_prefix);
    const std::uint64_t space_behind = space >> 1 | chunk.space[b + 1] << 63;

    std::uint64_t last_space = space & ~space_behind;
    if (rules_.newline_run) last_space &= ~masks.newline;
    if (rules_.digits_apart) last_space &= ~(number >> 1 | chunk.number[b + 1] << 63);
    std::uint64_t letters = letter & ~after_letter & ~(rules_.any_prefix ? after_prefix : after_blank);
    const std::uint64_t numbers = rules_.most_digits == 1
                                      ? number & ~masks.trail
                                      : number & ~after_number & ~(rules_.space_digits ? after_blank : 0);
    const std::uint64_t others = other & ~after_other & ~after_blank;
    if (rules_.any_prefix) {
      // Behind the first character of what is neither blank nor behind one.
      const std::uint64_t second = moved(others, c_single);
      letters &= ~(sum(second, masks.trail, c_trail) & ~masks.trail);
    }
    std::uint64_t starts = (space & ~after_space) | last_space | letters | numbers | others;
    if (rules_.case_split) {
      const std::uint64_t upper = chunk.upper[b], both = chunk.both[b], lower = letter & ~upper & ~both;
      starts |= upper & moved(lower, c_lower);
      chunk.complex[b] |= (upper & moved(both, c_both)) | (both & moved(upper, c_upper));
    }
    chunk.starts[b] = starts & ~(b == last ? behind : 0);
    chunk.groups[b] = rules_.most_digits > 1 ? numbers : 0;
    chunk.sure[b] = (masks.blank & ~after_space) |
                    (other & ~masks.apostrophe & ~chunk.complex[b] & (after_letter | after_number)) |
                    (letter & after_number) | (number & after_letter);
  }
}

// Digits in groups: a start at every few of them.
template <class Text>
void BasicWordScanner<Text>::add_groups() {
  Chunk& chunk = chunk_;
  for (std::size_t b = 0; b < chunk.blocks; ++b) {
    for_each_bit(chunk.groups[b], [&](std::size_t bit) {
      const std::size_t begin = b * 64 + bit;
      const auto is_digit = [&](std::size_t i) {
        return i < chunk.size && (chunk.masks[i / 64].number >> i % 64 & 1) != 0;
      };
      for (std::size_t i = begin + 1, n = 1; is_digit(i); ++i, ++n) {
        if (n % rules_.most_digits == 0) chunk.set(chunk.starts, i);
      }
    });
  }
}

// White space goes to its last newline: what follows that one begins a word.
template <class Text>
void BasicWordScanner<Text>::add_newline_ends() {
  Chunk& chunk = chunk_;
  std::uint64_t before_newline = 0;
  for (std::size_t b = 0; b < chunk.blocks; ++b) {
    const ByteMasks& masks = chunk.masks[b];
    const std::uint64_t newline = masks.newline & chunk.space[b];
    const std::uint64_t after_newline = moved(newline, before_newline);
    for_each_bit(masks.space & ~masks.newline & after_newline, [&](std::size_t bit) {
      const std::size_t begin = b * 64 + bit;
      // White space that goes on behind the chunk is not taken from it, whatever is noted here.
      std::size_t i = chunk.at + begin;
      for (; i < chunk.at + chunk.size; ++i) {
        const std::uint8_t c = text_[i] < 0x80 ? classes_(text_[i]) : 0;
        if (c & kClassNewline) return;
        if (!(c & kClassSpace)) break;
      }
      if (rules_.space_end && i == text_.size()) return;
      chunk.set(chunk.starts, begin);
    });
  }
}

template <class Text>
void BasicWordScanner<Text>::move_contractions() {
  Chunk& chunk = chunk_;
  const bool is_suffix = rules_.contraction == SplitRules::Contraction::kSuffix;
  std::size_t done = 0;  // behind the last contraction
  std::uint64_t letter_before = 0;
  for (std::size_t b = 0; b < chunk.blocks; ++b) {
    const std::uint64_t after_letter = moved(chunk.letter[b], letter_before);
    for_each_bit(chunk.masks[b].apostrophe & (is_suffix ? after_letter : chunk.starts[b]),
                 [&](std::size_t bit) {
                   const std::size_t begin = b * 64 + bit;
                   if (is_suffix && begin == done) return;
                   const std::size_t size = rules_.contraction_size(text_, chunk.at + begin);
                   if (size == 0) return;
                   for (std::size_t i = is_suffix ? 0 : 1; i < size; ++i)
                     chunk.clear(chunk.starts, begin + i);
                   done = begin + size;
                   chunk.set(chunk.starts, done);
                 });
  }
}

template <class Text>
typename BasicWordScanner<Text>::Found BasicWordScanner<Text>::find(std::size_t at) {
  Chunk& chunk = chunk_;
  chunk.at = at;
  chunk.size = std::min(text_.size() - at, blocks_ * 64);
  const bool is_last = at + chunk.size == text_.size();
  while (!is_last && chunk.size > 0 && !text_.begins_char(at + chunk.size)) --chunk.size;
  chunk.blocks = (chunk.size + 63) / 64;
  if constexpr (sizeof(typename Text::Unit) > 1) {
    kernels_.unit_masks(text_.data() + at, chunk.size, byte_classes(), chunk.masks);
  } else {
    kernels_.byte_masks(text_.data() + at, chunk.size, byte_classes(), chunk.masks);
  }
  Found found{at, 0, chunk.starts, chunk.high, 0, false, 0};
  fill_wide(found);
  find_starts();
  if (rules_.most_digits > 1) add_groups();
  if (rules_.newline_run) add_newline_ends();
  move_contractions();

  std::size_t complex = chunk.size;  // the first such character
  for (std::size_t b = 0; b < chunk.blocks && complex == chunk.size; ++b) {
    if (chunk.complex[b]) complex = b * 64 + static_cast<std::size_t>(std::countr_zero(chunk.complex[b]));
  }
  const bool is_complex = complex < chunk.size;
  if (is_last && !is_complex) {
    found.size = chunk.size;
  } else {
    for (std::size_t b = std::min(complex / 64, chunk.blocks - 1) + 1; b-- > 0 && found.size == 0;) {
      std::uint64_t mask = chunk.sure[b];
      if (complex / 64 == b && complex % 64 != 63) mask &= (std::uint64_t{2} << complex % 64) - 1;
      if (b == 0) mask &= ~std::uint64_t{1};
      if (mask) found.size = b * 64 + 63 - static_cast<std::size_t>(std::countl_zero(mask));
    }
  }
  if (is_complex || found.size == 0) {
    // One by one over what is complex, or over a word that is not seen whole.
    blocks_ = is_complex ? 1 : std::min(2 * blocks_, kBlocks);
    found.apart = is_complex ? complex + 1 : 1;
  } else {
    blocks_ = std::min(2 * blocks_, kBlocks);
  }
  return found;
}

template <class Text>
std::size_t BasicWordScanner<Text>::next(std::size_t at, std::uint32_t* ends) {
  const Found found = find(at);
  std::size_t count = 0;
  if (found.size > 0) {
    std::uint64_t* const starts = chunk_.starts;
    starts[0] &= ~std::uint64_t{1};
    if (found.size % 64 != 0) starts[found.size / 64] &= (std::uint64_t{1} << found.size % 64) - 1;
    count = kernels_.wide_positions(starts, (found.size + 63) / 64, ends);
    ends[count++] = static_cast<std::uint32_t>(found.size);
  }
  each_apart(found, [&](std::size_t end) { ends[count++] = static_cast<std::uint32_t>(end); });
  return count;
}

template class BasicWordScanner<Utf8Chars>;
template class BasicWordScanner<UnitChars>;

}  // namespace fasttok
