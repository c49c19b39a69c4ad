#include "fasttok/bindings/lean_calls.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "fasttok/bindings/encoding.h"
#include "fasttok/bindings/lean.h"
#include "fasttok/bindings/py_tokenizer.h"

namespace fasttok {
namespace {

struct Lean {
  Py_ssize_t box = 0;          // where the objects have their slot `_box`
  PyObject* encode = nullptr;  // the methods that do what is not lean
  PyObject* encode_ids = nullptr;
};
Lean lean;  // set once, while the package is imported

// The core of a tokenizer without settings of its own, which stands second in its box; else null.
const PyTokenizer* lean_core(PyObject* self) {
  PyObject* box = object_in_slot(self, lean.box);
  if (!box || !PyList_CheckExact(box) || PyList_GET_SIZE(box) < 2) return nullptr;
  PyObject* core = PyList_GET_ITEM(box, 1);
  if (core == Py_None) return nullptr;
  return static_cast<const PyTokenizer*>(
      reinterpret_cast<py::detail::instance*>(core)->get_value_and_holder().value_ptr());
}

// Calls call(core, text) where the call is lean, else the method with all arguments.
template <class Call>
PyObject* with_core_or(PyObject* method, PyObject* self, PyObject* const* arguments, Py_ssize_t count,
                       PyObject* names, const Call& call) {
  return lean_or(method, self, arguments, count, names, [&](const TextView& text) -> PyObject* {
    const PyTokenizer* core = lean_core(self);
    if (!core) return nullptr;
    try {
      return call(*core, text);
    } catch (const RowError& error) {
      RowInputs::plain(arguments[0], text).rethrow(error);
    }
  });
}

PyObject* encode_ids(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  return with_core_or(lean.encode_ids, self, arguments, count, names,
                      [](const PyTokenizer& core, const TextView& text) {
                        const auto ids = core.core->rows().ids_of(text, true);
                        return core.ints.list_of(ids.data(), ids.size());
                      });
}

// An Encoding that holds all its details, of a text by itself.
PyObject* encoding_in_full(const Tokenizer& core, const RowInputs& row) {
  try {
    EncodingData data = core.encode_row(row.batch(), 0, EncodeOptions{}, false, true);
    return py::cast(new Encoding(std::move(data)), py::return_value_policy::take_ownership).release().ptr();
  } catch (const Error&) {
    throw RowError(0, std::current_exception());
  }
}

PyObject* encode(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  return with_core_or(
      lean.encode, self, arguments, count, names, [&](const PyTokenizer& core, const TextView& text) {
        if (core.core->answers_vary())
          return encoding_in_full(*core.core, RowInputs::plain(arguments[0], text));
        const auto ids = core.core->rows().ids_of(text, true);
        core.ints.want(ids.size());
        return make_encoding(std::unique_ptr<const EncodedText>(new EncodedText{
            core.core, py::reinterpret_borrow<py::object>(arguments[0]), {ids.begin(), ids.end()}}));
      });
}

LeanFunction functions[] = {
    {"encode", &encode,
     "($self, sequence, pair=None, is_pretokenized=False, add_special_tokens=True, *, specials=\"parse\", "
     "surrogates=\"error\")"},
    {"encode_ids", &encode_ids, "($self, text, add_special_tokens=True)"},
};

}  // namespace

void register_lean_calls(py::module_& module) {
  module.def("add_lean_calls", [](const py::object& cls) {
    lean.box = offset_of_slot(cls, "_box");
    lean.encode = functions[0].put_before(cls);
    lean.encode_ids = functions[1].put_before(cls);
  });
}

}  // namespace fasttok
