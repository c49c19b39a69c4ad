// Calls on one short text whose cost is that of the call: Tokenizer.encode and encode_ids.
//
// A Python frame, and arguments matched by keyword, take longer than to encode a short text. So these two are
// functions of CPython's fast calling convention: where the tokenizer has no truncation, padding or policy of
// its own and the call gives a short str and nothing else, they answer; all else they leave to the methods of
// the same name that python/fasttok/tokenizer_encode.py defines.
#pragma once

#include <pybind11/pybind11.h>

namespace fasttok {

// Adds `add_lean_calls(cls)`, which puts these functions before the methods of that class.
void register_lean_calls(pybind11::module_& module);

}  // namespace fasttok
