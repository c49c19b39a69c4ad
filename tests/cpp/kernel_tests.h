// What the tests of kernels share.
#pragma once

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "fasttok/simd/isa.h"

namespace fasttok::testing {

// Memory behind which nothing may be read or written.
class GuardedPages {
 public:
  GuardedPages() {
    void* memory = mmap(nullptr, size_ + page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    begin_ = static_cast<std::uint8_t*>(memory);
    REQUIRE(mprotect(end(), page_, PROT_NONE) == 0);
  }
  ~GuardedPages() { munmap(begin_, size_ + page_); }
  GuardedPages(const GuardedPages&) = delete;
  GuardedPages& operator=(const GuardedPages&) = delete;

  std::uint8_t* end() const { return begin_ + size_; }

 private:
  const std::size_t page_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t size_ = page_ < 16384 ? 16384 : page_;
  std::uint8_t* begin_ = nullptr;
};

// Those that this CPU has, from `first` on.
inline std::vector<Isa> isas_from(Isa first) {
  std::vector<Isa> isas;
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kNeon}) {
    if (isa >= first && cpu_has(isa)) isas.push_back(isa);
  }
  return isas;
}

}  // namespace fasttok::testing
