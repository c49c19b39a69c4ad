// From columns to Python: NumPy arrays that own the memory the core wrote, and lists of ready-made ints.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <initializer_list>
#include <span>

#include "fasttok/base/buffer.h"
#include "fasttok/bindings/interrupt.h"
#include "fasttok/bindings/ints.h"
#include "fasttok/pipeline/batch.h"

namespace fasttok {

namespace py = pybind11;

// An array over the memory, which it owns from now on, also where this throws. `bytes`: the size of its
// block.
py::object array_over(void* memory, std::size_t bytes, const py::dtype& type,
                      std::initializer_list<Py_ssize_t> shape, bool writable);

// An array over the buffer's memory, without a copy. Scalar: what an element is made of.
template <class Scalar, class T>
py::object to_array(Buffer<T> buffer, std::initializer_list<Py_ssize_t> shape, bool writable) {
  static_assert(sizeof(T) % sizeof(Scalar) == 0);
  const auto memory = buffer.release();
  return array_over(memory.data, memory.bytes, py::dtype::of<Scalar>(), shape, writable);
}

// A list of the rows that make(first, count, rows) puts, up to `together` at once, each a new reference to a
// list of ints as row_of_ints() makes.
//
// Python's collector of cycles looks at each item of all young lists whenever some hundreds more have been
// made, and of all lists now and then, which takes as long as to make them. A list of ints is in no cycle, so
// the rows are not shown to it, as CPython does with its own tuples and dicts of such values. (A cycle is
// never freed if somebody makes one through such a list, by putting an object into it that leads back to it.)
template <class Make>
py::list list_of_rows(std::size_t rows, std::size_t together, Make&& make) {
  py::list list(rows);
  PyObject_GC_UnTrack(list.ptr());  // until it is whole, and the collector may look at it
  PyObject** const items = reinterpret_cast<PyListObject*>(list.ptr())->ob_item;
  for (std::size_t row = 0; row < rows; row += together) {
    check_signals(row / together, 256 / together);
    make(row, std::min(together, rows - row), items + row);
  }
  PyObject_GC_Track(list.ptr());
  return list;
}

// The same of the rows that make(0), make(1), … give.
template <class Make>
py::list list_of_rows(std::size_t rows, Make&& make) {
  return list_of_rows(rows, 1, [&](std::size_t row, std::size_t, PyObject** list) { *list = make(row); });
}

// matrix.tolist(), of a matrix of ids.
py::list lists_of_matrix(const py::array_t<std::int64_t, py::array::c_style>& matrix, const Ints& ints);

// [[value] * len(row) for row in rows]; each row must be a list.
py::list lists_of_one(const py::list& rows, const py::object& value);

// list[list[int]], one list a row: from each of `ends` to the next. Throws ValueError where these are no
// places in `ids` in ascending order.
py::list to_lists(std::span<const std::uint32_t> ids, std::span<const std::int64_t> ends, const Ints& ints);

}  // namespace fasttok
