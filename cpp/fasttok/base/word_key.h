// A word of up to 15 bytes as one 16-byte value: the bytes, zeros, and the length in the last byte.
//
//   "the" -> 74 68 65 00 .. 00 03
//
// Two words are equal if and only if their keys are (the length tells "a" from "a\0"), so a table that compares whole
// keys cannot confuse two words, whatever their hashes.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace fasttok {

inline constexpr std::size_t kMaxKeyBytes = 15;

struct alignas(16) WordKey {
  std::uint64_t lo, hi;
  bool operator==(const WordKey&) const = default;
};

// Row `n` keeps the first n bytes of a vector and is zero beyond them.
struct alignas(16) KeyMask {
  std::uint8_t bytes[16];
};
struct KeyMaskTable {
  KeyMask keep[16];
  constexpr KeyMaskTable() : keep() {
    for (int n = 0; n < 16; ++n)
      for (int i = 0; i < 16; ++i) keep[n].bytes[i] = i < n ? 0xFF : 0;
  }
};
inline constexpr KeyMaskTable kKeyMasks;

// Reads 16 bytes at `p` (all must be readable) and makes the key of the first `length` (<= 15) of them; where `fold`
// is 0x20, A-Z become a-z; where it is 0, they stay.
inline WordKey load_key(const std::uint8_t* p, std::size_t length, std::uint8_t fold) {
#if defined(__SSE2__)
  const __m128i raw = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i upper = _mm_and_si128(_mm_cmpgt_epi8(raw, _mm_set1_epi8('A' - 1)),
                                      _mm_cmplt_epi8(raw, _mm_set1_epi8('Z' + 1)));
  const __m128i folded = _mm_or_si128(raw, _mm_and_si128(upper, _mm_set1_epi8(static_cast<char>(fold))));
  const __m128i kept =
      _mm_and_si128(folded, _mm_load_si128(reinterpret_cast<const __m128i*>(kKeyMasks.keep[length].bytes)));
  WordKey key;
  key.lo = static_cast<std::uint64_t>(_mm_cvtsi128_si64(kept));
  key.hi = static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(kept, kept)));
#else
  std::uint8_t bytes[16] = {};
  for (std::size_t i = 0; i < length; ++i) {
    const std::uint8_t b = p[i];
    bytes[i] = (b >= 'A' && b <= 'Z') ? static_cast<std::uint8_t>(b | fold) : b;
  }
  WordKey key;
  std::memcpy(&key, bytes, 16);
#endif
  key.hi |= static_cast<std::uint64_t>(length) << 56;
  return key;
}

// The key of `length` (<= 15) bytes of which no more may be read.
inline WordKey make_key(const void* p, std::size_t length) {
  std::uint8_t bytes[16] = {};
  std::memcpy(bytes, p, length);
  bytes[15] = static_cast<std::uint8_t>(length);
  WordKey key;
  std::memcpy(&key, bytes, 16);
  return key;
}

inline std::uint64_t hash_key(const WordKey& key) {
  const auto product = static_cast<unsigned __int128>(key.lo ^ 0x9E3779B97F4A7C15ull) *
                       static_cast<unsigned __int128>(key.hi ^ 0xD6E8FEB86659FD93ull);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace fasttok
