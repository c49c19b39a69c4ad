#include "fasttok/bindings/lean.h"

#include <structmember.h>

namespace fasttok {

PyObject* LeanFunction::put_before(const py::object& cls) {
  py::object method = cls.attr(definition_.ml_name);
  documentation_ =
      std::string(definition_.ml_name) + signature_ + "\n--\n\n" + method.attr("__doc__").cast<std::string>();
  definition_.ml_doc = documentation_.c_str();
  auto* const type = reinterpret_cast<PyTypeObject*>(cls.ptr());
  const auto descriptor = py::reinterpret_steal<py::object>(PyDescr_NewMethod(type, &definition_));
  if (!descriptor) throw py::error_already_set();
  cls.attr(definition_.ml_name) = descriptor;
  return method.release().ptr();
}

Py_ssize_t offset_of_slot(const py::object& cls, const char* name) {
  const py::object slot = cls.attr(name);
  if (!Py_IS_TYPE(slot.ptr(), &PyMemberDescr_Type)) {
    throw py::type_error("the class has no slot " + std::string(name));
  }
  return reinterpret_cast<PyMemberDescrObject*>(slot.ptr())->d_member->offset;
}

PyObject* call_method(PyObject* method, PyObject* self, PyObject* const* arguments, Py_ssize_t count,
                      PyObject* names) {
  std::vector<PyObject*> all{self};
  all.insert(all.end(), arguments, arguments + count + (names ? PyTuple_GET_SIZE(names) : 0));
  return PyObject_Vectorcall(method, all.data(), static_cast<std::size_t>(count) + 1, names);
}

}  // namespace fasttok
