// What fasttok.tiktoken is made of: rank files, special tokens, and the core of an Encoding.
#pragma once

#include <pybind11/pybind11.h>

namespace fasttok {

void register_tiktoken(pybind11::module_& module);

}  // namespace fasttok
