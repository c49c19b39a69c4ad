// The fast twin of Unigram::tokenize on the words of a text in space form (text/metaspace_form.h): the same
// ids for every text.
//
//   UnigramWords words(unigram, true);
//   words.append(text, size, SIZE_MAX, out)     " ab c" -> the ids of "▁ab", then of "▁c"
//
// Why the ids are the same. The reference looks for the best way through each word by itself, in double
// precision. Published scores are multiples of some 2^-k (they were floats), and so are all sums of them. As
// long as none is 2^(53-k) in size, no sum is ever rounded, so which of two ways is better does not depend on
// what came before: a boundary that no piece spans, which every way goes through, is a place to begin anew,
// and of equal sums the piece that begins first wins on either count. A text so long that a sum might be
// larger is left to the literal model.
//
// With other scores a word is not cut. No piece spans the boundary before a word, so a segment may hold
// several words; each is summed from 0.
//
// What is unknown is looked up after that, as in the reference: unknown parts of a word in a row, the unknown
// piece's own text among them, are one, which may be a piece, or bytes, or unknown. A word that begins with
// an unknown part begins with its mark, which tells it from the word before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "fasttok/base/buffer.h"
#include "fasttok/base/double_array.h"
#include "fasttok/base/word_cache.h"
#include "fasttok/model/segment_walk.h"
#include "fasttok/model/spaced_pieces.h"
#include "fasttok/model/unigram.h"
#include "fasttok/model/unknown_chars.h"

namespace fasttok {

class UnigramWords {
 public:
  static bool fits(const Unigram& model);
  // `splits`: a word begins at each space; else the text is one word.
  UnigramWords(std::shared_ptr<const Unigram> model, bool splits);

  // Appends the ids of a text that SegmentWalk takes; it may stop once there are `limit` of them. False where
  // the literal model must do the text; what was appended does not count then.
  bool append(const std::uint8_t* text, std::size_t size, std::size_t limit,
              Buffer<std::uint32_t>& out) const;
  // The same, and false as well where something is unknown: each id stands for its piece then.
  bool append_known(const std::uint8_t* text, std::size_t size, std::size_t limit,
                    Buffer<std::uint32_t>& out) const;

 private:
  UnigramWords(std::shared_ptr<const Unigram> model, bool splits, std::span<const SpacePiece> pieces);
  SegmentWalk::Answer best(const std::uint8_t* segment, std::size_t size, std::uint32_t* out) const;
  template <class Place>
  SegmentWalk::Answer best(const std::uint8_t* segment, std::size_t size, Place* places,
                           std::uint32_t* out) const;
  bool append_raw(const std::uint8_t* text, std::size_t size, std::size_t limit, Buffer<std::uint32_t>& out,
                  std::uint32_t& seen) const;
  void spell_literally(std::size_t begin, Buffer<std::uint32_t>& out) const;

  std::shared_ptr<const Unigram> model_;
  bool splits_;
  std::size_t longest_exact_;  // bytes of a text whose sums are exact; 0: words are not cut
  SegmentWalk walk_;
  DoubleArray trie_;  // of the space forms
  std::vector<double> scores_;
  std::uint32_t unk_id_;
  UnknownChars unknown_;
  bool has_plain_bytes_;  // either all have a piece, or none is asked for
};

}  // namespace fasttok
