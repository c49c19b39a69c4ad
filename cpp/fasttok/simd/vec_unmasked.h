// What kernels-inl.h needs of an instruction set that has neither masked loads nor a compression (AVX2,
// NEON), in terms of its load_block, and_of, groups_of, bits_of, write_eight and are_plain. Included between
// its vec_*.h and kernels-inl.h.
#pragma once

// The first `n` < 64 characters; what is behind them is unspecified.
template <class Unit>
inline Block load_part(const Unit* p, std::size_t n) {
  if (may_read_beyond(p + n, (64 - n) * sizeof(Unit))) return load_block(p);
  Unit copy[64];
  std::memcpy(copy, p, n * sizeof(Unit));
  return load_block(copy);
}

// The same, with zeros behind them.
inline Block load_zeroed(const std::uint8_t* p, std::size_t n) {
  struct Kept {
    std::uint8_t bytes[128] = {};
    constexpr Kept() {
      for (std::size_t i = 0; i < 64; ++i) bytes[i] = 0xFF;
    }
  };
  static constexpr Kept kKept;
  return and_of(load_part(p, n), load_block(kKept.bytes + 64 - n));
}

// What ASCII says of a text, in the rows of `out`, one block at a time.
class AsciiRows {
 public:
  // Whether as many blocks are written as have a value, wherever the text ends.
  static constexpr bool writes_together(std::size_t) { return false; }
  AsciiRows(std::size_t, ClassMasks& out) : out_(out) {}
  // Block `b`, with zeros behind the text. Returns what is not ASCII.
  template <bool kAllRows>
  std::uint64_t put(const Block& block, std::size_t b) {
    using Groups = AsciiGroups;
    const Block groups = groups_of(block);
    const std::uint64_t newline = bits_of<Groups::kNewline>(groups), blank = bits_of<Groups::kBlank>(groups),
                        letter = bits_of<Groups::kAToO>(groups) | bits_of<Groups::kPToZ>(groups),
                        high = bits_of<7>(block);
    out_.space[b] = newline | blank | bits_of<Groups::kOtherSpace>(groups);
    out_.letter[b] = letter;
    out_.number[b] = bits_of<Groups::kDigit>(groups);
    out_.newline[b] = newline;
    out_.apostrophe[b] = bits_of<Groups::kApostrophe>(groups);
    out_.blank[b] = blank;
    if constexpr (kAllRows) {
      out_.upper[b] = letter & ~bits_of<std::countr_zero(Groups::kLowerBit)>(block);
      out_.slash[b] = bits_of<Groups::kSlash>(groups);
    }
    out_.high[b] = high;
    return high;
  }
  void finish() {}

 private:
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
