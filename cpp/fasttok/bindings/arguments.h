// Arguments that are converted as the reference converts them.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>

namespace fasttok {

namespace py = pybind11;

// An int from 0 on; a negative one raises OverflowError, something else TypeError.
struct Unsigned {
  std::size_t value;
};

// The same, up to 2**32 - 1.
struct Unsigned32 {
  std::uint32_t value;
};

// True, False, or NumPy's; as the reference, nothing else. Throws TypeError that names the argument.
bool flag_from(const char* name, py::handle object);

// The number of threads to use: 1 to 1024; None is the default of the process. Throws TypeError or ValueError
// that names the argument.
unsigned threads_from(py::handle num_threads);

inline Unsigned unsigned_from(py::handle object) {
  PyObject* index = PyNumber_Index(object.ptr());
  if (!index) throw py::error_already_set();
  const std::size_t value = PyLong_AsSize_t(index);
  Py_DECREF(index);
  if (value == static_cast<std::size_t>(-1) && PyErr_Occurred()) throw py::error_already_set();
  return {value};
}

}  // namespace fasttok

namespace pybind11::detail {

template <>
struct type_caster<fasttok::Unsigned> {
  PYBIND11_TYPE_CASTER(fasttok::Unsigned, const_name("int"));

  bool load(handle source, bool) {
    if (!PyIndex_Check(source.ptr())) return false;
    value = fasttok::unsigned_from(source);
    return true;
  }
  static handle cast(const fasttok::Unsigned& source, return_value_policy, handle) {
    return PyLong_FromSize_t(source.value);
  }
};

template <>
struct type_caster<fasttok::Unsigned32> {
  PYBIND11_TYPE_CASTER(fasttok::Unsigned32, const_name("int"));

  bool load(handle source, bool) {
    if (!PyIndex_Check(source.ptr())) return false;
    const std::size_t wide = fasttok::unsigned_from(source).value;
    if (wide > 0xFFFFFFFFu) {
      PyErr_SetString(PyExc_OverflowError, "number too large to fit in target type");
      throw error_already_set();
    }
    value = {static_cast<std::uint32_t>(wide)};
    return true;
  }
  static handle cast(const fasttok::Unsigned32& source, return_value_policy, handle) {
    return PyLong_FromSize_t(source.value);
  }
};

}  // namespace pybind11::detail
