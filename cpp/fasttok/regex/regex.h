// Regular expressions as the reference's `Regex` has them: Oniguruma's Ruby syntax over UTF-8.
//
// The idea: a compiled Regex never changes, so any number of threads may use one. Almost every pattern
// becomes a table (dfa.h) that reads each character once; back-references, look-behind and their like are run
// by the backtracker (backtrack.h), which is also what the table is tested against. Both find the same: the
// leftmost match, and of those at one place the first that backtracking would come to.
//
//     const Regex regex("\\s+(?!\\S)|\\w+");
//     regex.find("ab  c");                                   // {0, 2}
//     regex.for_each_match("ab  c", [](Span match) {...});   // {0, 2} {2, 3} {4, 5}
//
// Mirrors tokenizers.Regex, that is onig::Regex::find_iter.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fasttok {

class Regex;

namespace regex {

// A range of bytes.
struct Span {
  std::size_t begin;
  std::size_t end;
  bool operator==(const Span&) const = default;
};

enum class Engine { kDfa, kTwoPass, kBacktrack };
enum class Syntax { kOniguruma, kRust };  // kRust: rust_syntax.h

struct Compiled;
class Search;

}  // namespace regex

class Regex {
 public:
  // Throws Error ("Oniguruma error: end pattern with unmatched parenthesis", ...) for a bad pattern.
  explicit Regex(std::string_view pattern, regex::Syntax syntax = regex::Syntax::kOniguruma);

  const std::string& pattern() const { return pattern_; }
  regex::Syntax syntax() const { return syntax_; }
  // The engine that find() uses.
  regex::Engine engine() const;
  // The same pattern, run by another engine: for tests. Throws ValueError if it cannot run the pattern.
  Regex with_engine(regex::Engine engine) const;

  // The first match that begins at byte `from` or later; what stands before `from` is seen by look-behind and
  // `\b`. `text` is UTF-8, `from` a boundary of characters. Throws ValueError where the backtracker gives up.
  std::optional<regex::Span> find(std::string_view text, std::size_t from = 0) const;

  // visit(Span) for each match, left to right. An empty match is left out where the match before it ends.
  template <class Visit>
  void for_each_match(std::string_view text, Visit&& visit) const;
  std::vector<regex::Span> find_all(std::string_view text) const;

 private:
  std::string pattern_;
  regex::Syntax syntax_;
  std::shared_ptr<const regex::Compiled> compiled_;
};

namespace regex {

// The matches of one text, one after the other; keeps what searching that text takes.
class Search {
 public:
  Search(const Compiled& compiled, std::string_view text);
  ~Search();
  std::optional<Span> next();

 private:
  friend class fasttok::Regex;
  std::optional<Span> find(std::size_t from);
  std::optional<Span> find_by_dfa(std::size_t from);

  struct State;
  std::unique_ptr<State> state_;  // null for the table, until it has read too much in vain
  const Compiled& compiled_;
  std::string_view text_;
  std::size_t from_ = 0;
  std::optional<std::size_t> last_end_;
  std::size_t read_in_vain_ = 0;
};

}  // namespace regex

template <class Visit>
void Regex::for_each_match(std::string_view text, Visit&& visit) const {
  regex::Search search(*compiled_, text);
  while (const std::optional<regex::Span> match = search.next()) visit(*match);
}

}  // namespace fasttok
