#include "fasttok/base/zeroed_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace fasttok {
namespace {

std::atomic<std::size_t> bytes_of_tables{0};

}  // namespace

void* allocate_zeroed(std::size_t bytes) {
  // Only whole pages can be given back.
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  bytes = (bytes + page - 1) / page * page;
  // A large page begins at a multiple of its size: what is mapped too much on both sides is given back.
  const std::size_t spare = bytes >= kLargePage ? kLargePage : 0;
  void* memory = mmap(nullptr, bytes + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  if (spare == 0) return memory;
  auto* const begin = static_cast<char*>(memory);
  const std::size_t before = (kLargePage - reinterpret_cast<std::uintptr_t>(begin) % kLargePage) % kLargePage;
  if (before > 0) munmap(begin, before);
  if (spare > before) munmap(begin + before + bytes, spare - before);
#if defined(MADV_HUGEPAGE)
  madvise(begin + before, bytes, MADV_HUGEPAGE);
#endif
  return begin + before;
}

std::size_t table_bytes() {
  return bytes_of_tables.load(std::memory_order_relaxed);
}

void count_table_bytes(std::size_t added, std::size_t freed) {
  bytes_of_tables.fetch_add(added - freed, std::memory_order_relaxed);
}

void free_zeroed(void* memory, std::size_t bytes) {
  if (memory) munmap(memory, bytes);
}

}  // namespace fasttok
