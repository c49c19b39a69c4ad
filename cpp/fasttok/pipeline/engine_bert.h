// The fused engine for BertNormalizer (or none) + BertPreTokenizer + WordPiece. Equal to `generic` on every
// input.
//
// Nothing is normalized into memory. Text is read where it is, one code unit per character:
//
//   Chinese   one table load per character gives its id (bert_actions.h)
//   ASCII     a kernel finds the words of 64 characters at a time, each is one 16-byte key (word_pieces.h);
//             short rows of a batch are done together (joined_rows.h)
//   the rest  words are gathered character by character through the same table of actions
//
// What the table cannot decide (a kept combining mark beside another, a few musical symbols), and what may be
// an added token that is looked for in normalized text, sends the whole text to `generic`, so the fused path
// never guesses.
#pragma once

#include <memory>

#include "fasttok/pipeline/added_token_finder.h"
#include "fasttok/pipeline/bert_actions.h"
#include "fasttok/pipeline/engine_generic.h"
#include "fasttok/pipeline/joined_rows.h"
#include "fasttok/pipeline/normalized_token_filter.h"
#include "fasttok/pipeline/spec.h"

namespace fasttok {

class BertEngine final : public Engine {
 public:
  // True where this engine can run the spec, which `generic` runs, too; `generic` must run the others.
  static bool fits(const Spec& spec, const GenericEngine& generic);

  // `generic` must outlive this engine and run the same spec.
  BertEngine(const Spec& spec, const GenericEngine& generic);

  std::string_view name() const override { return "bert"; }
  void encode(const SequenceRequest& request, TokenColumns& out) const override;
  std::size_t encode_rows(std::span<const TextView> rows, const RowFrame& frame, std::size_t max_length,
                          TokenColumns& out, std::int64_t* ends) const override {
    return rows_.encode(rows, frame, max_length, out, ends);
  }
  std::size_t encode_short(const TextView& text, const RowFrame& frame,
                           std::uint32_t (&ids)[kShortRoom]) const override;

 private:
  // Where the kernel for a few words does not do: apart, for it wants much of the stack.
  [[gnu::noinline]] std::size_t encode_short_words(const TextView& text, const RowFrame& frame,
                                                   std::uint32_t (&ids)[kShortRoom]) const;
  // Appends the tokens of one text until the columns hold `limit`; false where `generic` must do the
  // sequence.
  template <class Unit, bool kDetails>
  bool encode_text(const SequenceRequest& request, std::size_t text_index, std::size_t limit,
                   TokenColumns& out) const;

  std::shared_ptr<const WordPiece> model_;
  WordPieceMatcher matcher_;
  AddedTokenFinder finder_;
  NormalizedTokenFilter filter_;
  BertActions actions_;
  JoinedRows rows_{matcher_, actions_, finder_, filter_};
  const GenericEngine& generic_;
};

}  // namespace fasttok
