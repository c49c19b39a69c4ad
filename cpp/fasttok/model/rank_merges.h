// The merges of ids that a vocabulary of ranked tokens amounts to.
//
//   rank_merges(texts)                 // {"a": 0, "b": 1, "c": 2, "bc": 3, "abc": 4}: b c -> bc, a bc -> abc
//
// tiktoken merges whatever pair has a token as its concatenation, so one token may be made of many pairs; but
// each is made of one only. For what becomes a token T of a text begins as T's bytes, and until T is whole
// nothing of it has merged with what is around it. So the merges among T's bytes were those of T as a text of
// its own: of these pairs each time the lowest rank, the leftmost. Their last is the one pair that makes T,
// and where they end with more than one part, no text ever has a T that was merged.
//
// So the merges that happen are all among the pairs of this list, whose ranks are those of their tokens; the
// lowest of the list is at every step the lowest of all. The list is made by going through the tokens by
// their length: what the bytes of T merge to before the last merge takes only shorter ones.
#pragma once

#include "fasttok/model/byte_texts.h"
#include "fasttok/model/pair_merges.h"

namespace fasttok {

// A rank is that of tiktoken, which is the token's id. `texts` has the
// bytes of UTF-8, ids below MergeTable::kMost and as many entries at most. Tokens with a byte that is no
// token are left out: no UTF-8 has them.
PairMerges rank_merges(const ByteTexts& texts);

}  // namespace fasttok
