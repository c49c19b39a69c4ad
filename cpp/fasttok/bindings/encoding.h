// The Python `Encoding`: a row of a batch whose details are computed when they are read.
//
// ids and the length come from what the call has written. Tokens, offsets, words and masks are
// encoded again for this row when first asked for, and the windows that truncation cut off when those are.
// What changes an Encoding (pad, truncate, set_sequence_id) works on the full details.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "fasttok/bindings/inputs.h"
#include "fasttok/bindings/outputs.h"
#include "fasttok/output/encoding.h"
#include "fasttok/pipeline/tokenizer.h"

namespace fasttok {

// What the rows of one call share.
struct EncodedBatch {
  std::shared_ptr<const Tokenizer> tokenizer;
  RowInputs inputs;
  EncodeOptions options;
  bool fast = false;
  std::optional<Padding> padding;
  std::size_t padded_length = 0;  // rows shorter than this are padded
  Columns columns;
};

// A short text by itself, encoded without settings: enough to make a batch of it when its details are read.
struct EncodedText {
  std::shared_ptr<const Tokenizer> tokenizer;
  py::object text;
  std::vector<std::uint32_t> ids;
};

class Encoding {
 public:
  Encoding() : full_(std::make_unique<EncodingData>()) {}
  explicit Encoding(EncodingData data) : full_(std::make_unique<EncodingData>(std::move(data))) {}
  Encoding(std::shared_ptr<const EncodedBatch> batch, std::size_t row)
      : row_(row), batch_(std::move(batch)) {}
  explicit Encoding(std::unique_ptr<const EncodedText> text) : text_(std::move(text)) {}

  std::size_t size() const;
  py::list ids() const;
  py::list offsets() const;

  // The details, perhaps without the overflowing windows.
  const EncodingData& details() const;
  // The details and the windows. The caller may change them.
  EncodingData& full() const;

 private:
  // Where the row stands; null where there is nothing but the details.
  const EncodedBatch* batch() const;
  EncodingData compute(bool windows) const;

  const std::unique_ptr<const EncodedText> text_;
  const std::size_t row_ = 0;
  mutable std::shared_ptr<const EncodedBatch> batch_;  // of a text: made when it is wanted
  // Each is set once. Two readers may compute it at the same time (without a lock: computing may run Python's
  // signal handlers); the first one's stays.
  mutable std::mutex lock_;
  mutable std::unique_ptr<EncodingData> full_, windowless_;
  mutable std::unique_ptr<const Buffer<CharSpan>> spans_;  // of the tokens, without padding
};

// A new Encoding of that row, or text.
PyObject* make_encoding(std::shared_ptr<const EncodedBatch> batch, std::size_t row);
PyObject* make_encoding(std::unique_ptr<const EncodedText> text);

void register_encoding(py::module_& module);

}  // namespace fasttok
