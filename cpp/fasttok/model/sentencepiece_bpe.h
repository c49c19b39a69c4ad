// BPE as sentencepiece runs it: characters, then the pair that makes the piece of the highest score, the
// leftmost of equal ones first.
//
//   merge_pairs("▁the", pieces, types, 0)   {0, 6, 3}
//
// Mirrors sentencepiece 0.2.3: user-defined symbols never merge; a piece that is unused is made, and cut
// again into what it was made of, a hundred levels deep; control, unknown and byte pieces are never made. A
// pair is passed over with the chance `dropout` (tokenizers' BPE, in bpe.h, has a list of merges with ranks).
#pragma once

#include <string_view>
#include <vector>

#include "fasttok/model/sentencepiece_pieces.h"

namespace fasttok::sentencepiece {

// Time is O(n log n), times the longest piece.
std::vector<Part> merge_pairs(std::string_view text, const Pieces& pieces, const Types& types, float dropout);

}  // namespace fasttok::sentencepiece
