// Normalizers and pre-tokenizers: from plain data to the core, and those that are written in Python.
#include <pybind11/stl.h>

#include <memory>
#include <string>

#include "fasttok/bindings/arguments.h"
#include "fasttok/bindings/gil.h"
#include "fasttok/bindings/inputs.h"
#include "fasttok/bindings/strings.h"
#include "fasttok/bindings/text.h"
#include "fasttok/text/byte_level.h"

namespace fasttok {
namespace {

// A reference to a Python object that may be copied and dropped by threads without the GIL.
std::shared_ptr<py::object> share(py::object object) {
  return {new py::object(std::move(object)), [](py::object* held) {
            if (!Py_IsInitialized()) {
              held->release();  // the interpreter is gone, and its objects with it
            } else {
              const GilHeld locked;
              *held = py::object();
            }
            delete held;
          }};
}

class PyNormalizerCode final : public ForeignNormalizer {
 public:
  explicit PyNormalizerCode(py::object code) : code_(share(std::move(code))) {}

  void normalize(NormalizedString& text) const override {
    const GilHeld locked;
    call_foreign([&] {
      lend<PyNormalizedString>(text, kNormalizedGone,
                               [&](const py::object& lent) { code_->attr("normalize")(lent); });
    });
  }

 private:
  std::shared_ptr<py::object> code_;
};

class PyPreTokenizerCode final : public ForeignPreTokenizer {
 public:
  explicit PyPreTokenizerCode(py::object code) : code_(share(std::move(code))) {}

  void pre_tokenize(PreTokenizedString& text) const override {
    const GilHeld locked;
    call_foreign([&] {
      lend<PyPreTokenizedString>(text, kPreTokenizedGone,
                                 [&](const py::object& lent) { code_->attr("pre_tokenize")(lent); });
    });
  }

 private:
  std::shared_ptr<py::object> code_;
};

char32_t char_from(py::handle text) {
  return decode_char(utf8_of(text), 0).c;
}

NormalForm form_from(const std::string& name) {
  return name == "NFC"    ? NormalForm::kNfc
         : name == "NFD"  ? NormalForm::kNfd
         : name == "NFKC" ? NormalForm::kNfkc
                          : NormalForm::kNfkd;
}

Normalizer::Step normalizer_step(const py::tuple& step) {
  const auto name = step[0].cast<std::string>();
  if (name == "BertNormalizer") {
    return BertNormalizer{step[1].cast<bool>(), step[2].cast<bool>(), step[3].cast<std::optional<bool>>(),
                          step[4].cast<bool>()};
  }
  if (name == "Lowercase") return Lowercase{};
  if (name == "Strip") return Strip{step[1].cast<bool>(), step[2].cast<bool>()};
  if (name == "StripAccents") return StripAccents{};
  if (name == "Nmt") return Nmt{};
  if (name == "ByteLevel") return ByteLevelNormalizer{};
  if (name == "Prepend") return Prepend{std::string(utf8_of(step[1]))};
  if (name == "Replace") return Replace{pattern_from(step[1]), std::string(utf8_of(step[2]))};
  if (name == "Precompiled") return Precompiled{step[1].cast<std::shared_ptr<Charsmap>>()};
  if (name == "custom") return CustomNormalizer{std::make_shared<PyNormalizerCode>(step[1])};
  return UnicodeForm{form_from(name)};
}

PreTokenizer::Step pre_tokenizer_step(const py::tuple& step) {
  const auto name = step[0].cast<std::string>();
  if (name == "BertPreTokenizer") return BertPreTokenizer{};
  if (name == "ByteLevel") return ByteLevel{step[1].cast<bool>(), step[2].cast<bool>()};
  if (name == "CharDelimiterSplit") return CharDelimiterSplit{char_from(step[1])};
  if (name == "Digits") return Digits{step[1].cast<bool>()};
  if (name == "FixedLength") return FixedLength{step[1].cast<std::size_t>()};
  if (name == "Metaspace") {
    const auto scheme = step[2].cast<std::string>();
    return Metaspace{char_from(step[1]),
                     scheme == "always"  ? Metaspace::Prepend::kAlways
                     : scheme == "first" ? Metaspace::Prepend::kFirst
                                         : Metaspace::Prepend::kNever,
                     step[3].cast<bool>()};
  }
  if (name == "Punctuation") return Punctuation{behavior_from(step[1])};
  if (name == "Split") {
    return SplitAtPattern{pattern_from(step[1]), behavior_from(step[2]), step[3].cast<bool>()};
  }
  if (name == "UnicodeScripts") return UnicodeScripts{};
  if (name == "Whitespace") return Whitespace{};
  if (name == "WhitespaceSplit") return WhitespaceSplit{};
  if (name == "custom") return CustomPreTokenizer{std::make_shared<PyPreTokenizerCode>(step[1])};
  throw Error("unknown pre-tokenizer " + name);
}

}  // namespace

void throw_foreign(const py::error_already_set& error) {
  if (!error.matches(PyExc_Exception)) throw error;  // KeyboardInterrupt and its like
  std::string what = py::str(error.type().attr("__qualname__")).cast<std::string>() + ": ";
  try {
    what += py::str(error.value()).cast<std::string>();
  } catch (const py::error_already_set&) {
    what += "<exception str() failed>";
  }
  throw ForeignError(what, share(error.value()));
}

void ForeignError::restore() const {
  const py::object type = py::reinterpret_borrow<py::object>(PyExc_Exception);
  const py::object raised = type(what());
  raised.attr("__cause__") = *cause;
  PyErr_SetObject(PyExc_Exception, raised.ptr());
}

Normalizer normalizer_from(const py::iterable& steps) {
  Normalizer normalizer;
  for (const py::handle step : steps) normalizer.steps.push_back(normalizer_step(step.cast<py::tuple>()));
  return normalizer;
}

PreTokenizer pre_tokenizer_from(const py::iterable& steps) {
  PreTokenizer pre_tokenizer;
  for (const py::handle step : steps) {
    pre_tokenizer.steps.push_back(pre_tokenizer_step(step.cast<py::tuple>()));
  }
  return pre_tokenizer;
}

void register_stages(py::module_& module) {
  using py::arg;
  module.def("byte_alphabet", [] {
    py::list alphabet;
    for (const char16_t c : kByteChars) {
      alphabet.append(py::reinterpret_steal<py::object>(PyUnicode_FromOrdinal(c)));
    }
    return alphabet;
  });
  py::class_<Charsmap, std::shared_ptr<Charsmap>>(module, "Charsmap", py::is_final())
      .def(py::init(
               [](const py::bytes& bytes) { return std::make_shared<Charsmap>(bytes.cast<std::string>()); }),
           arg("precompiled_charsmap"))
      .def_property_readonly("bytes", [](const Charsmap& self) { return py::bytes(self.bytes()); });

  py::class_<Normalizer>(module, "Normalizer", py::is_final())
      .def(py::init(&normalizer_from), arg("steps"))
      .def(
          "normalize",
          [](const Normalizer& self, PyNormalizedString& text) { self.normalize(text.change()); },
          arg("normalized"))
      .def(
          "normalize_str",
          [](const Normalizer& self, const py::object& sequence) {
            std::string text(utf8_of(sequence, "sequence"));
            const GilReleased unlocked;
            NormalizedString normalized = self.needs_alignment()
                                              ? NormalizedString(std::move(text))
                                              : NormalizedString::unaligned(std::move(text));
            self.normalize(normalized);
            return normalized.get();
          },
          arg("sequence"));

  py::class_<PreTokenizer>(module, "PreTokenizer", py::is_final())
      .def(py::init(&pre_tokenizer_from), arg("steps"))
      .def(
          "pre_tokenize",
          [](const PreTokenizer& self, PyPreTokenizedString& text) { self.pre_tokenize(text.get()); },
          arg("pretok"))
      .def(
          "pre_tokenize_str",
          [](const PreTokenizer& self, const py::object& sequence) {
            PreTokenizedString text{std::string(utf8_of(sequence, "sequence"))};
            std::vector<PlacedSplit> splits;
            {
              const GilReleased unlocked;
              self.pre_tokenize(text);
              splits = text.get_splits(OffsetReferential::kOriginal, OffsetUnit::kChar);
            }
            py::list result;
            for (const PlacedSplit& split : splits) {
              result.append(py::make_tuple(py::str(split.text.data(), split.text.size()),
                                           py::make_tuple(split.begin, split.end)));
            }
            return result;
          },
          arg("sequence"));
}

}  // namespace fasttok
