#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/model/vocab.h"
#include "fasttok/model/wordpiece.h"
#include "fasttok/model/wordpiece_matcher.h"
#include "fasttok/unicode/utf8.h"

using namespace fasttok;

namespace {

std::shared_ptr<const Vocab> vocab_of(std::initializer_list<VocabEntry> entries) {
  return std::make_shared<Vocab>(entries);
}

std::string shown(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) {
    text += token.value + "=" + std::to_string(token.id) + "@" + std::to_string(token.offsets.first) + "-" +
            std::to_string(token.offsets.second) + " ";
  }
  return text;
}

}  // namespace

TEST_CASE("vocab: both directions") {
  const Vocab vocab{{"[UNK]", 0}, {"a", 1}, {"##b", 2}, {"", 3}};
  CHECK(vocab.size() == 4);
  CHECK(vocab.id_limit() == 4);
  CHECK(vocab.ids_are_unique());
  CHECK(vocab.longest_token() == 5);
  CHECK(vocab.token_to_id("##b") == 2u);
  CHECK(vocab.token_to_id("") == 3u);
  CHECK_FALSE(vocab.token_to_id("b"));
  CHECK(vocab.id_to_token(1) == "a");
  CHECK_FALSE(vocab.id_to_token(4));
}

TEST_CASE("vocab: empty") {
  const Vocab vocab(std::vector<std::pair<std::string, std::uint32_t>>{});
  CHECK(vocab.size() == 0);
  CHECK(vocab.id_limit() == 0);
  CHECK_FALSE(vocab.token_to_id("a"));
  CHECK_FALSE(vocab.id_to_token(0));
}

TEST_CASE("vocab: a repeated token keeps its last id and leaves a hole") {
  const Vocab vocab{{"a", 0}, {"b", 1}, {"a", 2}};
  CHECK(vocab.size() == 2);
  CHECK(vocab.token_to_id("a") == 2u);
  CHECK_FALSE(vocab.id_to_token(0));
  CHECK(vocab.entries()[0].token == "b");
  CHECK(vocab.entries()[1].token == "a");
}

TEST_CASE("vocab: two tokens with one id, the first by text answers") {
  const Vocab vocab{{"z", 7}, {"b", 7}, {"c", 1}};
  CHECK_FALSE(vocab.ids_are_unique());
  CHECK(vocab.id_to_token(7) == "b");
  CHECK(vocab.token_to_id("z") == 7u);
  CHECK(vocab.id_limit() == 8);
}

TEST_CASE("vocab: ids up to 2^32 - 1") {
  const Vocab vocab{{"a", 4294967295u}, {"b", 0}, {"c", 4294967295u}};
  CHECK(vocab.id_limit() == 4294967296u);
  CHECK(vocab.id_to_token(4294967295u) == "a");
  CHECK(vocab.id_to_token(0) == "b");
  CHECK_FALSE(vocab.id_to_token(4294967294u));
}

TEST_CASE("vocab: many tokens, in and out of order, still found after a move") {
  for (const bool reversed : {false, true}) {
    std::vector<std::pair<std::string, std::uint32_t>> entries;
    for (std::uint32_t i = 0; i < 5000; ++i) {
      const std::uint32_t id = reversed ? 4999 - i : i;
      entries.emplace_back("token" + std::to_string(id), id);
    }
    Vocab built(entries);
    const Vocab vocab = std::move(built);
    bool all = vocab.size() == 5000;
    for (const auto& [token, id] : entries)
      all = all && vocab.token_to_id(token) == id && vocab.id_to_token(id) == token;
    CHECK(all);
    CHECK(vocab.entries()[4321].token == "token4321");
  }
}

TEST_CASE("wordpiece: greedy longest match, offsets in bytes") {
  const WordPiece model{vocab_of({{"[UNK]", 0}, {"a", 1}, {"##é", 2}, {"##b", 3}, {"##bb", 4}})};
  CHECK(shown(model.tokenize("aéb")) == "a=1@0-1 ##é=2@1-3 ##b=3@3-4 ");
  CHECK(shown(model.tokenize("abbb")) == "a=1@0-1 ##bb=4@1-3 ##b=3@3-4 ");
  CHECK(shown(model.tokenize("é")) == "[UNK]=0@0-2 ");
  CHECK(shown(model.tokenize("abc")) == "[UNK]=0@0-3 ");
  CHECK(model.tokenize("").empty());
}

TEST_CASE("wordpiece: greed is not undone") {
  const WordPiece model{vocab_of({{"[UNK]", 0}, {"ab", 1}, {"a", 2}, {"##bc", 3}})};
  CHECK(shown(model.tokenize("abc")) == "[UNK]=0@0-3 ");
}

TEST_CASE("wordpiece: the limit counts characters") {
  WordPiece model{vocab_of({{"[UNK]", 0}, {"é", 1}, {"##é", 2}})};
  model.max_input_chars_per_word = 2;
  CHECK(shown(model.tokenize("éé")) == "é=1@0-2 ##é=2@2-4 ");
  CHECK(shown(model.tokenize("ééé")) == "[UNK]=0@0-6 ");
}

TEST_CASE("wordpiece: unknown token absent") {
  const WordPiece model{vocab_of({{"a", 0}})};
  CHECK(shown(model.tokenize("a")) == "a=0@0-1 ");
  CHECK_THROWS_WITH_AS(model.tokenize("b"), "WordPiece error: Missing [UNK] token from the vocabulary",
                       Error);
}

TEST_CASE("wordpiece: other prefixes") {
  WordPiece model{vocab_of({{"u", 0}, {"a", 1}, {"b", 2}})};
  model.unk_token = "u";
  model.continuing_subword_prefix = "";
  CHECK(shown(model.tokenize("abba")) == "a=1@0-1 b=2@1-2 b=2@2-3 a=1@3-4 ");
  model.continuing_subword_prefix = "longer than any token";
  CHECK(shown(model.tokenize("ab")) == "u=0@0-2 ");
}

namespace {

struct RandomWords {
  std::mt19937 random{94};
  std::string word(std::size_t most) {
    static const char* const characters[] = {"a", "b", "é", "#", "中", "😀"};
    std::string text;
    for (std::size_t n = 1 + random() % most; n > 0; --n) text += characters[random() % 6];
    return text;
  }
  WordPiece model(const std::string& prefix, std::size_t tokens) {
    std::vector<std::pair<std::string, std::uint32_t>> entries{{"[UNK]", 0}};
    for (std::uint32_t id = 1; id <= tokens; ++id)
      entries.emplace_back((random() % 2 ? prefix : "") + word(3), id);
    return {std::make_shared<Vocab>(entries), "[UNK]", prefix, 1 + random() % 12};
  }
};

std::vector<std::uint32_t> ids_of(const WordPieceMatcher& matcher, const std::string& word) {
  std::vector<std::uint32_t> ids(word.size());
  ids.resize(matcher.match(reinterpret_cast<const std::uint8_t*>(word.data()), word.size(), utf8_length(word),
                           ids.data()));
  return ids;
}

// The pieces of words that have keys, matched together.
std::vector<std::vector<std::uint32_t>> ids_of(const WordPieceMatcher& matcher,
                                               const std::vector<std::string>& words) {
  std::vector<WordPieceMatcher::Query> queries;
  for (const std::string& word : words) {
    WordPieceMatcher::Query query{};
    query.key = make_key(word.data(), word.size());
    query.length = static_cast<std::uint8_t>(word.size());
    query.chars = static_cast<std::uint8_t>(utf8_length(word));
    queries.push_back(query);
  }
  matcher.match_keys(queries);
  std::vector<std::vector<std::uint32_t>> ids;
  for (const WordPieceMatcher::Query& query : queries) ids.emplace_back(query.ids, query.ids + query.count);
  return ids;
}

std::vector<std::uint32_t> ids_of(const WordPiece& model, const std::string& word) {
  std::vector<std::uint32_t> ids;
  for (const Token& token : model.tokenize(word)) ids.push_back(token.id);
  return ids;
}

}  // namespace

TEST_CASE("wordpiece: the matcher's first words, and those after the trie was made, are the model's") {
  RandomWords words;
  for (const char* const prefix : {"##", "", "é", "中", "longer than any word"}) {
    for (int round = 0; round < 50; ++round) {
      const WordPiece model = words.model(prefix, 1 + words.random() % 60);
      const bool chinese_apart = round % 2 == 0;
      const WordPieceMatcher matcher(model, chinese_apart);
      for (std::uint32_t i = 0; i < 4 * WordPieceMatcher::kFirstWords; ++i) {
        const std::string word = words.word(14);
        if (chinese_apart && word.find("中") != std::string::npos) continue;
        REQUIRE(ids_of(matcher, word) == ids_of(model, word));
      }
    }
  }
}

TEST_CASE("wordpiece: words that are matched together have the model's pieces") {
  RandomWords words;
  for (const char* const prefix : {"##", "", "é", "longer than any word"}) {
    for (int round = 0; round < 50; ++round) {
      const WordPiece model = words.model(prefix, 1 + words.random() % 60);
      const WordPieceMatcher matcher(model, false);
      for (const std::size_t count : {0, 1, 5, 30, 200}) {
        std::vector<std::string> some;
        std::vector<std::vector<std::uint32_t>> expected;
        while (some.size() < count) {
          const std::string word = words.word(14);
          if (word.size() > kMaxKeyBytes) continue;
          some.push_back(word);
          expected.push_back(ids_of(model, word));
        }
        REQUIRE(ids_of(matcher, some) == expected);
      }
    }
  }
}

TEST_CASE("wordpiece: the first words, too, take time in proportion to their length") {
  // The literal model would take a quarter of an hour.
  constexpr std::size_t kSize = 50'000;
  const WordPiece model{vocab_of({{"[UNK]", 0}, {"a", 1}, {"##a", 2}, {std::string(kSize, 'b'), 3}}), "[UNK]",
                        "##", kSize};
  const WordPieceMatcher matcher(model, false);
  const std::vector<std::uint32_t> ids = ids_of(matcher, std::string(kSize, 'a'));
  CHECK(ids.size() == kSize);
  CHECK(ids.front() == 1);
  CHECK(ids.back() == 2);
}

TEST_CASE("wordpiece: several threads come to the trie at once") {
  RandomWords words;
  for (int round = 0; round < 20; ++round) {
    const WordPiece model = words.model("##", 60);
    const WordPieceMatcher matcher(model, false);
    std::vector<std::string> texts;
    std::vector<std::vector<std::uint32_t>> expected;
    for (std::uint32_t i = 0; i < 2 * WordPieceMatcher::kFirstWords; ++i) {
      texts.push_back(words.word(10));
      expected.push_back(ids_of(model, texts.back()));
    }
    std::vector<int> equal(4);
    std::vector<std::thread> threads;
    for (int& result : equal) {
      threads.emplace_back([&] {
        result = 1;
        for (std::size_t i = 0; i < texts.size(); ++i) result &= ids_of(matcher, texts[i]) == expected[i];
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(equal == std::vector<int>(4, 1));
  }
}
