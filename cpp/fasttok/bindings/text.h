// NormalizedString, PreTokenizedString, normalizers and pre-tokenizers, as Python sees them.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <string_view>

#include "fasttok/base/error.h"
#include "fasttok/text/normalizer.h"
#include "fasttok/text/pre_tokenizer.h"

namespace fasttok {

namespace py = pybind11;

// The bytes live in the str. UnicodeEncodeError for a lone surrogate; `text` must be a str.
std::string_view utf8_of(py::handle text);
// The same for an argument: TypeError "name is X; expected str".
std::string_view utf8_of(py::handle text, const char* name);

// Sets the Python error. What is not UTF-8 in the message, such as a piece of a damaged file, is written as
// "\\xff".
void set_error(PyObject* type, const char* message);

// An exception of a Python component, on its way through the core: `Exception("KeyError: 'boom'")` with the
// exception as its cause.
struct ForeignError : Error {
  ForeignError(const std::string& what, std::shared_ptr<py::object> raised)
      : Error(what), cause(std::move(raised)) {}
  // Sets the Python error.
  void restore() const;

  std::shared_ptr<py::object> cause;
};

// Throws it as a ForeignError; what is no Exception (KeyboardInterrupt) goes on as it is.
[[noreturn]] void throw_foreign(const py::error_already_set& error);

// Runs Python code that the core has called; the GIL must be held.
template <typename Call>
void call_foreign(Call&& call) {
  try {
    call();
  } catch (const py::error_already_set& error) {
    throw_foreign(error);
  } catch (const py::builtin_exception& error) {
    error.set_error();
    throw_foreign(py::error_already_set());
  }
}

// A list of tuples, (name of the class, its settings...), as the steps of the core.
Normalizer normalizer_from(const py::iterable& steps);
PreTokenizer pre_tokenizer_from(const py::iterable& steps);

void register_strings(py::module_& module);
void register_stages(py::module_& module);

}  // namespace fasttok
