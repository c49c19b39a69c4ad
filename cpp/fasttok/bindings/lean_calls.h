// Calls whose own cost counts: Tokenizer.encode and encode_ids of one short text, and encode_batch_flat.
//
// A Python frame, and arguments matched by keyword, take longer than to encode a short text, and as long as
// to share a batch between two threads. So these are functions of CPython's fast calling convention: where
// the tokenizer has no truncation, padding or policy of its own and the call gives a short str and nothing
// else (rows, and at most the number of threads), they answer; all else they leave to the methods of the same
// name that python/fasttok/tokenizer_encode.py defines.
#pragma once

#include <pybind11/pybind11.h>

namespace fasttok {

// Adds `add_lean_calls(cls)`, which puts these functions before the methods of that class;
// `add_token_batch(cls)`, which says what encode_batch_flat returns; and `add_lean_forward(cls)` for a class
// whose encode_batch_flat is that of its `_tokenizer`.
void register_lean_calls(pybind11::module_& module);

}  // namespace fasttok
