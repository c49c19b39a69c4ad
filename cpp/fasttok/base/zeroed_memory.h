// Large tables of zeros, on large pages where the system has them.
//
// A table that is read at random wants few entries in the translation buffer, and a page that is first
// touched costs about as much as encoding a kilobyte: with pages of 2 MiB both happen 512 times less often.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace fasttok {

inline constexpr std::size_t kLargePage = std::size_t{2} << 20;

// Zeros, aligned to a cache line at least, and to a large page where there is as much; null where there is no
// memory.
void* allocate_zeroed(std::size_t bytes);
void free_zeroed(void* memory, std::size_t bytes);

// Bytes of all ZeroedArrays: the tables that tokenizers have built from their vocabularies.
std::size_t table_bytes();
void count_table_bytes(std::size_t added, std::size_t freed);

// What a table takes of so many bytes: where they fill a good part of a large page, all of it. Of pages of
// 4 KiB a table of 600 KiB would have more than processors remember at once.
inline std::size_t table_size(std::size_t bytes) {
  constexpr std::size_t kLeastPart = kLargePage / 4;
  const std::size_t beyond = bytes % kLargePage;
  return beyond >= kLeastPart ? bytes - beyond + kLargePage : bytes;
}

// An array of plain values in such memory, at least one, of a number that does not change.
template <class T>
class ZeroedArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  ZeroedArray() = default;
  explicit ZeroedArray(std::size_t size) : size_(size) {
    data_ = static_cast<T*>(allocate_zeroed(bytes()));
    if (!data_) throw std::bad_alloc();
    count_table_bytes(bytes(), 0);
  }
  ZeroedArray(ZeroedArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  ZeroedArray& operator=(ZeroedArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~ZeroedArray() {
    if (!data_) return;
    free_zeroed(data_, bytes());
    count_table_bytes(0, bytes());
  }

  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

 private:
  std::size_t bytes() const { return table_size(size_ * sizeof(T)); }

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace fasttok
