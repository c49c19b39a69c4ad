// The vector text of the kernels, written once. Each instruction set includes it inside its target region,
// after its vec_*.h, which gives Block, Masks, load_block, store_block, load_tables, classify and equal_any.
#pragma once

// Writes the positions of the lowest `count` bits of two masks, plus `base`. Always writes in groups of 4:
// there is room for 64 beyond what counts.
inline void write_positions(std::uint64_t a, std::uint64_t b, unsigned count, std::size_t base,
                            std::uint16_t* out_a, std::uint16_t* out_b) {
  for (unsigned done = 0; done < count; done += 4) {
    for (unsigned k = 0; k < 4; ++k) {
      out_a[done + k] = static_cast<std::uint16_t>(base + _tzcnt_u64(a));
      a = _blsr_u64(a);
      out_b[done + k] = static_cast<std::uint16_t>(base + _tzcnt_u64(b));
      b = _blsr_u64(b);
    }
  }
}

// Windows of 64 characters, each starting at the start of a word, so that no state crosses from one to the
// next:
//
//   text    The cat, st|opped          (64 characters end inside "stopped")
//   space   0001000010001
//   starts  1000100110000 1            punctuation, and letters that follow none
//   ends    0001000110000              one past the last character: a start or a space after a word
//   next window: from the "s" of the word whose end is not in sight
template <class Unit>
inline WordSpans ascii_words(const Unit* text, std::size_t n, bool final, const AsciiClasses& classes,
                             std::uint16_t* begins, std::uint16_t* ends, std::uint8_t* narrow) {
  const ClassTables tables = load_tables(classes);
  std::size_t i = 0;
  std::size_t count = 0;
  while (i < n) {
    const std::size_t room = n - i < 64 ? n - i : 64;
    const std::uint64_t in_text = room == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << room) - 1;
    Block block;
    if (room == 64 || may_read_beyond(text + n, (64 - room) * sizeof(Unit))) {
      block = load_block(text + i);
    } else {
      Unit tail[64];
      std::memcpy(tail, text + i, room * sizeof(Unit));
      block = load_block(tail);
    }
    if constexpr (sizeof(Unit) == 2) store_block(narrow + i, block);
    // What is behind the end counts as space.
    Masks masks = classify(block, tables);
    masks.space |= ~in_text;
    masks.punctuation &= in_text;
    masks.stop &= in_text;
    const std::size_t stop = masks.stop ? static_cast<std::size_t>(_tzcnt_u64(masks.stop)) : 64;
    const std::uint64_t letters = ~(masks.space | masks.punctuation);
    const std::uint64_t starts = masks.punctuation | (letters & ~(letters << 1));
    std::uint64_t word_ends = (starts | masks.space) & (~masks.space << 1);
    // A word that fills the window has no end in sight: it is left to the caller.
    // An end counts if the character there is known: before the stop, and before the end of the text unless
    // that ends a word by itself.
    std::size_t known = stop < room ? stop : room;
    const bool stopped = stop < room;
    if (!stopped && room < 64 && final) ++known;
    if (known < 64) word_ends &= (std::uint64_t{1} << known) - 1;
    const auto words = static_cast<unsigned>(_mm_popcnt_u64(word_ends));
    write_positions(starts, word_ends, words, i, begins + count, ends + count);
    count += words;
    // The first start beyond the finished words, if any, is that of a word whose end is not known.
    const std::uint64_t last_end = words ? 63 - static_cast<unsigned>(__builtin_clzll(word_ends)) : 0;
    const std::uint64_t rest = starts & (~std::uint64_t{0} << last_end);
    std::size_t next = rest ? static_cast<std::size_t>(_tzcnt_u64(rest)) : 64;
    const std::size_t limit = stop < room ? stop : room;
    if (next > limit) next = limit;
    i += next;
    if (stopped || room < 64 || next == 0) break;
  }
  return {count, i};
}

inline WordSpans ascii_words_u8(const std::uint8_t* text, std::size_t n, bool final,
                                const AsciiClasses& classes, std::uint16_t* begins, std::uint16_t* ends) {
  return ascii_words(text, n, final, classes, begins, ends, nullptr);
}

inline WordSpans ascii_words_u16(const std::uint16_t* text, std::size_t n, bool final,
                                 const AsciiClasses& classes, std::uint16_t* begins, std::uint16_t* ends,
                                 std::uint8_t* narrow) {
  return ascii_words(text, n, final, classes, begins, ends, narrow);
}

inline void widen(const std::uint32_t* values, std::size_t n, std::int64_t* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = values[i];
}

inline void fill(std::int64_t value, std::size_t n, std::int64_t* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = value;
}
