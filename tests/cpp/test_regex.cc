#include "fasttok/regex/regex.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/regex/char_set.h"
#include "fasttok/regex/program.h"

namespace {

using fasttok::Regex;
using fasttok::regex::Engine;
using fasttok::regex::Span;
using Spans = std::vector<Span>;

constexpr std::string_view kGpt2 =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

std::string error_of(std::string_view pattern) {
  try {
    Regex regex(pattern);
  } catch (const fasttok::Error& error) {
    return error.what();
  }
  return "";
}

// The same matches by every engine that can run the pattern.
Spans find_all(std::string_view pattern, std::string_view text) {
  const Regex regex(pattern);
  const Spans matches = regex.find_all(text);
  for (const Engine engine : {Engine::kDfa, Engine::kTwoPass, Engine::kBacktrack}) {
    try {
      const Spans others = regex.with_engine(engine).find_all(text);
      CHECK_MESSAGE(others == matches, pattern << " on " << text);
    } catch (const fasttok::ValueError&) {
      CHECK(engine != Engine::kBacktrack);
    }
  }
  return matches;
}

}  // namespace

TEST_CASE("GPT-2's pattern: words with their space, the last space of a run apart") {
  CHECK(find_all(kGpt2, "Hi  there's 中文 42!") ==
        Spans{{0, 2}, {2, 3}, {3, 9}, {9, 11}, {11, 18}, {18, 21}, {21, 22}});
  CHECK(Regex(kGpt2).engine() == Engine::kDfa);
}

TEST_CASE("the first way wins, not the longest") {
  CHECK(find_all("a|ab", "ab") == Spans{{0, 1}});
  CHECK(find_all("(?:a|ab)(?:c|bcd)", "abcd") == Spans{{0, 4}});
  CHECK(find_all("a+?", "aa") == Spans{{0, 1}, {1, 2}});
  CHECK(find_all("(?>a|ab)c|abc", "abc") == Spans{{0, 3}});
  CHECK(find_all("(|a)*", "aa") == Spans{{0, 0}, {1, 1}, {2, 2}});
}

TEST_CASE("an empty match is left out where the match before it ends") {
  CHECK(find_all("x*", "axxb") == Spans{{0, 0}, {1, 3}, {4, 4}});
  CHECK(find_all("", "é") == Spans{{0, 0}, {2, 2}});
  CHECK(find_all("", "") == Spans{{0, 0}});
}

TEST_CASE("look-around of any length") {
  CHECK(find_all("\\d{1,3}(?=(?:\\d{3})*\\b)", "1234567") == Spans{{0, 1}, {1, 4}, {4, 7}});
  CHECK(find_all("(?<=a|bc)d", "ad bcd d") == Spans{{1, 2}, {5, 6}});
  CHECK(find_all("(?<!a+)b", "aab b") == Spans{{4, 5}});
  CHECK(Regex("(?=ab)a").engine() == Engine::kTwoPass);
  CHECK(Regex("(?<=ab)a").engine() == Engine::kBacktrack);
}

TEST_CASE("ignoring case: single characters and strings that stand for one") {
  CHECK(find_all("(?i)'S", "'s 'ſ") == Spans{{0, 2}, {3, 6}});
  CHECK(find_all("(?i)ss", "ß ẞ Ss") == Spans{{0, 2}, {3, 6}, {7, 9}});
  CHECK(find_all("(?i)[ß]", "ss") == Spans{{0, 2}});
}

TEST_CASE("back-references, calls, conditions") {
  CHECK(find_all("(a|b)\\1", "abba") == Spans{{1, 3}});
  CHECK(find_all("(?<n>a\\g<n>?b)", "aabb") == Spans{{0, 4}});
  CHECK(find_all("(x)?(?(1)y|z)", "xyz") == Spans{{0, 2}, {2, 3}});
  CHECK(find_all("a\\Kb", "ab") == Spans{{1, 2}});
}

TEST_CASE("errors are Oniguruma's") {
  CHECK(error_of("(") == "Oniguruma error: end pattern with unmatched parenthesis");
  CHECK(error_of("[b-a]") == "Oniguruma error: empty range in char class");
  CHECK(error_of("\\p{Foo}") == "Oniguruma error: invalid character property name {Foo}");
  CHECK(error_of("(?<n>\\g<n>)") == "Oniguruma error: never ending recursion");
  CHECK(error_of(std::string(100000, '(')) == "Oniguruma error: parse depth limit over");
}

TEST_CASE("an empty search and a search from the middle see what stands before") {
  const Regex regex("(?<=a)b|\\bc|^d");
  CHECK(regex.find("ab", 1) == Span{1, 2});
  CHECK_FALSE(regex.find("ac", 1));
  CHECK_FALSE(regex.find("ad", 1));
  CHECK(regex.find("\nd", 1) == Span{1, 2});
  CHECK_FALSE(regex.find("", 0));
}

TEST_CASE("random texts: the engines agree") {
  std::mt19937 random(7);
  const std::vector<std::string> letters = {"a", "B", "1", " ", "\n", "é", "中", "'s", "\r\n", "ß"};
  const std::vector<std::string_view> patterns = {
      kGpt2,
      "(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| "
      "?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s",
      "(?:a|B?)*?1|\\b.|(?>é*|中)\\s",
      "(?=\\w+\\s)\\w|(?!a.)\\p{L}{2,3}$",
      "((?:|a|é){3,5}){1,2}1|^\\s*\\Z",
  };
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (unsigned i = random() % 12; i > 0; --i) text += letters[random() % letters.size()];
    for (const std::string_view pattern : patterns) find_all(pattern, text);
  }
}

TEST_CASE("long runs take linear time: the table gives up on them in time") {
  const std::string text(300'000, 'a');
  CHECK(Regex("a*b|a").find_all(text).size() == text.size());
  CHECK(Regex("(?:a|aa)*$").find_all(text).size() == 1);
  CHECK_FALSE(Regex("(a+)+b").find(text));
}

TEST_CASE("backtracking without end is an error") {
  CHECK_THROWS_AS(Regex("(a+)+\\1b").find(std::string(40, 'a')), fasttok::ValueError);
}

TEST_CASE("many threads on one object") {
  const Regex regex(kGpt2);
  const std::string text = "Many threads, one pattern: 一个 pattern. ";
  const Spans expected = regex.find_all(text);
  std::vector<std::thread> threads;
  std::vector<int> good(4);
  for (std::size_t i = 0; i < good.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 200; ++k) good[i] += regex.find_all(text) == expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == std::vector<int>(4, 200));
}

TEST_CASE("sets of characters") {
  using fasttok::regex::CharSet;
  CharSet set(U'a', U'f');
  set.add(U'd', U'z');
  set.add(U'0');
  CHECK(set.ranges() == std::vector<fasttok::regex::CharRange>{{U'0', U'0'}, {U'a', U'z'}});
  CharSet rest = set;
  rest.negate();
  CHECK_FALSE(rest.contains(U'b'));
  CHECK(rest.contains(U'A'));
  rest.intersect(set);
  CHECK(rest.empty());
  CHECK(fasttok::regex::simple_fold_set(U'k').contains(0x212A));
}
