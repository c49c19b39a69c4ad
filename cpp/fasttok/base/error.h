// Errors of the core. Each says what was found, where, and what to do; the bindings give each its Python
// class.
#pragma once

#include <stdexcept>
#include <string>

namespace fasttok {

// Becomes a plain Python `Exception`, as the reference's generic failures do.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A vocabulary or model is damaged: `fasttok.FormatError` (a ValueError).
struct FormatError : Error {
  using Error::Error;
};

// An argument has a value that cannot be: `ValueError`.
struct ValueError : Error {
  using Error::Error;
};

// What is asked for is not there: `KeyError`.
struct KeyError : Error {
  using Error::Error;
};

}  // namespace fasttok
