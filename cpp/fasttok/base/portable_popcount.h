// How many bits are set, where the compiler may have no instruction for it: baseline x86-64 has none, and the
// function that is called instead takes longer than this.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fasttok {

inline std::size_t portable_popcount(std::uint64_t bits) {
#if defined(__x86_64__) && !defined(__POPCNT__)
  bits -= bits >> 1 & 0x5555555555555555u;
  bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
  bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
  return static_cast<std::size_t>(bits * 0x0101010101010101u >> 56);
#else
  return static_cast<std::size_t>(__builtin_popcountll(bits));
#endif
}

}  // namespace fasttok
