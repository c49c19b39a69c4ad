#include "fasttok/text/char_classes.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "fasttok/regex/char_set.h"
#include "fasttok/unicode/normal_forms.h"

namespace fasttok {

const CharClasses& CharClasses::get() {
  static const CharClasses classes;
  return classes;
}

CharClasses::CharClasses() {
  std::vector<std::uint8_t> flat(std::size_t{regex::kLastChar} + 1);
  const auto mark = [&](std::string_view property, std::uint8_t bit) {
    const regex::CharSet set = regex::named_set(property);
    for (const regex::CharRange& range : set.ranges()) {
      for (char32_t c = range.first; c <= range.last; ++c) flat[c] = static_cast<std::uint8_t>(flat[c] | bit);
    }
  };
  mark("l", kClassLetter);
  mark("n", kClassNumber);
  mark("space", kClassSpace);
  mark("lu", kClassUpper);
  mark("lt", kClassUpper);
  mark("ll", kClassLower);
  mark("m", kClassMark);
  for (const char32_t c : {U'\r', U'\n'}) flat[c] |= kClassNewline;

  for (char32_t c = 0; c <= regex::kLastChar; ++c) {
    if (!is_inert(NormalForm::kNfc, c)) flat[c] |= kClassNotNfc;
  }

  // As strings: of vectors of bytes, gcc 12 warns that comparing them might read past their ends.
  std::map<std::string, std::uint16_t> known;
  for (std::size_t block = 0; block < index_.size(); ++block) {
    const auto begin = flat.begin() + static_cast<std::ptrdiff_t>(block << 8);
    const std::string classes(begin, begin + 256);
    const auto [found, is_new] = known.try_emplace(classes, static_cast<std::uint16_t>(known.size()));
    index_[block] = found->second;
    if (is_new) blocks_.insert(blocks_.end(), classes.begin(), classes.end());
  }
}

}  // namespace fasttok
