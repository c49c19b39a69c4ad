#include "fasttok/bindings/ints.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <new>

#include "fasttok/base/zeroed_memory.h"
#include "fasttok/simd/kernels.h"

namespace fasttok {
namespace {

// Above this many the table would cost more than it saves.
constexpr std::size_t kMostInts = std::size_t{1} << 20;

#if PY_VERSION_HEX < 0x030C0000 && SIZEOF_SIZE_T == 8 && PYLONG_BITS_IN_DIGIT == 30 && !defined(Py_TRACE_REFS)

// The ints from 0 on, one behind the other, so that a value says where its int is, and that those of a
// vocabulary lie on few pages. CPython's own, of the smallest values, lie likewise: of these there is one
// each. Readers see a number of them that only grows, at a place that never moves. Never destroyed: lists
// outlive the module.
class Table {
 public:
  std::size_t size() const { return size_.load(std::memory_order_acquire); }

  // A new reference to the int of a value below size().
  static PyObject* reference(std::uint64_t value) {
    return reinterpret_cast<PyObject*>(objects(0).address(value));
  }

  // Puts the ints of all values; false, and anything, where one is not below size().
  bool put(const std::uint32_t* values, std::size_t count, PyObject** items) const {
    static_assert(sizeof(std::uintptr_t) == sizeof(PyObject*));
    return kernels().addresses(objects(size()), values, count, items);
  }
  bool put(const std::int64_t* values, std::size_t count, PyObject** items) const {
    std::uint32_t part[256];
    for (std::size_t i = 0; i < count;) {
      const std::size_t n = std::min(count - i, std::size(part));
      for (std::size_t k = 0; k < n; ++k) {
        if (values[i + k] >> 32 != 0) return false;
        part[k] = static_cast<std::uint32_t>(values[i + k]);
      }
      if (!put(part, n, items + i)) return false;
      i += n;
    }
    return true;
  }

  void grow(std::size_t size) {
    const std::lock_guard<std::mutex> guard(lock_);
    if (!ints_ && !begin()) return;  // each int is made anew as long as there is no room for them
    for (std::size_t i = size_.load(std::memory_order_relaxed); i < size; ++i) {
      auto* const value = reinterpret_cast<PyLongObject*>(reference(i));
      if (i >= kSmall || small_ == ints_) {
        static_assert(kMostInts <= std::size_t{1} << PyLong_SHIFT);
        Py_SET_TYPE(value, &PyLong_Type);
        Py_SET_SIZE(value, i > 0);
        value->ob_digit[0] = static_cast<digit>(i);
      }
      Py_SET_REFCNT(value, Py_REFCNT(value) + (Py_ssize_t{1} << 60));
    }
    size_.store(std::max(size, size_.load(std::memory_order_relaxed)), std::memory_order_release);
  }

 private:
  static constexpr std::size_t kSmall = 257;
  static_assert(sizeof(PyLongObject) == 32);

  static ObjectTable objects(std::size_t size) {
    return {ints_, small_, kSmall, static_cast<std::uint32_t>(size)};
  }

  static bool begin() {
    void* const memory = allocate_zeroed(kMostInts * sizeof(PyLongObject));
    if (!memory) return false;
    ints_ = reinterpret_cast<std::uintptr_t>(memory);
    const auto address_of = [](std::size_t i) {
      const auto value = py::reinterpret_steal<py::object>(PyLong_FromSize_t(i));
      return reinterpret_cast<std::uintptr_t>(value.ptr());
    };
    small_ = address_of(0);
    for (std::size_t i = 0; i < kSmall; ++i) {
      if (address_of(i) != small_ + i * sizeof(PyLongObject)) {
        small_ = ints_;
        break;
      }
    }
    return true;
  }

  // Set before there is a size.
  static inline constinit std::uintptr_t ints_ = 0, small_ = 0;
  std::atomic<std::size_t> size_{0};
  std::mutex lock_;
};

#else

// The ints from 0 on. Readers see a number of them that only grows, at a place that never moves. Never
// destroyed: lists outlive the module.
class Table {
 public:
  std::size_t size() const { return size_.load(std::memory_order_acquire); }

  // A new reference to the int of a value below size().
  static PyObject* reference(std::uint64_t value) { return Py_NewRef(ints_[value]); }

  // Puts the ints of all values; false, and none, where one is not below size().
  template <class Value>
  bool put(const Value* values, std::size_t count, PyObject** items) const {
    const std::size_t known = size();
    for (std::size_t i = 0; i < count; ++i) {
      if (static_cast<std::uint64_t>(values[i]) >= known) return false;
    }
    for (std::size_t i = 0; i < count; ++i) items[i] = reference(static_cast<std::uint64_t>(values[i]));
    return true;
  }

  void grow(std::size_t size) {
    const std::lock_guard<std::mutex> guard(lock_);
    if (!ints_) ints_ = new (std::nothrow) PyObject*[kMostInts];  // what is not written takes no pages
    if (!ints_) return;  // each int is made anew as long as there is no room for them
    for (std::size_t i = size_.load(std::memory_order_relaxed); i < size; ++i) {
      ints_[i] = PyLong_FromSize_t(i);
      if (!ints_[i]) throw py::error_already_set();
      size_.store(i + 1, std::memory_order_release);
    }
  }

 private:
  static inline constinit PyObject** ints_ = nullptr;  // set before there is a size
  std::atomic<std::size_t> size_{0};
  std::mutex lock_;
};

#endif

constinit Table table;

// Null with a Python error where there is no memory.
PyObject* int_of(std::uint32_t value) {
  return value < table.size() ? Table::reference(value) : PyLong_FromUnsignedLong(value);
}

// Puts the ints of all values; Python's exception where it cannot, or where a signal handler raises: then
// those that were put are dropped.
template <class Value>
void put_ints(const Value* values, std::size_t count, PyObject** items) {
  const std::size_t known = table.size();
  constexpr std::size_t kBetweenSignals = std::size_t{1} << 18;
  for (std::size_t i = 0; i < count;) {
    const std::size_t stop = i + std::min(count - i, kBetweenSignals);
    bool failed = false;
    if (table.put(values + i, stop - i, items + i)) i = stop;
    for (; i < stop && !failed; ++i) {
      const auto value = static_cast<std::uint64_t>(values[i]);
      items[i] =
          value < known ? Table::reference(value) : PyLong_FromLongLong(static_cast<long long>(values[i]));
      failed = !items[i];
    }
    if (failed || (i < count && PyErr_CheckSignals() != 0)) {
      while (i-- > 0) Py_XDECREF(items[i]);
      throw py::error_already_set();
    }
  }
}

#if PY_VERSION_HEX < 0x030C0000

// Null for none, which is what an empty list has.
PyObject** new_items(std::size_t count) {
  if (count == 0) return nullptr;
  PyObject** const items = PyMem_New(PyObject*, count);
  if (!items) {
    PyErr_NoMemory();
    throw py::error_already_set();
  }
  return items;
}

// A list that is empty as yet.
PyListObject* new_list(bool shown) {
  // PyList_New() has some lists ready, but shows each to the collector.
  PyObject* const list =
      shown ? PyList_New(0) : reinterpret_cast<PyObject*>(PyObject_GC_New(PyListObject, &PyList_Type));
  if (!list) throw py::error_already_set();
  auto* const object = reinterpret_cast<PyListObject*>(list);
  object->ob_item = nullptr;
  object->allocated = 0;
  Py_SET_SIZE(object, 0);
  return object;
}

void give(PyListObject* list, PyObject** items, std::size_t count) {
  list->ob_item = items;
  list->allocated = static_cast<Py_ssize_t>(count);
  Py_SET_SIZE(list, static_cast<Py_ssize_t>(count));
}

// First the items, then the list that owns them: making it may run the garbage collector, and what that finds
// may call tokenizers, and the values often lie in memory that such a call writes to. (From Python 3.12 on
// the collector runs between instructions of Python only.)
template <class Value>
PyObject* make_list(const Value* values, std::size_t count, bool shown) {
  PyObject** const items = new_items(count);
  std::size_t put = 0;
  try {
    put_ints(values, count, items);
    put = count;
    PyListObject* const list = new_list(shown);
    give(list, items, count);
    return reinterpret_cast<PyObject*>(list);
  } catch (...) {
    for (std::size_t i = 0; i < put; ++i) Py_DECREF(items[i]);
    PyMem_Free(items);
    throw;
  }
}

// What the allocator must read to give a block is waited for together, and the blocks are fetched before they
// are written. The collector may run in between: `values` and `ends` are the caller's own.
void make_rows(const std::uint32_t* values, const std::int64_t* ends, std::size_t rows, PyObject** lists) {
  const auto count_of = [&](std::size_t row) { return static_cast<std::size_t>(ends[row + 1] - ends[row]); };
  PyObject** items[kRowsTogether];
  std::size_t blocks = 0, made = 0, given = 0;
  try {
    for (; blocks < rows; ++blocks) {
      items[blocks] = new_items(count_of(blocks));
      // Of all blocks as much, whatever their size: how a loop ends would be guessed wrong.
      constexpr std::uintptr_t kLine = 64, kFetched = 6 * kLine;
      const auto block = reinterpret_cast<std::uintptr_t>(items[blocks]);
      for (std::uintptr_t at = 0; at < kFetched; at += kLine)
        __builtin_prefetch(reinterpret_cast<const void*>(block + at), 1);
    }
    for (; made < rows; ++made) lists[made] = reinterpret_cast<PyObject*>(new_list(false));
    for (; given < rows; ++given) {
      put_ints(values + ends[given], count_of(given), items[given]);
      give(reinterpret_cast<PyListObject*>(lists[given]), items[given], count_of(given));
    }
  } catch (...) {
    for (std::size_t row = given; row < blocks; ++row) PyMem_Free(items[row]);
    for (std::size_t row = 0; row < made; ++row) Py_CLEAR(lists[row]);
    throw;
  }
}

#else

template <class Value>
PyObject* make_list(const Value* values, std::size_t count, bool shown) {
  auto list = py::reinterpret_steal<py::object>(PyList_New(static_cast<Py_ssize_t>(count)));
  if (!list) throw py::error_already_set();
  PyObject** const items = reinterpret_cast<PyListObject*>(list.ptr())->ob_item;
  try {
    put_ints(values, count, items);
  } catch (...) {
    std::fill_n(items, count, nullptr);
    throw;
  }
  if (!shown) PyObject_GC_UnTrack(list.ptr());
  return list.release().ptr();
}

void make_rows(const std::uint32_t* values, const std::int64_t* ends, std::size_t rows, PyObject** lists) {
  for (std::size_t row = 0; row < rows; ++row)
    lists[row] = make_list(values + ends[row], static_cast<std::size_t>(ends[row + 1] - ends[row]), false);
}

#endif

}  // namespace

Ints::Ints(std::size_t limit) : limit_(std::min(limit, kMostInts)) {}

void Ints::want(std::size_t count) const {
  constexpr std::size_t kPart = 8;  // an int that is made anew costs little more than one that is kept
  if (table.size() >= limit_) return;
  if (wanted_.fetch_add(count, std::memory_order_relaxed) + count >= limit_ / kPart) table.grow(limit_);
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

void rows_of_ints(const std::uint32_t* values, const std::int64_t* ends, std::size_t rows, PyObject** lists) {
  make_rows(values, ends, rows, lists);
}

PyObject* list_of_ints(const std::uint32_t* values, std::size_t count) {
  return make_list(values, count, true);
}
PyObject* list_of_ints(const std::int64_t* values, std::size_t count) {
  return make_list(values, count, true);
}
PyObject* row_of_ints(const std::uint32_t* values, std::size_t count) {
  return make_list(values, count, false);
}
PyObject* row_of_ints(const std::int64_t* values, std::size_t count) {
  return make_list(values, count, false);
}

}  // namespace fasttok
