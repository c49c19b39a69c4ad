// What kernels-inl.h needs of an instruction set, for AVX-512 (F, BW, VL, VBMI, VBMI2, and GFNI: Ice Lake,
// Zen 4 and later): 64 characters are one vector, and a comparison gives their mask.
//
// Included inside a target region (see avx512.cc), after <immintrin.h>.
#pragma once

constexpr std::size_t kBlocksTogether = 8;  // of 64 bits: a vector

struct Block {
  __m512i v;
};

inline __mmask64 first_bits(std::size_t n) {  // n < 64
  return _cvtu64_mask64((std::uint64_t{1} << n) - 1);
}

// 32 units of 16 bits to 32 bytes; a unit above 0xFF becomes 0xFF.
inline __m256i narrow32(__m512i units) {
  return _mm512_cvtusepi16_epi8(units);
}

inline Block both_halves(__m256i lo, __m256i hi) {
  return {_mm512_inserti64x4(_mm512_castsi256_si512(lo), hi, 1)};
}

inline Block load_block(const std::uint8_t* p) {
  return {_mm512_loadu_si512(p)};
}
inline Block load_block(const std::uint16_t* p) {
  return both_halves(narrow32(_mm512_loadu_si512(p)), narrow32(_mm512_loadu_si512(p + 32)));
}

// The first `n` < 64 characters, then zeros. Memory that is masked out is not touched.
inline Block load_part(const std::uint8_t* p, std::size_t n) {
  return {_mm512_maskz_loadu_epi8(first_bits(n), p)};
}
inline Block load_part(const std::uint16_t* p, std::size_t n) {
  const std::uint64_t wanted = (std::uint64_t{1} << n) - 1;
  const auto lo = static_cast<__mmask32>(wanted), hi = static_cast<__mmask32>(wanted >> 32);
  return both_halves(narrow32(_mm512_maskz_loadu_epi16(lo, p)),
                     narrow32(_mm512_maskz_loadu_epi16(hi, p + 32)));
}

inline Block load_zeroed(const std::uint8_t* p, std::size_t n) {
  return load_part(p, n);
}

inline void store_block(std::uint8_t* p, const Block& block) {
  _mm512_storeu_si512(p, block.v);
}

// a-z for A-Z.
inline Block fold_block(const Block& block) {
  const __m512i from_a = _mm512_sub_epi8(block.v, _mm512_set1_epi8('A'));
  const __mmask64 upper = _mm512_cmplt_epu8_mask(from_a, _mm512_set1_epi8(26));
  return {_mm512_mask_add_epi8(block.v, upper, block.v, _mm512_set1_epi8(0x20))};
}

struct ClassTables {
  __m512i space, punctuation, stop, high_bit;
  std::uint64_t above;  // all ones where characters above ASCII are stops
};

inline __m512i four_times(const std::uint8_t* row) {
  return _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(row)));
}

inline ClassTables load_tables(const AsciiClasses& classes) {
  // high_bit[h] = 1 << h for the high nibbles 0..7 of ASCII; a byte above 0x7F has no bit.
  return {four_times(classes.space.row.data()), four_times(classes.punctuation.row.data()),
          four_times(classes.stop.row.data()),
          _mm512_broadcast_i32x4(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0)),
          classes.stops_above ? ~std::uint64_t{0} : 0};
}

struct Masks {
  std::uint64_t space, punctuation, stop;
};

// As in vec_avx2.h: the class's row for the low nibble has the bit of the high nibble.
inline Masks classify(const Block& block, const ClassTables& tables) {
  const __m512i high = _mm512_and_si512(_mm512_srli_epi16(block.v, 4), _mm512_set1_epi8(0x0F));
  const __m512i bit = _mm512_shuffle_epi8(tables.high_bit, high);
  const auto members = [&](__m512i table) {
    return _cvtmask64_u64(_mm512_test_epi8_mask(_mm512_shuffle_epi8(table, block.v), bit));
  };
  return {members(tables.space), members(tables.punctuation),
          members(tables.stop) | (_cvtmask64_u64(_mm512_movepi8_mask(block.v)) & tables.above)};
}

// NUL for each character of the class of white space.
inline Block without_spaces(const Block& block, const ClassTables& tables) {
  const __m512i high = _mm512_and_si512(_mm512_srli_epi16(block.v, 4), _mm512_set1_epi8(0x0F));
  const __m512i bit = _mm512_shuffle_epi8(tables.high_bit, high);
  const __mmask64 kept = _mm512_testn_epi8_mask(_mm512_shuffle_epi8(tables.space, block.v), bit);
  return {_mm512_maskz_mov_epi8(kept, block.v)};
}

// Whether some block has a stop.
class StopFinder {
 public:
  explicit StopFinder(const ClassTables& tables) : tables_(tables) {}
  void add(const Block& block) { stops_ |= classify(block, tables_).stop; }
  bool found() const { return stops_ != 0; }

 private:
  const ClassTables& tables_;
  std::uint64_t stops_ = 0;
};

// What ASCII says of a text, in the rows of `out`, one block at a time: a look into a table of 128 bytes
// gives each character a byte with a bit for each row. Of eight characters these are a square of bits, which
// one instruction turns, and of eight blocks the rows' parts are a square of numbers. For a few blocks it is
// less to test the bits.
class AsciiRows {
 public:
  // Whether as many blocks are written as have a value, wherever the text ends.
  static constexpr bool writes_together(std::size_t n) { return n > 64 * kTogether / 2; }
  AsciiRows(std::size_t n, ClassMasks& out)
      : low_(_mm512_load_si512(kAsciiRowTable.rows_of.data())),
        high_(_mm512_load_si512(kAsciiRowTable.rows_of.data() + 64)),
        n_(n),
        out_(out) {}
  // Block `b`, one behind the other, with zeros behind the text. Returns what is not ASCII. All rows are as
  // quick to have as some.
  template <bool kAllRows>
  std::uint64_t put(const Block& block, std::size_t b) {
    const std::uint64_t wide = _cvtmask64_u64(_mm512_movepi8_mask(block.v));
    out_.high[b] = wide;
    const __m512i rows = _mm512_maskz_permutex2var_epi8(_cvtu64_mask64(~wide), low_, block.v, high_);
    if (writes_together(n_)) {
      held_[b % kTogether] = turned(rows);
      if (b % kTogether == kTogether - 1) write_together(b + 1 - kTogether);
    } else {
      put_each(rows, b, std::make_index_sequence<AsciiRowTable::kRows>{});
    }
    return wide;
  }
  void finish() {
    const std::size_t blocks = ClassMasks::blocks(n_);
    if (!writes_together(n_) || blocks % kTogether == 0) return;
    for (std::size_t b = blocks % kTogether; b < kTogether; ++b) held_[b] = _mm512_setzero_si512();
    write_together(blocks / kTogether * kTogether);
  }

 private:
  static constexpr std::size_t kTogether = ClassMasks::kTogether;

  template <std::size_t... k>
  void put_each(__m512i rows, std::size_t b, std::index_sequence<k...>) {
    (((out_.*ClassMasks::kRows[k])[b] =
          _cvtmask64_u64(_mm512_test_epi8_mask(rows, _mm512_set1_epi8(static_cast<char>(1u << k))))),
     ...);
  }
  // From a byte for each character to 64 bits for each row.
  static __m512i turned(__m512i rows) {
    // Bit i of byte k of eight is bit k of byte 7 - i: so their order is turned first.
    const __m512i backwards = _mm512_shuffle_epi8(
        rows, _mm512_broadcast_i32x4(_mm_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)));
    const __m512i bits = _mm512_gf2p8affine_epi64_epi8(
        _mm512_set1_epi64(static_cast<long long>(0x8040201008040201u)), backwards, 0);
    // Byte k of each eight goes to number k.
    alignas(64) static constexpr std::uint8_t kTurned[64] = {
        0,  8,  16, 24, 32, 40, 48, 56, 1,  9,  17, 25, 33, 41, 49, 57, 2,  10, 18, 26, 34, 42,
        50, 58, 3,  11, 19, 27, 35, 43, 51, 59, 4,  12, 20, 28, 36, 44, 52, 60, 5,  13, 21, 29,
        37, 45, 53, 61, 6,  14, 22, 30, 38, 46, 54, 62, 7,  15, 23, 31, 39, 47, 55, 63};
    return _mm512_permutexvar_epi8(_mm512_load_si512(kTurned), bits);
  }
  // The blocks from `b` on.
  void write_together(std::size_t b) {
    // Two blocks' numbers of one row side by side: of rows 0, 2, 4 and 6, and of 1, 3, 5 and 7.
    const auto even = [&](std::size_t i) { return _mm512_unpacklo_epi64(held_[i], held_[i + 1]); };
    const auto odd = [&](std::size_t i) { return _mm512_unpackhi_epi64(held_[i], held_[i + 1]); };
    write_rows(b, 0, even(0), even(2), even(4), even(6));
    write_rows(b, 1, odd(0), odd(2), odd(4), odd(6));
  }
  // Rows `first`, first + 2, first + 4 and first + 6, of which each vector has two blocks.
  void write_rows(std::size_t b, std::size_t first, __m512i v0, __m512i v2, __m512i v4, __m512i v6) {
    constexpr int kEven = 0x88, kOdd = 0xDD;  // fourths of the first, and of the second
    const auto write = [&](std::size_t row, __m512i numbers) {
      _mm512_storeu_si512(&(out_.*ClassMasks::kRows[row])[b], numbers);
    };
    const __m512i even = _mm512_shuffle_i64x2(v0, v2, kEven),
                  even_behind = _mm512_shuffle_i64x2(v4, v6, kEven), odd = _mm512_shuffle_i64x2(v0, v2, kOdd),
                  odd_behind = _mm512_shuffle_i64x2(v4, v6, kOdd);
    write(first, _mm512_shuffle_i64x2(even, even_behind, kEven));
    write(first + 2, _mm512_shuffle_i64x2(odd, odd_behind, kEven));
    write(first + 4, _mm512_shuffle_i64x2(even, even_behind, kOdd));
    write(first + 6, _mm512_shuffle_i64x2(odd, odd_behind, kOdd));
  }

  const __m512i low_, high_;
  const std::size_t n_;
  ClassMasks& out_;
  __m512i held_[kTogether];
};

inline std::uint64_t zero_bytes(const Block& block) {
  return _cvtmask64_u64(_mm512_testn_epi8_mask(block.v, block.v));
}

inline Block filled_block(char c) {
  return {_mm512_set1_epi8(c)};
}

inline Block least_of(const Block& a, const Block& b) {
  return {_mm512_min_epu8(a.v, b.v)};
}

// Bytes of UTF-8: trail bytes, the leads E5..E8, EB and EC, and some by themselves.
struct LeadMasks {
  std::uint64_t trail, syllable, e4, e9, b7, bf;
};

inline LeadMasks lead_masks(const Block& block) {
  const auto equal = [&](int byte) {
    return _cvtmask64_u64(_mm512_cmpeq_epi8_mask(block.v, _mm512_set1_epi8(static_cast<char>(byte))));
  };
  const auto in = [&](int first, char count) {
    const __m512i from = _mm512_sub_epi8(block.v, _mm512_set1_epi8(static_cast<char>(first)));
    return _cvtmask64_u64(_mm512_cmplt_epu8_mask(from, _mm512_set1_epi8(count)));
  };
  return {in(0x80, 64), in(0xE5, 4) | in(0xEB, 2), equal(0xE4), equal(0xE9), equal(0xB7), equal(0xBF)};
}

// Which of 64 units are first..last.
inline std::uint64_t units_in(const std::uint16_t* units, unsigned first, unsigned last) {
  const __m512i begin = _mm512_set1_epi16(static_cast<short>(first)),
                most = _mm512_set1_epi16(static_cast<short>(last - first));
  const __m512i lo = _mm512_sub_epi16(_mm512_loadu_si512(units), begin),
                hi = _mm512_sub_epi16(_mm512_loadu_si512(units + 32), begin);
  return _cvtmask32_u32(_mm512_cmple_epu16_mask(lo, most)) |
         std::uint64_t{_cvtmask32_u32(_mm512_cmple_epu16_mask(hi, most))} << 32;
}

// 16 units as UTF-8: each in four bytes, of which those that count move together. Clears `plain` as
// Utf8Written says. Writes 64 bytes; returns how many count, or 0 where a unit is a surrogate.
inline std::size_t write_units(const std::uint16_t* units, std::uint8_t* out, bool& plain) {
  const __m256i narrow = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(units));
  const auto in = [&](int first, int last) {
    const __m256i from = _mm256_sub_epi16(narrow, _mm256_set1_epi16(static_cast<short>(first)));
    return static_cast<unsigned>(
        _mm256_cmple_epu16_mask(from, _mm256_set1_epi16(static_cast<short>(last - first))));
  };
  if (in(0xD800, 0xDFFF) != 0) return 0;
  const unsigned ascii = in(0, 0x7F);
  const unsigned is_plain =
      ascii | in(0x4E00, 0x9FFF) | in(0x2010, 0x2027) | in(0x3001, 0x301F) | in(0xFF01, 0xFF5E);
  plain = plain && is_plain == 0xFFFF;
  const __m512i c = _mm512_cvtepu16_epi32(narrow);
  const auto bits = [&](__m512i shifted, int mask) {
    return _mm512_and_si512(shifted, _mm512_set1_epi32(mask));
  };
  // c is abcd efgh ijkl mnop:  1110abcd 10efghij 10klmnop, or 110fghij 10klmnop
  const __m512i low = _mm512_slli_epi32(bits(c, 0x3F), 16), middle = bits(_mm512_slli_epi32(c, 2), 0x3F00);
  const __m512i three = _mm512_or_si512(
      _mm512_or_si512(low, middle), _mm512_or_si512(_mm512_srli_epi32(c, 12), _mm512_set1_epi32(0x8080E0)));
  const __m512i two =
      _mm512_or_si512(_mm512_or_si512(_mm512_srli_epi32(c, 6), _mm512_slli_epi32(bits(c, 0x3F), 8)),
                      _mm512_set1_epi32(0x80C0));
  const auto below_800 = static_cast<__mmask16>(in(0, 0x7FF));
  __m512i bytes = _mm512_mask_mov_epi32(three, below_800, two);
  bytes = _mm512_mask_mov_epi32(bytes, static_cast<__mmask16>(ascii), c);
  // No byte but the first of a unit is 0 and counts.
  const std::uint64_t count = _cvtmask64_u64(_mm512_test_epi8_mask(bytes, bytes)) | 0x1111111111111111u;
  _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(_cvtu64_mask64(count), bytes));
  return static_cast<std::size_t>(_mm_popcnt_u64(count));
}

inline std::size_t lowest_bit(std::uint64_t mask) {
  return static_cast<std::size_t>(_tzcnt_u64(mask));
}
inline std::size_t count_bits(std::uint64_t mask) {
  return static_cast<std::size_t>(_mm_popcnt_u64(mask));
}

// The numbers 0..63 whose bits are set, moved together.
inline __m512i numbers_of(std::uint64_t mask) {
  alignas(64) static constexpr std::uint8_t kNumbers[64] = {
      0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
      22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
      44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
  return _mm512_maskz_compress_epi8(_cvtu64_mask64(mask), _mm512_load_si512(kNumbers));
}

// Writes the positions of the `count` bits of the mask, plus `base`: 32 of them are written at a time. There
// is room for 64 beyond what counts.
inline void write_positions(std::uint64_t mask, std::size_t count, std::size_t base, std::uint16_t* out) {
  const __m512i set = numbers_of(mask);
  const __m512i bases = _mm512_set1_epi16(static_cast<short>(base));
  _mm512_storeu_si512(out, _mm512_add_epi16(_mm512_cvtepu8_epi16(_mm512_castsi512_si256(set)), bases));
  if (count <= 32) return;
  _mm512_storeu_si512(out + 32,
                      _mm512_add_epi16(_mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(set, 1)), bases));
}

// 16 of them at a time.
inline void write_positions(std::uint64_t mask, std::size_t count, std::size_t base, std::uint32_t* out) {
  const __m512i set = numbers_of(mask);
  const __m512i bases = _mm512_set1_epi32(static_cast<int>(base));
  const auto write = [&](std::uint32_t* to, __m128i sixteen) {
    _mm512_storeu_si512(to, _mm512_add_epi32(_mm512_cvtepu8_epi32(sixteen), bases));
  };
  write(out, _mm512_castsi512_si128(set));
  if (count <= 16) return;
  write(out + 16, _mm512_extracti32x4_epi32(set, 1));
  if (count <= 32) return;
  write(out + 32, _mm512_extracti32x4_epi32(set, 2));
  write(out + 48, _mm512_extracti32x4_epi32(set, 3));
}

// Sixteen loads take less time than a gather of sixteen, and more of them are on their way at once.
inline PairMasks pair_masks(const PairSet& set, std::uint16_t left, const std::uint16_t* units,
                            std::size_t n) {
  const __m512i by_left = _mm512_set1_epi32(static_cast<int>(PairSet::kLeft)),
                by_right = _mm512_set1_epi32(static_cast<int>(PairSet::kRight)), low5 = _mm512_set1_epi32(31),
                one = _mm512_set1_epi32(1);
  const __m128i shift = _mm_cvtsi32_si128(set.shift);
  constexpr std::size_t kUnits = 64, kLanes = 16;
  __m512i bits[kUnits / kLanes];
  alignas(64) std::uint32_t places[kUnits], words[kUnits];
  alignas(64) std::uint8_t flags[kUnits];
  // The last lane is the character on the left of the next sixteen.
  __m512i lefts = _mm512_mullo_epi32(_mm512_set1_epi32(left), by_left);
  for (std::size_t i = 0; i < n; i += kLanes) {
    const __m512i c = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(units + i)));
    const __m512i as_left = _mm512_mullo_epi32(c, by_left);
    const __m512i hash =
        _mm512_xor_si512(_mm512_alignr_epi32(as_left, lefts, 15), _mm512_mullo_epi32(c, by_right));
    const auto bit = [&](__m512i h) { return _mm512_sllv_epi32(one, _mm512_and_si512(h, low5)); };
    bits[i / kLanes] = _mm512_or_si512(
        bit(hash), _mm512_or_si512(bit(_mm512_srli_epi32(hash, 5)), bit(_mm512_srli_epi32(hash, 10))));
    _mm512_store_si512(places + i, _mm512_srl_epi32(hash, shift));
    lefts = as_left;
  }
  for (std::size_t i = 0; i < n; i += kLanes) {
    for (std::size_t k = i; k < i + kLanes; k += 4) {
      std::uint64_t four, two[2];  // units, and places
      std::memcpy(&four, units + k, sizeof four);
      std::memcpy(two, places + k, sizeof two);
      flags[k] = set.flags[four & 0xFFFF];
      flags[k + 1] = set.flags[four >> 16 & 0xFFFF];
      flags[k + 2] = set.flags[four >> 32 & 0xFFFF];
      flags[k + 3] = set.flags[four >> 48];
      words[k] = set.words[two[0] & 0xFFFFFFFF];
      words[k + 1] = set.words[two[0] >> 32];
      words[k + 2] = set.words[two[1] & 0xFFFFFFFF];
      words[k + 3] = set.words[two[1] >> 32];
    }
  }
  const std::uint64_t valid = ~std::uint64_t{0} >> (kUnits - n);
  PairMasks masks{0, 0};
  for (std::size_t i = 0; i < n; i += kLanes) {
    const __m512i wanted = bits[i / kLanes];
    const std::uint64_t lacks = _cvtmask16_u32(
        _mm512_test_epi32_mask(_mm512_andnot_si512(_mm512_load_si512(words + i), wanted), wanted));
    masks.pairs |= (lacks ^ 0xFFFF) << i;
  }
  masks.pairs &= valid;
  // Each byte where the next one is, and the flags of `left` before them.
  const __m512i rights = _mm512_maskz_loadu_epi8(_cvtu64_mask64(valid), flags);
  const __m512i numbers_before = _mm512_sub_epi8(numbers_of(~std::uint64_t{0}), _mm512_set1_epi8(1));
  const __m512i lefts_flags =
      _mm512_mask_permutexvar_epi8(_mm512_set1_epi8(static_cast<char>(set.flags[left])),
                                   _cvtu64_mask64(~std::uint64_t{1}), numbers_before, rights);
  const __m512i shared =
      _mm512_and_si512(lefts_flags, _mm512_and_si512(_mm512_srli_epi16(rights, 4), _mm512_set1_epi8(0xF)));
  masks.flagged = _cvtmask64_u64(_mm512_test_epi8_mask(shared, shared));
  return masks;
}

// As part_places() for n <= 64: bit i of `second` and `third` tells whether a part begins at units[i + 1],
// and at units[i + 2].
inline void write_places(const PartPlaces& of, const std::uint16_t* units, std::size_t n,
                         std::uint64_t second, std::uint64_t third, std::uint32_t* keys,
                         std::uint32_t* places) {
  const __m512i factor = _mm512_set1_epi32(static_cast<int>(PartPlaces::kFactor)),
                behind_units = _mm512_set1_epi32(PartPlaces::kUnits),
                no_key = _mm512_set1_epi32(PartPlaces::kNoKey),
                no_place = _mm512_set1_epi32(PartPlaces::kNoPlace);
  const __m128i shift = _mm_cvtsi32_si128(of.shift);
  for (std::size_t i = 0; i < n; i += 16) {
    const __mmask16 known = _cvtu32_mask16(0xFFFFu >> (n - i < 16 ? 16 - (n - i) : 0));
    const auto sixteen = [&](std::size_t at) {
      return _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(known, units + at));
    };
    const __m512i one = sixteen(i), two = _mm512_or_si512(one, _mm512_slli_epi32(sixteen(i + 1), 16));
    const __m512i hashed =
        _mm512_add_epi32(_mm512_srl_epi32(_mm512_mullo_epi32(two, factor), shift), behind_units);
    const __mmask16 is_one = _cvtu32_mask16(static_cast<std::uint16_t>(second >> i)),
                    is_two = _cvtu32_mask16(static_cast<std::uint16_t>(third >> i));
    const auto write = [&](__m512i of_none, __m512i of_two, std::uint32_t* to) {
      const __m512i longer = _mm512_mask_blend_epi32(is_two, of_none, of_two);
      _mm512_storeu_si512(to + i, _mm512_mask_blend_epi32(is_one, longer, one));
    };
    write(no_key, two, keys);
    write(no_place, hashed, places);
  }
}

// What a key keeps of 16 bytes: where the row of masks is.
using KeyCut = std::uint16_t;
template <class Length>
inline KeyCut cut_of(Length length) {
  return static_cast<KeyCut>(KeyMaskTable::offset(length));
}

// As load_key(); returns the sum of the key's halves, which is made before they become numbers: to have one
// of a vector's takes less than two.
inline std::uint64_t cut_key(const std::uint8_t* p, KeyCut cut, const WordKey& tag, WordKey& key) {
  const auto at = [](const void* from) { return static_cast<const __m128i*>(from); };
  constexpr int kFirstAndThirdOrSecond = 0xEC;
  const __m128i both = _mm_ternarylogic_epi64(_mm_loadu_si128(at(p)), _mm_load_si128(at(&tag)),
                                              _mm_load_si128(at(kKeyMasks.at(cut))), kFirstAndThirdOrSecond);
  _mm_store_si128(reinterpret_cast<__m128i*>(&key), both);
  const __m128i turned = _mm_ror_epi64(_mm_unpackhi_epi64(both, both), WordCache::kTurn);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_add_epi64(both, turned)));
}

// Writes where objects are, by their numbers.
class ObjectAddresses {
 public:
  explicit ObjectAddresses(const ObjectTable& objects)
      : begin_(_mm512_set1_epi64(static_cast<long long>(objects.begin))),
        low_begin_(_mm512_set1_epi64(static_cast<long long>(objects.low_begin))),
        low_(_mm256_set1_epi32(static_cast<int>(objects.low))),
        count_(_mm256_set1_epi32(static_cast<int>(objects.count))) {}
  void four(const std::uint32_t* numbers, unsigned char* out) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(numbers));
    largest_ = _mm256_max_epu32(largest_, _mm256_broadcastsi128_si256(v));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                        _mm512_castsi512_si256(addresses(_mm256_castsi128_si256(v))));
  }
  void eight(const std::uint32_t* numbers, unsigned char* out) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers));
    largest_ = _mm256_max_epu32(largest_, v);
    _mm512_storeu_si512(out, addresses(v));
  }
  // Whether all numbers were below objects.count.
  bool all_known() const { return _mm256_cmpge_epu32_mask(largest_, count_) == 0; }

 private:
  __m512i addresses(__m256i numbers) const {
    const __m512i from = _mm512_mask_blend_epi64(_mm256_cmplt_epu32_mask(numbers, low_), begin_, low_begin_);
    return _mm512_add_epi64(from, _mm512_slli_epi64(_mm512_cvtepu32_epi64(numbers), 5));
  }

  const __m512i begin_, low_begin_;
  const __m256i low_, count_;
  __m256i largest_ = _mm256_setzero_si256();
};
