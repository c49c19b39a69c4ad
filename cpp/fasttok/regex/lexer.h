// The tokens of a pattern, inside and outside of character classes, as Oniguruma's Ruby syntax cuts them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fasttok/regex/pattern.h"

namespace fasttok::regex {

// Throws Error("Oniguruma error: ...").
[[noreturn]] void fail(std::string_view message);
// The same for a message with a name in it, cut to what Oniguruma shows.
[[noreturn]] void fail(std::string_view before, std::u32string_view name, std::string_view after);
// For what Oniguruma takes and this engine does not.
[[noreturn]] void fail_unsupported(std::string_view what);

struct Options {
  bool ignore_case = false;
  bool ignore_case_ascii = false;
  bool dot_all = false;
  bool extended = false;
  bool ascii_word = false;
  bool ascii_digit = false;
  bool ascii_space = false;
  bool ascii_posix = false;
  bool plain_groups = false;  // (?C): groups do not capture
};

enum class Tok : std::uint8_t {
  kEnd,
  kChar,       // c, literally
  kRawByte,    // c < 256, by \x, \0
  kCodePoint,  // c
  kAnyChar,
  kType,      // type, negated: \w \d \s \h
  kProperty,  // negated; the name follows
  kBackref,
  kCall,
  kAnchor,
  kRepeat,
  kAlternate,
  kOpen,
  kClose,
  kOpenClass,
  kCloseClass,
  kRange,
  kPosix,
  kAnd,
  kKeep,
  kNewline,     // \R
  kNotNewline,  // \N
  kTrueAny,     // \O
};

struct Token {
  Tok kind = Tok::kEnd;
  char32_t c = 0;
  bool escaped = false;
  bool negated = false;
  bool greedy = true;
  bool possessive = false;
  char type = 0;  // 'w', 'd', 's', 'h'
  unsigned base = 0;
  Anchor anchor{};
  std::uint32_t min = 0;
  std::uint32_t max = 0;
  std::size_t begin = 0;  // where it begins in the pattern
};

class Lexer {
 public:
  explicit Lexer(std::u32string text) : text_(std::move(text)) {}

  Token next(const Options& options);
  Token next_in_class();

  bool at_end() const { return at_ >= text_.size(); }
  bool sees(char32_t c) const { return !at_end() && text_[at_] == c; }
  char32_t take() { return text_[at_++]; }
  bool take_if(char32_t c);

  std::size_t at() const { return at_; }
  void go_to(std::size_t at) { at_ = at; }
  std::u32string_view slice(std::size_t begin, std::size_t end) const {
    return std::u32string_view(text_).substr(begin, end - begin);
  }
  std::size_t size() const { return text_.size(); }
  char32_t char_at(std::size_t at) const { return text_[at]; }

 private:
  void escape(Token& token);
  void escape_in_class(Token& token);
  bool numeric_escape(Token& token, char32_t c, bool in_class);
  void type_escape(Token& token, char32_t c);
  bool property_escape(Token& token, char32_t c);
  void braced_code(Token& token, unsigned base);
  char32_t escaped_value();
  // {n}, {n,}, {,m}, {n,m}; false: a brace that is a plain character.
  bool interval(Token& token);
  void repeat(Token& token, std::uint32_t min, std::uint32_t max);
  bool number(std::uint64_t& value, unsigned base, std::size_t max_digits);
  bool posix_bracket_ahead() const;

  std::u32string text_;
  std::size_t at_ = 0;
  bool in_code_list_ = false;  // inside \x{41 42}
  unsigned list_base_ = 0;
};

}  // namespace fasttok::regex
