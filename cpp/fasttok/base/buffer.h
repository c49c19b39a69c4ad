// A growing array of plain values whose memory can be handed to another owner (a NumPy array) without a copy.
//
// Growing does not touch the new memory, so room that is reserved but never written costs no pages.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

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
  ~Buffer() { std::free(data_); }

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

  // Gives unused room back.
  void shrink() {
    if (size_ == capacity_ || !data_) return;
    if (void* smaller = std::realloc(data_, (size_ ? size_ : 1) * sizeof(T))) {
      data_ = static_cast<T*>(smaller);
      capacity_ = size_ ? size_ : 1;
    }
  }

  // The memory, to be freed with std::free by the new owner; null where nothing was ever reserved.
  T* release() {
    size_ = capacity_ = 0;
    return std::exchange(data_, nullptr);
  }

 private:
  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }
  void reserve(std::size_t capacity) {
    if (capacity > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_alloc();
    void* memory = std::realloc(data_, (capacity ? capacity : 1) * sizeof(T));
    if (!memory) throw std::bad_alloc();
    data_ = static_cast<T*>(memory);
    capacity_ = capacity ? capacity : 1;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace fasttok
