// The fused bert engine against the generic one, on texts that are made to hurt.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "engine_pairs.h"
#include "fasttok/pipeline/tokenizer.h"
#include "fasttok/unicode/utf8.h"

using namespace fasttok;
using namespace fasttok::testing;

namespace {

std::string escaped(const Chars& text) {
  std::string out;
  for (const char32_t c : text) {
    char code[16];
    std::snprintf(code, sizeof code, "\\U%06X", static_cast<unsigned>(c));
    if (c > 0x20 && c < 0x7F)
      out += static_cast<char>(c);
    else
      out += code;
  }
  return out;
}

bool agree_on(const Engines& engines, const Chars& text, SequenceRequest request, Random& random) {
  for (const HeldText& form : held(text)) {
    request.texts = {&form.view(), 1};
    if (!engines.agree(request, random)) return false;
  }
  return true;
}

// The text without what the engines agree on anyway.
Chars shrunk(const Engines& engines, Chars text, const SequenceRequest& request) {
  for (std::size_t size = std::max<std::size_t>(text.size() / 2, 1); size > 0; size /= 2) {
    for (std::size_t at = 0; at < text.size();) {
      Chars shorter = text;
      shorter.erase(at, size);
      Random random(0);
      bool fails = false;
      for (int i = 0; i < 10 && !fails; ++i) fails = !agree_on(engines, shorter, request, random);
      if (fails)
        text = shorter;
      else
        at += size;
    }
  }
  return text;
}

bool check_text(const Engines& engines, const Chars& text, const SequenceRequest& request, Random& random) {
  if (agree_on(engines, text, request, random)) return true;
  CAPTURE(escaped(shrunk(engines, text, request)));
  CHECK(false);
  return false;
}

bool check_words(const Engines& engines, Random& random) {
  std::vector<HeldText> forms;
  std::vector<TextView> views;
  for (unsigned n = below(random, 8); n > 0; --n) {
    auto all = held(random_text(random, below(random, 4)));
    forms.push_back(std::move(all[below(random, all.size())]));
  }
  for (const HeldText& form : forms) views.push_back(form.view());
  return engines.agree({.texts = views, .pretokenized = true}, random);
}

void fuzz(const Spec& spec, int texts, Random& random) {
  REQUIRE(BertEngine::fits(spec, GenericEngine(spec)));
  const Engines engines(spec);
  bool good = true;
  for (int i = 0; i < texts && good; ++i) {
    SequenceRequest request;
    std::vector<bool> allowed;
    for (const AddedToken& token : engines.generic.added_tokens().tokens()) {
      allowed.push_back(!token.special || below(random, 2));
    }
    if (below(random, 3) == 0) request.allowed = &allowed;
    request.specials_are_errors = below(random, 6) == 0;
    good = check_text(engines, random_text(random, 1 + below(random, 30)), request, random);
    if (i % 4 == 0) good = good && check_words(engines, random);
  }
  CHECK(good);
}

}  // namespace

TEST_CASE("bert engine: equals generic for every normalizer, word limit and set of added tokens") {
  for (unsigned round = 0; round < test_rounds(); ++round) {
    Random random(round);
    for (int normalizer = 0; normalizer < kNormalizers; ++normalizer) {
      for (std::size_t set = 0; set < added_sets().size(); ++set) {
        const std::size_t limit = kWordLimits[below(random, 2) ? 0 : below(random, 4)];
        CAPTURE(normalizer);
        CAPTURE(set);
        CAPTURE(limit);
        fuzz(spec_of(normalizer_number(normalizer), small_model(limit), added_sets()[set]), 12, random);
      }
    }
  }
}

TEST_CASE("bert engine: other prefixes") {
  Random random(2);
  for (const char* prefix : {"", "a", "##a", "no token begins so"}) {
    fuzz(spec_of(BertNormalizer{}, small_model(100, prefix), added_sets()[2]), 30, random);
  }
}

TEST_CASE("bert engine: single characters and pairs from all fragments") {
  Random random(3);
  for (const int number : {0, 8, 12, 16}) {
    const Engines engines(spec_of(normalizer_number(number), small_model(100), added_sets()[3]));
    const auto& list = fragments(3);
    bool good = check_text(engines, U"", {}, random);
    for (std::size_t i = 0; i < list.size() && good; ++i) {
      good = check_text(engines, list[i], {}, random);
      for (int k = 0; k < 8 && good; ++k) {
        good = check_text(engines, U"a" + list[i] + list[below(random, list.size())] + U"b", {}, random);
      }
    }
  }
}

TEST_CASE("bert engine: words and added tokens across the borders of blocks") {
  Random random(4);
  const Engines engines(spec_of(BertNormalizer{}, small_model(100), added_sets()[1]));
  bool good = true;
  for (const std::size_t border : {64, 1024, 2048, 4096}) {
    for (const char* middle : {"[CLS]", "[X][SEP]", "abcab", "!!", "long"}) {
      for (std::size_t before = border - 9; before < border + 3 && good; before += 1 + below(random, 3)) {
        const bool is_long = std::string_view(middle) == "long";
        Chars text = below(random, 2) ? U"" : U"中";
        while (text.size() < before) text += U"ab cd "[text.size() % 6];
        if (is_long) text.resize(text.size() - below(random, 60));
        text += is_long ? random_word(random, 60 + below(random, 50)) : to_utf32(middle);
        for (int i = 0; i < 20; ++i) text += random_word(random, 5) + U" ";
        good = check_text(engines, text, {}, random);
      }
    }
  }
  for (int i = 0; i < 4 && good; ++i) good = check_text(engines, random_text(random, 1200), {}, random);
}

TEST_CASE("bert engine: any budget of the cache") {
  Random random(5);
  for (const std::size_t budget : {0, 4096, 8192}) {
    const CacheBudget limited(budget);
    fuzz(spec_of(BertNormalizer{}, small_model(100), added_sets()[2]), 15, random);
    fuzz(spec_of(BertNormalizer{.lowercase = false}, small_model(5), {}), 15, random);
  }
}

// Such words are looked up some at a time, and what stands behind them moves where they have more pieces.
TEST_CASE("bert engine: short words between characters that are words") {
  Random random(8);
  for (const std::size_t budget : {0, 1 << 20}) {
    const CacheBudget limited(budget);
    for (const std::size_t word_limit : {100, 4}) {
      const Engines engines(spec_of(BertNormalizer{}, small_model(word_limit), added_sets()[1]));
      bool good = true;
      for (int i = 0; i < 150 && good; ++i) {
        Chars text = U"中";
        for (unsigned words = below(random, 60); words > 0; --words) {
          const unsigned behind = below(random, 3);
          text += below(random, 3) ? random_word(random, 1 + below(random, 4))
                                   : random_word(random, 13 + below(random, 5));
          for (unsigned k = 0; k < behind; ++k) text += U"文中。 \u3000"[below(random, 5)];
          if (below(random, 12) == 0) text += below(random, 2) ? U"[X]" : U"é\u0301";
        }
        good = check_text(engines, text, {}, random);
      }
      CHECK(good);
    }
  }
}

TEST_CASE("bert engine: several threads at once") {
  const Engines engines(spec_of(BertNormalizer{}, small_model(100), added_sets()[1]));
  const Engines others(spec_of(normalizer_number(12), small_model(100), {}));
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      Random random(number);
      for (int i = 0; i < 30; ++i) {
        failures += !agree_on(i % 3 ? engines : others, random_text(random, 20), {}, random);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
}

TEST_CASE("bert engine: appends, and leaves what is there") {
  const Engines engines(spec_of(BertNormalizer{}, small_model(100), added_sets()[1]));
  const HeldText text(U"ab [X] cab", 1), marks(U"ab \u0301\u302E\u0323[X] cab", 2);
  for (const HeldText* held_text : {&text, &marks}) {
    for (const Engine* engine :
         {static_cast<const Engine*>(&engines.bert), static_cast<const Engine*>(&engines.generic)}) {
      TokenColumns columns;
      columns.details = true;
      engine->encode({.texts = {&text.view(), 1}}, columns);
      const std::size_t first = columns.ids.size();
      engine->encode({.texts = {&held_text->view(), 1}}, columns);
      const Outcome alone = run(engines.generic, {.texts = {&held_text->view(), 1}}, true);
      REQUIRE(columns.ids.size() == first + alone.ids.size());
      CHECK(std::equal(alone.ids.begin(), alone.ids.end(), columns.ids.begin() + first));
      CHECK(columns.added == std::vector<std::size_t>{1, first + alone.added.at(0)});
    }
  }
}

TEST_CASE(
    "bert engine: lone surrogates, and special tokens that may not be, are found where generic finds them") {
  Random random(6);
  const Engines engines(spec_of(BertNormalizer{}, small_model(100), added_sets()[1]));
  bool good = true;
  for (int i = 0; i < 100 && good; ++i) {
    Chars text = random_text(random, 10);
    std::erase(text, U'[');
    text.insert(below(random, text.size() + 1), 1, static_cast<char32_t>(0xD800 + below(random, 0x800)));
    good = check_text(engines, text, {}, random);
  }
  CHECK(good);
  const HeldText text(U"ab \xD800", 2);
  CHECK(run(engines.bert, {.texts = {&text.view(), 1}}, false).error == "surrogate 0 3");
  const HeldText words[] = {HeldText(U"中", 2), HeldText(U"a [SEP]", 1)};
  const TextView views[] = {words[0].view(), words[1].view()};
  const SequenceRequest request{.texts = views, .pretokenized = true, .specials_are_errors = true};
  CHECK(run(engines.bert, request, true).error == "[SEP] 1 2");
  const HeldText both(U"a [SEP] \xD800", 2);  // found by fuzzing: the surrogate is reported, by either engine
  for (const Engine* engine :
       {static_cast<const Engine*>(&engines.bert), static_cast<const Engine*>(&engines.generic)})
    CHECK(run(*engine, {.texts = {&both.view(), 1}, .specials_are_errors = true}, true).error ==
          "surrogate 0 8");
}

TEST_CASE("tokenizer: which engine runs which spec") {
  const auto engine_of = [](const Spec& spec, EngineChoice choice) {
    return Tokenizer::compile(spec, choice)->engine();
  };
  Spec spec = spec_of(BertNormalizer{}, small_model(100), added_sets()[4]);
  CHECK(engine_of(spec, EngineChoice::kAuto) == "bert");
  CHECK(engine_of(spec, EngineChoice::kGeneric) == "generic");
  spec.normalizer.reset();
  CHECK(engine_of(spec, EngineChoice::kAuto) == "bert");
  spec.added_tokens.push_back({.content = "n", .id = 950});
  CHECK(engine_of(spec, EngineChoice::kAuto) == "bert");
  spec.added_tokens.push_back({.content = " \t", .id = 951});  // nothing to look for but white space
  CHECK(engine_of(spec, EngineChoice::kAuto) == "generic");
  CHECK(engine_of(spec_of({}, std::make_shared<WordPiece>(WordPiece{small_vocab(), "none"}), {}),
                  EngineChoice::kAuto) == "generic");
}
