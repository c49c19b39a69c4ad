#include "fasttok/bindings/outputs.h"

#include <algorithm>
#include <atomic>

#include "fasttok/base/thread_pool.h"

namespace fasttok {
namespace {

// Above this many ids the table would cost more than it saves.
constexpr std::size_t kMostInts = std::size_t{1} << 20;

}  // namespace

IntTable::IntTable(std::size_t limit) {
  limit = std::min(limit, kMostInts);
  ints_.reserve(limit);
  for (std::size_t i = 0; i < limit; ++i) {
    PyObject* value = PyLong_FromSize_t(i);
    if (!value) throw py::error_already_set();
    ints_.push_back(value);
  }
}

IntTable::~IntTable() {
  for (PyObject* value : ints_) Py_DECREF(value);
}

PyObject* IntTable::list_of(const std::uint32_t* ids, std::size_t count) const {
  PyObject* list = PyList_New(static_cast<Py_ssize_t>(count));
  if (!list) throw py::error_already_set();
  for (std::size_t i = 0; i < count; ++i) {
    PyObject* value;
    if (ids[i] < ints_.size()) {
      value = ints_[ids[i]];
      Py_INCREF(value);
    } else {
      value = PyLong_FromUnsignedLong(ids[i]);
      if (!value) {
        Py_DECREF(list);
        throw py::error_already_set();
      }
    }
    PyList_SET_ITEM(list, static_cast<Py_ssize_t>(i), value);
  }
  return list;
}

py::list to_lists(const Columns& columns, const IntTable& ints) {
  const std::size_t rows = columns.row_offsets.size() - 1;
  py::list lists(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto begin = static_cast<std::size_t>(columns.row_offsets[row]);
    const auto end = static_cast<std::size_t>(columns.row_offsets[row + 1]);
    PyList_SET_ITEM(lists.ptr(), static_cast<Py_ssize_t>(row), ints.list_of(columns.ids.data() + begin, end - begin));
  }
  return lists;
}

PaddedColumns pad(const Columns& columns, const PadRules& rules) {
  const std::size_t rows = columns.row_offsets.size() - 1;
  const std::size_t width = rules.length;
  PaddedColumns padded;
  padded.ids.resize(rows * width);
  if (rules.want_type_ids) padded.type_ids.resize(rows * width);
  if (rules.want_mask) padded.mask.resize(rows * width);
  constexpr std::size_t kRowsAtATime = 64;
  std::atomic<std::size_t> next{0};
  const unsigned threads = rows * width < 64 * 1024 ? 1 : rules.threads;
  run_parallel(threads, [&](unsigned) {
    for (std::size_t first; (first = next.fetch_add(kRowsAtATime, std::memory_order_relaxed)) < rows;) {
      for (std::size_t row = first; row < std::min(rows, first + kRowsAtATime); ++row) {
        const auto begin = static_cast<std::size_t>(columns.row_offsets[row]);
        const std::size_t count = static_cast<std::size_t>(columns.row_offsets[row + 1]) - begin;
        const std::size_t text = row * width + (rules.left ? width - count : 0);
        const std::size_t fill = row * width + (rules.left ? 0 : count);
        std::copy_n(columns.ids.data() + begin, count, padded.ids.data() + text);
        std::fill_n(padded.ids.data() + fill, width - count, rules.pad_id);
        if (rules.want_type_ids) {
          std::copy_n(columns.type_ids.data() + begin, count, padded.type_ids.data() + text);
          std::fill_n(padded.type_ids.data() + fill, width - count, rules.pad_type_id);
        }
        if (rules.want_mask) {
          std::fill_n(padded.mask.data() + text, count, 1);
          std::fill_n(padded.mask.data() + fill, width - count, 0);
        }
      }
    }
  });
  return padded;
}

}  // namespace fasttok
