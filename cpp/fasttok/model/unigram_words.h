// The fast twin of Unigram::tokenize on the words of a text in space form (text/metaspace_form.h): the same
// ids for every text.
//
//   UnigramWords words(unigram, true);
//   words.append(text, size, SIZE_MAX, out)     " ab c" -> the ids of "▁ab", then of "▁c"
//
// Why the ids are the same. The reference looks for the best way through each word by itself, in double
// precision. A boundary that no piece spans is a place p that every way goes through, so what is behind it is
// a segment that can be done by itself, from 0, if that finds the pieces that the reference finds from the
// best sum S that it has at p. It does, for one of two reasons.
//
// 1. Exact sums. Where all scores are multiples of some 2^-k (as floats are), so are all sums of them. As
//    long as none is 2^(53-k) in size, no sum is ever rounded, so which of two ways is better does not depend
//    on S, and of equal sums the piece that begins first wins on either count. A text so long that a sum
//    might be larger is left to the literal model.
//
// 2. Certainty. Scores that were read from JSON as the reference reads it are often off by one bit. Let w be
//    the largest score in size, n the bytes of the segment, and L those of the text. No sum that is met is
//    above X = L w, so one rounding is off by at most h = X 2^-53, and a sum of the reference's at a place of
//    the segment by at most n h from its exact value given S. What is computed from 0 is off by at most n h
//    as well. So the difference of two sums at a place, as it is computed from 0, is off from the reference's
//    by at most 4 n h. Where the best sum leads the second best by more than that at every place of the best
//    way (the bound is taken twice as large), the reference finds the same piece first at each of them, and
//    so the same way. A text with a segment where it does not, or of more than kLongestCertain bytes, is not
//    cut within words: no piece spans the boundary before a word, so a segment may hold several; each is
//    summed from 0.
//
// Places that are passed over. Where no score is above 0, no way through a place p has a larger sum than the
// best sum at p with the best score of a piece that begins with the character there (rounding keeps the order
// of sums). Where that is less than the sum of a way to the end that is known, by more than the bound above,
// ways through p are neither the best nor the second best that counts: wherever they meet the best way, they
// are behind by as much, since both can go on by the same pieces.
//
// What is unknown is looked up after that, as in the reference: unknown parts of a word in a row, the unknown
// piece's own text among them, are one, which may be a piece, or bytes, or unknown. A word that begins with
// an unknown part begins with its mark, which tells it from the word before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "fasttok/base/buffer.h"
#include "fasttok/base/word_cache.h"
#include "fasttok/model/piece_trie.h"
#include "fasttok/model/segment_walk.h"
#include "fasttok/model/spaced_pieces.h"
#include "fasttok/model/unigram.h"
#include "fasttok/model/unigram_way.h"
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
  // The best way through a part of a text; `unknown` tells of the unknown piece, too.
  BestWay best(const std::uint8_t* segment, std::size_t size, std::uint32_t* out) const;
  BestWay best(const std::uint8_t* segment, std::size_t size, WayPlace* places, std::uint32_t* out) const;
  bool append_raw(const std::uint8_t* text, std::size_t size, std::size_t limit, Buffer<std::uint32_t>& out,
                  std::uint32_t& seen) const;
  void spell_literally(std::size_t begin, Buffer<std::uint32_t>& out) const;

  std::shared_ptr<const Unigram> model_;
  bool splits_;
  std::size_t longest_;  // bytes of a text that may be cut within words
  double margin_;        // a lead of more than so much for each byte is certain; below 0: sums are exact
  SegmentWalk walk_;
  std::optional<SegmentWalk> whole_;  // cuts between words only; nothing where sums are exact
  PieceTrie trie_;                    // of the space forms
  std::uint32_t unk_id_;
  UnknownChars unknown_;
  bool has_plain_bytes_;  // either all have a piece, or none is asked for
};

}  // namespace fasttok
