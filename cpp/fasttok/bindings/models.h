// What the models share on their way from and to Python.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/bindings/arguments.h"
#include "fasttok/bindings/gil.h"
#include "fasttok/model/model.h"

namespace fasttok {

// The entries of a dict of token -> id: views into `text`.
struct DictEntries {
  Buffer<char> text;
  std::vector<VocabEntry> entries;
};

// Throws TypeError, OverflowError, ValueError. The keys get no cached UTF-8, which would stay with them.
DictEntries entries_of(const py::dict& vocab);
// Whether all tokens are str and all ids int (no bool) of 32 bits.
bool is_plain_vocab(const py::dict& vocab);
// In ascending order of ids.
py::dict dict_of(const Vocab& vocab);

// (id, token, (start, end)) of each.
py::list list_of(const std::vector<Token>& tokens);

template <class M>
py::list tokenize_with(const M& model, const std::string& word) {
  std::vector<Token> tokens;
  {
    const GilReleased unlocked;
    tokens = model.tokenize(word);
  }
  return list_of(tokens);
}

template <class M>
std::optional<std::uint32_t> token_to_id_with(const std::shared_ptr<M>& model, const std::string& token) {
  return vocab_of(std::shared_ptr<const M>(model)).token_to_id(token);
}

template <class M>
std::optional<std::string_view> id_to_token_with(const std::shared_ptr<M>& model, Unsigned id) {
  if (id.value > 0xFFFFFFFFu) return std::nullopt;
  return id_to_token(std::shared_ptr<const M>(model), static_cast<std::uint32_t>(id.value));
}

// Bpe, Unigram and WordLevel; register_model() (tokenizer.h) has WordPiece.
void register_models(py::module_& module);

}  // namespace fasttok
