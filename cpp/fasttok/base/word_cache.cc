#include "fasttok/base/word_cache.h"

#include <atomic>
#include <cstdlib>

namespace fasttok {
namespace {

constexpr std::size_t kDefaultCap = std::size_t{32} << 20;
constexpr std::size_t kTableBytes = std::size_t{1} << 20;  // half of a small L2
constexpr std::size_t kSmallestTable = 4096;

std::atomic<std::size_t> cap{kDefaultCap};
std::atomic<std::size_t> used{0};
std::atomic<std::size_t> tables{0};
std::atomic<std::uint64_t> epoch{1};
std::atomic<std::uint32_t> owners{0};

bool take(std::size_t bytes) {
  std::size_t now = used.load(std::memory_order_relaxed);
  while (now + bytes <= cap.load(std::memory_order_relaxed)) {
    if (used.compare_exchange_weak(now, now + bytes, std::memory_order_relaxed)) return true;
  }
  return false;
}

}  // namespace

WordCache& WordCache::of_this_thread() {
  static thread_local WordCache cache;
  if (cache.epoch_ != epoch.load(std::memory_order_relaxed)) cache.resize_to_budget();
  return cache;
}

WordCache::~WordCache() { release(); }

void WordCache::release() {
  if (!entries_) return;
  std::free(entries_);
  entries_ = nullptr;
  used.fetch_sub(bytes_, std::memory_order_relaxed);
  tables.fetch_sub(1, std::memory_order_relaxed);
  bytes_ = 0;
}

void WordCache::resize_to_budget() {
  release();
  epoch_ = epoch.load(std::memory_order_relaxed);
  for (std::size_t bytes = kTableBytes; bytes >= kSmallestTable; bytes /= 2) {
    if (!take(bytes)) continue;
    // Aligned, so that an entry is one cache line.
    void* raw = nullptr;
    if (posix_memalign(&raw, 4096, bytes) != 0) {
      used.fetch_sub(bytes, std::memory_order_relaxed);
      return;
    }
    entries_ = static_cast<CachedWord*>(raw);
    const std::size_t count = bytes / sizeof(CachedWord);
    for (std::size_t i = 0; i < count; ++i) entries_[i].owner = 0;
    shift_ = 64;
    for (std::size_t n = count; n > 1; n /= 2) --shift_;
    bytes_ = bytes;
    tables.fetch_add(1, std::memory_order_relaxed);
    return;
  }
}

CacheInfo cache_info() {
  return {used.load(std::memory_order_relaxed), cap.load(std::memory_order_relaxed),
          tables.load(std::memory_order_relaxed)};
}

void clear_cache() { epoch.fetch_add(1, std::memory_order_relaxed); }

void set_cache_bytes(std::size_t bytes) {
  cap.store(bytes, std::memory_order_relaxed);
  clear_cache();
}

std::uint32_t next_cache_owner() {
  std::uint32_t owner = owners.fetch_add(1, std::memory_order_relaxed) + 1;
  if (owner == 0) {  // wrapped around after four billion tokenizers: what is cached may be of an old namesake
    clear_cache();
    owner = owners.fetch_add(1, std::memory_order_relaxed) + 1;
  }
  return owner;
}

}  // namespace fasttok
