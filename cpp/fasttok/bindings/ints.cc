#include "fasttok/bindings/ints.h"

#include <algorithm>
#include <memory>
#include <mutex>

namespace fasttok {
namespace {

#if PY_VERSION_HEX < 0x030C0000 && SIZEOF_SIZE_T == 8
constexpr bool kHandedOut = true;
#else
constexpr bool kHandedOut = false;
#endif

// Above this many the table would cost more than it saves.
constexpr std::size_t kMostInts = std::size_t{1} << 20;

// The ints from 0 on. Readers see a number of them that only grows, at a place that never moves.
class Table {
 public:
  static Table& get() {
    static Table* const table = new Table;  // never destroyed: lists outlive the module
    return *table;
  }

  std::size_t size() const { return size_.load(std::memory_order_acquire); }
  PyObject* const* data() const { return ints_.get(); }

  void grow(std::size_t size) {
    const std::lock_guard<std::mutex> guard(lock_);
    for (std::size_t i = size_.load(std::memory_order_relaxed); i < size; ++i) {
      PyObject* const value = PyLong_FromSize_t(i);
      if (!value) throw py::error_already_set();
      if constexpr (kHandedOut) Py_SET_REFCNT(value, Py_REFCNT(value) + (Py_ssize_t{1} << 60));
      ints_[i] = value;
      size_.store(i + 1, std::memory_order_release);
    }
  }

 private:
  // Memory that is not written takes no pages.
  const std::unique_ptr<PyObject* []> ints_ { new PyObject*[kMostInts] };
  std::atomic<std::size_t> size_{0};
  std::mutex lock_;
};

PyObject* reference_to(PyObject* value) {
  if constexpr (!kHandedOut) Py_INCREF(value);
  return value;
}

// Null with a Python error where there is no memory.
PyObject* int_of(std::uint32_t value) {
  const Table& table = Table::get();
  return value < table.size() ? reference_to(table.data()[value]) : PyLong_FromUnsignedLong(value);
}

// Puts the ints of values[i], values[i + 1], … up to the first that is not known, or to one of the last few,
// and returns which that is. By eights, for the loop's own work would be half of all.
template <class Value>
std::size_t put_known(const Value* values, std::size_t i, std::size_t stop, PyObject* const* ints,
                      std::size_t known, PyObject** items) {
  constexpr std::size_t kUnrolled = 8;
  for (; i + kUnrolled <= stop; i += kUnrolled) {
    for (std::size_t k = 0; k < kUnrolled; ++k) {
      const auto value = static_cast<std::uint64_t>(values[i + k]);
      if (value >= known) return i + k;
      items[i + k] = reference_to(ints[value]);
    }
  }
  return i;
}

// A list that is to be filled, made without running the garbage collector: what that finds may call
// tokenizers, and the values often lie in memory that such a call writes to. (From Python 3.12 on the
// collector runs between instructions of Python only.)
PyObject* new_list(std::size_t count) {
#if PY_VERSION_HEX < 0x030C0000
  const bool collects = PyGC_Disable();
  PyObject* const list = PyList_New(static_cast<Py_ssize_t>(count));
  if (collects) PyGC_Enable();
  return list;
#else
  return PyList_New(static_cast<Py_ssize_t>(count));
#endif
}

template <class Value>
PyObject* make_list(const Value* values, std::size_t count) {
  PyObject* const list = new_list(count);
  if (!list) throw py::error_already_set();
  // In variables of their own: the compiler must think that a count of references may lie over them.
  PyObject** const items = reinterpret_cast<PyListObject*>(list)->ob_item;
  PyObject* const* const ints = Table::get().data();
  const std::size_t known = Table::get().size();
  constexpr std::size_t kBetweenSignals = std::size_t{1} << 18;
  for (std::size_t i = 0; i < count;) {
    const std::size_t stop = i + std::min(count - i, kBetweenSignals);
    i = put_known(values, i, stop, ints, known, items);
    for (; i < stop; ++i) {
      const auto value = static_cast<std::uint64_t>(values[i]);
      if (value < known) {
        items[i] = reference_to(ints[value]);
        continue;
      }
      items[i] = PyLong_FromLongLong(static_cast<long long>(values[i]));
      if (!items[i]) {
        Py_DECREF(list);
        throw py::error_already_set();
      }
    }
    if (i < count && PyErr_CheckSignals() != 0) {
      Py_DECREF(list);
      throw py::error_already_set();
    }
  }
  return list;
}

}  // namespace

Ints::Ints(std::size_t limit) : limit_(std::min(limit, kMostInts)) {}

void Ints::want(std::size_t count) const {
  constexpr std::size_t kPart = 8;  // an int that is made anew costs little more than one that is kept
  if (Table::get().size() >= limit_) return;
  if (wanted_.fetch_add(count, std::memory_order_relaxed) + count >= limit_ / kPart)
    Table::get().grow(limit_);
}

PyObject* pair_of_ints(std::uint32_t a, std::uint32_t b) {
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

PyObject* list_of_ints(const std::uint32_t* values, std::size_t count) {
  return make_list(values, count);
}

PyObject* list_of_ints(const std::int64_t* values, std::size_t count) {
  return make_list(values, count);
}

}  // namespace fasttok
