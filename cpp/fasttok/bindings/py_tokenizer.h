// The compiled tokenizer as Python holds it.
#pragma once

#include <memory>
#include <utility>

#include "fasttok/bindings/inputs.h"
#include "fasttok/bindings/outputs.h"
#include "fasttok/pipeline/tokenizer.h"

namespace fasttok {

// The core, and the Python objects that its calls share.
class PyTokenizer {
 public:
  explicit PyTokenizer(std::shared_ptr<const Tokenizer> tokenizer) : core(std::move(tokenizer)) {}

  const std::shared_ptr<const Tokenizer> core;
  const Ints ints{core->id_limit()};
};

// Rows that are read before any Python code runs: all arguments are converted, and no result is made of them.
RowInputs rows_to_read(const PyTokenizer& self, py::handle inputs, RowInputs::Rules rules);

// The columns of the rows; other threads run meanwhile where there is much to do, and Ctrl-C ends it.
Columns encode_columns(const PyTokenizer& self, RowInputs& inputs, const EncodeOptions& options);

}  // namespace fasttok
