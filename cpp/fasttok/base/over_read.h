// Reading a whole vector where the text ends within it.
//
// Memory is protected page by page: if the last byte of a text may be read, so may the rest of its page.
// Bytes behind the end are read, never used. Sanitizers see objects, not pages: under them it is never
// allowed; nor is it where aarch64 tags memory by 16 bytes, which shows in the top byte of the address.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(hwaddress_sanitizer) || \
    __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define FASTTOK_NO_OVER_READ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_HWADDRESS__) || defined(__SANITIZE_THREAD__)
#define FASTTOK_NO_OVER_READ 1
#endif

namespace fasttok {

// Whether `more` bytes behind `end`, where an object of at least one byte ends, may be read.
inline bool may_read_beyond(const void* end, std::size_t more) {
#if defined(FASTTOK_NO_OVER_READ)
  (void)end;
  (void)more;
  return false;
#else
  const auto address = reinterpret_cast<std::uintptr_t>(end);
#if defined(__aarch64__)
  if (address >> 56 != 0) return false;
#endif
  constexpr std::uintptr_t kSmallestPage = 4096;
  return (address - 1) % kSmallestPage + more < kSmallestPage;
#endif
}

}  // namespace fasttok
