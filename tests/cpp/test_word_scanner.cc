// Words by masks beside words one by one, and where texts may be cut between them.
#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/text/byte_splitter.h"
#include "fasttok/text/word_scanner.h"
#include "fasttok/unicode/properties.h"
#include "fasttok/unicode/utf8.h"
#include "random_texts.h"

using namespace fasttok;
using namespace fasttok::testing;

namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// The ends of the words of some texts, one behind the other, each by itself.
std::vector<std::size_t> ends_of(const SplitRules& rules, std::initializer_list<std::string_view> texts) {
  std::vector<std::size_t> ends;
  std::size_t begin = 0;
  for (const std::string_view text : texts) {
    for (std::size_t at = 0; at < text.size();) {
      at = rules.word_end(text, at);
      ends.push_back(begin + at);
    }
    begin += text.size();
  }
  return ends;
}

}  // namespace

TEST_CASE("byte_splitter: single digits split off first are one more rule") {
  const auto splitter = ByteSplitter::of(PreTokenizer{{Digits{true}, ByteLevel{false, true}}});
  REQUIRE(splitter);
  REQUIRE(splitter->rules());
  CHECK_FALSE(ByteSplitter::of(PreTokenizer{{Digits{false}, ByteLevel{false, true}}})->rules());
  bool good = true;
  for (unsigned seed = 0; seed < 8000 * test_rounds() && good; ++seed) {
    Random random(seed);
    static const std::u32string kChars =
        U"ab1234  \t\n\u3000.,'st\u0663\u00BD\u4E2D\u2160\U0001D7D8\U00011DE1";
    std::string text;
    for (unsigned n = 1 + below(random, 25); n > 0; --n)
      append_utf8(text, kChars[below(random, kChars.size())]);
    // Stage by stage: the digits, and GPT-2's rules between them.
    std::vector<std::size_t> expected, found, scanned;
    std::vector<PatternPiece> pieces;
    find_chars(
        text, [](char32_t c) { return (char_flags(c) & kNumeric) != 0; }, pieces);
    for (const PatternPiece& piece : pieces) {
      const std::size_t begin = piece.range.begin;
      const std::string_view part = std::string_view(text).substr(begin, piece.range.end - begin);
      for (std::size_t at = 0; at < part.size();) {
        at = SplitRules::gpt2().word_end(part, at);
        expected.push_back(begin + at);
      }
    }
    for (std::size_t at = 0; at < text.size();) {
      at = splitter->rules()->word_end(text, at);
      found.push_back(at);
    }
    WordScanner scanner(*splitter->rules(), text);
    std::vector<std::uint32_t> bounds(WordScanner::kRoom);
    for (std::size_t at = 0; at < text.size(); at = scanned.back()) {
      const std::size_t count = scanner.next(at, bounds.data()).count;
      REQUIRE(count > 0);
      for (std::size_t k = 0; k < count; ++k) scanned.push_back(at + bounds[k + 1]);
    }
    good = found == expected && scanned == expected;
    if (!good) MESSAGE("seed " << seed);
  }
  CHECK(good);
}

TEST_CASE("word scanner: a NUL in a word that reaches beyond the chunk is known") {
  const std::string text = std::string(WordScanner::kMostWords, '!') + '\0' + " a";
  const SplitRules rules = SplitRules::gpt2();
  WordScanner scanner(rules, text);
  std::vector<std::uint32_t> bounds(WordScanner::kRoom);
  CHECK(scanner.next(0, bounds.data()).nul);
}

TEST_CASE("word_scanner: words by masks are words one by one; SplitRules::divides") {
  static const std::vector<std::u32string> kKinds = {U"abcdefgh",
                                                     U"ABCdef",
                                                     U"0123456789",
                                                     U"中文字国的",
                                                     U"かなガ",
                                                     U"한국어",
                                                     U"éÉüñıİ",
                                                     U"e\u0301\u0327\u20DD",
                                                     U"'stmdrevlSTMDREVL\u017F",
                                                     U" ",
                                                     U"  \t",
                                                     U"\n\r ",
                                                     U"\u3000\xA0\u2028\x85",
                                                     U".,!?/-",
                                                     U"“”。，",
                                                     U"٣४½\u2160",
                                                     U"\U0001F600\U00020000\U0001D7D8\U00011DE1",
                                                     U"ʰªǅ",
                                                     U"\x01\u200B"};
  static const SplitRules kRules[] = {SplitRules::gpt2(),
                                      SplitRules{.most_digits = 1, .digits_apart = true},
                                      SplitRules{.contraction = SplitRules::Contraction::kAnyCase,
                                                 .any_prefix = true,
                                                 .most_digits = 3,
                                                 .newline_tail = true,
                                                 .newline_run = true},
                                      SplitRules{.contraction = SplitRules::Contraction::kAnyCase,
                                                 .any_prefix = true,
                                                 .newline_tail = true,
                                                 .newline_run = true,
                                                 .space_end = true},
                                      SplitRules{.contraction = SplitRules::Contraction::kAnyCase,
                                                 .any_prefix = true,
                                                 .most_digits = 1,
                                                 .newline_tail = true,
                                                 .newline_run = true},
                                      SplitRules{.contraction = SplitRules::Contraction::kSuffix,
                                                 .any_prefix = true,
                                                 .most_digits = 3,
                                                 .case_split = true,
                                                 .newline_tail = true,
                                                 .slash_tail = true,
                                                 .newline_run = true}};
  bool good = true;
  struct {
    std::size_t cuts = 0, divided = 0, ascii = 0;
  } counts[std::size(kRules)];
  for (unsigned seed = 0; seed < 6000 * test_rounds() && good; ++seed) {
    Random random(seed);
    std::string text;
    const unsigned runs = 1 + below(random, seed % 16 ? 30 : 600);
    for (unsigned run = 0; run < runs; ++run) {
      const std::u32string& kind = kKinds[below(random, seed % 3 ? kKinds.size() : 11)];
      const unsigned lengths[] = {1, 1, 2, 3, 5, 9, 70, seed % 16 ? 4u : 1500u};
      for (unsigned n = lengths[below(random, 8)]; n > 0; --n)
        append_utf8(text, kind[below(random, kind.size())]);
      if (seed % 5 == 0 && below(random, 9) == 0) text += '\0';
    }
    const std::u32string chars = to_utf32(text);
    // The same text, but for what is no unit by itself.
    std::vector<std::uint16_t> units;
    std::string of_units;
    std::vector<std::size_t> places;  // in it, by unit
    for (const char32_t c : chars) {
      if (c >= 0x10000) continue;
      places.push_back(of_units.size());
      append_utf8(of_units, c);
      units.push_back(static_cast<std::uint16_t>(c));
    }
    places.push_back(of_units.size());
    const std::size_t first_cut = 1 + below(random, 40);
    const std::size_t middle = below(random, static_cast<unsigned>(chars.size()) + 1);
    const std::string left = to_utf8(chars.substr(0, middle)), right = text.substr(left.size());
    std::vector<std::uint32_t> bounds(WordScanner::kRoom);
    for (std::size_t r = 0; r < std::size(kRules); ++r) {
      const SplitRules& rules = kRules[r];
      const std::vector<std::size_t> whole = ends_of(rules, {text});
      WordScanner scanner(rules, text);
      std::vector<std::size_t> scanned;
      for (std::size_t at = 0; at < text.size(); at = scanned.back()) {
        const WordScanner::Words words = scanner.next(at, bounds.data());
        good = good && words.count > 0;
        if (!good) break;
        for (std::size_t k = 0; k < words.count; ++k) scanned.push_back(at + bounds[k + 1]);
        const std::string_view all(text.data() + at, scanned.back() - at);
        good = good && (words.nul || all.find('\0') == all.npos) && (!words.ascii || is_ascii(all));
        counts[r].ascii += words.ascii;
      }
      good = good && scanned == whole;
      // Where it may be cut, the words of the parts are those of the whole.
      for (std::size_t i = first_cut; i < std::min(first_cut + 40, chars.size()); ++i) {
        if (!SplitRules::divides(chars[i - 1], chars[i])) continue;
        const std::size_t cut = to_utf8(chars.substr(0, i)).size();
        good = good && whole == ends_of(rules, {std::string_view(text).substr(0, cut),
                                                std::string_view(text).substr(cut)});
        ++counts[r].cuts;
        break;
      }
      // The words of two texts, and between them those of what divides them.
      const auto divider = left.empty() || right.empty()
                               ? std::nullopt
                               : SplitRules::divider(chars[middle - 1], chars[middle]);
      if (divider) {
        const std::string between(*divider);
        good = good && ends_of(rules, {left + between + right}) == ends_of(rules, {left, between, right});
        ++counts[r].divided;
      }
      UnitWordScanner unit_scanner(rules, {units.data(), units.size()});
      for (std::size_t at = 0, begin = 0; at < units.size() && good; at = begin) {
        const std::size_t count = unit_scanner.next(at, bounds.data()).count;
        good = good && count > 0;
        for (std::size_t k = 0; k < count; ++k) {
          good = good && rules.word_end(of_units, places[begin]) == places[at + bounds[k + 1]];
          begin = at + bounds[k + 1];
        }
      }
      if (!good) {
        MESSAGE("seed " << seed << ", rules " << r);
        break;
      }
    }
  }
  CHECK(good);
  for (const auto& count : counts) {
    CHECK(count.cuts > 100);
    CHECK(count.divided > 1000);
    CHECK(count.ascii > 100);
  }
}
