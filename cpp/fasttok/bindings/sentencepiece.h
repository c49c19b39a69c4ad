// SentencePiece models and normalizers, as Python sees them.
#pragma once

#include <pybind11/pybind11.h>

namespace fasttok {

void register_sentencepiece(pybind11::module_& module);
void register_sentencepiece_parts(pybind11::module_& module);

}  // namespace fasttok
