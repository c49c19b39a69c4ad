// A SentencePiece model file as the model of a tokenizer; and what it says as plain data, for the tokenizers
// that take its pieces and rules into a pipeline of their own.
#include <pybind11/pybind11.h>

#include <string>

#include "fasttok/base/error.h"
#include "fasttok/bindings/gil.h"
#include "fasttok/bindings/models.h"
#include "fasttok/bindings/sentencepiece.h"
#include "fasttok/formats/sentencepiece_model.h"
#include "fasttok/pipeline/sentencepiece_text.h"
#include "fasttok/text/charsmap_builder.h"

namespace fasttok {

namespace py = pybind11;

namespace {

using sentencepiece::SentencePieceText;

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

std::shared_ptr<SentencePieceText> model_of(const py::bytes& model, const std::string& name) {
  try {
    return std::make_shared<SentencePieceText>(sentencepiece::read_model(std::string_view(model), name));
  } catch (const FormatError& error) {
    const std::string what = error.what();
    throw FormatError(what.starts_with(name) ? what : name + ": " + what);
  }
}

}  // namespace

void register_sentencepiece_parts(py::module_& module) {
  using py::arg;
  py::class_<WholeTextModel, std::shared_ptr<WholeTextModel>>(module, "WholeTextModel");
  py::class_<SentencePieceText, WholeTextModel, std::shared_ptr<SentencePieceText>>(
      module, "SentencePieceText", py::is_final())
      .def(py::init(&model_of), arg("model"), arg("name"))
      .def("tokenize", &tokenize_with<SentencePieceText>, arg("word"))
      .def(
          "token_to_id",
          [](const SentencePieceText& self, const std::string& token) {
            return self.vocab().token_to_id(token);
          },
          arg("token"))
      .def(
          "id_to_token",
          [](const SentencePieceText& self, Unsigned id) -> std::optional<std::string_view> {
            if (id.value > 0xFFFFFFFFu) return std::nullopt;
            return self.vocab().id_to_token(static_cast<std::uint32_t>(id.value));
          },
          arg("id"))
      .def("vocab_size", [](const SentencePieceText& self) { return self.vocab().size(); })
      .def("get_vocab", [](const SentencePieceText& self) { return dict_of(self.vocab()); });
  module.def(
      "build_charsmap",
      [](const std::vector<std::pair<std::string, std::string>>& rules) {
        std::string bytes;
        {
          const GilReleased unlocked;
          bytes = build_charsmap(rules);
        }
        return py::bytes(bytes);
      },
      arg("rules"));
  module.def("sentencepiece_parts", &parts_of_model, py::arg("model"), py::arg("name"));
}

}  // namespace fasttok
