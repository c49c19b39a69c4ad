#include "fasttok/regex/regex.h"

#include <utility>

#include "fasttok/base/error.h"
#include "fasttok/regex/backtrack.h"
#include "fasttok/regex/pattern.h"
#include "fasttok/regex/program.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

namespace regex {

struct Compiled {
  explicit Compiled(std::string_view pattern)
      : program(compile_counted(parse(pattern))), classes(program.sets) {}

  Program program;
  CharClasses classes;
};

struct Search::State {
  State(const Compiled& compiled, std::string_view text)
      : backtracker(compiled.program, compiled.classes, text) {}

  Backtracker backtracker;
};

Search::Search(const Compiled& compiled, std::string_view text, Engine)
    : state_(std::make_unique<State>(compiled, text)), text_(text) {}

Search::~Search() = default;

std::optional<Span> Search::find(std::size_t from) {
  return state_->backtracker.find(from);
}

std::optional<Span> Search::next() {
  while (from_ <= text_.size()) {
    const std::optional<Span> match = find(from_);
    if (!match) break;
    if (match->begin == match->end && last_end_ == match->end) {
      from_ += from_ < text_.size() ? decode_char(text_, from_).size : 1;
      continue;
    }
    from_ = match->end;
    last_end_ = match->end;
    return match;
  }
  from_ = text_.size() + 1;
  return std::nullopt;
}

}  // namespace regex

Regex::Regex(std::string_view pattern)
    : pattern_(pattern), compiled_(std::make_shared<const regex::Compiled>(pattern)) {}

regex::Engine Regex::engine() const {
  return regex::Engine::kBacktrack;
}

std::optional<regex::Span> Regex::find(std::string_view text, std::size_t from) const {
  return regex::Backtracker(compiled_->program, compiled_->classes, text).find(from);
}

std::vector<regex::Span> Regex::find_all(std::string_view text) const {
  return find_all(text, engine());
}

std::vector<regex::Span> Regex::find_all(std::string_view text, regex::Engine engine) const {
  std::vector<regex::Span> matches;
  regex::Search search(*compiled_, text, engine);
  while (const std::optional<regex::Span> match = search.next()) matches.push_back(*match);
  return matches;
}

}  // namespace fasttok
