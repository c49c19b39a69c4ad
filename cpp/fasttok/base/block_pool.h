// Memory of results that was given back, for the next results.
//
// A batch's arrays are large enough that malloc gets their pages from the system and gives them back each
// time, and fresh pages cost more than filling them. Blocks of 32 KiB to 4 MiB are kept instead, a few of
// each power of two, up to a fixed total. Smaller and larger ones are malloc's, but beyond 32 MiB, where
// malloc keeps no pages either, they have large ones: these are filled and given back in a fraction of the
// time.
#pragma once

#include <cstddef>

namespace fasttok {

// Memory for `bytes` or, as `bytes` then says, more. Null where there is none.
void* acquire_block(std::size_t& bytes);

// Takes back what acquire_block() gave, with the size that it said.
void release_block(void* block, std::size_t bytes);

// Bytes that are kept now.
std::size_t pooled_bytes();
void clear_block_pool();

inline constexpr std::size_t kMostPooledBytes = std::size_t{16} << 20;

}  // namespace fasttok
