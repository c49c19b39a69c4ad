// Regular expressions, as Python sees them; `find_all` and `engine` are for tests.
#include "fasttok/bindings/regex.h"

#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/bindings/gil.h"
#include "fasttok/bindings/text.h"
#include "fasttok/regex/regex.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

namespace py = pybind11;

namespace {

regex::Engine engine_named(const std::string& name) {
  if (name == "dfa") return regex::Engine::kDfa;
  if (name == "two_pass") return regex::Engine::kTwoPass;
  if (name == "backtrack") return regex::Engine::kBacktrack;
  throw ValueError("engine: unknown \"" + name + "\"; known: dfa, two_pass, backtrack");
}

const char* name_of(regex::Engine engine) {
  switch (engine) {
    case regex::Engine::kDfa:
      return "dfa";
    case regex::Engine::kTwoPass:
      return "two_pass";
    case regex::Engine::kBacktrack:
      break;
  }
  return "backtrack";
}

// (begin, end) in characters.
py::list find_all(const Regex& self, const py::str& string) {
  const std::string_view text = utf8_of(string);
  std::vector<regex::Span> matches;
  {
    const GilReleased unlocked;
    matches = self.find_all(text);
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
  py::class_<Regex, std::shared_ptr<Regex>> type(
      module, "Regex", py::is_final(),
      R"(A pattern in Oniguruma's Ruby syntax, for `Split`, `Replace` and `NormalizedString`.

Args:
    pattern: the regular expression, e.g. `r"\s+(?!\S)|\w+"`; unlike in Python, `^` and `$` match at inner
        newlines, `(?m)` makes the dot match them, and `\h` is a hexadecimal digit.

Raises Exception with Oniguruma's message for a pattern that is wrong.

>>> from fasttok import Regex
>>> Regex(r"\p{Han}+|\w+")
<fasttok.Regex object at ...>

Mirrors `tokenizers.Regex` 0.23.3.)");
  type.attr("__module__") = "fasttok";
  type.def(py::init([](const py::str& pattern) {
             const std::string_view text = utf8_of(pattern);
             const GilReleased unlocked;
             return std::make_shared<Regex>(text);
           }),
           arg("s"))  // upstream's name
      .def_static(
          "from_rust",
          [](const py::str& pattern) {
            const std::string_view text = utf8_of(pattern);
            const GilReleased unlocked;
            try {
              return std::make_shared<Regex>(text, regex::Syntax::kRust);
            } catch (const ValueError&) {
              throw;
            } catch (const Error& error) {
              throw ValueError(error.what());
            }
          },
          arg("pattern"))
      .def_property_readonly("pattern", [](const Regex& self) { return self.pattern(); })
      .def_property_readonly(
          "syntax", [](const Regex& self) { return self.syntax() == regex::Syntax::kRust ? "rust" : "ruby"; })
      .def_property_readonly("engine", [](const Regex& self) { return name_of(self.engine()); })
      .def(
          "with_engine",
          [](const Regex& self, const std::string& name) { return self.with_engine(engine_named(name)); },
          arg("engine"))
      .def("find_all", &find_all, arg("text"))
      .def(
          "count",
          [](const Regex& self, const py::str& string) {
            const std::string_view text = utf8_of(string);
            const GilReleased unlocked;
            std::size_t count = 0;
            self.for_each_match(text, [&](regex::Span) { ++count; });
            return count;
          },
          arg("text"));
}

}  // namespace fasttok
