#include "fasttok/bindings/strings.h"

#include <pybind11/stl.h>

#include <cmath>
#include <cstring>
#include <string>

#include "fasttok/bindings/arguments.h"
#include "fasttok/bindings/encoding.h"
#include "fasttok/bindings/text.h"
#include "fasttok/formats/json_number.h"
#include "fasttok/regex/regex.h"

namespace fasttok {

void set_error(PyObject* type, const char* message) {
  PyObject* text =
      PyUnicode_DecodeUTF8(message, static_cast<Py_ssize_t>(std::strlen(message)), "backslashreplace");
  if (!text) return;  // no memory: that is the error then
  PyErr_SetObject(type, text);
  Py_DECREF(text);
}

std::string_view utf8_of(py::handle text) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
  if (!data) throw py::error_already_set();
  return {data, static_cast<std::size_t>(size)};
}

std::string_view utf8_of(py::handle text, const char* name) {
  if (!PyUnicode_Check(text.ptr())) {
    throw py::type_error(std::string(name) + " is " + describe(text) + "; expected str");
  }
  return utf8_of(text);
}

TextPattern pattern_from(py::handle pattern) {
  if (PyUnicode_Check(pattern.ptr())) return {std::string(utf8_of(pattern))};
  if (py::isinstance<Regex>(pattern)) {
    const auto regex = pattern.cast<std::shared_ptr<Regex>>();
    return {regex->pattern(), regex};
  }
  throw py::type_error("pattern is " + describe(pattern) + "; expected str or Regex");
}

SplitBehavior behavior_from(py::handle name) {
  const std::string_view behavior = utf8_of(name, "behavior");
  if (behavior == "removed") return SplitBehavior::kRemoved;
  if (behavior == "isolated") return SplitBehavior::kIsolated;
  if (behavior == "merged_with_previous") return SplitBehavior::kMergedWithPrevious;
  if (behavior == "merged_with_next") return SplitBehavior::kMergedWithNext;
  if (behavior == "contiguous") return SplitBehavior::kContiguous;
  throw ValueError(
      "Wrong value for SplitDelimiterBehavior, expected one of: `removed, isolated, merged_with_previous, "
      "merged_with_next, contiguous`");
}

std::optional<ByteRange> PyNormalizedString::bytes_of(std::size_t begin, std::size_t end) {
  const std::string& text = get().get();
  if (starts_.empty()) {
    starts_.reserve(text.size() + 1);
    for_each_char(text, [&](char32_t, std::size_t at, std::size_t) {
      starts_.push_back(static_cast<std::uint32_t>(at));
    });
    starts_.push_back(static_cast<std::uint32_t>(text.size()));
  }
  const std::size_t chars = starts_.size() - 1;
  if (begin == 0 && end == 0) return ByteRange{0, 0};
  if (begin >= chars) return std::nullopt;
  // A backwards range goes to the end of the text, in the reference.
  return ByteRange{starts_[begin], starts_[begin > end ? chars : std::min(end, chars)]};
}

namespace {

void require_callable(py::handle function, const char* what) {
  if (!PyCallable_Check(function.ptr())) throw py::type_error(what);
}

// Calls function(character) for each one.
template <typename Visit>
void call_for_chars(const std::string& text, const py::function& function, Visit&& visit) {
  for_each_char(std::string(text), [&](char32_t c, std::size_t, std::size_t) {
    const auto argument = py::reinterpret_steal<py::object>(PyUnicode_FromOrdinal(static_cast<int>(c)));
    visit(c, function(argument));
  });
}

void filter(PyNormalizedString& self, const py::object& function) {
  constexpr const char* kExpected = "`filter` expect a callable with the signature: `fn(char) -> bool`";
  require_callable(function, kExpected);
  std::vector<bool> keeps;
  call_for_chars(self.get().get(), function, [&](char32_t, const py::object& keep) {
    if (!PyBool_Check(keep.ptr())) throw py::type_error(kExpected);
    keeps.push_back(keep.ptr() == Py_True);
  });
  std::size_t at = 0;
  self.change().filter([&](char32_t) { return static_cast<bool>(keeps.at(at++)); });
}

void map(PyNormalizedString& self, const py::object& function) {
  constexpr const char* kExpected = "`map` expect a callable with the signature: `fn(char) -> char`";
  require_callable(function, kExpected);
  std::vector<char32_t> mapped;
  call_for_chars(self.get().get(), function, [&](char32_t, const py::object& c) {
    if (!PyUnicode_Check(c.ptr()) || utf8_of(c).empty()) throw py::type_error(kExpected);
    mapped.push_back(decode_char(utf8_of(c), 0).c);
  });
  std::size_t at = 0;
  self.change().map([&](char32_t) { return mapped.at(at++); });
}

void for_each(PyNormalizedString& self, const py::object& function) {
  require_callable(function, "`for_each` expect a callable with the signature: `fn(char)`");
  call_for_chars(self.get().get(), function, [](char32_t, const py::object&) {});
}

// The pieces of a pattern in the reference's NormalizedString.split and .replace: an empty str matches
// nothing, and then counts the text in characters where bytes are meant.
std::vector<PatternPiece> pieces_of(const std::string& text, const TextPattern& pattern) {
  std::vector<PatternPiece> pieces;
  if (!pattern.regex && pattern.text.empty()) {
    pieces.push_back({{0, utf8_length(text)}, false});
  } else {
    pattern.find(text, pieces);
  }
  return pieces;
}

py::object slice(PyNormalizedString& self, const py::object& range) {
  const NormalizedString& text = self.get();
  const std::size_t bytes = text.get().size();  // the reference counts characters against it
  std::size_t begin = 0, end = 0;
  if (PyIndex_Check(range.ptr())) {
    const Py_ssize_t i = PyNumber_AsSsize_t(range.ptr(), PyExc_OverflowError);
    if (i == -1 && PyErr_Occurred()) throw py::error_already_set();
    if (i < 0) {
      const auto back = static_cast<std::size_t>(-i);
      if (back > bytes) throw ValueError(std::to_string(back) + " is bigger than max len");
      begin = bytes - back;
    } else {
      begin = static_cast<std::size_t>(i);
    }
    end = begin + 1;
  } else if (PyTuple_Check(range.ptr()) && PyTuple_GET_SIZE(range.ptr()) == 2) {
    begin = unsigned_from(PyTuple_GET_ITEM(range.ptr(), 0)).value;
    end = unsigned_from(PyTuple_GET_ITEM(range.ptr(), 1)).value;
  } else if (PySlice_Check(range.ptr())) {
    py::ssize_t start = 0, stop = 0, step = 0, length = 0;
    if (!range.cast<py::slice>().compute(static_cast<py::ssize_t>(bytes), &start, &stop, &step, &length)) {
      throw py::error_already_set();
    }
    begin = static_cast<std::size_t>(start);
    end = static_cast<std::size_t>(stop);
  } else {
    throw py::type_error("range is " + describe(range) + "; expected int, (int, int) or slice");
  }
  const std::optional<ByteRange> at = self.bytes_of(begin, end);
  if (!at) return py::none();
  std::optional<NormalizedString> part = text.slice(*at);
  if (!part) return py::none();
  return py::cast(std::make_unique<PyNormalizedString>(std::move(*part)));
}

py::list split(PyNormalizedString& self, const py::object& pattern, const py::object& behavior) {
  const NormalizedString& text = self.get();
  py::list parts;
  for (NormalizedString& part :
       text.split(pieces_of(text.get(), pattern_from(pattern)), behavior_from(behavior))) {
    parts.append(py::cast(std::make_unique<PyNormalizedString>(std::move(part))));
  }
  return parts;
}

void replace(PyNormalizedString& self, const py::object& pattern, const py::object& content) {
  NormalizedString& text = self.change();
  const TextPattern wanted = pattern_from(pattern);
  if (!wanted.regex && wanted.text.empty()) {
    utf8_of(content, "content");
    return;
  }
  text.replace(pieces_of(text.get(), wanted), utf8_of(content, "content"));
}

// PreTokenizedString

SplitToken token_from(py::handle object) {
  const py::object type = py::module_::import("fasttok.models").attr("Token");
  if (!py::isinstance(object, type)) {
    throw py::type_error("`tokenize`: an item is " + describe(object) + "; expected Token");
  }
  const auto offsets = object.attr("offsets").cast<py::tuple>();
  const std::size_t id = unsigned_from(object.attr("id")).value;
  if (id > 0xFFFFFFFFu) throw ValueError("`tokenize`: a token's id is above 2**32 - 1");
  return {static_cast<std::uint32_t>(id), std::string(utf8_of(object.attr("value"), "a token's value")),
          unsigned_from(offsets[0]).value, unsigned_from(offsets[1]).value};
}

py::object token_to_python(const SplitToken& token) {
  static const char* const kModule = "fasttok.models";
  return py::module_::import(kModule).attr("Token")(token.id, token.value,
                                                    py::make_tuple(token.begin, token.end));
}

void split_pre_tokenized(PyPreTokenizedString& self, const py::object& function) {
  require_callable(
      function,
      "`split` expect a callable with the signature: `fn(index: int, normalized: NormalizedString) "
      "-> List[NormalizedString]`");
  self.get().split([&](std::size_t i, NormalizedString text) {
    std::vector<NormalizedString> parts;
    call_foreign([&] {
      const py::object result = function(i, py::cast(std::make_unique<PyNormalizedString>(std::move(text))));
      if (PyUnicode_Check(result.ptr()) || !PySequence_Check(result.ptr())) {
        throw py::type_error("`split`: the function returned " + describe(result) +
                             "; expected a list of NormalizedString");
      }
      for (const py::handle part : result) {
        if (!py::isinstance<PyNormalizedString>(part)) {
          throw py::type_error("`split`: the function returned a list with " + describe(part) +
                               "; expected NormalizedString");
        }
        parts.push_back(part.cast<PyNormalizedString&>().get());
      }
    });
    return parts;
  });
}

void normalize_pre_tokenized(PyPreTokenizedString& self, const py::object& function) {
  require_callable(function,
                   "`normalize` expect a callable with the signature: `fn(normalized: NormalizedString)`");
  self.get().normalize([&](NormalizedString& text) {
    call_foreign([&] {
      lend<PyNormalizedString>(text, kNormalizedGone, [&](const py::object& lent) { function(lent); });
    });
  });
}

void tokenize_pre_tokenized(PyPreTokenizedString& self, const py::object& function) {
  require_callable(function, "`tokenize` expect a callable with the signature: `fn(str) -> List[Token]`");
  self.get().tokenize([&](std::string_view text) {
    std::vector<SplitToken> tokens;
    call_foreign([&] {
      const py::object result = function(py::str(text.data(), text.size()));
      if (!PyList_Check(result.ptr())) {
        throw py::type_error("`tokenize`: the function returned " + describe(result) +
                             "; expected a list of Token");
      }
      for (const py::handle token : result) tokens.push_back(token_from(token));
    });
    return tokens;
  });
}

py::list get_splits(PyPreTokenizedString& self, const py::object& offset_referential,
                    const py::object& offset_type) {
  const std::string_view referential = utf8_of(offset_referential, "offset_referential");
  const std::string_view unit = utf8_of(offset_type, "offset_type");
  if (referential != "original" && referential != "normalized") {
    throw ValueError("Wrong value for OffsetReferential, expected one of `original, normalized`");
  }
  if (unit != "byte" && unit != "char") {
    throw ValueError("Wrong value for OffsetType, expected one of `byte, char`");
  }
  py::list splits;
  for (const PlacedSplit& s : self.get().get_splits(
           referential == "original" ? OffsetReferential::kOriginal : OffsetReferential::kNormalized,
           unit == "byte" ? OffsetUnit::kByte : OffsetUnit::kChar)) {
    py::object tokens = py::none();
    if (s.tokens) {
      py::list list;
      for (const SplitToken& token : *s.tokens) list.append(token_to_python(token));
      tokens = std::move(list);
    }
    splits.append(
        py::make_tuple(py::str(s.text.data(), s.text.size()), py::make_tuple(s.begin, s.end), tokens));
  }
  return splits;
}

std::unique_ptr<Encoding> to_encoding(PyPreTokenizedString& self, Unsigned type_id,
                                      std::optional<Unsigned> word_idx) {
  if (type_id.value > 0xFFFFFFFFu || (word_idx && word_idx->value > 0xFFFFFFFFu)) {
    PyErr_SetString(PyExc_OverflowError, "out of range integral type conversion attempted");
    throw py::error_already_set();
  }
  const PreTokenizedString& text = self.get();
  text.require_tokens();
  const OffsetConverter convert(text.original(), OffsetUnit::kChar);
  EncodingData data;
  for (std::size_t word = 0; word < text.splits().size(); ++word) {
    const Split& split = text.splits()[word];
    for (const SplitToken& token : *text.tokens_of(split)) {
      const ByteRange place = convert(text.place(split, {token.begin, token.end}));
      data.ids.push_back(token.id);
      data.type_ids.push_back(static_cast<std::uint32_t>(type_id.value));
      data.tokens.push_back(token.value);
      data.words.push_back(static_cast<std::uint32_t>(word_idx ? word_idx->value : word));
      data.offsets.emplace_back(place.begin, place.end);
      data.special_tokens_mask.push_back(0);
      data.attention_mask.push_back(1);
    }
  }
  return std::make_unique<Encoding>(std::move(data));
}

}  // namespace

namespace {

// A vocabulary has tens of thousands: by CPython's own convention, which takes less than pybind11's.
PyObject* json_float(PyObject*, PyObject* text) {
  try {
    const double value = json_number(utf8_of(text, "text"));
    if (!std::isinf(value)) return PyFloat_FromDouble(value);
    PyErr_Format(PyExc_ValueError, "the number %.40U is out of range", text);
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (...) {
    py::detail::try_translate_exceptions();
  }
  return nullptr;
}

PyMethodDef json_float_definition = {"json_float", &json_float, METH_O, nullptr};

}  // namespace

void register_strings(py::module_& module) {
  module.add_object("json_float", py::reinterpret_steal<py::object>(PyCFunction_NewEx(
                                      &json_float_definition, nullptr, module.attr("__name__").ptr())));
  using py::arg;
  using Self = PyNormalizedString;
  py::class_<Self>(module, "NormalizedString", py::is_final())
      .def(py::init([](const py::object& sequence) {
             return std::make_unique<Self>(NormalizedString(std::string(utf8_of(sequence, "sequence"))));
           }),
           arg("sequence"))
      .def_property_readonly("normalized", [](Self& self) { return self.get().get(); })
      .def_property_readonly("original", [](Self& self) { return self.get().get_original(); })
      .def("nfd", [](Self& self) { self.change().normalize(NormalForm::kNfd); })
      .def("nfkd", [](Self& self) { self.change().normalize(NormalForm::kNfkd); })
      .def("nfc", [](Self& self) { self.change().normalize(NormalForm::kNfc); })
      .def("nfkc", [](Self& self) { self.change().normalize(NormalForm::kNfkc); })
      .def("lowercase", [](Self& self) { self.change().lowercase(); })
      .def("uppercase", [](Self& self) { self.change().uppercase(); })
      .def(
          "prepend", [](Self& self, const py::object& s) { self.change().prepend(utf8_of(s, "s")); },
          arg("s"))
      .def(
          "append", [](Self& self, const py::object& s) { self.change().append(utf8_of(s, "s")); }, arg("s"))
      .def("lstrip", [](Self& self) { self.change().strip(true, false); })
      .def("rstrip", [](Self& self) { self.change().strip(false, true); })
      .def("strip", [](Self& self) { self.change().strip(true, true); })
      .def("clear", [](Self& self) { self.change().clear(); })
      .def("slice", &slice, arg("range"))
      .def("filter", &filter, arg("func"))
      .def("for_each", &for_each, arg("func"))
      .def("map", &map, arg("func"))
      .def("split", &split, arg("pattern"), arg("behavior"))
      .def("replace", &replace, arg("pattern"), arg("content"))
      .def("__getitem__", &slice, arg("range"))
      .def("__str__", [](Self& self) { return self.get().get(); })
      .def("__repr__", [](Self& self) {
        return "NormalizedString(original=\"" + self.get().get_original() + "\", normalized=\"" +
               self.get().get() + "\")";
      });

  py::class_<PyPreTokenizedString>(module, "PreTokenizedString", py::is_final())
      .def(py::init([](const py::object& s) {
             return std::make_unique<PyPreTokenizedString>(PreTokenizedString(std::string(utf8_of(s, "s"))));
           }),
           arg("s"))
      .def("split", &split_pre_tokenized, arg("func"))
      .def("normalize", &normalize_pre_tokenized, arg("func"))
      .def("tokenize", &tokenize_pre_tokenized, arg("func"))
      .def("to_encoding", &to_encoding, arg("type_id") = 0, arg("word_idx") = py::none())
      .def("get_splits", &get_splits, arg("offset_referential") = "original", arg("offset_type") = "char");
}

}  // namespace fasttok
