// The engine of a SentencePiece model that stands alone in a tokenizer: the ids of plain texts, from the str
// in place.
//
//   "a b"  ->  Processor::append_ids("a b")
//
// All else (places, words of a pretokenized text, texts in which an added token may stand) is done by
// `generic`, whose twin this is.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "fasttok/pipeline/engine_generic.h"
#include "fasttok/pipeline/sentencepiece.h"

namespace fasttok::sentencepiece {

class SentencePieceEngine final : public Engine {
 public:
  // Whether the spec is a SentencePiece model by itself.
  static bool fits(const Spec& spec);

  // `generic` must outlive this engine and run the same spec.
  SentencePieceEngine(const Spec& spec, const GenericEngine& generic);

  std::string_view name() const override { return "sentencepiece"; }
  void encode(const SequenceRequest& request, TokenColumns& out) const override;

 private:
  bool may_hold_added_token(const TextView& text) const;

  std::shared_ptr<const WholeTextModel> model_;
  const Processor& processor_;  // the model's
  const GenericEngine& generic_;
  std::vector<char32_t> first_chars_;  // of the added tokens
};

}  // namespace fasttok::sentencepiece
