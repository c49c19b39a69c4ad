#include "fasttok/bindings/sentencepiece_rows.h"

#include <string>
#include <vector>

#include "fasttok/bindings/interrupt.h"
#include "fasttok/bindings/str_view.h"
#include "fasttok/pipeline/batch.h"

namespace fasttok {

using sentencepiece::Processor;
using sentencepiece::RowsEngine;

namespace {

// Code units from which the GIL is given away: below it that would cost more.
constexpr std::size_t kRowsWorthReleasing = 8192;

bool read_str(PyObject* object, TextView& view) {
  if (!PyUnicode_Check(object)) return false;
  view = view_of_str(object);
  return true;
}

// The rows stay alive, whatever other threads do to the list meanwhile.
class HeldRows {
 public:
  explicit HeldRows(py::handle rows) {
    const auto items = py::reinterpret_steal<py::object>(
        PySequence_Fast(rows.ptr(), "Input must be a list or tuple of str or bytes"));
    if (!items) throw py::error_already_set();
    const auto count = static_cast<std::size_t>(PySequence_Fast_GET_SIZE(items.ptr()));
    PyObject** const objects = PySequence_Fast_ITEMS(items.ptr());
    held_.reserve(count);
    batch.texts.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      TextView view;
      if (!read_str(objects[i], view)) {
        all_str = false;
        return;
      }
      batch.texts.push_back(view);
      units += view.length;
      Py_INCREF(objects[i]);
      held_.push_back(objects[i]);
    }
  }
  ~HeldRows() {
    for (PyObject* object : held_) Py_DECREF(object);
  }
  HeldRows(const HeldRows&) = delete;
  HeldRows& operator=(const HeldRows&) = delete;

  Batch batch;
  std::size_t units = 0;
  bool all_str = true;

 private:
  std::vector<PyObject*> held_;
};

}  // namespace

py::object SentencePieceRows::encode_short(const Processor& model, py::handle text,
                                           const Extras& extras) const {
  TextView view;
  if (!read_str(text.ptr(), view) || view.length >= kRowsWorthReleasing) return {};
  const RowsEngine engine(model, extras);
  try {
    const auto ids = RowEncoder(engine, nullptr).ids_of(view, false);
    return py::reinterpret_steal<py::object>(ints_.list_of(ids.data(), ids.size()));
  } catch (const SurrogateFound&) {
    return {};
  } catch (const RowError&) {
    return {};
  }
}

std::optional<Columns> SentencePieceRows::encode(const Processor& model, py::handle rows,
                                                 const Extras& extras, unsigned threads) {
  const HeldRows held(rows);
  if (!held.all_str) return std::nullopt;
  const RowsEngine engine(model, extras);
  const RowEncoder encoder(engine, nullptr);
  EncodeOptions options;
  options.add_special_tokens = false;
  options.threads = threads;
  try {
    if (held.units < kRowsWorthReleasing) return encoder.encode(held.batch, options);
    return without_gil([&] { return encoder.encode(held.batch, options); });
  } catch (const RowError& error) {
    try {
      std::rethrow_exception(error.cause);
    } catch (const SurrogateFound&) {
      throw py::type_error("List elements must be str or bytes: row " + std::to_string(error.row) +
                           " has a lone surrogate");
    }
  }
}

py::list SentencePieceRows::arrays_of(Columns columns) {
  const auto count = static_cast<py::ssize_t>(columns.ids.size());
  const Buffer<std::int64_t> ends = std::move(columns.row_offsets);
  // Each row is a view of all ids, which cannot be written to.
  const py::array all = to_array<std::int32_t>(std::move(columns.ids), {count}, false);
  const py::detail::npy_api& numpy = py::detail::npy_api::get();
  const py::dtype type = all.dtype();
  auto* const ids = static_cast<std::int32_t*>(const_cast<void*>(all.data()));
  const std::size_t rows = ends.size() - 1;
  py::list lists(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    check_signals(row, 1024);
    const Py_intptr_t size = ends[row + 1] - ends[row];
    PyObject* const view =
        numpy.PyArray_NewFromDescr_(numpy.PyArray_Type_, py::object(type).release().ptr(), 1, &size, nullptr,
                                    ids + ends[row], py::detail::npy_api::NPY_ARRAY_ALIGNED_, nullptr);
    if (!view) throw py::error_already_set();
    PyList_SET_ITEM(lists.ptr(), static_cast<Py_ssize_t>(row), view);
    if (numpy.PyArray_SetBaseObject_(view, py::object(all).release().ptr()) != 0) {
      throw py::error_already_set();
    }
  }
  return lists;
}

}  // namespace fasttok
