// The fast twin of sentencepiece::merge_pairs: the same pieces for every text.
//
//   BpeSegments segments(pieces, types, found, false);
//   segments.append(text, size, out)     raw ids (segment_walk.h) of a text in space form
//
// Why the pieces are the same. All that merging makes is the text of some piece, and what stands from the
// beginning as one symbol is a character or a user-defined piece. So where no piece has both characters at a
// boundary, nothing ever reaches over it, neither symbols nor merges, and each side merges as if it were
// alone: which of two sides' merges comes first changes nothing for the other.
//
// Within a segment the reference keeps a queue of pairs, by score and then from the left, whose entries may
// be out of date and are then passed over. An entry that is not says what stands there now, and every pair
// that stands there has one; so each step takes the best of the pairs that there are, which for a short
// segment is found by looking at all of them.
//
// Models with unused pieces are not for this: how the reference takes such a piece apart depends on where in
// the whole text it was made last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/base/double_array.h"
#include "fasttok/model/segment_walk.h"
#include "fasttok/model/sentencepiece_pieces.h"
#include "fasttok/model/unit_walk.h"

namespace fasttok::sentencepiece {

class BpeSegments {
 public:
  static bool fits(const Pieces& pieces, const Types& types);
  // `found`: space_pieces(). `always_literal`: the literal model does every segment, for tests.
  BpeSegments(std::shared_ptr<const Pieces> pieces, std::shared_ptr<const Types> types,
              std::span<const SpacePiece> found, bool always_literal);
  BpeSegments(const BpeSegments&) = delete;
  BpeSegments& operator=(const BpeSegments&) = delete;

  // Appends the raw ids of a text that SegmentWalk takes. True where one is kUnknownChar.
  bool append(const std::uint8_t* text, std::size_t size, Buffer<std::uint32_t>& out) const;
  // The same of a text that UnitWalk takes.
  bool append(const std::uint16_t* text, std::size_t size, Buffer<std::uint32_t>& out) const;

 private:
  template <class Walk>
  bool append_by(std::size_t size, Buffer<std::uint32_t>& out, Walk&& walk) const;
  std::uint32_t piece_at(const std::uint8_t* begin, const std::uint8_t* end) const;
  SegmentAnswer merge(const std::uint8_t* segment, std::size_t size, std::uint32_t* out) const;
  SegmentAnswer merge_literally(const std::uint8_t* segment, std::size_t size, std::uint32_t* out) const;

  std::shared_ptr<const Pieces> pieces_;
  std::shared_ptr<const Types> types_;
  SegmentWalk walk_;
  DoubleArray trie_;                // of the space forms
  std::vector<std::int32_t> keys_;  // by id: pairs that make a piece of a larger key come first
  std::vector<bool> is_symbol_;     // by id: user-defined
  bool has_symbols_ = false, always_literal_;
  UnitWalk units_;
};

}  // namespace fasttok::sentencepiece
