#include "fasttok/bindings/lean_calls.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fasttok/bindings/arguments.h"
#include "fasttok/bindings/encoding.h"
#include "fasttok/bindings/lean.h"
#include "fasttok/bindings/py_tokenizer.h"

namespace fasttok {
namespace {

struct Lean {
  Py_ssize_t box = 0;          // where the objects have their slot `_box`
  PyObject* encode = nullptr;  // the methods that do what is not lean
  PyObject* encode_ids = nullptr;
  PyObject* encode_batch_flat = nullptr;
  PyObject* num_threads = nullptr;  // the name
};
Lean lean;  // set once, while the package is imported

// What encode_batch_flat returns, and where its objects have their slots.
struct TokenBatch {
  PyTypeObject* type = nullptr;
  Py_ssize_t ids = 0, row_offsets = 0, core = 0, inputs = 0;
  std::vector<Py_ssize_t> empty;  // those that are None here
};
TokenBatch token_batch;  // set once, when NumPy is imported

// The core of a tokenizer without settings of its own, which stands second in its box; else null.
PyObject* lean_core_object(PyObject* self) {
  PyObject* box = object_in_slot(self, lean.box);
  if (!box || !PyList_CheckExact(box) || PyList_GET_SIZE(box) < 2) return nullptr;
  PyObject* core = PyList_GET_ITEM(box, 1);
  return core == Py_None ? nullptr : core;
}
const PyTokenizer* tokenizer_in(PyObject* core) {
  auto* const object = reinterpret_cast<py::detail::instance*>(core);
  return static_cast<const PyTokenizer*>(object->simple_layout ? object->simple_value_holder[0]
                                                               : object->get_value_and_holder().value_ptr());
}

// Calls call(core, text) where the call is lean, else the method with all arguments.
template <class Call>
[[gnu::always_inline]] inline PyObject* with_core_or(PyObject* method, PyObject* self,
                                                     PyObject* const* arguments, Py_ssize_t count,
                                                     PyObject* names, const Call& call) {
  return lean_or(
      method, self, arguments, count,
      names, [&](const TextView& text) __attribute__((always_inline))->PyObject * {
        PyObject* const core = lean_core_object(self);
        if (!core) return nullptr;
        try {
          return call(*tokenizer_in(core), text);
        } catch (const RowError& error) {
          RowInputs::plain(arguments[0], text).rethrow(error);
        }
      });
}

PyObject* encode_ids(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  return with_core_or(
      lean.encode_ids, self, arguments, count, names,
      [](const PyTokenizer& core, const TextView& text) __attribute__((always_inline)) {
        std::uint32_t room[Engine::kShortRoom];
        const auto ids = core.core->rows().ids_of(text, true, room);
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
        std::uint32_t room[Engine::kShortRoom];
        const auto ids = core.core->rows().ids_of(text, true, room);
        core.ints.want(ids.size());
        return make_encoding(std::unique_ptr<const EncodedText>(new EncodedText{
            core.core, py::reinterpret_borrow<py::object>(arguments[0]), {ids.begin(), ids.end()}}));
      });
}

PyObject* make_token_batch(Columns columns, const py::object& core, PyObject* inputs) {
  const auto tokens = static_cast<py::ssize_t>(columns.ids.size());
  const auto ends = static_cast<py::ssize_t>(columns.row_offsets.size());
  py::object ids = to_array<std::uint32_t>(std::move(columns.ids), {tokens}, false);
  py::object row_offsets = to_array<std::int64_t>(std::move(columns.row_offsets), {ends}, false);
  PyObject* const batch = token_batch.type->tp_alloc(token_batch.type, 0);
  if (!batch) throw py::error_already_set();
  const auto set = [&](Py_ssize_t offset, PyObject* value) {
    *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(batch) + offset) = value;
  };
  set(token_batch.ids, ids.release().ptr());
  set(token_batch.row_offsets, row_offsets.release().ptr());
  set(token_batch.core, Py_NewRef(core.ptr()));
  set(token_batch.inputs, Py_NewRef(inputs));
  for (const Py_ssize_t offset : token_batch.empty) set(offset, Py_NewRef(Py_None));
  return batch;
}

PyObject* encode_batch_flat(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  const bool is_lean =
      token_batch.type && count == 1 &&
      (!names || (PyTuple_GET_SIZE(names) == 1 && PyTuple_GET_ITEM(names, 0) == lean.num_threads));
  // Kept: while the GIL is released another thread may change the tokenizer.
  const auto core = py::reinterpret_borrow<py::object>(is_lean ? lean_core_object(self) : nullptr);
  if (!core) return call_method(lean.encode_batch_flat, self, arguments, count, names);
  return or_raised([&] {
    const PyTokenizer& tokenizer = *tokenizer_in(core.ptr());
    EncodeOptions options;
    options.threads = threads_from(names ? arguments[1] : Py_None);
    RowInputs rows = rows_to_read(tokenizer, arguments[0], {.accepts_bytes = true});
    return make_token_batch(encode_columns(tokenizer, rows, options), core, arguments[0]);
  });
}

// Calls the function of that name of the object's `_tokenizer`.
PyObject* forward_encode_batch_flat(PyObject* self, PyObject* const* arguments, Py_ssize_t count,
                                    PyObject* names) {
  static PyObject* const tokenizer_name = PyUnicode_InternFromString("_tokenizer");
  static PyObject* const name = PyUnicode_InternFromString("encode_batch_flat");
  return or_raised([&]() -> PyObject* {
    const auto tokenizer = py::reinterpret_steal<py::object>(PyObject_GetAttr(self, tokenizer_name));
    if (!tokenizer) throw py::error_already_set();
    std::vector<PyObject*> all{tokenizer.ptr()};
    all.insert(all.end(), arguments, arguments + count + (names ? PyTuple_GET_SIZE(names) : 0));
    return PyObject_VectorcallMethod(name, all.data(), static_cast<std::size_t>(count) + 1, names);
  });
}

LeanFunction functions[] = {
    {"encode", &encode,
     "($self, sequence, pair=None, is_pretokenized=False, add_special_tokens=True, *, specials=\"parse\", "
     "surrogates=\"error\")"},
    {"encode_ids", &encode_ids, "($self, text, add_special_tokens=True)"},
    {"encode_batch_flat", &encode_batch_flat,
     "($self, inputs, *, is_pretokenized=False, add_special_tokens=True, truncation=None, offsets=False, "
     "type_ids=False, word_ids=False, specials=\"parse\", surrogates=\"error\", num_threads=None)"},
};
LeanFunction forward{"encode_batch_flat", &forward_encode_batch_flat, "($self, inputs, **kwargs)"};

}  // namespace

void register_lean_calls(py::module_& module) {
  module.def("add_lean_calls", [](const py::object& cls) {
    lean.box = offset_of_slot(cls, "_box");
    lean.encode = functions[0].put_before(cls);
    lean.encode_ids = functions[1].put_before(cls);
    lean.encode_batch_flat = functions[2].put_before(cls);
    lean.num_threads = PyUnicode_InternFromString("num_threads");
  });
  module.def("add_lean_forward", [](const py::object& cls) { Py_DECREF(forward.put_before(cls)); });
  module.def("add_token_batch", [](const py::object& cls) {
    TokenBatch made;
    made.type = reinterpret_cast<PyTypeObject*>(cls.ptr());
    for (const auto slot : cls.attr("__slots__")) {
      const auto name = slot.cast<std::string>();
      const Py_ssize_t offset = offset_of_slot(cls, name.c_str());
      (name == "ids"           ? made.ids
       : name == "row_offsets" ? made.row_offsets
       : name == "_core"       ? made.core
       : name == "_inputs"     ? made.inputs
                               : made.empty.emplace_back()) = offset;
    }
    cls.inc_ref();  // for good
    token_batch = std::move(made);
  });
}

}  // namespace fasttok
