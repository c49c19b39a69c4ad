#include "fasttok/base/word_cache.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <span>
#include <utility>

#include "fasttok/base/thread_pool.h"
#include "fasttok/base/zeroed_memory.h"

namespace fasttok {
namespace {

constexpr std::size_t kDefaultCap = std::size_t{32} << 20;
// A thread's tables have so many bytes in all: more was hardly faster.
constexpr std::size_t kMostBytes = std::size_t{16} << 20, kLeastBytes = 4096;
constexpr std::size_t kLeastShare = std::size_t{256} << 10;  // however many threads there may be
constexpr std::size_t kLeftOver = 8;  // so much of a share is for threads beyond those that are expected
// What tables begin with that are to be several times as large: one large page.
constexpr std::size_t kFirstBytes = kLargePage, kLeastGrowth = 4;
// Of all bytes, at most, for what is kept beside the lines, and for long words.
constexpr std::size_t kKeptShare = 7, kLongShare = 9;

std::atomic<std::size_t> cap{kDefaultCap};
std::atomic<std::size_t> used{0};
std::atomic<std::size_t> tables{0};
std::atomic<std::uint32_t> owners{0};

bool take(std::size_t bytes) {
  std::size_t now = used.load(std::memory_order_relaxed);
  while (now + bytes <= cap.load(std::memory_order_relaxed)) {
    if (used.compare_exchange_weak(now, now + bytes, std::memory_order_relaxed)) return true;
  }
  return false;
}

// As many threads as there are by default get tables of one size.
std::size_t wanted_bytes() {
  const std::size_t share = cap.load(std::memory_order_relaxed) / default_threads();
  return std::min(kMostBytes, std::max(kLeastShare, share - share / kLeftOver));
}

}  // namespace

constinit thread_local WordCache* WordCache::own_ = nullptr;
constinit thread_local WordCache::SetAside* WordCache::SetAside::innermost_ = nullptr;
constinit std::atomic<std::uint64_t> WordCache::now_{1};

WordCache& WordCache::make_own() {
  if (SetAside* const aside = SetAside::innermost_) {
    own_ = aside->cache_ = new WordCache;
  } else {
    static thread_local WordCache cache;
    own_ = &cache;
  }
  return *own_;
}

// What of_this_thread() returns where something is to be done before.
WordCache& WordCache::prepared(std::uint32_t owner) {
  WordCache* const own = own_;
  WordCache& cache = own ? *own : make_own();
  if (const std::uint64_t now = now_.load(std::memory_order_relaxed); cache.epoch_ != now) {
    if (cache.outgrown_ == now) {
      cache.grow();
    } else {
      cache.resize_to_budget();
    }
    cache.epoch_ = now;
    cache.outgrown_ = 0;
  }
  const std::uint32_t tag = tag_of(owner);
  if (cache.owners_[tag] != owner) {
    // The tag was another tokenizer's: its entries must go. With fewer than 256 tokenizers in use this never
    // happens.
    if (cache.owners_[tag] != 0) cache.clear();
    cache.owners_[tag] = owner;
  }
  cache.tag_ = {0, static_cast<std::uint64_t>(tag) << 56};
  return cache;
}

WordCache::~WordCache() {
  own_ = nullptr;
  release(lines_, bytes_);
}

void WordCache::clear() {
  std::fill_n(lines_, line_count_, Line{});
  std::fill_n(kept_lines_, kept_mask_ + 1, Line{});
  std::fill_n(long_lines_, long_mask_ + 1, LongLine{});
  forget_lines();
  std::fill(std::begin(owners_), std::end(owners_), 0);
}

// What is known of lines that are empty now.
void WordCache::forget_lines() {
  std::fill(std::begin(kept_used_), std::end(kept_used_), 0);
  std::fill(std::begin(long_used_), std::end(long_used_), 0);
  used_ = 0;
}

// Takes empty tables of so many bytes in all, if they can be had; does not give back those that were.
bool WordCache::take_tables(std::size_t bytes) {
  if (!take(bytes)) return false;
  void* const memory = allocate_zeroed(bytes);
  if (!memory) {
    used.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }
  const std::size_t kept = std::bit_floor(bytes / kKeptShare / sizeof(Line)),
                    many = std::bit_floor(bytes / kLongShare / sizeof(LongLine));
  line_count_ = ((bytes - many * sizeof(LongLine)) / sizeof(Line) - kept) / 2 * 2;  // each has one next to it
  lines_ = static_cast<Line*>(memory);
  kept_lines_ = lines_ + line_count_;
  kept_mask_ = kept - 1;
  long_lines_ = reinterpret_cast<LongLine*>(kept_lines_ + kept);
  long_mask_ = many - 1;
  bytes_ = bytes;
  tables.fetch_add(1, std::memory_order_relaxed);
  forget_lines();
  return true;
}

void WordCache::release(void* memory, std::size_t bytes) {
  if (bytes == 0) return;
  free_zeroed(memory, bytes);
  used.fetch_sub(bytes, std::memory_order_relaxed);
  tables.fetch_sub(1, std::memory_order_relaxed);
}

void WordCache::resize_to_budget() {
  release(lines_, std::exchange(bytes_, 0));
  std::fill(std::begin(owners_), std::end(owners_), 0);
  used_before_growth_ = 0;
  const std::size_t wanted = wanted_bytes();
  const bool may_grow =
      wanted >= kLeastGrowth * kFirstBytes && wanted + kFirstBytes <= cap.load(std::memory_order_relaxed);
  if (may_grow && take_tables(kFirstBytes)) {
    used_before_growth_ = line_count_;
    return;
  }
  for (std::size_t bytes = wanted; bytes >= kLeastBytes; bytes /= 2) {
    if (take_tables(bytes)) return;
  }
  lines_ = few_.lines;
  line_count_ = std::size(few_.lines);
  kept_lines_ = &few_.kept_line;
  kept_mask_ = 0;
  long_lines_ = &few_.long_line;
  long_mask_ = 0;
  clear();
}

// All words are moved to the larger tables, or, where these cannot be had, stay where they are.
void WordCache::grow() {
  used_before_growth_ = 0;
  const std::span<const Line> lines(lines_, line_count_ + kept_mask_ + 1);
  const std::span<const LongLine> long_lines(long_lines_, long_mask_ + 1);
  const std::size_t bytes = bytes_;
  // Others may have what was there for this thread.
  std::size_t larger = wanted_bytes();
  while (larger >= 2 * bytes && !take_tables(larger)) larger -= larger / 4;
  if (larger < 2 * bytes) return;
  for (const Line& line : lines) {
    // Where words will go is fetched some lines ahead.
    constexpr std::ptrdiff_t kAhead = 8;
    if (lines.data() + lines.size() - &line > kAhead) {
      for (const WordKey& key : (&line)[kAhead].keys) __builtin_prefetch(line_of(key), 1);
    }
    for (const int index : {0, 1}) {
      const WordKey& key = line.keys[index];
      if (is_empty(key)) continue;
      const HeldAnswer held(line, index);
      put_and_keep(*line_of(key), key, held.ids, held.size, held.note);
    }
  }
  for (const LongLine& line : long_lines) {
    if (line.tag == 0) continue;
    const std::size_t place = long_place(line.text, line.size);
    note(long_used_, place);
    long_lines_[place] = line;
  }
  release(const_cast<Line*>(lines.data()), bytes);
}

CacheInfo cache_info() {
  return {used.load(std::memory_order_relaxed), cap.load(std::memory_order_relaxed),
          tables.load(std::memory_order_relaxed)};
}

void clear_cache() {
  WordCache::now_.fetch_add(1, std::memory_order_relaxed);
}

void set_cache_bytes(std::size_t bytes) {
  cap.store(bytes, std::memory_order_relaxed);
  clear_cache();
}

std::uint32_t next_cache_owner() {
  std::uint32_t owner = owners.fetch_add(1, std::memory_order_relaxed) + 1;
  if (owner == 0) {  // after four billion tokenizers an old namesake's entries may still be there
    clear_cache();
    owner = owners.fetch_add(1, std::memory_order_relaxed) + 1;
  }
  return owner;
}

}  // namespace fasttok
