// What kernels-inl.h needs of an instruction set that has neither masked loads nor a compression (AVX2,
// NEON), in terms of its load_block and lowest_bit. Included between its vec_*.h and kernels-inl.h.
#pragma once

// The first `n` < 64 characters; what is behind them is unspecified.
template <class Unit>
inline Block load_part(const Unit* p, std::size_t n) {
  if (may_read_beyond(p + n, (64 - n) * sizeof(Unit))) return load_block(p);
  Unit copy[64];
  std::memcpy(copy, p, n * sizeof(Unit));
  return load_block(copy);
}

// What ASCII says of a text, in the rows of `out`, one block at a time.
class AsciiRows {
 public:
  // Whether as many blocks are written as have a value, wherever the text ends.
  static constexpr bool writes_together(std::size_t) { return false; }
  AsciiRows(const ByteClasses& classes, std::size_t, ClassMasks& out)
      : first_(load_tables(classes.first)),
        second_(load_tables(classes.second)),
        third_(load_tables(classes.third)),
        out_(out) {}
  // Block `b`; `valid` has the bits of the text.
  void put(const Block& block, std::uint64_t valid, std::size_t b) {
    const Masks is_first = classify(block, first_), is_second = classify(block, second_),
                is_third = classify(block, third_);
    out_.space[b] = is_first.space & valid;
    out_.letter[b] = is_first.punctuation & valid;
    out_.number[b] = is_first.stop & valid;
    out_.newline[b] = is_second.space & valid;
    out_.apostrophe[b] = is_second.punctuation & valid;
    out_.upper[b] = is_second.stop & valid;
    out_.blank[b] = is_third.space & valid;
    out_.slash[b] = is_third.punctuation & valid;
    out_.high[b] = is_third.stop & valid;
  }
  void finish() {}

 private:
  const ClassTables first_, second_, third_;
  ClassMasks& out_;
};

// 16 units as UTF-8, by the set's write_eight and are_plain. Clears `plain` as Utf8Written says. Writes at
// most 52 bytes; returns how many count, or 0 where a unit is a surrogate.
inline std::size_t write_units(const std::uint16_t* units, std::uint8_t* out, bool& plain) {
  std::size_t bytes = 0;
  for (const std::uint16_t* eight = units; eight < units + 16; eight += 8) {
    if (const std::size_t written = write_eight(eight, out + bytes)) {
      bytes += written;
      continue;
    }
    for (const std::uint16_t* unit = eight; unit < eight + 8; ++unit) {
      if (is_surrogate_unit(*unit)) return 0;
      bytes += write_unit(*unit, out + bytes);
    }
  }
  plain = plain && are_plain(units);
  return bytes;
}
