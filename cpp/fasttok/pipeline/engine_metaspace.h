// The fused engine for SentencePiece's vocabularies in tokenizer.json: Unigram, and BPE on characters, where
// Metaspace (or Prepend and Replace) puts U+2581 for spaces. T5, XLNet, ALBERT, XLM-RoBERTa, Llama 2. Equal
// to `generic` on every input.
//
//   text ──► UTF-8 ──► space form (text/metaspace_form) ──► ids by segments (model/…_words)
//
// Added tokens: a look for their first bytes; where one is found, the literal search. Those that are looked
// for in the normalized text are looked for in its space form, where spaces and marks are one. Where one is
// found, where an added token depends on its
// neighbours, `generic` does the sequence.
//
// Places are known where each character stands for itself, or one other for it, and each id for its piece;
// otherwise `generic` does the sequence.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "fasttok/model/bpe_words.h"
#include "fasttok/model/unigram_words.h"
#include "fasttok/pipeline/added_token_filter.h"
#include "fasttok/pipeline/engine_generic.h"
#include "fasttok/pipeline/spec.h"
#include "fasttok/text/metaspace_form.h"

namespace fasttok {

class MetaspaceEngine final : public Engine {
 public:
  // True where this engine can run the spec, which `generic` runs, too; `generic` must run the others.
  static bool fits(const Spec& spec, const GenericEngine& generic);

  // `generic` must outlive this engine and run the same spec.
  MetaspaceEngine(const Spec& spec, const GenericEngine& generic);

  std::string_view name() const override { return "metaspace"; }
  void encode(const SequenceRequest& request, TokenColumns& out) const override;
  // Where ids alone are wanted.
  std::size_t encode_rows(std::span<const TextView> rows, const RowFrame& frame, std::size_t max_length,
                          TokenColumns& out, std::int64_t* ends) const override;

 private:
  struct Scratch;
  using Words = std::variant<UnigramWords, BpeWords>;
  static Words words_of(const Spec& spec, bool splits);
  // What becomes of a text with added tokens.
  enum class Added { kFound, kRefused };
  // The words so far, where they are wanted.
  struct WordCounter;
  bool encode_text(const SequenceRequest& request, std::size_t index, std::size_t limit, Added how,
                   Scratch& scratch, WordCounter& words, TokenColumns& out) const;
  bool encode_part(std::string_view text, ByteRange range, std::size_t limit, Scratch& scratch,
                   WordCounter& words, TokenColumns& out) const;
  void place_tokens(std::size_t first, const Scratch& scratch, WordCounter& words, TokenColumns& out) const;

  const Model literal_;
  MetaspaceForm form_;
  Words words_;
  const GenericEngine& generic_;
  AddedTokenFilter raw_, normalized_;
  std::vector<std::uint32_t> lengths_;  // by id: bytes of the space form
};

}  // namespace fasttok
