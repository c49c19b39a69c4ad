#include "fasttok/model/segment_walk.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

std::vector<CharPair> pairs_of(std::span<const SpacePiece> pieces) {
  std::vector<CharPair> pairs;
  for (const SpacePiece& piece : pieces) {
    const auto* p = reinterpret_cast<const std::uint8_t*>(piece.text.data());
    const std::uint8_t* const end = p + piece.text.size();
    std::uint32_t left, right;
    for (p += read_char(p, left); p < end; left = right) {
      p += read_char(p, right);
      pairs.push_back({left, right});
    }
  }
  return pairs;
}

}  // namespace

std::vector<std::pair<std::string_view, std::uint32_t>> keys_of(std::span<const SpacePiece> pieces) {
  std::vector<std::pair<std::string_view, std::uint32_t>> keys;
  keys.reserve(pieces.size());
  for (const SpacePiece& piece : pieces) keys.emplace_back(piece.text, piece.id);
  return keys;
}

MarkedText::MarkedText(const std::uint8_t* segment, std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    std::uint32_t c;
    at += read_char(segment + at, c);
    chars.resize(text.size() + 1);
    chars.back() = c;
    append_utf8(text, c == ' ' ? char32_t{0x2581} : static_cast<char32_t>(c));
  }
}

SegmentWalk::SegmentWalk(std::span<const SpacePiece> pieces)
    : SegmentWalk(pieces, PieceCuts(pairs_of(pieces))) {}

SegmentWalk::SegmentWalk(std::span<const SpacePiece> pieces, PieceCuts cuts)
    : alone_(kTableChars),
      cuts_(std::move(cuts)),
      ascii_cuts_(cuts_.by_classes()),
      owner_(next_cache_owner()) {
  for (std::uint32_t c = 0; c < kTableChars; ++c) alone_[c] = kUnknownChar | c;
  for (const SpacePiece& piece : pieces) {
    std::uint32_t c;
    const auto* p = reinterpret_cast<const std::uint8_t*>(piece.text.data());
    if (read_char(p, c) == piece.text.size() && c < kTableChars) alone_[c] = piece.id;
  }
}

std::size_t SegmentWalk::find_bounds(const std::uint8_t* p, const std::uint8_t* end, Bounds& bounds) const {
  // Where segments are so long that there are few in it, they take longer than finding them.
  constexpr std::size_t kMostBytes = 4096;
  const std::uint8_t* const stop = p + std::min(static_cast<std::size_t>(end - p), kMostBytes);
  std::uint64_t* to = bounds.places;
  std::uint64_t* const full = to + kGroup + 1;
  *to++ = 0;
  std::uint32_t left, right;
  const std::uint8_t* q = p + read_char(p, left);
  const auto one = [](std::uint32_t c, std::size_t size) {
    return static_cast<std::uint32_t>(size) | (c < kTableChars ? 1u : 2u) << 16;
  };
  std::uint32_t place = one(left, static_cast<std::size_t>(q - p));
  // Written for every character, and kept where it may be cut.
  const auto add = [&](bool spans, std::uint32_t step) {
    *to = place | std::uint64_t{std::min<std::uint32_t>(left, kTableChars - 1)} << 32;
    to += !spans;
    left = right;
    place += step;
  };
  while (q < stop && to < full) {
    // So many characters can be looked at without asking again: each is a boundary at most.
    std::ptrdiff_t n = std::min(full - to, stop - q);
    if (left < 0x80) {
      for (; n > 0 && *q < 0x80; --n, ++q) {
        right = *q;
        add(cuts_.spans_ascii(left, right), one('a', 1));
      }
    } else {
      for (n = std::min(n, (stop - q + 2) / 3); n > 0 && (*q & 0xF0) == 0xE0; --n, q += 3) {
        right = (q[0] & 0x0Fu) << 12 | (q[1] & 0x3Fu) << 6 | (q[2] & 0x3Fu);
        add(cuts_.may_span_hashed(left, right), one(0x800, 3));
      }
    }
    if (q >= stop || to == full) break;
    const std::size_t size = read_char(q, right);
    q += size;
    add(cuts_.may_span(left, right), one(right, size));
  }
  // The last character may reach beyond `stop`, not beyond the end.
  if (to < full && (q >= end || to == bounds.places + 1)) add(false, 0);
  return static_cast<std::size_t>(to - bounds.places) - 1;
}

}  // namespace fasttok
