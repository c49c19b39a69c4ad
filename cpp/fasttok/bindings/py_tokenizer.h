// The compiled tokenizer as Python holds it.
#pragma once

#include <memory>
#include <utility>

#include "fasttok/bindings/outputs.h"
#include "fasttok/pipeline/tokenizer.h"

namespace fasttok {

// The core, and the Python objects that its calls share.
class PyTokenizer {
 public:
  explicit PyTokenizer(std::shared_ptr<const Tokenizer> tokenizer) : core(std::move(tokenizer)) {}

  const std::shared_ptr<const Tokenizer> core;

  // For `wanted` ids of a call.
  const std::shared_ptr<const IntTable>& ints(std::size_t wanted) const { return ints_.get(wanted); }

 private:
  LazyInts ints_{core->id_limit()};
};

}  // namespace fasttok
