#include "fasttok/bindings/sentencepiece.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/base/thread_pool.h"
#include "fasttok/bindings/interrupt.h"
#include "fasttok/bindings/lean.h"
#include "fasttok/bindings/sentencepiece_objects.h"
#include "fasttok/bindings/sentencepiece_rows.h"
#include "fasttok/bindings/text.h"
#include "fasttok/formats/sentencepiece_model.h"
#include "fasttok/pipeline/sentencepiece.h"

namespace fasttok {

namespace py = pybind11;
using namespace sentencepiece;

namespace {

unsigned threads_of(int num_threads) {
  return num_threads < 0 ? default_threads() : static_cast<unsigned>(std::clamp(num_threads, 1, 1024));
}

// work(i) for every row, on several threads. The first exception ends it.
template <class Work>
void for_each_row(std::size_t rows, int num_threads, Work&& work) {
  without_gil([&] {
    std::atomic<std::size_t> next{0};
    std::mutex lock;
    std::exception_ptr failed;
    const unsigned wanted = threads_of(num_threads);
    run_parallel(static_cast<unsigned>(std::min<std::size_t>(wanted, std::max<std::size_t>(rows, 1))),
                 [&](unsigned) {
                   try {
                     for (std::size_t i; (i = next.fetch_add(1)) < rows;) work(i);
                   } catch (...) {
                     next = rows;
                     const std::lock_guard guard(lock);
                     if (!failed) failed = std::current_exception();
                   }
                 });
    if (failed) std::rethrow_exception(failed);
    return true;
  });
}

class PySentencePiece {
 public:
  PySentencePiece(py::bytes model, const std::string& name)
      : bytes_(std::move(model)),
        model_(without_gil([&, view = std::string_view(bytes_)] {
          try {
            return Processor(read_model(view, name));
          } catch (const FormatError& error) {
            const std::string what = error.what();
            throw FormatError(what.starts_with(name) ? what : name + ": " + what);
          }
        })),
        rows_(std::make_shared<SentencePieceRows>(size())) {}
  PySentencePiece(py::bytes model, Processor processor)
      : bytes_(std::move(model)),
        model_(std::move(processor)),
        rows_(std::make_shared<SentencePieceRows>(size())) {}

  const py::bytes& serialized() const { return bytes_; }
  const Processor& model() const { return model_; }

  py::object encode(const py::object& text, const std::string& output_name, bool sample, int nbest_size,
                    float alpha, bool add_bos, bool add_eos, bool reverse, bool emit_unk_piece) const {
    const Output output = output_from(output_name);
    const Extras extras{add_bos, add_eos, reverse, emit_unk_piece};
    check(extras, output, model_);
    if (output == Output::kIds && !sample) {
      if (py::object ids = rows_->encode_short(model_, text, {add_bos, add_eos, reverse})) return ids;
    }
    const Utf8 input = utf8_in(text);
    const auto sampling = sample ? std::optional(Sampling{nbest_size, alpha}) : std::nullopt;
    const Row row =
        maybe_without_gil(input.view.size(), [&] { return encoded(input.view, output, sampling, extras); });
    return object_of(row, output);
  }

  py::list encode_batch(const py::object& texts, const std::string& output_name, int num_threads, bool sample,
                        int nbest_size, float alpha, bool add_bos, bool add_eos, bool reverse,
                        bool emit_unk_piece) const {
    const Output output = output_from(output_name);
    const Extras extras{add_bos, add_eos, reverse, emit_unk_piece};
    if ((output == Output::kIds || output == Output::kArray) && !sample) {
      if (PySequence_Size(texts.ptr()) > 0) check(extras, output, model_);
      PyErr_Clear();
      auto columns =
          SentencePieceRows::encode(model_, texts, {add_bos, add_eos, reverse}, threads_of(num_threads));
      if (columns) {
        return output == Output::kIds ? rows_->lists_of(*columns)
                                      : SentencePieceRows::arrays_of(std::move(*columns));
      }
    }
    const std::vector<Utf8> inputs = utf8s_in(texts);
    if (!inputs.empty()) check(extras, output, model_);
    const auto sampling = sample ? std::optional(Sampling{nbest_size, alpha}) : std::nullopt;
    std::vector<Row> rows(inputs.size());
    for_each_row(rows.size(), num_threads,
                 [&](std::size_t i) { rows[i] = encoded(inputs[i].view, output, sampling, extras); });
    return list_of(rows, output);
  }

  py::object encode_chunks(const py::object& text, const std::string& output_name, std::size_t chunk_length,
                           int num_threads, bool add_bos, bool add_eos, bool reverse,
                           bool emit_unk_piece) const {
    const Output output = output_from(output_name);
    Extras extras{add_bos, add_eos, reverse, emit_unk_piece};
    // The reference forgets its check here: protos come as they are.
    if (is_whole(output)) extras = {};
    check(extras, output, model_);
    const Utf8 input = utf8_in(text);
    const unsigned threads = threads_of(num_threads);
    const Row row = without_gil([&] {
      return row_of(model_.encode_chunks(input.view, chunk_length, threads), output, extras, model_);
    });
    return object_of(row, output);
  }

  // With "proto": one message for all.
  py::object n_best(const py::object& text, int count, const std::string& output_name, bool add_bos,
                    bool add_eos, bool reverse, bool emit_unk_piece) const {
    const Utf8 input = utf8_in(text);
    return ways_of([&] { return model_.n_best(input.view, count); }, output_name,
                   {add_bos, add_eos, reverse, emit_unk_piece}, false);
  }

  // Pairs with the scores, for ids and pieces.
  py::object sample_and_score(const py::object& text, std::size_t count, float alpha, bool replace,
                              bool include_best, const std::string& output_name, bool add_bos, bool add_eos,
                              bool reverse, bool emit_unk_piece) const {
    const Utf8 input = utf8_in(text);
    return ways_of([&] { return model_.sample_and_score(input.view, count, alpha, replace, include_best); },
                   output_name, {add_bos, add_eos, reverse, emit_unk_piece}, true);
  }

  float entropy(const py::object& text, float alpha) const {
    const Utf8 input = utf8_in(text);
    return without_gil([&] { return model_.entropy(input.view, alpha); });
  }

  // `output` is "text", "bytes", "proto" or "tokens"; the items are ids, or pieces.
  py::object decode(const py::object& items, bool are_pieces, const std::string& output) const {
    if (!are_pieces) {
      const std::vector<std::int32_t> ids = ids_in(items, model_.pieces().size());
      return decoded([&] { return model_.decode_ids(ids); }, [&] { return model_.decode(ids); }, output,
                     ids.size());
    }
    const std::vector<Utf8> held = utf8s_in(items);
    std::vector<std::string_view> pieces;
    for (const Utf8& piece : held) pieces.push_back(piece.view);
    return decoded([&] { return model_.decode_pieces(pieces); }, [&] { return model_.decode(pieces); },
                   output, pieces.size());
  }

  py::list decode_batch(const py::object& rows, bool are_pieces, const std::string& output,
                        int num_threads) const {
    const py::object items =
        steal(PySequence_Fast(rows.ptr(), "Batch input must be a sequence of sequences"));
    std::vector<std::vector<std::int32_t>> ids;
    std::vector<std::vector<Utf8>> held;
    std::vector<std::vector<std::string_view>> pieces;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.ptr()); ++i) {
      const py::handle row = PySequence_Fast_GET_ITEM(items.ptr(), i);
      if (!are_pieces) {
        ids.push_back(ids_in(row, model_.pieces().size()));
        continue;
      }
      held.push_back(utf8s_in(row));
      auto& views = pieces.emplace_back();
      for (const Utf8& piece : held.back()) views.push_back(piece.view);
    }
    const std::size_t count = are_pieces ? pieces.size() : ids.size();
    const bool whole = output == "proto" || output == "tokens" || output == "char_tokens";
    std::vector<std::string> texts(count);
    std::vector<Tokens> tokens(whole ? count : 0);
    for_each_row(count, num_threads, [&](std::size_t i) {
      if (whole) {
        tokens[i] = are_pieces ? model_.decode(pieces[i]) : model_.decode(ids[i]);
        if (output == "char_tokens") to_char_places(tokens[i]);
      } else {
        texts[i] = are_pieces ? model_.decode_pieces(pieces[i]) : model_.decode_ids(ids[i]);
      }
    });
    py::list list(count);
    for (std::size_t i = 0; i < count; ++i) {
      list[i] = output == "proto" ? text_object(to_proto(tokens[i]), true)
                : whole           ? object_of(tokens[i])
                                  : text_object(texts[i], output == "bytes");
    }
    return list;
  }

  py::object normalize(const py::object& text, bool with_offsets) const;

  std::int32_t piece_to_id(const py::object& piece) const {
    return model_.pieces().id_of(utf8_in(piece).view);
  }
  py::object id_to_piece(std::int64_t id, bool bytes) const { return text_object(piece(id).text, bytes); }
  float score(std::int64_t id) const { return piece(id).score; }
  int type(std::int64_t id) const {
    piece(id);
    return static_cast<int>(model_.types()[static_cast<std::size_t>(id)]);
  }
  std::size_t size() const { return model_.pieces().size(); }
  bool is_unknown(std::int64_t id) const {
    piece(id);
    return model_.is_unknown(static_cast<std::int32_t>(id));
  }

  // Types by id.
  PySentencePiece with_types(const std::vector<int>& numbers) const {
    if (numbers.size() != size()) throw ValueError("types: one for each piece");
    Types types;
    for (const int number : numbers) {
      if (number < 1 || number > 6) throw ValueError("types: from 1 to 6");
      types.push_back(static_cast<PieceType>(number));
    }
    const std::string made = sentencepiece::with_types(bytes_, types);
    return {py::bytes(made), model_.with_types(std::move(types))};
  }

  PySentencePiece with_normalizer(bool add_dummy_prefix, bool remove_extra_whitespaces,
                                  bool escape_whitespaces) const {
    const std::string made = with_normalizer_flags(std::string_view(bytes_), add_dummy_prefix,
                                                   remove_extra_whitespaces, escape_whitespaces);
    return {py::bytes(made),
            model_.with_normalizer(add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces)};
  }

  // (ids, row_offsets): rows one behind the other, as int32 and int64.
  py::tuple encode_flat(const py::object& texts, int num_threads, bool add_bos, bool add_eos,
                        bool reverse) const {
    check({add_bos, add_eos, reverse, false}, Output::kArray, model_);
    auto columns =
        SentencePieceRows::encode(model_, texts, {add_bos, add_eos, reverse}, threads_of(num_threads));
    if (!columns) throw py::type_error("List elements must be str");
    const auto ids = static_cast<py::ssize_t>(columns->ids.size());
    const auto offsets = static_cast<py::ssize_t>(columns->row_offsets.size());
    return py::make_tuple(to_array<std::int32_t>(std::move(columns->ids), {ids}, false),
                          to_array<std::int64_t>(std::move(columns->row_offsets), {offsets}, false));
  }

  // A list of ids; no object where the general call must answer.
  py::object encode_short(py::handle text) const { return rows_->encode_short(model_, text, {}); }

  PySentencePiece with_engine(const std::string& name) const { return {bytes_, model_.with_engine(name)}; }

  py::tuple normalizer_flags() const {
    const SentencePieceNormalizerSpec& spec = model_.spec().normalizer;
    return py::make_tuple(spec.add_dummy_prefix, spec.remove_extra_whitespaces, spec.escape_whitespaces);
  }

 private:
  const Piece& piece(std::int64_t id) const {
    return model_.pieces()[static_cast<std::size_t>(id_in(id, size()))];
  }

  Row encoded(std::string_view text, Output output, const std::optional<Sampling>& sampling,
              const Extras& extras) const {
    if (is_whole(output)) {
      return row_of(model_.encode(text, sampling), output, extras, model_);
    }
    Row row;
    if (output == Output::kIds || output == Output::kArray) {
      row.ids = model_.encode_ids(text, sampling);
    } else {
      row.pieces = model_.encode_pieces(text, sampling);
    }
    finish(row, output, extras, model_);
    return row;
  }

  static py::list list_of(const std::vector<Row>& rows, Output output) {
    py::list list(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i), object_of(rows[i], output).release().ptr());
    }
    return list;
  }

  template <class Make>
  py::object ways_of(Make&& make, const std::string& output_name, const Extras& extras, bool scored) const {
    const Output output = output_from(output_name);
    check(extras, output, model_);
    const std::vector<Tokens> ways = without_gil([&] { return make(); });
    if (output == Output::kProto) return text_object(to_proto(ways), true);
    py::list list(ways.size());
    for (std::size_t i = 0; i < ways.size(); ++i) {
      const py::object object = object_of(row_of(ways[i], output, extras, model_), output);
      if (scored && !is_whole(output)) {
        list[i] = py::make_tuple(object, ways[i].score.value_or(0.0f));
      } else {
        list[i] = object;
      }
    }
    return list;
  }

  template <class Fast, class Whole>
  py::object decoded(Fast&& fast, Whole&& whole, const std::string& output, std::size_t size) const {
    if (output == "proto") return text_object(to_proto(whole()), true);
    if (output == "tokens" || output == "char_tokens") {
      Tokens tokens = whole();
      if (output == "char_tokens") to_char_places(tokens);
      return object_of(tokens);
    }
    return text_object(maybe_without_gil(size, fast), output == "bytes");
  }

  py::bytes bytes_;
  Processor model_;
  std::shared_ptr<const SentencePieceRows> rows_;
};

py::object PySentencePiece::normalize(const py::object& text, bool with_offsets) const {
  return normalized_object(model_.normalizer(), text, with_offsets);
}

// What SentencePieceProcessor.encode(text) needs to know of its object to answer without a Python frame.
struct Lean {
  PyObject* encode = nullptr;                                         // the method that does what is not lean
  PyObject *model = nullptr, *return_type = nullptr, *flags[4] = {};  // names of attributes
};
Lean lean;  // set once, while the package is imported

py::object attribute(PyObject* self, PyObject* name) {
  PyObject* const value = PyObject_GetAttr(self, name);
  if (!value) PyErr_Clear();
  return py::reinterpret_steal<py::object>(value);
}

PyObject* lean_encode(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  return lean_or(lean.encode, self, arguments, count, names, [&](const TextView&) -> PyObject* {
    const py::object model = attribute(self, lean.model);
    if (!model || !py::isinstance<PySentencePiece>(model)) return nullptr;
    if (attribute(self, lean.return_type).ptr() != reinterpret_cast<PyObject*>(&PyLong_Type)) return nullptr;
    for (PyObject* const flag : lean.flags) {
      if (attribute(self, flag).ptr() != Py_False) return nullptr;
    }
    const auto* instance = reinterpret_cast<py::detail::instance*>(model.ptr());
    const auto* value = static_cast<const PySentencePiece*>(
        const_cast<py::detail::instance*>(instance)->get_value_and_holder().value_ptr());
    return value->encode_short(arguments[0]).release().ptr();
  });
}

}  // namespace

void register_sentencepiece(py::module_& module) {
  using py::arg;
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const ProcessorError& error) {
      set_error(PyExc_RuntimeError, error.what());
    }
  });
  module.def("add_lean_sentencepiece_calls", [](const py::object& cls, const std::string& signature) {
    const auto name = [](const char* text) { return py::str(text).release().ptr(); };
    lean.model = name("_model");
    lean.return_type = name("_return_type");
    const char* const flags[] = {"_add_bos", "_add_eos", "_reverse", "_enable_sampling"};
    std::transform(std::begin(flags), std::end(flags), lean.flags, name);
    static const std::string kept = signature;
    static LeanFunction function("encode", &lean_encode, kept.c_str());
    lean.encode = function.put_before(cls);
  });
  module.def("set_n_best_timeout", &set_n_best_timeout, arg("milliseconds"));
  py::class_<PySentencePiece>(module, "SentencePiece", py::is_final())
      .def(py::init<py::bytes, const std::string&>(), arg("model"), arg("name"))
      .def_property_readonly("serialized", &PySentencePiece::serialized)
      .def_property_readonly("unk_id", [](const PySentencePiece& self) { return self.model().unk_id(); })
      .def_property_readonly("bos_id", [](const PySentencePiece& self) { return self.model().bos_id(); })
      .def_property_readonly("eos_id", [](const PySentencePiece& self) { return self.model().eos_id(); })
      .def_property_readonly("pad_id", [](const PySentencePiece& self) { return self.model().pad_id(); })
      .def_property_readonly(
          "model_type",
          [](const PySentencePiece& self) { return static_cast<int>(self.model().pieces().type()); })
      .def("encode", &PySentencePiece::encode, arg("text"), arg("output"), arg("sample"), arg("nbest_size"),
           arg("alpha"), arg("add_bos"), arg("add_eos"), arg("reverse"), arg("emit_unk_piece"))
      .def("encode_batch", &PySentencePiece::encode_batch, arg("texts"), arg("output"), arg("num_threads"),
           arg("sample"), arg("nbest_size"), arg("alpha"), arg("add_bos"), arg("add_eos"), arg("reverse"),
           arg("emit_unk_piece"))
      .def("encode_flat", &PySentencePiece::encode_flat, arg("texts"), arg("num_threads"), arg("add_bos"),
           arg("add_eos"), arg("reverse"))
      .def_property_readonly("engine",
                             [](const PySentencePiece& self) { return std::string(self.model().engine()); })
      .def("with_engine", &PySentencePiece::with_engine, arg("name"))
      .def("encode_chunks", &PySentencePiece::encode_chunks, arg("text"), arg("output"), arg("chunk_length"),
           arg("num_threads"), arg("add_bos"), arg("add_eos"), arg("reverse"), arg("emit_unk_piece"))
      .def("n_best", &PySentencePiece::n_best, arg("text"), arg("count"), arg("output"), arg("add_bos"),
           arg("add_eos"), arg("reverse"), arg("emit_unk_piece"))
      .def("sample_and_score", &PySentencePiece::sample_and_score, arg("text"), arg("count"), arg("alpha"),
           arg("replace"), arg("include_best"), arg("output"), arg("add_bos"), arg("add_eos"), arg("reverse"),
           arg("emit_unk_piece"))
      .def("entropy", &PySentencePiece::entropy, arg("text"), arg("alpha"))
      .def("decode", &PySentencePiece::decode, arg("items"), arg("are_pieces"), arg("output"))
      .def("decode_batch", &PySentencePiece::decode_batch, arg("rows"), arg("are_pieces"), arg("output"),
           arg("num_threads"))
      .def("normalize", &PySentencePiece::normalize, arg("text"), arg("with_offsets"))
      .def("piece_to_id", &PySentencePiece::piece_to_id, arg("piece"))
      .def("id_to_piece", &PySentencePiece::id_to_piece, arg("id"), arg("bytes") = false)
      .def("score", &PySentencePiece::score, arg("id"))
      .def("type", &PySentencePiece::type, arg("id"))
      .def("is_unknown", &PySentencePiece::is_unknown, arg("id"))
      .def("with_types", &PySentencePiece::with_types, arg("types"))
      .def("with_normalizer", &PySentencePiece::with_normalizer, arg("add_dummy_prefix"),
           arg("remove_extra_whitespaces"), arg("escape_whitespaces"))
      .def_property_readonly("normalizer_flags", &PySentencePiece::normalizer_flags)
      .def("__len__", &PySentencePiece::size);
}

}  // namespace fasttok
