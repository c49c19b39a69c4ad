// The fused engine for byte-level BPE, by a list of merges or by tiktoken's ranks: ByteLevel, or splits by
// patterns and digits and then ByteLevel, after NFC or no normalizer; and CLIP's stages, which are written
// anew with an end behind each word (text/clip_words.h). Equal to `generic` on every input.
//
// Text of 16-bit units, of which only ids are wanted, is read where it is, for as long as nothing odd is in
// it; short rows are put together (engine_byte_bpe_rows.cc), and one short text of ASCII goes without what
// a batch needs (engine_byte_bpe_short.cc). Any other is read as UTF-8 (ASCII where it is, the rest from a
// buffer of the thread), and never rewritten into the visible characters that the vocabulary is written in:
//
//   added tokens   a look for bytes that some token begins with; where one is found, the literal search
//   normalizer     text that NFC leaves alone passes; any other goes to `generic`
//   words          by rules where the pattern is known, without a regular expression (text/byte_splitter.h)
//   tokens         by tables, the cut between characters, the thread's cache and merging (model/byte_bpe.h)
//
// What is rare and depends on its neighbours (added tokens that take white space, or stand only as words)
// sends the whole text to `generic`.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fasttok/model/byte_bpe.h"
#include "fasttok/model/model.h"
#include "fasttok/pipeline/added_token_filter.h"
#include "fasttok/pipeline/engine_generic.h"
#include "fasttok/pipeline/spec.h"
#include "fasttok/text/byte_splitter.h"
#include "fasttok/text/char_text.h"
#include "fasttok/text/clip_words.h"
#include "fasttok/text/word_scanner.h"

namespace fasttok {

class ByteBpeEngine final : public Engine {
 public:
  // True where this engine can run the spec, which `generic` runs, too; `generic` must run the others.
  static bool fits(const Spec& spec, const GenericEngine& generic);

  // `generic` must outlive this engine and run the same spec.
  ByteBpeEngine(const Spec& spec, const GenericEngine& generic);

  std::string_view name() const override { return "byte_bpe"; }
  void encode(const SequenceRequest& request, TokenColumns& out) const override;
  // Where ids alone are wanted.
  std::size_t encode_rows(std::span<const TextView> rows, const RowFrame& frame, std::size_t max_length,
                          TokenColumns& out, std::int64_t* ends) const override;
  std::size_t encode_short(const TextView& text, const RowFrame& frame,
                           std::uint32_t (&ids)[kShortRoom]) const override;
  void find_cuts(const TextView& text, std::size_t apart, std::vector<std::size_t>& places) const override;

 private:
  struct Text;
  struct Scratch {
    std::vector<std::uint8_t> utf8;
    std::vector<std::uint8_t> spaced;  // a part behind a space
    std::vector<std::uint16_t> units;  // a copy of such text
    std::vector<ByteRange> words;
    std::vector<std::uint8_t> clip;

    std::size_t bytes() const {
      return utf8.size() + spaced.size() + 2 * units.size() + words.capacity() * sizeof(ByteRange) +
             clip.size();
    }
  };
  static ByteBpe::Content content_of(const WordScanner::Words& words) {
    return words.nul     ? ByteBpe::Content::kNul
           : words.ascii ? ByteBpe::Content::kAscii
                         : ByteBpe::Content::kAny;
  }
  // What becomes of a text with added tokens.
  enum class Added { kFound, kRefused };
  bool encode_text(const SequenceRequest& request, std::size_t index, std::size_t limit, Added added,
                   Scratch& scratch, TokenColumns& out) const;
  bool encode_units(const SequenceRequest& request, std::size_t index, std::size_t limit, Scratch& scratch,
                    TokenColumns& out) const;
  std::size_t encode_joined_ascii(std::span<const TextView> rows, const RowFrame& frame, TokenColumns& out,
                                  std::int64_t* ends, bool& refused) const;
  std::size_t encode_joined_units(std::span<const TextView> rows, const RowFrame& frame, TokenColumns& out,
                                  std::int64_t* ends, bool& refused) const;
  bool append_word(const std::uint16_t* word, std::size_t size, WordCache& cache, Scratch& scratch,
                   TokenColumns& out) const;
  bool encode_clip(const SequenceRequest& request, std::size_t index, std::size_t limit, Scratch& scratch,
                   TokenColumns& out) const;
  void encode_part(Text& text, std::size_t begin, std::size_t end) const;
  void place_tokens(Text& text, std::size_t part, std::size_t shift, std::size_t from,
                    std::span<const std::uint32_t> counts, std::size_t first) const;

  const Model literal_;
  const ByteBpe model_;
  ByteSplitter splitter_;
  bool normalizes_;
  const GenericEngine& generic_;
  AddedTokenFilter added_;
  std::optional<ClipWords> clip_words_;  // null: words are found by splitter_
  bool added_stay_whole_ = true;         // no cut goes through an added token, or makes a difference to one
};

}  // namespace fasttok
