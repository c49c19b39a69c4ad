#include "fasttok/bindings/arguments.h"

#include <string>

#include "fasttok/base/error.h"
#include "fasttok/base/thread_pool.h"
#include "fasttok/bindings/inputs.h"

namespace fasttok {

bool flag_from(const char* name, py::handle object) {
  if (object.ptr() == Py_True) return true;
  if (object.ptr() == Py_False) return false;
  const std::string_view type = Py_TYPE(object.ptr())->tp_name;
  if (type != "numpy.bool" && type != "numpy.bool_") {
    throw py::type_error(std::string(name) + " is " + describe(object) + "; expected bool");
  }
  const int value = PyObject_IsTrue(object.ptr());
  if (value < 0) throw py::error_already_set();
  return value != 0;
}

unsigned threads_from(py::handle num_threads) {
  if (num_threads.is_none()) return default_threads();
  if (!PyIndex_Check(num_threads.ptr())) {
    throw py::type_error("num_threads is " + describe(num_threads) +
                         "; expected an int from 1 to 1024, or None");
  }
  const auto value = py::reinterpret_steal<py::int_>(PyNumber_Index(num_threads.ptr()));
  if (!value) throw py::error_already_set();
  int overflow = 0;
  const long threads = PyLong_AsLongAndOverflow(value.ptr(), &overflow);
  if (overflow != 0 || threads < 1 || threads > 1024) {
    throw ValueError("num_threads is " + py::str(value).cast<std::string>() +
                     "; expected an int from 1 to 1024, or None");
  }
  return static_cast<unsigned>(threads);
}

}  // namespace fasttok
