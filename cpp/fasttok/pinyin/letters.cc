#include "fasttok/pinyin/letters.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "fasttok/base/error.h"

namespace fasttok::pinyin {
namespace {

enum class Class : std::uint8_t { kOther, kLetter, kSeparator, kDigit };

struct Facts {
  Class what = Class::kOther;
  std::uint8_t value = 0;  // the letter, or the digit
  std::uint8_t look = 0;
};

constexpr char32_t kTableSize = 0x250;
constexpr char32_t kDiaeresis = 0x308, kCircumflex = 0x302;

std::uint8_t tone_of_mark(char32_t c) {
  switch (c) {
    case 0x304:
      return 1;
    case 0x301:
      return 2;
    case 0x30C:
    case 0x306:
      return 3;  // a breve is often written for a caron
    case 0x300:
      return 4;
    default:
      return 0;
  }
}

std::array<Facts, kTableSize> make_table() {
  std::array<Facts, kTableSize> table{};
  const auto put = [&](char32_t c, Letter letter, int look) {
    table[c] = {Class::kLetter, letter, static_cast<std::uint8_t>(look)};
  };
  for (Letter i = 0; i < 26; ++i) {
    put(U'a' + i, i, 0);
    put(U'A' + i, i, kUpper);
  }
  for (char32_t i = 0; i < 10; ++i) table[U'0' + i] = {Class::kDigit, static_cast<std::uint8_t>(i), 0};
  // Small and capital with each of the four marks; a space where there is no such character.
  const auto marked = [&](char letter, std::u32string_view small, std::u32string_view capital, int look = 0) {
    for (std::size_t tone = 1; tone <= small.size(); ++tone) {
      const auto with = look | static_cast<int>(tone);
      if (small[tone - 1] != U' ') put(small[tone - 1], letter_of(letter), with);
      if (capital[tone - 1] != U' ') put(capital[tone - 1], letter_of(letter), with | kUpper);
    }
  };
  marked('a', U"āáǎà", U"ĀÁǍÀ");
  marked('e', U"ēéěè", U"ĒÉĚÈ");
  marked('i', U"īíǐì", U"ĪÍǏÌ");
  marked('o', U"ōóǒò", U"ŌÓǑÒ");
  marked('u', U"ūúǔù", U"ŪÚǓÙ");
  marked('v', U"ǖǘǚǜ", U"ǕǗǙǛ", kUmlaut);
  marked('a', U"  ă ", U"  Ă ");
  marked('e', U"  ĕ ", U"  Ĕ ");
  marked('i', U"  ĭ ", U"  Ĭ ");
  marked('o', U"  ŏ ", U"  Ŏ ");
  marked('u', U"  ŭ ", U"  Ŭ ");
  marked('n', U" ńňǹ", U" ŃŇǸ");
  put(U'ü', kLetterV, kUmlaut);
  put(U'Ü', kLetterV, kUmlaut | kUpper);
  put(U'ê', kLetterE, 0);
  put(U'Ê', kLetterE, kUpper);
  for (const char32_t c : std::u32string_view(U"\t\n\v\f\r \u0085\u00A0'-"))
    table[c].what = Class::kSeparator;
  return table;
}

const std::array<Facts, kTableSize>& table() {
  static const std::array<Facts, kTableSize> made = make_table();
  return made;
}

Facts rare_facts(char32_t c) {
  const auto letter = [](char32_t which, int look) {
    return Facts{Class::kLetter, static_cast<Letter>(which), static_cast<std::uint8_t>(look)};
  };
  if (c >= 0xFF21 && c <= 0xFF3A) return letter(c - 0xFF21, kUpper);
  if (c >= 0xFF41 && c <= 0xFF5A) return letter(c - 0xFF41, 0);
  if (c >= 0xFF10 && c <= 0xFF19) return {Class::kDigit, static_cast<std::uint8_t>(c - 0xFF10), 0};
  if (c >= 0x2000 && c <= 0x200A) return {Class::kSeparator};
  switch (c) {
    case 0x251:
      return letter(0, 0);  // ɑ and ɡ, as schoolbooks print them
    case 0x261:
      return letter('g' - 'a', 0);
    case 0x1E3E:
      return letter('m' - 'a', kUpper | 2);
    case 0x1E3F:
      return letter('m' - 'a', 2);
    case 0x1EBE:
      return letter(kLetterE, kUpper | 2);
    case 0x1EBF:
      return letter(kLetterE, 2);
    case 0x1EC0:
      return letter(kLetterE, kUpper | 4);
    case 0x1EC1:
      return letter(kLetterE, 4);
    case 0x2BC:
    case 0x2019:
    case 0xFF07:  // apostrophes
    case 0x2010:
    case 0x2011:
    case 0xFF0D:  // hyphens
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000:  // white space
      return {Class::kSeparator};
    default:
      return {};
  }
}

bool may_be_marked(Letter letter) {
  return is_vowel(letter) || letter == 'm' - 'a' || letter == 'n' - 'a';
}

template <class Unit>
class Reader {
 public:
  Reader(const Unit* text, std::uint32_t length, Letters& out) : text_(text), length_(length), out_(out) {}

  void run() {
    while (at_ < length_) {
      const Facts facts = of(at_);
      switch (facts.what) {
        case Class::kLetter:
          letters();
          break;
        case Class::kSeparator:
          separators(at_, at_, kNoTone);
          break;
        case Class::kDigit:
          if (is_tone(at_)) {
            separators(at_, at_ + 1, facts.value);
            break;
          }
          [[fallthrough]];
        case Class::kOther:
          foreign();
      }
    }
  }

 private:
  Facts of(std::uint32_t at) const {
    const char32_t c = text_[at];
    return c < kTableSize ? table_[c] : rare_facts(c);
  }

  void put(Letter letter, std::uint8_t look, std::uint32_t begin, std::uint32_t end) {
    out_.codes.push_back(letter);
    out_.looks.push_back(look);
    out_.begins.push_back(begin);
    out_.ends.push_back(end);
  }

  void letters() {
    // Plain small letters, the most frequent by far.
    std::uint32_t end = at_;
    while (end < length_ && text_[end] >= 'a' && text_[end] <= 'z') ++end;
    if (end > at_) {
      const std::size_t before = out_.size(), count = end - at_;
      out_.codes.resize(before + count);
      out_.looks.resize(before + count, 0);
      out_.begins.resize(before + count);
      out_.ends.resize(before + count);
      for (std::uint32_t i = 0; i < count; ++i) {
        out_.codes[before + i] = static_cast<Letter>(text_[at_ + i] - 'a');
        out_.begins[before + i] = at_ + i;
        out_.ends[before + i] = at_ + i + 1;
      }
      at_ = end;
    }
    // What follows may be a mark of the last of them.
    if (end < length_ && !out_.codes.empty() && out_.ends.back() == at_) {
      const char32_t c = text_[at_];
      if (c == ':' || (c >= 0x300 && c <= 0x30C)) {
        if (marks()) return;
      }
    }
    if (at_ == length_) return;
    const Facts facts = of(at_);
    if (facts.what != Class::kLetter || (text_[at_] >= 'a' && text_[at_] <= 'z')) return;
    put(facts.value, facts.look, at_, at_ + 1);
    out_.any_upper |= (facts.look & kUpper) != 0;
    out_.any_mark |= (facts.look & kMark) != 0;
    out_.any_umlaut |= (facts.look & kUmlaut) != 0;
    ++at_;
    marks();
  }

  // Takes what belongs to the letter before `at_`: combining marks, or the colon of u:. False if nothing
  // does.
  bool marks() {
    const std::uint32_t begin = at_;
    Letter& letter = out_.codes.back();
    std::uint8_t& look = out_.looks.back();
    while (at_ < length_) {
      const char32_t c = text_[at_];
      const std::uint8_t tone = tone_of_mark(c);
      if (tone && may_be_marked(letter) && (look & kMark) == 0) {
        look = static_cast<std::uint8_t>(look | tone);
        out_.any_mark = true;
      } else if (c == kDiaeresis && letter == 'u' - 'a') {
        letter = kLetterV;
        look |= kUmlaut;
        out_.any_umlaut = true;
      } else if (c == kCircumflex && letter == 'e' - 'a') {
        letter = kLetterE;
      } else if (c == ':' && at_ == begin && letter == 'u' - 'a' && is_u_colon()) {
        letter = kLetterV;
        look |= kUColon;
        out_.any_umlaut = true;
      } else {
        break;
      }
      ++at_;
    }
    out_.ends.back() = at_;
    return at_ > begin;
  }

  // Whether the colon at `at_` makes an ü: behind l and n, and no space behind it.
  bool is_u_colon() const {
    if (out_.size() < 2) return false;
    const Letter before = out_.codes[out_.size() - 2];
    if ((before != 'l' - 'a' && before != 'n' - 'a') || out_.ends[out_.size() - 2] != out_.begins.back()) {
      return false;
    }
    if (at_ + 1 == length_) return true;
    const Facts next = of(at_ + 1);
    return next.what == Class::kLetter || next.what == Class::kDigit || text_[at_ + 1] == '\'';
  }

  // A break whose digit, if any, is [begin, end); separators follow.
  void separators(std::uint32_t begin, std::uint32_t end, std::uint8_t tone) {
    at_ = end;
    while (at_ < length_ && of(at_).what == Class::kSeparator) ++at_;
    out_.breaks.push_back({static_cast<std::uint32_t>(out_.size()), tone, begin, end, at_});
  }

  void foreign() {
    const std::uint32_t begin = at_;
    do {
      ++at_;
    } while (at_ < length_ && (of(at_).what == Class::kOther || of(at_).what == Class::kDigit));
    put(kNoLetter, 0, begin, at_);
  }

  bool is_digit(std::uint32_t at) const { return at < length_ && of(at).what == Class::kDigit; }

  // Whether the digit at `at` is a tone, as far as its neighbours say.
  bool may_be_tone(std::uint32_t at) const {
    if (of(at).value > 5 || at == 0 || is_digit(at + 1)) return false;
    const char32_t before = text_[at - 1];
    if (before >= 0x300 && before <= 0x30C) return true;
    return of(at - 1).what == Class::kLetter || (before == ':' && at > 1 && (text_[at - 2] | 0x20) == 'u');
  }

  bool is_tone(std::uint32_t at) {
    if (out_.codes.empty() || out_.codes.back() == kNoLetter || out_.ends.back() != at || !may_be_tone(at)) {
      return false;
    }
    if (at >= line_end_) {
      std::uint32_t begin = at, letters = 0, tones = 0;
      while (begin > 0 && text_[begin - 1] != '\n') --begin;
      line_end_ = begin;
      while (line_end_ < length_ && text_[line_end_] != '\n') {
        const Facts facts = of(line_end_);
        letters += facts.what == Class::kLetter;
        tones += facts.what == Class::kDigit && may_be_tone(line_end_);
        ++line_end_;
      }
      line_has_tones_ = tones >= letters / kLettersOfTone;
    }
    return line_has_tones_;
  }

  const Unit* const text_;
  const std::uint32_t length_;
  Letters& out_;
  const std::array<Facts, kTableSize>& table_ = table();
  std::uint32_t at_ = 0;
  std::uint32_t line_end_ = 0;  // of the line that line_has_tones_ is about
  bool line_has_tones_ = false;
};

}  // namespace

void Letters::clear() {
  codes.clear();
  looks.clear();
  begins.clear();
  ends.clear();
  breaks.clear();
  any_mark = any_upper = any_umlaut = false;
}

void read_letters(const TextView& text, Letters& out) {
  out.clear();
  if (text.length > 0xFFFFFFFEu) throw ValueError("a text of 2^32 characters or more; cut it at a line");
  const auto length = static_cast<std::uint32_t>(text.length);
  if (text.kind == 1) Reader(static_cast<const std::uint8_t*>(text.data), length, out).run();
  if (text.kind == 2) Reader(static_cast<const std::uint16_t*>(text.data), length, out).run();
  if (text.kind == 4) Reader(static_cast<const std::uint32_t*>(text.data), length, out).run();
}

}  // namespace fasttok::pinyin
