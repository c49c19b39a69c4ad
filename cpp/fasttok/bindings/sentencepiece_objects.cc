#include "fasttok/bindings/sentencepiece_objects.h"

#include <pybind11/numpy.h>

#include <algorithm>
#include <limits>

#include "fasttok/base/error.h"
#include "fasttok/formats/sentencepiece_model.h"

namespace fasttok::sentencepiece {

py::object steal(PyObject* object) {
  if (!object) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(object);
}

namespace {

// False where a str has a lone surrogate; throws TypeError for another type.
bool read_utf8(py::handle object, const char* type_error, Utf8& out) {
  if (PyBytes_Check(object.ptr())) {
    out.holder = py::reinterpret_borrow<py::object>(object);
    out.bytes = true;
  } else if (PyUnicode_Check(object.ptr())) {
    if (PyUnicode_IS_ASCII(object.ptr())) {
      out.holder = py::reinterpret_borrow<py::object>(object);
      out.view = {static_cast<const char*>(PyUnicode_DATA(object.ptr())),
                  static_cast<std::size_t>(PyUnicode_GET_LENGTH(object.ptr()))};
      return true;
    }
    PyObject* const encoded = PyUnicode_AsUTF8String(object.ptr());
    if (!encoded) {
      PyErr_Clear();
      return false;
    }
    out.holder = py::reinterpret_steal<py::object>(encoded);
  } else {
    throw py::type_error(std::string(type_error) + "; it is " + Py_TYPE(object.ptr())->tp_name);
  }
  out.view = {PyBytes_AS_STRING(out.holder.ptr()),
              static_cast<std::size_t>(PyBytes_GET_SIZE(out.holder.ptr()))};
  return true;
}

}  // namespace

Utf8 utf8_in(py::handle object) {
  Utf8 text;
  if (!read_utf8(object, "Input must be str or bytes", text)) {
    throw ProcessorError(
        "the text has a lone surrogate, which UTF-8 cannot write; encode it with errors=\"replace\"");
  }
  return text;
}

std::vector<Utf8> utf8s_in(py::handle sequence) {
  const py::object items =
      steal(PySequence_Fast(sequence.ptr(), "Input must be a list or tuple of str or bytes"));
  std::vector<Utf8> texts;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.ptr()); ++i) {
    check_signals(static_cast<std::size_t>(i), 4096);
    const std::string row = "List elements must be str or bytes: row " + std::to_string(i);
    if (!read_utf8(PySequence_Fast_GET_ITEM(items.ptr(), i), row.c_str(), texts.emplace_back())) {
      throw py::type_error(row + " has a lone surrogate");
    }
  }
  return texts;
}

py::object text_object(std::string_view text, bool bytes) {
  const auto size = static_cast<Py_ssize_t>(text.size());
  return steal(bytes ? PyBytes_FromStringAndSize(text.data(), size)
                     : PyUnicode_DecodeUTF8(text.data(), size, "strict"));
}

namespace {

constexpr std::int64_t kLeastId = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kMostId = std::numeric_limits<std::int32_t>::max();

std::int32_t checked_id(std::int64_t id, std::size_t limit, const std::string& which) {
  if (id < kLeastId || id > kMostId) {
    throw py::type_error("Input must be integers of 32 bits: " + which + std::to_string(id));
  }
  if (id < 0 || static_cast<std::size_t>(id) >= limit) {
    throw py::index_error("piece id is out of range: " + which + std::to_string(id) + "; the model has " +
                          std::to_string(limit) + " pieces");
  }
  return static_cast<std::int32_t>(id);
}

}  // namespace

std::int32_t id_in(std::int64_t id, std::size_t limit) {
  return checked_id(id, limit, "");
}

std::vector<std::int32_t> ids_in(py::handle sequence, std::size_t limit) {
  const py::object items = steal(PySequence_Fast(sequence.ptr(), "Input must be a list of integers"));
  std::vector<std::int32_t> ids;
  // The size is read each time, as what is called in between may change it.
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.ptr()); ++i) {
    check_signals(static_cast<std::size_t>(i), 65536);
    PyObject* const item = PySequence_Fast_GET_ITEM(items.ptr(), i);
    if (!PyIndex_Check(item)) {
      throw py::type_error("Input must be a list of integers: item " + std::to_string(i) + " is " +
                           Py_TYPE(item)->tp_name);
    }
    const Py_ssize_t id = PyNumber_AsSsize_t(item, nullptr);  // beyond it: the limits
    if (id == -1 && PyErr_Occurred()) throw py::error_already_set();
    ids.push_back(checked_id(id, limit, "item " + std::to_string(i) + " is "));
  }
  return ids;
}

Output output_from(const std::string& name) {
  if (name == "ids") return Output::kIds;
  if (name == "array") return Output::kArray;
  if (name == "pieces") return Output::kPieces;
  if (name == "bytes_pieces") return Output::kBytesPieces;
  if (name == "proto") return Output::kProto;
  if (name == "tokens") return Output::kTokens;
  if (name == "char_tokens") return Output::kCharTokens;
  throw ValueError("unknown output \"" + name + "\"");
}

void check(const Extras& extras, Output output, const Processor& model) {
  if (is_whole(output)) {
    if (extras.add_bos || extras.add_eos || extras.reverse || extras.emit_unk_piece) {
      throw ProcessorError("add_bos, add_eos, reverse, and emit_unk_piece is not supported in proto API");
    }
    return;
  }
  if (extras.add_bos && model.bos_id() < 0) {
    throw ValueError("BOS token is not defined as a control symbol in this model.");
  }
  if (extras.add_eos && model.eos_id() < 0) {
    throw ValueError("EOS token is not defined as a control symbol in this model.");
  }
  if (extras.emit_unk_piece && model.unk_id() < 0 && output != Output::kIds && output != Output::kArray) {
    throw ValueError("UNK token is not defined in this model.");
  }
}

void finish(Row& row, Output output, const Extras& extras, const Processor& model) {
  if (output == Output::kIds || output == Output::kArray) {
    if (extras.reverse) std::reverse(row.ids.begin(), row.ids.end());
    if (extras.add_bos) row.ids.insert(row.ids.begin(), model.bos_id());
    if (extras.add_eos) row.ids.push_back(model.eos_id());
  } else if (output == Output::kPieces || output == Output::kBytesPieces) {
    if (extras.emit_unk_piece) {
      const std::string& unk = model.pieces()[static_cast<std::size_t>(model.unk_id())].text;
      for (std::string& piece : row.pieces) {
        if (model.pieces().id_of(piece) == model.unk_id()) piece = unk;
      }
    }
    if (extras.reverse) std::reverse(row.pieces.begin(), row.pieces.end());
    const auto text = [&](std::int32_t id) { return model.pieces()[static_cast<std::size_t>(id)].text; };
    if (extras.add_bos) row.pieces.insert(row.pieces.begin(), text(model.bos_id()));
    if (extras.add_eos) row.pieces.push_back(text(model.eos_id()));
  }
}

void to_char_places(Tokens& tokens) {
  const std::vector<std::uint32_t> chars = char_numbers(tokens.text);
  for (Token& token : tokens.tokens) {
    token.begin = chars[std::min(token.begin, tokens.text.size())];
    token.end = chars[std::min(token.end, tokens.text.size())];
  }
}

Row row_of(Tokens tokens, Output output, const Extras& extras, const Processor& model) {
  Row row;
  for (const Token& token : tokens.tokens) {
    if (output == Output::kIds || output == Output::kArray) row.ids.push_back(token.id);
    if (output == Output::kPieces || output == Output::kBytesPieces) row.pieces.push_back(token.piece);
  }
  if (output == Output::kProto) row.proto = to_proto(tokens);
  if (output == Output::kCharTokens) to_char_places(tokens);
  if (output == Output::kTokens || output == Output::kCharTokens) row.tokens = std::move(tokens);
  finish(row, output, extras, model);
  return row;
}

py::object object_of(const Row& row, Output output) {
  switch (output) {
    case Output::kIds: {
      py::list list(row.ids.size());
      for (std::size_t i = 0; i < row.ids.size(); ++i) {
        PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i),
                        steal(PyLong_FromLong(row.ids[i])).release().ptr());
      }
      return list;
    }
    case Output::kArray: {
      // As the reference's, which cannot be written to.
      py::array_t<std::int32_t> array(static_cast<py::ssize_t>(row.ids.size()), row.ids.data());
      py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
      return array;
    }
    case Output::kPieces:
    case Output::kBytesPieces: {
      py::list list(row.pieces.size());
      for (std::size_t i = 0; i < row.pieces.size(); ++i) {
        PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i),
                        text_object(row.pieces[i], output == Output::kBytesPieces).release().ptr());
      }
      return list;
    }
    case Output::kProto:
      return text_object(row.proto, true);
    case Output::kTokens:
    case Output::kCharTokens:
      return object_of(row.tokens);
  }
  return py::none();
}

py::object object_of(const Tokens& tokens) {
  py::list list(tokens.tokens.size());
  for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
    const Token& token = tokens.tokens[i];
    list[i] = py::make_tuple(text_object(token.piece, true), static_cast<std::uint32_t>(token.id),
                             text_object(token.surface ? std::string_view(*token.surface) : "", true),
                             token.begin, token.end);
  }
  return py::make_tuple(text_object(tokens.text, true), list, tokens.score.value_or(0.0f),
                        text_object(to_proto(tokens), true));
}

}  // namespace fasttok::sentencepiece
