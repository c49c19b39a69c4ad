#include "fasttok/base/block_pool.h"

#include <bit>
#include <cstdlib>
#include <mutex>

#include "fasttok/base/zeroed_memory.h"

namespace fasttok {
namespace {

constexpr std::size_t kSmallest = std::size_t{32} << 10;
constexpr std::size_t kLargest = std::size_t{4} << 20;
constexpr std::size_t kKeptOfOneSize = 8;
// malloc maps what is larger anew each time; of what is smaller it learns to keep the pages.
constexpr std::size_t kLargestOfMalloc = std::size_t{32} << 20;

struct Shelf {
  void* blocks[kKeptOfOneSize];
  std::size_t count = 0;
};

std::mutex lock;  // only ever tried: who does not get it (also after a fork that lost its owner) uses malloc
Shelf shelves[64];
std::size_t kept = 0;

bool is_pooled(std::size_t bytes) {
  return bytes >= kSmallest && bytes <= kLargest;
}
Shelf& shelf_of(std::size_t power_of_two) {
  return shelves[std::countr_zero(power_of_two)];
}

}  // namespace

void* acquire_block(std::size_t& bytes) {
  if (bytes > kLargestOfMalloc) return allocate_zeroed(bytes);
  if (!is_pooled(bytes)) return std::malloc(bytes ? bytes : 1);
  bytes = std::bit_ceil(bytes);
  if (std::unique_lock<std::mutex> guard(lock, std::try_to_lock); guard.owns_lock()) {
    if (Shelf& shelf = shelf_of(bytes); shelf.count > 0) {
      kept -= bytes;
      return shelf.blocks[--shelf.count];
    }
  }
  return std::malloc(bytes);
}

void release_block(void* block, std::size_t bytes) {
  if (bytes > kLargestOfMalloc) return free_zeroed(block, bytes);
  if (block && is_pooled(bytes) && std::has_single_bit(bytes)) {
    if (std::unique_lock<std::mutex> guard(lock, std::try_to_lock); guard.owns_lock()) {
      Shelf& shelf = shelf_of(bytes);
      if (shelf.count < kKeptOfOneSize && kept + bytes <= kMostPooledBytes) {
        shelf.blocks[shelf.count++] = block;
        kept += bytes;
        return;
      }
    }
  }
  std::free(block);
}

std::size_t pooled_bytes() {
  std::unique_lock<std::mutex> guard(lock, std::try_to_lock);
  return guard.owns_lock() ? kept : 0;
}

void clear_block_pool() {
  std::unique_lock<std::mutex> guard(lock, std::try_to_lock);
  if (!guard.owns_lock()) return;
  for (Shelf& shelf : shelves) {
    while (shelf.count > 0) std::free(shelf.blocks[--shelf.count]);
  }
  kept = 0;
}

}  // namespace fasttok
