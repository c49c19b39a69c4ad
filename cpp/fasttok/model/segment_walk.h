// A text cut where no piece spans, and the ids of its segments: what the fast forms of SentencePiece's
// Unigram and BPE share.
//
//   "the cat, 中国人"  ->  " the" " cat" "," " " "中国人"     one character: a table; else: the thread's
//   cache
//
// The text is in space form (text/space_form.h): valid UTF-8 with U+0020 for U+2581. Ids are raw: a character
// that no piece is for stands as kUnknownChar | code point, so that there is one raw id for each piece of the
// way, and what is behind the model fuses or spells them.
//
// A segment's answer is what the model computed for exactly its bytes, so it does not depend on the cache.
//
// Segments go by the group, and branch on nothing that could be guessed wrong: first all their ends; then
// their keys, and lines of the cache are on their way; then the answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/word_cache.h"
#include "fasttok/base/word_key.h"
#include "fasttok/base/zeroed_memory.h"
#include "fasttok/model/piece_cuts.h"

namespace fasttok {

inline constexpr std::uint32_t kUnknownChar = std::uint32_t{1} << 31;

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

  // What other() below found.
  struct Answer {
    std::uint32_t* end;  // of its ids
    std::uint32_t note;  // goes with them into the cache, with 8 low bits clear, and to certain()
    bool keep;
  };

  // Appends the raw ids of a text at `out`, where there is room for as many as it has bytes and kIdSlack
  // more; returns their end. It may stop once there are `limit` of them and none is unknown. certain() and
  // other() as below; other() does segments of any length. Asks now and then whether the call is
  // to end.
  template <class Certain, class Other>
  std::uint32_t* walk(const std::uint8_t* text, std::size_t size, std::size_t limit,
                      std::uint32_t note_of_one, std::uint32_t* out, std::uint32_t& seen, Certain&& certain,
                      Other&& other) const {
    constexpr std::size_t kGroupsBetweenChecks = 64;
    const std::uint32_t* const first = out;
    WordCache* cache = &WordCache::of_this_thread(owner_);
    const std::uint8_t* const end = text + size;
    std::size_t groups = 0;
    for (const std::uint8_t* p = text; p < end;) {
      const std::uint8_t* const next = next_group(p, end, *cache, note_of_one, out, seen, certain, other);
      const bool is_long = next == p;
      p = next;
      if (is_long) {
        p = segment_end(next, end);
        const Answer answer = other(next, static_cast<std::size_t>(p - next), *cache, out);
        out = answer.end;
        seen |= answer.note & kUnknownChar;
      }
      if (is_long || ++groups % kGroupsBetweenChecks == 0) {
        check_interrupt();
        // The answer may have used this thread's cache for another model.
        cache = &WordCache::of_this_thread(owner_);
      }
      // What is unknown may yet become fewer ids.
      if (!seen && static_cast<std::size_t>(out - first) >= limit) break;
    }
    return out;
  }

  // The answer of make() for a segment, from the table of long words where it is there: for segments that are
  // too long for a key, or have more ids than go with one, and whose answer is the same everywhere. One with
  // unknown characters is not kept.
  template <class Make>
  static Answer keep_long(WordCache& cache, const std::uint8_t* segment, std::size_t size, std::uint32_t* out,
                          Make&& make) {
    if (const std::size_t count = cache.find_long(segment, size, out)) return {out + count, 0, true};
    const Answer made = make();
    const auto ids = static_cast<std::size_t>(made.end - out);
    if (made.note == 0 && (size > kMaxKeyBytes || ids > WordCache::kMaxIds)) {
      cache.put_long(segment, size, out, ids);
    }
    return made;
  }

  // Appends the raw ids of a group of segments, the first of which begins at `p`, at `out`; returns where the
  // group ends. No segment of the group is longer than kLongest, so that it may be empty.
  //
  // certain(note, out) tells whether an answer with this note counts here; that of a single character has
  // `note_of_one`. What is not answered so, other(p, size, cache, out)
  // appends; it may use the cache's table of long words. Notes with kUnknownChar say that
  // there are unknown characters: `seen` gets them.
  template <class Certain, class Other>
  const std::uint8_t* next_group(const std::uint8_t* p, const std::uint8_t* end, WordCache& cache,
                                 std::uint32_t note_of_one, std::uint32_t*& out, std::uint32_t& seen,
                                 Certain&& certain, Other&& other) const {
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

    // What is new is put into the cache only when all answers have been used: it may take their place.
    struct New {
      std::uint8_t segment, count;
      std::uint32_t note;
      const std::uint32_t* ids;
    };
    New news[kGroup];
    std::size_t kept = 0, k = 0;
    std::uint32_t* to = out;
    std::uint32_t all = 0;
    note_of_one |= 1;
    for (; k < count; ++k) {
      const Segment segment = bounds.segment(k);
      unsigned found;
      const WordCache::Answer* answer = WordCache::find(*lines[k], keys[k], found);
      const std::uint32_t alone = alone_[segment.last];
      const std::uint32_t first = segment.one ? alone : answer->ids[0];
      const std::uint32_t note = segment.one ? note_of_one | (alone & kUnknownChar) : answer->count;
      if ((found | segment.one) && certain(note, to)) [[likely]] {
        answer->copy_to(to);  // more than counts: what is behind is written over
        to[0] = first;
        to += note & 0xFF;
        all |= note;
        continue;
      }
      if (segment.size > kLongest) break;
      const Answer made = other(p + segment.begin, segment.size, cache, to);
      const auto ids = static_cast<std::size_t>(made.end - to);
      all |= made.note;
      if (made.keep && !segment.one && segment.size <= kMaxKeyBytes && ids <= WordCache::kMaxIds) {
        news[kept++] = {static_cast<std::uint8_t>(k), static_cast<std::uint8_t>(ids), made.note, to};
      }
      to = made.end;
    }
    for (std::size_t i = 0; i < kept; ++i) {
      cache.put(*lines[news[i].segment], keys[news[i].segment], news[i].ids, news[i].count, news[i].note);
    }
    out = to;
    seen |= all & kUnknownChar;
    return p + bounds.begin(k);
  }

 private:
  static constexpr std::size_t kGroup = 64;
  static constexpr std::size_t kTableChars = 0x10000;

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
  std::uint32_t owner_;
};

}  // namespace fasttok
