// How it is found out what becomes of each character by itself.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "fasttok/base/text_view.h"
#include "fasttok/text/metaspace_form.h"
#include "fasttok/unicode/properties.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

constexpr std::string_view kMarkText = "\xE2\x96\x81";
constexpr char32_t kMarkChar = 0x2581;
std::string text_of(char32_t c) {
  std::string text;
  append_utf8(text, c);
  return text;
}

bool decomposes(NormalForm form) {
  return form == NormalForm::kNfd || form == NormalForm::kNfkd;
}

bool is_safe(NormalForm form, char32_t c) {
  const std::uint16_t flags = char_flags(c);
  return (flags & (form == NormalForm::kNfc ? kNfcSafe : kNfkcSafe)) != 0 && !(flags & kComposesBack);
}

// Whether it is a grapheme cluster by itself among its kind.
bool stands_alone(char32_t c) {
  switch (grapheme_class(c)) {
    case GraphemeClass::kControl:
      return c != U'\r';
    case GraphemeClass::kOther:
    case GraphemeClass::kConsonant:
    case GraphemeClass::kPictographic:
    case GraphemeClass::kLV:
    case GraphemeClass::kLVT:
      return true;
    default:
      return false;
  }
}

bool is_one_char(std::string_view text) {
  return !text.empty() && decode_char(text, 0).size == text.size();
}

bool is_char_step(const Normalizer::Step& step) {
  if (const auto* replace = std::get_if<Replace>(&step)) {
    return !replace->pattern.regex && !replace->pattern.text.empty();
  }
  return std::holds_alternative<UnicodeForm>(step) || std::holds_alternative<Lowercase>(step) ||
         std::holds_alternative<StripAccents>(step) || std::holds_alternative<Nmt>(step) ||
         std::holds_alternative<Precompiled>(step);
}

bool is_prepend(const Normalizer::Step& step) {
  const auto* prepend = std::get_if<Prepend>(&step);
  return prepend && prepend->prepend == kMarkText;
}

bool is_escape(const Normalizer::Step& step) {
  const auto* replace = std::get_if<Replace>(&step);
  return replace && !replace->pattern.regex && replace->pattern.text == " " && replace->content == kMarkText;
}

void apply(const Normalizer::Step& step, std::string& text) {
  NormalizedString string = NormalizedString::unaligned(std::move(text));
  std::visit([&](const auto& normalizer) { normalizer.normalize(string); }, step);
  text = string.get();
}

}  // namespace

std::optional<MetaspaceForm::Rules> MetaspaceForm::rules_of(const Normalizer* normalizer,
                                                            const PreTokenizer* pre_tokenizer) {
  Rules rules;
  if (normalizer) rules.characters = *normalizer;
  auto& steps = rules.characters.steps;
  if (!pre_tokenizer || pre_tokenizer->steps.empty()) {
    const std::size_t n = steps.size();
    if (n >= 2 && ((is_prepend(steps[n - 2]) && is_escape(steps[n - 1])) ||
                   (is_escape(steps[n - 2]) && is_prepend(steps[n - 1])))) {
      rules.prefix = Prefix::kAlways;
      steps.resize(n - 2);
    } else if (n >= 1 && is_escape(steps[n - 1])) {
      steps.pop_back();
    } else {
      return std::nullopt;
    }
  } else {
    const auto* metaspace = std::get_if<Metaspace>(&pre_tokenizer->steps.back());
    if (!metaspace || metaspace->replacement != kMarkChar || pre_tokenizer->steps.size() > 2)
      return std::nullopt;
    rules.removes_space = pre_tokenizer->steps.size() == 2;
    rules.splits = metaspace->split;
    if (metaspace->prepend != Metaspace::Prepend::kNever) rules.prefix = Prefix::kUnlessMarked;
    rules.only_first = metaspace->prepend == Metaspace::Prepend::kFirst;
    // After white space is gone, words are told by their marks.
    if (rules.removes_space && (!std::holds_alternative<WhitespaceSplit>(pre_tokenizer->steps.front()) ||
                                metaspace->prepend != Metaspace::Prepend::kAlways || !rules.splits))
      return std::nullopt;
    // What begins the text is told by where it came from.
    if (rules.only_first && !steps.empty()) return std::nullopt;
  }
  if (!std::all_of(steps.begin(), steps.end(), is_char_step)) return std::nullopt;
  const auto precompiled = std::count_if(steps.begin(), steps.end(), [](const Normalizer::Step& step) {
    return std::holds_alternative<Precompiled>(step);
  });
  if (precompiled > 1) return std::nullopt;
  return rules;
}

MetaspaceForm::MetaspaceForm(const Normalizer* normalizer, const PreTokenizer* pre_tokenizer)
    : rules_(rules_of(normalizer, pre_tokenizer).value()) {
  if (!rules_.characters.steps.empty() || rules_.removes_space) find_flags();
}

// Of a character of the normalized text.
std::uint8_t MetaspaceForm::spacing_of(char32_t c) const {
  if (c == kMarkChar) return kMark;
  if (rules_.removes_space ? (char_flags(c) & kBertWhitespace) != 0 : c == ' ') return kBreak;
  return 0;
}

// Whether each step leaves the character as it is, patterns of several characters apart.
bool MetaspaceForm::is_same(char32_t c) const {
  std::uint8_t utf8[4];
  const std::string_view text(reinterpret_cast<const char*>(utf8), encode_utf8(c, utf8));
  const std::uint16_t flags = char_flags(c);
  return std::all_of(
      rules_.characters.steps.begin(), rules_.characters.steps.end(), [&](const Normalizer::Step& step) {
        if (const auto* form = std::get_if<UnicodeForm>(&step)) {
          if (!decomposes(form->form)) return is_safe(form->form, c);
          const int changes = form->form == NormalForm::kNfkd ? kHasDecomposition | kHasCompatDecomposition
                                                              : kHasDecomposition;
          return (flags & changes) == 0 && combining_class(c) == 0;
        }
        if (std::holds_alternative<Lowercase>(step)) return (flags & kHasLowercase) == 0;
        if (std::holds_alternative<StripAccents>(step)) return (flags & kCombiningMark) == 0;
        if (const auto* replace = std::get_if<Replace>(&step)) return replace->pattern.text != text;
        if (const auto* precompiled = std::get_if<Precompiled>(&step))
          return stands_alone(c) && !precompiled->charsmap->transform(text);
        if (c > 0xFFFF) return true;  // Nmt knows none of them
        std::string after(text);
        apply(step, after);
        return after == text;
      });
}

// What stands for the character among its kind; false: that is not known.
bool MetaspaceForm::map_alone(char32_t c, std::string& text) const {
  const std::string itself = text_of(c);
  text = itself;
  const auto all = [&](auto&& holds) {
    bool result = true;
    for_each_char(text, [&](char32_t i, std::size_t, std::size_t) { result = result && holds(i); });
    return result;
  };
  for (const Normalizer::Step& step : rules_.characters.steps) {
    if (const auto* form = std::get_if<UnicodeForm>(&step); form && !decomposes(form->form)) {
      if (!all([&](char32_t i) { return is_safe(form->form, i); })) return false;
      continue;
    }
    if (const auto* replace = std::get_if<Replace>(&step); replace && !is_one_char(replace->pattern.text)) {
      const std::string& pattern = replace->pattern.text;
      if (text.empty()) return false;
      if (text != itself && !all([&](char32_t i) { return pattern.find(text_of(i)) == std::string::npos; }))
        return false;
      continue;
    }
    if (std::holds_alternative<Precompiled>(step) && !all(stands_alone)) return false;
    apply(step, text);
    const auto* form = std::get_if<UnicodeForm>(&step);
    if (form && !text.empty() && combining_class(decode_char(text, 0).c) != 0) return false;
  }
  return true;
}

void MetaspaceForm::find_flags() {
  flags_.resize(kTableChars);
  mapped_.resize(kTableChars);
  const auto& steps = rules_.characters.steps;
  const bool decomposes_hangul = std::any_of(steps.begin(), steps.end(), [](const Normalizer::Step& step) {
    const auto* form = std::get_if<UnicodeForm>(&step);
    return form && decomposes(form->form);
  });
  std::map<std::string, std::uint16_t, std::less<>> indexes;
  std::string text;
  for (char32_t c = 0; c < kTableChars; ++c) {
    if (is_same(c)) {
      flags_[c] = spacing_of(c);
      continue;
    }
    // Hangul syllables become letters that join; they are many, so they are not asked.
    if ((decomposes_hangul && c >= 0xAC00 && c <= 0xD7A3) || is_surrogate(c) || !map_alone(c, text) ||
        texts_.size() > 0xFFFF) {
      flags_[c] = kOdd;
      continue;
    }
    const std::uint8_t spacing = is_one_char(text) ? spacing_of(decode_char(text, 0).c) : std::uint8_t{0};
    flags_[c] = spacing ? spacing : std::uint8_t{kMapped};
    if (spacing) continue;
    const auto [found, is_new] = indexes.try_emplace(text, static_cast<std::uint16_t>(texts_.size()));
    if (is_new) texts_.push_back(text);
    mapped_[c] = found->second;
  }
  space_is_plain_ = is_same(' ') && flags_[' '] == kBreak;
  for (const Normalizer::Step& step : steps) {
    const auto* replace = std::get_if<Replace>(&step);
    if (!replace || is_one_char(replace->pattern.text)) continue;
    for_each_char(replace->pattern.text, [&](char32_t c, std::size_t at, std::size_t) {
      if (c < kTableChars) flags_[c] |= at == 0 ? kFirst : kSecond;
    });
    // Characters beyond the table have no flags of their own: where one is in a pattern, all are odd.
    if (!std::all_of(replace->pattern.text.begin(), replace->pattern.text.end(),
                     [](char byte) { return static_cast<unsigned char>(byte) < 0xF0; })) {
      std::fill(flags_.begin(), flags_.end(), std::uint8_t{kOdd});
    }
  }
  note_ascii();
}

void MetaspaceForm::note_ascii() {
  if (!space_is_plain_ || flags_[' '] != kBreak) return;
  // Whether a pattern that begins with the character goes on with another one than itself.
  const auto begins_more = [&](char c) {
    return std::any_of(rules_.characters.steps.begin(), rules_.characters.steps.end(),
                       [&](const Normalizer::Step& step) {
                         const auto* replace = std::get_if<Replace>(&step);
                         return replace && replace->pattern.text.size() > 1 &&
                                replace->pattern.text[0] == c && replace->pattern.text[1] != c;
                       });
  };
  std::array<bool, 128> same{};
  std::string twice = rules_.removes_space ? " " : "";
  same[' '] = true;
  for (std::uint8_t c = '!'; c < 0x7F; ++c) {
    const unsigned flags = flags_[c] & ~unsigned{kSecond};
    same[c] = flags == 0;
    if (flags == kFirst && !begins_more(static_cast<char>(c)) && twice.size() < PlainAscii::kMostTwice) {
      twice += static_cast<char>(c);
      same[c] = true;
    }
  }
  plain_ = PlainAscii(same, twice);
}

}  // namespace fasttok
