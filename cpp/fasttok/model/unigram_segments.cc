#include "fasttok/model/unigram_segments.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "fasttok/base/interrupt.h"
#include "fasttok/model/unigram_way.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok::sentencepiece {
namespace {

constexpr std::string_view kMark = "\xE2\x96\x81";
// Sums up to here are left alone by the reference, with room to spare.
constexpr double kMostSum = 99'000;

// The note of a way: kUnknownChar where one of its pieces is, and the pieces before it up to which it is
// certain.
std::uint32_t note_of(std::uint32_t certain, bool unknown) {
  return std::min(certain, kMostCertain) << 8 | (unknown ? kUnknownChar : 0);
}

double largest_weight(const UnigramModel& unigram, const Types& types) {
  double most = std::fabs(static_cast<double>(unigram.unk_score()));
  for (const VocabEntry& entry : unigram.pieces().normal()) {
    most = std::max(most, std::fabs(static_cast<double>(unigram.weight(entry.id, types[entry.id]))));
  }
  return std::max(most * 1.001, 1.0);
}

}  // namespace

std::vector<SpacePiece> space_pieces(const Pieces& pieces, const Types& types, std::string& arena) {
  struct Place {
    std::size_t begin, end;
    std::uint32_t id;
  };
  std::vector<Place> places;
  for (const VocabEntry& entry : pieces.normal()) {
    const PieceType type = types[entry.id];
    // In a BPE model all pieces are in one table, those that are never found in a text, too.
    const bool is_found = type == PieceType::kNormal || type == PieceType::kUserDefined;
    if (type == PieceType::kUnused || (!is_found && pieces.type() == ModelType::kBpe)) continue;
    if (!is_found || invalid_utf8_at(entry.token) != entry.token.size()) {
      return {};
    }
    // Normalized text has no space of its own.
    if (entry.token.find(' ') != std::string_view::npos) continue;
    const std::size_t begin = arena.size();
    for (std::size_t at = 0; at < entry.token.size();) {
      const bool mark = entry.token.substr(at, kMark.size()) == kMark;
      arena += mark ? ' ' : entry.token[at];
      at += mark ? kMark.size() : 1;
    }
    places.push_back({begin, arena.size(), entry.id});
  }
  std::vector<SpacePiece> found;
  found.reserve(places.size());
  for (const Place& place : places) {
    found.push_back({std::string_view(arena).substr(place.begin, place.end - place.begin), place.id});
  }
  return found;
}

// What is known of the sum at the place that is reached.
struct UnigramSegments::Sum {
  float at_anchor = 0;
  const std::uint32_t* anchor;  // the raw ids up to which it was summed
  std::size_t pieces = 1;       // as many as would make it; never 0, so that a note of 0 is never certain

  std::size_t bound(const std::uint32_t* out) const {
    return static_cast<std::size_t>(out - anchor) + pieces;
  }
};

bool UnigramSegments::fits(const UnigramModel& unigram, const Types& types) {
  return largest_weight(unigram, types) * SegmentWalk::kLongest < kMostSum / 4;
}

UnigramSegments::UnigramSegments(const UnigramModel& unigram, const Types& types,
                                 std::span<const SpacePiece> pieces, bool always_replay)
    : most_(largest_weight(unigram, types)),
      walk_(pieces),
      trie_(
          pieces, [&](std::uint32_t id) { return static_cast<double>(unigram.weight(id, types[id])); },
          static_cast<double>(unigram.unk_score())),
      weights_(unigram.pieces().size()),
      note_of_few_(note_of(static_cast<std::uint32_t>((kMostSum - 2 * most_) / most_), false)),
      always_replay_(always_replay) {
  for (const SpacePiece& piece : pieces) weights_[piece.id] = unigram.weight(piece.id, types[piece.id]);
  const auto answer_of = [&](const std::uint8_t* segment, std::size_t size, std::uint32_t* out) {
    const Way way = best(segment, size, out);
    return SegmentAnswer{out + way.count, way.note, true};
  };
  units_ = UnitWalk(pieces, walk_, answer_of, note_of_few_);
}

UnigramSegments::Way UnigramSegments::best(const std::uint8_t* segment, std::size_t size,
                                           std::uint32_t* out) const {
  constexpr double kMostLead = 1;
  WayPlace places[SegmentWalk::kLongest + 1];
  const auto sum_at = [](const std::uint8_t*, double sum) { return sum; };
  const BestWay way = best_way(trie_, segment, size, kMostLead, sum_at, places, out);
  // Certain while 2 n 2^-24 (|S| + n w) is below the lead, and all sums are below the bound.
  const double n = static_cast<double>(way.chars), w = most_, lead = std::min(way.lead, kMostLead);
  const double largest = std::min(lead * 0x1p23 / (1.001 * n), kMostSum) - n * w;
  const double pieces = std::clamp(std::floor(largest / w), 0.0, static_cast<double>(kMostCertain));
  return {static_cast<std::size_t>(way.end - out), note_of(static_cast<std::uint32_t>(pieces), way.unknown)};
}

// Sums up to `out`.
void UnigramSegments::settle(Sum& sum, const std::uint32_t* out) const {
  for (; sum.anchor < out; ++sum.anchor) sum.at_anchor = weight_of(*sum.anchor) + sum.at_anchor;
  sum.pieces = pieces_for(sum.at_anchor);
}

std::size_t UnigramSegments::pieces_for(float sum) const {
  return static_cast<std::size_t>(std::fabs(static_cast<double>(sum)) / most_) + 1;
}

// UnigramModel::best for one segment, from the sum that the reference has there.
SegmentAnswer UnigramSegments::replay(const std::uint8_t* segment, std::size_t size, Sum& sum,
                                      std::uint32_t* out) const {
  settle(sum, out);
  struct Best {
    float score = -std::numeric_limits<float>::infinity();
    std::uint32_t id = 0;
    std::size_t begin = 0;
  };
  std::vector<Best> places(size + 1);
  places[0].score = sum.at_anchor;
  const std::uint8_t* const end = segment + size;
  std::size_t frontier = 0;  // the farthest place that was reached
  PieceTrie::Char c = PieceTrie::Char::at(segment), next;
  for (std::size_t begin = 0, chars = 0; begin < size; begin += c.size, c = next, ++chars) {
    check_interrupt_at(chars);
    const std::uint8_t* const p = segment + begin;
    next = PieceTrie::Char::at(p + c.size);
    if (const float offset = places[begin].score; UnigramModel::takes_off(offset)) {
      for (std::size_t i = begin + 1; i <= frontier; ++i) places[i].score -= offset;
      places[begin].score = 0;
    }
    const float so_far = places[begin].score;
    const auto reach = [&](const std::uint8_t* at, double score, std::uint32_t id) {
      // What no piece is for is reached by another way, or has no sum that counts.
      const auto place = static_cast<std::size_t>(at - segment);
      const float reached = static_cast<float>(score) + so_far;
      if (!(reached > places[place].score)) return;
      places[place] = {reached, id, begin};
      frontier = std::max(frontier, place);
    };
    if (!trie_.for_each_step(p, c, next, end, reach))
      reach(p + c.size, trie_.unk_score(), kUnknownChar | c.c);
  }
  sum.at_anchor = places[size].score;
  std::uint32_t note = 0;
  std::uint32_t* to = out;
  for (std::size_t at = size; at > 0; at = places[at].begin) {
    note |= places[at].id & kUnknownChar;
    *to++ = places[at].id;
  }
  std::reverse(out, to);
  sum.anchor = to;
  sum.pieces = pieces_for(sum.at_anchor);
  return {to, note, false};
}

SegmentAnswer UnigramSegments::best_or_replay(const std::uint8_t* segment, std::size_t size, Sum& sum,
                                              std::uint32_t* out) const {
  if (!always_replay_ && size <= SegmentWalk::kLongest) {
    const Way way = best(segment, size, out);
    if (sum.bound(out) > certain_until(way.note)) settle(sum, out);
    if (sum.bound(out) <= certain_until(way.note)) return {out + way.count, way.note, true};
  }
  return replay(segment, size, sum, out);
}

// walk(out, seen, origin, make) does it, and returns the end of the ids.
template <class Walk>
bool UnigramSegments::append_by(std::size_t size, Buffer<std::uint32_t>& out, Walk&& walk) const {
  out.make_room(size + std::max(SegmentWalk::kIdSlack, UnitWalk::kIdSlack));
  std::uint32_t* const first = out.data() + out.size();
  std::uint32_t seen = 0;
  Sum sum{.anchor = first};
  const auto origin = [&] { return always_replay_ ? kNoneCertain : origin_before(sum.anchor, sum.pieces); };
  const auto make = [&](const std::uint8_t* segment, std::size_t length, std::uint32_t* at) {
    return best_or_replay(segment, length, sum, at);
  };
  const std::uint32_t* const to = walk(first, seen, origin, make);
  out.set_size(out.size() + static_cast<std::size_t>(to - first));
  return seen & kUnknownChar;
}

bool UnigramSegments::append(const std::uint8_t* text, std::size_t size, Buffer<std::uint32_t>& out) const {
  return append_by(size, out,
                   [&](std::uint32_t* to, std::uint32_t& seen, const auto& origin, const auto& make) {
                     return walk_.walk(text, size, SIZE_MAX, note_of_few_, to, seen, origin, make);
                   });
}

bool UnigramSegments::append(const std::uint16_t* text, std::size_t size, Buffer<std::uint32_t>& out) const {
  return append_by(size, out,
                   [&](std::uint32_t* to, std::uint32_t& seen, const auto& origin, const auto& make) {
                     return units_.walk(text, size, to, seen, origin, make);
                   });
}

}  // namespace fasttok::sentencepiece
