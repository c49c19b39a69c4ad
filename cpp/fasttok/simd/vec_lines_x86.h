// What kernels-inl.h needs to read a line of the cache, for AVX2 and AVX-512: there a vector of 32 bytes
// holds both keys of a line, or both answers.
//
// Included inside a target region (see avx2.cc), after <immintrin.h>.
#pragma once

// The distance in bytes from a line to the answer that it has for a key; negative if it has none.
inline std::ptrdiff_t answer_place(const WordCache::Line& line, const WordKey& key) {
  const __m256i twice = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(&key)));
  const __m256i keys = _mm256_load_si256(reinterpret_cast<const __m256i*>(line.keys));
  // Two bits for each key: are its halves equal?
  const int halves = _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(twice, keys)));
  constexpr std::int8_t kSecond = sizeof(WordCache::Answer);
  static constexpr std::int8_t kPlaces[16] = {-1, -1, -1, 0, -1,      -1,      -1,      0,
                                              -1, -1, -1, 0, kSecond, kSecond, kSecond, kSecond};
  return kPlaces[halves];
}

// A word's answer as its line has it: the count and up to kMaxShortIds ids; zeros if it has none. Both words
// of a line are looked at, and where both are this one, they have the same answer.
using ShortAnswer = __m128i;

inline ShortAnswer short_answer(const AskedWord& word) {
  const __m256i twice =
      _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(&word.key)));
  const __m256i keys = _mm256_load_si256(reinterpret_cast<const __m256i*>(word.line->keys));
  const __m256i halves = _mm256_cmpeq_epi64(twice, keys);
  const __m256i equal = _mm256_and_si256(halves, _mm256_shuffle_epi32(halves, 0x4E));
  const __m256i answers =
      _mm256_and_si256(equal, _mm256_load_si256(reinterpret_cast<const __m256i*>(word.line->answers)));
  return _mm_or_si128(_mm256_castsi256_si128(answers), _mm256_extracti128_si256(answers, 1));
}

inline std::uint32_t count_of(ShortAnswer answer) {
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(answer));
}

// Whether each of four has one id to kMaxShortIds. One that was not found has none.
inline bool all_short(const ShortAnswer (&answers)[4]) {
  const auto less_one = [&](std::size_t i) { return _mm_sub_epi32(answers[i], _mm_set1_epi32(1)); };
  const __m128i most =
      _mm_max_epu32(_mm_max_epu32(less_one(0), less_one(1)), _mm_max_epu32(less_one(2), less_one(3)));
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(most)) < WordCache::kMaxShortIds;
}

// Writes four, of which the last is anything.
inline void store_ids(ShortAnswer answer, std::uint32_t* out) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_srli_si128(answer, sizeof(std::uint32_t)));
}
