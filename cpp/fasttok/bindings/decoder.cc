// Decoders for Python: a list of steps, each a tuple of its kind and its settings.
#include "fasttok/bindings/decoder.h"

#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include <string>

#include "fasttok/base/error.h"
#include "fasttok/bindings/arguments.h"
#include "fasttok/bindings/gil.h"

namespace fasttok {
namespace {

// A method of a Python object as a step; it holds the GIL while it runs, and while it is let go.
CustomDecoder custom_from(const py::object& call) {
  struct Held {
    py::object call;
    ~Held() {
      const GilHeld locked;
      call = py::object();
    }
  };
  auto held = std::make_shared<Held>();
  held->call = call;
  return {[held](Tokens tokens) {
    const GilHeld locked;
    return held->call(std::move(tokens)).cast<Tokens>();
  }};
}

Decoder::Step step_from(const py::tuple& step) {
  const auto kind = step[0].cast<std::string>();
  const auto text = [&](std::size_t i) { return step[i].cast<std::string>(); };
  const auto flag = [&](std::size_t i) { return step[i].cast<bool>(); };
  const auto size = [&](std::size_t i) { return unsigned_from(step[i]).value; };
  if (kind == "bpe") return BpeDecoder{text(1)};
  if (kind == "byte_fallback") return ByteFallbackDecoder{};
  if (kind == "byte_level") return ByteLevelDecoder{};
  if (kind == "ctc") return CtcDecoder{text(1), text(2), flag(3)};
  if (kind == "fuse") return FuseDecoder{};
  if (kind == "metaspace") return MetaspaceDecoder{text(1), flag(2)};
  if (kind == "replace") {
    if (!py::isinstance<Regex>(step[1])) return ReplaceDecoder{text(1), text(2)};
    const auto regex = step[1].cast<std::shared_ptr<Regex>>();
    return ReplaceDecoder{regex->pattern(), text(2), regex};
  }
  if (kind == "strip") return StripDecoder{text(1), size(2), size(3)};
  if (kind == "wordpiece") return WordPieceDecoder{text(1), flag(2)};
  if (kind == "custom") return custom_from(step[1]);
  throw ValueError("unknown decoder " + kind);
}

}  // namespace

void register_decoder(py::module_& module) {
  py::class_<Decoder, std::shared_ptr<Decoder>>(module, "Decoder", py::is_final())
      .def(py::init([](const py::iterable& steps) {
             auto decoder = std::make_shared<Decoder>();
             for (const py::handle step : steps) decoder->steps.push_back(step_from(step.cast<py::tuple>()));
             return decoder;
           }),
           py::arg("steps"))
      .def(
          "decode", [](const Decoder& self, Tokens tokens) { return self.decode(std::move(tokens)); },
          py::arg("tokens"))
      .def(
          "decode_chain",
          [](const Decoder& self, Tokens tokens) { return self.decode_chain(std::move(tokens)); },
          py::arg("tokens"));
}

}  // namespace fasttok
