// A SentencePiece model as the model of a tokenizer: what Tokenizer.from_file() makes of a `.model` file.
//
//   const SentencePieceText model(read_model(bytes, "spiece.model"));
//   model.tokenize("a b")   the tokens of Processor::encode("a b")
//
// Ids, pieces and places are those of sentencepiece 0.2.3 (see sentencepiece.h); decode() is its
// DecodeIds: control symbols are invisible, and the first space of a text is dropped.
#pragma once

#include <memory>

#include "fasttok/model/whole_text_model.h"
#include "fasttok/pipeline/sentencepiece.h"

namespace fasttok::sentencepiece {

class SentencePieceText final : public WholeTextModel {
 public:
  // Throws FormatError.
  explicit SentencePieceText(ModelSpec spec);

  std::vector<fasttok::Token> tokenize(std::string_view text) const override;
  void ids_of(std::string_view text, std::vector<std::uint32_t>& ids) const override;
  std::string decode(std::span<const std::uint32_t> ids) const override;
  const Vocab& vocab() const override { return vocab_; }
  const Processor& processor() const { return processor_; }

 private:
  Processor processor_;
  Vocab vocab_;
};

}  // namespace fasttok::sentencepiece
