// Large tables of zeros, on large pages where the system has them.
//
// A table that is read at random wants few entries in the translation buffer, and a page that is first
// touched costs about as much as encoding a kilobyte: with pages of 2 MiB both happen 512 times less often.
#pragma once

#include <cstddef>

namespace fasttok {

// Zeros, aligned to a cache line at least; null where there is no memory.
void* allocate_zeroed(std::size_t bytes);
void free_zeroed(void* memory, std::size_t bytes);

}  // namespace fasttok
