// The best way through a segment, by the pieces in a PieceTrie, in double precision: what the models of
// `.model` (unigram_segments.h) and of tokenizer.json (unigram_words.h) share.
//
//   best_way(trie, " the", 4, slack, sum_at, places, out)     {18}, and how far it leads
//
// Of equal sums the first one stays; ways go by where their last piece begins, then by its length.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "fasttok/base/interrupt.h"
#include "fasttok/model/piece_trie.h"
#include "fasttok/model/segment_answers.h"

namespace fasttok {

// What is known of a place of a segment.
struct WayPlace {
  double best, second;  // the sum of the best way to it, and the next best sum
  std::uint64_t last;   // the last piece of that way: id | begin << 32

  std::uint32_t id() const { return static_cast<std::uint32_t>(last); }
  std::size_t begin() const { return last >> 32; }

  // Another way to here. Nothing branches on which is better.
  void offer(double sum, std::uint32_t id, std::uint64_t begin) {
    const double least = sum > best ? best : sum;
    last ^= (last ^ (id | begin << 32)) & -std::uint64_t{sum > best};
    best = sum > best ? sum : best;
    second = least > second ? least : second;
  }
};

struct BestWay {
  std::uint32_t* end;  // of its raw ids
  std::size_t chars;   // of the segment
  double lead;         // the least by which it leads at one of its places
  bool unknown;        // whether it has kUnknownChar
};

// Writes the raw ids of the best way at `out`, where there is room for as many as the segment has bytes;
// `places` has room for one more. Of ways that are behind by more than `slack` nothing is looked for but that
// they are. sum_at(p, sum): the sum with which pieces that begin at `p` go on. Of the 16 bytes behind the
// segment, the first begins a character.
template <class SumAt>
BestWay best_way(const PieceTrie& trie, const std::uint8_t* segment, std::size_t size, double slack,
                 SumAt&& sum_at, WayPlace* places, std::uint32_t* out) {
  const std::uint8_t* const end = segment + size;
  trie.prefetch(segment, end);
  for (std::size_t i = 0; i <= size; ++i) places[i] = {PieceTrie::kNoPiece, PieceTrie::kNoPiece, 0};
  places[0].best = 0;
  BestWay way{out, 0, std::numeric_limits<double>::infinity(), false};
  PieceTrie::Char c = PieceTrie::Char::at(segment), next;
  for (std::size_t begin = 0; begin < size; begin += c.size, c = next, ++way.chars) {
    check_interrupt_at(way.chars);
    const std::uint8_t* const p = segment + begin;
    next = PieceTrie::Char::at(p + c.size);
    const double so_far = sum_at(p, places[begin].best);
    // Through here every way to the end is behind one that is known, by more than the slack.
    if (so_far + trie.most_from(c.c) < places[size].best - slack) continue;
    const auto step = [&](const std::uint8_t* at, double score, std::uint32_t id) {
      places[at - segment].offer(so_far + score, id, begin);
    };
    if (!trie.for_each_step(p, c, next, end, step)) step(p + c.size, trie.unk_score(), kUnknownChar | c.c);
  }
  for (std::size_t at = size; at > 0; at = places[at].begin()) {
    *way.end++ = places[at].id();
    way.unknown |= (places[at].id() & kUnknownChar) != 0;
    way.lead = std::min(way.lead, places[at].best - places[at].second);
  }
  std::reverse(out, way.end);
  return way;
}

}  // namespace fasttok
