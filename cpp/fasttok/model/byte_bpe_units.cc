// What ByteBpe does with text of 16-bit units, each a character below U+10000: no UTF-8 is written but of
// what neither the table nor the cache knows.
//
//   starts    where words begin                                 1....1..
//   cuts      and where no token can span, beyond ASCII         1.11.11.     parts
//
// Parts of one and of two characters are most of Chinese text. Both are looked up in one table, by the same
// steps, so that no branch must be guessed that depends on which of them comes next, nor on where a row ends.
// All others are looked up in the cache by their units, or by their bytes where they are ASCII.
//
// Text that is ASCII but for a few units, as English with its quotes and dashes is, is looked up by words.
//
// That it is exact: parts are cut by CharCuts, as everywhere, and what the table and the cache hold for a
// part is what merging makes of its UTF-8. A part that may be another token as a whole word is in neither.
#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "fasttok/model/byte_bpe.h"
#include "fasttok/simd/utf8_unit.h"

namespace fasttok {
namespace {

// A key of units: in byte 14 what no byte of UTF-8 is, so that it is no key of bytes.
constexpr std::size_t kMaxKeyUnits = 7;

// Text with one unit beyond ASCII in more than so many is looked up as bytes.
constexpr std::size_t kUnitsOfWide = 8;

WordKey unit_tag(const WordKey& tag) {
  return {tag.lo, tag.hi | std::uint64_t{0xFF} << 48};
}

bool is_of_units(const WordKey& key) {
  return (key.hi >> 48 & 0xFF) == 0xFF;
}

// The key of up to 15 units that are ASCII, which is that of their bytes. 16 units may be read.
inline WordKey ascii_key(const std::uint16_t* units, std::size_t size, const WordKey& tag) {
  std::uint8_t bytes[16];
#if defined(__SSE2__)
  const auto load = [](const std::uint16_t* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  };
  _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes), _mm_packus_epi16(load(units), load(units + 8)));
#else
  for (std::size_t i = 0; i < 16; ++i) bytes[i] = static_cast<std::uint8_t>(units[i]);
#endif
  return load_key(bytes, size, tag);
}

std::size_t to_utf8(const std::uint16_t* units, std::size_t n, std::uint8_t* out) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < n; ++i) size += write_unit(units[i], out + size);
  return size;
}

// The 64 bits of a mask from bit `at` on.
inline std::uint64_t bits_from(const std::uint64_t* mask, std::size_t at) {
  return mask[at / 64] >> at % 64 | mask[at / 64 + 1] << 1 << (63 - at % 64);
}

}  // namespace

inline std::size_t ByteBpe::UnitEntry::copy_to(std::uint32_t* out) const {
  constexpr std::uint32_t kIdMask = (1u << kCountShift) - 1;
  static_assert(MergeTable::kMost <= kIdMask);
#if defined(__SSE2__)
  const __m128i all = _mm_load_si128(reinterpret_cast<const __m128i*>(this));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                   _mm_and_si128(all, _mm_setr_epi32(-1, -1, static_cast<int>(kIdMask), -1)));
#else
  for (std::size_t i = 0; i < kMostIds; ++i) out[i] = ids[i] & kIdMask;
#endif
  return ids[kMostIds - 1] >> kCountShift;
}

// What its characters become, for parts of one and of two; `pairs`: those that some token holds.
void ByteBpe::fill_units(const std::vector<std::uint64_t>& pairs) {
  struct Known {
    std::uint32_t pair, count, ids[UnitEntry::kMostIds];
  };
  std::vector<Known> known;
  for (const std::uint64_t pair : pairs) {
    const auto left = static_cast<char32_t>(pair >> 32), right = static_cast<char32_t>(pair);
    if ((left | right) >= CharCuts::kChars || (left | right) < 0x80 || left == 0 || right == 0) continue;
    const std::uint16_t units[] = {static_cast<std::uint16_t>(left), static_cast<std::uint16_t>(right)};
    std::uint8_t utf8[6];
    std::uint32_t ids[6];
    const std::size_t size = to_utf8(units, 2, utf8);
    if (whole_words_.contains({reinterpret_cast<const char*>(utf8), size})) continue;
    const std::size_t count = merge_folded(utf8, size, ids);
    if (count > UnitEntry::kMostIds) continue;
    Known entry{PartPlaces::key_of_two(left, right), static_cast<std::uint32_t>(count), {}};
    std::copy_n(ids, count, entry.ids);
    known.push_back(entry);
  }
  // A place is the first one's who comes to it: tokens of low ids are the more frequent ones.
  std::sort(known.begin(), known.end(), [](const Known& a, const Known& b) {
    return std::pair(a.count, a.ids[0]) < std::pair(b.count, b.ids[0]);
  });
  const auto pair_bits = std::bit_width(std::clamp<std::size_t>(4 * known.size(), 1024, (1 << 18) - 1));
  pair_places_.shift = 32 - static_cast<int>(pair_bits);
  units_ = ZeroedArray<UnitEntry>(CharCuts::kChars + (std::size_t{1} << pair_bits));
  const auto put = [&](UnitEntry& entry, std::uint32_t key, std::uint32_t count, const std::uint32_t* ids) {
    entry.key = key;
    std::copy_n(ids, count, entry.ids);
    entry.ids[UnitEntry::kMostIds - 1] |= count << UnitEntry::kCountShift;
  };
  // Where there is nothing stands the key of U+0001, which no part has that is looked for there; a longer
  // part looks at U+0000, whose key is another.
  static_assert(PartPlaces::kUnits == CharCuts::kChars && PartPlaces::kNoKey > 1 &&
                PartPlaces::kNoPlace == 0);
  for (UnitEntry& entry : units_) entry.key = 1;
  for (std::uint32_t c = 0; c < CharCuts::kChars; ++c) {
    const WordCache::Answer& answer = chars_[c];
    if (answer.count != 0 && answer.count <= UnitEntry::kMostIds) put(units_[c], c, answer.count, answer.ids);
  }
  if (units_[1].ids[UnitEntry::kMostIds - 1] == 0) units_[1].key = 0;
  for (const Known& pair : known) {
    UnitEntry& entry = units_[pair_places_.place_of_two(pair.pair)];
    if (entry.key == 1) put(entry, pair.pair, pair.count, pair.ids);
  }
}

// The parts that the table is not asked for, ascending: their keys, and the lines of the cache, which are on
// their way.
struct ByteBpe::KeyedParts {
  static constexpr std::size_t kMost = kMostUnits / 2;
  std::size_t count = 0;
  std::size_t done = 0, learnt = 0;  // so many have come; so many learn() has seen
  std::uint16_t begins[kMost + 1];
  std::uint8_t lengths[kMost];  // where a key holds the part
  WordKey keys[kMost];
  WordCache::Line* lines[kMost];  // null: no key holds the part
};

// The key of a part, and its line of the cache, which is on its way then; null where no key holds the part.
inline WordCache::Line* ByteBpe::line_of_units(const std::uint16_t* text, const std::uint64_t* high,
                                               std::size_t at, std::size_t length, const WordCache& cache,
                                               WordKey& key) const {
  const std::uint64_t own = (std::uint64_t{1} << std::min(length, kMaxKeyBytes)) - 1;
  const bool is_wide = (bits_from(high, at) & own) != 0;
  key = {};
  if (length > (is_wide ? kMaxKeyUnits : kMaxKeyBytes)) return nullptr;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text + at);
  key = is_wide ? load_key(bytes, 2 * length, unit_tag(cache.tag()))
                : ascii_key(text + at, length, cache.tag());
  WordCache::Line* const line = cache.line_of(key);
  __builtin_prefetch(line);
  return line;
}

// What a part begins with, in symbols; 0: more than a line of the cache has ids for. Nearly always all
// characters fold.
inline std::size_t ByteBpe::fold_units(const std::uint16_t* part, std::size_t size,
                                       std::uint32_t* out) const {
  std::size_t n = 0;
  bool folds = true;
  for (std::size_t i = 0; i < size; ++i) {
    const char32_t c = part[i];
    folds = folds && has(folds_apart_, c) && (i == 0 || !cuts_.may_divide(part[i - 1], c));
    n += units_[c].copy_to(out + n);
  }
  if (!folds) {
    std::uint8_t utf8[3 * kMaxKeyUnits + 16];
    n = fold(utf8, to_utf8(part, size, utf8), out);
  }
  return n <= WordCache::kMaxIds ? n : 0;
}

// From the part that came last on, those that are in no line of the cache become what is there, some at once:
// what one of them waits for is far away, and so is what the next one does. This is for time alone: a part
// that is left out, or has lost its place to another one, is done by itself.
//
// Tokens of three characters and more are few among parts beyond ASCII, and merging makes them, too: so their
// table is not asked, but where one might be another token as a whole word.
void ByteBpe::learn(const std::uint16_t* text, KeyedParts& keyed, WordCache& cache) const {
  PairMerges::Few words[PairMerges::kMostTogether];
  const Line* lines[PairMerges::kMostTogether];
  WordKey keys[PairMerges::kMostTogether];  // in these
  std::uint16_t numbers[PairMerges::kMostTogether];
  std::size_t n = 0;
  std::size_t k = keyed.done - 1;
  for (; k < keyed.count && n < PairMerges::kMostTogether; ++k) {
    unsigned known = 1;
    if (keyed.lines[k]) WordCache::find(*keyed.lines[k], keyed.keys[k], known);
    if (known) continue;
    const std::uint16_t* const part = text + keyed.begins[k];
    const std::size_t length = keyed.lengths[k];
    const bool is_wide = is_of_units(keyed.keys[k]);
    cache.prefetch_kept(*keyed.lines[k]);
    lines[n] = nullptr;
    std::uint8_t utf8[3 * kMaxKeyUnits + 16];
    std::uint32_t ids[3 * kMaxKeyUnits + 4];
    if (!is_wide || !whole_words_.empty()) {
      const std::size_t size = is_wide ? to_utf8(part, length, utf8) : length;
      if (size > kMaxKeyBytes) continue;
      keys[n] = is_wide ? load_key(utf8, size, {}) : ascii_key(part, length, {});
      lines[n] = &lines_[line_of(keys[n])];
      __builtin_prefetch(lines[n]);
    }
    std::size_t count = length;
    if (is_wide) {
      count = fold_units(part, length, ids);
    } else if (length <= WordCache::kMaxIds) {
      for (std::size_t i = 0; i < length; ++i) ids[i] = byte_ids_[part[i]];
    }
    if (count == 0 || count > WordCache::kMaxIds) continue;
    merges_.begin(words[n], ids, count);
    numbers[n++] = static_cast<std::uint16_t>(k);
  }
  PairMerges::Few* left[PairMerges::kMostTogether];
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint16_t number = numbers[i];
    if (cache.recall(*keyed.lines[number], keyed.keys[number])) continue;
    if (lines[i]) {
      if (const std::uint32_t* const id = lines[i]->find(keys[i])) {
        cache.put_and_keep(*keyed.lines[number], keyed.keys[number], id, 1);
        continue;
      }
      if (lines[i]->has_whole_words) continue;
    }
    left[count] = &words[i];
    numbers[count++] = number;
  }
  merges_.run_together({left, count});
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const std::uint32_t> ids = left[i]->ids();
    cache.put_and_keep(*keyed.lines[numbers[i]], keyed.keys[numbers[i]], ids.data(), ids.size());
  }
  keyed.learnt = k;
}

// append_units() where few units are beyond ASCII: words are looked up as bytes, and those that hold such by
// their units, among the others.
void ByteBpe::append_mostly_ascii(const std::uint16_t* text, std::span<const std::uint16_t> ends,
                                  const std::uint64_t* starts, const std::uint64_t* high, WordCache& cache,
                                  std::uint32_t* out, std::uint32_t* counts) const {
  const std::size_t size = ends.back(), blocks = (size + 63) / 64;
  std::uint64_t begin[kBlocks] = {};
  std::copy_n(starts, blocks, begin);
  begin[0] |= 1;
  if (size % 64 != 0) begin[blocks - 1] &= (std::uint64_t{1} << size % 64) - 1;
  std::uint32_t begins[kMostUnits + 64], counts_of_words[kMostUnits];
  const std::size_t words = kernels_.wide_positions(begin, blocks, begins);
  begins[words] = static_cast<std::uint32_t>(size);
  std::uint8_t bytes[kMostUnits + 16];
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(text[i]);

  std::uint16_t wide[kMostUnits / kUnitsOfWide + 2];  // words, ascending; behind them one that is none
  std::size_t wide_count = 0;
  std::uint32_t* word = begins;
  for (std::size_t b = 0; b < blocks; ++b) {
    for (std::uint64_t mask = high[b]; mask != 0; mask &= mask - 1) {
      const std::size_t at = 64 * b + static_cast<std::size_t>(std::countr_zero(mask));
      if (at < *word) continue;  // in the word before
      if (at >= size) break;
      word = std::upper_bound(word, begins + words, at);
      wide[wide_count++] = static_cast<std::uint16_t>(word - begins - 1);
    }
  }
  wide[wide_count] = static_cast<std::uint16_t>(words);

  const std::uint16_t *asked = wide, *answered = wide;
  const auto length_of = [&](std::size_t k) { return begins[k + 1] - begins[k]; };
  const auto ask = [&](std::size_t first, std::size_t n, AskedWord* run) {
    kernels_.run_lines(cache, bytes, begins + first, n, run);
    for (; *asked < first + n && *asked < words; ++asked) {
      AskedWord& own = run[*asked - first];
      WordCache::Line* const line =
          line_of_units(text, high, begins[*asked], length_of(*asked), cache, own.key);
      if (line) {
        own.line = line;
      } else {
        own.key = cache.tag();  // no word's key
      }
    }
  };
  const auto answer = [&](std::size_t first, std::size_t n, const AskedWord* run, std::uint32_t* to) {
    return append_run(run, n, to, counts_of_words + first, [&](std::size_t k, std::uint32_t* ids) {
      const std::size_t at = begins[first + k], length = length_of(first + k);
      while (*answered < first + k) ++answered;
      if (*answered != first + k) return append_missed(bytes + at, length, run[k], cache, ids);
      if (is_of_units(run[k].key))
        return append_new_units(text, at, length, true, run[k].line, run[k].key, nullptr, cache, ids);
      std::uint8_t utf8[3 * kMostUnits + 16];
      const std::size_t bytes_of = to_utf8(text + at, length, utf8);
      return bytes_of <= kMaxKeyBytes ? append_part(utf8, bytes_of, true, false, cache, ids)
                                      : append_long_word(utf8, bytes_of, cache, ids);
    });
  };
  append_by_runs(words, out, ask, answer);
  std::size_t ids = 0, k = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    for (; begins[k] < ends[i]; ++k) ids += counts_of_words[k];
    counts[i] = static_cast<std::uint32_t>(ids);
  }
}

void ByteBpe::append_units(const std::uint16_t* text, std::span<const std::uint16_t> ends,
                           const std::uint64_t* starts, const std::uint64_t* high, WordCache& cache,
                           std::uint32_t* out, std::uint32_t* counts) const {
  const std::size_t size = ends.back();
  const std::size_t blocks = (size + 63) / 64;
  std::size_t wide_units = 0;
  for (std::size_t b = 0; b < blocks; ++b) wide_units += static_cast<std::size_t>(std::popcount(high[b]));
  if (kUnitsOfWide * wide_units < size)
    return append_mostly_ascii(text, ends, starts, high, cache, out, counts);
  std::uint64_t begin[kBlocks + 1];  // of parts; what is behind the text begins some
  std::uint64_t high_before = 0;
  for (std::size_t b = 0; b < blocks; ++b) {
    const std::size_t n = std::min<std::size_t>(size - 64 * b, 64);
    const std::uint64_t wide = high[b], near = wide | wide << 1 | high_before;
    begin[b] = starts[b];
    if (near != 0) begin[b] |= near & ~cuts_.spanned(b == 0 ? 0 : text[64 * b - 1], text + 64 * b, n);
    if (n < 64) begin[b] |= ~std::uint64_t{0} << n;
    high_before = wide >> 63;
  }
  begin[0] |= 1;
  begin[blocks] = ~std::uint64_t{0};

  // Of three units or more, or of two that are ASCII.
  KeyedParts keyed;
  for (std::size_t b = 0; b < blocks; ++b) {
    const std::uint64_t second = begin[b] >> 1 | begin[b + 1] << 63,
                        third = begin[b] >> 2 | begin[b + 1] << 62;
    for (std::uint64_t mask = begin[b] & ~second & ~(third & high[b]); mask != 0; mask &= mask - 1) {
      const std::size_t at = 64 * b + static_cast<std::size_t>(std::countr_zero(mask));
      const std::uint64_t behind = bits_from(begin, at + 1);
      const std::size_t length = behind ? static_cast<std::size_t>(std::countr_zero(behind)) + 1 : 65;
      const std::size_t k = keyed.count++;
      keyed.begins[k] = static_cast<std::uint16_t>(at);
      keyed.lengths[k] = static_cast<std::uint8_t>(length);
      keyed.lines[k] = line_of_units(text, high, at, length, cache, keyed.keys[k]);
    }
  }
  keyed.begins[keyed.count] = static_cast<std::uint16_t>(size);

  const auto begins_word = [&](std::size_t at) {
    return at == 0 || at == size || (starts[at / 64] >> at % 64 & 1) != 0;
  };
  // What the table does not know.
  const auto append_other = [&](std::size_t at, std::size_t length, std::uint32_t* to) -> std::size_t {
    WordKey other;
    while (keyed.begins[keyed.done] < at) ++keyed.done;  // the table knows some that begin with ASCII
    const std::size_t done = keyed.done;
    const bool is_keyed = keyed.begins[done] == at;
    WordCache::Line* const line =
        is_keyed ? keyed.lines[done] : line_of_units(text, high, at, length, cache, other);
    const WordKey& key = is_keyed ? keyed.keys[done] : other;
    keyed.done += is_keyed;
    if (line) {
      unsigned known;
      const WordCache::Answer* answer = WordCache::find(*line, key, known);
      if (known) {
        answer->copy_to(to);
        return answer->count;
      }
    }
    const bool whole = begins_word(at) && begins_word(at + length);
    return append_new_units(text, at, length, whole, line, key, &keyed, cache, to);
  };
  const UnitEntry* const entries = units_.begin();
  std::uint32_t* to = out;
  // The table is not near: an entry is on its way some parts ahead, whatever branches are guessed wrong until
  // then.
  constexpr std::size_t kAhead = 24;
  std::uint32_t keys[kMostUnits + 16], places[kMostUnits + 16], ids_before[kMostUnits + 1];
  kernels_.part_places(pair_places_, text, size, begin, keys, places);
  places[size] = PartPlaces::kNoPlace;
  std::uint16_t begins[kMostUnits + 64];
  if (size % 64 != 0) begin[blocks - 1] &= (std::uint64_t{1} << size % 64) - 1;
  const std::size_t parts = kernels_.positions(begin, blocks, begins);
  std::fill_n(begins + parts, kAhead, static_cast<std::uint16_t>(size));
  for (std::size_t k = 0; k < std::min(kAhead, parts); ++k) __builtin_prefetch(&entries[places[begins[k]]]);
  for (std::size_t k = 0; k < parts; ++k) {
    __builtin_prefetch(&entries[places[begins[k + kAhead]]]);
    const std::size_t at = begins[k];
    ids_before[at] = static_cast<std::uint32_t>(to - out);
    const UnitEntry& entry = entries[places[at]];
    to += entry.key == keys[at] ? entry.copy_to(to) : append_other(at, begins[k + 1] - at, to);
  }
  ids_before[size] = static_cast<std::uint32_t>(to - out);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    assert(ends[i] == size || (begin[ends[i] / 64] >> ends[i] % 64 & 1));
    counts[i] = ids_before[ends[i]];
  }
}

// A part that the cache does not know in its line, if it has one. `keyed`: parts on their way, of which it
// may be the last that came; null: there are none.
std::size_t ByteBpe::append_new_units(const std::uint16_t* text, std::size_t at, std::size_t size, bool whole,
                                      WordCache::Line* line, const WordKey& key, KeyedParts* keyed,
                                      WordCache& cache, std::uint32_t* out) const {
  const std::uint16_t* const part = text + at;
  if (line) {
    const WordCache::Answer* answer = cache.recall_at_turns(*line, key);
    if (!answer && keyed && keyed->done > keyed->learnt && keyed->begins[keyed->done - 1] == at) {
      learn(text, *keyed, cache);
      unsigned known;
      answer = WordCache::find(*line, key, known);
      if (!known) answer = nullptr;
    }
    if (answer) {
      answer->copy_to(out);
      return answer->count;
    }
  }
  std::uint8_t utf8[3 * kMostUnits + 16];  // 16 bytes may be read from each place on
  const std::size_t bytes = to_utf8(part, size, utf8);
  if (!line) return append_part(utf8, bytes, whole, false, cache, out);
  bool keep;
  const std::size_t count = append_uncached(utf8, bytes, whole, cache, out, keep);
  if (!keep) return count;
  if (count <= WordCache::kMaxIds) {
    cache.put_and_keep(*line, key, out, count);
  } else {
    cache.put_long(utf8, bytes, out, count);
  }
  return count;
}

}  // namespace fasttok
