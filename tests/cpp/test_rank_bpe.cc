#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/model/rank_bpe.h"

using namespace fasttok;

namespace {

// The definition: again and again the leftmost of the pairs with the lowest rank.
std::vector<std::uint32_t> merged_plainly(const std::string& word, const Vocab& vocab) {
  if (const auto id = vocab.token_to_id(word)) return {*id};
  std::vector<std::string> parts;
  for (const char c : word) parts.emplace_back(1, c);
  while (true) {
    std::uint32_t lowest = 0xFFFFFFFFu;
    std::size_t where = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto rank = vocab.token_to_id(parts[i] + parts[i + 1]);
      if (rank && *rank < lowest) {
        lowest = *rank;
        where = i;
      }
    }
    if (lowest == 0xFFFFFFFFu) break;
    parts[where] += parts[where + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(where) + 1);
  }
  std::vector<std::uint32_t> ids;
  for (const std::string& part : parts) ids.push_back(vocab.token_to_id(part).value());
  return ids;
}

std::vector<std::uint32_t> ids_of(const std::vector<Token>& tokens) {
  std::vector<std::uint32_t> ids;
  for (const Token& token : tokens) ids.push_back(token.id);
  return ids;
}

}  // namespace

TEST_CASE("rank BPE: lowest rank first, the leftmost of equal ones; offsets in bytes") {
  const RankBpe model{std::make_shared<Vocab>(Vocab{{"a", 0}, {"Ġ", 1}, {"Ġa", 3}, {"aa", 2}})};
  const auto tokens = model.tokenize("Ġaaa");
  CHECK(ids_of(tokens) == std::vector<std::uint32_t>{1, 2, 0});
  CHECK(tokens[1].value == "aa");
  CHECK(tokens[1].offsets == std::pair<std::size_t, std::size_t>{2, 4});
  CHECK(ids_of(model.tokenize("Ġa")) == std::vector<std::uint32_t>{3});
  CHECK(model.tokenize("").empty());
}

TEST_CASE("rank BPE: a token that no merges reach is taken as a whole word only") {
  const RankBpe model{
      std::make_shared<Vocab>(Vocab{{"a", 0}, {"b", 1}, {"c", 2}, {"abc", 3}, {"cc", 0xFFFFFFFFu}})};
  CHECK(ids_of(model.tokenize("abc")) == std::vector<std::uint32_t>{3});
  CHECK(ids_of(model.tokenize("abca")) == std::vector<std::uint32_t>{0, 1, 2, 0});
  CHECK(ids_of(model.tokenize("cc")) == std::vector<std::uint32_t>{0xFFFFFFFFu});
  CHECK(ids_of(model.tokenize("ccc")) == std::vector<std::uint32_t>{2, 2, 2});
}

TEST_CASE("rank BPE: a pair of parts that are no tokens merges; one that is left is an error") {
  const RankBpe model{std::make_shared<Vocab>(Vocab{{"ab", 0}, {"a", 1}})};
  CHECK(ids_of(model.tokenize("aab")) == std::vector<std::uint32_t>{1, 0});
  CHECK_THROWS_WITH_AS(model.tokenize("ba"), "the vocabulary has no token for byte 98", KeyError);
}

TEST_CASE("rank BPE: random vocabularies against the definition") {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::pair<std::string, std::uint32_t>> entries{{"a", 0}, {"b", 1}, {"c", 2}};
    const auto tokens = random() % 12;
    for (std::uint32_t i = 0; i < tokens; ++i) {
      std::string token;
      for (std::size_t size = 2 + random() % 4; size > 0; --size)
        token += static_cast<char>('a' + random() % 3);
      bool known = false;
      for (const auto& [text, rank] : entries) known = known || text == token;
      if (!known) entries.emplace_back(token, 3 + 7 * i);
    }
    std::shuffle(entries.begin() + 3, entries.end(), random);
    const RankBpe model{std::make_shared<Vocab>(entries)};
    bool equal = true;
    for (int i = 0; i < 40; ++i) {
      std::string word;
      for (std::size_t size = 1 + random() % 30; size > 0; --size)
        word += static_cast<char>('a' + random() % 3);
      equal = equal && ids_of(model.tokenize(word)) == merged_plainly(word, *model.vocab);
    }
    CHECK(equal);
  }
}
