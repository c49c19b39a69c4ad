// From columns to Python: NumPy arrays that own the memory the core wrote, and lists of ready-made ints.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/pipeline/batch.h"

namespace fasttok {

namespace py = pybind11;

// An array over the buffer's memory, without a copy. Scalar: what an element is made of.
template <class Scalar, class T>
py::array to_array(Buffer<T> buffer, std::vector<py::ssize_t> shape, bool writable) {
  static_assert(sizeof(T) % sizeof(Scalar) == 0);
  buffer.make_room(1);  // an empty array has an address, too
  T* data = buffer.release();
  const py::capsule owner(data, [](void* memory) { std::free(memory); });
  py::array_t<Scalar> array(std::move(shape), reinterpret_cast<const Scalar*>(data), owner);
  if (!writable) array.attr("flags").attr("writeable") = false;
  return array;
}

// Python ints for the ids below `limit`, made once: putting one into a list costs a reference, not an object.
class IntTable {
 public:
  explicit IntTable(std::size_t limit);
  ~IntTable();
  IntTable(const IntTable&) = delete;
  IntTable& operator=(const IntTable&) = delete;

  // A list of these ids; a new reference.
  PyObject* list_of(const std::uint32_t* ids, std::size_t count) const;

 private:
  std::vector<PyObject*> ints_;
};

// list[list[int]], one list a row.
py::list to_lists(const Columns& columns, const IntTable& ints);

struct PadRules {
  std::size_t length = 0;  // width of the matrices
  std::int64_t pad_id = 0, pad_type_id = 0;
  bool left = false;
  bool want_type_ids = false, want_mask = false;
  unsigned threads = 1;
};

struct PaddedColumns {
  Buffer<std::int64_t> ids, type_ids, mask;  // rows x length
};

PaddedColumns pad(const Columns& columns, const PadRules& rules);

}  // namespace fasttok
