// A text cut where no piece spans, and the ids of its segments: what the fast forms of SentencePiece's
// Unigram and BPE share.
//
//   "the cat, 中国人"  ->  " the" " cat" "," " " "中国人"     one character: a table; else: the thread's
//   cache
//
// The text is in space form (text/space_form.h): valid UTF-8 with U+0020 for U+2581. Ids are raw, so that
// there is one for each piece of the way; what is behind the model fuses or spells what is unknown.
//
// A segment's answer is what the model computed for exactly its bytes (segment_answers.h), so it does not
// depend on the cache; nor on which of the places are cut where no piece spans.
//
// Segments go by the group, and branch on nothing that could be guessed wrong: first all their ends; then
// their keys, and lines of the cache are on their way; then the answers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/base/interrupt.h"
#include "fasttok/base/word_cache.h"
#include "fasttok/base/word_key.h"
#include "fasttok/base/zeroed_memory.h"
#include "fasttok/model/piece_cuts.h"
#include "fasttok/model/segment_answers.h"
#include "fasttok/simd/kernels.h"

namespace fasttok {

// A piece in space form.
struct SpacePiece {
  std::string_view text;
  std::uint32_t id;
};

// For a trie.
std::vector<std::pair<std::string_view, std::uint32_t>> keys_of(std::span<const SpacePiece> pieces);

// The character at `p` of valid UTF-8; returns its size.
inline std::size_t read_char(const std::uint8_t* p, std::uint32_t& c) {
  const auto six = [&](int i) -> std::uint32_t { return p[i] & 0x3Fu; };
  if (p[0] < 0x80) {
    c = p[0];
    return 1;
  }
  if (p[0] >= 0xE0 && p[0] < 0xF0) {
    c = (p[0] & 0x0Fu) << 12 | six(1) << 6 | six(2);
    return 3;
  }
  if (p[0] < 0xE0) {
    c = (p[0] & 0x1Fu) << 6 | six(1);
    return 2;
  }
  c = (p[0] & 0x07u) << 18 | six(1) << 12 | six(2) << 6 | six(3);
  return 4;
}

// A segment in the literal form, for a literal model; `chars` by place in its text.
struct MarkedText {
  MarkedText(const std::uint8_t* segment, std::size_t size);

  std::string text;
  std::vector<std::uint32_t> chars;
};

class SegmentWalk {
 public:
  // Bytes that must be readable behind a text; the first of them is 0.
  static constexpr std::size_t kSlack = 16;
  // Ids that may be written beyond those that count.
  static constexpr std::size_t kIdSlack = WordCache::kMaxIds;
  // Bytes of a segment that is one of a group.
  static constexpr std::size_t kLongest = 128;

  explicit SegmentWalk(std::span<const SpacePiece> pieces);
  // Cut as `cuts` says; `pieces` tells the ids of single characters.
  SegmentWalk(std::span<const SpacePiece> pieces, PieceCuts cuts);

  std::uint32_t owner() const { return owner_; }
  // Raw ids of the characters up to U+FFFF, and where texts are cut.
  const std::uint32_t* alone() const { return alone_.begin(); }
  const PieceCuts& cuts() const { return cuts_; }

  // Where the segment that begins at `p` ends.
  const std::uint8_t* segment_end(const std::uint8_t* p, const std::uint8_t* end) const {
    std::uint32_t left, right;
    for (p += read_char(p, left); p < end; left = right) {
      const std::size_t size = read_char(p, right);
      if (!cuts_.may_span(left, right)) break;
      p += size;
    }
    return p;
  }

  // Appends the raw ids of a text for whose segments make() answers the same everywhere; as walk() below.
  // Returns `seen`.
  template <class Make>
  std::uint32_t append(const std::uint8_t* text, std::size_t size, std::size_t limit,
                       Buffer<std::uint32_t>& out, Make&& make) const {
    const std::size_t begin = out.size();
    out.make_room(size + kIdSlack);
    std::uint32_t* const first = out.data() + begin;
    std::uint32_t seen = 0;
    const std::uint32_t* const to = walk(
        text, size, limit, 0, first, seen, [] { return kAllCertain; }, make);
    out.set_size(begin + static_cast<std::size_t>(to - first));
    return seen;
  }

  // Appends the raw ids of a text at `out`, where there is room for as many as it has bytes and kIdSlack
  // more; returns their end. It may stop once there are `limit` of them and none is unknown. `seen` gets
  // kUnknownChar where one is.
  //
  // origin() gives the place from which an answer's note counts; that of a character by itself is
  // `note_of_one`. What no answer counts for, make(bytes, size, out) does, of any length; it may change what
  // origin() gives. Asks now and then whether the call is to end.
  template <class GetOrigin, class Make>
  std::uint32_t* walk(const std::uint8_t* text, std::size_t size, std::size_t limit,
                      std::uint32_t note_of_one, std::uint32_t* out, std::uint32_t& seen, GetOrigin&& origin,
                      Make&& make) const {
    constexpr std::size_t kGroupsBetweenChecks = 64;
    const std::uint32_t* const first = out;
    WordCache* cache = &WordCache::of_this_thread(owner_);
    const std::uint8_t* const end = text + size;
    std::size_t groups = 0;
    for (const std::uint8_t* p = text; p < end;) {
      const std::uint8_t* next = ascii_group(p, end, *cache, out, seen, origin, make);
      if (next == p) next = any_group(p, end, *cache, note_of_one, out, seen, origin, make);
      const bool is_long = next == p;
      p = next;
      if (is_long) {
        p = segment_end(next, end);
        const SegmentAnswer answer = make(next, static_cast<std::size_t>(p - next), out);
        out = answer.end;
        seen |= answer.note & kUnknownChar;
      }
      if (is_long || ++groups % kGroupsBetweenChecks == 0) {
        check_interrupt();
        // It may be time for the cache to grow.
        cache = &WordCache::of_this_thread(owner_);
      }
      // What is unknown may yet become fewer ids.
      if (!seen && static_cast<std::size_t>(out - first) >= limit) break;
    }
    return out;
  }

 private:
  // These append the raw ids of a group of segments, the first of which begins at `p`, at `out`, and return
  // where the group ends. No segment of it is longer than kLongest, so that it may be empty.
  //
  // Where there is nothing but ASCII, cut at `ascii_cuts_`, which has most places of the exact cuts. A
  // character by itself is a segment like others here.
  template <class GetOrigin, class Make>
  const std::uint8_t* ascii_group(const std::uint8_t* p, const std::uint8_t* end, WordCache& cache,
                                  std::uint32_t*& out, std::uint32_t& seen, GetOrigin&& origin,
                                  Make&& make) const {
    if (*p >= 0x80) return p;
    const std::size_t n = std::min(static_cast<std::size_t>(end - p), kWindow);
    std::uint64_t masks[kWindow / 64];
    std::uint16_t places[kWindow + 64 + 1];
    const std::size_t ascii = kernels_.ascii_cuts(ascii_cuts_, p, n, masks);
    std::size_t count = kernels_.positions(masks, (n + 63) / 64, places);
    // What stands at the end of the window, or before other characters, may go on.
    if (p + ascii == end) {
      places[count] = static_cast<std::uint16_t>(ascii);
    } else {
      --count;
    }
    // The more words there are to a group, the more answers are too uncertain to be taken in it.
    constexpr std::size_t kTogether = 64;
    static_assert(kTogether <= kWordGroup);
    AskedWord words[kTogether];
    for (std::size_t done = 0; done < count; done += kTogether) {
      const std::uint16_t* const begins = places + done;
      const std::size_t size = std::min(count - done, kTogether);
      kernels_.word_lines(cache, p, begins, begins + 1, size, words);
      for (std::size_t k = 0;; ++k) {
        const PieceOrigin from = origin();
        k = kernels_.noted_answers(words, k, size, least_certain(out, kTogether * WordCache::kMaxIds, from),
                                   out, seen);
        if (k == size) break;
        const auto length = static_cast<std::size_t>(begins[k + 1] - begins[k]);
        if (length > kLongest) return p + begins[k];
        out = cached_or(words[k].key, length <= kMaxKeyBytes, p + begins[k], length, cache, from, out, seen,
                        make);
      }
    }
    return p + places[count];
  }

  // Of any characters, cut exactly.
  template <class GetOrigin, class Make>
  const std::uint8_t* any_group(const std::uint8_t* p, const std::uint8_t* end, WordCache& cache,
                                std::uint32_t note_of_one, std::uint32_t*& out, std::uint32_t& seen,
                                GetOrigin&& origin, Make&& make) const {
    Bounds bounds;
    const std::size_t count = find_bounds(p, end, bounds);
    const WordKey tag = cache.tag();
    WordKey keys[kGroup];
    WordCache::Line* lines[kGroup];
    static thread_local WordCache::Line no_line;
    WordCache::Line* const none = &no_line;
    for (std::size_t k = 0; k < count; ++k) {
      const Segment segment = bounds.segment(k);
      keys[k] = load_key(p + segment.begin, segment.size, tag);
      WordCache::Line* const line = cache.line_of(keys[k]);
      lines[k] = segment.one ? none : line;
      __builtin_prefetch(lines[k]);
    }

    std::size_t k = 0;
    std::uint32_t* to = out;
    std::uint32_t all = 0;
    note_of_one |= 1;
    PieceOrigin from = origin();
    for (; k < count; ++k) {
      const Segment segment = bounds.segment(k);
      unsigned found;
      const WordCache::Answer* answer = WordCache::find(*lines[k], keys[k], found);
      const std::uint32_t alone = alone_[segment.last];
      const std::uint32_t first = segment.one ? alone : answer->ids[0];
      const std::uint32_t note = segment.one ? note_of_one | (alone & kUnknownChar) : answer->count;
      if ((found | segment.one) && is_certain(note, to, from)) [[likely]] {
        answer->copy_to(to);  // more than counts: what is behind is written over
        to[0] = first;
        to += note & 0xFF;
        all |= note;
        continue;
      }
      if (segment.size > kLongest) break;
      // A NUL, which is a segment by itself, has no key.
      const bool has_key = !segment.one && segment.size <= kMaxKeyBytes;
      to = cached_or(keys[k], has_key, p + segment.begin, segment.size, cache, from, to, all, make);
      from = origin();
    }
    out = to;
    seen |= all & kUnknownChar;
    return p + bounds.begin(k);
  }

  static constexpr std::size_t kGroup = 64;
  static constexpr std::size_t kTableChars = 0x10000;
  static constexpr std::size_t kWindow = 512;  // ASCII characters that are looked at together

  struct Segment {
    std::size_t begin, size;
    unsigned one;        // 1: it is one character, `last`; or 0
    std::uint32_t last;  // its last character, as far as it is in the table
  };
  // The places between the segments of a group: byte | characters before it << 16 | character before it
  // << 32. The first one is its beginning. A character beyond the table counts as two, and as U+FFFF.
  struct Bounds {
    std::uint64_t places[kGroup + 1];

    std::size_t begin(std::size_t k) const { return places[k] & 0xFFFF; }
    Segment segment(std::size_t k) const {
      const auto from = static_cast<std::uint32_t>(places[k]);
      const std::uint32_t both = static_cast<std::uint32_t>(places[k + 1]) - from;  // both grow: none borrows
      return {from & 0xFFFF, both & 0xFFFF, (both >> 16) == 1,
              static_cast<std::uint32_t>(places[k + 1] >> 32)};
    }
  };
  // Returns the number of segments, at least one; where the first one is long, its end may be any place
  // beyond kLongest.
  std::size_t find_bounds(const std::uint8_t* p, const std::uint8_t* end, Bounds& bounds) const;

  ZeroedArray<std::uint32_t> alone_;  // raw ids of single characters
  PieceCuts cuts_;
  AsciiCuts ascii_cuts_;
  const Kernels& kernels_ = kernels();
  std::uint32_t owner_;
};

}  // namespace fasttok
