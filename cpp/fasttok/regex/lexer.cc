#include "fasttok/regex/lexer.h"

#include <algorithm>

#include "fasttok/base/error.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok::regex {

namespace {

constexpr std::uint32_t kMaxRepeat = 100000;
constexpr char32_t kMaxCode = 0x13FFFF;  // what Oniguruma's UTF-8 takes outside of a class

int digit_value(char32_t c, unsigned base) {
  int value = -1;
  if (c >= '0' && c <= '9') value = static_cast<int>(c - '0');
  if (c >= 'a' && c <= 'f') value = static_cast<int>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') value = static_cast<int>(c - 'A') + 10;
  return value < static_cast<int>(base) ? value : -1;
}

char32_t control_character(char32_t c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'f':
      return '\f';
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'e':
      return 0x1B;
    case 'v':
      return '\v';
    default:
      return c;
  }
}

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

}  // namespace

void fail(std::string_view message) {
  throw Error("Oniguruma error: " + std::string(message));
}

void fail(std::string_view before, std::u32string_view name, std::string_view after) {
  constexpr std::size_t kShown = 27;
  std::string shown = to_utf8(name);
  if (shown.size() > kShown) {
    std::size_t end = kShown;
    while (!is_char_boundary(shown, end)) --end;
    shown = shown.substr(0, end) + "...";
  }
  fail(std::string(before) + shown + std::string(after));
}

void fail_unsupported(std::string_view what) {
  throw Error("Oniguruma error: fasttok does not support " + std::string(what));
}

bool Lexer::take_if(char32_t c) {
  if (!sees(c)) return false;
  ++at_;
  return true;
}

// At most `max_digits` digits; false if there is none. Values from 2**32 on are all alike.
bool Lexer::number(std::uint64_t& value, unsigned base, std::size_t max_digits) {
  value = 0;
  std::size_t count = 0;
  for (; count < max_digits && !at_end(); ++count, ++at_) {
    const int digit = digit_value(text_[at_], base);
    if (digit < 0) break;
    value = std::min<std::uint64_t>(value * base + static_cast<unsigned>(digit), std::uint64_t{1} << 32);
  }
  return count > 0;
}

void Lexer::repeat(Token& token, std::uint32_t min, std::uint32_t max) {
  token.kind = Tok::kRepeat;
  token.min = min;
  token.max = max;
  if (take_if('?')) {
    token.greedy = false;
  } else if (take_if('+')) {
    token.possessive = true;
  }
}

bool Lexer::interval(Token& token) {
  const std::size_t start = at_;
  const auto plain = [&] {
    at_ = start;
    return false;
  };
  std::uint64_t min = 0;
  std::uint64_t max = 0;
  const bool has_min = number(min, 10, text_.size());
  if (min > kMaxRepeat) fail("too big number for repeat range");
  bool fixed = false;
  if (take_if(',')) {
    const bool has_max = number(max, 10, text_.size());
    if (max > kMaxRepeat) fail("too big number for repeat range");
    if (!has_min && !has_max) return plain();
    if (!has_max) max = kInfinite;
  } else {
    if (!has_min) return plain();
    max = min;
    fixed = true;
  }
  if (!take_if('}')) return plain();
  token.kind = Tok::kRepeat;
  if (min > max) {  // {3,2} is {2,3}, possessive
    std::swap(min, max);
    token.possessive = true;
    fixed = true;
  }
  token.min = static_cast<std::uint32_t>(min);
  token.max = static_cast<std::uint32_t>(max);
  if (!fixed && take_if('?')) token.greedy = false;  // {n}? is (?:{n})?
  return true;
}

// After the backslash: \M-x, \C-x, \cx, also one in another, and the letters for control characters.
char32_t Lexer::escaped_value() {
  std::string prefixes;
  char32_t value = '\\';
  while (value == '\\') {
    if (at_end()) fail("end pattern at escape");
    value = take();
    if (value == 'M') {
      if (at_end()) fail("end pattern at meta");
      if (take() != '-') fail("invalid meta-code syntax");
      if (at_end()) fail("end pattern at meta");
      prefixes += 'M';
    } else if (value == 'C' || value == 'c') {
      if (at_end()) fail("end pattern at control");
      if (value == 'C') {
        if (take() != '-') fail("invalid control-code syntax");
        if (at_end()) fail("end pattern at control");
      }
      if (take_if('?')) {
        value = 0x7F;
        break;
      }
      prefixes += 'c';
    } else {
      value = control_character(value);
      break;
    }
    value = take();
  }
  while (!prefixes.empty()) {
    value = prefixes.back() == 'M' ? (value & 0xFF) | 0x80 : value & 0x9F;
    prefixes.pop_back();
  }
  return value;
}

void Lexer::type_escape(Token& token, char32_t c) {
  token.kind = Tok::kType;
  token.negated = c < 'a';
  token.type = static_cast<char>(c | 0x20);
}

bool Lexer::property_escape(Token& token, char32_t c) {
  if (!take_if('{')) return false;
  token.kind = Tok::kProperty;
  token.negated = (c == 'P') != take_if('^');
  return true;
}

// \x{...} and \o{...}; what is not well formed is the letter itself.
void Lexer::braced_code(Token& token, unsigned base) {
  const std::size_t start = at_;
  ++at_;
  std::uint64_t value = 0;
  const bool some = number(value, base, base == 16 ? 8 : 11);
  if (value > 0xFFFFFFFF) fail("too big wide-char value");
  if (!at_end() && digit_value(text_[at_], base == 16 ? 16 : 10) >= 0) fail("too long wide-char value");
  if (some && (sees('}') || sees(' ') || sees('\n'))) {
    token.kind = Tok::kCodePoint;
    token.base = base;
    token.c = static_cast<char32_t>(value);
    if (take_if('}')) return;
    in_code_list_ = true;
    list_base_ = base;
    return;
  }
  at_ = start;
}

// True if `c` began a number; the token is then complete.
bool Lexer::numeric_escape(Token& token, char32_t c, bool in_class) {
  std::uint64_t value = 0;
  if (c == 'x' || c == 'o') {
    if (at_end()) return true;
    if (sees('{')) {
      braced_code(token, c == 'x' ? 16 : 8);
      return true;
    }
    if (c == 'o') return true;
    number(value, 16, 2);
    token.kind = Tok::kRawByte;
    token.base = 16;
    token.c = static_cast<char32_t>(value);
    return true;
  }
  if (c == 'u') {
    if (at_end()) return true;
    const std::size_t start = at_;
    number(value, 16, 4);
    if (at_ - start != 4) fail("invalid code point value");
    token.kind = Tok::kCodePoint;
    token.base = 16;
    token.c = static_cast<char32_t>(value);
    return true;
  }
  if (c >= '0' && c <= '7') {
    if (in_class || c != '0') --at_;
    const std::size_t start = at_;
    number(value, 8, c == '0' && !in_class ? 2 : 3);
    if (value >= 256) {
      at_ = start;
      fail("too big number");
    }
    token.kind = Tok::kRawByte;
    token.base = 8;
    token.c = static_cast<char32_t>(value);
    return true;
  }
  return false;
}

void Lexer::escape(Token& token) {
  if (at_end()) fail("end pattern at escape");
  const std::size_t start = at_;
  const char32_t c = take();
  token.c = c;
  token.escaped = true;
  const auto anchor = [&](Anchor which, bool negative = false) {
    token.kind = Tok::kAnchor;
    token.anchor = which;
    token.negated = negative;
  };
  switch (c) {
    case 'w':
    case 'W':
    case 'd':
    case 'D':
    case 's':
    case 'S':
    case 'h':
    case 'H':
      return type_escape(token, c);
    case 'b':
      return anchor(Anchor::kWordBoundary);
    case 'B':
      return anchor(Anchor::kNotWordBoundary);
    case 'A':
      return anchor(Anchor::kBeginText);
    case 'Z':
      return anchor(Anchor::kEndTextOrLine);
    case 'z':
      return anchor(Anchor::kEndText);
    case 'G':
      return anchor(Anchor::kSearchStart);
    case 'K':
      token.kind = Tok::kKeep;
      return;
    case 'R':
      token.kind = Tok::kNewline;
      return;
    case 'N':
      token.kind = Tok::kNotNewline;
      return;
    case 'O':
      token.kind = Tok::kTrueAny;
      return;
    case 'X':
    case 'y':
    case 'Y':
      fail_unsupported("grapheme clusters (\\X, \\y, \\Y)");
    case 'k':
    case 'g':
      if (sees('<') || sees('\'')) token.kind = c == 'k' ? Tok::kBackref : Tok::kCall;
      return;
    case 'p':
    case 'P':
      property_escape(token, c);
      return;
    default:
      break;
  }
  if (is_digit(c) && c != '0') {  // the parser decides between a group's number and an octal one
    token.kind = Tok::kBackref;
    return;
  }
  if (numeric_escape(token, c, false)) return;
  at_ = start;
  const char32_t value = escaped_value();
  if (value != c) {
    token.kind = Tok::kCodePoint;
    token.c = value;
  } else {
    at_ = start + 1;
  }
}

void Lexer::escape_in_class(Token& token) {
  if (at_end()) fail("end pattern at escape");
  const std::size_t start = at_;
  const char32_t c = take();
  token.c = c;
  token.escaped = true;
  switch (c) {
    case 'w':
    case 'W':
    case 'd':
    case 'D':
    case 's':
    case 'S':
    case 'h':
    case 'H':
      return type_escape(token, c);
    case 'p':
    case 'P':
      property_escape(token, c);
      return;
    case 'R':
    case 'X':
      return;
    default:
      break;
  }
  if (numeric_escape(token, c, true)) return;
  at_ = start;
  const char32_t value = escaped_value();
  if (value != c) {
    token.kind = Tok::kCodePoint;
    token.c = value;
  }
}

Token Lexer::next(const Options& options) {
  Token token;
  for (;;) {
    token = Token{};
    token.begin = at_;
    if (in_code_list_) {
      while (take_if(' ') || take_if('\n')) {
      }
      if (take_if('}')) {
        in_code_list_ = false;
        continue;
      }
      std::uint64_t value = 0;
      if (!number(value, list_base_, list_base_ == 16 ? 8 : 11)) fail("invalid code point value");
      if (value > 0xFFFFFFFF) fail("too big wide-char value");
      token.kind = Tok::kCodePoint;
      token.c = static_cast<char32_t>(value);
      break;
    }
    if (at_end()) return token;
    const char32_t c = take();
    token.kind = Tok::kChar;
    token.c = c;
    if (c == '\\') {
      escape(token);
      break;
    }
    if (options.extended) {
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') continue;
      if (c == '#') {
        while (!at_end() && take() != '\n') {
        }
        continue;
      }
    }
    if (c == '(' && at_ + 1 < text_.size() && text_[at_] == '?' && text_[at_ + 1] == '#') {
      at_ += 2;
      for (;;) {
        if (at_end()) fail("end pattern in group");
        const char32_t inner = take();
        if (inner == ')') break;
        if (inner == '\\' && !at_end()) ++at_;
      }
      continue;
    }
    switch (c) {
      case '.':
        token.kind = Tok::kAnyChar;
        break;
      case '*':
        repeat(token, 0, kInfinite);
        break;
      case '+':
        repeat(token, 1, kInfinite);
        break;
      case '?':
        repeat(token, 0, 1);
        break;
      case '{':
        interval(token);
        break;
      case '|':
        token.kind = Tok::kAlternate;
        break;
      case '(':
        token.kind = Tok::kOpen;
        break;
      case ')':
        token.kind = Tok::kClose;
        break;
      case '^':
        token.kind = Tok::kAnchor;
        token.anchor = Anchor::kBeginLine;
        break;
      case '$':
        token.kind = Tok::kAnchor;
        token.anchor = Anchor::kEndLine;
        break;
      case '[':
        token.kind = Tok::kOpenClass;
        break;
      default:
        break;
    }
    break;
  }
  if (token.kind == Tok::kCodePoint && token.c > kMaxCode) fail("invalid code point value");
  return token;
}

// Whether ":]" comes before a "]" of its own, so that "[:" can begin a POSIX bracket.
bool Lexer::posix_bracket_ahead() const {
  for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
    if (text_[i] == ':' && i + 1 < text_.size() && text_[i + 1] == ']') return true;
    if (text_[i] == ']') return false;
    if (text_[i] == '\\') ++i;
  }
  return false;
}

Token Lexer::next_in_class() {
  constexpr char32_t kMaxCodeInClass = 0x1FFFFF;
  Token token;
  token.begin = at_;
  if (in_code_list_) {
    while (take_if(' ') || take_if('\n')) {
    }
    if (take_if('}')) {
      in_code_list_ = false;
    } else if (take_if('-')) {
      token.kind = Tok::kRange;
      return token;
    } else {
      std::uint64_t value = 0;
      if (!number(value, list_base_, list_base_ == 16 ? 8 : 11)) fail("invalid code point value");
      token.kind = Tok::kCodePoint;
      token.base = list_base_;
      token.c = static_cast<char32_t>(std::min<std::uint64_t>(value, kMaxCodeInClass + 1));
      return token;
    }
  }
  if (at_end()) return token;
  const char32_t c = take();
  token.kind = Tok::kChar;
  token.c = c;
  if (c == ']') {
    token.kind = Tok::kCloseClass;
  } else if (c == '-') {
    token.kind = Tok::kRange;
  } else if (c == '\\') {
    escape_in_class(token);
  } else if (c == '[') {
    token.kind = sees(':') && posix_bracket_ahead() ? Tok::kPosix : Tok::kOpenClass;
  } else if (c == '&' && take_if('&')) {
    token.kind = Tok::kAnd;
  }
  return token;
}

}  // namespace fasttok::regex
