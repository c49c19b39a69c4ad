// Regular expressions, as Python sees them; `find_all` and `engine` are for tests.
#include "fasttok/bindings/regex.h"

#include <pybind11/stl.h>

#include <memory>
#include <optional>
#include <string>

#include "fasttok/base/error.h"
#include "fasttok/regex/regex.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

namespace py = pybind11;

namespace {

std::optional<regex::Engine> engine_named(const std::optional<std::string>& name) {
  if (!name) return std::nullopt;
  if (*name == "dfa") return regex::Engine::kDfa;
  if (*name == "backtrack") return regex::Engine::kBacktrack;
  throw ValueError("engine: unknown \"" + *name + "\"; known: dfa, backtrack");
}

// (begin, end) in characters.
py::list find_all(const Regex& self, const std::string& text, const std::optional<std::string>& engine) {
  const auto which = engine_named(engine);
  std::vector<regex::Span> matches;
  {
    const py::gil_scoped_release release;
    matches = self.find_all(text, which.value_or(self.engine()));
  }
  const CharIndex chars(text);
  const std::size_t length = utf8_length(text);
  const auto char_at = [&](std::size_t at) { return at < text.size() ? chars[at] : length; };
  py::list result;
  for (const regex::Span match : matches) {
    result.append(py::make_tuple(char_at(match.begin), char_at(match.end)));
  }
  return result;
}

}  // namespace

void register_regex(py::module_& module) {
  using py::arg;
  py::class_<Regex, std::shared_ptr<Regex>>(module, "Regex", py::is_final())
      .def(py::init([](const std::string& pattern) {
             const py::gil_scoped_release release;
             return std::make_shared<Regex>(pattern);
           }),
           arg("pattern"))
      .def_property_readonly("pattern", [](const Regex& self) { return self.pattern(); })
      .def_property_readonly(
          "engine",
          [](const Regex& self) { return self.engine() == regex::Engine::kDfa ? "dfa" : "backtrack"; })
      .def("find_all", &find_all, arg("text"), arg("engine") = py::none())
      .def(
          "count",
          [](const Regex& self, const std::string& text, const std::optional<std::string>& engine) {
            const auto which = engine_named(engine);
            const py::gil_scoped_release release;
            return self.find_all(text, which.value_or(self.engine())).size();
          },
          arg("text"), arg("engine") = py::none());
}

}  // namespace fasttok
