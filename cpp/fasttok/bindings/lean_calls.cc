#include "fasttok/bindings/lean_calls.h"

#include <structmember.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fasttok/bindings/encoding.h"
#include "fasttok/bindings/py_tokenizer.h"

namespace fasttok {
namespace {

// Longer texts are for the general calls, which release the GIL.
constexpr Py_ssize_t kLongest = 4096;

struct Lean {
  Py_ssize_t box = 0;          // where the objects have their slot `_box`
  PyObject* encode = nullptr;  // the methods that do what is not lean
  PyObject* encode_ids = nullptr;
};
Lean lean;  // set once, while the package is imported

// The core of a tokenizer without settings of its own, which stands second in its box; else null.
const PyTokenizer* lean_core(PyObject* self) {
  PyObject* box = *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(self) + lean.box);
  if (!box || !PyList_CheckExact(box) || PyList_GET_SIZE(box) < 2) return nullptr;
  PyObject* core = PyList_GET_ITEM(box, 1);
  if (core == Py_None) return nullptr;
  return static_cast<const PyTokenizer*>(
      reinterpret_cast<py::detail::instance*>(core)->get_value_and_holder().value_ptr());
}

// A short str as the engines see it; no data where the object is none.
TextView short_text(PyObject* object) {
  if (!PyUnicode_CheckExact(object)) return {};
#if PY_VERSION_HEX < 0x030C0000
  if (PyUnicode_READY(object) != 0) throw py::error_already_set();
#endif
  if (PyUnicode_GET_LENGTH(object) > kLongest) return {};
  return {PyUnicode_DATA(object), static_cast<std::size_t>(PyUnicode_GET_LENGTH(object)),
          static_cast<std::uint8_t>(PyUnicode_KIND(object)), PyUnicode_IS_ASCII(object) != 0};
}

// Calls call(core, text) where the call is lean, else the method with all arguments.
template <class Call>
PyObject* lean_or(PyObject* method, PyObject* self, PyObject* const* arguments, Py_ssize_t count,
                  PyObject* names, const Call& call) {
  try {
    if (count == 1 && !names) {
      const PyTokenizer* core = lean_core(self);
      const TextView text = core ? short_text(arguments[0]) : TextView{};
      if (text.data) {
        try {
          return call(*core, text);
        } catch (const RowError& error) {
          RowInputs::plain(arguments[0], text).rethrow(error);
        }
      }
    }
  } catch (py::error_already_set& error) {
    error.restore();
    return nullptr;
  } catch (...) {
    py::detail::try_translate_exceptions();
    return nullptr;
  }
  std::vector<PyObject*> all{self};
  all.insert(all.end(), arguments, arguments + count + (names ? PyTuple_GET_SIZE(names) : 0));
  return PyObject_Vectorcall(method, all.data(), static_cast<std::size_t>(count) + 1, names);
}

PyObject* encode_ids(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  return lean_or(lean.encode_ids, self, arguments, count, names,
                 [](const PyTokenizer& core, const TextView& text) {
                   const auto ids = core.core->rows().ids_of(text, true);
                   return core.ints()->list_of(ids.data(), ids.size());
                 });
}

// An Encoding that holds all its details, of a text by itself.
PyObject* encoding_in_full(const Tokenizer& core, const EncodedBatch& row) {
  try {
    EncodingData data = core.encode_row(row.inputs.batch(), 0, row.options, false, true);
    return py::cast(new Encoding(std::move(data)), py::return_value_policy::take_ownership).release().ptr();
  } catch (const Error&) {
    throw RowError(0, std::current_exception());
  }
}

PyObject* encode(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  return lean_or(lean.encode, self, arguments, count, names,
                 [&](const PyTokenizer& core, const TextView& text) {
                   auto batch = std::make_shared<EncodedBatch>(
                       EncodedBatch{core.core, core.ints(), RowInputs::plain(arguments[0], text),
                                    EncodeOptions{}, false, std::nullopt, 0, Columns{}});
                   if (core.core->answers_vary()) return encoding_in_full(*core.core, *batch);
                   const auto ids = core.core->rows().ids_of(text, true);
                   Columns& columns = batch->columns;
                   columns.ids.resize(ids.size());
                   std::copy(ids.begin(), ids.end(), columns.ids.data());
                   columns.row_offsets.resize(2);
                   columns.row_offsets[0] = 0;
                   columns.row_offsets[1] = static_cast<std::int64_t>(ids.size());
                   return make_encoding(std::move(batch), 0);
                 });
}

PyCFunction as_function(_PyCFunctionFastWithKeywords function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

// A function, its signature as inspect reads it, and its documentation, which is the method's.
struct Function {
  PyMethodDef definition;
  const char* signature;
  std::string documentation;
};

Function functions[] = {
    {{"encode", as_function(&encode), METH_FASTCALL | METH_KEYWORDS, nullptr},
     "($self, sequence, pair=None, is_pretokenized=False, add_special_tokens=True, *, specials=\"parse\", "
     "surrogates=\"error\")",
     ""},
    {{"encode_ids", as_function(&encode_ids), METH_FASTCALL | METH_KEYWORDS, nullptr},
     "($self, text, add_special_tokens=True)",
     ""},
};

// Puts the function before the method of its name and returns the method.
PyObject* put_before(const py::object& cls, Function& function) {
  PyMethodDef& definition = function.definition;
  py::object method = cls.attr(definition.ml_name);
  function.documentation = std::string(definition.ml_name) + function.signature + "\n--\n\n" +
                           method.attr("__doc__").cast<std::string>();
  definition.ml_doc = function.documentation.c_str();
  auto* const type = reinterpret_cast<PyTypeObject*>(cls.ptr());
  const auto descriptor = py::reinterpret_steal<py::object>(PyDescr_NewMethod(type, &definition));
  if (!descriptor) throw py::error_already_set();
  cls.attr(definition.ml_name) = descriptor;
  return method.release().ptr();
}

}  // namespace

void register_lean_calls(py::module_& module) {
  module.def("add_lean_calls", [](const py::object& cls) {
    const py::object slot = cls.attr("_box");
    if (!Py_IS_TYPE(slot.ptr(), &PyMemberDescr_Type)) throw py::type_error("the class has no slot _box");
    lean.box = reinterpret_cast<PyMemberDescrObject*>(slot.ptr())->d_member->offset;
    lean.encode = put_before(cls, functions[0]);
    lean.encode_ids = put_before(cls, functions[1]);
  });
}

}  // namespace fasttok
