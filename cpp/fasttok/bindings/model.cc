// The WordPiece model, and the literal BERT stages by themselves.
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/bindings/arguments.h"
#include "fasttok/bindings/text.h"
#include "fasttok/bindings/tokenizer.h"
#include "fasttok/formats/bert_vocab.h"
#include "fasttok/model/wordpiece.h"
#include "fasttok/output/decoder.h"

namespace fasttok {

namespace py = pybind11;

namespace {

std::shared_ptr<WordPiece> make_model(std::span<const VocabEntry> entries, const std::string& unk_token,
                                      std::size_t max_input_chars_per_word, const std::string& prefix) {
  return std::make_shared<WordPiece>(
      WordPiece{std::make_shared<const Vocab>(entries), unk_token, prefix, max_input_chars_per_word});
}

std::shared_ptr<WordPiece> from_dict(const py::dict& vocab, const std::string& unk_token, Unsigned max_chars,
                                     const std::string& prefix) {
  std::vector<VocabEntry> entries;
  entries.reserve(vocab.size());
  for (const auto& [token, id] : vocab) {
    if (!PyUnicode_Check(token.ptr())) throw py::type_error("vocab: a token is not a str");
    const std::size_t value = unsigned_from(id).value;
    if (value > 0xFFFFFFFFu)
      throw ValueError("vocab: the id " + std::to_string(value) + " is above 2**32 - 1");
    entries.push_back({utf8_of(token), static_cast<std::uint32_t>(value)});
  }
  return make_model(entries, unk_token, max_chars.value, prefix);
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
          "tokenize",
          [](const WordPiece& self, const std::string& word) {
            py::list tokens;
            for (const Token& token : self.tokenize(word)) {
              tokens.append(py::make_tuple(token.id, token.value,
                                           py::make_tuple(token.offsets.first, token.offsets.second)));
            }
            return tokens;
          },
          arg("word"))
      .def(
          "token_to_id",
          [](const WordPiece& self, const std::string& token) { return self.vocab->token_to_id(token); },
          arg("token"))
      .def(
          "id_to_token",
          [](const WordPiece& self, Unsigned id) {
            return id.value > 0xFFFFFFFFu ? std::nullopt
                                          : self.vocab->id_to_token(static_cast<std::uint32_t>(id.value));
          },
          arg("id"))
      .def("vocab_size", [](const WordPiece& self) { return self.vocab->size(); })
      .def("get_vocab", [](const WordPiece& self) {
        py::dict vocab;
        for (const VocabEntry& entry : self.vocab->entries()) vocab[py::str(entry.token)] = entry.id;
        return vocab;
      });

  module.def(
      "wordpiece_decode",
      [](std::vector<std::string> tokens, const std::string& prefix, bool cleanup) {
        return WordPieceDecoder{prefix, cleanup}.decode(std::move(tokens));
      },
      arg("tokens"), arg("prefix"), arg("cleanup"));
}

}  // namespace fasttok
