// All readings of a text that leave as little as possible unread.
//
// The edges lead from letter to letter. A syllable is an edge; so is a letter that is in no syllable. Kept
// are the edges that lie on a path from the first letter to the last with the least of, in this order:
// letters in no syllable, tone marks that do not stand where the rules put them, letters r that are erhua.
// Every path over kept edges is such a reading; there may be very many of them.
//
//   xian   0 -xi-> 2 -an-> 4, 0 -xian-> 4
//
// Between two breaks the text is read by itself. There, a pass forward finds the syllables from the places
// that others end at, a pass backward keeps those that lead to the end. Where none do, a longer pass looks
// from every letter: it goes backward with the least that the rest costs. All passes are linear.
#pragma once

#include <cstdint>
#include <vector>

#include "fasttok/pinyin/chunk.h"
#include "fasttok/pinyin/costs.h"
#include "fasttok/pinyin/foreign.h"
#include "fasttok/pinyin/letters.h"

namespace fasttok::pinyin {

struct Lattice {
  Letters letters;
  std::vector<Edge> edges;  // by begin, the shorter first

  // Scratch.
  std::vector<std::uint8_t> kept;
  ForeignScratch foreign;
};

// Makes the edges for `lattice.letters`; `extended` adds the syllables of dialects. With `costs`, edges that
// the best path cannot have may be left out.
void build_lattice(Lattice& lattice, bool extended, const Costs* costs);

}  // namespace fasttok::pinyin
