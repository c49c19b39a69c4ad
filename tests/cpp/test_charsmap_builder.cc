// Compiled rules do to a text what the rules say, by both readers of a charsmap; and a model of a whole text.
#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/pipeline/sentencepiece_text.h"
#include "fasttok/text/charsmap.h"
#include "fasttok/text/charsmap_builder.h"
#include "fasttok/text/sentencepiece_normalizer.h"

using namespace fasttok;

namespace {

using Rules = std::vector<std::pair<std::string, std::string>>;

// Small alphabets make rules with common beginnings and ends; the last has every byte but NUL.
Rules random_rules(std::mt19937& random, std::size_t count, unsigned alphabet) {
  std::map<std::string, std::string> rules;
  const auto text = [&](std::size_t least, std::size_t most) {
    std::string made;
    const std::size_t size = least + random() % (most - least + 1);
    for (std::size_t i = 0; i < size; ++i) made += static_cast<char>(256 - alphabet + random() % alphabet);
    return made;
  };
  for (std::size_t i = 0; i < count; ++i) rules[text(1, 6)] = text(0, 2);
  return {rules.begin(), rules.end()};
}

}  // namespace

TEST_CASE("what is compiled has the rules, and no others") {
  std::mt19937 random(1);
  for (const unsigned alphabet : {1u, 2u, 5u, 255u}) {
    for (const std::size_t count : {1u, 2u, 10u, 300u, 5000u}) {
      const Rules rules = random_rules(random, count, alphabet);
      const LongestCharsmap charsmap(build_charsmap(rules));
      CHECK(charsmap.rules() == rules);
      for (const auto& [from, to] : rules) {
        const LongestCharsmap::Rule found = charsmap.find(from);
        CHECK(found.size == from.size());
        CHECK(found.replacement == to);
      }
    }
  }
}

TEST_CASE("of two rules for one text the later counts; equal texts are written once") {
  const std::string bytes = build_charsmap({{"a", "x"}, {"b", "y"}, {"a", "y"}});
  CHECK(bytes.substr(bytes.size() - 2) == std::string("y\0", 2));
  CHECK(LongestCharsmap(bytes).rules() == Rules{{"a", "y"}, {"b", "y"}});
  CHECK(Charsmap(bytes).transform("ab") == "y");
}

TEST_CASE("what cannot be a rule is refused") {
  CHECK_THROWS_AS(build_charsmap({}), FormatError);
  CHECK_THROWS_AS(build_charsmap({{"", "x"}}), FormatError);
  CHECK_THROWS_AS(build_charsmap({{std::string("a\0", 2), "x"}}), FormatError);
  CHECK_THROWS_AS(build_charsmap({{"a", std::string("\0", 1)}}), FormatError);
  CHECK_THROWS_AS(build_charsmap({{std::string(1001, 'a'), "x"}}), FormatError);
  CHECK(LongestCharsmap(build_charsmap({{std::string(1000, 'a'), "x"}})).rules().size() == 1);
}

TEST_CASE("a model of a whole text gives the same ids with places and without") {
  sentencepiece::ModelSpec spec;
  using sentencepiece::PieceType;
  spec.pieces = {{"<unk>", 0, PieceType::kUnknown}, {"<s>", 0, PieceType::kControl}, {"▁", -2}, {"a", -3}};
  const sentencepiece::SentencePieceText model(std::move(spec));
  std::vector<std::uint32_t> ids;
  model.ids_of("a  xy a", ids);
  std::vector<std::uint32_t> of_tokens;
  for (const Token& token : model.tokenize("a  xy a")) of_tokens.push_back(token.id);
  CHECK(ids == of_tokens);
  CHECK(ids == std::vector<std::uint32_t>{2, 3, 2, 0, 2, 3});
  CHECK(model.decode(std::vector<std::uint32_t>{1, 2, 3, 99, 3}) == "aa");
  CHECK(model.vocab().token_to_id("<s>") == 1u);
}
