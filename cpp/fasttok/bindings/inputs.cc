#include "fasttok/bindings/inputs.h"

#include "fasttok/bindings/interrupt.h"
#include "fasttok/bindings/str_view.h"
#include "fasttok/bindings/text.h"

namespace fasttok {
namespace {

constexpr const char* kTextInput = "TextInputSequence must be str";
constexpr const char* kPretokenizedInput = "PreTokenizedInputSequence must be Union[List[str], Tuple[str]]";
constexpr const char* kTextRow =
    "TextEncodeInput must be Union[TextInputSequence, Tuple[InputSequence, InputSequence]]";
constexpr const char* kPretokenizedRow =
    "PreTokenizedEncodeInput must be Union[PreTokenizedInputSequence, Tuple[PreTokenizedInputSequence, "
    "PreTokenizedInputSequence]]";

// The items of a list, tuple or array as a tuple of their own, so that nobody can change them while they are
// read; null where the object is none of these.
py::object items_of(py::handle object) {
  if (PyTuple_Check(object.ptr())) return py::reinterpret_borrow<py::object>(object);
  PyObject* items = nullptr;
  if (PyList_Check(object.ptr())) {
    items = PyList_AsTuple(object.ptr());
  } else if (PySequence_Check(object.ptr()) && !PyUnicode_Check(object.ptr()) &&
             !PyBytes_Check(object.ptr()) && !PyByteArray_Check(object.ptr()) &&
             !PyDict_Check(object.ptr())) {
    items = PySequence_Tuple(object.ptr());
  } else {
    return {};
  }
  if (!items) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(items);
}

// Starts to fetch an object whose references are about to be counted, which another CPU may have read since.
// Baseline compilers make a plain prefetch of that; older x86-64 takes the instruction for a nop.
inline void fetch_to_write(const void* object) {
#if defined(__x86_64__)
  asm volatile("prefetchw (%0)" : : "r"(object));
#else
  __builtin_prefetch(object, 1);
#endif
}

// Rows lie apart from each other: they are fetched so many places ahead.
constexpr std::size_t kRowsAhead = 16;

// Rows that are taken from a list between two looks for signals: some ms.
constexpr std::size_t kRowsBetweenSignals = std::size_t{1} << 17;

// Characters of texts that are encoded without releasing the GIL.
constexpr Py_ssize_t kShort = 4095;
// The same where there is no other thread: some ms.
constexpr Py_ssize_t kShortAlone = Py_ssize_t{1} << 20;

// Whether this is the only thread of the interpreter. (One that begins now waits for the GIL.)
bool is_alone() {
  PyThreadState* const own = PyThreadState_Get();
  return PyInterpreterState_ThreadHead(PyThreadState_GetInterpreter(own)) == own && !PyThreadState_Next(own);
}

bool are_long(std::span<const TextView> texts) {
  std::size_t characters = 0;
  for (const TextView& text : texts) {
    characters += text.length;
    if (characters > std::size_t{kShort}) return true;
  }
  return false;
}

// What add_row() reads of a row, in tuples of its own, `depth` of them one in the other; what is no sequence,
// and text, as it is.
py::object copy_of_row(py::handle row, int depth) {
  const auto is_text = [](py::handle object) {
    return PyUnicode_Check(object.ptr()) || PyBytes_Check(object.ptr());
  };
  const py::object items = is_text(row) ? py::object() : items_of(row);
  if (!items) return py::reinterpret_borrow<py::object>(row);
  const auto n = static_cast<std::size_t>(PyTuple_GET_SIZE(items.ptr()));
  const auto item = [&](std::size_t i) {
    return py::handle(PyTuple_GET_ITEM(items.ptr(), static_cast<Py_ssize_t>(i)));
  };
  std::size_t texts = 0;
  while (texts < n && is_text(item(texts))) ++texts;
  if (texts == n || depth == 1) return items;
  py::list copies;
  for (std::size_t i = 0; i < n; ++i) copies.append(copy_of_row(item(i), depth - 1));
  return py::tuple(copies);
}

}  // namespace

std::string describe(py::handle object) {
  const std::string type = Py_TYPE(object.ptr())->tp_name;
  if (object.is_none()) return "None";
  if (PyFloat_Check(object.ptr()) || PyLong_Check(object.ptr())) {
    return type + " (" + py::str(object).cast<std::string>() + ")";
  }
  return type;
}

void throw_input_error(const std::string& message) {
  const py::object type = py::module_::import("fasttok.errors").attr("InputError");
  PyErr_SetString(type.ptr(), message.c_str());
  throw py::error_already_set();
}

std::string RowInputs::name_of(std::size_t row) const {
  return single_ ? "sequence" : "inputs[" + std::to_string(row) + "]";
}

void RowInputs::reject(const std::string& what) const {
  const char* opening = single_ ? (rules_.pretokenized ? kPretokenizedInput : kTextInput)
                                : (rules_.pretokenized ? kPretokenizedRow : kTextRow);
  throw_input_error(std::string(opening) + "; " + what);
}

bool RowInputs::add_text(py::handle text) {
  PyObject* object = text.ptr();
  if (!PyUnicode_Check(object)) {
    if (!rules_.accepts_bytes || !PyBytes_Check(object)) return false;
    object = PyUnicode_DecodeUTF8(PyBytes_AS_STRING(object), PyBytes_GET_SIZE(object), "strict");
    if (!object) {
      const py::error_already_set error;
      const std::size_t row = batch_.shapes.empty() ? batch_.texts.size() : batch_.shapes.size();
      throw_input_error(name_of(row) + " is bytes that are not UTF-8 (" +
                        py::str(error.value()).cast<std::string>() + ")");
    }
    keep(py::reinterpret_steal<py::object>(object));
  }
  TextView view = view_of_str(object);
  if (rules_.replace_surrogates && view.kind > 1) replace_surrogates(view);
  batch_.texts.push_back(view);
  return true;
}

void RowInputs::replace_surrogates(TextView& text) {
  std::size_t first = 0;
  while (first < text.length && !is_surrogate(text.at(first))) ++first;
  if (first == text.length) return;
  auto copy = std::make_unique<std::uint32_t[]>(text.length);
  for (std::size_t i = 0; i < text.length; ++i) copy[i] = is_surrogate(text.at(i)) ? 0xFFFD : text.at(i);
  text = {copy.get(), text.length, 4, false};
  replaced_.push_back(std::move(copy));
}

// One text, or the words of a pretokenized one. False where the object is neither; texts may have been added
// then.
bool RowInputs::add_sequence(py::handle sequence) {
  if (!rules_.pretokenized) return add_text(sequence);
  const py::object words = items_of(sequence);
  if (!words) return false;
  keep(words);
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(words.ptr()); ++i) {
    if (!add_text(PyTuple_GET_ITEM(words.ptr(), i))) return false;
  }
  return true;
}

void RowInputs::add_row(py::handle row, std::size_t index) {
  Batch::Shape shape{batch_.texts.size(), 0, 0, false};
  const std::string name = name_of(index);
  const char* const expected =
      rules_.pretokenized ? "; expected a list of str or a pair of two" : "; expected str or a pair of two";
  // Two lists are a pair of pretokenized texts; without pretokenization two str are one.
  if (!PyUnicode_Check(row.ptr()) && !PyBytes_Check(row.ptr())) {
    const py::object items = items_of(row);
    if (!items) reject(name + " is " + describe(row) + expected);
    keep(items);
    const Py_ssize_t n = PyTuple_GET_SIZE(items.ptr());
    const auto is_sequence = [&](Py_ssize_t i) {
      PyObject* item = PyTuple_GET_ITEM(items.ptr(), i);
      return !PyUnicode_Check(item) && !PyBytes_Check(item) && !PyDict_Check(item) && PySequence_Check(item);
    };
    const bool pair = rules_.pretokenized ? n == 2 && is_sequence(0) && is_sequence(1) : true;
    if (pair && n != 2) {
      reject(name + " is " + describe(row) + " of length " + std::to_string(n) + expected);
    }
    for (Py_ssize_t i = 0; i < n; ++i) {
      const py::handle item = PyTuple_GET_ITEM(items.ptr(), i);
      if (pair ? !add_sequence(item) : !add_text(item)) {
        reject(name + "[" + std::to_string(i) + "] is " + describe(item) + "; expected " +
               (pair && rules_.pretokenized ? "a list of str" : "str"));
      }
      if (pair && i == 0) shape.first = batch_.texts.size() - shape.begin;
    }
    if (pair)
      shape.second = batch_.texts.size() - shape.begin - shape.first;
    else
      shape.first = batch_.texts.size() - shape.begin;
    shape.has_second = pair;
  } else {
    if (rules_.pretokenized || !add_text(row)) reject(name + " is " + describe(row) + expected);
    shape.first = 1;
  }
  batch_.shapes.push_back(shape);
}

bool RowInputs::is_long() const {
  return are_long(batch_.texts);
}

bool RowInputs::is_long(std::size_t row) const {
  return are_long(batch_.first(row)) || are_long(batch_.second(row));
}

void RowInputs::hold() {
  if (!borrows_) return;
  borrows_ = false;
  rows_.reserve(static_cast<std::size_t>(PySequence_Fast_GET_SIZE(items_.ptr())));
  PyObject** const objects = PySequence_Fast_ITEMS(items_.ptr());
  for (std::size_t i = 0; i < batch_.texts.size(); ++i) rows_.push_back(Py_NewRef(objects[i]));
}

RowInputs::~RowInputs() {
  constexpr std::size_t kAhead = 24;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (i + kAhead < rows_.size()) fetch_to_write(rows_[i + kAhead]);
    Py_DECREF(rows_[i]);
  }
}

RowInputs RowInputs::rows(py::handle inputs, const Rules& rules) {
  RowInputs made(rules, false);
  // With a GIL nobody changes a list while its items are taken; else a tuple of them is.
#if defined(Py_GIL_DISABLED)
  const bool in_place = PyTuple_Check(inputs.ptr());
  Py_ssize_t to_borrow = -1;
#else
  const bool in_place = PyTuple_Check(inputs.ptr()) || PyList_Check(inputs.ptr());
  // Characters that may still be borrowed; below 0 references are counted.
  Py_ssize_t to_borrow = !rules.may_borrow ? -1 : is_alone() ? kShortAlone : kShort;
#endif
  const py::object items = in_place ? py::reinterpret_borrow<py::object>(inputs) : items_of(inputs);
  if (!items) {
    throw_input_error("inputs is " + describe(inputs) + "; expected a list of rows");
  }
  auto n = static_cast<std::size_t>(PySequence_Fast_GET_SIZE(items.ptr()));
  PyObject** objects = PySequence_Fast_ITEMS(items.ptr());
  made.batch_.texts.reserve(n);
  if (to_borrow >= 0) {
    made.borrows_ = true;
    made.items_ = items;
  } else {
    made.rows_.reserve(n);
  }
  std::size_t i = 0;
  // Nearly always every row is a str: then the batch needs no shapes.
  for (; i < n && !rules.pretokenized; ++i) {
    if (i % kRowsBetweenSignals == kRowsBetweenSignals - 1) {
      // A handler may change the list. The rows up to here are ours then; what is in it now is read on.
      made.hold();
      to_borrow = -1;
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      n = static_cast<std::size_t>(PySequence_Fast_GET_SIZE(items.ptr()));
      objects = PySequence_Fast_ITEMS(items.ptr());
      if (i >= n) break;
    }
    if (i + kRowsAhead < n) {
      if (to_borrow >= 0)
        __builtin_prefetch(objects[i + kRowsAhead]);
      else
        fetch_to_write(objects[i + kRowsAhead]);
    }
    PyObject* const row = objects[i];
    if (PyUnicode_Check(row) && !rules.replace_surrogates)
      made.batch_.texts.push_back(view_of_str(row));
    else if (!made.add_text(row))
      break;
    const auto length = static_cast<Py_ssize_t>(made.batch_.texts.back().length);
    if (length <= to_borrow) {
      to_borrow -= length;
    } else if (to_borrow < 0) {
      made.rows_.push_back(Py_NewRef(row));
    } else {
      to_borrow = -1;
      made.hold();  // this row, too
    }
  }
  if (i >= n) return made;
  // From here on code of the rows' own types may run and change the list, and already while a tuple is made
  // of it may what the garbage collector finds.
  made.hold();
  const py::object rest = items_of(items);
  made.keep(rest);
  for (std::size_t row = 0; row < i; ++row) made.batch_.shapes.push_back({row, 1, 0, false});
  for (; i < static_cast<std::size_t>(PyTuple_GET_SIZE(rest.ptr())); ++i) {
    check_signals(i, 4096);
    made.add_row(PyTuple_GET_ITEM(rest.ptr(), static_cast<Py_ssize_t>(i)), i);
  }
  return made;
}

RowInputs RowInputs::single(py::handle sequence, py::handle pair, const Rules& rules) {
  RowInputs made(rules, true);
  made.keep(py::reinterpret_borrow<py::object>(sequence));
  auto add = [&](py::handle object, const char* name) {
    if (made.add_sequence(object)) return;
    if (rules.pretokenized && !PyUnicode_Check(object.ptr())) {
      if (const py::object words = items_of(object)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(words.ptr()); ++i) {
          const py::handle word = PyTuple_GET_ITEM(words.ptr(), i);
          if (PyUnicode_Check(word.ptr())) continue;
          made.reject(std::string(name) + "[" + std::to_string(i) + "] is " + describe(word) +
                      "; expected str");
        }
      }
    }
    made.reject(std::string(name) + " is " + describe(object) + "; expected " +
                (rules.pretokenized ? "a list of str" : "str"));
  };
  add(sequence, "sequence");
  if (!rules.pretokenized && pair.is_none()) return made;
  Batch::Shape shape{0, made.batch_.texts.size(), 0, false};
  if (!pair.is_none()) {
    made.keep(py::reinterpret_borrow<py::object>(pair));
    add(pair, "pair");
    shape.second = made.batch_.texts.size() - shape.first;
    shape.has_second = true;
  }
  made.batch_.shapes.push_back(shape);
  return made;
}

RowInputs RowInputs::plain(py::handle row, const TextView& text) {
  RowInputs made(Rules{}, true);
  made.batch_.texts.push_back(text);
  made.rows_.push_back(row.inc_ref().ptr());
  return made;
}

void RowInputs::rethrow(const RowError& error) const {
  try {
    std::rethrow_exception(error.cause);
  } catch (const SurrogateFound& found) {
    reject(name_of(error.row) + " has a lone surrogate at character " + std::to_string(found.position) +
           "; surrogates=\"replace\" puts U+FFFD in its place");
  } catch (const SpecialTokenFound& found) {
    throw ValueError(name_of(error.row) + " has the special token \"" + found.content + "\" at character " +
                     std::to_string(found.position) + "; specials=\"text\" takes it as plain text");
  } catch (const ForeignError&) {
    throw;
  } catch (const ValueError& found) {
    throw ValueError(single_ ? found.what() : found.what() + ("; in " + name_of(error.row)));
  } catch (const KeyError& found) {
    throw KeyError(single_ ? found.what() : found.what() + ("; in " + name_of(error.row)));
  } catch (const Error& found) {
    throw Error(single_ ? found.what() : found.what() + ("; in " + name_of(error.row)));
  }
}

py::object tuple_of_rows(py::handle rows) {
#if defined(Py_GIL_DISABLED)
  constexpr bool kInPlace = false;
#else
  constexpr bool kInPlace = true;
#endif
  if (kInPlace && PyList_CheckExact(rows.ptr())) {
    const auto n = static_cast<std::size_t>(PyList_GET_SIZE(rows.ptr()));
    py::tuple tuple(n);
    PyObject** const objects = reinterpret_cast<PyListObject*>(rows.ptr())->ob_item;
    // While the tuple was made the collector may have run code that changed the list.
    bool plain = static_cast<std::size_t>(PyList_GET_SIZE(rows.ptr())) == n;
    for (std::size_t i = 0; i < n && plain; ++i) {
      if (i + kRowsAhead < n) fetch_to_write(objects[i + kRowsAhead]);
      plain = PyUnicode_CheckExact(objects[i]);
      if (plain) PyTuple_SET_ITEM(tuple.ptr(), static_cast<Py_ssize_t>(i), Py_NewRef(objects[i]));
    }
    if (plain) {
      if (n > 0) PyObject_GC_UnTrack(tuple.ptr());
      return tuple;
    }
  }
  const auto items = py::reinterpret_steal<py::object>(PySequence_Tuple(rows.ptr()));
  if (!items) throw py::error_already_set();
  py::list copies;
  for (const py::handle row : items) {
    check_signals(copies.size(), 4096);
    copies.append(copy_of_row(row, 2));
  }
  return py::tuple(copies);
}

}  // namespace fasttok
