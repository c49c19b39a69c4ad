#include "fasttok/bindings/outputs.h"

#include <string>

#include "fasttok/base/error.h"
#include "fasttok/bindings/interrupt.h"

namespace fasttok {
py::list to_lists(std::span<const std::uint32_t> ids, std::span<const std::int64_t> ends, const Ints& ints) {
  const std::size_t rows = ends.empty() ? 0 : ends.size() - 1;
  py::list lists(rows);
  ints.want(ids.size());
  for (std::size_t row = 0; row < rows; ++row) {
    check_signals(row, 256);
    if (ends[row] < 0 || ends[row] > ends[row + 1] || static_cast<std::size_t>(ends[row + 1]) > ids.size()) {
      throw ValueError("row " + std::to_string(row) + " begins at " + std::to_string(ends[row]) +
                       " and ends at " + std::to_string(ends[row + 1]) + " of " + std::to_string(ids.size()) +
                       " ids");
    }
    const auto begin = static_cast<std::size_t>(ends[row]);
    const auto end = static_cast<std::size_t>(ends[row + 1]);
    PyList_SET_ITEM(lists.ptr(), static_cast<Py_ssize_t>(row), list_of_ints(ids.data() + begin, end - begin));
  }
  return lists;
}

}  // namespace fasttok
