// The literal engine: normalize, pre-tokenize, model, stage by stage as the reference does it. It serves
// every spec and is the oracle of the fused engines.
#pragma once

#include "fasttok/pipeline/engine.h"
#include "fasttok/pipeline/spec.h"

namespace fasttok {

class GenericEngine final : public Engine {
 public:
  explicit GenericEngine(const Spec& spec);

  std::string_view name() const override { return "generic"; }
  void encode(const SequenceRequest& request, TokenColumns& out) const override;

  const AddedTokens& added_tokens() const { return added_; }

 private:
  void encode_text(const SequenceRequest& request, std::size_t index, TokenColumns& out) const;

  std::optional<PreTokenizer> pre_tokenizer_;
  Model model_;
  AddedTokens added_;
  bool needs_alignment_;  // for more than offsets
};

}  // namespace fasttok
