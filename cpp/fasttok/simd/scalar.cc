// The reference text of each kernel but word_starts: plain C++, one character at a time.
#include "fasttok/simd/scalar.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "fasttok/simd/utf8_unit.h"

namespace fasttok::scalar {
namespace {

template <class Unit>
WordSpans ascii_words(const Unit* text, std::size_t n, bool final, const AsciiClasses& classes,
                      const WordOutputs& out) {
  WordSpans spans{0, 0};
  std::size_t i = 0;
  auto has = [&](const AsciiClass& which, std::size_t at) { return text[at] <= 0x7F && which.has(text[at]); };
  auto stops = [&](std::size_t at) {
    return text[at] > 0x7F ? classes.stops_above : classes.stop.has(text[at]);
  };
  while (i < n && !stops(i)) {
    if (has(classes.space, i)) {
      spans.consumed = ++i;
      continue;
    }
    const std::size_t begin = i++;
    if (!has(classes.punctuation, begin)) {
      while (i < n && !stops(i) && !has(classes.space, i) && !has(classes.punctuation, i)) ++i;
    }
    if (i == n ? !final : stops(i)) break;
    out.begins[spans.count] = static_cast<std::uint16_t>(begin);
    out.ends[spans.count++] = static_cast<std::uint16_t>(i);
    spans.consumed = i;
  }
  return spans;
}

WordSpans ascii_words_u8(const std::uint8_t* text, std::size_t n, bool final, const AsciiClasses& classes,
                         const WordOutputs& out) {
  return ascii_words(text, n, final, classes, out);
}

WordSpans ascii_words_u16(const std::uint16_t* text, std::size_t n, bool final, const AsciiClasses& classes,
                          const WordOutputs& out) {
  const WordSpans spans = ascii_words(text, n, final, classes, out);
  for (std::size_t i = 0; i < spans.consumed; ++i) out.narrow[i] = static_cast<std::uint8_t>(text[i]);
  return spans;
}

constexpr std::size_t kBlocksTogether = 1;
#include "fasttok/simd/word_starts-inl.h"

void byte_masks(const std::uint8_t* text, std::size_t n, bool, ClassMasks& out) {
  for (MaskRow ClassMasks::*const row : ClassMasks::kRows) out.*row = {};
  out.any_high = out.any_trail = out.any_nul = false;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t b = i / 64;
    const std::uint64_t bit = std::uint64_t{1} << i % 64;
    const unsigned byte = text[i];
    out.any_nul |= byte == 0;
    if (byte < 0x80) {
      for (std::size_t k = 0; k < AsciiRowTable::kRows; ++k) {
        if (kAsciiRowTable.rows_of[byte] >> k & 1) (out.*ClassMasks::kRows[k])[b] |= bit;
      }
      continue;
    }
    out.any_high = out.any_trail = true;
    out.high[b] |= bit;
    if (byte < 0xC0) out.trail[b] |= bit;
    const bool ends_block = i % 64 == 63 || i + 1 == n;
    const unsigned next = ends_block ? 0 : text[i + 1];
    if ((byte >= 0xE5 && byte <= 0xE8) || byte == 0xEB || byte == 0xEC ||
        (byte == 0xE4 && i % 64 != 63 && next != 0xB7) || (byte == 0xE9 && i % 64 != 63 && next != 0xBF))
      out.syllable[b] |= bit;
  }
}

void unit_masks(const std::uint16_t* text, std::size_t n, bool all_rows, ClassMasks& out) {
  std::uint8_t narrow[64 * MaskRow::kBlocks] = {};
  for (std::size_t i = 0; i < n; ++i)
    narrow[i] = static_cast<std::uint8_t>(std::min<unsigned>(text[i], 0xFF));
  byte_masks(narrow, n, all_rows, out);
  out.any_trail = false;
  for (std::size_t b = 0; 64 * b < n; ++b) out.trail[b] = out.syllable[b] = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i % 64;
    if (is_syllable_unit(text[i])) out.syllable[i / 64] |= bit;
    if (is_sign_unit(text[i])) out.sign[i / 64] |= bit;
  }
}

std::size_t copy_ascii(const std::uint8_t* text, std::size_t n, const AsciiClasses& classes, bool fold,
                       std::uint8_t* out) {
  std::size_t first = n;
  for (std::size_t i = n; i-- > 0;) {
    const unsigned c = text[i];
    if (c > 0x7F ? classes.stops_above : classes.stop.has(c)) first = i;
    const bool space = c <= 0x7F && classes.space.has(c);
    out[i] = static_cast<std::uint8_t>(space ? 0 : c | (fold && c >= 'A' && c <= 'Z' ? 0x20 : 0));
  }
  return first;
}

std::size_t row_words(const std::uint8_t* text, std::size_t n, const AsciiClasses& classes,
                      std::uint16_t* bounds, std::uint16_t* ends, const std::uint16_t* places,
                      std::size_t count, std::uint16_t* numbers) {
  const auto is_letter = [&](std::size_t i) {
    return text[i] > 0x7F || (text[i] != 0 && !classes.punctuation.has(text[i]));
  };
  std::size_t words = 0, k = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (; k < count && places[k] == i; ++k) numbers[k] = static_cast<std::uint16_t>(words);
    const bool begins = is_letter(i) ? i == 0 || !is_letter(i - 1) : text[i] != 0;
    if (begins) bounds[words++] = static_cast<std::uint16_t>(i);
    if (ends && text[i] != 0) ends[words - 1] = static_cast<std::uint16_t>(i + 1);
  }
  bounds[words] = static_cast<std::uint16_t>(n);
  return words;
}

void word_lines(const WordCache& cache, const std::uint8_t* bytes, const std::uint16_t* begins,
                const std::uint16_t* ends, std::size_t count, AskedWord* words) {
  for (std::size_t k = 0; k < count; ++k) {
    AskedWord& word = words[k];
    word.key = load_key(bytes + begins[k], static_cast<std::size_t>(ends[k] - begins[k]), cache.tag());
    word.line = cache.line_of(word.key);
    __builtin_prefetch(word.line);
  }
}

std::size_t word_answers(std::size_t count, WordGroup& group) {
  std::size_t misses = 0;
  for (std::size_t k = 0; k < count; ++k) {
    unsigned found;
    group.answers[k] = WordCache::find(*group.words[k].line, group.words[k].key, found);
    if (!found) group.missed[misses++] = static_cast<std::uint16_t>(k);
  }
  return misses;
}

void run_lines(const WordCache& cache, const std::uint8_t* text, const std::uint32_t* bounds,
               std::size_t count, AskedWord* words) {
  for (std::size_t k = 0; k < count; ++k) {
    words[k].key = load_key(text + bounds[k], bounds[k + 1] - bounds[k], cache.tag());
    words[k].line = cache.line_of(words[k].key);
    __builtin_prefetch(words[k].line);
  }
}

std::size_t short_values(const std::uint16_t* text, std::size_t n, const std::uint32_t* table,
                         std::uint32_t* out) {
  std::size_t i = 0;
  for (; i < n && table[text[i]] >> 28 == 0; ++i) out[i] = table[text[i]];
  return i;
}

Utf8Written to_utf8(const std::uint16_t* text, std::size_t n, std::uint8_t* out) {
  Utf8Written done{0, 0, true};
  for (; done.units < n && !is_surrogate_unit(text[done.units]); ++done.units) {
    done.plain = done.plain && is_plain_unit(text[done.units]);
    done.bytes += write_unit(text[done.units], out + done.bytes);
  }
  return done;
}

PairMasks pair_masks(const PairSet& set, std::uint16_t left, const std::uint16_t* units, std::size_t n) {
  PairMasks masks{0, 0};
  for (std::size_t i = 0; i < n; left = units[i++]) {
    const bool flagged = (set.flags[left] & set.flags[units[i]] >> 4) != 0;
    masks.pairs |= std::uint64_t{set.has(left, units[i])} << i;
    masks.flagged |= std::uint64_t{flagged} << i;
  }
  return masks;
}

void part_places(const PartPlaces& of, const std::uint16_t* units, std::size_t n, const std::uint64_t* begins,
                 std::uint32_t* keys, std::uint32_t* places) {
  const auto is_begin = [&](std::size_t i) { return (begins[i / 64] >> i % 64 & 1) != 0; };
  for (std::size_t i = 0; i < n; ++i) {
    const bool one = is_begin(i + 1), two = !one && is_begin(i + 2);
    const std::uint32_t pair = two ? PartPlaces::key_of_two(units[i], units[i + 1]) : 0;
    keys[i] = one ? units[i] : two ? pair : PartPlaces::kNoKey;
    places[i] = one ? units[i] : two ? of.place_of_two(pair) : PartPlaces::kNoPlace;
  }
}

template <class Position>
std::size_t positions_of(const std::uint64_t* masks, std::size_t blocks, Position* out) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < 64 * blocks; ++i) {
    if (masks[i / 64] >> i % 64 & 1) out[count++] = static_cast<Position>(i);
  }
  return count;
}

std::size_t positions(const std::uint64_t* masks, std::size_t blocks, std::uint16_t* out) {
  return positions_of(masks, blocks, out);
}

std::size_t wide_positions(const std::uint64_t* masks, std::size_t blocks, std::uint32_t* out) {
  return positions_of(masks, blocks, out);
}

void widen(const std::uint32_t* values, std::size_t n, std::int64_t* out) {
  std::copy_n(values, n, out);
}

void fill(std::int64_t value, std::size_t n, std::int64_t* out) {
  std::fill_n(out, n, value);
}

std::size_t ascii_cuts(const AsciiCuts& cuts, const std::uint8_t* text, std::size_t n, std::uint64_t* masks) {
  std::fill_n(masks, (n + 63) / 64, 0);
  if (n > 0) masks[0] = 1;
  for (std::size_t i = 0; i < n; ++i) {
    if (text[i] == 0 || text[i] > 0x7F) return i;
    if (i > 0 && cuts.has(text[i - 1], text[i])) masks[i / 64] |= std::uint64_t{1} << i % 64;
  }
  return n;
}

std::size_t noted_answers(const AskedWord* words, std::size_t first, std::size_t count, std::uint32_t least,
                          std::uint32_t*& out, std::uint32_t& seen) {
  constexpr std::uint32_t kTopBit = std::uint32_t{1} << 31;
  for (std::size_t k = first; k < count; ++k) {
    unsigned found;
    const WordCache::Answer* const answer = WordCache::find(*words[k].line, words[k].key, found);
    if (!found || (answer->count & ~kTopBit) < least) return k;
    answer->copy_to(out);
    out += answer->size();
    seen |= answer->count & kTopBit;
  }
  return count;
}

std::size_t plain_answers(const AskedWord* words, std::size_t first, std::size_t count, std::uint32_t*& out,
                          std::uint32_t** begins) {
  std::uint32_t seen = 0;
  for (std::size_t k = first; k < count; ++k) {
    std::uint32_t* const begin = out;
    if (noted_answers(words, k, k + 1, 0, out, seen) == k) return k;
    begins[k] = begin;
  }
  return count;
}

std::size_t run_answers(const AskedWord* words, std::size_t first, std::size_t count, std::uint32_t*& out,
                        std::uint32_t* counts) {
  for (std::size_t k = first; k < count; ++k) {
    std::uint32_t* begins[1];
    if (plain_answers(words + k, 0, 1, out, begins) == 0) return k;
    if (counts) counts[k] = static_cast<std::uint32_t>(out - begins[0]);
  }
  return count;
}

std::size_t short_answers(const WordCache& cache, const std::uint8_t* text, std::size_t n,
                          const AsciiClasses& classes, std::uint32_t* out) {
  std::uint16_t begins[kShortText + 64], ends[kShortText + 64];
  const WordSpans words = ascii_words_u8(text, n, true, classes, {begins, ends, nullptr});
  if (words.consumed < n) return kNoAnswer;
  std::uint32_t* to = out;
  for (std::size_t k = 0; k < words.count; ++k) {
    const WordKey key =
        load_key(text + begins[k], static_cast<std::size_t>(ends[k] - begins[k]), cache.tag());
    unsigned found;
    const WordCache::Answer* const answer = WordCache::find(*cache.line_of(key), key, found);
    if (!found) return kNoAnswer;
    answer->copy_8_to(to);
    to += answer->count;
  }
  return static_cast<std::size_t>(to - out);
}

bool addresses(const ObjectTable& objects, const std::uint32_t* numbers, std::size_t n, void* out) {
  for (std::size_t i = 0; i < n; ++i) {
    if (numbers[i] >= objects.count) return false;
    const std::uintptr_t address = objects.address(numbers[i]);
    std::memcpy(static_cast<unsigned char*>(out) + sizeof address * i, &address, sizeof address);
    if (n <= ObjectTable::kFetched) __builtin_prefetch(reinterpret_cast<const void*>(address));
  }
  return true;
}

}  // namespace

const Kernels kKernels{ascii_words_u8, ascii_words_u16, byte_masks,    unit_masks,   word_starts,
                       copy_ascii,     row_words,       word_lines,    word_answers, run_lines,
                       run_answers,    short_values,    to_utf8,       pair_masks,   part_places,
                       positions,      wide_positions,  widen,         fill,         ascii_cuts,
                       noted_answers,  plain_answers,   short_answers, addresses};

}  // namespace fasttok::scalar
