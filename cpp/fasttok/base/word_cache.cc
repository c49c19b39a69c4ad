#include "fasttok/base/word_cache.h"

#include <algorithm>
#include <atomic>
#include <bit>

#include "fasttok/base/thread_pool.h"
#include "fasttok/base/zeroed_memory.h"

namespace fasttok {
namespace {

constexpr std::size_t kDefaultCap = std::size_t{32} << 20;
constexpr std::size_t kTableBytes = std::size_t{8} << 20;    // more was hardly faster
constexpr std::size_t kOtherShare = 4;                       // each other table is a quarter of that
constexpr std::size_t kLeastShare = std::size_t{256} << 10;  // however many threads there may be
constexpr std::size_t kSmallestTable = 4096;

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

}  // namespace

constinit thread_local WordCache* WordCache::own_ = nullptr;
constinit std::atomic<std::uint64_t> WordCache::now_{1};

WordCache& WordCache::make_own() {
  static thread_local WordCache cache;
  own_ = &cache;
  return cache;
}

// What of_this_thread() returns where something is to be done before.
WordCache& WordCache::prepared(std::uint32_t owner) {
  WordCache* const own = own_;
  WordCache& cache = own ? *own : make_own();
  if (cache.epoch_ != now_.load(std::memory_order_relaxed)) cache.resize_to_budget();
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

// Where there is no budget: a few lines, so that nothing else need know whether there is a cache.
struct WordCache::FewLines {
  Line lines[2], kept_line;
  LongLine long_line;
  static FewLines& of_this_thread() {
    static thread_local FewLines few{};
    return few;
  }
};

WordCache::~WordCache() {
  own_ = nullptr;
  release();
}

void WordCache::clear() {
  std::fill_n(lines_, std::size_t{1} << (64 - shift_), Line{});
  std::fill_n(kept_lines_, kept_mask_ + 1, Line{});
  std::fill_n(long_lines_, long_mask_ + 1, LongLine{});
  forget();
}

// What is known of lines that are empty now.
void WordCache::forget() {
  std::fill(std::begin(kept_used_), std::end(kept_used_), 0);
  std::fill(std::begin(long_used_), std::end(long_used_), 0);
  std::fill(std::begin(owners_), std::end(owners_), 0);
}

void WordCache::release() {
  if (!bytes_) return;
  free_zeroed(lines_, bytes_);
  lines_ = kept_lines_ = nullptr;
  long_lines_ = nullptr;
  used.fetch_sub(bytes_, std::memory_order_relaxed);
  tables.fetch_sub(1, std::memory_order_relaxed);
  bytes_ = 0;
}

void WordCache::resize_to_budget() {
  release();
  epoch_ = now_.load(std::memory_order_relaxed);
  // As many threads as there are by default get tables of one size.
  const std::size_t share = cap.load(std::memory_order_relaxed) / default_threads();
  for (std::size_t lines = kTableBytes; lines >= kSmallestTable; lines /= 2) {
    const std::size_t other = lines / kOtherShare, bytes = lines + 2 * other;
    if ((bytes > share && bytes > kLeastShare) || !take(bytes)) continue;
    void* memory = allocate_zeroed(bytes);
    if (!memory) {
      used.fetch_sub(bytes, std::memory_order_relaxed);
      break;
    }
    lines_ = static_cast<Line*>(memory);
    shift_ = 64;
    for (std::size_t n = lines / sizeof(Line); n > 1; n /= 2) --shift_;
    kept_lines_ = lines_ + lines / sizeof(Line);
    kept_mask_ = other / sizeof(Line) - 1;
    long_lines_ = reinterpret_cast<LongLine*>(kept_lines_ + kept_mask_ + 1);
    long_mask_ = std::bit_floor(other / sizeof(LongLine)) - 1;
    bytes_ = bytes;
    tables.fetch_add(1, std::memory_order_relaxed);
    forget();
    return;
  }
  FewLines& few = FewLines::of_this_thread();
  lines_ = few.lines;
  shift_ = 63;
  kept_lines_ = &few.kept_line;
  kept_mask_ = 0;
  long_lines_ = &few.long_line;
  long_mask_ = 0;
  clear();
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
