// A model that normalizes and cuts a text by itself, and reads its own ids back: SentencePiece's.
//
// What implements it needs rooms that this one may not see; a Spec holds it by this name. It is the model of
// a tokenizer without a normalizer and a pre-tokenizer, though these may stand before it, too.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/model/token.h"
#include "fasttok/model/vocab.h"

namespace fasttok {

class WholeTextModel {
 public:
  virtual ~WholeTextModel() = default;

  // `text` is valid UTF-8. Offsets are bytes of it.
  virtual std::vector<Token> tokenize(std::string_view text) const = 0;
  // The ids alone: appends to `ids`.
  virtual void ids_of(std::string_view text, std::vector<std::uint32_t>& ids) const = 0;
  // Ids that are none are left out.
  virtual std::string decode(std::span<const std::uint32_t> ids) const = 0;
  virtual const Vocab& vocab() const = 0;
};

}  // namespace fasttok
