#include "fasttok/regex/regex.h"

#include <utility>

#include "fasttok/base/error.h"
#include "fasttok/regex/backtrack.h"
#include "fasttok/regex/dfa.h"
#include "fasttok/regex/pattern.h"
#include "fasttok/regex/program.h"
#include "fasttok/regex/rust_syntax.h"
#include "fasttok/regex/two_pass.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

namespace regex {

namespace {

constexpr std::size_t kMostExpanded = 10000;  // instructions

// A program for the backtracker.
struct Counted {
  explicit Counted(const Pattern& pattern) : program(compile_counted(pattern)), classes(program.sets) {}

  Program program;
  CharClasses classes;
};

}  // namespace

struct Compiled {
  // With `engine`, for that one only.
  explicit Compiled(const Pattern& pattern, std::optional<Engine> only = std::nullopt) {
    if (only != Engine::kBacktrack) {
      Program expanded = compile_expanded(pattern, kMostExpanded);
      if (!expanded.code.empty()) {
        classes.emplace(expanded.sets);
        if (only != Engine::kTwoPass) dfa = Dfa::build(expanded, *classes);
        if (only != Engine::kDfa) two_pass = TwoPass::build(std::move(expanded));
      }
    }
    engine = dfa ? Engine::kDfa : two_pass ? Engine::kTwoPass : Engine::kBacktrack;
    if (only && *only != engine)
      throw ValueError("this pattern cannot be run by the engine that was asked for");
    if (engine == Engine::kBacktrack) counted.emplace(pattern);
  }

  Engine engine = Engine::kBacktrack;
  std::optional<CharClasses> classes;  // of dfa and two_pass
  std::optional<Dfa> dfa;
  std::optional<TwoPass> two_pass;
  std::optional<Counted> counted;
};

struct Search::State {
  std::optional<TwoPassSearch> two_pass;
  std::optional<Backtracker> backtracker;
};

Search::Search(const Compiled& compiled, std::string_view text) : compiled_(compiled), text_(text) {
  if (compiled.engine == Engine::kDfa) return;
  state_ = std::make_unique<State>();
  if (compiled.engine == Engine::kBacktrack) {
    state_->backtracker.emplace(compiled.counted->program, compiled.counted->classes, text);
  }
}

Search::~Search() = default;

std::optional<Span> Search::find(std::size_t from) {
  if (!state_) return find_by_dfa(from);
  if (state_->backtracker) return state_->backtracker->find(from);
  if (!state_->two_pass) state_->two_pass.emplace(*compiled_.two_pass, *compiled_.classes, text_, from);
  return state_->two_pass->find(from);
}

std::optional<Span> Search::find_by_dfa(std::size_t from) {
  for (std::size_t begin = from;;) {
    std::size_t read = begin;
    const auto end = compiled_.dfa->match_end(*compiled_.classes, text_, begin, begin == from, read);
    const std::size_t used = end.value_or(begin);
    read_in_vain_ += read - used;
    if (end) return Span{begin, *end};
    if (begin >= text_.size()) return std::nullopt;
    begin += decode_char(text_, begin).size;
    if (read_in_vain_ > 8 * text_.size() + 65536 && compiled_.two_pass) {
      state_ = std::make_unique<State>();
      return find(begin);
    }
  }
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
    if (!state_ && read_in_vain_ > 8 * text_.size() + 65536 && compiled_.two_pass) {
      state_ = std::make_unique<State>();
    }
    return match;
  }
  from_ = text_.size() + 1;
  return std::nullopt;
}

}  // namespace regex

namespace {

regex::Pattern parse_as(regex::Syntax syntax, std::string_view pattern) {
  return syntax == regex::Syntax::kRust ? regex::parse_rust(pattern) : regex::parse(pattern);
}

}  // namespace

Regex::Regex(std::string_view pattern, regex::Syntax syntax)
    : pattern_(pattern),
      syntax_(syntax),
      compiled_(std::make_shared<const regex::Compiled>(parse_as(syntax, pattern))) {}

regex::Engine Regex::engine() const {
  return compiled_->engine;
}

Regex Regex::with_engine(regex::Engine engine) const {
  Regex other(*this);
  other.compiled_ = std::make_shared<const regex::Compiled>(parse_as(syntax_, pattern_), engine);
  return other;
}

std::optional<regex::Span> Regex::find(std::string_view text, std::size_t from) const {
  return regex::Search(*compiled_, text).find(from);
}

std::vector<regex::Span> Regex::find_all(std::string_view text) const {
  std::vector<regex::Span> matches;
  for_each_match(text, [&](regex::Span match) { matches.push_back(match); });
  return matches;
}

}  // namespace fasttok
