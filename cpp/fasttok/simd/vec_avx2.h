// What kernels-inl.h needs of an instruction set, for AVX2: 64 characters as masks of 64 bits, bit i for
// character i.
//
// Included inside a target region (see avx2.cc), after <immintrin.h>.
#pragma once

constexpr std::size_t kBlocksTogether = 4;  // of 64 bits: a vector

struct Block {
  __m256i lo, hi;  // characters 0..31 and 32..63
};

inline std::uint64_t mask_of(__m256i lo, __m256i hi) {
  const auto low = static_cast<std::uint32_t>(_mm256_movemask_epi8(lo));
  const auto high = static_cast<std::uint32_t>(_mm256_movemask_epi8(hi));
  return low | static_cast<std::uint64_t>(high) << 32;
}

inline Block load_block(const std::uint8_t* p) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)),
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32))};
}

// 32 units of 16 bits to 32 bytes; a unit above 0x7F becomes a byte above 0x7F.
//   and 0x7F, pack:  a0..a7 b0..b7 | a8..a15 b8..b15   (packs work in 128-bit halves)
//   permute 0 2 1 3: a0..a15 b0..b15
inline __m256i narrow32(const std::uint16_t* p) {
  const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 16));
  const __m256i low7 = _mm256_set1_epi16(0x7F);
  const __m256i bytes = _mm256_packus_epi16(_mm256_and_si256(a, low7), _mm256_and_si256(b, low7));
  const __m256i zero = _mm256_setzero_si256();
  const __m256i above = _mm256_set1_epi16(static_cast<short>(0xFF80));
  const __m256i is_ascii = _mm256_packs_epi16(_mm256_cmpeq_epi16(_mm256_and_si256(a, above), zero),
                                              _mm256_cmpeq_epi16(_mm256_and_si256(b, above), zero));
  const __m256i marked = _mm256_or_si256(bytes, _mm256_andnot_si256(is_ascii, _mm256_set1_epi8(-1)));
  return _mm256_permute4x64_epi64(marked, 0xD8);
}

inline Block load_block(const std::uint16_t* p) {
  return {narrow32(p), narrow32(p + 32)};
}

inline void store_block(std::uint8_t* p, const Block& block) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), block.lo);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 32), block.hi);
}

// a-z for A-Z, by the sign of 8 bits: c + (128 - 'A') lies below -128 + 26 for the letters A-Z alone.
inline __m256i fold32(__m256i v) {
  const __m256i from_a = _mm256_add_epi8(v, _mm256_set1_epi8(static_cast<char>(128 - 'A')));
  const __m256i upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(-128 + 26), from_a);
  return _mm256_or_si256(v, _mm256_and_si256(upper, _mm256_set1_epi8(0x20)));
}
inline Block fold_block(const Block& block) {
  return {fold32(block.lo), fold32(block.hi)};
}

struct ClassTables {
  __m256i space, punctuation, stop, high_bit;
  std::uint64_t above;  // all ones where characters above ASCII are stops
};

inline __m256i twice(const std::uint8_t* row) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(row)));
}

inline ClassTables load_tables(const AsciiClasses& classes) {
  // high_bit[h] = 1 << h for the high nibbles 0..7 of ASCII; a byte above 0x7F has no bit, so it is in no
  // class.
  return {twice(classes.space.row.data()), twice(classes.punctuation.row.data()),
          twice(classes.stop.row.data()),
          _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, -128,
                           0, 0, 0, 0, 0, 0, 0, 0),
          classes.stops_above ? ~std::uint64_t{0} : 0};
}

struct Masks {
  std::uint64_t space, punctuation, stop;
};

// A character is in a class if the class's row for its low nibble has the bit of its high nibble. (A byte
// above 0x7F looks up row 0 by the rule of the shuffle, and its high_bit is 0.)
inline Masks classify(const Block& block, const ClassTables& tables) {
  const __m256i nibble = _mm256_set1_epi8(0x0F);
  const __m256i zero = _mm256_setzero_si256();
  __m256i member[2][3];
  const __m256i halves[2] = {block.lo, block.hi};
  for (int half = 0; half < 2; ++half) {
    const __m256i v = halves[half];
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble);
    const __m256i bit = _mm256_shuffle_epi8(tables.high_bit, high);
    member[half][0] = _mm256_and_si256(_mm256_shuffle_epi8(tables.space, v), bit);
    member[half][1] = _mm256_and_si256(_mm256_shuffle_epi8(tables.punctuation, v), bit);
    member[half][2] = _mm256_and_si256(_mm256_shuffle_epi8(tables.stop, v), bit);
  }
  Masks masks;
  masks.space = ~mask_of(_mm256_cmpeq_epi8(member[0][0], zero), _mm256_cmpeq_epi8(member[1][0], zero));
  masks.punctuation = ~mask_of(_mm256_cmpeq_epi8(member[0][1], zero), _mm256_cmpeq_epi8(member[1][1], zero));
  masks.stop = ~mask_of(_mm256_cmpeq_epi8(member[0][2], zero), _mm256_cmpeq_epi8(member[1][2], zero)) |
               (mask_of(block.lo, block.hi) & tables.above);
  return masks;
}

// NUL for each character of the class of white space.
inline Block without_spaces(const Block& block, const ClassTables& tables) {
  const auto kept = [&](__m256i v) {
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0F));
    const __m256i member =
        _mm256_and_si256(_mm256_shuffle_epi8(tables.space, v), _mm256_shuffle_epi8(tables.high_bit, high));
    return _mm256_and_si256(v, _mm256_cmpeq_epi8(member, _mm256_setzero_si256()));
  };
  return {kept(block.lo), kept(block.hi)};
}

// Whether some block has a stop.
class StopFinder {
 public:
  explicit StopFinder(const ClassTables& tables) : tables_(tables) {}
  void add(const Block& block) {
    for (const __m256i v : {block.lo, block.hi}) {
      const __m256i high = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0F));
      const __m256i bit = _mm256_shuffle_epi8(tables_.high_bit, high);
      members_ = _mm256_or_si256(members_, _mm256_and_si256(_mm256_shuffle_epi8(tables_.stop, v), bit));
      any_ = _mm256_or_si256(any_, v);
    }
  }
  bool found() const {
    const auto above = static_cast<std::uint32_t>(_mm256_movemask_epi8(any_));
    return _mm256_testz_si256(members_, members_) == 0 || (above & tables_.above) != 0;
  }

 private:
  const ClassTables& tables_;
  __m256i members_ = _mm256_setzero_si256(), any_ = _mm256_setzero_si256();
};

// The groups of each character.
inline Block groups_of(const Block& block) {
  const __m256i by_column = twice(kAsciiGroups.by_column.data()),
                by_line = twice(kAsciiGroups.by_line.data());
  const auto groups = [&](__m256i v) {
    const __m256i line = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0F));
    return _mm256_and_si256(_mm256_shuffle_epi8(by_column, v), _mm256_shuffle_epi8(by_line, line));
  };
  return {groups(block.lo), groups(block.hi)};
}

// Bit `bit` of each byte.
template <int bit>
inline std::uint64_t bits_of(const Block& block) {
  return mask_of(_mm256_slli_epi16(block.lo, 7 - bit), _mm256_slli_epi16(block.hi, 7 - bit));
}

inline Block and_of(const Block& a, const Block& b) {
  return {_mm256_and_si256(a.lo, b.lo), _mm256_and_si256(a.hi, b.hi)};
}

inline std::uint64_t zero_bytes(const Block& block) {
  const __m256i zero = _mm256_setzero_si256();
  return mask_of(_mm256_cmpeq_epi8(block.lo, zero), _mm256_cmpeq_epi8(block.hi, zero));
}

inline Block filled_block(char c) {
  return {_mm256_set1_epi8(c), _mm256_set1_epi8(c)};
}

inline Block least_of(const Block& a, const Block& b) {
  return {_mm256_min_epu8(a.lo, b.lo), _mm256_min_epu8(a.hi, b.hi)};
}

// Bytes of UTF-8: trail bytes, the leads E5..E8, EB and EC, and some by themselves.
struct LeadMasks {
  std::uint64_t trail, syllable, e4, e9, b7, bf;
};

inline LeadMasks lead_masks(const Block& block) {
  const auto equal = [&](int byte) {
    const __m256i all = _mm256_set1_epi8(static_cast<char>(byte));
    return mask_of(_mm256_cmpeq_epi8(block.lo, all), _mm256_cmpeq_epi8(block.hi, all));
  };
  // 0x80..0xBF are the signed numbers below -64; E5..E8 those between -28 and -23.
  const auto below = [&](int limit) {
    const __m256i all = _mm256_set1_epi8(static_cast<char>(limit));
    return mask_of(_mm256_cmpgt_epi8(all, block.lo), _mm256_cmpgt_epi8(all, block.hi));
  };
  const std::uint64_t e4 = equal(0xE4), e9 = equal(0xE9);
  const std::uint64_t e5_to_e8 = below(-23) & ~below(-27), eb_to_ec = below(-19) & ~below(-21);
  return {below(-64), e5_to_e8 | eb_to_ec, e4, e9, equal(0xB7), equal(0xBF)};
}

// Which of 64 units are first..last.
inline std::uint64_t units_in(const std::uint16_t* units, unsigned first, unsigned last) {
  const __m256i begin = _mm256_set1_epi16(static_cast<short>(first)),
                most = _mm256_set1_epi16(static_cast<short>(last - first));
  const auto in = [&](const std::uint16_t* p) {
    const __m256i from = _mm256_sub_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)), begin);
    return _mm256_cmpeq_epi16(_mm256_max_epu16(from, most), most);
  };
  // As in narrow32.
  const __m256i lo = _mm256_packs_epi16(in(units), in(units + 16));
  const __m256i hi = _mm256_packs_epi16(in(units + 32), in(units + 48));
  return mask_of(_mm256_permute4x64_epi64(lo, 0xD8), _mm256_permute4x64_epi64(hi, 0xD8));
}

// 8 units as UTF-8, where all are ASCII, or all have three bytes: writes at most 28 bytes. 0: they are mixed.
inline std::size_t write_eight(const std::uint16_t* units, std::uint8_t* out) {
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(units));
  const auto in = [&](int first, int last) {
    const __m128i from = _mm_sub_epi16(v, _mm_set1_epi16(static_cast<short>(first)));
    const __m128i most = _mm_set1_epi16(static_cast<short>(last - first));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi16(_mm_max_epu16(from, most), most)));
  };
  if (in(0, 0x7F) == 0xFFFF) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_packus_epi16(v, v));
    return 8;
  }
  if ((in(0, 0x7FF) | in(0xD800, 0xDFFF)) != 0) return 0;
  const __m256i c = _mm256_cvtepu16_epi32(v);
  const auto bits = [&](__m256i shifted, int mask) {
    return _mm256_and_si256(shifted, _mm256_set1_epi32(mask));
  };
  // c is abcd efgh ijkl mnop:  1110abcd 10efghij 10klmnop
  const __m256i low = _mm256_slli_epi32(bits(c, 0x3F), 16), middle = bits(_mm256_slli_epi32(c, 2), 0x3F00);
  const __m256i three = _mm256_or_si256(
      _mm256_or_si256(low, middle), _mm256_or_si256(_mm256_srli_epi32(c, 12), _mm256_set1_epi32(0x8080E0)));
  const __m256i together =
      _mm256_shuffle_epi8(three, _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, 0,
                                                  1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(together));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 12), _mm256_extracti128_si256(together, 1));
  return 24;
}

inline bool are_plain(const std::uint16_t* units) {
  const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(units));
  const auto in = [&](int first, int last) {
    const __m256i from = _mm256_sub_epi16(v, _mm256_set1_epi16(static_cast<short>(first)));
    const __m256i most = _mm256_set1_epi16(static_cast<short>(last - first));
    return _mm256_cmpeq_epi16(_mm256_max_epu16(from, most), most);
  };
  const __m256i is_plain = _mm256_or_si256(
      _mm256_or_si256(in(0, 0x7F), in(0x4E00, 0x9FFF)),
      _mm256_or_si256(_mm256_or_si256(in(0x2010, 0x2027), in(0x3001, 0x301F)), in(0xFF01, 0xFF5E)));
  return _mm256_movemask_epi8(is_plain) == -1;
}

inline std::size_t lowest_bit(std::uint64_t mask) {
  return static_cast<std::size_t>(_tzcnt_u64(mask));
}
inline std::size_t count_bits(std::uint64_t mask) {
  return static_cast<std::size_t>(_mm_popcnt_u64(mask));
}

// Which bits of a byte are set, in order.
struct BitNumbers {
  std::uint8_t numbers[256][8] = {};
  constexpr BitNumbers() {
    for (unsigned byte = 0; byte < 256; ++byte) {
      unsigned count = 0;
      for (std::uint8_t bit = 0; bit < 8; ++bit) {
        if (byte >> bit & 1) numbers[byte][count++] = bit;
      }
    }
  }
  __m128i of_byte(std::uint8_t byte) const {
    return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(numbers[byte]));
  }
};
constexpr BitNumbers kBitNumbers;

// Writes the positions of the bits of the mask, plus `base`, for eight bits at a time: where a loop over the
// bits that are set ends could not be guessed. There is room for 64 beyond what counts.
inline void write_positions(std::uint64_t mask, std::size_t, std::size_t base, std::uint16_t* out) {
  __m128i bases = _mm_set1_epi16(static_cast<short>(base));
  for (int shift = 0; shift < 64; shift += 8) {
    const auto bits = static_cast<std::uint8_t>(mask >> shift);
    const __m128i numbers = _mm_cvtepu8_epi16(kBitNumbers.of_byte(bits));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_add_epi16(numbers, bases));
    out += count_bits(bits);
    bases = _mm_add_epi16(bases, _mm_set1_epi16(8));
  }
}
inline void write_positions(std::uint64_t mask, std::size_t, std::size_t base, std::uint32_t* out) {
  __m256i bases = _mm256_set1_epi32(static_cast<int>(base));
  for (int shift = 0; shift < 64; shift += 8) {
    const auto bits = static_cast<std::uint8_t>(mask >> shift);
    const __m256i numbers = _mm256_cvtepu8_epi32(kBitNumbers.of_byte(bits));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_add_epi32(numbers, bases));
    out += count_bits(bits);
    bases = _mm256_add_epi32(bases, _mm256_set1_epi32(8));
  }
}

// Eight loads take less time than a gather of eight.
inline PairMasks pair_masks(const PairSet& set, std::uint16_t left, const std::uint16_t* units,
                            std::size_t n) {
  const __m256i by_left = _mm256_set1_epi32(static_cast<int>(PairSet::kLeft)),
                by_right = _mm256_set1_epi32(static_cast<int>(PairSet::kRight)), low5 = _mm256_set1_epi32(31),
                one = _mm256_set1_epi32(1), zero = _mm256_setzero_si256();
  const __m128i shift = _mm_cvtsi32_si128(set.shift);
  // Each lane one further; the first becomes the last one of the eight before.
  const __m256i one_further = _mm256_setr_epi32(7, 0, 1, 2, 3, 4, 5, 6);
  const auto behind = [&](__m256i v, __m256i before) {
    return _mm256_permutevar8x32_epi32(_mm256_blend_epi32(v, before, 0x80), one_further);
  };
  __m256i lefts = _mm256_mullo_epi32(_mm256_set1_epi32(left), by_left);
  __m256i left_flags = _mm256_set1_epi32(set.flags[left]);
  PairMasks masks{0, 0};
  for (std::size_t i = 0; i < n; i += 8) {
    const __m256i c = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(units + i)));
    const __m256i as_left = _mm256_mullo_epi32(c, by_left);
    const __m256i hash = _mm256_xor_si256(behind(as_left, lefts), _mm256_mullo_epi32(c, by_right));
    alignas(32) std::uint32_t places[8], flags_of[8], words[8];
    _mm256_store_si256(reinterpret_cast<__m256i*>(places), _mm256_srl_epi32(hash, shift));
    for (std::size_t k = 0; k < 8; ++k) {
      flags_of[k] = set.flags[units[i + k]];
      words[k] = set.words[places[k]];
    }
    const __m256i flags = _mm256_load_si256(reinterpret_cast<const __m256i*>(flags_of));
    const __m256i word = _mm256_load_si256(reinterpret_cast<const __m256i*>(words));
    const auto bit = [&](__m256i h) { return _mm256_sllv_epi32(one, _mm256_and_si256(h, low5)); };
    const __m256i bits = _mm256_or_si256(
        bit(hash), _mm256_or_si256(bit(_mm256_srli_epi32(hash, 5)), bit(_mm256_srli_epi32(hash, 10))));
    const __m256i shared = _mm256_and_si256(
        behind(flags, left_flags), _mm256_and_si256(_mm256_srli_epi32(flags, 4), _mm256_set1_epi32(0xF)));
    // Of each lane whether it is zero.
    const auto zeros = [&](__m256i v) -> std::uint64_t {
      return static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(v, zero))));
    };
    masks.pairs |= zeros(_mm256_andnot_si256(word, bits)) << i;
    masks.flagged |= (zeros(shared) ^ 0xFF) << i;
    lefts = as_left;
    left_flags = flags;
  }
  const std::uint64_t valid = ~std::uint64_t{0} >> (64 - n);
  return {masks.pairs & valid, masks.flagged & valid};
}

// As part_places() for n <= 64: bit i of `second` and `third` tells whether a part begins at units[i + 1],
// and at units[i + 2].
inline void write_places(const PartPlaces& of, const std::uint16_t* units, std::size_t n,
                         std::uint64_t second, std::uint64_t third, std::uint32_t* keys,
                         std::uint32_t* places) {
  const __m256i factor = _mm256_set1_epi32(static_cast<int>(PartPlaces::kFactor)),
                behind_units = _mm256_set1_epi32(PartPlaces::kUnits),
                no_key = _mm256_set1_epi32(PartPlaces::kNoKey),
                no_place = _mm256_set1_epi32(PartPlaces::kNoPlace),
                bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  const __m128i shift = _mm_cvtsi32_si128(of.shift);
  for (std::size_t i = 0; i < n; i += 8) {
    const auto eight = [&](std::size_t at) {
      return _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(units + at)));
    };
    const auto lanes = [&](std::uint64_t mask) {
      return _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(static_cast<int>(mask >> i)), bits), bits);
    };
    const __m256i one = eight(i), two = _mm256_or_si256(one, _mm256_slli_epi32(eight(i + 1), 16));
    const __m256i hashed =
        _mm256_add_epi32(_mm256_srl_epi32(_mm256_mullo_epi32(two, factor), shift), behind_units);
    const __m256i is_one = lanes(second), is_two = lanes(third);
    const auto write = [&](__m256i of_none, __m256i of_two, std::uint32_t* to) {
      const __m256i longer = _mm256_blendv_epi8(of_none, of_two, is_two);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), _mm256_blendv_epi8(longer, one, is_one));
    };
    write(no_key, two, keys);
    write(no_place, hashed, places);
  }
}

// What a key keeps of 16 bytes: the first so many. A mask made of it takes a load less than one from a table.
using KeyCut = std::uint8_t;
template <class Length>
inline KeyCut cut_of(Length length) {
  return static_cast<KeyCut>(length <= kMaxKeyBytes ? length : 0);
}

// As load_key(); returns the sum of the key's halves.
inline std::uint64_t cut_key(const std::uint8_t* p, const KeyCut& cut, const WordKey& tag, WordKey& key) {
  const auto at = [](const void* from) { return static_cast<const __m128i*>(from); };
  const __m128i places = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m128i kept = _mm_cmpgt_epi8(_mm_set1_epi8(static_cast<char>(cut)), places);
  const __m128i both = _mm_or_si128(_mm_and_si128(kept, _mm_loadu_si128(at(p))), _mm_load_si128(at(&tag)));
  _mm_store_si128(reinterpret_cast<__m128i*>(&key), both);
  const auto low = static_cast<std::uint64_t>(_mm_cvtsi128_si64(both)),
             high = static_cast<std::uint64_t>(_mm_extract_epi64(both, 1));
  return WordCache::sum_of({low, high});
}

// Writes where objects are, by their numbers.
class ObjectAddresses {
 public:
  explicit ObjectAddresses(const ObjectTable& objects)
      : begin_(_mm256_set1_epi64x(static_cast<long long>(objects.begin))),
        low_begin_(_mm256_set1_epi64x(static_cast<long long>(objects.low_begin))),
        low_(_mm256_set1_epi64x(objects.low)),
        count_(_mm256_set1_epi32(static_cast<int>(objects.count))) {}
  void four(const std::uint32_t* numbers, unsigned char* out) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(numbers));
    largest_ = _mm256_max_epu32(largest_, _mm256_broadcastsi128_si256(v));
    write(v, out);
  }
  void eight(const std::uint32_t* numbers, unsigned char* out) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers));
    largest_ = _mm256_max_epu32(largest_, v);
    write(_mm256_castsi256_si128(v), out);
    write(_mm256_extracti128_si256(v, 1), out + sizeof v);
  }
  // Whether all numbers were below objects.count.
  bool all_known() const {
    const __m256i beyond = _mm256_cmpeq_epi32(_mm256_max_epu32(largest_, count_), largest_);
    return _mm256_testz_si256(beyond, beyond) != 0;
  }

 private:
  void write(__m128i four, unsigned char* out) const {
    const __m256i wide = _mm256_cvtepu32_epi64(four);
    const __m256i from = _mm256_blendv_epi8(begin_, low_begin_, _mm256_cmpgt_epi64(low_, wide));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_add_epi64(from, _mm256_slli_epi64(wide, 5)));
  }

  const __m256i begin_, low_begin_, low_, count_;
  __m256i largest_ = _mm256_setzero_si256();
};
