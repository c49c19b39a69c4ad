// The word cache: what it answers is what it was told, whatever it forgets.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fasttok/base/thread_pool.h"
#include "fasttok/base/word_cache.h"
#include "random_texts.h"

using namespace fasttok;
using namespace fasttok::testing;

namespace {

WordKey key_of(const WordCache& cache, std::string_view word) {
  WordKey key = make_key(word.data(), word.size());
  key.hi |= cache.tag().hi;
  return key;
}

void remember(WordCache& cache, std::string_view word, const std::vector<std::uint32_t>& ids) {
  const WordKey key = key_of(cache, word);
  cache.put(*cache.line_of(key), key, ids.data(), ids.size());
}

std::optional<std::vector<std::uint32_t>> recall(const WordCache& cache, std::string_view word) {
  const WordKey key = key_of(cache, word);
  unsigned found;
  const WordCache::Answer* answer = WordCache::find(*cache.line_of(key), key, found);
  if (!found) return std::nullopt;
  std::vector<std::uint32_t> ids(WordCache::kMaxIds);
  answer->copy_to(ids.data());
  ids.resize(answer->count);
  return ids;
}

// What other threads hold, of the pool or of earlier budgets: this thread gives its tables back.
std::size_t bytes_of_others() {
  const CacheBudget none(0);
  WordCache::of_this_thread(1);
  return cache_info().bytes_used;
}

}  // namespace

TEST_CASE("word cache: answers belong to the word and to the owner") {
  const std::uint32_t owner = next_cache_owner();
  WordCache& cache = WordCache::of_this_thread(owner);
  remember(cache, "the", {5});
  CHECK(recall(cache, "the") == std::vector<std::uint32_t>{5});
  CHECK_FALSE(recall(cache, "The"));
  remember(cache, "fifteen letters", {1, 2, 3});
  CHECK(recall(cache, "fifteen letters") == std::vector<std::uint32_t>{1, 2, 3});
  remember(cache, "none", {});
  CHECK(recall(cache, "none") == std::vector<std::uint32_t>{});
  remember(cache, "seven", {1, 2, 3, 4, 5, 6, 7});
  CHECK(recall(cache, "seven") == std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6, 7});

  WordCache::of_this_thread(owner + 1);
  CHECK_FALSE(recall(cache, "the"));
  WordCache::of_this_thread(owner);
  CHECK(recall(cache, "the").has_value());
  WordCache::of_this_thread(owner + 255);  // has the same tag
  CHECK_FALSE(recall(cache, "the"));
  WordCache::of_this_thread(owner);
  CHECK_FALSE(recall(cache, "the"));
}

TEST_CASE("word cache: text that has no key, and many ids") {
  const std::uint32_t owner = next_cache_owner();
  WordCache& cache = WordCache::of_this_thread(owner);
  const auto recall_long = [&](const std::string& text) {
    const std::string readable = text + std::string(16, '?');
    std::vector<std::uint32_t> ids(WordCache::kMaxLongIds);
    ids.resize(
        cache.find_long(reinterpret_cast<const std::uint8_t*>(readable.data()), text.size(), ids.data()));
    return ids;
  };
  const auto remember_long = [&](const std::string& text, const std::vector<std::uint32_t>& ids,
                                 bool at_turns = false) {
    const std::string readable = text + std::string(16, '!');
    cache.put_long(reinterpret_cast<const std::uint8_t*>(readable.data()), text.size(), ids.data(),
                   ids.size(), at_turns);
  };
  const std::vector<std::uint32_t> many(WordCache::kMaxLongIds, 7), too_many(WordCache::kMaxLongIds + 1, 7);
  for (std::size_t size = 1; size <= WordCache::kMaxLongBytes; ++size) {
    const std::string text(size, 'a');
    CHECK(recall_long(text).empty());
    remember_long(text, {static_cast<std::uint32_t>(size)});
    CHECK(recall_long(text) == std::vector{static_cast<std::uint32_t>(size)});
    std::string other = text;
    other.back() = '\0';
    CHECK(recall_long(other).empty());
  }
  remember_long("x", many);
  CHECK(recall_long("x") == many);
  {
    // Of texts that are put at turns, few replace what is there, and what is there is never something else.
    const CacheBudget none(0);  // one line
    WordCache::of_this_thread(owner);
    std::size_t kept = 0;
    for (std::uint32_t i = 0; i < 400; ++i) {
      const std::string text = i % 2 ? "odd" : "even";
      remember_long(text, {i}, true);
      const std::vector<std::uint32_t> found = recall_long(text);
      if (found.empty()) continue;
      CHECK(found[0] % 2 == i % 2);
      kept += found[0] == i;
    }
    CHECK(kept >= 100);
    CHECK(kept < 200);
  }
  WordCache::of_this_thread(owner);
  remember_long("x", many);
  remember_long("y", too_many);
  CHECK(recall_long("y").empty());
  remember_long(std::string(WordCache::kMaxLongBytes + 1, 'a'), {1});
  CHECK(recall_long(std::string(WordCache::kMaxLongBytes + 1, 'a')).empty());
  WordCache::of_this_thread(owner + 1);  // another tokenizer's words are not these
  CHECK(recall_long("x").empty());
  WordCache::of_this_thread(owner);
  CHECK(recall_long("x") == many);
  clear_cache();
  WordCache::of_this_thread(owner);
  CHECK(recall_long("x").empty());
}

TEST_CASE("word cache: a line that is shared by answers of all lengths") {
  const CacheBudget none(0);  // two lines
  WordCache& cache = WordCache::of_this_thread(7);
  std::map<std::string, std::vector<std::uint32_t>> all;
  Random random(1);
  for (unsigned i = 0; i < 20'000; ++i) {
    const std::string word(1, static_cast<char>('a' + below(random, 8)));
    if (const auto ids = recall(cache, word)) {
      CHECK(*ids == all[word]);
      continue;
    }
    auto& ids = all[word];
    ids.resize(below(random, WordCache::kMaxIds + 1));
    for (auto& id : ids) id = static_cast<std::uint32_t>(random());
    remember(cache, word, ids);
    CHECK(recall(cache, word) == ids);
  }
}

TEST_CASE("word cache: what is pushed out is kept, and comes back with its note") {
  const CacheBudget none(0);  // two lines, and one for what is kept
  WordCache& cache = WordCache::of_this_thread(7);
  struct Entry {
    std::vector<std::uint32_t> ids;
    std::uint32_t note;
  };
  std::map<std::string, Entry> all;
  Random random(2);
  std::size_t recalled = 0, found_beside = 0, wrong = 0;
  for (unsigned i = 0; i < 20'000; ++i) {
    const std::string word(1, static_cast<char>('a' + below(random, 8)));
    const WordKey key = key_of(cache, word);
    WordCache::Line& line = *cache.line_of(key);
    const auto is_right = [&](const WordCache::Answer& answer) {
      std::uint32_t ids[WordCache::kMaxIds];
      answer.copy_to(ids);
      const Entry& entry = all[word];
      return answer.count == (entry.ids.size() | entry.note) &&
             std::equal(entry.ids.begin(), entry.ids.end(), ids);
    };
    unsigned found;
    const WordCache::Answer* answer = WordCache::find(line, key, found);
    if (!found) {
      const bool comes_back = i % 2 == 0;
      answer = comes_back ? cache.recall(line, key) : cache.recall_at_turns(line, key);
      (comes_back ? recalled : found_beside) += answer != nullptr;
      if (answer && comes_back) wrong += WordCache::find(line, key, found) != answer || !found;
    }
    if (answer) {
      wrong += !is_right(*answer);
      continue;
    }
    Entry& entry = all[word];
    entry.ids.resize(below(random, WordCache::kMaxIds + 1));
    for (auto& id : entry.ids) id = static_cast<std::uint32_t>(random());
    entry.note = below(random, 4) << 8;
    if (i % 3 == 0) {  // it may be left out
      entry.note = 0;
      cache.put_at_turns(line, key, entry.ids.data(), entry.ids.size());
      continue;
    }
    cache.put_and_keep(line, key, entry.ids.data(), entry.ids.size(), entry.note);
    answer = WordCache::find(line, key, found);
    wrong += !found || !is_right(*answer);
  }
  CHECK(wrong == 0);
  CHECK(recalled > 1'000);
  CHECK(found_beside > 1'000);
}

TEST_CASE("word cache: small tables, with all that they hold") {
  const std::size_t others = bytes_of_others();
  for (const std::size_t budget : {0, 4096, 5000, 20'000, 300'000}) {
    const CacheBudget limited(others + budget);
    WordCache& cache = WordCache::of_this_thread(7);
    struct Entry {
      std::vector<std::uint32_t> ids;
      std::uint32_t note;
    };
    std::map<std::string, Entry> all;
    Random random(static_cast<unsigned>(budget));
    std::size_t wrong = 0, known = 0;
    std::uint32_t ids[WordCache::kMaxLongIds + 8];
    for (unsigned i = 0; i < 100'000; ++i) {
      std::string text = std::to_string(below(random, static_cast<unsigned>(60 + budget / 40)));
      const bool is_long = below(random, 4) == 0;
      if (is_long) text += std::string(kMaxKeyBytes, 'x');
      const auto [at, is_new] = all.try_emplace(text);
      Entry& entry = at->second;
      if (is_new) {
        entry.ids.resize(below(random, WordCache::kMaxIds + 1) + (is_long ? 1 : 0));
        for (auto& id : entry.ids) id = below(random, 4);
        entry.note = is_long ? 0 : below(random, 3) << 8;
      }
      if (is_long) {
        const std::string readable = text + std::string(16, '?');
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(readable.data());
        if (const std::size_t count = cache.find_long(bytes, text.size(), ids)) {
          ++known;
          wrong += count != entry.ids.size() || !std::equal(entry.ids.begin(), entry.ids.end(), ids);
        } else {
          cache.put_long(bytes, text.size(), entry.ids.data(), entry.ids.size());
        }
        continue;
      }
      const WordKey key = key_of(cache, text);
      WordCache::Line& line = *cache.line_of(key);
      unsigned found;
      const WordCache::Answer* answer = WordCache::find(line, key, found);
      if (!found) answer = i % 3 ? cache.recall_at_turns(line, key) : cache.recall(line, key);
      if (answer) {
        ++known;
        answer->copy_to(ids);
        wrong += answer->size() != entry.ids.size() || answer->note() != entry.note ||
                 !std::equal(entry.ids.begin(), entry.ids.end(), ids);
      } else if (i % 4 || entry.note != 0) {
        cache.put_and_keep(line, key, entry.ids.data(), entry.ids.size(), entry.note);
      } else {
        cache.put_at_turns(line, key, entry.ids.data(), entry.ids.size());
      }
    }
    CHECK(wrong == 0);
    CHECK(known > 1'000);
  }
}

TEST_CASE("word cache: cleared") {
  WordCache& cache = WordCache::of_this_thread(1);
  remember(cache, "word", {1});
  clear_cache();
  WordCache::of_this_thread(1);
  CHECK_FALSE(recall(cache, "word"));
}

TEST_CASE("word cache: works with any budget") {
  for (const std::size_t budget : {0, 1, 64, 4095, 4096, 10'000, 1 << 20}) {
    const CacheBudget limited(budget);
    CHECK(cache_info().bytes_cap == budget);
    const std::size_t used_before = cache_info().bytes_used;
    WordCache& cache = WordCache::of_this_thread(3);
    CHECK(cache_info().bytes_used <= std::max(used_before, budget));
    for (std::uint32_t i = 0; i < 1000; ++i) {
      const std::string word = "w" + std::to_string(i);
      remember(cache, word, {i, i + 1});
      CHECK(recall(cache, word) == std::vector<std::uint32_t>{i, i + 1});
    }
  }
}

TEST_CASE("word cache: several threads share the budget") {
  // Threads of the pool may still hold what earlier budgets gave them.
  const CacheBudget limited(3 * 4096);
  WordCache::of_this_thread(1);
  const CacheInfo before = cache_info();
  const std::size_t cap = std::max(before.bytes_cap, before.bytes_used);
  std::atomic<bool> within{true}, right{true};
  std::barrier all_have_one(4);
  std::vector<std::thread> threads;
  for (std::uint32_t number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      WordCache& cache = WordCache::of_this_thread(1);
      remember(cache, "mine", {number});
      all_have_one.arrive_and_wait();
      if (cache_info().bytes_used > cap) within = false;
      if (recall(cache, "mine") != std::vector<std::uint32_t>{number}) right = false;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(within);
  CHECK(right);
  CHECK(cache_info().bytes_used <= before.bytes_used);
  CHECK(cache_info().tables <= before.tables);
}

// Words and long words of all lengths of answers, some with a note.
TEST_CASE("word cache: grows once, and knows what it knew") {
  const std::size_t bytes_before = bytes_of_others();
  const CacheBudget enough(bytes_before + (std::size_t{default_threads()} << 25));
  const std::uint32_t owner = next_cache_owner();
  WordCache* cache = &WordCache::of_this_thread(owner);
  const std::size_t first_bytes = cache_info().bytes_used - bytes_before, tables = cache_info().tables;
  CHECK(first_bytes < std::size_t{4} << 20);
  const auto word_of = [](std::uint32_t i) { return "w" + std::to_string(i); };
  const auto long_word_of = [](std::uint32_t i) { return std::to_string(i) + std::string(17 + i % 20, 'x'); };
  const auto ids_of = [](std::uint32_t i) {
    std::vector<std::uint32_t> ids(i % 50 == 0 ? 1 + i % WordCache::kMaxIds : 1 + i % 3);
    for (std::size_t k = 0; k < ids.size(); ++k) ids[k] = i + static_cast<std::uint32_t>(k);
    return ids;
  };
  const auto note_of = [](std::uint32_t i) { return i % 4 << 8; };
  const auto readable = [](const std::string& text) { return text + std::string(16, '?'); };
  constexpr std::uint32_t kLongEvery = 200, kMany = 300'000;
  std::uint32_t count = 0;
  const auto bytes_now = [&] { return cache_info().bytes_used - bytes_before; };
  for (; count < kMany && bytes_now() == first_bytes; ++count) {
    const WordKey key = key_of(*cache, word_of(count));
    const std::vector<std::uint32_t> ids = ids_of(count);
    cache->put_and_keep(*cache->line_of(key), key, ids.data(), ids.size(), note_of(count));
    if (count % kLongEvery == 0) {
      const std::string text = readable(long_word_of(count));
      const std::uint32_t id[] = {count};
      cache->put_long(reinterpret_cast<const std::uint8_t*>(text.data()), text.size() - 16, id, 1);
    }
    if (count % 1000 == 0) cache = &WordCache::of_this_thread(owner);
  }
  CHECK(count > 10'000);
  CHECK(count < 60'000);
  const std::size_t grown_bytes = bytes_now();
  CHECK(grown_bytes > 4 * first_bytes);
  CHECK(cache_info().tables == tables);
  std::uint32_t known = 0, known_long = 0, wrong = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const WordKey key = key_of(*cache, word_of(i));
    WordCache::Line& line = *cache->line_of(key);
    unsigned found;
    const WordCache::Answer* answer = WordCache::find(line, key, found);
    if (!found) answer = cache->find_kept(line, key);
    if (answer) {
      const std::vector<std::uint32_t> ids = ids_of(i);
      std::uint32_t held[WordCache::kMaxIds];
      answer->copy_to(held);
      wrong += answer->count != (ids.size() | note_of(i)) || !std::equal(ids.begin(), ids.end(), held);
    }
    known += answer != nullptr;
    if (i % kLongEvery != 0) continue;
    std::uint32_t id[WordCache::kMaxLongIds];
    const std::string text = readable(long_word_of(i));
    if (cache->find_long(reinterpret_cast<const std::uint8_t*>(text.data()), text.size() - 16, id) == 0)
      continue;
    ++known_long;
    wrong += id[0] != i;
  }
  CHECK(wrong == 0);
  CHECK(known > count - count / 20);
  CHECK(known_long > count / kLongEvery * 3 / 4);
  // It does so once.
  for (std::uint32_t i = 0; i < kMany; ++i) remember(*cache, word_of(i), {i});
  WordCache::of_this_thread(owner);
  CHECK(bytes_now() == grown_bytes);
}

TEST_CASE("word cache: does not grow beyond the budget") {
  const std::uint32_t owner = next_cache_owner();
  const CacheBudget little(std::size_t{1} << 20);
  WordCache& cache = WordCache::of_this_thread(owner);
  const std::size_t bytes = cache_info().bytes_used;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    remember(cache, "w" + std::to_string(i), {i});
    WordCache::of_this_thread(owner);
  }
  CHECK(cache_info().bytes_used == bytes);
  CHECK(recall(cache, "w99999") == std::vector<std::uint32_t>{99'999});
}

TEST_CASE("word cache: grows for words that take a line each, too") {
  const CacheBudget enough(bytes_of_others() + (std::size_t{default_threads()} << 25));
  const std::uint32_t owner = next_cache_owner();
  WordCache* cache = &WordCache::of_this_thread(owner);
  const std::size_t first_bytes = cache_info().bytes_used;
  std::uint32_t count = 0;
  for (; count < 40'000 && cache_info().bytes_used == first_bytes; ++count) {
    remember(*cache, "w" + std::to_string(count), {1, 2, 3, 4});
    if (count % 1000 == 0) cache = &WordCache::of_this_thread(owner);
  }
  CHECK(count < 40'000);
}

TEST_CASE("word cache: does not grow for words that only change their places") {
  const CacheBudget enough(bytes_of_others() + (std::size_t{default_threads()} << 25));
  const std::uint32_t owner = next_cache_owner();
  WordCache& cache = WordCache::of_this_thread(owner);
  const std::size_t first_bytes = cache_info().bytes_used;
  std::vector<WordKey> keys;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    keys.push_back(key_of(cache, "w" + std::to_string(i)));
    cache.put_and_keep(*cache.line_of(keys[i]), keys[i], &i, 1);
  }
  // As long as there is room, what has none in its line is in the line next to it.
  std::size_t kept = 0, near = 0;
  for (const WordKey& key : keys) {
    const WordCache::Line& line = *cache.line_of(key);
    unsigned found;
    WordCache::find(line, key, found);
    const WordCache::Answer* const answer = found ? nullptr : cache.find_kept(line, key);
    kept += answer != nullptr;
    const auto pair_of = [](const void* p) {
      return reinterpret_cast<std::uintptr_t>(p) / (2 * sizeof line);
    };
    near += answer != nullptr && pair_of(answer) == pair_of(&line);
  }
  CHECK(kept > 50);
  CHECK(near > kept - kept / 10);
  std::size_t recalled = 0;
  while (recalled < 40'000) {
    const std::size_t before = recalled;
    for (const WordKey& key : keys) {
      WordCache::Line& line = *cache.line_of(key);
      unsigned found;
      WordCache::find(line, key, found);
      if (!found) recalled += cache.recall(line, key) != nullptr;
    }
    REQUIRE(recalled > before);
  }
  WordCache::of_this_thread(owner);
  CHECK(cache_info().bytes_used == first_bytes);
}

TEST_CASE("word cache: grows to what others have left, and never shrinks") {
  const std::uint32_t owner = next_cache_owner();
  set_default_threads(1);
  const auto bytes_after_many = [&] {
    for (std::uint32_t i = 0; i < 100'000; ++i) {
      remember(WordCache::of_this_thread(owner), "w" + std::to_string(i), {i});
    }
    return cache_info().bytes_used;
  };
  for (std::size_t held = 0; held <= std::size_t{16} << 20; held += std::size_t{8} << 20) {
    // A thread that has tables and does nothing more with them.
    std::barrier both(2);
    std::thread other([&] {
      const std::size_t before = bytes_of_others();
      {
        const CacheBudget its_own(before + held);
        bytes_after_many();
      }
      both.arrive_and_wait();
      both.arrive_and_wait();
    });
    both.arrive_and_wait();
    const std::size_t others = bytes_of_others();
    for (std::size_t own = std::size_t{9} << 20; own <= std::size_t{20} << 20; own += std::size_t{1} << 19) {
      const CacheBudget some(others + own);
      CHECK(bytes_after_many() > others + own / 2);
      CHECK(cache_info().bytes_used <= others + own);
    }
    {
      const CacheBudget enough(others + (std::size_t{1} << 25));
      WordCache::of_this_thread(owner);
      const std::size_t bytes = cache_info().bytes_used;
      CHECK(bytes > others);
      set_default_threads(1000);
      CHECK(bytes_after_many() >= bytes);
      set_default_threads(1);
    }
    both.arrive_and_wait();
    other.join();
  }
  set_default_threads(0);
}

TEST_CASE("word cache: what is called in the middle of a call has one of its own") {
  const std::uint32_t owner = next_cache_owner(), other = next_cache_owner();
  const std::size_t others = bytes_of_others();
  for (const std::size_t budget : {std::size_t{0}, others + (std::size_t{1} << 25)}) {
    const CacheBudget limited(budget);
    WordCache& cache = WordCache::of_this_thread(owner);
    remember(cache, "word", {1});
    const std::size_t bytes = cache_info().bytes_used;
    {
      const WordCache::SetAside aside;
      WordCache& own = WordCache::of_this_thread(other);
      CHECK(&own != &cache);
      CHECK_FALSE(recall(own, "word"));
      remember(own, "word", {2});
      {
        const WordCache::SetAside within;
        WordCache& innermost = WordCache::of_this_thread(owner);
        CHECK_FALSE(recall(innermost, "word"));
        remember(innermost, "word", {3});
      }
      CHECK(&WordCache::of_this_thread(other) == &own);
      CHECK(recall(own, "word") == std::vector<std::uint32_t>{2});
      clear_cache();
      WordCache::of_this_thread(other);
    }
    CHECK(recall(cache, "word") == std::vector<std::uint32_t>{1});
    CHECK(cache_info().bytes_used == bytes);
    CHECK_FALSE(recall(WordCache::of_this_thread(owner), "word"));  // it was cleared
    const WordCache::SetAside unused;
  }
}
