// Arguments that are converted as the reference converts them.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>

namespace fasttok {

namespace py = pybind11;

// An int from 0 on; a negative one raises OverflowError, something else TypeError.
struct Unsigned {
  std::size_t value;
};

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

}  // namespace pybind11::detail
