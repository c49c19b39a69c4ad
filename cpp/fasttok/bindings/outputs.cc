#include "fasttok/bindings/outputs.h"

#include <algorithm>
#include <string>

#include "fasttok/base/error.h"

namespace fasttok {

py::object array_over(void* memory, std::size_t bytes, const py::dtype& type,
                      std::initializer_list<Py_ssize_t> shape, bool writable) {
  // The capsule's context is the size of the block that it gives back.
  PyObject* const capsule = PyCapsule_New(memory, nullptr, [](PyObject* self) {
    release_block(PyCapsule_GetPointer(self, nullptr),
                  reinterpret_cast<std::uintptr_t>(PyCapsule_GetContext(self)));
  });
  if (!capsule) {
    release_block(memory, bytes);
    throw py::error_already_set();
  }
  PyCapsule_SetContext(capsule, reinterpret_cast<void*>(bytes));
  // NumPy's own call, which takes each of the two references: what pybind11 does around it takes as long
  // again.
  using Api = py::detail::npy_api;
  const Api& numpy = Api::get();
  const int flags =
      Api::NPY_ARRAY_C_CONTIGUOUS_ | Api::NPY_ARRAY_ALIGNED_ | (writable ? Api::NPY_ARRAY_WRITEABLE_ : 0);
  auto array = py::reinterpret_steal<py::object>(
      numpy.PyArray_NewFromDescr_(numpy.PyArray_Type_, Py_NewRef(type.ptr()), static_cast<int>(shape.size()),
                                  shape.begin(), nullptr, memory, flags, nullptr));
  if (!array) {
    Py_DECREF(capsule);
    throw py::error_already_set();
  }
  if (numpy.PyArray_SetBaseObject_(array.ptr(), capsule) != 0) throw py::error_already_set();
  return array;
}

py::list to_lists(std::span<const std::uint32_t> ids, std::span<const std::int64_t> ends, const Ints& ints) {
  ints.want(ids.size());
  const std::size_t rows = ends.empty() ? 0 : ends.size() - 1;
  return list_of_rows(rows, kRowsTogether, [&](std::size_t first, std::size_t count, PyObject** lists) {
    // Making a list may run the collector, and what that finds may change the ends: they are read once.
    std::int64_t own[kRowsTogether + 1];
    std::copy_n(ends.data() + first, count + 1, own);
    for (std::size_t i = 0; i < count; ++i) {
      if (own[i] >= 0 && own[i] <= own[i + 1] && static_cast<std::size_t>(own[i + 1]) <= ids.size()) continue;
      throw ValueError("row " + std::to_string(first + i) + " begins at " + std::to_string(own[i]) +
                       " and ends at " + std::to_string(own[i + 1]) + " of " + std::to_string(ids.size()) +
                       " ids");
    }
    rows_of_ints(ids.data(), own, count, lists);
  });
}

py::list lists_of_matrix(const py::array_t<std::int64_t, py::array::c_style>& matrix, const Ints& ints) {
  if (matrix.ndim() != 2) throw ValueError("expected an array of two dimensions");
  ints.want(static_cast<std::size_t>(matrix.size()));
  const auto width = static_cast<std::size_t>(matrix.shape(1));
  return list_of_rows(static_cast<std::size_t>(matrix.shape(0)),
                      [&](std::size_t row) { return row_of_ints(matrix.data() + row * width, width); });
}

py::list lists_of_one(const py::list& rows, const py::object& value) {
  return list_of_rows(rows.size(), [&](std::size_t row) {
    // Making a list may run the collector, and what that finds may change the rows.
    PyObject* const of =
        row < rows.size() ? PyList_GET_ITEM(rows.ptr(), static_cast<Py_ssize_t>(row)) : nullptr;
    if (!of || !PyList_Check(of)) throw py::type_error("a row is no list");
    const Py_ssize_t size = PyList_GET_SIZE(of);
    PyObject* const list = PyList_New(size);
    if (!list) throw py::error_already_set();
    PyObject** const items = reinterpret_cast<PyListObject*>(list)->ob_item;
    for (Py_ssize_t i = 0; i < size; ++i) items[i] = Py_NewRef(value.ptr());
    PyObject_GC_UnTrack(list);
    return list;
  });
}

}  // namespace fasttok
