// SentencePiece's normalizer by itself, as Python sees it.
#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fasttok/bindings/sentencepiece.h"
#include "fasttok/bindings/sentencepiece_objects.h"
#include "fasttok/formats/sentencepiece_model.h"

namespace fasttok {

namespace py = pybind11;
using namespace sentencepiece;

py::object normalized_object(const SentencePieceNormalizer& normalizer, const py::object& text,
                             bool with_offsets) {
  const Utf8 input = utf8_in(text);
  std::string made;
  std::vector<std::size_t> origins;
  maybe_without_gil(input.view.size(), [&] {
    normalizer.normalize(input.view, made, with_offsets ? &origins : nullptr);
    if (with_offsets && !input.bytes) origins = origins_in_chars(input.view, made, origins);
    return true;
  });
  if (!with_offsets) return text_object(made, input.bytes);
  return py::make_tuple(text_object(made, input.bytes), origins);
}

namespace {

class PyNormalizer {
 public:
  explicit PyNormalizer(py::bytes spec)
      : bytes_(std::move(spec)),
        flags_(read_normalizer_spec(bytes_, "normalizer_spec")),
        normalizer_(flags_, false, std::make_shared<PrefixMatcher>()) {
    has_charsmap_ = !flags_.charsmap.empty();
    flags_.charsmap.clear();
  }

  py::object normalize(const py::object& text, bool with_offsets) const {
    return normalized_object(normalizer_, text, with_offsets);
  }
  const py::bytes& serialized() const { return bytes_; }
  py::list rules() const {
    if (!has_charsmap_) throw ProcessorError("No precompiled charsmap found in model.");
    py::list list;
    for (const auto& [from, to] : normalizer_.charsmap().rules()) {
      list.append(py::make_tuple(text_object(from, false), text_object(to, false)));
    }
    return list;
  }
  py::tuple flags() const {
    return py::make_tuple(flags_.add_dummy_prefix, flags_.remove_extra_whitespaces,
                          flags_.escape_whitespaces);
  }
  PyNormalizer with(bool add_dummy_prefix, bool remove_extra_whitespaces, bool escape_whitespaces) const {
    return PyNormalizer(py::bytes(with_flags(std::string_view(bytes_), add_dummy_prefix,
                                             remove_extra_whitespaces, escape_whitespaces)));
  }

 private:
  py::bytes bytes_;
  SentencePieceNormalizerSpec flags_;
  SentencePieceNormalizer normalizer_;
  bool has_charsmap_ = false;
};

}  // namespace

void register_sentencepiece_normalizer(py::module_& module) {
  using py::arg;
  module.def(
      "normalizer_spec_of",
      [](const py::bytes& model) { return py::bytes(normalizer_spec_of(std::string_view(model))); },
      arg("model"));
  py::class_<PyNormalizer>(module, "SentencePieceNormalizer", py::is_final())
      .def(py::init<py::bytes>(), arg("spec"))
      .def("normalize", &PyNormalizer::normalize, arg("text"), arg("with_offsets"))
      .def("with_flags", &PyNormalizer::with, arg("add_dummy_prefix"), arg("remove_extra_whitespaces"),
           arg("escape_whitespaces"))
      .def_property_readonly("flags", &PyNormalizer::flags)
      .def_property_readonly("serialized", &PyNormalizer::serialized)
      .def("rules", &PyNormalizer::rules);
}

}  // namespace fasttok
