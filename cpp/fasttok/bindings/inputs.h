// From Python rows to a Batch: checks, borrowed texts, and the errors that name argument, row and type.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <vector>

#include "fasttok/pipeline/batch.h"
#include "fasttok/pipeline/tokenizer.h"

namespace fasttok {

namespace py = pybind11;

// A batch whose texts lie in Python objects that it keeps alive.
class RowInputs {
 public:
  struct Rules {
    bool pretokenized = false;
    bool replace_surrogates = false;
    bool accepts_bytes = false;
    // Little text may be borrowed (see borrows()).
    bool may_borrow = false;
  };

  // The rows of encode_batch() and its kin.
  static RowInputs rows(py::handle inputs, const Rules& rules);
  // The one row of encode(); `pair` may be None.
  static RowInputs single(py::handle sequence, py::handle pair, const Rules& rules);

  // One row that is a str, already looked at.
  static RowInputs plain(py::handle row, const TextView& text);

  RowInputs(RowInputs&&) = default;
  RowInputs& operator=(RowInputs&&) = delete;
  ~RowInputs();

  const Batch& batch() const { return batch_; }
  // Whether nothing but the GIL keeps the texts alive: until they are read, or hold() was called, it must not
  // be released, nor may any Python code run.
  bool borrows() const { return borrows_; }
  // Keeps borrowed texts, if any, alive by references of their own.
  void hold();
  // Whether encoding takes so long that the GIL should be released meanwhile.
  bool is_long() const;
  bool is_long(std::size_t row) const;

  // Throws the Python exception for what the core found in a row.
  [[noreturn]] void rethrow(const RowError& error) const;

 private:
  RowInputs(const Rules& rules, bool single) : rules_(rules), single_(single) {
    batch_.pretokenized = rules.pretokenized;
  }
  void keep(py::object object) { kept_.push_back(std::move(object)); }
  // Adds one text; false where the object is none.
  bool add_text(py::handle text);
  bool add_sequence(py::handle sequence);
  void add_row(py::handle row, std::size_t index);
  void replace_surrogates(TextView& text);
  [[noreturn]] void reject(const std::string& what) const;
  std::string name_of(std::size_t row) const;

  Rules rules_;
  bool single_;
  bool borrows_ = false;
  py::object items_;  // the list or tuple of a plain batch
  Batch batch_;
  std::vector<PyObject*> rows_;  // references to the rows of a plain batch
  std::vector<py::object> kept_;
  std::vector<std::unique_ptr<std::uint32_t[]>> replaced_;
};

// "float (nan)", "dict": what stands where something else should.
std::string describe(py::handle object);

[[noreturn]] void throw_input_error(const std::string& message);

// The rows as they are now, in tuples that nobody can change. One of str only is not shown to the collector
// of cycles, as CPython does itself with tuples when the collector has seen them once.
py::object tuple_of_rows(py::handle rows);

}  // namespace fasttok
