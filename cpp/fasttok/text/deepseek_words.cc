#include "fasttok/text/deepseek_words.h"

#include <array>

#include "fasttok/regex/char_set.h"
#include "fasttok/regex/regex.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

constexpr std::uint8_t kAny = 1;       // set for each
constexpr std::uint8_t kWord = 2;      // \p{L}, \p{M}
constexpr std::uint8_t kSign = 4;      // \p{P}, \p{S}
constexpr std::uint8_t kSpace = 8;     // \s
constexpr std::uint8_t kNewline = 16;  // \r, \n
constexpr std::uint8_t kAscii = 32;
// Kinds of pieces; all others have none.
constexpr std::uint8_t kNumber = 64;  // \p{N}
constexpr std::uint8_t kHan = 128;    // Han and kana
constexpr std::uint8_t kKinds = kNumber | kHan;

constexpr std::array<std::string_view, 3> kPatterns{
    R"(\p{N}{1,3})",
    "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+",
    R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)"
    R"(| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
};

}  // namespace

bool DeepSeekWords::are(std::span<const SplitAtPattern* const> splits) {
  if (splits.size() != kPatterns.size()) return false;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    const SplitAtPattern& split = *splits[i];
    const auto& regex = split.pattern.regex;
    if (split.invert || split.behavior != SplitBehavior::kIsolated || !regex) return false;
    if (regex->syntax() != regex::Syntax::kOniguruma || regex->pattern() != kPatterns[i]) return false;
  }
  return true;
}

const DeepSeekWords& DeepSeekWords::get() {
  static const DeepSeekWords words;
  return words;
}

DeepSeekWords::DeepSeekWords() : classes_(std::size_t{regex::kLastChar} + 1, kAny) {
  const auto mark = [&](char32_t first, char32_t last, std::uint8_t bit) {
    for (char32_t c = first; c <= last; ++c) classes_[c] = static_cast<std::uint8_t>(classes_[c] | bit);
  };
  const auto mark_all = [&](std::string_view property, std::uint8_t bit) {
    const regex::CharSet set = regex::named_set(property);
    for (const regex::CharRange& range : set.ranges()) mark(range.first, range.last, bit);
  };
  mark_all("l", kWord);
  mark_all("m", kWord);
  mark_all("p", kSign);
  mark_all("s", kSign);
  mark_all("space", kSpace);
  mark_all("n", kNumber);
  mark('\n', '\n', kNewline);
  mark('\r', '\r', kNewline);
  mark(0, 0x7F, kAscii);
  mark(0x4E00, 0x9FA5, kHan);
  mark(0x3040, 0x30FF, kHan);
}

inline DeepSeekWords::Char DeepSeekWords::char_at(std::string_view text, std::size_t at) const {
  const auto byte = static_cast<std::uint8_t>(text[at]);
  if (byte < 0x80) return {classes_[byte], at + 1};
  const DecodedChar c = decode_char(text, at);
  return {classes_[c.c], at + c.size};
}

inline DeepSeekWords::Char DeepSeekWords::within(std::string_view text, std::size_t at,
                                                 std::uint8_t kind) const {
  if (at >= text.size()) return {0, at};
  const Char c = char_at(text, at);
  return (c.is & kKinds) == kind ? c : Char{0, at};
}

template <class Is>
inline std::size_t DeepSeekWords::run(std::string_view text, std::size_t at, std::uint8_t kind, Is is) const {
  for (Char c = within(text, at, kind); is(c.is); c = within(text, at, kind)) at = c.end;
  return at;
}

std::size_t DeepSeekWords::word_end(std::string_view text, std::size_t at) const {
  const Char c = char_at(text, at);
  const std::uint8_t kind = c.is & kKinds;
  if (kind & kNumber) {
    std::size_t end = c.end;
    for (int more = 2; more > 0 && within(text, end, kind).is; --more) end = within(text, end, kind).end;
    return end;
  }
  const auto is_word = [](std::uint8_t is) { return (is & kWord) != 0; };
  const auto is_sign = [](std::uint8_t is) { return (is & kSign) != 0; };
  if (is_word(c.is)) return run(text, c.end, kind, is_word);
  const Char next = within(text, c.end, kind);
  if (is_sign(c.is)) {
    const auto is_ascii_letter = [](std::uint8_t is) { return (is & (kWord | kAscii)) == (kWord | kAscii); };
    if ((c.is & kAscii) && is_ascii_letter(next.is)) return run(text, next.end, kind, is_ascii_letter);
  } else if (!(c.is & kNewline) && is_word(next.is)) {
    return run(text, next.end, kind, is_word);
  }
  if (is_sign(c.is) || (text[at] == ' ' && is_sign(next.is))) {
    const std::size_t end = run(text, c.end, kind, is_sign);
    return run(text, end, kind, [](std::uint8_t is) { return (is & kNewline) != 0; });
  }
  if (c.is & kSpace) return white_space(text, at, kind);
  // Nothing matches here; something does at a word, a sign, white space, or one before a word.
  std::size_t end = c.end;
  for (Char more = next; more.is == kAny || more.is == (kAny | kAscii) || more.is == (kAny | kind);) {
    const Char behind = within(text, more.end, kind);
    if (is_word(behind.is)) break;
    end = more.end;
    more = behind;
  }
  return end;
}

std::size_t DeepSeekWords::white_space(std::string_view text, std::size_t at, std::uint8_t kind) const {
  std::size_t end = at, last = at, behind_newline = 0;
  Char c = within(text, at, kind);
  for (; c.is & kSpace; c = within(text, end, kind)) {
    last = end;
    end = c.end;
    if (c.is & kNewline) behind_newline = end;
  }
  if (behind_newline != 0) return behind_newline;
  return c.is != 0 && last > at ? last : end;
}

}  // namespace fasttok
