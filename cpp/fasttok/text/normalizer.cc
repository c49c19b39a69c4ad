#include "fasttok/text/normalizer.h"

#include "fasttok/unicode/properties.h"

namespace fasttok {
namespace {

void do_clean_text(NormalizedString& text) {
  text.filter([](char32_t c) { return !(char_flags(c) & kCleanDrop); });
  text.map([](char32_t c) { return char_flags(c) & kCleanSpace ? U' ' : c; });
}

void do_handle_chinese_chars(NormalizedString& text) {
  std::vector<CharChange> dest;
  for_each_char(text.get(), [&](char32_t c, std::size_t, std::size_t) {
    if (char_flags(c) & kCjk) {
      // The space takes the character's place, and the character is "new": all three get its range.
      dest.push_back({U' ', 0});
      dest.push_back({c, 1});
      dest.push_back({U' ', 1});
    } else {
      dest.push_back({c, 0});
    }
  });
  text.transform(dest, 0);
}

void do_strip_accents(NormalizedString& text) {
  text.nfd();
  text.filter([](char32_t c) { return !(char_flags(c) & kStripMark); });
}

}  // namespace

void BertNormalizer::normalize(NormalizedString& text) const {
  if (clean_text) do_clean_text(text);
  if (handle_chinese_chars) do_handle_chinese_chars(text);
  if (strip_accents.value_or(lowercase)) do_strip_accents(text);
  if (lowercase) text.lowercase();
}

}  // namespace fasttok
