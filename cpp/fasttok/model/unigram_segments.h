// The fast twin of sentencepiece::UnigramModel::best: the same pieces for every text.
//
//   UnigramSegments segments(unigram, types);
//   segments.append(text, size, out)     raw ids (segment_walk.h) of a text in space form
//
// Why the pieces are the same. The reference sums floats, rounded piece by piece, so which way is best at a
// place depends on all that was before. Three facts make that local again.
//
// 1. Segments. A boundary that no piece spans is a place p that every way goes through. When the reference
//    comes to p, nothing behind p is reached yet: all that it knows is one float, S, the sum at p. So a
//    segment from p to the next such place can be done alone, given S.
//
// 2. Certainty. Let w be the largest weight there is, unknown characters included, n the characters of the
//    segment, and G(v) the exact best sum at a place v of it, from S on. No sum that is met is above
//    X = |S| + n·w, so one rounding is off by at most h = X·2^-24. What the reference has at v is off G(v) by
//    at most h for each piece of the longest way there, so by n·h at most; likewise each sum that competes at
//    v. If at every place of the exact best way the best sum leads the second best by more than 2·n·h, then
//    the reference finds the same piece first at each of them, and following them back from the end finds the
//    same way. So the exact best way and the least of its leads, m, are kept for each segment, and it is the
//    reference's way wherever m > 2·n·2^-24·(|S| + n·w). The best way is computed in double precision, whose
//    own error is 2^29 times smaller than h; the bound is taken a thousandth larger than needed.
//
//    Of ways that are behind by more than kMostLead it is enough to know that they are, so places are passed
//    over as in UnigramWords.
//
// 3. |S|. Each piece adds at most w, so |S| is at most w times the pieces so far, up to roundings, which the
//    thousandth covers as well. A segment's note says up to how many pieces its way is certain (equal sums:
//    none), so a compare of counts decides. Where it fails, S itself is summed over the pieces since it was
//    last known, in the reference's order and precision; where |S| is still too large, this one segment is
//    done from S as the reference does it, in its precision: replay() takes the same steps in the same order
//    as UnigramModel::best, but reads them in the trie of space forms.
//
// The reference takes sums off that pass 100,000 in size: a note's bound leaves no way to come near that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/model/piece_trie.h"
#include "fasttok/model/segment_walk.h"
#include "fasttok/model/sentencepiece_unigram.h"
#include "fasttok/model/unit_walk.h"

namespace fasttok::sentencepiece {

// The pieces that are found in a text, in space form; their texts are in `arena`. Empty where some piece is
// not UTF-8, or of a type that is never found.
std::vector<SpacePiece> space_pieces(const Pieces& pieces, const Types& types, std::string& arena);

class UnigramSegments {
 public:
  // Whether weights are such that sums stay within the bounds above.
  static bool fits(const UnigramModel& unigram, const Types& types);
  // `always_replay`: every segment is done as the reference does it, for tests.
  UnigramSegments(const UnigramModel& unigram, const Types& types, std::span<const SpacePiece> pieces,
                  bool always_replay);
  UnigramSegments(const UnigramSegments&) = delete;
  UnigramSegments& operator=(const UnigramSegments&) = delete;

  // Appends the raw ids of a text that SegmentWalk takes. True where one is kUnknownChar.
  bool append(const std::uint8_t* text, std::size_t size, Buffer<std::uint32_t>& out) const;
  // The same of a text that UnitWalk takes.
  bool append(const std::uint16_t* text, std::size_t size, Buffer<std::uint32_t>& out) const;

  // The exact best way through a segment and, in the note, up to how many pieces before it it is the
  // reference's. It is of at most SegmentWalk::kLongest bytes; `out` has room for as many ids.
  struct Way {
    std::size_t count;
    std::uint32_t note;
  };
  Way best(const std::uint8_t* segment, std::size_t size, std::uint32_t* out) const;

  // Whether the way is the reference's where the best sum before it is this one; never 0 pieces make it.
  std::size_t pieces_for(float sum) const;
  bool holds(std::uint32_t note, float sum) const { return pieces_for(sum) <= certain_until(note); }

 private:
  struct Sum;
  template <class Walk>
  bool append_by(std::size_t size, Buffer<std::uint32_t>& out, Walk&& walk) const;
  SegmentAnswer best_or_replay(const std::uint8_t* segment, std::size_t size, Sum& sum,
                               std::uint32_t* out) const;
  SegmentAnswer replay(const std::uint8_t* segment, std::size_t size, Sum& sum, std::uint32_t* out) const;
  void settle(Sum& sum, const std::uint32_t* out) const;
  float weight_of(std::uint32_t raw) const {
    return raw & kUnknownChar ? static_cast<float>(trie_.unk_score()) : weights_[raw];
  }

  double most_;  // no weight is larger in size; a thousandth more than that
  SegmentWalk walk_;
  PieceTrie trie_;  // of the space forms
  std::vector<float> weights_;
  std::uint32_t note_of_few_;  // of the only way of one or two characters, which is certain up to the bound
  bool always_replay_;
  UnitWalk units_;
};

}  // namespace fasttok::sentencepiece
