#include "fasttok/text/split_rules.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "fasttok/text/char_classes.h"
#include "fasttok/unicode/properties.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

constexpr std::uint8_t kOtherThan = kClassLetter | kClassNumber | kClassSpace;

bool is_letter(std::uint8_t c) {
  return (c & kClassLetter) != 0;
}
bool is_other(std::uint8_t c) {
  return (c & kOtherThan) == 0;
}

template <class Text>
std::size_t contraction_at(const Text& text, std::size_t at, bool any_case) {
  if (at + 1 >= text.size() || text[at] != '\'') return 0;
  const auto lower = [&](std::size_t i) -> unsigned {
    const unsigned c = i < text.size() ? text[i] : 0;
    return any_case && c >= 'A' && c <= 'Z' ? c | 0x20 : c;
  };
  const unsigned first = lower(at + 1), second = lower(at + 2);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  if ((first == 'r' || first == 'v') && second == 'e') return 3;
  if (first == 'l' && second == 'l') return 3;
  if (!any_case || first < 0x80) return 0;
  const DecodedChar c = text.at(at + 1);
  return c.c == U'\u017F' ? 1 + c.size : 0;  // long s
}

bool is_ascii_letter_or_digit(char32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

template <class Text>
class WordReader {
 public:
  WordReader(const SplitRules& rules, const Text& text) : rules_(rules), text_(text) {}

  std::size_t end(std::size_t at) const {
    if (rules_.contraction != SplitRules::Contraction::kSuffix) {
      if (const std::size_t size = rules_.contraction_size(text_, at)) return at + size;
    }
    const auto [c, after] = read(at);
    const bool is_space = text_[at] == ' ';
    const bool may_prefix =
        rules_.any_prefix ? !(c & (kClassLetter | kClassNumber | kClassNewline)) : is_space;
    if (rules_.case_split) {
      if (const std::size_t end = cased_word(at, after, c, may_prefix)) return end;
    } else {
      if (is_letter(c)) return run(after, is_letter);
      if (may_prefix && is_letter(class_at(after))) return run(after, is_letter);
    }
    const auto is_number = [](std::uint8_t k) { return (k & kClassNumber) != 0; };
    if (is_number(c)) {
      std::size_t end = after;
      for (std::size_t n = 1; n != rules_.most_digits && is_number(class_at(end)); ++n)
        end = read(end).second;
      return end;
    }
    if (rules_.space_digits && is_space && is_number(class_at(after))) return run(after, is_number);
    if (is_other(c) || (is_space && after < text_.size() && is_other(class_at(after))))
      return tail(run(after, is_other));
    return white_space(at);
  }

 private:
  // Beyond the end: of no class and yet not other.
  static constexpr std::uint8_t kNothing = kClassNotNfc | kClassSpace;

  // The class of a character and where the next one begins.
  std::pair<std::uint8_t, std::size_t> read(std::size_t at) const {
    const DecodedChar d = text_.at(at);
    if (d.size == 4 && rules_.digits_apart && SplitRules::is_digit_apart(d.c)) return {kClassNumber, at + 4};
    return {classes_(d.c), at + d.size};
  }
  std::uint8_t class_at(std::size_t at) const { return at < text_.size() ? read(at).first : kNothing; }

  template <class Is>
  std::size_t run(std::size_t at, Is is) const {
    while (at < text_.size()) {
      const auto [c, after] = read(at);
      if (!is(c)) break;
      at = after;
    }
    return at;
  }

  std::size_t tail(std::size_t at) const {
    if (!rules_.newline_tail) return at;
    while (at < text_.size() &&
           (text_[at] == '\r' || text_[at] == '\n' || (rules_.slash_tail && text_[at] == '/')))
      ++at;
    return at;
  }

  std::size_t white_space(std::size_t at) const {
    std::size_t end = at, last = at, behind_newline = 0;
    while (end < text_.size()) {
      const auto [c, after] = read(end);
      if (!(c & kClassSpace)) break;
      last = end;
      end = after;
      if (c & kClassNewline) behind_newline = end;
    }
    if (rules_.space_end && end == text_.size()) return end;
    if (rules_.newline_run && behind_newline != 0) return behind_newline;
    const bool before_digits = rules_.digits_apart && end < text_.size() && (class_at(end) & kClassNumber);
    return end < text_.size() && last > at && !before_digits ? last : end;
  }

  // What `capitals* lowers+` finds at `at`, or else `capitals+ lowers*`; letters without case, and marks, are
  // both. Without lower case behind them, the first alternative goes back to the last character that is both.
  struct Cased {
    std::size_t first = 0, second = 0;  // ends of the alternatives; 0: no match
  };
  Cased cased(std::size_t at) const {
    const auto both = [](std::uint8_t c) {
      return (c & kClassMark) || (c & (kClassLetter | kClassUpper | kClassLower)) == kClassLetter;
    };
    std::size_t end = at, behind_both = 0;
    while (end < text_.size()) {
      const auto [c, after] = read(end);
      if (!both(c) && !(c & kClassUpper)) break;
      end = after;
      if (both(c)) behind_both = end;
    }
    if (class_at(end) & kClassLower && end < text_.size()) {
      return {run(end, [&](std::uint8_t c) { return both(c) || (c & kClassLower); }), 0};
    }
    return {behind_both, end > at ? end : 0};
  }

  // 0 where there is none.
  std::size_t cased_word(std::size_t at, std::size_t after, std::uint8_t c, bool may_prefix) const {
    const bool in_word = (c & (kClassLetter | kClassMark)) != 0;
    const Cased prefixed = may_prefix ? cased(after) : Cased{};
    if (prefixed.first) return suffix(prefixed.first);
    const Cased plain = in_word ? cased(at) : Cased{};
    for (const std::size_t end : {plain.first, prefixed.second, plain.second}) {
      if (end) return suffix(end);
    }
    return 0;
  }
  std::size_t suffix(std::size_t end) const {
    return end +
           (rules_.contraction == SplitRules::Contraction::kSuffix ? rules_.contraction_size(text_, end) : 0);
  }

  const SplitRules& rules_;
  const Text text_;
  const CharClasses& classes_ = CharClasses::get();
};

}  // namespace

SplitRules SplitRules::gpt2() {
  return {.space_digits = true};
}

std::optional<SplitRules> SplitRules::of_pattern(std::string_view pattern, regex::Syntax syntax) {
  constexpr std::string_view kGpt2 =
      R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
  // White space that ends a text matches \s+(?!\S), too.
  constexpr std::string_view kR50k =
      R"('(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s)";
  if (pattern == kGpt2 || pattern == kR50k) return gpt2();

  const SplitRules cl100k{.contraction = Contraction::kAnyCase,
                          .any_prefix = true,
                          .most_digits = 3,
                          .newline_tail = true,
                          .newline_run = true};
  const std::string contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  const std::string letters = R"([^\r\n\p{L}\p{N}]?\p{L}+)";
  const std::string rest = R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  if (pattern == contractions + "|" + letters + R"(|\p{N}{1,3})" + rest) return cl100k;
  SplitRules qwen2 = cl100k;
  qwen2.most_digits = 1;
  if (pattern == contractions + "|" + letters + R"(|\p{N})" + rest) return qwen2;
  if (pattern == R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+)"
                 R"(| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s)") {
    SplitRules newer = cl100k;
    newer.space_end = true;
    if (syntax == regex::Syntax::kOniguruma) newer.most_digits = 0;  // {1,3}+ is (?:{1,3})+ there
    return newer;
  }

  const std::string capitals = R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])", lowers = R"([\p{Ll}\p{Lm}\p{Lo}\p{M}])";
  const std::string prefix = R"([^\r\n\p{L}\p{N}]?)";
  if (pattern == prefix + capitals + "*" + lowers + "+" + contractions + "?|" + prefix + capitals + "+" +
                     lowers + "*" + contractions +
                     R"(?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)") {
    SplitRules o200k = cl100k;
    o200k.contraction = Contraction::kSuffix;
    o200k.case_split = o200k.slash_tail = true;
    return o200k;
  }
  return std::nullopt;
}

bool SplitRules::is_digit_apart(char32_t c) {
  return (char_flags(c) & kNumeric) != 0;
}

std::size_t SplitRules::contraction_size(const Utf8Chars& text, std::size_t at) const {
  return contraction_at(text, at, contraction != Contraction::kLower);
}
std::size_t SplitRules::contraction_size(const UnitChars& text, std::size_t at) const {
  return contraction_at(text, at, contraction != Contraction::kLower);
}

std::size_t SplitRules::word_end(const Utf8Chars& text, std::size_t at) const {
  return WordReader<Utf8Chars>(*this, text).end(at);
}
std::size_t SplitRules::word_end(const UnitChars& text, std::size_t at) const {
  return WordReader<UnitChars>(*this, text).end(at);
}

// That a word ends there: no alternative of the patterns goes on over a blank, or from letters and digits
// over a newline, or from letters over other signs. The words behind it: nothing looks back. Those before it:
// a match is the first alternative that can be had, and where the text ends there none can be had that could
// not before, but for white space, which looks at what is behind it; and that is before the first character
// here.
bool SplitRules::divides(char32_t left, char32_t right) {
  switch (right) {
    case ' ':
      return left > ' ' && left < 0x7F;
    case '\n':
      return is_ascii_letter_or_digit(left);
    case U'\u3001':  // ideographic comma, full stop
    case U'\u3002':
    case U'\uFF01':  // fullwidth ! , : ; ?
    case U'\uFF0C':
    case U'\uFF1A':
    case U'\uFF1B':
    case U'\uFF1F':
      return left >= 0x4E00 && left <= 0x9FA5;
    default:
      return false;
  }
}

// Before it: a newline behind a letter or digit, and a blank behind what is none and no white space, begin a
// word by any pattern. Behind it: no pattern looks at what is before a word, and none takes more than the
// newline for the word that begins there, since what follows is no white space, and a newline is the prefix
// of nothing.
std::optional<std::string_view> SplitRules::divider(char32_t left, char32_t right) {
  if (divides(left, right)) return "";
  const auto is_han = [](char32_t c) { return c >= 0x4E00 && c <= 0x9FA5; };
  // ASCII but for white space, quotation marks, an ellipsis, brackets: of what NFC leaves alone.
  const auto is_common = [](char32_t c) {
    return (c > ' ' && c < 0x7F) || (c >= 0x2018 && c <= 0x201D) || c == 0x2026 ||
           (c >= 0x3001 && c <= 0x3011 && (c < 0x3004 || c > 0x3007)) || (c >= 0xFF01 && c <= 0xFF0F) ||
           (c >= 0xFF1A && c <= 0xFF20);
  };
  if (!(is_han(left) || is_common(left)) || !(is_han(right) || is_common(right))) return std::nullopt;
  return is_han(left) || is_ascii_letter_or_digit(left) ? "\n" : " a\n";
}

}  // namespace fasttok
