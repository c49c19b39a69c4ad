#include "fasttok/bindings/outputs.h"

#include <string>

#include "fasttok/base/error.h"

namespace fasttok {

py::list to_lists(std::span<const std::uint32_t> ids, std::span<const std::int64_t> ends, const Ints& ints) {
  ints.want(ids.size());
  return list_of_rows(ends.empty() ? 0 : ends.size() - 1, [&](std::size_t row) {
    if (ends[row] < 0 || ends[row] > ends[row + 1] || static_cast<std::size_t>(ends[row + 1]) > ids.size()) {
      throw ValueError("row " + std::to_string(row) + " begins at " + std::to_string(ends[row]) +
                       " and ends at " + std::to_string(ends[row + 1]) + " of " + std::to_string(ids.size()) +
                       " ids");
    }
    const auto begin = static_cast<std::size_t>(ends[row]);
    return list_of_ints(ids.data() + begin, static_cast<std::size_t>(ends[row + 1]) - begin);
  });
}

py::list lists_of_matrix(const py::array_t<std::int64_t, py::array::c_style>& matrix, const Ints& ints) {
  if (matrix.ndim() != 2) throw ValueError("expected an array of two dimensions");
  ints.want(static_cast<std::size_t>(matrix.size()));
  const auto width = static_cast<std::size_t>(matrix.shape(1));
  return list_of_rows(static_cast<std::size_t>(matrix.shape(0)),
                      [&](std::size_t row) { return list_of_ints(matrix.data() + row * width, width); });
}

py::list lists_of_one(const py::list& rows, const py::object& value) {
  return list_of_rows(rows.size(), [&](std::size_t row) {
    PyObject* const of = PyList_GET_ITEM(rows.ptr(), static_cast<Py_ssize_t>(row));
    if (!PyList_Check(of)) throw py::type_error("a row is no list");
    const Py_ssize_t size = PyList_GET_SIZE(of);
    PyObject* const list = PyList_New(size);
    if (!list) throw py::error_already_set();
    PyObject** const items = reinterpret_cast<PyListObject*>(list)->ob_item;
    for (Py_ssize_t i = 0; i < size; ++i) items[i] = Py_NewRef(value.ptr());
    return list;
  });
}

}  // namespace fasttok
