// What the methods of a SentencePiece model take from Python and give back: texts, ids, rows.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/bindings/interrupt.h"
#include "fasttok/pipeline/sentencepiece.h"

namespace fasttok::sentencepiece {

namespace py = pybind11;

// Texts below this are encoded with the GIL: giving it away would cost more.
inline constexpr std::size_t kWorthReleasing = 2048;

template <class Work>
auto maybe_without_gil(std::size_t size, Work&& work) {
  return size < kWorthReleasing ? work() : without_gil(std::forward<Work>(work));
}

// Throws what Python raised where there is no object.
py::object steal(PyObject* object);

// The UTF-8 of a str, or bytes as they are; keeps what it views alive.
struct Utf8 {
  py::object holder;
  std::string_view view;
  bool bytes = false;
};

// Throws TypeError for what is neither, ProcessorError where a str has a lone surrogate.
Utf8 utf8_in(py::handle object);
// The items of a sequence.
std::vector<Utf8> utf8s_in(py::handle sequence);

// bytes, or a str, for which the text must be UTF-8.
py::object text_object(std::string_view text, bool bytes);

// A list's ids of pieces, of which there are so many. Throws TypeError for what is no int of 32 bits, as the
// reference does, and IndexError.
std::vector<std::int32_t> ids_in(py::handle sequence, std::size_t limit);
// The same for one.
std::int32_t id_in(std::int64_t id, std::size_t limit);

enum class Output { kIds, kArray, kPieces, kBytesPieces, kProto, kTokens, kCharTokens };

Output output_from(const std::string& name);
// Whole messages, with places.
inline bool is_whole(Output output) {
  return output == Output::kProto || output == Output::kTokens || output == Output::kCharTokens;
}

// What is done to ids and pieces behind the model.
struct Extras {
  bool add_bos = false, add_eos = false, reverse = false, emit_unk_piece = false;
};

// Throws where the model, or the output, cannot have them.
void check(const Extras& extras, Output output, const Processor& model);

// One row's result, made without the GIL.
struct Row {
  std::vector<std::int32_t> ids{};
  std::vector<std::string> pieces{};
  std::string proto{};
  Tokens tokens{};
};

void finish(Row& row, Output output, const Extras& extras, const Processor& model);
Row row_of(Tokens tokens, Output output, const Extras& extras, const Processor& model);
void to_char_places(Tokens& tokens);

py::object object_of(const Row& row, Output output);
// (text, [(piece, id, surface, begin, end)], score, the message): texts are bytes; no score is 0.
py::object object_of(const Tokens& tokens);

}  // namespace fasttok::sentencepiece
