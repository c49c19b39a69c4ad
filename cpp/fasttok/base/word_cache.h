// What the model answered for short words, per thread, under one hard cap for the process.
//
// A direct-mapped table of 64-byte entries, each a whole word key, the number of the tokenizer that answered, and up
// to ten ids. A new word replaces the one in its place, so the memory is fixed and the cost of an insertion is one
// line. The answer of a tokenizer never depends on what is cached: entries hold what the model computed for exactly
// that key.
//
// Each thread takes its table from the process's budget when it first needs one; where the budget is spent it gets a
// smaller one or none. Changing the budget starts a new epoch: each thread drops its table at its next call.
#pragma once

#include <cstddef>
#include <cstdint>

#include "fasttok/base/word_key.h"

namespace fasttok {

struct alignas(64) CachedWord {
  static constexpr std::size_t kMaxIds = 10;
  WordKey key;
  std::uint32_t owner;  // 0: empty
  std::uint32_t count;
  std::uint32_t ids[kMaxIds];
};
static_assert(sizeof(CachedWord) == 64);

class WordCache {
 public:
  WordCache() = default;
  WordCache(const WordCache&) = delete;
  WordCache& operator=(const WordCache&) = delete;
  ~WordCache();

  // The calling thread's cache, sized by the budget in force now.
  static WordCache& of_this_thread();

  // The entry in which a word with this hash lives or may be put; null where this thread has no table.
  CachedWord* slot(std::uint64_t hash) { return entries_ ? entries_ + (hash >> shift_) : nullptr; }

 private:
  void resize_to_budget();
  void release();
  CachedWord* entries_ = nullptr;
  int shift_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t epoch_ = 0;
};

struct CacheInfo {
  std::size_t bytes_used;  // by the tables of all threads
  std::size_t bytes_cap;
  std::size_t tables;
};
CacheInfo cache_info();
void clear_cache();
void set_cache_bytes(std::size_t cap);  // 0 turns caching off

// A number for a compiled tokenizer, never used twice while entries of it may be alive.
std::uint32_t next_cache_owner();

}  // namespace fasttok
