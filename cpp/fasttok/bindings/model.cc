// The WordPiece model, and the literal BERT stages by themselves.
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/bindings/arguments.h"
#include "fasttok/bindings/models.h"
#include "fasttok/bindings/text.h"
#include "fasttok/bindings/tokenizer.h"
#include "fasttok/formats/bert_vocab.h"

namespace fasttok {

namespace py = pybind11;

namespace {

std::shared_ptr<WordPiece> make_model(std::vector<VocabEntry> entries, const std::string& unk_token,
                                      std::size_t max_input_chars_per_word, const std::string& prefix) {
  return std::make_shared<WordPiece>(WordPiece{std::make_shared<const Vocab>(std::move(entries)), unk_token,
                                               prefix, max_input_chars_per_word});
}

std::shared_ptr<WordPiece> from_dict(const py::dict& vocab, const std::string& unk_token, Unsigned max_chars,
                                     const std::string& prefix) {
  return make_model(entries_of(vocab).entries, unk_token, max_chars.value, prefix);
}

std::shared_ptr<WordPiece> from_vocab_txt(const py::bytes& data, const std::string& name,
                                          const std::string& unk_token, Unsigned max_chars,
                                          const std::string& prefix) {
  return make_model(read_bert_vocab(data, name), unk_token, max_chars.value, prefix);
}

}  // namespace

void register_model(py::module_& module) {
  using py::arg;
  py::class_<WordPiece, std::shared_ptr<WordPiece>>(module, "WordPiece", py::is_final())
      .def(py::init(&from_dict), arg("vocab"), arg("unk_token"), arg("max_input_chars_per_word"),
           arg("continuing_subword_prefix"))
      .def_static("from_vocab_txt", &from_vocab_txt, arg("data"), arg("name"), arg("unk_token"),
                  arg("max_input_chars_per_word"), arg("continuing_subword_prefix"))
      .def(
          "with_settings",
          [](const WordPiece& self, const std::string& unk_token, Unsigned max_chars,
             const std::string& prefix) {
            return std::make_shared<WordPiece>(WordPiece{self.vocab, unk_token, prefix, max_chars.value});
          },
          arg("unk_token"), arg("max_input_chars_per_word"), arg("continuing_subword_prefix"))
      .def("tokenize", &tokenize_with<WordPiece>, arg("word"))
      .def("token_to_id", &token_to_id_with<WordPiece>, arg("token"))
      .def("id_to_token", &id_to_token_with<WordPiece>, arg("id"))
      .def("vocab_size", [](const WordPiece& self) { return self.vocab->size(); })
      .def("get_vocab", [](const WordPiece& self) { return dict_of(*self.vocab); });
}

}  // namespace fasttok
