// Ids of str by the batch, from the text in place to lists or arrays: what fasttok.sentencepiece is asked for
// most.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "fasttok/bindings/outputs.h"
#include "fasttok/pipeline/engine_sentencepiece.h"

namespace fasttok {

class SentencePieceRows {
 public:
  using Extras = sentencepiece::RowsEngine::Extras;

  explicit SentencePieceRows(std::size_t pieces) : pieces_(pieces) {}

  // A list of the ids of a short str; no object where `text` is something else, or has a lone surrogate.
  py::object encode_short(const sentencepiece::Processor& model, py::handle text, const Extras& extras) const;
  // The ids of all rows; none where a row is no str. TypeError for a row with a lone surrogate.
  static std::optional<Columns> encode(const sentencepiece::Processor& model, py::handle rows,
                                       const Extras& extras, unsigned threads);
  py::list lists_of(const Columns& columns) const {
    return to_lists({columns.ids.data(), columns.ids.size()},
                    {columns.row_offsets.data(), columns.row_offsets.size()}, ints());
  }
  // Rows of int32 as bytes.
  static py::list arrays_of(const Columns& columns);

 private:
  const IntTable& ints() const;

  std::size_t pieces_;
  mutable std::mutex lock_;
  mutable std::atomic<bool> has_ints_{false};
  mutable std::unique_ptr<const IntTable> ints_;  // made when first wanted
};

}  // namespace fasttok
