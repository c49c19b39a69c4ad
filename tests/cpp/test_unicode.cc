// Facts about single characters and about NFD; all were read off tokenizers 0.23.3.
#include <doctest/doctest.h>
#include <algorithm>

#include <string>
#include <vector>

#include "fasttok/unicode/graphemes.h"
#include "fasttok/unicode/normal_forms.h"
#include "fasttok/unicode/properties.h"
#include "fasttok/unicode/utf8.h"

using namespace fasttok;

namespace {

bool has(char32_t c, CharFlag flag) {
  return (char_flags(c) & flag) != 0;
}

std::vector<CharChange> changes_of(std::u32string_view text, NormalForm form = NormalForm::kNfd) {
  std::vector<CharChange> changes;
  normalize_chars(form, text, changes);
  return changes;
}

std::u32string nfd_text(std::u32string_view text) {
  std::u32string out;
  for (const CharChange& change : changes_of(text)) out.push_back(change.c);
  return out;
}

}  // namespace

TEST_CASE("flags of single characters") {
  CHECK(has(0x0, kCleanDrop));
  CHECK(has(0xFFFD, kCleanDrop));
  CHECK(has(0x200D, kCleanDrop));  // ZWJ: runs join across it
  CHECK_FALSE(has('\t', kCleanDrop));
  CHECK(has('\t', kCleanSpace));
  CHECK(has(0x3000, kCleanSpace));
  CHECK_FALSE(has(' ', kCleanSpace));
  CHECK(has(' ', kBertWhitespace));
  CHECK(has('$', kBertPunctuation));  // ASCII symbols count, others do not
  CHECK_FALSE(has(0x20AC, kBertPunctuation));
  CHECK(has(0x4E2D, kCjk));
  CHECK(has(0xF900, kCjk));
  CHECK_FALSE(has(0xAC00, kCjk));
  CHECK_FALSE(has(0x2B820, kCjk));  // the hole in the reference's ranges
  CHECK(has(0x301, kStripMark));
  CHECK_FALSE(has(0x302E, kStripMark));  // Mc in the reference's table, and a nonstarter
  CHECK(has(0x302E, kCombiningMark));
  CHECK(has('_', kAddedTokenWord));
  CHECK_FALSE(has('-', kAddedTokenWord));
  CHECK(has(0x2000, kAddedTokenSpace));
  CHECK(char_flags(0xD800) == 0);
  CHECK(char_flags(0x110000) == 0);
}

TEST_CASE("the lists say what the lookups say") {
  char32_t after = 0;
  for (const FlagRange& r : flag_ranges()) {
    REQUIRE(r.first >= after);
    REQUIRE(r.first <= r.last);
    for (char32_t c = after; c < r.first; ++c) REQUIRE(char_flags(c) == 0);
    for (char32_t c = r.first; c <= r.last; ++c) REQUIRE(char_flags(c) == r.flags);
    after = r.last + 1;
  }
  char32_t buffer[3];
  for (const Mapping& m : decompositions()) {
    REQUIRE(has(m.from, kHasDecomposition));
    REQUIRE(canonical_decomposition(m.from, buffer) == m.to);
  }
  for (const Mapping& m : lowercases()) REQUIRE(lowercase(m.from) == m.to);
  std::size_t decomposed = 0, lowered = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    decomposed += has(c, kHasDecomposition);
    lowered += has(c, kHasLowercase);
    REQUIRE(has(c, kHasDecomposition) == !canonical_decomposition(c, buffer).empty());
    REQUIRE(has(c, kHasLowercase) == !lowercase(c).empty());
  }
  CHECK(decomposed == decompositions().size() + 11172);
  CHECK(lowered == lowercases().size());
}

TEST_CASE("decomposition and lowercase") {
  char32_t buffer[3];
  CHECK(canonical_decomposition(U'é', buffer) == U"e\u0301");
  CHECK(canonical_decomposition(0xAC00, buffer) == U"\u1100\u1161");
  CHECK(canonical_decomposition(0xD7A3, buffer) == U"\u1112\u1175\u11C2");
  CHECK(canonical_decomposition(U'a', buffer).empty());
  CHECK(lowercase(U'A') == U"a");
  CHECK(lowercase(0x130) == U"i\u0307");
  CHECK(lowercase(0x3A3) == U"\u03C3");  // no final sigma: a character at a time
  CHECK(lowercase(U'ß').empty());
}

TEST_CASE("what has a combining class is marked or decomposed: tables of actions rely on it") {
  std::size_t wrong = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (combining_class(c) != 0)
      wrong += (char_flags(c) & (kStripMark | kCombiningMark | kHasDecomposition)) == 0;
  }
  CHECK(wrong == 0);
}

TEST_CASE("what is not Chinese does not become Chinese: WordPieceMatcher relies on it") {
  const auto has_chinese = [](std::u32string_view text) {
    return std::any_of(text.begin(), text.end(), [](char32_t c) { return (char_flags(c) & kCjk) != 0; });
  };
  std::size_t wrong = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (char_flags(c) & kCjk) continue;
    char32_t buffer[3];
    wrong += has_chinese(canonical_decomposition(c, buffer)) || has_chinese(lowercase(c));
  }
  CHECK(wrong == 0);
}

TEST_CASE("combining classes order marks") {
  CHECK(combining_class(0x334) == 1);
  CHECK(combining_class(0x301) == 230);
  CHECK(combining_class(0x345) == 240);
  CHECK(combining_class('a') == 0);
  CHECK(nfd_text(U"a\u0301\u0323") == U"a\u0323\u0301");
  CHECK(nfd_text(U"\u0345\u0334") == U"\u0334\u0345");
  CHECK(nfd_text(U"a\u0301\u0300") == U"a\u0301\u0300");
}

TEST_CASE("NFD carries the changes along") {
  using Changes = std::vector<CharChange>;
  CHECK(changes_of(U"") == Changes{});
  CHECK(changes_of(U"é") == Changes{{U'e', 0}, {0x301, 1}});
  // The mark below moves before the one that came out of é, together with its change.
  CHECK(changes_of(U"é\u0323") == Changes{{U'e', 0}, {0x323, 0}, {0x301, 1}});
}

TEST_CASE("NFC gives the places of what it joins to the result") {
  using Changes = std::vector<CharChange>;
  CHECK(changes_of(U"é", NormalForm::kNfc) == Changes{{U'é', 0}});
  CHECK(changes_of(U"e\u0301x", NormalForm::kNfc) == Changes{{U'é', -1}, {U'x', 0}});
  CHECK(changes_of(U"\u1112\u1161\u11ab", NormalForm::kNfc) == Changes{{U'\ud55c', -2}});
  CHECK(changes_of(U"ﬁ", NormalForm::kNfkc) == Changes{{U'f', 0}, {U'i', 1}});
}

TEST_CASE("grapheme clusters") {
  const auto ends = [](std::string_view text) {
    std::vector<std::size_t> out;
    for (std::size_t at = 0; at < text.size();) out.push_back(at = grapheme_end(text, at));
    return out;
  };
  using Ends = std::vector<std::size_t>;
  CHECK(ends("ab\r\n\n") == Ends{1, 2, 4, 5});
  CHECK(ends("e\u0301x") == Ends{3, 4});
  CHECK(ends("\u1112\u1161\u11ab\u1112") == Ends{9, 12});
  CHECK(ends("\u00a9\u200d\u00a9") == Ends{7});
  CHECK(ends("a\u200d\u00a9") == Ends{4, 6});
  CHECK(ends("\u0915\u094d\u0937") == Ends{9});
  CHECK(ends("\u0600a") == Ends{3});
}

TEST_CASE("UTF-8 to and fro") {
  std::u32string all;
  for (char32_t c = 0; c < 0x110000; c += 0x3F) {
    if (c < 0xD800 || c >= 0xE000) all.push_back(c);
  }
  const std::string text = to_utf8(all);
  CHECK(to_utf32(text) == all);
  CHECK(utf8_length(text) == all.size());
  std::size_t end = text.size();
  for (auto c = all.rbegin(); c != all.rend(); ++c) {
    const std::size_t at = previous_char(text, end);
    REQUIRE(decode_char(text, at).c == *c);
    REQUIRE(end - at == utf8_size(*c));
    REQUIRE(is_char_boundary(text, at));
    end = at;
  }
  CHECK(end == 0);
}

TEST_CASE("bytes to characters") {
  const CharIndex ascii("abc");
  CHECK(ascii[2] == 2);
  const CharIndex mixed("aé中b");
  const std::size_t expected[] = {0, 1, 1, 2, 2, 2, 3};
  REQUIRE(mixed.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) CHECK(mixed[i] == expected[i]);
}
