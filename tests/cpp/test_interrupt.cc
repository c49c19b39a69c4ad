// Calls that are ended early: on every thread, soon, and with nothing left behind.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "engine_pairs.h"
#include "fasttok/base/interrupt.h"
#include "fasttok/base/thread_pool.h"
#include "fasttok/pipeline/one_by_one.h"
#include "fasttok/pipeline/tokenizer.h"

using namespace fasttok;
using namespace fasttok::testing;

namespace {

// Works until it is told to stop; false where nobody says so.
bool work_until_told() {
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < std::chrono::seconds(60)) {
    try {
      check_interrupt();
    } catch (const Interrupted&) {
      return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("interruption: is asked on the caller's thread, and stops all who work for the call") {
  check_interrupt();  // no call, no question
  std::atomic<int> questions{0}, told{0}, workers{0};
  const std::thread::id caller = std::this_thread::get_id();
  {
    const Interruption interruption([&] {
      CHECK(std::this_thread::get_id() == caller);
      return ++questions == 3;
    });
    run_parallel(3, [&](unsigned) {
      ++workers;
      told += work_until_told();
    });
    CHECK_THROWS_AS(check_interrupt(), Interrupted);
  }
  CHECK(questions == 3);
  CHECK(told == workers);
  check_interrupt();
}

TEST_CASE("interruption: is asked while the caller waits for helpers") {
  const Interruption interruption([] { return true; });
  std::atomic<bool> joined{false}, good{true};
  for (int tries = 0; tries < 50 && !joined; ++tries) {
    run_parallel(2, [&](unsigned worker) {
      if (worker == 0) {
        for (int i = 0; i < 1000 && !joined; ++i) std::this_thread::yield();
      } else {
        joined = true;
        good = work_until_told();
      }
    });
  }
  CHECK(good);
}

TEST_CASE("interruption: of a nested call, and of another thread's") {
  const Interruption outer([] { return false; });
  {
    const Interruption inner([] { return true; });
    CHECK(work_until_told());
  }
  CHECK(!interrupt_requested());
  std::thread([] { CHECK(!interrupt_requested()); }).join();
}

TEST_CASE("interruption: an encoding that was ended can be done again, and questions may encode") {
  const auto tokenizer =
      Tokenizer::compile(spec_of(BertNormalizer{}, small_model(), added_sets()[1]), EngineChoice::kAuto);
  const auto other = Tokenizer::compile(
      spec_of(BertNormalizer{.lowercase = false}, small_model(100, "@"), {}), EngineChoice::kAuto);
  Chars text(40'000, U'é');  // one word
  while (text.size() < 300'000) text += U" ab cab é中文" + Chars(300, U'中') + U"abcab İ";
  const HeldText held_text(text), small(U"abcab cab AB é");
  Batch batch, small_batch;
  batch.texts.assign(40, held_text.view());
  small_batch.texts = {small.view()};
  EncodeOptions options;
  options.offsets = options.word_ids = true;
  const Columns expected = tokenizer->rows().encode(batch, options);
  const Columns small_expected = other->rows().encode(small_batch, options);
  const auto equal = [](const auto& a, const auto& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  };
  for (const unsigned threads : {1u, 2u}) {
    options.threads = threads;
    {
      const Interruption interruption([] { return true; });
      CHECK_THROWS_AS(tokenizer->rows().encode(batch, options), RowError);
    }
    int questions = 0;
    bool good = true;
    const Interruption interruption([&] {
      ++questions;
      good = good && equal(other->rows().encode(small_batch, options).ids, small_expected.ids);
      return false;
    });
    CHECK(equal(tokenizer->rows().encode(batch, options).ids, expected.ids));
    CHECK(good);
    CHECK(questions > 0);
  }
}

TEST_CASE("interruption: ids of one text, within a call whose question asks for others") {
  const auto tokenizer =
      Tokenizer::compile(spec_of(BertNormalizer{}, small_model(), {}), EngineChoice::kGeneric);
  Chars text;
  while (text.size() < 100'000) text += U"ab cab é中文 ";
  const HeldText long_text(text), other(U"cab");
  const auto ids_of = [&](const HeldText& held) {
    const auto ids = tokenizer->rows().ids_of(held.view(), false);
    return std::vector<std::uint32_t>(ids.begin(), ids.end());
  };
  const std::vector<std::uint32_t> expected = ids_of(long_text);
  const Interruption interruption([&] {
    ids_of(other);
    return false;
  });
  for (int i = 0; i < 20; ++i) CHECK(ids_of(long_text) == expected);
}

TEST_CASE("interruption: rows that are taken one by one are not all taken first") {
  const Interruption interruption([] { return true; });
  REQUIRE(work_until_told());
  const HeldText text(Chars(100, U'a'));
  const std::vector<TextView> rows(1000, text.view());
  std::vector<std::int64_t> ends(rows.size());
  TokenColumns out;
  std::size_t taken = 0;
  CHECK_THROWS_AS(encode_one_by_one(rows, {}, SIZE_MAX, out, ends.data(),
                                    [&](const SequenceRequest&) { return ++taken > 0; }),
                  Interrupted);
  CHECK(taken < rows.size() / 4);
}

TEST_CASE("interruption: short rows that are joined are not all taken first") {
  const Interruption interruption([] { return true; });
  REQUIRE(work_until_told());
  const auto tokenizer =
      Tokenizer::compile(spec_of(BertNormalizer{}, small_model(), {}), EngineChoice::kAuto);
  const HeldText text(U"ab");
  Batch batch;
  batch.texts.assign(200'000, text.view());
  for (const unsigned threads : {1u, 2u}) {
    EncodeOptions options;
    options.threads = threads;
    // Interrupted, of no row, is what is thrown behind the last one.
    CHECK_THROWS_AS(tokenizer->rows().encode(batch, options), RowError);
  }
}
