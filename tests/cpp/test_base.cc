// The base: buffers and the blocks behind them, the trie, tables.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/base/double_array.h"
#include "fasttok/base/zeroed_memory.h"
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

TEST_CASE("buffer: hands full memory over as it lies") {
  // Of the pool, of malloc, and mapped.
  for (const std::size_t size : {std::size_t{1} << 15, std::size_t{3} << 20, std::size_t{9} << 20}) {
    Buffer<std::uint32_t> full(size);
    std::fill(full.begin(), full.end(), 5);
    const std::uint32_t* const place = full.data();
    const auto [memory, bytes] = full.release();
    CHECK(memory == place);
    CHECK(bytes == size * sizeof *place);
    CHECK(std::count(memory, memory + size, 5) == static_cast<std::ptrdiff_t>(size));
    release_block(memory, bytes);
  }
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

// Bytes of this process's addresses.
std::size_t mapped_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST_CASE("base: what a table took is given back, wherever it was moved") {
  for (const std::size_t bytes : {std::size_t{600} << 10, std::size_t{3000} << 10, std::size_t{100} << 10}) {
    const auto make_some = [&] {
      for (int i = 0; i < 50; ++i) {
        ZeroedArray<std::uint8_t> table(bytes), other;
        other = std::move(table);
        const ZeroedArray<std::uint8_t> last(std::move(other));
        CHECK(last.size() == bytes);
      }
    };
    make_some();
    const std::size_t before = mapped_bytes();
    make_some();
    CHECK(mapped_bytes() < before + 2 * bytes);
  }
}

TEST_CASE("base: tables are zeros, on whole large pages where they fill a part of one, and are counted") {
  constexpr std::size_t kKiB = 1024;
  for (const auto& [bytes, taken] : {std::pair{64 * kKiB, 64 * kKiB},
                                     {511 * kKiB, 511 * kKiB},
                                     {512 * kKiB, 2048 * kKiB},
                                     {2048 * kKiB, 2048 * kKiB},
                                     {2049 * kKiB, 2049 * kKiB},
                                     {3000 * kKiB, 4096 * kKiB}}) {
    const std::size_t before = table_bytes();
    {
      const ZeroedArray<std::uint8_t> table(bytes);
      CHECK(table_bytes() - before == taken);
      CHECK(std::count(table.begin(), table.end(), 0) == static_cast<std::ptrdiff_t>(bytes));
      if (taken % kLargePage == 0) CHECK(reinterpret_cast<std::uintptr_t>(table.begin()) % kLargePage == 0);
    }
    CHECK(table_bytes() == before);
  }
}
