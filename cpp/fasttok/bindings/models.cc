// BPE, Unigram and WordLevel for Python: immutable tables, and models that hold them with a few settings.
#include "fasttok/bindings/models.h"

#include <cstring>

#include "fasttok/base/error.h"
#include "fasttok/base/random.h"
#include "fasttok/base/text_view.h"
#include "fasttok/bindings/text.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

namespace {

// Writes the characters of a str, which is not ASCII, and returns the end.
char* write_utf8(py::handle text, char* out) {
  const int kind = PyUnicode_KIND(text.ptr());
  const void* const data = PyUnicode_DATA(text.ptr());
  for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(text.ptr()); ++i) {
    const char32_t c = PyUnicode_READ(kind, data, i);
    if (is_surrogate(c)) utf8_of(text);  // throws
    std::uint8_t bytes[4];
    const std::size_t size = encode_utf8(c, bytes);
    std::memcpy(out, bytes, size);
    out += size;
  }
  return out;
}

}  // namespace

DictEntries entries_of(const py::dict& vocab) {
  const auto room_for = [](py::handle token) {
    if (!PyUnicode_Check(token.ptr())) throw py::type_error("vocab: a token is not a str");
    return (PyUnicode_IS_ASCII(token.ptr()) ? 1 : 4) *
           static_cast<std::size_t>(PyUnicode_GET_LENGTH(token.ptr()));
  };
  std::size_t bytes = 0;
  for (const auto& [token, id] : vocab) bytes += room_for(token);
  DictEntries result;
  result.text.resize(bytes);
  result.entries.reserve(vocab.size());
  char* out = result.text.data();
  char* const end = out + bytes;
  for (const auto& [token, id] : vocab) {
    const std::size_t value = unsigned_from(id).value;
    if (value > 0xFFFFFFFFu)
      throw ValueError("vocab: the id " + std::to_string(value) + " is above 2**32 - 1");
    const std::size_t room = room_for(token);
    // An id's __index__ may have changed the dict.
    if (room > static_cast<std::size_t>(end - out)) throw ValueError("vocab: changed while it was read");
    char* const begin = out;
    if (PyUnicode_IS_ASCII(token.ptr())) {
      if (room != 0) std::memcpy(out, PyUnicode_DATA(token.ptr()), room);
      out += room;
    } else {
      out = write_utf8(token, out);
    }
    result.entries.push_back(
        {{begin, static_cast<std::size_t>(out - begin)}, static_cast<std::uint32_t>(value)});
  }
  return result;
}

bool is_plain_vocab(const py::dict& vocab) {
  for (const auto& [token, id] : vocab) {
    if (!PyUnicode_CheckExact(token.ptr()) || !PyLong_CheckExact(id.ptr())) return false;
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(id.ptr(), &overflow);
    if (overflow != 0 || value < 0 || value > 0xFFFFFFFFLL) return false;
  }
  return true;
}

py::dict dict_of(const Vocab& vocab) {
  py::dict dict;
  for (const VocabEntry& entry : vocab.entries()) dict[py::str(entry.token)] = entry.id;
  return dict;
}

py::list list_of(const std::vector<Token>& tokens) {
  py::list list;
  for (const Token& token : tokens) {
    list.append(
        py::make_tuple(token.id, token.value, py::make_tuple(token.offsets.first, token.offsets.second)));
  }
  return list;
}

namespace {

// A pair of tokens, or the two of "a b"; views into the object.
BpeTables::TokenPair token_pair_from(py::handle merge, std::size_t index) {
  if (PyUnicode_Check(merge.ptr())) {
    const std::string_view text = utf8_of(merge);
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) {
      throw BadMerge("expected two tokens with a space between them", index);
    }
    return {text.substr(0, space), text.substr(space + 1)};
  }
  PyObject* object = merge.ptr();
  if ((PyTuple_Check(object) || PyList_Check(object)) && PySequence_Fast_GET_SIZE(object) == 2) {
    PyObject** items = PySequence_Fast_ITEMS(object);
    if (PyUnicode_Check(items[0]) && PyUnicode_Check(items[1])) return {utf8_of(items[0]), utf8_of(items[1])};
  }
  throw BadMerge("expected a pair of tokens", index);
}

std::shared_ptr<BpeTables> make_bpe_tables(const py::dict& vocab, const py::list& merges,
                                           const std::string& prefix) {
  const DictEntries dict = entries_of(vocab);
  std::vector<BpeTables::TokenPair> pairs;
  pairs.reserve(merges.size());
  for (const py::handle merge : merges) pairs.push_back(token_pair_from(merge, pairs.size()));
  return std::make_shared<BpeTables>(Vocab(dict.entries), pairs, prefix.size());
}

py::list merges_of(const BpeTables& tables) {
  py::list merges;
  const auto text = [&](std::uint32_t id) { return py::str(tables.vocab().id_to_token(id).value()); };
  for (const BpeTables::Merge& merge : tables.merges()) {
    merges.append(py::make_tuple(text(merge.left), text(merge.right)));
  }
  return merges;
}

std::shared_ptr<UnigramTables> make_unigram_tables(const py::list& pieces,
                                                   std::optional<std::size_t> unk_id) {
  std::vector<ScoredPiece> scored;
  scored.reserve(pieces.size());
  for (const py::handle piece : pieces) {
    PyObject* object = piece.ptr();
    if (!(PyTuple_Check(object) || PyList_Check(object)) || PySequence_Fast_GET_SIZE(object) != 2) {
      throw py::type_error("vocab: a piece is not a pair of str and float");
    }
    PyObject** items = PySequence_Fast_ITEMS(object);
    if (!PyUnicode_Check(items[0])) throw py::type_error("vocab: a piece is not a str");
    const double score = PyFloat_AsDouble(items[1]);
    if (score == -1.0 && PyErr_Occurred()) throw py::error_already_set();
    scored.push_back({utf8_of(items[0]), score});
  }
  return std::make_shared<UnigramTables>(scored, unk_id);
}

py::list pieces_of(const UnigramTables& tables) {
  py::list pieces;
  for (const ScoredPiece& piece : tables.pieces()) {
    pieces.append(py::make_tuple(py::str(piece.text), piece.score));
  }
  return pieces;
}

}  // namespace

void register_models(py::module_& module) {
  using py::arg;
  module.def("is_plain_vocab", &is_plain_vocab, arg("vocab"));
  static py::exception<BadMerge> bad_merge(module, "BadMerge");
  py::register_local_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const BadMerge& error) {
      py::set_error(bad_merge, py::make_tuple(error.index, error.what()));
    }
  });

  py::class_<BpeTables, std::shared_ptr<BpeTables>>(module, "BpeTables", py::is_final())
      .def(py::init(&make_bpe_tables), arg("vocab"), arg("merges"), arg("continuing_subword_prefix"))
      .def("vocab_size", [](const BpeTables& self) { return self.vocab().size(); })
      .def("get_vocab", [](const BpeTables& self) { return dict_of(self.vocab()); })
      .def("get_merges", &merges_of);
  py::class_<Bpe, std::shared_ptr<Bpe>>(module, "Bpe", py::is_final())
      .def(py::init([](std::shared_ptr<BpeTables> tables, std::optional<float> dropout,
                       std::optional<std::string> unk_token, std::optional<std::string> prefix,
                       std::optional<std::string> suffix, bool fuse_unk, bool byte_fallback,
                       bool ignore_merges) {
             return std::make_shared<Bpe>(Bpe{std::move(tables), dropout, std::move(unk_token),
                                              std::move(prefix), std::move(suffix), fuse_unk, byte_fallback,
                                              ignore_merges});
           }),
           arg("tables"), arg("dropout"), arg("unk_token"), arg("continuing_subword_prefix"),
           arg("end_of_word_suffix"), arg("fuse_unk"), arg("byte_fallback"), arg("ignore_merges"))
      .def("tokenize", &tokenize_with<Bpe>, arg("word"))
      .def("token_to_id", &token_to_id_with<Bpe>, arg("token"))
      .def("id_to_token", &id_to_token_with<Bpe>, arg("id"));

  py::class_<RankBpe, std::shared_ptr<RankBpe>>(module, "RankBpe", py::is_final())
      .def(py::init([](const py::dict& vocab) {
             auto held = std::make_shared<const Vocab>(entries_of(vocab).entries);
             if (!held->ids_are_unique()) throw FormatError("two tokens have one rank");
             return std::make_shared<RankBpe>(RankBpe{std::move(held)});
           }),
           arg("vocab"))
      .def("tokenize", &tokenize_with<RankBpe>, arg("word"))
      .def("token_to_id", &token_to_id_with<RankBpe>, arg("token"))
      .def("id_to_token", &id_to_token_with<RankBpe>, arg("id"))
      .def("vocab_size", [](const RankBpe& self) { return self.vocab->size(); })
      .def("get_vocab", [](const RankBpe& self) { return dict_of(*self.vocab); });

  py::class_<UnigramTables, std::shared_ptr<UnigramTables>>(module, "UnigramTables", py::is_final())
      .def(py::init(&make_unigram_tables), arg("pieces"), arg("unk_id"))
      .def("vocab_size", [](const UnigramTables& self) { return self.pieces().size(); })
      .def("get_vocab", [](const UnigramTables& self) { return dict_of(self.vocab()); })
      .def("get_pieces", &pieces_of);
  py::class_<Unigram, std::shared_ptr<Unigram>>(module, "Unigram", py::is_final())
      .def(py::init([](std::shared_ptr<UnigramTables> tables, bool byte_fallback, std::optional<double> alpha,
                       std::optional<std::size_t> nbest_size) {
             return std::make_shared<Unigram>(Unigram{std::move(tables), byte_fallback, alpha, nbest_size});
           }),
           arg("tables"), arg("byte_fallback"), arg("alpha"), arg("nbest_size"))
      .def("tokenize", &tokenize_with<Unigram>, arg("word"))
      .def("token_to_id", &token_to_id_with<Unigram>, arg("token"))
      .def("id_to_token", &id_to_token_with<Unigram>, arg("id"));

  py::class_<WordLevel, std::shared_ptr<WordLevel>>(module, "WordLevel", py::is_final())
      .def(py::init([](const py::dict& vocab, const std::string& unk_token) {
             return std::make_shared<WordLevel>(
                 WordLevel{std::make_shared<const Vocab>(entries_of(vocab).entries), unk_token});
           }),
           arg("vocab"), arg("unk_token"))
      .def(
          "with_settings",
          [](const WordLevel& self, const std::string& unk_token) {
            return std::make_shared<WordLevel>(WordLevel{self.vocab, unk_token});
          },
          arg("unk_token"))
      .def("tokenize", &tokenize_with<WordLevel>, arg("word"))
      .def("token_to_id", &token_to_id_with<WordLevel>, arg("token"))
      .def("id_to_token", &id_to_token_with<WordLevel>, arg("id"))
      .def("vocab_size", [](const WordLevel& self) { return self.vocab->size(); })
      .def("get_vocab", [](const WordLevel& self) { return dict_of(*self.vocab); });

  module.def(
      "set_seed", [](Unsigned seed) { set_seed(seed.value); }, arg("seed"));
}

}  // namespace fasttok
