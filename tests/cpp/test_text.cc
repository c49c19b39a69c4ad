// The stages of the generic engine before the model; expected values were read off tokenizers 0.23.3.
#include <doctest/doctest.h>

#include <string>
#include <tuple>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/text/added_tokens.h"
#include "fasttok/text/pre_tokenizer.h"

using namespace fasttok;

namespace {

using Ranges = std::vector<Alignment>;
using Placed = std::vector<std::tuple<std::uint32_t, std::string, std::size_t, std::size_t>>;

Ranges alignments(const NormalizedString& s) {
  return {s.alignments().begin(), s.alignments().end()};
}

std::string normalized(const BertNormalizer& n, std::string text) {
  NormalizedString s(std::move(text));
  n.normalize(s);
  return s.get();
}

// Added tokens as they are; every other split is one token with id 0.
Placed tokens(const AddedTokens& added, const std::string& text,
              const AddedTokens::Allowed* allowed = nullptr, bool pre_tokenize = false) {
  PreTokenizedString p = added.extract_and_normalize(text, allowed);
  if (pre_tokenize) BertPreTokenizer{}.pre_tokenize(p);
  p.tokenize([](std::string_view s) { return std::vector<SplitToken>{{0, std::string(s), 0, s.size()}}; });
  const OffsetConverter convert(p.original(), OffsetUnit::kChar);
  Placed out;
  for (const Split& split : p.splits()) {
    for (const SplitToken& t : *p.tokens_of(split)) {
      const ByteRange place = convert(p.place(split, {t.begin, t.end}));
      out.emplace_back(t.id, t.value, place.begin, place.end);
    }
  }
  return out;
}

AddedToken raw(std::string content, std::uint32_t id) {
  return {.content = std::move(content), .id = id, .normalized = false};
}

const Normalizer kLowercaseOnly{{Lowercase{}}};
const Normalizer kBert{{BertNormalizer{}}};

}  // namespace

TEST_CASE("alignments follow insertion, removal and replacement") {
  NormalizedString s("élan");
  s.normalize(NormalForm::kNfd);
  CHECK(s.get() == "e\u0301lan");
  CHECK(alignments(s) == Ranges{{0, 2}, {0, 2}, {0, 2}, {2, 3}, {3, 4}, {4, 5}});
  s.filter([](char32_t c) { return c != 0x301 && c != U'a'; });
  CHECK(s.get() == "eln");
  CHECK(alignments(s) == Ranges{{0, 2}, {2, 3}, {4, 5}});
  CHECK(s.to_original({1, 3}) == ByteRange{2, 5});
  CHECK(s.to_original({2, 2}) == ByteRange{2, 2});
  CHECK_FALSE(s.to_original({1, 4}));
  CHECK(s.to_normalized({2, 5}) == ByteRange{1, 3});
}

TEST_CASE("removal at the ends") {
  NormalizedString s("  ab  ");
  s.filter([](char32_t c) { return c != U' '; });
  CHECK(s.to_original({0, 2}) == ByteRange{2, 4});
  NormalizedString none("  ");
  none.filter([](char32_t) { return false; });
  CHECK(none.get().empty());
  none.lowercase();
  CHECK(none.get().empty());
}

TEST_CASE("a slice keeps its place") {
  NormalizedString s("a中b");
  const auto part = s.slice({1, 4});
  REQUIRE(part);
  CHECK(part->get() == "中");
  CHECK(part->get_original() == "中");
  CHECK(part->offsets_original() == ByteRange{1, 4});
  CHECK(alignments(*part) == Ranges{{0, 3}, {0, 3}, {0, 3}});
  CHECK_FALSE(s.slice({1, 2}));
  CHECK_FALSE(s.slice({1, 9}));
}

TEST_CASE("split behaviors") {
  const NormalizedString s("the-final--countdown");
  const auto cut = [&](SplitBehavior behavior) {
    std::vector<std::string> out;
    std::vector<PatternPiece> pieces;
    find_chars(
        s.get(), [](char32_t c) { return c == U'-'; }, pieces);
    for (const auto& part : s.split(std::move(pieces), behavior)) {
      out.push_back(part.get());
    }
    return out;
  };
  using Strings = std::vector<std::string>;
  CHECK(cut(SplitBehavior::kRemoved) == Strings{"the", "final", "countdown"});
  CHECK(cut(SplitBehavior::kIsolated) == Strings{"the", "-", "final", "-", "-", "countdown"});
  CHECK(cut(SplitBehavior::kMergedWithPrevious) == Strings{"the-", "final-", "-", "countdown"});
  CHECK(cut(SplitBehavior::kMergedWithNext) == Strings{"the", "-final", "-", "-countdown"});
  CHECK(cut(SplitBehavior::kContiguous) == Strings{"the", "-", "final", "--", "countdown"});
}

TEST_CASE("BertNormalizer") {
  CHECK(normalized({}, "Ünï\t中\u200Dx") == "uni  中 x");
  CHECK(normalized({.strip_accents = false}, "É") == "é");
  CHECK(normalized({.lowercase = false}, "É") == "É");
  CHECK(normalized({.strip_accents = true, .lowercase = false}, "É") == "E");
  CHECK(normalized({}, "\u0130") == "i");
  CHECK(normalized({.strip_accents = false}, "\u0130") == "i\u0307");
  CHECK(normalized({}, "한") == "\u1112\u1161\u11AB");
  CHECK(normalized({}, "") == "");
}

TEST_CASE("BertPreTokenizer") {
  const AddedTokens none({}, nullptr);
  CHECK(tokens(none, " Hey, é?! ", nullptr, true) ==
        Placed{{0, "Hey", 1, 4}, {0, ",", 4, 5}, {0, "é", 6, 7}, {0, "?", 7, 8}, {0, "!", 8, 9}});
  CHECK(tokens(AddedTokens({}, &kBert), "É中\u0301x", nullptr, true) ==
        Placed{{0, "e", 0, 1}, {0, "中", 1, 2}, {0, "x", 3, 4}});
}

TEST_CASE("tokens are asked for before there are any") {
  PreTokenizedString p("a");
  CHECK_THROWS_AS(p.require_tokens(), Error);
  CHECK(p.get_splits(OffsetReferential::kOriginal, OffsetUnit::kChar).size() == 1);
}

TEST_CASE("the longest of the leftmost contents") {
  const std::vector<std::string> contents{"ab", "bcde", "abcd", "c", "ab"};
  const LongestMatcher matcher(contents);
  const auto hits = matcher.find("abcdeabc");
  REQUIRE(hits.size() == 3);
  CHECK(hits[0].content == 2);
  CHECK(hits[0].end == 4);
  CHECK(hits[1].content == 0);  // the first of the equal ones
  CHECK(hits[1].begin == 5);
  CHECK(hits[2].content == 3);
  CHECK(LongestMatcher(std::vector<std::string>{}).empty());
}

TEST_CASE("matching agrees with trying every content at every place") {
  // Exhaustive: contents over {a, b}, texts of up to 10 letters.
  const std::vector<std::vector<std::string>> sets{
      {"a"},      {"aa", "ab"},         {"aab", "ab", "b"}, {"abab", "ba"}, {"aaa", "aab", "ba"},
      {"", "ab"}, {"bb", "abb", "babb"}};
  for (const auto& contents : sets) {
    const LongestMatcher matcher(contents);
    const bool has_empty = contents[0].empty();
    for (std::size_t length = 0; length <= 10; ++length) {
      for (unsigned bits = 0; bits < 1U << length; ++bits) {
        std::string text;
        for (std::size_t i = 0; i < length; ++i) text += bits >> i & 1 ? 'b' : 'a';
        std::vector<ByteRange> expected, found;
        std::size_t at = 0, last_end = ~std::size_t{0};
        while (at <= length) {
          std::size_t longest = 0;
          for (const auto& c : contents) {
            if (text.compare(at, c.size(), c) == 0) longest = std::max(longest, c.size());
          }
          if (longest > 0 || (has_empty && at != last_end)) {
            expected.push_back({at, at + longest});
            last_end = at + longest;
          }
          at += std::max<std::size_t>(longest, 1);
        }
        for (const auto& h : matcher.find(text)) found.push_back({h.begin, h.end});
        REQUIRE(found == expected);
      }
    }
  }
}

TEST_CASE("lstrip and rstrip take white space, but not twice") {
  AddedToken a = raw("<a>", 1), b = raw("<b>", 2);
  a.lstrip = a.rstrip = b.lstrip = true;
  const AddedTokens added({a, b}, nullptr);
  CHECK(
      tokens(added, "x <a>  <b> <a> <a>") ==
      Placed{
          {0, "x", 0, 1}, {1, " <a>  ", 1, 7}, {2, "<b>", 7, 10}, {1, " <a> ", 10, 15}, {1, "<a>", 15, 18}});
}

TEST_CASE("white space taken by rstrip may be found again") {
  AddedToken a = raw("<a>", 1);
  a.rstrip = true;
  const AddedTokens added({a, raw("  ", 3)}, nullptr);
  CHECK(tokens(added, "<a>   x") == Placed{{1, "<a>   ", 0, 6}, {3, "  ", 3, 5}, {0, " x", 5, 7}});
  AddedToken spaces = raw("  ", 3);
  spaces.lstrip = true;
  CHECK_THROWS_AS(tokens(AddedTokens({a, spaces}, nullptr), "<a>   x"), Error);
}

TEST_CASE("a rejected match uses up its text") {
  AddedToken abc = raw("abc", 1);
  abc.single_word = true;
  const AddedTokens added({abc, raw("bcd", 2), raw("ab", 3)}, nullptr);
  CHECK(tokens(added, "abcd") == Placed{{0, "abcd", 0, 4}});
  CHECK(tokens(added, "abc d") == Placed{{1, "abc", 0, 3}, {0, " d", 3, 5}});
  const AddedTokens two({raw("<b>", 1), raw("<a><", 2)}, nullptr);
  const AddedTokens::Allowed first_only{true, false};
  CHECK(tokens(two, "<a><b>", &first_only) == Placed{{0, "<a><b>", 0, 6}});
  CHECK(tokens(two, "<a> <b>", &first_only) == Placed{{0, "<a> ", 0, 4}, {1, "<b>", 4, 7}});
}

TEST_CASE("normalized contents are found in the normalized text") {
  const AddedTokens added({{.content = "FOO", .id = 1}, raw("BAR", 2)}, &kLowercaseOnly);
  CHECK(tokens(added, "x Foo bar BAR") ==
        Placed{{0, "x ", 0, 2}, {1, "foo", 2, 5}, {0, " bar ", 5, 10}, {2, "BAR", 10, 13}});
  CHECK(added.any_normalized());
  CHECK(added.pattern(0) == "foo");
}

TEST_CASE("the last of several tokens with one id counts") {
  AddedToken second = raw("foo", 1);
  second.lstrip = true;
  const AddedTokens added({{.content = "foo", .id = 1}, second}, &kLowercaseOnly);
  CHECK(tokens(added, "x foo Foo") == Placed{{0, "x", 0, 1}, {1, " foo", 1, 5}, {0, " foo", 5, 9}});
}

TEST_CASE("a content that normalizes to nothing") {
  const AddedTokens added({{.content = "\u0301", .id = 1}, {.content = "b", .id = 2}}, &kBert);
  CHECK(tokens(added, "ab c") == Placed{{0, "a", 0, 1}, {2, "b", 1, 2}, {0, " ", 2, 3}, {0, "c", 3, 4}});
  CHECK(tokens(added, "").empty());
  CHECK_THROWS_AS(tokens(added, "中"), Error);
}

TEST_CASE("without alignment the texts are the same") {
  const Normalizer chain{{UnicodeForm{NormalForm::kNfkc}, Nmt{}, Strip{}, Prepend{"▁"}, Lowercase{},
                          StripAccents{}, Replace{{" "}, "▁"}, ByteLevelNormalizer{}}};
  CHECK_FALSE(chain.needs_alignment());
  CHECK(Normalizer{{Prepend{""}}}.needs_alignment());
  for (const std::string text : {"", " ", "É ﬁ\u0301x\t", "\u0301a\u0323\u0301", "한글 e\u0301"}) {
    NormalizedString with(text), without = NormalizedString::unaligned(text);
    chain.normalize(with);
    chain.normalize(without);
    CHECK(with.get() == without.get());
    CHECK(with.alignments().size() == with.get().size());
  }
}

TEST_CASE("a damaged charsmap has no rules, or cannot be parsed") {
  CHECK_THROWS_AS(Charsmap(""), Error);
  CHECK_THROWS_AS(Charsmap(std::string("\x08\0\0\0abcd", 8)), Error);
  CHECK_THROWS_AS(Charsmap(std::string("\0\0\0\0\xff", 5)), Error);
  CHECK_FALSE(Charsmap(std::string(4, '\0')).transform("a"));
  for (unsigned i = 0; i < 4096; ++i) {
    std::string bytes(4 + 32, '\0');
    bytes[0] = 32;
    for (unsigned at = 4; at < bytes.size(); ++at)
      bytes[at] = static_cast<char>(i * 2654435761u >> (at % 24));
    const Charsmap map(bytes);
    for (const char* text : {"a", "é", "中", "\x01"}) map.transform(text);
  }
}
