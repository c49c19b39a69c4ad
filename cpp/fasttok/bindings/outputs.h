// From columns to Python: NumPy arrays that own the memory the core wrote, and lists of ready-made ints.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/pipeline/batch.h"

namespace fasttok {

namespace py = pybind11;

// An array over the buffer's memory, without a copy. Scalar: what an element is made of.
template <class Scalar, class T>
py::array to_array(Buffer<T> buffer, std::vector<py::ssize_t> shape, bool writable) {
  static_assert(sizeof(T) % sizeof(Scalar) == 0);
  // The capsule's context is the size of the block that it gives back.
  const auto memory = buffer.release();
  PyObject* capsule = PyCapsule_New(memory.data, nullptr, [](PyObject* self) {
    release_block(PyCapsule_GetPointer(self, nullptr),
                  reinterpret_cast<std::uintptr_t>(PyCapsule_GetContext(self)));
  });
  if (!capsule) {
    release_block(memory.data, memory.bytes);
    throw py::error_already_set();
  }
  PyCapsule_SetContext(capsule, reinterpret_cast<void*>(memory.bytes));
  const auto owner = py::reinterpret_steal<py::object>(capsule);
  py::array_t<Scalar> array(std::move(shape), reinterpret_cast<const Scalar*>(memory.data), owner);
  if (!writable) py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
  return array;
}

// Python ints for the ids below `limit`, made once: putting one into a list costs a reference, not an object.
class IntTable {
 public:
  explicit IntTable(std::size_t limit);
  ~IntTable();
  IntTable(const IntTable&) = delete;
  IntTable& operator=(const IntTable&) = delete;

  // A list of these ids; a new reference. `readable` ids may be read: those behind the list are likely to be
  // asked for next.
  PyObject* list_of(const std::uint32_t* ids, std::size_t count, std::size_t readable) const;
  PyObject* list_of(const std::uint32_t* ids, std::size_t count) const;
  // (a, b); a new reference.
  PyObject* pair_of(std::uint32_t a, std::uint32_t b) const;

 private:
  PyObject* int_of(std::uint32_t value) const;

  std::vector<PyObject*> ints_;
};

// The ints of all ids, made when they are likely to pay.
class LazyInts {
 public:
  explicit LazyInts(std::size_t limit) : limit_(limit) {}

  // For a call's `wanted` ids. As long as few have been asked for, this is an empty table, for which each int
  // is made anew.
  const std::shared_ptr<const IntTable>& get(std::size_t wanted) const;

 private:
  const std::size_t limit_;
  const std::shared_ptr<const IntTable> none_ = std::make_shared<const IntTable>(0);
  mutable std::atomic<std::size_t> wanted_{0};
  mutable std::atomic<bool> made_{false};
  mutable std::mutex lock_;
  mutable std::shared_ptr<const IntTable> all_;  // set once
};

// list[list[int]], one list a row: from each of `ends` to the next. Throws ValueError where these are no
// places in `ids` in ascending order.
py::list to_lists(std::span<const std::uint32_t> ids, std::span<const std::int64_t> ends,
                  const IntTable& ints);

}  // namespace fasttok
