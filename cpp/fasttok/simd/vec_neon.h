// What kernels-inl.h needs of an instruction set, for NEON: 64 characters as masks of 64 bits, bit i for
// character i. Included after <arm_neon.h> and <bit> (see neon.cc).
#pragma once

constexpr std::size_t kBlocksTogether = 2;  // of 64 bits: a vector

struct Block {
  uint8x16_t part[4];  // characters 0..15, 16..31, 32..47, 48..63
};

// Bit i says whether byte i of the four, each 0 or 0xFF, is set. NEON has no movemask: every byte keeps the
// bit of its place among eight; then neighbours are added, three times.
//   FF 00 FF FF 00 00 00 FF -> 01 00 04 08 00 00 00 80 -> 01 0C 00 80 -> 0D 80 -> 8D
inline std::uint64_t mask_of(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) {
  const uint8x16_t place = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201));
  const uint8x16_t ab = vpaddq_u8(vandq_u8(a, place), vandq_u8(b, place));
  const uint8x16_t cd = vpaddq_u8(vandq_u8(c, place), vandq_u8(d, place));
  const uint8x16_t quarters = vpaddq_u8(ab, cd);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(quarters, quarters)), 0);
}

inline Block load_block(const std::uint8_t* p) {
  return {{vld1q_u8(p), vld1q_u8(p + 16), vld1q_u8(p + 32), vld1q_u8(p + 48)}};
}

// 16 units of 16 bits to 16 bytes; a unit above 0xFF becomes 0xFF, so one above 0x7F is a byte above 0x7F.
inline uint8x16_t narrow16(const std::uint16_t* p) {
  return vqmovn_high_u16(vqmovn_u16(vld1q_u16(p)), vld1q_u16(p + 8));
}

inline Block load_block(const std::uint16_t* p) {
  return {{narrow16(p), narrow16(p + 16), narrow16(p + 32), narrow16(p + 48)}};
}

inline void store_block(std::uint8_t* p, const Block& block) {
  for (int i = 0; i < 4; ++i) vst1q_u8(p + 16 * i, block.part[i]);
}

// a-z for A-Z.
inline Block fold_block(const Block& block) {
  Block folded;
  for (int i = 0; i < 4; ++i) {
    const uint8x16_t v = block.part[i];
    const uint8x16_t upper = vcltq_u8(vsubq_u8(v, vdupq_n_u8('A')), vdupq_n_u8(26));
    folded.part[i] = vorrq_u8(v, vandq_u8(upper, vdupq_n_u8(0x20)));
  }
  return folded;
}

struct ClassTables {
  uint8x16_t space, punctuation, stop, high_bit;
  uint8x16_t above;  // all ones where characters above ASCII are stops
};

inline ClassTables load_tables(const AsciiClasses& classes) {
  // high_bit[h] = 1 << h for the high nibbles 0..7 of ASCII; a byte above 0x7F has no bit, so it is in no
  // class.
  const uint8x16_t high_bit = vcombine_u8(vcreate_u8(0x8040201008040201), vcreate_u8(0));
  return {vld1q_u8(classes.space.row.data()), vld1q_u8(classes.punctuation.row.data()),
          vld1q_u8(classes.stop.row.data()), high_bit, vdupq_n_u8(classes.stops_above ? 0xFF : 0)};
}

struct Masks {
  std::uint64_t space, punctuation, stop;
};

// A character is in a class if the class's row for its low nibble has the bit of its high nibble.
inline Masks classify(const Block& block, const ClassTables& tables) {
  uint8x16_t space[4], punctuation[4], stop[4];
  for (int i = 0; i < 4; ++i) {
    const uint8x16_t v = block.part[i];
    const uint8x16_t low = vandq_u8(v, vdupq_n_u8(0x0F));
    const uint8x16_t bit = vqtbl1q_u8(tables.high_bit, vshrq_n_u8(v, 4));
    const uint8x16_t above_ascii = vcltzq_s8(vreinterpretq_s8_u8(v));
    space[i] = vtstq_u8(vqtbl1q_u8(tables.space, low), bit);
    punctuation[i] = vtstq_u8(vqtbl1q_u8(tables.punctuation, low), bit);
    stop[i] = vorrq_u8(vtstq_u8(vqtbl1q_u8(tables.stop, low), bit), vandq_u8(above_ascii, tables.above));
  }
  return {mask_of(space[0], space[1], space[2], space[3]),
          mask_of(punctuation[0], punctuation[1], punctuation[2], punctuation[3]),
          mask_of(stop[0], stop[1], stop[2], stop[3])};
}

// NUL for each character of the class of white space.
inline Block without_spaces(const Block& block, const ClassTables& tables) {
  Block kept;
  for (int i = 0; i < 4; ++i) {
    const uint8x16_t v = block.part[i];
    const uint8x16_t row = vqtbl1q_u8(tables.space, vandq_u8(v, vdupq_n_u8(0x0F)));
    kept.part[i] = vbicq_u8(v, vtstq_u8(row, vqtbl1q_u8(tables.high_bit, vshrq_n_u8(v, 4))));
  }
  return kept;
}

// Whether some block has a stop.
class StopFinder {
 public:
  explicit StopFinder(const ClassTables& tables) : tables_(tables) {}
  void add(const Block& block) {
    for (int i = 0; i < 4; ++i) {
      const uint8x16_t v = block.part[i];
      const uint8x16_t row = vqtbl1q_u8(tables_.stop, vandq_u8(v, vdupq_n_u8(0x0F)));
      const uint8x16_t bit = vqtbl1q_u8(tables_.high_bit, vshrq_n_u8(v, 4));
      const uint8x16_t above = vandq_u8(vcltzq_s8(vreinterpretq_s8_u8(v)), tables_.above);
      stops_ = vorrq_u8(stops_, vorrq_u8(vandq_u8(row, bit), above));
    }
  }
  bool found() const { return vmaxvq_u8(stops_) != 0; }

 private:
  const ClassTables& tables_;
  uint8x16_t stops_ = vdupq_n_u8(0);
};

// The groups of each character.
inline Block groups_of(const Block& block) {
  const uint8x16_t by_column = vld1q_u8(kAsciiGroups.by_column.data()),
                   by_line = vld1q_u8(kAsciiGroups.by_line.data());
  Block groups;
  for (int i = 0; i < 4; ++i) {
    const uint8x16_t v = block.part[i];
    groups.part[i] =
        vandq_u8(vqtbl1q_u8(by_column, vandq_u8(v, vdupq_n_u8(0x0F))), vqtbl1q_u8(by_line, vshrq_n_u8(v, 4)));
  }
  return groups;
}

// Bit `bit` of each byte.
template <int bit>
inline std::uint64_t bits_of(const Block& block) {
  const auto test = [&](int i) { return vtstq_u8(block.part[i], vdupq_n_u8(1 << bit)); };
  return mask_of(test(0), test(1), test(2), test(3));
}

inline Block and_of(const Block& a, const Block& b) {
  Block result;
  for (int i = 0; i < 4; ++i) result.part[i] = vandq_u8(a.part[i], b.part[i]);
  return result;
}

inline std::uint64_t zero_bytes(const Block& block) {
  return mask_of(vceqzq_u8(block.part[0]), vceqzq_u8(block.part[1]), vceqzq_u8(block.part[2]),
                 vceqzq_u8(block.part[3]));
}

inline Block filled_block(char c) {
  const uint8x16_t all = vdupq_n_u8(static_cast<std::uint8_t>(c));
  return {{all, all, all, all}};
}

inline Block least_of(const Block& a, const Block& b) {
  Block result;
  for (int i = 0; i < 4; ++i) result.part[i] = vminq_u8(a.part[i], b.part[i]);
  return result;
}

// Bytes of UTF-8: trail bytes, the leads E5..E8, EB and EC, and some by themselves.
struct LeadMasks {
  std::uint64_t trail, syllable, e4, e9, b7, bf;
};

inline LeadMasks lead_masks(const Block& block) {
  const auto in = [&](std::uint8_t first, std::uint8_t count) {
    uint8x16_t is_in[4];
    for (int i = 0; i < 4; ++i)
      is_in[i] = vcltq_u8(vsubq_u8(block.part[i], vdupq_n_u8(first)), vdupq_n_u8(count));
    return mask_of(is_in[0], is_in[1], is_in[2], is_in[3]);
  };
  return {in(0x80, 64), in(0xE5, 4) | in(0xEB, 2), in(0xE4, 1), in(0xE9, 1), in(0xB7, 1), in(0xBF, 1)};
}

// Which of 64 units are first..last.
inline std::uint64_t units_in(const std::uint16_t* units, unsigned first, unsigned last) {
  const uint16x8_t begin = vdupq_n_u16(static_cast<std::uint16_t>(first)),
                   most = vdupq_n_u16(static_cast<std::uint16_t>(last - first));
  const auto in = [&](const std::uint16_t* p) {
    const uint16x8_t lo = vcleq_u16(vsubq_u16(vld1q_u16(p), begin), most);
    const uint16x8_t hi = vcleq_u16(vsubq_u16(vld1q_u16(p + 8), begin), most);
    return vcombine_u8(vmovn_u16(lo), vmovn_u16(hi));
  };
  return mask_of(in(units), in(units + 16), in(units + 32), in(units + 48));
}

// 8 units as UTF-8, where all are ASCII. 0: they are not.
inline std::size_t write_eight(const std::uint16_t* units, std::uint8_t* out) {
  const uint16x8_t v = vld1q_u16(units);
  if (vmaxvq_u16(v) >= 0x80) return 0;
  vst1_u8(out, vmovn_u16(v));
  return 8;
}

inline bool are_plain(const std::uint16_t* units) {
  const auto in = [](uint16x8_t v, std::uint16_t first, std::uint16_t last) {
    return vcleq_u16(vsubq_u16(v, vdupq_n_u16(first)), vdupq_n_u16(static_cast<std::uint16_t>(last - first)));
  };
  uint16x8_t all = vdupq_n_u16(0xFFFF);
  for (int i = 0; i < 2; ++i) {
    const uint16x8_t v = vld1q_u16(units + 8 * i);
    const uint16x8_t common = vorrq_u16(in(v, 0, 0x7F), in(v, 0x4E00, 0x9FFF));
    const uint16x8_t marks = vorrq_u16(in(v, 0x2010, 0x2027), in(v, 0x3001, 0x301F));
    all = vandq_u16(all, vorrq_u16(vorrq_u16(common, marks), in(v, 0xFF01, 0xFF5E)));
  }
  return vminvq_u16(all) != 0;
}

// 64 if there is none.
inline std::size_t lowest_bit(std::uint64_t mask) {
  return static_cast<std::size_t>(std::countr_zero(mask));
}
inline std::size_t count_bits(std::uint64_t mask) {
  return static_cast<std::size_t>(std::popcount(mask));
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

// NEON cannot look up lanes in memory.
inline PairMasks pair_masks(const PairSet& set, std::uint16_t left, const std::uint16_t* units,
                            std::size_t n) {
  PairMasks masks{0, 0};
  std::uint32_t left_hash = left * PairSet::kLeft, left_flags = set.flags[left];
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t unit = units[i], flags = set.flags[unit];
    const std::uint32_t hash = left_hash ^ unit * PairSet::kRight;
    masks.pairs |= std::uint64_t{(PairSet::bits(hash) & ~set.words[hash >> set.shift]) == 0} << i;
    masks.flagged |= std::uint64_t{(left_flags & flags >> 4) != 0} << i;
    left_hash = unit * PairSet::kLeft;
    left_flags = flags;
  }
  return masks;
}

// As part_places() for n <= 64: bit i of `second` and `third` tells whether a part begins at units[i + 1],
// and at units[i + 2].
inline void write_places(const PartPlaces& of, const std::uint16_t* units, std::size_t n,
                         std::uint64_t second, std::uint64_t third, std::uint32_t* keys,
                         std::uint32_t* places) {
  constexpr std::uint32_t kBits[4] = {1, 2, 4, 8};
  const uint32x4_t bits = vld1q_u32(kBits);
  const int32x4_t down = vdupq_n_s32(-of.shift);
  for (std::size_t i = 0; i < n; i += 4) {
    const auto lanes = [&](std::uint64_t mask) {
      return vtstq_u32(vdupq_n_u32(static_cast<std::uint32_t>(mask >> i)), bits);
    };
    const uint32x4_t one = vmovl_u16(vld1_u16(units + i)),
                     two = vorrq_u32(one, vshll_n_u16(vld1_u16(units + i + 1), 16));
    const uint32x4_t hashed =
        vaddq_u32(vshlq_u32(vmulq_n_u32(two, PartPlaces::kFactor), down), vdupq_n_u32(PartPlaces::kUnits));
    const uint32x4_t is_one = lanes(second), is_two = lanes(third);
    const auto write = [&](std::uint32_t of_none, uint32x4_t of_two, std::uint32_t* to) {
      vst1q_u32(to + i, vbslq_u32(is_one, one, vbslq_u32(is_two, of_two, vdupq_n_u32(of_none))));
    };
    write(PartPlaces::kNoKey, two, keys);
    write(PartPlaces::kNoPlace, hashed, places);
  }
}

// What a key keeps of 16 bytes: where the row of masks is.
using KeyCut = std::uint16_t;
template <class Length>
inline KeyCut cut_of(Length length) {
  return static_cast<KeyCut>(KeyMaskTable::offset(length));
}

// As load_key(); returns the sum of the key's halves.
inline std::uint64_t cut_key(const std::uint8_t* p, KeyCut cut, const WordKey& tag, WordKey& key) {
  key = masked_key(p, kKeyMasks.at(cut), tag);
  return WordCache::sum_of(key);
}

// The distance in bytes from a line to the answer that it has for a key; negative if it has none.
inline std::ptrdiff_t answer_place(const WordCache::Line& line, const WordKey& key) {
  unsigned found;
  const WordCache::Answer* const answer = WordCache::find(line, key, found);
  const std::ptrdiff_t place = answer == line.answers ? 0 : sizeof *answer;
  return found ? place : -1;
}

// A word's answer as its line has it: the count and up to kMaxShortIds ids; zeros if it has none. Both words
// of a line are looked at, and where both are this one, they have the same answer.
using ShortAnswer = uint32x4_t;

inline ShortAnswer short_answer(const AskedWord& word) {
  const auto load = [](const void* from) { return vld1q_u64(static_cast<const std::uint64_t*>(from)); };
  const uint64x2_t key = load(&word.key);
  const auto answer = [&](std::size_t i) {
    const uint64x2_t halves = vceqq_u64(key, load(&word.line->keys[i]));
    const uint64x2_t equal = vandq_u64(halves, vextq_u64(halves, halves, 1));
    return vandq_u32(vreinterpretq_u32_u64(equal), vld1q_u32(&word.line->answers[i].count));
  };
  return vorrq_u32(answer(0), answer(1));
}

inline std::uint32_t count_of(ShortAnswer answer) {
  return vgetq_lane_u32(answer, 0);
}

// Whether each of four has one id to kMaxShortIds. One that was not found has none.
inline bool all_short(const ShortAnswer (&answers)[4]) {
  const auto less_one = [&](std::size_t i) { return vsubq_u32(answers[i], vdupq_n_u32(1)); };
  const uint32x4_t most = vmaxq_u32(vmaxq_u32(less_one(0), less_one(1)), vmaxq_u32(less_one(2), less_one(3)));
  return vgetq_lane_u32(most, 0) < WordCache::kMaxShortIds;
}

// Writes four, of which the last is anything.
inline void store_ids(ShortAnswer answer, std::uint32_t* out) {
  vst1q_u32(out, vextq_u32(answer, answer, 1));
}

// Writes where objects are, by their numbers.
class ObjectAddresses {
 public:
  explicit ObjectAddresses(const ObjectTable& objects) : objects_(objects) {}
  void four(const std::uint32_t* numbers, unsigned char* out) {
    for (unsigned i = 0; i < 4; ++i) {
      const std::uintptr_t address = objects_.address(numbers[i]);
      std::memcpy(out + sizeof address * i, &address, sizeof address);
      all_known_ &= numbers[i] < objects_.count;
    }
  }
  void eight(const std::uint32_t* numbers, unsigned char* out) {
    four(numbers, out);
    four(numbers + 4, out + 4 * sizeof(std::uintptr_t));
  }
  // Whether all numbers were below objects.count.
  bool all_known() const { return all_known_; }

 private:
  const ObjectTable objects_;
  bool all_known_ = true;
};
