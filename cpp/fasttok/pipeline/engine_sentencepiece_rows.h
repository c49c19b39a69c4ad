// A SentencePiece model with what fasttok.sentencepiece adds around each text, as an engine, so that batches,
// threads and columns are those of all models (pipeline/batch.h). Ids alone: no spans, no added tokens, no
// words of a pretokenized text.
#pragma once

#include "fasttok/pipeline/engine.h"
#include "fasttok/pipeline/sentencepiece.h"

namespace fasttok::sentencepiece {

class RowsEngine final : public Engine {
 public:
  struct Extras {
    bool add_bos = false, add_eos = false, reverse = false;
  };
  // `processor` must outlive this object and have the ids that are to be added.
  RowsEngine(const Processor& processor, const Extras& extras) : processor_(processor), extras_(extras) {}

  std::string_view name() const override { return processor_.engine(); }
  void encode(const SequenceRequest& request, TokenColumns& out) const override;

 private:
  const Processor& processor_;
  Extras extras_;
};

}  // namespace fasttok::sentencepiece
