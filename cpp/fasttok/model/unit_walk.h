// The twin of SegmentWalk (segment_walk.h) for a text in space form whose characters are 16-bit units: what
// Python keeps Chinese and its neighbours in.
//
//   中国人的国家,is  ->  "中国人" "的" "国家" "," "is"
//
// The segments and their raw ids are the same; less is done for each character. Where characters stand alone
// or two by two, which is most of such a text, the answers are in tables:
//
//   one character    the table of SegmentWalk: a run of them is copied
//   two              no piece has both, and then there is one way, of two pieces or unknown characters; or
//                    their own piece is in a table of pairs, with what the model answered for the two
//   more             the thread's cache
//
// U+0000 and surrogates are not for this.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <vector>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/word_cache.h"
#include "fasttok/base/word_key.h"
#include "fasttok/base/zeroed_memory.h"
#include "fasttok/model/segment_walk.h"
#include "fasttok/simd/kernels.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace fasttok {

class UnitWalk {
 public:
  // What the model answers for the UTF-8 of two characters that are a piece.
  using AnswerOf = std::function<SegmentAnswer(const std::uint8_t*, std::size_t, std::uint32_t*)>;

  // `walk`, of the same pieces, must outlive this. `note_of_few` is the note of the only way of one or two
  // characters, with the low 8 bits clear.
  UnitWalk(std::span<const SpacePiece> pieces, const SegmentWalk& walk, const AnswerOf& answer_of,
           std::uint32_t note_of_few);

  UnitWalk() = default;

  // Where the segment that begins at `p` ends.
  const std::uint16_t* segment_end(const std::uint16_t* p, const std::uint16_t* end) const {
    for (++p; p < end && cuts_->may_span_hashed(p[-1], p[0]);) ++p;
    return p;
  }

  // Units that must be readable behind a text.
  static constexpr std::size_t kSlack = 16;
  // Ids that may be written beyond those that count.
  static constexpr std::size_t kIdSlack = 16;

  // As SegmentWalk::walk, where there is room for as many ids as units and kIdSlack more. An answer counts
  // where its note is certain, for which origin() gives the place, which make() may change. `seen` may get
  // kUnknownChar where none is.
  template <class GetOrigin, class Make>
  std::uint32_t* walk(const std::uint16_t* text, std::size_t size, std::uint32_t* out, std::uint32_t& seen,
                      GetOrigin&& origin, Make&& make) const {
    constexpr std::size_t kGroupsBetweenChecks = 64;
    WordCache* cache = &WordCache::of_this_thread(owner_);
    const std::uint16_t* const end = text + size;
    std::size_t groups = 0;
    for (const std::uint16_t* p = text; p < end;) {
      const bool few_are_certain = note_of_few_ >= least_note_at(out, origin());
      const std::uint16_t* const next = few_are_certain ? next_group(p, end, *cache, out, seen, origin, make)
                                                        : one_by_one(p, end, *cache, out, seen, origin, make);
      const bool is_long = next == p;
      p = next;
      if (is_long) {
        p = segment_end(next, end);
        const auto units = static_cast<std::size_t>(p - next);
        std::vector<std::uint8_t> bytes(3 * units + 16);
        const std::size_t bytes_count = write_utf8(next, units, bytes.data());
        const SegmentAnswer answer = make(bytes.data(), bytes_count, out);
        out = answer.end;
        seen |= answer.note & kUnknownChar;
      }
      if (is_long || ++groups % kGroupsBetweenChecks == 0) {
        check_interrupt();
        // It may be time for the cache to grow.
        cache = &WordCache::of_this_thread(owner_);
      }
    }
    return out;
  }

 private:
  // The least note that is certain at all places of a group; never 0.
  static std::uint32_t least_note_at(const std::uint32_t* at, PieceOrigin origin) {
    return std::max<std::uint32_t>(least_certain(at, kWindow, origin), 1u << 8);
  }

  // As the groups of SegmentWalk. Before it, `note_of_few_` is certain.
  template <class GetOrigin, class Make>
  const std::uint16_t* next_group(const std::uint16_t* p, const std::uint16_t* end, WordCache& cache,
                                  std::uint32_t*& out, std::uint32_t& seen, GetOrigin&& origin,
                                  Make&& make) const {
    Group group;
    find_segments(p, end, group);
    seen |= group.all & kUnknownChar;
    // What has three characters or more is in the cache: all lines are on their way before the first is used.
    WordKey keys[kMostLong];
    const WordCache::Line* lines[kMostLong];
    for (std::size_t j = 0; j < group.long_count; ++j) {
      const std::size_t k = group.longs[j], size = group.size(k);
      keys[j] = key_of(p + group.begins[k], size, cache);
      lines[j] = size > kMaxKeyBytes ? &kNoLine : cache.line_of(keys[j]);
      __builtin_prefetch(lines[j]);
    }

    std::uint32_t* to = out;
    std::size_t at = 0;  // units that are done
    // Characters by themselves, up to a place: more than count are copied, and written over.
    const auto copy_alone = [&](std::size_t stop) {
      const std::size_t n = stop - at;
      for (std::size_t i = 0;; i += kIdSlack) {
        std::memcpy(to + i, group.alone + at + i, kIdSlack * sizeof *to);
        if (i + kIdSlack >= n) break;
      }
      to += n;
    };
    PieceOrigin from = origin();
    std::uint32_t least_note = least_note_at(to, from);
    std::size_t k = 0;
    for (std::size_t j = 0;;) {
      const bool is_last = j == group.long_count;
      const std::size_t stop = is_last ? group.count : group.longs[j];
      bool is_certain_pair = true;
      for (; k < stop; ++k) {
        const std::size_t begin = group.begins[k];
        copy_alone(begin);
        at = begin;
        const Pairs::Answer answer = pairs_.find(Pairs::key_of(p[begin], p[begin + 1]));
        is_certain_pair = answer.note >= least_note;
        if (!is_certain_pair) [[unlikely]]
          break;
        to[0] = group.alone[begin] ^ answer.change;
        to[1] = group.alone[begin + 1];  // where it does not count, what is behind is written over it
        to += 2 - (answer.note & 1);
        at = begin + 2;
      }
      if (is_certain_pair) {
        copy_alone(is_last ? group.units : group.begins[k]);
        if (is_last) {
          at = group.units;
          break;
        }
        at = group.begins[k];
        unsigned found;
        const WordCache::Answer* const answer = WordCache::find(*lines[j], keys[j], found);
        ++j;
        if (found && is_certain(answer->count, to, from)) [[likely]] {
          answer->copy_to(to);
          seen |= answer->count & kUnknownChar;
          to += answer->size();
          at = group.ends[k++];
          continue;
        }
      }
      // It is in no table, or not certain.
      if (!make_one(p + at, group.size(k), cache, from, to, seen, make)) break;
      at = group.ends[k++];
      from = origin();
      least_note = least_note_at(to, from);
      if (note_of_few_ < least_note) break;
    }
    out = to;
    return p + at;
  }

  // Segments up to the first that is long, or to one before which `note_of_few_` is certain, which it is not
  // before the first.
  template <class GetOrigin, class Make>
  const std::uint16_t* one_by_one(const std::uint16_t* p, const std::uint16_t* end, WordCache& cache,
                                  std::uint32_t*& out, std::uint32_t& seen, GetOrigin&& origin,
                                  Make&& make) const {
    for (std::size_t i = 0; i < kWindow && p < end; ++i) {
      const auto size = static_cast<std::size_t>(segment_end(p, end) - p);
      const PieceOrigin from = origin();
      if (i > 0 && note_of_few_ >= least_note_at(out, from)) break;
      if (!make_one(p, size, cache, from, out, seen, make)) break;
      p += size;
    }
    return p;
  }

  // Appends the ids of a segment by the cache, or else by make(). False where it is too long for that.
  template <class Make>
  static bool make_one(const std::uint16_t* p, std::size_t units, WordCache& cache, PieceOrigin from,
                       std::uint32_t*& to, std::uint32_t& seen, Make&& make) {
    if (units > SegmentWalk::kLongest) return false;
    std::uint8_t bytes[3 * SegmentWalk::kLongest + 16];
    const std::size_t size = write_utf8(p, units, bytes);
    if (size > SegmentWalk::kLongest) return false;
    const bool has_key = units <= kMaxKeyUnits || size <= kMaxKeyBytes;
    to = cached_or(key_of(p, units, cache), has_key, bytes, size, cache, from, to, seen, make);
    return true;
  }

  // What segments are kept under: up to so many units, these themselves and a byte that UTF-8 never has; of
  // more, their UTF-8 as in SegmentWalk. Of what has no key: the tag alone, which is no segment's key.
  static constexpr std::size_t kMaxKeyUnits = 7;
  static WordKey key_of(const std::uint16_t* units, std::size_t size, const WordCache& cache) {
    if (size <= kMaxKeyUnits) {
      WordKey tag = cache.tag();
      tag.hi |= std::uint64_t{0xFF} << 48;
      return load_key(reinterpret_cast<const std::uint8_t*>(units), 2 * size, tag);
    }
    if (size > kMaxKeyBytes) return cache.tag();
    std::uint8_t bytes[3 * kMaxKeyBytes + 16];
    return load_key(bytes, write_utf8(units, size, bytes), cache.tag());
  }

  // Writes the UTF-8 of units that are characters; `out` has room for 3 bytes each, and 16.
  static std::size_t write_utf8(const std::uint16_t* units, std::size_t count, std::uint8_t* out) {
    std::uint8_t* to = out;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t c = units[i];
      const bool one = c < 0x80, three = c >= 0x800;
      std::uint32_t bytes = three ? 0x8080E0 | c >> 12 | (c >> 6 & 0x3F) << 8 | (c & 0x3F) << 16
                                  : 0x80C0 | c >> 6 | (c & 0x3F) << 8;
      if (one) bytes = c;
      std::memcpy(to, &bytes, 4);
      to += one ? 1 : 2 + three;
    }
    return static_cast<std::size_t>(to - out);
  }

  static constexpr std::size_t kWindow = 256;  // units that are looked at together
  static constexpr std::size_t kBlocks = kWindow / 64;
  static constexpr std::size_t kMostLong = kWindow / 3 + 1;
  static constexpr WordCache::Line kNoLine{};

  // Pairs of characters that are pieces, by lines of four.
  class Pairs {
   public:
    struct Answer {
      std::uint32_t change;  // of the first character's own id to that of the first piece
      std::uint32_t note;    // without kUnknownChar, and 1 where there is one piece, else 0
    };
    // Pairs that have no room are left out, which their lines say by a note that is never certain.
    void assign(std::span<const std::uint32_t> keys, std::span<const Answer> answers,
                std::uint32_t note_of_few);

    static std::uint32_t key_of(std::uint32_t left, std::uint32_t right) { return left | right << 16; }
    void prefetch(std::uint32_t key) const { __builtin_prefetch(&line_of(key)); }
    // The answer for a pair, or for no piece.
    const Answer& find(std::uint32_t key) const {
      const Line& line = line_of(key);
#if defined(__SSE2__)
      const __m128i four = _mm_load_si128(reinterpret_cast<const __m128i*>(line.keys));
      const __m128i equal = _mm_cmpeq_epi32(four, _mm_set1_epi32(static_cast<int>(key)));
      const auto ways = static_cast<unsigned>(_mm_movemask_ps(_mm_castsi128_ps(equal)));
#else
      unsigned ways = 0;
      for (unsigned i = 0; i < kWays; ++i) ways |= unsigned{line.keys[i] == key} << i;
#endif
      return line.answers[std::countr_zero(ways | 1u << kWays)];
    }

   private:
    static constexpr unsigned kWays = 4;
    static constexpr std::uint32_t kNoKey = ~std::uint32_t{0};
    struct alignas(64) Line {
      std::uint32_t keys[kWays];
      Answer answers[kWays + 1];  // the last one: for what is not here
    };
    // A line's place in bytes is some of the upper bits of the product.
    static constexpr int kShift = 10;
    const Line& line_of(std::uint32_t key) const {
      return *reinterpret_cast<const Line*>(reinterpret_cast<const char*>(lines_.begin()) +
                                            (key * factor_ >> kShift & mask_));
    }
    bool fill(std::span<const std::uint32_t> keys, std::span<const Answer> answers,
              std::uint32_t note_of_few);

    ZeroedArray<Line> lines_;
    std::uint32_t mask_ = 0, factor_ = 0;
  };

  // Some segments: those of two units or more, in order; all other units of the group are one each.
  struct Group {
    std::size_t units, count, long_count;
    std::uint16_t begins[kWindow / 2 + 64], ends[kWindow / 2 + 64];  // the kernel writes up to 64 more
    std::uint16_t longs[kWindow / 2 + 1];                            // which have three units or more
    std::uint32_t alone[kWindow + kIdSlack];                         // of each unit, what it is by itself
    std::uint32_t all;                                               // bits that one of these has

    std::size_t size(std::size_t k) const { return static_cast<std::size_t>(ends[k] - begins[k]); }
  };
  // There may be no unit where the first segment is longer than SegmentWalk::kLongest.
  void find_segments(const std::uint16_t* p, const std::uint16_t* end, Group& group) const;

  const std::uint32_t* alone_ = nullptr;
  const PieceCuts* cuts_ = nullptr;
  std::uint32_t owner_ = 0, note_of_few_ = 0;
  Pairs pairs_;
  const Kernels* kernels_ = &kernels();
};

}  // namespace fasttok
