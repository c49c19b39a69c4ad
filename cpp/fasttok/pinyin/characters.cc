#include "fasttok/pinyin/characters.h"

#include <string_view>

namespace fasttok::pinyin {

CharacterFacts::CharacterFacts() {
  const auto put = [&](char32_t c, Letter letter, int look) {
    table_[c] = {Class::kLetter, letter, static_cast<std::uint8_t>(look)};
  };
  for (Letter i = 0; i < 26; ++i) {
    put(U'a' + i, i, 0);
    put(U'A' + i, i, kUpper);
  }
  for (char32_t i = 0; i < 10; ++i) table_[U'0' + i] = {Class::kDigit, static_cast<std::uint8_t>(i), 0};
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
    table_[c].what = Class::kSeparator;
}

const CharacterFacts& CharacterFacts::get() {
  static const CharacterFacts made;
  return made;
}

Facts CharacterFacts::rare(char32_t c) {
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

}  // namespace fasttok::pinyin
