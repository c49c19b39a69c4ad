// Ids of str by the batch, from the text in place to lists or arrays: what fasttok.sentencepiece is asked for
// most.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>

#include "fasttok/bindings/outputs.h"
#include "fasttok/pipeline/engine_sentencepiece_rows.h"

namespace fasttok {

class SentencePieceRows {
 public:
  using Extras = sentencepiece::RowsEngine::Extras;

  explicit SentencePieceRows(std::size_t pieces) : ints_(pieces) {}

  // A list of the ids of a short str; no object where `text` is something else, or has a lone surrogate.
  py::object encode_short(const sentencepiece::Processor& model, py::handle text, const Extras& extras) const;
  // The ids of all rows; none where a row is no str. TypeError for a row with a lone surrogate.
  static std::optional<Columns> encode(const sentencepiece::Processor& model, py::handle rows,
                                       const Extras& extras, unsigned threads);
  py::list lists_of(const Columns& columns) const {
    return to_lists({columns.ids.data(), columns.ids.size()},
                    {columns.row_offsets.data(), columns.row_offsets.size()}, ints_);
  }
  // Rows of int32.
  static py::list arrays_of(Columns columns);

 private:
  const Ints ints_;
};

}  // namespace fasttok
