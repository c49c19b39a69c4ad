// The fast twin of Bpe::tokenize on the words of a text in space form (text/metaspace_form.h): the same ids
// for every text.
//
//   BpeWords words(bpe, false);
//   words.append(text, size, SIZE_MAX, out)     " ab c" -> the ids of "▁ab▁c"
//
// Why the ids are the same. Every symbol that merging ever makes is a character or the token of some merge,
// and its text is a part of the word. So where no token of a merge has both characters of a boundary, no
// merge reaches over it, and the merges on either side are those that each side would see alone. A character
// that is no token, which is unknown or spelled in bytes, takes part in no merge. That taking the lowest rank
// there is, leftmost first, is what the reference's queue does is told in byte_bpe.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "fasttok/base/buffer.h"
#include "fasttok/base/word_cache.h"
#include "fasttok/model/bpe.h"
#include "fasttok/model/pair_merges.h"
#include "fasttok/model/segment_walk.h"
#include "fasttok/model/spaced_pieces.h"
#include "fasttok/model/unknown_chars.h"

namespace fasttok {

class BpeWords {
 public:
  static bool fits(const Bpe& model, bool splits);
  // `splits`: a word begins at each space; else the text is one word.
  BpeWords(std::shared_ptr<const Bpe> model, bool splits);

  // Appends the ids of a text that SegmentWalk takes; it may stop once there are `limit` of them.
  void append(const std::uint8_t* text, std::size_t size, std::size_t limit,
              Buffer<std::uint32_t>& out) const;
  // The same, and false where something is unknown: else each id stands for its token.
  bool append_known(const std::uint8_t* text, std::size_t size, std::size_t limit,
                    Buffer<std::uint32_t>& out) const;

 private:
  BpeWords(std::shared_ptr<const Bpe> model, bool splits, std::span<const SpacePiece> pieces);
  SegmentAnswer merge(const std::uint8_t* segment, std::size_t size, std::uint32_t* out) const;
  std::uint32_t append_raw(const std::uint8_t* text, std::size_t size, std::size_t limit,
                           Buffer<std::uint32_t>& out) const;
  bool append_whole(const std::uint8_t* text, std::size_t size, Buffer<std::uint32_t>& out) const;

  std::shared_ptr<const Bpe> model_;
  bool splits_;
  SegmentWalk walk_;
  PairMerges merges_;
  UnknownChars unknown_;
};

}  // namespace fasttok
