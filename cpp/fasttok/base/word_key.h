// A word of 1 to 15 bytes as one 16-byte value: the bytes, then zeros.
//
//   "the" -> 74 68 65 00 .. 00
//
// Words that hold a NUL have no key, so two words are equal if and only if their keys are: a table that
// compares whole keys cannot confuse two words, whatever their hashes. The last byte is free for a tag that
// says whose entry it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace fasttok {

inline constexpr std::size_t kMaxKeyBytes = 15;

struct alignas(16) WordKey {
  std::uint64_t lo, hi;
  bool operator==(const WordKey& other) const { return ((lo ^ other.lo) | (hi ^ other.hi)) == 0; }
};

// Row n keeps the first n bytes of a vector; the row for more than a key can hold keeps none.
struct KeyMaskTable {
  alignas(16) std::uint8_t keep[17][16];
  constexpr KeyMaskTable() : keep() {
    for (int n = 0; n < 16; ++n)
      for (int i = 0; i < 16; ++i) keep[n][i] = i < n ? 0xFF : 0;
  }
  // Where the row for a length is, in bytes.
  template <class Length>
  static constexpr Length offset(Length length) {
    return static_cast<Length>((length <= kMaxKeyBytes ? length : kMaxKeyBytes + 1) * sizeof keep[0]);
  }
  const std::uint8_t* at(std::size_t offset) const {
    return reinterpret_cast<const std::uint8_t*>(keep) + offset;
  }
  const std::uint8_t* row(std::size_t length) const { return at(offset(length)); }
};
inline constexpr KeyMaskTable kKeyMasks;

// What a row of the table keeps of the 16 bytes at `p`, with a tag (in the last byte of `tag`).
inline WordKey masked_key(const std::uint8_t* p, const std::uint8_t* row, const WordKey& tag) {
  WordKey key;
#if defined(__SSE2__)
  const auto at = [](const void* from) { return static_cast<const __m128i*>(from); };
  const __m128i kept = _mm_and_si128(_mm_loadu_si128(at(p)), _mm_load_si128(at(row)));
  _mm_store_si128(reinterpret_cast<__m128i*>(&key), _mm_or_si128(kept, _mm_load_si128(at(&tag))));
#else
  std::uint64_t mask[2];
  std::memcpy(&key, p, 16);
  std::memcpy(mask, row, 16);
  key.lo = (key.lo & mask[0]) | tag.lo;
  key.hi = (key.hi & mask[1]) | tag.hi;
#endif
  return key;
}

// The tagged key of the first `length` bytes at `p`, of which 16 must be readable. For a length that has no
// key: the tag alone, which is no word's key.
inline WordKey load_key(const std::uint8_t* p, std::size_t length, const WordKey& tag) {
  return masked_key(p, kKeyMasks.row(length), tag);
}

// The key of `length` bytes of which no more may be read.
inline WordKey make_key(const void* p, std::size_t length) {
  std::uint8_t bytes[16] = {};
  std::memcpy(bytes, p, length);
  WordKey key;
  std::memcpy(&key, bytes, 16);
  return key;
}

// The key without its tag and, where `fold` says so, with a-z for A-Z.
inline WordKey untagged(const WordKey& key, bool fold) {
  std::uint8_t bytes[16];
  std::memcpy(bytes, &key, 16);
  bytes[15] = 0;
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(b | (fold && b >= 'A' && b <= 'Z' ? 0x20 : 0));
  WordKey result;
  std::memcpy(&result, bytes, 16);
  return result;
}

inline std::uint64_t hash_key(const WordKey& key) {
  const auto product = static_cast<unsigned __int128>(key.lo ^ 0x9E3779B97F4A7C15ull) *
                       static_cast<unsigned __int128>(key.hi ^ 0xD6E8FEB86659FD93ull);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// 1 where the keys are equal, else 0, without a branch.
inline unsigned equal_keys(const WordKey& a, const WordKey& b) {
#if defined(__SSE2__)
  const auto load = [](const WordKey& from) {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(&from));
  };
  return (static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(load(a), load(b)))) + 1) >> 16;
#else
  return a == b;
#endif
}

}  // namespace fasttok
