// A growing array of plain values whose memory can be handed to another owner (a NumPy array) without a copy.
//
// Growing does not touch the new memory, so room that is reserved but never written costs no pages.
#pragma once

#include <cstddef>
#include <cstring>
#include <functional>
#include <new>
#include <type_traits>
#include <utility>

#include "fasttok/base/block_pool.h"

namespace fasttok {

template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Buffer() = default;
  explicit Buffer(std::size_t size) {
    reserve(size);
    size_ = size;
  }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { release_block(data_, bytes_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

  // Makes room for `more` values after the present ones; existing pointers may become invalid.
  void make_room(std::size_t more) {
    if (capacity_ - size_ < more) reserve(size_ + more > 2 * capacity_ ? size_ + more : 2 * capacity_);
  }
  void push_back(T value) {
    make_room(1);
    data_[size_++] = value;
  }
  // Within the room made before.
  void set_size(std::size_t size) { size_ = size; }
  void resize(std::size_t size) {
    if (size > size_) make_room(size - size_);
    size_ = size;
  }
  void clear() { size_ = 0; }
  // From now on `wait` is called before the values move to a larger place: others may be writing to them.
  // Null: nobody is. The function must last.
  void wait_before_moving(const std::function<void()>* wait) { wait_ = wait; }

  // Gives unused room back, where it is much.
  void shrink() {
    if (size_ * sizeof(T) * 4 > bytes_ || bytes_ < kWorthShrinking) return;
    Buffer smaller;
    smaller.reserve(size_);
    std::memcpy(smaller.data_, data_, size_ * sizeof(T));
    smaller.size_ = size_;
    swap(smaller);
  }

  // The memory (never null) for a new owner, who gives it to release_block() with the number of bytes.
  struct Released {
    T* data;
    std::size_t bytes;
  };
  Released release() {
    if (!data_) reserve(1);
    const Released released{data_, bytes_};
    data_ = nullptr;
    size_ = capacity_ = bytes_ = 0;
    return released;
  }

 private:
  static constexpr std::size_t kWorthShrinking = std::size_t{1} << 20;

  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    std::swap(bytes_, other.bytes_);
  }
  void reserve(std::size_t capacity) {
    if (capacity > static_cast<std::size_t>(-1) / 2 / sizeof(T)) throw std::bad_alloc();
    std::size_t bytes = capacity * sizeof(T);
    void* memory = acquire_block(bytes);
    if (!memory) throw std::bad_alloc();
    if (wait_) (*wait_)();
    if (size_ > 0) std::memcpy(memory, data_, size_ * sizeof(T));
    release_block(data_, bytes_);
    data_ = static_cast<T*>(memory);
    bytes_ = bytes;
    capacity_ = bytes / sizeof(T);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t bytes_ = 0;  // of the block
  const std::function<void()>* wait_ = nullptr;
};

}  // namespace fasttok
