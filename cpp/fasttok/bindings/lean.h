// What functions of CPython's fast calling convention share: they stand before methods that Python defines,
// answer the plain call with one short text, and leave all else to the method.
//
//   LeanFunction function{"encode", &encode, "($self, text)"};
//   PyObject* const method = function.put_before(cls);           // cls.encode is the function now
//   ... encode(self, arguments, count, names) {
//     return lean_or(method, self, arguments, count, names, [&](const TextView& text) { ... });
//   }
#pragma once

#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "fasttok/bindings/str_view.h"

namespace fasttok {

namespace py = pybind11;

// A function, its signature as inspect reads it, and its documentation, which is the method's.
class LeanFunction {
 public:
  // `name` and `signature` are literals.
  LeanFunction(const char* name, _PyCFunctionFastWithKeywords function, const char* signature)
      : definition_{name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function)),
                    METH_FASTCALL | METH_KEYWORDS, nullptr},
        signature_(signature) {}

  // Puts the function before the method of its name and returns the method. The function must not move
  // after that.
  PyObject* put_before(const py::object& cls);

 private:
  PyMethodDef definition_;
  const char* signature_;
  std::string documentation_;
};

// Where the objects of a class have the slot of that name.
Py_ssize_t offset_of_slot(const py::object& cls, const char* name);
inline PyObject* object_in_slot(PyObject* self, Py_ssize_t offset) {
  return *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(self) + offset);
}

// Longer texts are for the general calls, which release the GIL.
constexpr std::size_t kLongestLean = 4096;

// The method's answer to a call that is not lean.
PyObject* call_method(PyObject* method, PyObject* self, PyObject* const* arguments, Py_ssize_t count,
                      PyObject* names);

// Has a text that is not very short on its way: a str that was just made is not near, and what is done before
// it is read takes as long. Beyond so many bytes it comes by itself.
inline void prefetch_text(const TextView& text) {
  constexpr std::size_t kLine = 64, kFewest = 128, kMost = 2048;
  if (text.length < kFewest) [[likely]]
    return;
  const std::size_t bytes = std::min(text.length * text.kind, kMost);
  for (std::size_t at = 0; at < bytes; at += kLine)
    __builtin_prefetch(static_cast<const char*>(text.data) + at);
}

// What call() answers; null where it throws, with Python's exception set.
template <class Call>
[[gnu::always_inline]] inline PyObject* or_raised(const Call& call) {
  try {
    return call();
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (...) {
    py::detail::try_translate_exceptions();
  }
  return nullptr;
}

// Calls call(text) where one short text is given, and the method where that is not so or the call answers
// null. Exceptions become Python's.
template <class Call>
[[gnu::always_inline]] inline PyObject* lean_or(PyObject* method, PyObject* self, PyObject* const* arguments,
                                                Py_ssize_t count, PyObject* names, const Call& call) {
  if (count == 1 && !names && PyUnicode_CheckExact(arguments[0])) [[likely]] {
    PyObject* const answer = or_raised([&]() __attribute__((always_inline))->PyObject * {
      const TextView text = view_of_str(arguments[0]);
      if (text.length > kLongestLean) return nullptr;
      prefetch_text(text);
      return call(text);
    });
    if (answer || PyErr_Occurred()) [[likely]]
      return answer;
  }
  return call_method(method, self, arguments, count, names);
}

}  // namespace fasttok
