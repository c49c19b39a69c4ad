// What a model answers for a segment of a text (segment_walk.h), how far it counts, and where it is kept.
//
//   " the"  ->  {18}, with a note: certain while at most 5,000 pieces are before it
//
// Ids are raw: a character that no piece is for stands as kUnknownChar | code point.
//
// A note is a number with its 8 low bits clear: the topmost bit, kUnknownChar, says that there are unknown
// characters; the others, up to how many pieces before it (or what is as much as they are) the answer is what
// the model makes of the segment. Models whose answers are the same everywhere say 0 pieces, and let
// everything count (kAllCertain).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "fasttok/base/word_cache.h"
#include "fasttok/base/word_key.h"

namespace fasttok {

inline constexpr std::uint32_t kUnknownChar = std::uint32_t{1} << 31;

// The most pieces that a note can say.
inline constexpr std::uint32_t kMostCertain = (1u << 23) - 1;

inline std::size_t certain_until(std::uint32_t note) {
  return note << 1 >> 9;
}

// Where the pieces count from: a place among the ids in bytes, which may lie beyond their ends.
using PieceOrigin = std::int64_t;
inline constexpr PieceOrigin kAllCertain = PieceOrigin{1} << 62, kNoneCertain = -kAllCertain;

inline PieceOrigin origin_before(const std::uint32_t* at, std::size_t pieces) {
  return static_cast<PieceOrigin>(reinterpret_cast<std::uintptr_t>(at) - pieces * sizeof *at);
}

// Whether an answer with this note counts where its ids are to stand at `at`.
inline bool is_certain(std::uint32_t note, const std::uint32_t* at, PieceOrigin origin) {
  return origin_before(at, 0) - origin <= static_cast<PieceOrigin>(certain_until(note) * sizeof *at);
}

// The least note that is certain at `at` and the `places` behind it.
inline std::uint32_t least_certain(const std::uint32_t* at, std::size_t places, PieceOrigin origin) {
  const PieceOrigin pieces = (origin_before(at, 0) - origin) / static_cast<PieceOrigin>(sizeof *at) +
                             static_cast<PieceOrigin>(places);
  return static_cast<std::uint32_t>(std::clamp<PieceOrigin>(pieces, 0, kMostCertain + 1)) << 8;
}

struct SegmentAnswer {
  std::uint32_t* end;  // of its ids
  std::uint32_t note;
  bool keep;  // it may be kept for the same segment elsewhere
};

// Appends at `to` what the cache or else make(bytes, size, to) has for a segment, of which 16 bytes from each
// of its places on may be read. At most as many ids as it has bytes, and kMaxIds are written beyond them.
// `key` counts where `has_key`.
template <class Make>
std::uint32_t* cached_or(const WordKey& key, bool has_key, const std::uint8_t* bytes, std::size_t size,
                         WordCache& cache, PieceOrigin origin, std::uint32_t* to, std::uint32_t& seen,
                         Make&& make) {
  std::uint32_t kept[WordCache::kMaxLongIds];  // of what has no key; its note comes first
  if (has_key) {
    unsigned found;
    const WordCache::Answer* const answer = WordCache::find(*cache.line_of(key), key, found);
    if (found && is_certain(answer->count, to, origin)) {
      answer->copy_to(to);
      seen |= answer->count & kUnknownChar;
      return to + answer->size();
    }
  } else if (const std::size_t count = cache.find_long(bytes, size, kept)) {
    if (is_certain(kept[0], to, origin)) {
      seen |= kept[0] & kUnknownChar;
      return std::copy(kept + 1, kept + count, to);
    }
  }
  const SegmentAnswer made = make(bytes, size, to);
  const auto ids = static_cast<std::size_t>(made.end - to);
  seen |= made.note & kUnknownChar;
  if (made.keep && has_key && ids <= WordCache::kMaxIds) {
    cache.put(*cache.line_of(key), key, to, ids, made.note);
  } else if (made.keep && !has_key && ids < WordCache::kMaxLongIds) {
    kept[0] = made.note;
    std::copy(to, made.end, kept + 1);
    cache.put_long(bytes, size, kept, ids + 1);
  }
  return made.end;
}

}  // namespace fasttok
