// The base: buffers and the blocks behind them, the trie, the word cache.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/base/double_array.h"
#include "fasttok/base/word_cache.h"
#include "random_texts.h"

using namespace fasttok;
using namespace fasttok::testing;

namespace {

using Entries = std::map<std::string, std::uint32_t>;

DoubleArray trie_of(const Entries& entries) {
  const std::vector<std::pair<std::string_view, std::uint32_t>> keys(entries.begin(), entries.end());
  return DoubleArray(keys);
}

std::optional<std::uint32_t> lookup(const DoubleArray& trie, std::string_view key) {
  const DoubleArray::Node node = trie.walk(trie.root(), key);
  if (node == DoubleArray::kNone || trie.value(node) == DoubleArray::kNoValue) return std::nullopt;
  return trie.value(node);
}

std::set<std::string> prefixes_of(const Entries& entries) {
  std::set<std::string> prefixes{""};
  for (const auto& [key, value] : entries) {
    for (std::size_t n = 1; n <= key.size(); ++n) prefixes.insert(key.substr(0, n));
  }
  return prefixes;
}

bool has_all(const DoubleArray& trie, const Entries& entries) {
  for (const auto& [key, value] : entries) {
    if (lookup(trie, key) != value) return false;
  }
  return true;
}

// Whether each node that is asked has exactly the children and the value that the keys say; every `step`-th
// is asked.
bool has_these_nodes_only(const DoubleArray& trie, const Entries& entries, std::size_t step) {
  const std::set<std::string> prefixes = prefixes_of(entries);
  std::size_t number = 0;
  for (const std::string& prefix : prefixes) {
    if (number++ % step != 0) continue;
    const DoubleArray::Node node = trie.walk(trie.root(), prefix);
    if (node == DoubleArray::kNone) return false;
    const auto found = entries.find(prefix);
    if (trie.value(node) != (found == entries.end() ? DoubleArray::kNoValue : found->second)) return false;
    std::string longer = prefix + '\0';
    for (unsigned label = 0; label < 256; ++label) {
      longer.back() = static_cast<char>(label);
      const bool there = trie.child(node, static_cast<std::uint8_t>(label)) != DoubleArray::kNone;
      if (there != prefixes.contains(longer)) return false;
    }
  }
  return true;
}

Entries random_entries(Random& random, std::size_t count, unsigned labels, std::size_t longest) {
  Entries entries;
  while (entries.size() < count) {
    std::string key(random() % (longest + 1), '\0');
    for (char& c : key) c = static_cast<char>(random() % labels);
    entries[key] = static_cast<std::uint32_t>(entries.size());
  }
  return entries;
}

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

}  // namespace

TEST_CASE("buffer: grows, keeps, shrinks, moves, hands its memory over") {
  Buffer<std::uint32_t> buffer;
  CHECK(buffer.empty());
  for (std::uint32_t i = 0; i < 1000; ++i) buffer.push_back(i);
  buffer.make_room(5000);
  const std::uint32_t* const place = buffer.data();
  for (std::uint32_t i = 1000; i < 6000; ++i) buffer.push_back(i);
  CHECK(buffer.data() == place);
  buffer.set_size(2000);
  buffer.shrink();
  Buffer<std::uint32_t> other = std::move(buffer);
  CHECK(buffer.empty());
  CHECK(buffer.begin() == buffer.end());
  REQUIRE(other.size() == 2000);
  CHECK(other[0] == 0);
  CHECK(other[1999] == 1999);
  other.resize(3);
  other.resize(4000);
  CHECK(other[2] == 2);
  CHECK(other.size() == 4000);
  const auto [memory, bytes] = other.release();
  CHECK(memory[1] == 1);
  CHECK(bytes >= 4000 * sizeof memory[0]);
  release_block(memory, bytes);
  CHECK(other.empty());
  other.push_back(7);
  CHECK(other[0] == 7);
}

TEST_CASE("buffer: empty ones") {
  Buffer<std::uint64_t> none(0);
  CHECK(none.size() == 0);
  none.shrink();
  none.make_room(0);
  none.resize(0);
  CHECK(none.empty());
  const auto [memory, bytes] = none.release();
  CHECK(memory != nullptr);
  release_block(memory, bytes);
  CHECK_THROWS_AS(Buffer<std::uint64_t>(static_cast<std::size_t>(-1) / 4), std::bad_alloc);
}

TEST_CASE("block pool: keeps blocks of some sizes, up to a limit") {
  clear_block_pool();
  std::size_t small = 100, middle = 100'000, large = std::size_t{5} << 20;
  void* const a = acquire_block(small);
  void* const b = acquire_block(middle);
  void* const c = acquire_block(large);
  CHECK(small == 100);
  CHECK(middle == 131'072);
  CHECK(large == std::size_t{5} << 20);
  release_block(a, small);
  CHECK(pooled_bytes() == 0);
  release_block(b, middle);
  CHECK(pooled_bytes() == middle);
  release_block(c, large);
  release_block(nullptr, 0);
  CHECK(pooled_bytes() == middle);
  std::size_t again = 70'000;
  CHECK(acquire_block(again) == b);
  CHECK(pooled_bytes() == 0);
  release_block(b, again);

  std::vector<Buffer<std::uint8_t>> many;
  for (int i = 0; i < 200; ++i) many.emplace_back(std::size_t{40'000} << i % 7);
  many.clear();
  CHECK(pooled_bytes() > 0);
  CHECK(pooled_bytes() <= kMostPooledBytes);
  clear_block_pool();
  CHECK(pooled_bytes() == 0);
}

TEST_CASE("block pool: several threads never share a block") {
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      for (int i = 0; i < 300; ++i) {
        Buffer<unsigned> buffer(10'000);
        std::fill(buffer.begin(), buffer.end(), number);
        failures += std::count(buffer.begin(), buffer.end(), number) != 10'000;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  clear_block_pool();
}

TEST_CASE("double array: small ones") {
  using namespace std::string_literals;
  CHECK(has_these_nodes_only(DoubleArray(), {}, 1));
  const Entries all[] = {{},
                         {{"", 5}},
                         {{"\0"s, 0}},
                         {{"", 1}, {"\0"s, 2}, {"\0\0"s, 3}, {"\0\0\xFF"s, 4}},
                         {{"a", 1}, {"ab", 2}, {"abc", 3}, {"b", 4}},
                         {{std::string(1000, 'x'), 9}}};
  for (const Entries& entries : all) {
    const DoubleArray trie = trie_of(entries);
    CHECK(has_all(trie, entries));
    CHECK(has_these_nodes_only(trie, entries, 1));
  }
}

TEST_CASE("double array: all 256 labels, at the root and below") {
  Entries entries;
  for (unsigned a = 0; a < 256; ++a) {
    const std::string key(1, static_cast<char>(a));
    entries[key] = a;
    for (unsigned b = 0; b < 256; b += a % 3 + 1) entries[key + static_cast<char>(b)] = 256 * a + b;
  }
  const DoubleArray trie = trie_of(entries);
  CHECK(has_all(trie, entries));
  CHECK(has_these_nodes_only(trie, entries, 97));
}

TEST_CASE("double array: random keys") {
  Random random(7);
  struct Shape {
    std::size_t count;
    unsigned labels;
    std::size_t longest;
  };
  for (const Shape& shape : {Shape{30, 2, 6}, Shape{300, 3, 12}, Shape{500, 256, 3}, Shape{2000, 5, 30}}) {
    for (int round = 0; round < 3; ++round) {
      const Entries entries = random_entries(random, shape.count, shape.labels, shape.longest);
      const DoubleArray trie = trie_of(entries);
      CHECK(has_all(trie, entries));
      CHECK(has_these_nodes_only(trie, entries, 1 + entries.size() / 300));
    }
  }
}

TEST_CASE("double array: 100,000 keys") {
  Random random(8);
  const Entries entries = random_entries(random, 100'000, 64, 8);
  const DoubleArray trie = trie_of(entries);
  CHECK(has_all(trie, entries));
  std::size_t wrong = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string key(random() % 6, '\0');
    for (char& c : key) c = static_cast<char>(random() % 70);
    const auto found = entries.find(key);
    const auto expected = found == entries.end() ? std::nullopt : std::optional(found->second);
    wrong += lookup(trie, key) != expected;
  }
  CHECK(wrong == 0);
}

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
