// SentencePiece models and normalizers, as Python sees them.
#pragma once

#include <pybind11/pybind11.h>

namespace fasttok {

class SentencePieceNormalizer;

// What a normalizer makes of a text; with_offsets: and the place in the text of each character, or byte.
pybind11::object normalized_object(const SentencePieceNormalizer& normalizer, const pybind11::object& text,
                                   bool with_offsets);

void register_sentencepiece(pybind11::module_& module);
void register_sentencepiece_normalizer(pybind11::module_& module);
void register_sentencepiece_parts(pybind11::module_& module);

}  // namespace fasttok
