#include "fasttok/bindings/encoding.h"

#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "fasttok/bindings/arguments.h"
#include "fasttok/bindings/interrupt.h"

namespace fasttok {
namespace {

using Range = EncodingData::Range;

template <class T>
py::list list_of(const std::vector<T>& values) {
  py::list list(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) list[i] = py::cast(values[i]);
  return list;
}

py::dict state_of(const EncodingData& data) {
  py::dict state;
  state["ids"] = list_of(data.ids);
  state["type_ids"] = list_of(data.type_ids);
  state["tokens"] = list_of(data.tokens);
  state["words"] = list_of(data.words);
  state["offsets"] = list_of(data.offsets);
  state["special_tokens_mask"] = list_of(data.special_tokens_mask);
  state["attention_mask"] = list_of(data.attention_mask);
  py::list overflowing;
  for (const EncodingData& part : data.overflowing) overflowing.append(state_of(part));
  state["overflowing"] = overflowing;
  py::dict ranges;
  for (const auto& [sequence, range] : data.sequence_ranges) {
    py::dict ends;
    ends["start"] = range.first;
    ends["end"] = range.second;
    ranges[py::str(std::to_string(sequence))] = ends;
  }
  state["sequence_ranges"] = ranges;
  return state;
}

// Parts nest in parts where rows that overflow were merged; deeper ones are nobody's.
constexpr int kDeepestState = 64;

EncodingData data_of(const py::dict& state, int depth = 0) {
  if (depth > kDeepestState) throw ValueError("Encoding state: overflowing parts nested too deeply");
  EncodingData data;
  data.ids = state["ids"].cast<std::vector<std::uint32_t>>();
  data.type_ids = state["type_ids"].cast<std::vector<std::uint32_t>>();
  data.tokens = state["tokens"].cast<std::vector<std::string>>();
  data.words = state["words"].cast<std::vector<std::optional<std::uint32_t>>>();
  data.offsets = state["offsets"].cast<std::vector<Range>>();
  data.special_tokens_mask = state["special_tokens_mask"].cast<std::vector<std::uint32_t>>();
  data.attention_mask = state["attention_mask"].cast<std::vector<std::uint32_t>>();
  const std::size_t n = data.ids.size();
  for (const std::size_t size :
       {data.type_ids.size(), data.tokens.size(), data.words.size(), data.offsets.size(),
        data.special_tokens_mask.size(), data.attention_mask.size()}) {
    if (size != n) throw ValueError("Encoding state: columns of unequal lengths");
  }
  for (const auto part : state["overflowing"])
    data.overflowing.push_back(data_of(part.cast<py::dict>(), depth + 1));
  for (const auto& [sequence, ends] : state["sequence_ranges"].cast<py::dict>()) {
    const Range range{ends["start"].cast<std::size_t>(), ends["end"].cast<std::size_t>()};
    if (range.first > range.second || range.second > n)
      throw ValueError("Encoding state: sequence range out of bounds");
    data.sequence_ranges[std::stoul(sequence.cast<std::string>())] = range;
  }
  return data;
}

Direction truncation_direction(const std::string& name) {
  if (name == "right") return Direction::kRight;
  if (name == "left") return Direction::kLeft;
  throw ValueError("Invalid truncation direction value : " + name);
}

Direction padding_direction(const std::string& name) {
  if (name == "right") return Direction::kRight;
  if (name == "left") return Direction::kLeft;
  throw ValueError("Unknown `direction`: `" + name + "`. Use one of `left` or `right`");
}

}  // namespace

const EncodedBatch* Encoding::batch() const {
  if (!text_) return batch_.get();
  std::lock_guard<std::mutex> guard(lock_);
  if (!batch_) {
    Columns columns;
    columns.ids.resize(text_->ids.size());
    std::ranges::copy(text_->ids, columns.ids.data());
    columns.row_offsets.push_back(0);
    columns.row_offsets.push_back(static_cast<std::int64_t>(text_->ids.size()));
    batch_ = std::make_shared<EncodedBatch>(
        EncodedBatch{text_->tokenizer, RowInputs::single(text_->text, py::none(), {}), EncodeOptions{}, false,
                     std::nullopt, 0, std::move(columns)});
  }
  return batch_.get();
}

EncodingData Encoding::compute(bool windows) const {
  const EncodedBatch& from = *batch();
  try {
    const auto work = [&] {
      EncodingData data =
          from.tokenizer->encode_row(from.inputs.batch(), row_, from.options, from.fast, windows);
      if (from.padding) {
        const Padding& padding = *from.padding;
        data.pad(from.padded_length, padding.pad_id, padding.pad_type_id, padding.pad_token,
                 padding.direction);
      }
      return data;
    };
    return from.inputs.is_long(row_) ? without_gil(work) : work();
  } catch (const Error&) {
    from.inputs.rethrow(RowError(row_, std::current_exception()));
  }
}

const EncodingData& Encoding::details() const {
  {
    std::lock_guard<std::mutex> guard(lock_);
    if (full_) return *full_;
    if (windowless_) return *windowless_;
  }
  auto made = std::make_unique<EncodingData>(compute(false));
  std::lock_guard<std::mutex> guard(lock_);
  if (full_) return *full_;
  if (!windowless_) windowless_ = std::move(made);
  return *windowless_;
}

EncodingData& Encoding::full() const {
  {
    std::lock_guard<std::mutex> guard(lock_);
    if (full_) return *full_;
  }
  auto made = std::make_unique<EncodingData>(compute(true));
  std::lock_guard<std::mutex> guard(lock_);
  if (!full_) full_ = std::move(made);
  return *full_;
}

std::size_t Encoding::size() const {
  {
    std::lock_guard<std::mutex> guard(lock_);
    if (full_) return full_->size();
  }
  if (text_) return text_->ids.size();
  const auto& offsets = batch_->columns.row_offsets;
  const auto size = static_cast<std::size_t>(offsets[row_ + 1] - offsets[row_]);
  return batch_->padding ? std::max(size, batch_->padded_length) : size;
}

py::list Encoding::ids() const {
  {
    std::lock_guard<std::mutex> guard(lock_);
    if (full_) return list_of(full_->ids);
  }
  if (text_) return py::reinterpret_steal<py::list>(list_of_ints(text_->ids.data(), text_->ids.size()));
  const Columns& columns = batch_->columns;
  const std::uint32_t* begin = columns.ids.data() + columns.row_offsets[row_];
  const auto size = static_cast<std::size_t>(columns.row_offsets[row_ + 1] - columns.row_offsets[row_]);
  if (!batch_->padding || size >= batch_->padded_length) {
    return py::reinterpret_steal<py::list>(list_of_ints(begin, size));
  }
  const Padding& padding = *batch_->padding;
  std::vector<std::uint32_t> padded(batch_->padded_length, padding.pad_id);
  std::copy_n(begin, size,
              padding.direction == Direction::kRight ? padded.begin()
                                                     : padded.end() - static_cast<std::ptrdiff_t>(size));
  return py::reinterpret_steal<py::list>(list_of_ints(padded.data(), padded.size()));
}

py::list Encoding::offsets() const {
  const EncodedBatch* const from = batch();
  if (!from || from->fast) return list_of(details().offsets);
  const Template* processor = from->tokenizer->processor();
  if (processor && processor->changes_offsets()) return list_of(details().offsets);
  std::lock_guard<std::mutex> guard(lock_);
  if (full_) return list_of(full_->offsets);
  if (!spans_) {
    EncodeOptions options = from->options;
    options.offsets = true;
    try {
      spans_ = std::make_unique<const Buffer<CharSpan>>(
          from->tokenizer->rows().encode_row(from->inputs.batch(), row_, options).offsets);
    } catch (const RowError& error) {
      from->inputs.rethrow(error);
    }
  }
  const std::size_t size = spans_->size();
  const std::size_t padded = from->padding ? std::max(size, from->padded_length) : size;
  const std::size_t first = from->padding && from->padding->direction == Direction::kLeft ? padded - size : 0;
  py::list list(padded);
  for (std::size_t i = 0; i < padded; ++i) {
    const bool is_token = i - first < size;  // also false for i < first
    const CharSpan span = is_token ? (*spans_)[i - first] : CharSpan{0, 0};
    PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i), pair_of_ints(span.begin, span.end));
  }
  return list;
}

namespace {

PyObject* encoding_type = nullptr;

const Encoding& encoding_of(PyObject* object) {
  return *static_cast<const Encoding*>(
      reinterpret_cast<py::detail::instance*>(object)->get_value_and_holder().value_ptr());
}

// The two properties that are read most, without pybind11's dispatcher.
template <py::list (Encoding::*kGet)() const>
PyObject* get_list(PyObject* self, void*) {
  try {
    return (encoding_of(self).*kGet)().release().ptr();
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (...) {
    py::detail::try_translate_exceptions();
  }
  return nullptr;
}

PyGetSetDef lists[] = {
    {"ids", &get_list<&Encoding::ids>, nullptr, nullptr, nullptr},
    {"offsets", &get_list<&Encoding::offsets>, nullptr, nullptr, nullptr},
};

}  // namespace

namespace {

// As pybind11's cast of a new object with its ownership, but it is not entered into the table by which
// pybind11 finds the Python object of a C++ one: that takes longer than all the rest, and nobody asks.
PyObject* to_object(std::unique_ptr<Encoding> encoding) {
  PyObject* object = py::detail::make_new_instance(reinterpret_cast<PyTypeObject*>(encoding_type));
  auto* const instance = reinterpret_cast<py::detail::instance*>(object);
  auto values = instance->get_value_and_holder();
  values.value_ptr() = encoding.get();
  new (std::addressof(values.holder<std::unique_ptr<Encoding>>()))
      std::unique_ptr<Encoding>(std::move(encoding));
  values.set_holder_constructed();
  instance->owned = true;
  return object;
}

}  // namespace

PyObject* make_encoding(std::shared_ptr<const EncodedBatch> batch, std::size_t row) {
  return to_object(std::make_unique<Encoding>(std::move(batch), row));
}

PyObject* make_encoding(std::unique_ptr<const EncodedText> text) {
  return to_object(std::make_unique<Encoding>(std::move(text)));
}

void register_encoding(py::module_& module) {
  py::class_<Encoding, std::unique_ptr<Encoding>> cls(module, "Encoding", py::is_final());
  encoding_type = cls.ptr();
  for (PyGetSetDef& list : lists) {
    cls.attr(list.name) = py::reinterpret_steal<py::object>(
        PyDescr_NewGetSet(reinterpret_cast<PyTypeObject*>(encoding_type), &list));
  }
  cls.def(py::init<>())
      .def("__len__", &Encoding::size)
      .def("__repr__",
           [](const Encoding& self) {
             return "Encoding(num_tokens=" + std::to_string(self.size()) +
                    ", attributes=[ids, type_ids, tokens, offsets, attention_mask, special_tokens_mask, "
                    "overflowing])";
           })
      .def_property_readonly("type_ids",
                             [](const Encoding& self) { return list_of(self.details().type_ids); })
      .def_property_readonly("tokens", [](const Encoding& self) { return list_of(self.details().tokens); })
      .def_property_readonly("attention_mask",
                             [](const Encoding& self) { return list_of(self.details().attention_mask); })
      .def_property_readonly("special_tokens_mask",
                             [](const Encoding& self) { return list_of(self.details().special_tokens_mask); })
      .def_property_readonly("word_ids", [](const Encoding& self) { return list_of(self.details().words); })
      .def_property_readonly(
          "words",
          [](const Encoding& self) {
            if (PyErr_WarnEx(PyExc_DeprecationWarning,
                             "Encoding.words is deprecated, please use Encoding.word_ids instead.", 1) != 0) {
              throw py::error_already_set();
            }
            return list_of(self.details().words);
          })
      .def_property_readonly("sequence_ids",
                             [](const Encoding& self) { return list_of(self.details().sequence_ids()); })
      .def_property_readonly("n_sequences", [](const Encoding& self) { return self.details().n_sequences(); })
      .def_property_readonly(
          "overflowing",
          [](const Encoding& self) {
            py::list parts;
            for (const EncodingData& part : self.full().overflowing) {
              parts.append(py::cast(new Encoding(part), py::return_value_policy::take_ownership));
            }
            return parts;
          })
      .def(
          "word_to_tokens",
          [](const Encoding& self, Unsigned32 word, Unsigned sequence) {
            return self.details().word_to_tokens(word.value, sequence.value);
          },
          py::arg("word_index"), py::arg("sequence_index") = Unsigned{0})
      .def(
          "word_to_chars",
          [](const Encoding& self, Unsigned32 word, Unsigned sequence) {
            return self.details().word_to_chars(word.value, sequence.value);
          },
          py::arg("word_index"), py::arg("sequence_index") = Unsigned{0})
      .def(
          "token_to_sequence",
          [](const Encoding& self, Unsigned token) { return self.details().token_to_sequence(token.value); },
          py::arg("token_index"))
      .def(
          "token_to_chars",
          [](const Encoding& self, Unsigned token) -> std::optional<Range> {
            const auto found = self.details().token_to_chars(token.value);
            if (!found) return std::nullopt;
            return found->second;
          },
          py::arg("token_index"))
      .def(
          "token_to_word",
          [](const Encoding& self, Unsigned token) -> std::optional<std::uint32_t> {
            const auto found = self.details().token_to_word(token.value);
            if (!found) return std::nullopt;
            return found->second;
          },
          py::arg("token_index"))
      .def(
          "char_to_token",
          [](const Encoding& self, Unsigned pos, Unsigned sequence) {
            return self.details().char_to_token(pos.value, sequence.value);
          },
          py::arg("char_pos"), py::arg("sequence_index") = Unsigned{0})
      .def(
          "char_to_word",
          [](const Encoding& self, Unsigned pos, Unsigned sequence) {
            return self.details().char_to_word(pos.value, sequence.value);
          },
          py::arg("char_pos"), py::arg("sequence_index") = Unsigned{0})
      .def(
          "set_sequence_id",
          [](const Encoding& self, Unsigned sequence) { self.full().set_sequence_id(sequence.value); },
          py::arg("sequence_id"))
      .def(
          "pad",
          [](const Encoding& self, Unsigned length, const std::string& direction, Unsigned32 pad_id,
             Unsigned32 pad_type_id, const std::string& pad_token, const py::kwargs& unknown) {
            for (const auto& [name, value] : unknown) {
              const std::string message = "Ignored unknown kwarg option " + name.cast<std::string>();
              if (PyErr_WarnEx(PyExc_UserWarning, message.c_str(), 1) != 0) throw py::error_already_set();
            }
            self.full().pad(length.value, pad_id.value, pad_type_id.value, pad_token,
                            padding_direction(direction));
          },
          py::arg("length"), py::kw_only(), py::arg("direction") = "right", py::arg("pad_id") = Unsigned32{0},
          py::arg("pad_type_id") = Unsigned32{0}, py::arg("pad_token") = "[PAD]")
      .def(
          "truncate",
          [](const Encoding& self, Unsigned max_length, Unsigned stride, const std::string& direction) {
            self.full().truncate(max_length.value, stride.value, truncation_direction(direction));
          },
          py::arg("max_length"), py::arg("stride") = Unsigned{0}, py::arg("direction") = "right")
      .def_static(
          "merge",
          [](const std::vector<py::object>& encodings, bool growing_offsets) {
            std::vector<EncodingData> parts;
            for (std::size_t i = 0; i < encodings.size(); ++i) {
              if (!py::isinstance<Encoding>(encodings[i])) {
                throw py::type_error("encodings[" + std::to_string(i) + "] is " + describe(encodings[i]) +
                                     "; expected Encoding");
              }
              parts.push_back(encodings[i].cast<const Encoding&>().full());
            }
            return new Encoding(EncodingData::merge(parts, growing_offsets));
          },
          py::arg("encodings"), py::arg("growing_offsets") = true)
      .def("__getstate__",
           [](const Encoding& self) {
             const auto json = py::module_::import("json");
             const py::object text =
                 json.attr("dumps")(state_of(self.full()), py::arg("ensure_ascii") = false,
                                    py::arg("separators") = py::make_tuple(",", ":"));
             return text.attr("encode")("utf-8");
           })
      .def("__reduce__", [cls](const py::object& self) {
        return py::make_tuple(cls, py::tuple(), self.attr("__getstate__")());
      });
  // Under another name: pybind11 takes a `__setstate__` for a constructor, which does nothing to an object
  // that there is already.
  cls.attr("__setstate__") = py::cpp_function(
      [](Encoding& self, const py::bytes& state) {
        self.full() = data_of(py::module_::import("json").attr("loads")(state).cast<py::dict>());
      },
      py::name("set_state"), py::is_method(cls), py::arg("state"));
}

}  // namespace fasttok
