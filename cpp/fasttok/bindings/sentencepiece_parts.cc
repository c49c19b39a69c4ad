// What a SentencePiece model file says, as plain data: for the tokenizers that take its pieces and rules into
// a pipeline of their own.
#include <pybind11/pybind11.h>

#include <string>

#include "fasttok/base/error.h"
#include "fasttok/bindings/sentencepiece.h"
#include "fasttok/formats/sentencepiece_model.h"

namespace fasttok {

namespace py = pybind11;

namespace {

// (pieces as (text, score, type), model type, unk_id, charsmap); "pieces[3]: …" where one is not UTF-8.
py::tuple parts_of_model(const py::bytes& model, const std::string& name) {
  const sentencepiece::ModelSpec spec = sentencepiece::read_model(std::string_view(model), name);
  py::list pieces(spec.pieces.size());
  for (std::size_t id = 0; id < spec.pieces.size(); ++id) {
    const sentencepiece::Piece& piece = spec.pieces[id];
    PyObject* const text =
        PyUnicode_DecodeUTF8(piece.text.data(), static_cast<Py_ssize_t>(piece.text.size()), nullptr);
    if (!text) {
      PyErr_Clear();
      throw FormatError(name + ": pieces[" + std::to_string(id) + "]: not UTF-8");
    }
    pieces[id] = py::make_tuple(py::reinterpret_steal<py::str>(text), static_cast<double>(piece.score),
                                static_cast<int>(piece.type));
  }
  return py::make_tuple(pieces, static_cast<int>(spec.type), spec.trainer_unk_id,
                        py::bytes(spec.normalizer.charsmap));
}

}  // namespace

void register_sentencepiece_parts(py::module_& module) {
  module.def("sentencepiece_parts", &parts_of_model, py::arg("model"), py::arg("name"));
}

}  // namespace fasttok
