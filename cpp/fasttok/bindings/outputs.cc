#include "fasttok/bindings/outputs.h"

#include <algorithm>
#include <string>

#include "fasttok/base/error.h"
#include "fasttok/bindings/interrupt.h"

namespace fasttok {
namespace {

// Above this many ids the table would cost more than it saves.
constexpr std::size_t kMostInts = std::size_t{1} << 20;

// The ints lie apart from each other: they are fetched some places ahead, across the end of a list.
constexpr std::size_t kAhead = 16;

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

// Null with a Python error where there is no memory.
PyObject* IntTable::int_of(std::uint32_t value) const {
  if (value >= ints_.size()) return PyLong_FromUnsignedLong(value);
  Py_INCREF(ints_[value]);
  return ints_[value];
}

PyObject* IntTable::pair_of(std::uint32_t a, std::uint32_t b) const {
  PyObject* pair = PyTuple_New(2);
  if (!pair) throw py::error_already_set();
  PyTuple_SET_ITEM(pair, 0, int_of(a));
  PyTuple_SET_ITEM(pair, 1, int_of(b));
  if (!PyTuple_GET_ITEM(pair, 0) || !PyTuple_GET_ITEM(pair, 1)) {
    Py_DECREF(pair);
    throw py::error_already_set();
  }
  // It can be in no cycle; the collector would find that out by itself, later.
  PyObject_GC_UnTrack(pair);
  return pair;
}

PyObject* IntTable::list_of(const std::uint32_t* ids, std::size_t count) const {
  // The first ones come while the list is made.
  for (std::size_t i = 0; i < std::min(count, kAhead); ++i) {
    if (ids[i] < ints_.size()) __builtin_prefetch(ints_[ids[i]], 1);
  }
  return list_of(ids, count, count);
}

PyObject* IntTable::list_of(const std::uint32_t* ids, std::size_t count, std::size_t readable) const {
  PyObject* list = PyList_New(static_cast<Py_ssize_t>(count));
  if (!list) throw py::error_already_set();
  // In variables of their own: the compiler must think that a count of references may lie over them.
  PyObject** const items = reinterpret_cast<PyListObject*>(list)->ob_item;
  PyObject* const* const ints = ints_.data();
  const std::size_t known = ints_.size();
  constexpr std::size_t kBetweenSignals = std::size_t{1} << 18;
  for (std::size_t i = 0; i < count;) {
    for (const std::size_t stop = i + std::min(count - i, kBetweenSignals); i < stop; ++i) {
      if (i + kAhead < readable && ids[i + kAhead] < known) __builtin_prefetch(ints[ids[i + kAhead]], 1);
      const std::uint32_t id = ids[i];
      PyObject* value = nullptr;
      if (id < known) {
        value = ints[id];
        Py_INCREF(value);
      } else {
        value = PyLong_FromUnsignedLong(id);
        if (!value) {
          Py_DECREF(list);
          throw py::error_already_set();
        }
      }
      items[i] = value;
    }
    if (i < count && PyErr_CheckSignals() != 0) {
      Py_DECREF(list);
      throw py::error_already_set();
    }
  }
  return list;
}

const std::shared_ptr<const IntTable>& LazyInts::get(std::size_t wanted) const {
  constexpr std::size_t kPart = 8;  // an int that is made anew costs little more than one that is kept
  if (!made_.load(std::memory_order_acquire)) {
    if (wanted_.fetch_add(wanted, std::memory_order_relaxed) + wanted < limit_ / kPart) return none_;
    const std::lock_guard<std::mutex> guard(lock_);
    if (!all_) all_ = std::make_shared<const IntTable>(limit_);
    made_.store(true, std::memory_order_release);
  }
  return all_;
}

py::list to_lists(std::span<const std::uint32_t> ids, std::span<const std::int64_t> ends,
                  const IntTable& ints) {
  const std::size_t rows = ends.empty() ? 0 : ends.size() - 1;
  py::list lists(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    check_signals(row, 256);
    if (ends[row] < 0 || ends[row] > ends[row + 1] || static_cast<std::size_t>(ends[row + 1]) > ids.size()) {
      throw ValueError("row " + std::to_string(row) + " begins at " + std::to_string(ends[row]) +
                       " and ends at " + std::to_string(ends[row + 1]) + " of " + std::to_string(ids.size()) +
                       " ids");
    }
    const auto begin = static_cast<std::size_t>(ends[row]);
    const auto end = static_cast<std::size_t>(ends[row + 1]);
    PyList_SET_ITEM(lists.ptr(), static_cast<Py_ssize_t>(row),
                    ints.list_of(ids.data() + begin, end - begin, ids.size() - begin));
  }
  return lists;
}

}  // namespace fasttok
