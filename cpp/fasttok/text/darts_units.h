// The units of a double array as darts-clone writes it: what the trie of a precompiled charsmap is made of.
//
//   unit: 1 bit "is a value" | 31 bits of value, or: offset, has_leaf (bit 8), label (8 bits)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fasttok::darts {

inline std::uint32_t offset_of(std::uint32_t unit) {
  return (unit >> 10) << ((unit & (1u << 9)) >> 6);
}
inline bool has_leaf(std::uint32_t unit) {
  return (unit >> 8 & 1) != 0;
}
// Above 0xFF for a value.
inline std::uint32_t label_of(std::uint32_t unit) {
  return unit & ((1u << 31) | 0xFF);
}
inline std::uint32_t value_of(std::uint32_t unit) {
  return unit & 0x7FFFFFFFu;
}

inline std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[at + i])}; };
  return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
}

inline std::vector<std::uint32_t> read_units(std::string_view bytes) {
  std::vector<std::uint32_t> units(bytes.size() / 4);
  for (std::size_t i = 0; i < units.size(); ++i) units[i] = read_u32(bytes, 4 * i);
  return units;
}

}  // namespace fasttok::darts
