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

// Writes the positions of the `count` bits of the mask, plus `base`. Writes in groups of 4: there is room for
// 64 beyond what counts.
template <class Position>
inline void write_positions(std::uint64_t mask, std::size_t count, std::size_t base, Position* out) {
  for (std::size_t done = 0; done < count; done += 4) {
    for (unsigned k = 0; k < 4; ++k) {
      out[done + k] = static_cast<Position>(base + lowest_bit(mask));
      mask &= mask - 1;
    }
  }
}

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
