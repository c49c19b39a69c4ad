// The vector text of the kernels, written once. Each instruction set includes it inside its target region,
// after its vec_*.h, which gives Block, load_block, load_part, load_zeroed, store_block, fold_block,
// ClassTables, lead_masks, zero_bytes, filled_block, least_of, load_tables, without_spaces, StopFinder,
// units_in, write_units, Masks, classify, lowest_bit, count_bits, write_positions, AsciiRows, pair_masks,
// write_places, KeyCut, cut_of, cut_key, answer_place, ShortAnswer, short_answer, count_of, all_short,
// store_ids and ObjectAddresses.
#pragma once

// Windows of 64 characters; what the next one must know of the one before are two bits.
//
//   text    The cat, stop.
//   space   00010000100000
//   starts  10001001010001      punctuation, and letters that follow none
//   ends     001000110000 1     one past the last character: a start or a space behind a character of a word
template <class Unit>
inline WordSpans ascii_words(const Unit* text, std::size_t n, bool final, const AsciiClasses& classes,
                             const WordOutputs& out) {
  const ClassTables tables = load_tables(classes);
  std::size_t begun = 0, ended = 0;
  std::uint64_t after_letter = 0, after_space = 1;  // of the character before the window
  std::size_t stopped_at = n;
  for (std::size_t i = 0; i < n; i += 64) {
    const std::size_t room = n - i < 64 ? n - i : 64;
    const Block block = room == 64 ? load_block(text + i) : load_part(text + i, room);
    if constexpr (sizeof(Unit) == 2) store_block(out.narrow + i, block);
    Masks masks = classify(block, tables);
    std::uint64_t known = ~std::uint64_t{0};  // characters of the text before the first stop
    if (room < 64) {
      known >>= 64 - room;
      masks.space |= ~known;  // what is behind the end
      masks.punctuation &= known;
      masks.stop &= known;
    }
    const std::uint64_t letters = ~(masks.space | masks.punctuation);
    std::uint64_t starts = masks.punctuation | (letters & ~(letters << 1 | after_letter));
    std::uint64_t ends = (starts | masks.space) & ~(masks.space << 1 | after_space);
    after_letter = letters >> 63;
    after_space = masks.space >> 63;
    if (masks.stop) {
      stopped_at = i + lowest_bit(masks.stop);
      known = (masks.stop & (0 - masks.stop)) - 1;
    } else if (room < 64 && final) {
      known = known << 1 | 1;  // the end of the text ends a word
    }
    starts &= known;
    ends &= known;
    const auto more_begun = count_bits(starts), more_ended = count_bits(ends);
    write_positions(starts, more_begun, i, out.begins + begun);
    write_positions(ends, more_ended, i, out.ends + ended);
    begun += more_begun;
    ended += more_ended;
    if (masks.stop) break;
  }
  // At most one word has begun and not ended: the last one.
  if (begun == ended) return {ended, stopped_at};
  if (!final || stopped_at < n) return {ended, out.begins[ended]};
  out.ends[ended] = static_cast<std::uint16_t>(n);  // behind a whole last window
  return {ended + 1, n};
}

inline WordSpans ascii_words_u8(const std::uint8_t* text, std::size_t n, bool final,
                                const AsciiClasses& classes, const WordOutputs& out) {
  return ascii_words(text, n, final, classes, out);
}

inline WordSpans ascii_words_u16(const std::uint16_t* text, std::size_t n, bool final,
                                 const AsciiClasses& classes, const WordOutputs& out) {
  return ascii_words(text, n, final, classes, out);
}

// As ascii_words(); the ends are left out where nobody asks.
inline std::size_t row_words(const std::uint8_t* text, std::size_t n, const AsciiClasses& classes,
                             std::uint16_t* bounds, std::uint16_t* ends, const std::uint16_t* places,
                             std::size_t count, std::uint16_t* numbers) {
  struct Window {
    std::uint64_t starts;
    std::size_t before;  // words that begin before it
  } windows[kSpanChunk / 64];
  const ClassTables tables = load_tables(classes);
  std::size_t begun = 0, ended = 0;
  std::uint64_t after_letter = 0, after_nul = 1;
  for (std::size_t i = 0; i < n; i += 64) {
    const std::size_t room = n - i < 64 ? n - i : 64;
    const Block block = room == 64 ? load_block(text + i) : load_zeroed(text + i, room);
    const std::uint64_t punctuation = classify(block, tables).punctuation;
    const std::uint64_t nuls = zero_bytes(block), letters = ~(nuls | punctuation);
    const std::uint64_t starts = punctuation | (letters & ~(letters << 1 | after_letter));
    after_letter = letters >> 63;
    if (ends) {
      const std::uint64_t stops = (starts | nuls) & ~(nuls << 1 | after_nul);
      const auto more = count_bits(stops);
      write_positions(stops, more, i, ends + ended);
      ended += more;
      after_nul = nuls >> 63;
    }
    const auto more = count_bits(starts);
    windows[i / 64] = {starts, begun};
    write_positions(starts, more, i, bounds + begun);
    begun += more;
  }
  bounds[begun] = static_cast<std::uint16_t>(n);
  if (ends && ended < begun) ends[ended] = static_cast<std::uint16_t>(n);
  for (std::size_t k = 0; k < count; ++k) {
    const Window& window = windows[places[k] / 64];
    const std::uint64_t before = window.starts & ((std::uint64_t{1} << places[k] % 64) - 1);
    numbers[k] = static_cast<std::uint16_t>(window.before + count_bits(before));
  }
  return begun;
}

// Makes rows 0 where they must have a value and there is no text, and all of those that most texts have
// nothing in.
inline void begin_masks(std::size_t n, ClassMasks& out) {
  const std::size_t end = ClassMasks::blocks_with_value(n);
  constexpr std::size_t kBytes = ClassMasks::kTogether * sizeof(std::uint64_t);
  const bool together = n > 64 * ClassMasks::kFew;
  const auto begin = [&](bool clears_last, auto&... rows) {
    ((rows.words[0] = rows[end] = 0), ...);
    if (clears_last) (std::memset(&rows[end - ClassMasks::kTogether], 0, kBytes), ...);
  };
  const auto clear = [&](auto&... rows) {
    ((rows.words[0] = rows[end] = 0), ...);
    if (together) {
      for (std::size_t b = 0; b < end; b += ClassMasks::kTogether) (std::memset(&rows[b], 0, kBytes), ...);
    } else {
      ((rows[0] = rows[ClassMasks::kFew - 1] = 0), ...);
    }
  };
  begin(together && !AsciiRows::writes_together(n), out.space, out.letter, out.number, out.newline,
        out.apostrophe, out.upper, out.blank, out.slash);
  begin(together, out.high);
  clear(out.trail, out.syllable, out.sign);
}

// Whether some character of a text is NUL.
class NulFinder {
 public:
  // The first `n` characters of a block, with zeros behind them.
  void add(const Block& block, std::size_t n) {
    if (n == 64) {
      least_ = least_of(least_, block);
    } else {
      found_ = zero_bytes(block) << (64 - n) != 0;
    }
  }
  bool found() const { return found_ || zero_bytes(least_) != 0; }

 private:
  Block least_ = filled_block(-1);
  bool found_ = false;  // in a last block that is not whole
};

template <bool kAllRows>
inline void byte_masks_of(const std::uint8_t* text, std::size_t n, ClassMasks& out) {
  AsciiRows rows(n, out);
  NulFinder nul;
  std::uint64_t any_high = 0;
  begin_masks(n, out);
  for (std::size_t i = 0, b = 0; i < n; i += 64, ++b) {
    const std::size_t room = n - i < 64 ? n - i : 64;
    const Block block = room == 64 ? load_block(text + i) : load_zeroed(text + i, room);
    nul.add(block, room);
    const std::uint64_t high = rows.template put<kAllRows>(block, b);
    if (high == 0) continue;
    any_high |= high;
    const LeadMasks leads = lead_masks(block);
    out.trail[b] = leads.trail;
    // U+4DC0 to U+4DFF (E4 B7) are no ideographs, and the last of U+9FC0 to U+9FFF (E9 BF) may be none.
    const std::uint64_t seen = ~(std::uint64_t{1} << 63);  // with the byte behind
    const std::uint64_t e4 = leads.e4 & ~(leads.b7 >> 1) & seen;
    const std::uint64_t e9 = leads.e9 & ~(leads.bf >> 1) & seen;
    out.syllable[b] = leads.syllable | e4 | e9;
  }
  rows.finish();
  out.any_high = out.any_trail = any_high != 0;
  out.any_nul = nul.found();
}

inline void byte_masks(const std::uint8_t* text, std::size_t n, bool all_rows, ClassMasks& out) {
  all_rows ? byte_masks_of<true>(text, n, out) : byte_masks_of<false>(text, n, out);
}

template <bool kAllRows>
inline void unit_masks_of(const std::uint16_t* text, std::size_t n, ClassMasks& out) {
  AsciiRows rows(n, out);
  NulFinder nul;
  std::uint64_t any_high = 0;
  begin_masks(n, out);
  for (std::size_t i = 0, b = 0; i < n; i += 64, ++b) {
    const std::size_t room = n - i < 64 ? n - i : 64;
    const std::uint16_t* units = text + i;
    std::uint16_t last[64] = {};
    if (room < 64) {
      std::memcpy(last, units, room * sizeof *units);
      units = last;
    }
    const Block block = load_block(units);
    nul.add(block, room);
    const std::uint64_t high = rows.template put<kAllRows>(block, b);
    if (high == 0) continue;
    any_high |= high;
    const std::uint64_t syllable =
        units_in(units, 0x3400, 0x4DBF) | units_in(units, 0x4E00, 0x9FEF) | units_in(units, 0xAC00, 0xD7A3);
    out.syllable[b] = syllable;
    if ((high & ~syllable) == 0) continue;
    out.sign[b] = units_in(units, 0x2010, 0x2027) | units_in(units, 0x3001, 0x3003) |
                  units_in(units, 0x3008, 0x301F) | units_in(units, 0xFF01, 0xFF0F) |
                  units_in(units, 0xFF1A, 0xFF20);
  }
  rows.finish();
  out.any_high = any_high != 0;
  out.any_trail = false;
  out.any_nul = nul.found();
}

inline void unit_masks(const std::uint16_t* text, std::size_t n, bool all_rows, ClassMasks& out) {
  all_rows ? unit_masks_of<true>(text, n, out) : unit_masks_of<false>(text, n, out);
}

// Of the last block, what is before it is copied twice.
inline std::size_t copy_ascii(const std::uint8_t* text, std::size_t n, const AsciiClasses& classes, bool fold,
                              std::uint8_t* out) {
  const ClassTables tables = load_tables(classes);
  if (n < 64) {
    const Block block = load_part(text, n);
    const Block bare = without_spaces(block, tables);
    store_block(out, fold ? fold_block(bare) : bare);
    const std::uint64_t stops = classify(block, tables).stop & ((std::uint64_t{1} << n) - 1);
    return stops ? lowest_bit(stops) : n;
  }
  StopFinder stops(tables);
  const auto copy = [&](std::size_t i) {
    const Block block = load_block(text + i);
    const Block bare = without_spaces(block, tables);
    store_block(out + i, fold ? fold_block(bare) : bare);
    stops.add(block);
  };
  for (std::size_t i = 0; i + 64 < n; i += 64) copy(i);
  copy(n - 64);
  if (!stops.found()) [[likely]]
    return n;
  for (std::size_t i = 0;; i = i + 128 < n ? i + 64 : n - 64) {
    if (const std::uint64_t found = classify(load_block(text + i), tables).stop) return i + lowest_bit(found);
  }
}

// Vectors of lengths first, up to a whole number of them: what is left for each word by itself is little.
template <class Begin, class Length>
[[gnu::always_inline]] inline void lines_of(const WordCache& cache, const std::uint8_t* bytes,
                                            std::size_t count, Begin&& begin, Length&& length,
                                            AskedWord* words) {
  static_assert(kWordGroup % kWordsReadAhead == 0 && kWordRun % kWordsReadAhead == 0);
  KeyCut cuts[kWordGroup];
  const std::size_t padded = (count + kWordsReadAhead - 1) / kWordsReadAhead * kWordsReadAhead;
  for (std::size_t k = 0; k < padded; ++k) cuts[k] = cut_of(length(k));
  const WordKey tag = cache.tag();
  const WordCache::Lines lines = cache.lines();  // in registers, whatever is written meanwhile
#pragma GCC unroll 4
  for (std::size_t k = 0; k < count; ++k) {
    words[k].line = lines[cut_key(bytes + begin(k), cuts[k], tag, words[k].key)];
    __builtin_prefetch(words[k].line);
  }
}

inline void word_lines(const WordCache& cache, const std::uint8_t* bytes, const std::uint16_t* begins,
                       const std::uint16_t* ends, std::size_t count, AskedWord* words) {
  lines_of(
      cache, bytes, count, [&](std::size_t k) { return begins[k]; },
      [&](std::size_t k) { return static_cast<std::uint16_t>(ends[k] - begins[k]); }, words);
}

inline const WordCache::Answer& answer_at(const WordCache::Line& line, std::ptrdiff_t place) {
  return *reinterpret_cast<const WordCache::Answer*>(reinterpret_cast<const char*>(&line) + place);
}

inline std::size_t word_answers(std::size_t count, WordGroup& group) {
  std::size_t misses = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const std::ptrdiff_t place = answer_place(*group.words[k].line, group.words[k].key);
    group.answers[k] = &group.words[k].line->answers[place > 0];
    group.missed[misses] = static_cast<std::uint16_t>(k);
    misses += place < 0;
  }
  return misses;
}

inline void run_lines(const WordCache& cache, const std::uint8_t* text, const std::uint32_t* bounds,
                      std::size_t count, AskedWord* words) {
  static_assert(kWordRun <= kWordGroup);
  lines_of(
      cache, text, count, [&](std::size_t k) { return bounds[k]; },
      [&](std::size_t k) { return bounds[k + 1] - bounds[k]; }, words);
}

// Loads by hand: a gather of 16 (AVX-512) was slower.
inline std::size_t short_values(const std::uint16_t* text, std::size_t n, const std::uint32_t* table,
                                std::uint32_t* out) {
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const std::uint32_t four[4] = {table[text[i]], table[text[i + 1]], table[text[i + 2]],
                                   table[text[i + 3]]};
    if ((four[0] | four[1] | four[2] | four[3]) >> 28) break;
    std::memcpy(out + i, four, sizeof four);
  }
  for (; i < n; ++i) {
    const std::uint32_t value = table[text[i]];
    if (value >> 28) break;
    out[i] = value;
  }
  return i;
}

// 16 units at a time. The last few are followed by NULs, of a byte each, that do not count.
inline Utf8Written to_utf8(const std::uint16_t* text, std::size_t n, std::uint8_t* out) {
  constexpr std::size_t kUnits = 16;
  Utf8Written done{0, 0, true};
  while (done.units < n) {
    const std::size_t units = n - done.units < kUnits ? n - done.units : kUnits;
    std::uint16_t last[kUnits] = {};
    const std::uint16_t* from = text + done.units;
    if (units < kUnits) {
      std::memcpy(last, from, units * sizeof *from);
      from = last;
    }
    const std::size_t bytes = write_units(from, out + done.bytes, done.plain);
    if (bytes == 0) break;  // a surrogate
    done.units += units;
    done.bytes += bytes - (kUnits - units);
  }
  for (; done.units < n && !is_surrogate_unit(text[done.units]); ++done.units) {
    done.plain = done.plain && is_plain_unit(text[done.units]);
    done.bytes += write_unit(text[done.units], out + done.bytes);
  }
  return done;
}

template <class Position>
inline std::size_t positions_of(const std::uint64_t* masks, std::size_t blocks, Position* out) {
  std::size_t count = 0;
  for (std::size_t b = 0; b < blocks; ++b) {
    const std::size_t more = count_bits(masks[b]);
    write_positions(masks[b], more, 64 * b, out + count);
    count += more;
  }
  return count;
}

inline std::size_t positions(const std::uint64_t* masks, std::size_t blocks, std::uint16_t* out) {
  return positions_of(masks, blocks, out);
}

inline std::size_t wide_positions(const std::uint64_t* masks, std::size_t blocks, std::uint32_t* out) {
  return positions_of(masks, blocks, out);
}

inline void widen(const std::uint32_t* values, std::size_t n, std::int64_t* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = values[i];
}

inline void fill(std::int64_t value, std::size_t n, std::int64_t* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = value;
}

inline std::size_t ascii_cuts(const AsciiCuts& cuts, const std::uint8_t* text, std::size_t n,
                              std::uint64_t* masks) {
  constexpr std::size_t kSets = AsciiCuts::kSets;
  AsciiClasses no_text;
  no_text.stop.add(0);
  const ClassTables ends = load_tables(no_text);
  ClassTables left[kSets], right[kSets];
  Masks before[kSets];  // of the left characters: the last bit of the window before
  for (std::size_t k = 0; k < kSets; ++k) {
    left[k] = load_tables(cuts.left[k]);
    right[k] = load_tables(cuts.right[k]);
    before[k] = {0, 0, 0};
  }
  std::uint64_t first = 1;
  for (std::size_t i = 0; i < n; i += 64) {
    const std::size_t room = n - i < 64 ? n - i : 64;
    const Block block = room == 64 ? load_block(text + i) : load_part(text + i, room);
    std::uint64_t found = first;
    for (std::size_t k = 0; k < kSets; ++k) {
      const Masks a = classify(block, left[k]), b = classify(block, right[k]);
      found |= (a.space << 1 | before[k].space) & b.space;
      found |= (a.punctuation << 1 | before[k].punctuation) & b.punctuation;
      found |= (a.stop << 1 | before[k].stop) & b.stop;
      before[k] = {a.space >> 63, a.punctuation >> 63, a.stop >> 63};
    }
    std::uint64_t stop = classify(block, ends).stop;
    if (room < 64) stop |= ~std::uint64_t{0} << room;
    if (stop) {
      const std::size_t known = lowest_bit(stop);
      masks[i / 64] = (found & ((stop & (0 - stop)) - 1)) | first;
      for (std::size_t w = i / 64 + 1; 64 * w < n; ++w) masks[w] = 0;
      return i + known;
    }
    masks[i / 64] = found;
    first = 0;
  }
  return n;
}

inline std::size_t noted_answers(const AskedWord* words, std::size_t first, std::size_t count,
                                 std::uint32_t least, std::uint32_t*& out, std::uint32_t& seen) {
  constexpr std::uint32_t kTopBit = std::uint32_t{1} << 31;
  std::uint32_t* to = out;
  std::uint32_t all = 0;
  std::size_t k = first;
  for (; k < count; ++k) {
    const std::ptrdiff_t place = answer_place(*words[k].line, words[k].key);
    if (place < 0) break;
    const WordCache::Answer& answer = answer_at(*words[k].line, place);
    const std::uint32_t noted = answer.count;
    if ((noted & ~kTopBit) < least) break;
    answer.copy_to(to);
    all |= noted;
    to += answer.size();
  }
  out = to;
  seen |= all & kTopBit;
  return k;
}

// Copies the answers of words up to the first that has none, whose index is returned. note(k, to, ids): word
// k has so many, from `to` on.
template <class Note>
inline std::size_t copy_answers(const AskedWord* words, std::size_t first, std::size_t count,
                                std::uint32_t*& out, Note&& note) {
  std::uint32_t* to = out;
  std::size_t k = first;
  const auto place_of = [&](std::size_t i) { return answer_place(*words[i].line, words[i].key); };
  const auto count_ids = [&](std::size_t i, std::uint32_t ids) {
    note(i, to, ids);
    to += ids;
  };
  const auto copy_short = [&](std::size_t i, ShortAnswer answer, std::uint32_t ids) {
    store_ids(answer, to);
    count_ids(i, ids);
  };
  const auto copy = [&](std::size_t i, std::ptrdiff_t place) {
    const WordCache::Answer& answer = answer_at(*words[i].line, place);
    answer.copy_8_to(to);
    count_ids(i, answer.count);
  };
  // Four at a time: fewer branches, and less of a loop.
  for (; k + 4 <= count; k += 4) {
    const ShortAnswer answers[4] = {short_answer(words[k]), short_answer(words[k + 1]),
                                    short_answer(words[k + 2]), short_answer(words[k + 3])};
    const std::uint32_t a = count_of(answers[0]), b = count_of(answers[1]), c = count_of(answers[2]),
                        d = count_of(answers[3]);
    if (all_short(answers)) [[likely]] {
      copy_short(k, answers[0], a);
      copy_short(k + 1, answers[1], b);
      copy_short(k + 2, answers[2], c);
      copy_short(k + 3, answers[3], d);
      continue;
    }
    const std::ptrdiff_t places[4] = {place_of(k), place_of(k + 1), place_of(k + 2), place_of(k + 3)};
    if ((places[0] | places[1] | places[2] | places[3]) < 0) break;
    for (std::size_t i = 0; i < 4; ++i) copy(k + i, places[i]);
  }
  for (; k < count; ++k) {
    const std::ptrdiff_t place = place_of(k);
    if (place < 0) break;
    copy(k, place);
  }
  out = to;
  return k;
}

inline std::size_t plain_answers(const AskedWord* words, std::size_t first, std::size_t count,
                                 std::uint32_t*& out, std::uint32_t** begins) {
  return copy_answers(words, first, count, out,
                      [&](std::size_t k, std::uint32_t* to, std::uint32_t) { begins[k] = to; });
}

inline std::size_t run_answers(const AskedWord* words, std::size_t first, std::size_t count,
                               std::uint32_t*& out, std::uint32_t* counts) {
  if (!counts)
    return copy_answers(words, first, count, out, [](std::size_t, std::uint32_t*, std::uint32_t) {});
  return copy_answers(words, first, count, out,
                      [&](std::size_t k, std::uint32_t*, std::uint32_t ids) { counts[k] = ids; });
}

// As ascii_words() and plain_answers(), of one window, whose masks stay in registers.
inline std::size_t short_answers(const WordCache& cache, const std::uint8_t* text, std::size_t n,
                                 const AsciiClasses& classes, std::uint32_t* out) {
  const Masks masks = classify(load_part(text, n), load_tables(classes));
  const std::uint64_t known = (std::uint64_t{1} << n) - 1;
  if (masks.stop & known) return kNoAnswer;
  const std::uint64_t space = masks.space | ~known, punctuation = masks.punctuation & known;
  const std::uint64_t letters = ~(space | punctuation);
  std::uint64_t starts = punctuation | (letters & ~(letters << 1));
  std::uint64_t ends = (starts | space) & ~(space << 1 | 1);
  const WordKey tag = cache.tag();
  std::uint32_t* to = out;
  for (; starts; starts &= starts - 1, ends &= ends - 1) {
    const std::size_t begin = lowest_bit(starts);
    const std::size_t length = lowest_bit(ends) - begin;
    WordKey key;
    const WordCache::Line* const line = cache.lines()[cut_key(text + begin, cut_of(length), tag, key)];
    const std::ptrdiff_t place = answer_place(*line, key);
    if (place < 0) return kNoAnswer;
    const WordCache::Answer& answer = answer_at(*line, place);
    answer.copy_8_to(to);
    to += answer.count;
  }
  return static_cast<std::size_t>(to - out);
}

inline void part_places(const PartPlaces& of, const std::uint16_t* units, std::size_t n,
                        const std::uint64_t* begins, std::uint32_t* keys, std::uint32_t* places) {
  for (std::size_t i = 0; i < n; i += 64) {
    const std::uint64_t mask = begins[i / 64], next = begins[i / 64 + 1];
    write_places(of, units + i, n - i < 64 ? n - i : 64, mask >> 1 | next << 63, mask >> 2 | next << 62,
                 keys + i, places + i);
  }
}

// The last few are written once more with some before them: how a loop ends would be guessed wrong.
inline bool addresses(const ObjectTable& objects, const std::uint32_t* numbers, std::size_t n, void* out) {
  constexpr std::size_t kSize = sizeof(std::uintptr_t);
  auto* const to = static_cast<unsigned char*>(out);
  ObjectAddresses write(objects);
  if (n > ObjectTable::kFetched) {
    for (std::size_t i = 0; i + 8 < n; i += 8) write.eight(numbers + i, to + kSize * i);
    write.eight(numbers + n - 8, to + kSize * (n - 8));
    return write.all_known();
  }
  const auto fetch = [&](std::size_t i, std::size_t count) {
    for (std::size_t k = i; k < i + count; ++k) {
      const void* object;
      std::memcpy(&object, to + kSize * k, kSize);
      __builtin_prefetch(object);
    }
  };
  static_assert(ObjectTable::kFetched <= 16);
  if (n >= 8) {
    for (const std::size_t i : {std::size_t{0}, n - 8}) {
      write.eight(numbers + i, to + kSize * i);
      fetch(i, 8);
    }
  } else if (n >= 4) {
    for (const std::size_t i : {std::size_t{0}, n - 4}) {
      write.four(numbers + i, to + kSize * i);
      fetch(i, 4);
    }
  } else {
    for (std::size_t i = 0; i < n; ++i) {
      if (numbers[i] >= objects.count) return false;
      const std::uintptr_t address = objects.address(numbers[i]);
      std::memcpy(to + kSize * i, &address, kSize);
      __builtin_prefetch(reinterpret_cast<const void*>(address));
    }
    return true;
  }
  return write.all_known();
}
