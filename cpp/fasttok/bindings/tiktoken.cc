#include "fasttok/bindings/tiktoken.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/bindings/arguments.h"
#include "fasttok/bindings/gil.h"
#include "fasttok/bindings/inputs.h"
#include "fasttok/bindings/interrupt.h"
#include "fasttok/bindings/lean.h"
#include "fasttok/bindings/outputs.h"
#include "fasttok/bindings/py_tokenizer.h"
#include "fasttok/bindings/str_view.h"
#include "fasttok/bindings/text.h"
#include "fasttok/formats/tiktoken.h"
#include "fasttok/output/token_bytes.h"
#include "fasttok/regex/regex.h"
#include "fasttok/text/literal_finder.h"
#include "fasttok/unicode/byte_chars.h"

namespace fasttok {
namespace {

py::dict load_ranks(const py::bytes& data, const std::string& name) {
  const std::string_view content = data;
  const RankFile file = [&] {
    const GilReleased unlocked;
    return RankFile(content, name);
  }();
  py::dict ranks;
  for (const RankedToken& token : file.tokens()) {
    const py::bytes bytes(token.bytes.data(), token.bytes.size());
    const auto rank = py::reinterpret_steal<py::object>(PyLong_FromUnsignedLong(token.rank));
    if (!rank || PyDict_SetItem(ranks.ptr(), bytes.ptr(), rank.ptr()) != 0) throw py::error_already_set();
  }
  return ranks;
}

TextView view_of(py::handle text, const char* name) {
  PyObject* object = text.ptr();
  if (!PyUnicode_Check(object)) {
    throw py::type_error("'" + std::string(Py_TYPE(object)->tp_name) +
                         "' object is not an instance of 'str'; " + name + " must be str");
  }
  return view_of_str(object);
}

// A rank, or the id of a special token.
std::uint32_t number_of(py::handle value) {
  if (!PyIndex_Check(value.ptr())) {
    throw py::type_error(std::string("a rank or an id is ") + Py_TYPE(value.ptr())->tp_name +
                         "; expected int");
  }
  return value.cast<Unsigned32>().value;
}

// Special tokens, with their ids, that are looked for in texts.
class SpecialTokens {
 public:
  explicit SpecialTokens(const py::dict& ids) : finder_(names_of(ids)) {
    for (const auto& [name, id] : ids) ids_.push_back(number_of(id));
  }

  std::optional<LiteralFinder::Hit> find(const TextView& text, std::size_t from) const {
    return finder_.find(text, from);
  }
  std::uint32_t id_of(const LiteralFinder::Hit& hit) const { return ids_[hit.literal]; }

 private:
  static std::vector<std::u32string> names_of(const py::dict& ids) {
    std::vector<std::u32string> names;
    for (const auto& [name, id] : ids) {
      const TextView view = view_of(name, "a special token");
      std::u32string& text = names.emplace_back();
      for (std::size_t i = 0; i < view.length; ++i) text += view.at(i);
    }
    return names;
  }

  LiteralFinder finder_;
  std::vector<std::uint32_t> ids_;
};

// The value of a small int, as nearly all ids are; -1 for other objects.
inline Py_ssize_t small_int(PyObject* object) {
  if (!PyLong_CheckExact(object)) return -1;
  auto* const number = reinterpret_cast<PyLongObject*>(object);
#if PY_VERSION_HEX >= 0x030C0000
  return PyUnstable_Long_IsCompact(number) ? PyUnstable_Long_CompactValue(number) : -1;
#else
  if (Py_SIZE(object) == 1) return static_cast<Py_ssize_t>(number->ob_digit[0]);
  return Py_SIZE(object) == 0 ? 0 : -1;
#endif
}

std::uint32_t id_from(PyObject* item) {
  if (const Py_ssize_t value = small_int(item); value >= 0) return static_cast<std::uint32_t>(value);
  const auto held = py::reinterpret_borrow<py::object>(item);  // its __index__ may let go of it
  const auto number = py::reinterpret_steal<py::object>(PyNumber_Index(item));
  if (!number) throw py::error_already_set();
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
  if (overflow != 0 || value < 0 || value > 0xFFFFFFFFll) {
    PyErr_SetString(PyExc_OverflowError, "out of range integral type conversion attempted");
    throw py::error_already_set();
  }
  return static_cast<std::uint32_t>(value);
}

template <class Int>
void copy_ids(const Py_buffer& view, Buffer<std::uint32_t>& ids) {
  const auto* from = static_cast<const Int*>(view.buf);
  const auto size = static_cast<std::size_t>(view.len) / sizeof(Int);
  ids.resize(size);
  bool fits = true;
  for (std::size_t i = 0; i < size; ++i) {
    ids[i] = static_cast<std::uint32_t>(from[i]);
    fits &= std::in_range<std::uint32_t>(from[i]);
  }
  if (fits) return;
  PyErr_SetString(PyExc_OverflowError, "out of range integral type conversion attempted");
  throw py::error_already_set();
}

// Ids from an array of machine integers without gaps; false: it is none.
bool ids_from_array(PyObject* object, Buffer<std::uint32_t>& ids) {
  if (PyBytes_Check(object) || PyByteArray_Check(object) || !PyObject_CheckBuffer(object)) return false;
  Py_buffer view;
  if (PyObject_GetBuffer(object, &view, PyBUF_ND | PyBUF_FORMAT) != 0) {
    PyErr_Clear();
    return false;
  }
  struct Release {
    Py_buffer& view;
    ~Release() { PyBuffer_Release(&view); }
  } release{view};
  if (view.ndim != 1 || !view.format || view.format[0] == '\0' || view.format[1] != '\0') return false;
  const auto is_one_of = [&](const char* letters) { return std::strchr(letters, view.format[0]) != nullptr; };
  if (view.itemsize == 4 && is_one_of("IL"))
    copy_ids<std::uint32_t>(view, ids);
  else if (view.itemsize == 4 && is_one_of("il"))
    copy_ids<std::int32_t>(view, ids);
  else if (view.itemsize == 8 && is_one_of("LQN"))
    copy_ids<std::uint64_t>(view, ids);
  else if (view.itemsize == 8 && is_one_of("lqn"))
    copy_ids<std::int64_t>(view, ids);
  else
    return false;
  return true;
}

// Ids from a sequence, as tiktoken takes them: from 0 to 2**32 - 1.
Buffer<std::uint32_t> ids_from(py::handle tokens) {
  PyObject* object = tokens.ptr();
  if (Buffer<std::uint32_t> ids; !PyList_CheckExact(object) && ids_from_array(object, ids)) return ids;
  if (PyUnicode_Check(object)) throw py::type_error("Can't extract `str` to `Vec`; tokens must be ints");
  static const py::object* const kSequence =
      new py::object(py::module_::import("collections.abc").attr("Sequence"));
  if (!PyList_Check(object) && !PyTuple_Check(object)) {
    // NumPy's arrays are no Sequence by name, but are taken.
    const bool array = py::hasattr(tokens, "__array__") && PySequence_Check(object);
    if (!array && !py::isinstance(tokens, *kSequence)) {
      throw py::type_error("'" + std::string(Py_TYPE(object)->tp_name) +
                           "' object is not an instance of 'Sequence'; tokens must be a list of int");
    }
  }
  const auto items = py::reinterpret_steal<py::object>(PySequence_Fast(object, "tokens must be a sequence"));
  if (!items) throw py::error_already_set();
  // A list may be changed by an item's __index__: its size is asked for each time.
  Buffer<std::uint32_t> ids;
  ids.resize(static_cast<std::size_t>(PySequence_Fast_GET_SIZE(items.ptr())));
  constexpr Py_ssize_t kAhead = 16;
  std::size_t done = 0;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.ptr()) && done < ids.size(); ++i, ++done) {
    check_signals(done, std::size_t{1} << 18);
    PyObject** const places = PySequence_Fast_ITEMS(items.ptr());
    if (i + kAhead < PySequence_Fast_GET_SIZE(items.ptr())) __builtin_prefetch(places[i + kAhead]);
    ids.data()[done] = id_from(places[i]);
  }
  ids.set_size(done);
  return ids;
}

std::string_view bytes_of(py::handle piece) {
  if (!PyBytes_Check(piece.ptr())) {
    throw py::type_error("'" + std::string(Py_TYPE(piece.ptr())->tp_name) +
                         "' object is not an instance of 'bytes'");
  }
  return {PyBytes_AS_STRING(piece.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(piece.ptr()))};
}

constexpr std::size_t kLong = 4096;  // characters or ids from which the GIL is released

template <class Work>
auto run(bool is_long, Work&& work) {
  return is_long ? without_gil(work) : work();
}

[[noreturn]] void rethrow(const RowError& error, py::handle text) {
  try {
    std::rethrow_exception(error.cause);
  } catch (const SurrogateFound&) {
    utf8_of(text);  // UnicodeEncodeError, in Python's words
    throw;
  }
}

// work(), which encodes `text`.
template <class Work>
auto guarded(py::handle text, Work&& work) {
  try {
    return work();
  } catch (const RowError& error) {
    rethrow(error, text);
  }
}

// An array with its ids in itself, made by NumPy at once: a capsule, and vectors of shape and strides, would
// take longer than to encode a short text.
PyObject* read_only_copy(std::span<const std::uint32_t> ids) {
  const auto& numpy = py::detail::npy_api::get();
  const Py_intptr_t shape[] = {static_cast<Py_intptr_t>(ids.size())};
  PyObject* const array =
      numpy.PyArray_NewFromDescr_(numpy.PyArray_Type_, py::dtype::of<std::uint32_t>().release().ptr(), 1,
                                  shape, nullptr, nullptr, 0, nullptr);
  if (!array) throw py::error_already_set();
  py::detail::PyArray_Proxy* const parts = py::detail::array_proxy(array);
  if (!ids.empty()) std::memcpy(parts->data, ids.data(), ids.size_bytes());
  parts->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
  return array;
}

class RankEncoding {
 public:
  RankEncoding(const py::dict& ranks, const py::dict& specials, std::shared_ptr<Regex> pattern,
               const std::string& engine)
      : bytes_(entries_of(ranks, specials)), specials_(specials) {
    std::size_t size = 0;
    for (const auto& [token, rank] : ranks) size += bytes_of(token).size();
    std::string arena;
    arena.reserve(2 * size);  // as much as the characters of the bytes take at most: the views stay valid
    std::vector<VocabEntry> vocab;
    vocab.reserve(ranks.size());
    for (const auto& [token, rank] : ranks) {
      const std::size_t begin = arena.size();
      append_byte_chars(arena, bytes_of(token));
      vocab.push_back({{arena.data() + begin, arena.size() - begin}, number_of(rank)});
    }
    const GilReleased unlocked;
    auto model = std::make_shared<RankBpe>(RankBpe{std::make_shared<const Vocab>(vocab)});
    check(*model->vocab);
    model_ = model;
    Spec spec;
    spec.model = model_;
    // What the pattern does not match is left out, as by tiktoken.
    spec.pre_tokenizer =
        PreTokenizer{{SplitAtPattern{{pattern->pattern(), pattern}, SplitBehavior::kRemoved, true},
                      ByteLevel{false, false}}};
    core_ = std::make_unique<PyTokenizer>(Tokenizer::compile(
        std::move(spec), engine == "generic" ? EngineChoice::kGeneric : EngineChoice::kAuto));
  }

  std::string engine() const { return std::string(core_->core->engine()); }

  PyObject* encode(py::handle text, const SpecialTokens* allowed) const {
    const TextView view = view_of(text, "text");
    if (!allowed && view.length < kLong) {
      return guarded(text, [&] {
        const auto ids = core_->core->rows().ids_of(view, false);
        return core_->ints.list_of(ids.data(), ids.size());
      });
    }
    const Buffer<std::uint32_t> ids = encode_ids(text, view, allowed);
    return core_->ints.list_of(ids.data(), ids.size());
  }

  // The ids of a short text with nothing to find in it; else null: encode() is to do it, or to say what is
  // wrong. With `look_for_specials`, a special token is such a thing.
  PyObject* encode_short(const TextView& text, bool look_for_specials) const {
    if (look_for_specials && specials_.find(text, 0)) return nullptr;
    try {
      std::uint32_t room[Engine::kShortRoom];
      const auto ids = core_->core->rows().ids_of(text, false, room);
      return core_->ints.list_of(ids.data(), ids.size());
    } catch (const RowError&) {
      return nullptr;
    }
  }

  // The same as an array that cannot be written.
  PyObject* encode_short_array(const TextView& text) const {
    if (specials_.find(text, 0)) return nullptr;
    try {
      std::uint32_t room[Engine::kShortRoom];
      const auto ids = core_->core->rows().ids_of(text, false, room);
      return read_only_copy(ids);
    } catch (const RowError&) {
      return nullptr;
    }
  }

  py::array encode_array(py::handle text, const SpecialTokens* allowed) const {
    Buffer<std::uint32_t> ids = encode_ids(text, view_of(text, "text"), allowed);
    const auto size = static_cast<py::ssize_t>(ids.size());
    return to_array<std::uint32_t>(std::move(ids), {size}, false);
  }

  py::list encode_batch(const py::list& texts, const SpecialTokens* allowed,
                        const py::object& threads) const {
    Batch batch;
    std::vector<std::size_t> rows;
    std::vector<std::uint32_t> specials;
    std::size_t units = 0;
    for (std::size_t row = 0; row < texts.size(); ++row) {
      const py::handle text = PyList_GET_ITEM(texts.ptr(), static_cast<Py_ssize_t>(row));
      const std::string name = "text[" + std::to_string(row) + "]";
      const TextView view = view_of(text, name.c_str());
      units += view.length;
      add(view, allowed, batch, specials);
      rows.push_back(batch.texts.size());
    }
    EncodeOptions options;
    options.add_special_tokens = false;
    options.threads = threads_from(threads);
    const Columns columns = [&] {
      try {
        return run(units >= kLong, [&] { return core_->core->rows().encode(batch, options); });
      } catch (const RowError& error) {
        const auto row =
            static_cast<std::size_t>(std::upper_bound(rows.begin(), rows.end(), error.row) - rows.begin());
        rethrow(error, PyList_GET_ITEM(texts.ptr(), static_cast<Py_ssize_t>(row)));
      }
    }();
    std::size_t text = 0;
    std::vector<std::uint32_t> joined;
    return list_of_rows(rows.size(), [&](std::size_t row) {
      const std::uint32_t* ids = columns.ids.data();
      const auto begin = static_cast<std::size_t>(columns.row_offsets[text]);
      std::size_t size = static_cast<std::size_t>(columns.row_offsets[text + 1]) - begin;
      ids += begin;
      if (rows[row] - text > 1) {
        joined.clear();
        for (; text < rows[row]; ++text) {
          const auto from = columns.ids.data() + columns.row_offsets[text];
          joined.insert(joined.end(), from, columns.ids.data() + columns.row_offsets[text + 1]);
          if (text + 1 < rows[row]) joined.push_back(specials[text]);
        }
        ids = joined.data();
        size = joined.size();
      }
      text = rows[row];
      core_->ints.want(size);
      return row_of_ints(ids, size);
    });
  }

  // The ids of bytes that are not cut by the pattern.
  PyObject* encode_piece(py::handle piece, bool whole) const {
    const std::string text = to_byte_chars(bytes_of(piece));
    const std::vector<Token> tokens =
        run(text.size() >= kLong, [&] { return whole ? model_->tokenize(text) : model_->merge(text); });
    std::vector<std::uint32_t> ids;
    for (const Token& token : tokens) ids.push_back(token.id);
    return core_->ints.list_of(ids.data(), ids.size());
  }

  py::bytes decode_bytes(py::handle tokens) const {
    const Buffer<char> bytes = bytes_from(tokens);
    PyObject* const result = PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size()));
    if (!result) throw py::error_already_set();
    return py::reinterpret_steal<py::bytes>(result);
  }

  py::str decode(py::handle tokens, const std::string& errors) const {
    const Buffer<char> bytes = bytes_from(tokens);
    PyObject* text =
        PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), errors.c_str());
    if (!text) throw py::error_already_set();
    return py::reinterpret_steal<py::str>(text);
  }

  py::bytes decode_token(py::handle token) const {
    const std::uint32_t id = id_from(token.ptr());
    const auto bytes = bytes_.find(id);
    if (!bytes) throw KeyError(std::to_string(id));
    return *bytes;
  }

 private:
  Buffer<char> bytes_from(py::handle tokens) const {
    const Buffer<std::uint32_t> buffer = ids_from(tokens);
    const std::span<const std::uint32_t> ids{buffer.data(), buffer.size()};
    Buffer<char> bytes;
    run(ids.size() >= kLong, [&] {
      bytes_.append(ids, bytes);
      return true;
    });
    return bytes;
  }

  static TokenBytes entries_of(const py::dict& ranks, const py::dict& specials) {
    std::vector<TokenBytes::Entry> entries;
    entries.reserve(ranks.size() + specials.size());
    for (const auto& [token, rank] : ranks) {
      entries.push_back({bytes_of(token), number_of(rank)});
    }
    for (const auto& [token, id] : specials) entries.push_back({utf8_of(token), number_of(id)});
    return TokenBytes(entries);
  }

  static void check(const Vocab& vocab) {
    if (vocab.ids_are_unique()) return;
    const auto entries = vocab.entries();
    const auto same =
        std::adjacent_find(entries.begin(), entries.end(),
                           [](const VocabEntry& a, const VocabEntry& b) { return a.id == b.id; });
    throw FormatError("mergeable_ranks: two tokens have the rank " + std::to_string(same->id) + ": '" +
                      std::string(same->token) + "' and '" + std::string((same + 1)->token) + "'");
  }

  // The parts of a text between special tokens, and the tokens between the parts: specials[i] stands behind
  // batch.texts[i].
  static void add(const TextView& text, const SpecialTokens* allowed, Batch& batch,
                  std::vector<std::uint32_t>& specials) {
    std::size_t done = 0;
    if (allowed) {
      while (const auto hit = allowed->find(text, done)) {
        batch.texts.push_back(text.slice(done, hit->begin));
        specials.resize(batch.texts.size());
        specials.back() = allowed->id_of(*hit);
        done = hit->end;
      }
    }
    batch.texts.push_back(text.slice(done, text.length));
    specials.resize(batch.texts.size());
  }

  Buffer<std::uint32_t> encode_ids(py::handle text, const TextView& view,
                                   const SpecialTokens* allowed) const {
    return guarded(text, [&] {
      return run(view.length >= kLong, [&] {
        Batch batch;
        std::vector<std::uint32_t> specials;
        add(view, allowed, batch, specials);
        EncodeOptions options;
        options.add_special_tokens = false;
        Columns columns = core_->core->rows().encode(batch, options);
        if (batch.texts.size() == 1) return std::move(columns.ids);
        Buffer<std::uint32_t> ids;
        ids.resize(columns.ids.size() + batch.texts.size() - 1);
        std::uint32_t* to = ids.data();
        for (std::size_t i = 0; i < batch.texts.size(); ++i) {
          to = std::copy(columns.ids.data() + columns.row_offsets[i],
                         columns.ids.data() + columns.row_offsets[i + 1], to);
          if (i + 1 < batch.texts.size()) *to++ = specials[i];
        }
        return ids;
      });
    });
  }

  TokenBytes bytes_;
  SpecialTokens specials_;
  std::shared_ptr<const RankBpe> model_;
  std::unique_ptr<const PyTokenizer> core_;
};

// Calls of tiktoken's Encoding on one short text.

struct Lean {
  Py_ssize_t core = 0;                  // where the objects have their slot `_core`
  PyObject* encode_ordinary = nullptr;  // the methods that do what is not lean
  PyObject* encode_plain = nullptr;
  PyObject* encode_to_numpy = nullptr;
};
Lean lean;  // set once, while the package is imported

const RankEncoding& encoding_in(PyObject* object) {
  auto* const instance = reinterpret_cast<py::detail::instance*>(object);
  return *static_cast<const RankEncoding*>(instance->get_value_and_holder().value_ptr());
}

PyObject* encode_ordinary(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  return lean_or(lean.encode_ordinary, self, arguments, count, names, [&](const TextView& text) -> PyObject* {
    PyObject* core = object_in_slot(self, lean.core);
    return core ? encoding_in(core).encode_short(text, false) : nullptr;
  });
}

PyObject* encode_plain(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  return lean_or(lean.encode_plain, self, arguments, count, names,
                 [&](const TextView& text) { return encoding_in(self).encode_short(text, true); });
}

PyObject* encode_to_numpy(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  return lean_or(lean.encode_to_numpy, self, arguments, count, names, [&](const TextView& text) -> PyObject* {
    PyObject* core = object_in_slot(self, lean.core);
    return core ? encoding_in(core).encode_short_array(text) : nullptr;
  });
}

LeanFunction lean_functions[] = {
    {"encode_ordinary", &encode_ordinary, "($self, text)"},
    {"encode_plain", &encode_plain, "($self, text)"},
    {"encode_to_numpy", &encode_to_numpy, "($self, text, *, allowed_special=(), disallowed_special=\"all\")"},
};

}  // namespace

void register_tiktoken(py::module_& module) {
  using py::arg;
  module.def("load_ranks", &load_ranks, arg("data"), arg("name"));
  py::class_<SpecialTokens>(module, "SpecialTokens", py::is_final())
      .def(py::init<const py::dict&>(), arg("ids"))
      .def(
          "find",
          [](const SpecialTokens& self, const py::object& text, Unsigned begin) -> std::optional<py::tuple> {
            const auto hit = self.find(view_of(text, "text"), begin.value);
            if (!hit) return std::nullopt;
            return py::make_tuple(hit->begin, hit->end);
          },
          arg("text"), arg("begin"));
  py::class_<RankEncoding>(module, "RankEncoding", py::is_final())
      .def(py::init<const py::dict&, const py::dict&, std::shared_ptr<Regex>, const std::string&>(),
           arg("ranks"), arg("special_tokens"), arg("pattern"), arg("engine"))
      .def_property_readonly("engine", &RankEncoding::engine)
      .def(
          "encode",
          [](const RankEncoding& self, const py::object& text, const SpecialTokens* allowed) {
            return py::reinterpret_steal<py::list>(self.encode(text, allowed));
          },
          arg("text"), arg("allowed"))
      .def(
          "encode_plain", [](const RankEncoding&, const py::object&) { return py::none(); }, arg("text"),
          "The ids of a short text without special tokens; None: encode() must do it.")
      .def("encode_array", &RankEncoding::encode_array, arg("text"), arg("allowed"))
      .def("encode_batch", &RankEncoding::encode_batch, arg("texts"), arg("allowed"), arg("num_threads"))
      .def(
          "encode_piece",
          [](const RankEncoding& self, const py::object& piece) {
            return py::reinterpret_steal<py::list>(self.encode_piece(piece, true));
          },
          arg("piece"))
      .def(
          "merge_piece",
          [](const RankEncoding& self, const py::object& piece) {
            return py::reinterpret_steal<py::list>(self.encode_piece(piece, false));
          },
          arg("piece"))
      .def("decode_bytes", &RankEncoding::decode_bytes, arg("tokens"))
      .def("decode", &RankEncoding::decode, arg("tokens"), arg("errors"))
      .def("decode_token", &RankEncoding::decode_token, arg("token"));
  lean.encode_plain = lean_functions[1].put_before(module.attr("RankEncoding"));
  module.def(
      "add_lean_encoding_calls",
      [](const py::object& cls) {
        lean.core = offset_of_slot(cls, "_core");
        lean.encode_ordinary = lean_functions[0].put_before(cls);
        lean.encode_to_numpy = lean_functions[2].put_before(cls);
      },
      arg("cls"));
}

}  // namespace fasttok
