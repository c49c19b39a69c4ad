#include "fasttok/bindings/tokenizer.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <string>
#include <vector>

#include "fasttok/base/thread_pool.h"
#include "fasttok/bindings/arguments.h"
#include "fasttok/bindings/decoder.h"
#include "fasttok/bindings/encoding.h"
#include "fasttok/bindings/gil.h"
#include "fasttok/bindings/inputs.h"
#include "fasttok/bindings/interrupt.h"
#include "fasttok/bindings/outputs.h"
#include "fasttok/bindings/pinyin.h"
#include "fasttok/bindings/py_tokenizer.h"
#include "fasttok/output/post_process.h"

namespace fasttok {
namespace {

TemplatePiece piece_from(const py::tuple& piece) {
  const auto kind = piece[0].cast<std::string>();
  const auto type_id = piece[1].cast<std::uint32_t>();
  if (kind == "A") return {TemplatePiece::Kind::kSequenceA, type_id};
  if (kind == "B") return {TemplatePiece::Kind::kSequenceB, type_id};
  return {TemplatePiece::Kind::kSpecial,
          type_id,
          {piece[2].cast<std::vector<std::uint32_t>>(), piece[3].cast<std::vector<std::string>>()}};
}

std::optional<Template> processor_from(const py::object& spec) {
  if (spec.is_none()) return std::nullopt;
  const auto parts = spec.cast<py::tuple>();
  using Special = std::pair<std::string, std::uint32_t>;
  const auto kind = parts[0].cast<std::string>();
  if (kind == "bert") return bert_processing(parts[1].cast<Special>(), parts[2].cast<Special>());
  if (kind == "roberta") {
    return roberta_processing(parts[1].cast<Special>(), parts[2].cast<Special>(), parts[3].cast<bool>(),
                              parts[4].cast<bool>());
  }
  if (kind == "byte_level") return byte_level_processing(parts[1].cast<bool>(), parts[2].cast<bool>());
  if (kind == "sequence") {
    std::vector<Template> steps;
    for (const auto step : parts[1])
      steps.push_back(processor_from(py::reinterpret_borrow<py::object>(step)).value());
    return sequence_processing(std::move(steps));
  }
  Template made;
  for (const auto piece : parts[1]) made.single.push_back(piece_from(piece.cast<py::tuple>()));
  for (const auto piece : parts[2]) made.pair.push_back(piece_from(piece.cast<py::tuple>()));
  return made;
}

std::unique_ptr<PyTokenizer> make_tokenizer(const Model& model, const py::object& normalizer,
                                            const py::object& pre_tokenizer, const py::object& post_processor,
                                            const py::object& decoder, const py::iterable& added_tokens,
                                            const std::string& engine) {
  Spec spec;
  spec.model = model;
  if (!normalizer.is_none()) spec.normalizer = normalizer.cast<const Normalizer&>();
  if (py::isinstance<PreTokenizer>(pre_tokenizer)) {
    spec.pre_tokenizer = pre_tokenizer.cast<const PreTokenizer&>();
  } else if (!pre_tokenizer.is_none()) {
    spec.pinyin = pinyin_costs_from(pre_tokenizer);
  }
  spec.post_processor = processor_from(post_processor);
  if (!decoder.is_none()) spec.decoder = decoder.cast<const Decoder&>();
  for (const auto item : added_tokens) {
    const auto entry = item.cast<py::tuple>();
    spec.added_tokens.push_back({.content = entry[0].cast<std::string>(),
                                 .id = entry[1].cast<std::uint32_t>(),
                                 .single_word = entry[2].cast<bool>(),
                                 .lstrip = entry[3].cast<bool>(),
                                 .rstrip = entry[4].cast<bool>(),
                                 .normalized = entry[5].cast<bool>(),
                                 .special = entry[6].cast<bool>()});
  }
  const auto choice = engine == "generic" ? EngineChoice::kGeneric : EngineChoice::kAuto;
  const GilReleased unlocked;
  return std::make_unique<PyTokenizer>(Tokenizer::compile(std::move(spec), choice));
}

std::optional<Truncation> truncation_from(const py::object& settings) {
  if (settings.is_none()) return std::nullopt;
  const auto parts = settings.cast<py::tuple>();
  Truncation truncation;
  truncation.max_length = parts[0].cast<std::size_t>();
  truncation.stride = parts[1].cast<std::size_t>();
  const auto strategy = parts[2].cast<std::string>();
  truncation.strategy = strategy == "only_first"    ? Truncation::Strategy::kOnlyFirst
                        : strategy == "only_second" ? Truncation::Strategy::kOnlySecond
                                                    : Truncation::Strategy::kLongestFirst;
  truncation.direction = parts[3].cast<std::string>() == "left" ? Direction::kLeft : Direction::kRight;
  return truncation;
}

std::optional<Padding> padding_from(const py::object& settings) {
  if (settings.is_none()) return std::nullopt;
  const auto parts = settings.cast<py::tuple>();
  Padding padding;
  padding.fixed_length = parts[0].cast<std::optional<std::size_t>>();
  padding.direction = parts[1].cast<std::string>() == "left" ? Direction::kLeft : Direction::kRight;
  padding.pad_to_multiple_of = parts[2].cast<std::optional<std::size_t>>();
  padding.pad_id = parts[3].cast<std::uint32_t>();
  padding.pad_type_id = parts[4].cast<std::uint32_t>();
  padding.pad_token = parts[5].cast<std::string>();
  return padding;
}

EncodeOptions options_from(const PyTokenizer& self, const py::object& add_special_tokens,
                           const py::object& truncation, const py::object& specials,
                           const py::object& num_threads) {
  EncodeOptions options;
  options.add_special_tokens = flag_from("add_special_tokens", add_special_tokens);
  options.truncation = truncation_from(truncation);
  options.threads = threads_from(num_threads);
  if (!py::isinstance<py::str>(specials)) {
    std::vector<bool> allowed;
    const auto names = specials.cast<std::vector<std::string>>();
    for (const AddedToken& token : self.core->added_tokens()) {
      allowed.push_back(!token.special ||
                        std::find(names.begin(), names.end(), token.content) != names.end());
    }
    options.allowed = std::move(allowed);
    return options;
  }
  const auto policy = specials.cast<std::string>();
  if (policy == "error") options.specials_are_errors = true;
  if (policy == "text") {
    std::vector<bool> allowed;
    for (const AddedToken& token : self.core->added_tokens()) allowed.push_back(!token.special);
    options.allowed = std::move(allowed);
  }
  return options;
}

RowInputs::Rules rules_from(const py::object& is_pretokenized, const py::object& surrogates,
                            bool accepts_bytes) {
  const auto is = [&](const char* value) {
    return PyUnicode_Check(surrogates.ptr()) &&
           PyUnicode_CompareWithASCIIString(surrogates.ptr(), value) == 0;
  };
  const bool replace = is("replace");
  if (!replace && !is("error")) {
    throw ValueError("surrogates is " + py::repr(surrogates).cast<std::string>() +
                     "; expected \"error\" or \"replace\"");
  }
  return {flag_from("is_pretokenized", is_pretokenized), replace, accepts_bytes};
}

// The result of work(), which encodes `inputs`: without the GIL, and to be ended by Ctrl-C, where there is
// much to do.
template <class Work>
auto run_core(const PyTokenizer& self, RowInputs& inputs, Work&& work) {
  try {
    // Python components are run by threads that must be able to take the GIL.
    if (!inputs.is_long() && !self.core->has_foreign_code()) {
      // Borrowed rows must not see the signal handlers of a call that this one is made in, by such a
      // component.
      const Interruption::Adopted none(nullptr);
      return work();
    }
    return inputs.borrows() ? with_gil_at_first([&] { inputs.hold(); }, work) : without_gil(work);
  } catch (const RowError& error) {
    inputs.rethrow(error);
  }
}

}  // namespace

RowInputs rows_to_read(const PyTokenizer& self, py::handle inputs, RowInputs::Rules rules) {
  // The generic engine may take long for little text.
  rules.may_borrow = !self.core->has_foreign_code() && !self.core->is_generic();
  return RowInputs::rows(inputs, rules);
}

Columns encode_columns(const PyTokenizer& self, RowInputs& inputs, const EncodeOptions& options) {
  return run_core(self, inputs, [&] { return self.core->encode(inputs.batch(), options); });
}

namespace {

std::shared_ptr<EncodedBatch> encode_shared(const PyTokenizer& self, RowInputs inputs, EncodeOptions options,
                                            const py::object& padding, bool fast) {
  auto batch = std::make_shared<EncodedBatch>(EncodedBatch{self.core, std::move(inputs), std::move(options),
                                                           fast, padding_from(padding), 0, Columns{}});
  batch->columns = encode_columns(self, batch->inputs, batch->options);
  self.ints.want(batch->columns.ids.size());
  if (batch->padding) {
    std::size_t longest = 0;
    const auto& offsets = batch->columns.row_offsets;
    for (std::size_t row = 0; row + 1 < offsets.size(); ++row) {
      longest = std::max(longest, static_cast<std::size_t>(offsets[row + 1] - offsets[row]));
    }
    batch->padded_length = batch->padding->target_length(longest);
  }
  return batch;
}

// The rows in full, windows included, for a model that would answer another time when asked again.
std::vector<EncodingData> encode_now(const PyTokenizer& self, const RowInputs& inputs,
                                     const EncodeOptions& options, const py::object& padding, bool fast) {
  const Batch& batch = inputs.batch();
  std::vector<EncodingData> rows;
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    try {
      rows.push_back(without_gil([&] { return self.core->encode_row(batch, row, options, fast, true); }));
    } catch (const Error&) {
      inputs.rethrow(RowError(row, std::current_exception()));
    }
  }
  if (const auto pad = padding_from(padding)) pad_encodings(rows, *pad);
  return rows;
}

py::object encoding_from(EncodingData data) {
  return py::cast(new Encoding(std::move(data)), py::return_value_policy::take_ownership);
}

py::object encode(const PyTokenizer& self, const py::object& sequence, const py::object& pair,
                  const py::object& is_pretokenized, const py::object& add_special_tokens,
                  const py::object& truncation, const py::object& padding, const py::object& specials,
                  const py::object& surrogates) {
  RowInputs inputs = RowInputs::single(sequence, pair, rules_from(is_pretokenized, surrogates, false));
  EncodeOptions options = options_from(self, add_special_tokens, truncation, specials, py::int_(1));
  if (self.core->answers_vary())
    return encoding_from(std::move(encode_now(self, inputs, options, padding, false)[0]));
  auto batch = encode_shared(self, std::move(inputs), std::move(options), padding, false);
  return py::reinterpret_steal<py::object>(make_encoding(std::move(batch), 0));
}

py::list encode_batch(const PyTokenizer& self, const py::object& inputs, const py::object& is_pretokenized,
                      const py::object& add_special_tokens, const py::object& truncation,
                      const py::object& padding, bool fast, const py::object& specials,
                      const py::object& surrogates, const py::object& num_threads) {
  RowInputs rows = RowInputs::rows(inputs, rules_from(is_pretokenized, surrogates, false));
  EncodeOptions options = options_from(self, add_special_tokens, truncation, specials, num_threads);
  if (self.core->answers_vary()) {
    py::list encodings;
    for (EncodingData& row : encode_now(self, rows, options, padding, fast)) {
      encodings.append(encoding_from(std::move(row)));
    }
    return encodings;
  }
  const std::shared_ptr<const EncodedBatch> batch =
      encode_shared(self, std::move(rows), std::move(options), padding, fast);
  py::list encodings(batch->inputs.batch().rows());
  for (std::size_t row = 0; row < encodings.size(); ++row) {
    check_signals(row, 4096);
    PyList_SET_ITEM(encodings.ptr(), static_cast<py::ssize_t>(row), make_encoding(batch, row));
  }
  return encodings;
}

py::tuple encode_batch_flat(const PyTokenizer& self, const py::object& inputs,
                            const py::object& is_pretokenized, const py::object& add_special_tokens,
                            const py::object& truncation, const py::object& offsets,
                            const py::object& type_ids, const py::object& word_ids,
                            const py::object& specials, const py::object& surrogates,
                            const py::object& num_threads) {
  EncodeOptions options = options_from(self, add_special_tokens, truncation, specials, num_threads);
  options.offsets = !offsets.is_none();
  options.byte_offsets = options.offsets && offsets.cast<std::string>() == "byte";
  options.type_ids = flag_from("type_ids", type_ids);
  options.word_ids = flag_from("word_ids", word_ids);
  RowInputs rows = rows_to_read(self, inputs, rules_from(is_pretokenized, surrogates, true));
  Columns columns = encode_columns(self, rows, options);
  const auto tokens = static_cast<py::ssize_t>(columns.ids.size());
  const auto ends = static_cast<py::ssize_t>(columns.row_offsets.size());
  py::object spans = py::none(), types = py::none(), words = py::none();
  if (options.offsets) {
    static_assert(sizeof(CharSpan) == 2 * sizeof(std::uint32_t));
    spans = to_array<std::uint32_t>(std::move(columns.offsets), {tokens, 2}, false);
  }
  if (options.type_ids) types = to_array<std::uint32_t>(std::move(columns.type_ids), {tokens}, false);
  if (options.word_ids) words = to_array<std::int32_t>(std::move(columns.word_ids), {tokens}, false);
  return py::make_tuple(to_array<std::uint32_t>(std::move(columns.ids), {tokens}, false),
                        to_array<std::int64_t>(std::move(columns.row_offsets), {ends}, false), spans, types,
                        words);
}

py::tuple encode_lists(const PyTokenizer& self, const py::object& inputs, const py::object& is_pretokenized,
                       const py::object& add_special_tokens, const py::object& truncation,
                       const py::object& specials, const py::object& surrogates,
                       const py::object& num_threads) {
  const EncodeOptions options = options_from(self, add_special_tokens, truncation, specials, num_threads);
  RowInputs rows = rows_to_read(self, inputs, rules_from(is_pretokenized, surrogates, false));
  const Columns columns = encode_columns(self, rows, options);
  std::int64_t longest = 0;
  for (std::size_t row = 1; row < columns.row_offsets.size(); ++row) {
    longest = std::max(longest, columns.row_offsets[row] - columns.row_offsets[row - 1]);
  }
  const std::span<const std::uint32_t> ids{columns.ids.data(), columns.ids.size()};
  return py::make_tuple(to_lists(ids, {columns.row_offsets.data(), columns.row_offsets.size()}, self.ints),
                        longest);
}

py::tuple encode_padded(const PyTokenizer& self, const py::object& inputs, const py::object& is_pretokenized,
                        const py::object& add_special_tokens, const py::object& truncation,
                        std::optional<std::size_t> length, std::optional<std::size_t> pad_to_multiple_of,
                        std::int64_t pad_id, std::int64_t pad_type_id, const std::string& side,
                        bool want_type_ids, bool want_mask, const py::object& specials,
                        const py::object& surrogates, const py::object& num_threads) {
  const EncodeOptions options = options_from(self, add_special_tokens, truncation, specials, num_threads);
  RowInputs rows = rows_to_read(self, inputs, rules_from(is_pretokenized, surrogates, false));
  const PadRules rules{.length = length,
                       .pad_to_multiple_of = pad_to_multiple_of,
                       .pad_id = pad_id,
                       .pad_type_id = pad_type_id,
                       .left = side == "left",
                       .type_ids = want_type_ids,
                       .mask = want_mask};
  PaddedColumns padded =
      run_core(self, rows, [&] { return self.core->rows().encode_padded(rows.batch(), options, rules); });
  const auto height = static_cast<py::ssize_t>(padded.rows), width = static_cast<py::ssize_t>(padded.width);
  const auto matrix = [&](bool wanted, Buffer<std::int64_t>& values) -> py::object {
    if (!wanted) return py::none();
    return to_array<std::int64_t>(std::move(values), {height, width}, true);
  };
  return py::make_tuple(matrix(true, padded.ids), matrix(want_type_ids, padded.type_ids),
                        matrix(want_mask, padded.mask));
}

py::array count_batch(const PyTokenizer& self, const py::object& inputs, const py::object& is_pretokenized,
                      const py::object& add_special_tokens, const py::object& specials,
                      const py::object& surrogates, const py::object& num_threads) {
  const EncodeOptions options = options_from(self, add_special_tokens, py::none(), specials, num_threads);
  RowInputs rows = rows_to_read(self, inputs, rules_from(is_pretokenized, surrogates, true));
  Buffer<std::int64_t> counts =
      run_core(self, rows, [&] { return self.core->rows().count(rows.batch(), options); });
  const auto n = static_cast<py::ssize_t>(counts.size());
  return to_array<std::int64_t>(std::move(counts), {n}, true);
}

std::int64_t count(const PyTokenizer& self, const py::object& text, const py::object& add_special_tokens,
                   const py::object& specials, const py::object& surrogates) {
  RowInputs row = RowInputs::single(text, py::none(), rules_from(py::bool_(false), surrogates, true));
  const EncodeOptions options = options_from(self, add_special_tokens, py::none(), specials, py::int_(1));
  return run_core(self, row, [&] { return self.core->rows().count(row.batch(), options)[0]; });
}

bool fits(const PyTokenizer& self, const py::object& text, Unsigned max_tokens,
          const py::object& add_special_tokens, const py::object& specials, const py::object& surrogates) {
  RowInputs row = RowInputs::single(text, py::none(), rules_from(py::bool_(false), surrogates, true));
  const EncodeOptions options = options_from(self, add_special_tokens, py::none(), specials, py::int_(1));
  return run_core(self, row,
                  [&] { return self.core->rows().fits(row.batch(), 0, max_tokens.value, options); });
}

Encoding* post_process_encodings(const PyTokenizer& self, const Encoding& first, const py::object& pair,
                                 const py::object& add_special_tokens, const py::object& truncation,
                                 const py::object& padding) {
  std::optional<EncodingData> second;
  if (!pair.is_none()) second = pair.cast<const Encoding&>().full();
  const auto cut = truncation_from(truncation);
  const auto fill = padding_from(padding);
  return new Encoding(post_process(first.full(), std::move(second), self.core->processor(),
                                   cut ? &*cut : nullptr, fill ? &*fill : nullptr,
                                   flag_from("add_special_tokens", add_special_tokens)));
}

py::str decode(const PyTokenizer& self, const py::iterable& ids, const py::object& skip_special_tokens,
               const py::object& cjk_spacing) {
  const bool skip = flag_from("skip_special_tokens", skip_special_tokens);
  const bool spacing = flag_from("cjk_spacing", cjk_spacing);
  std::vector<std::uint32_t> values;
  for (const auto id : ids) {
    const std::size_t value = unsigned_from(id).value;
    if (value > 0xFFFFFFFFu) {
      PyErr_SetString(PyExc_OverflowError, "out of range integral type conversion attempted");
      throw py::error_already_set();
    }
    values.push_back(static_cast<std::uint32_t>(value));
  }
  std::string text = self.core->decode(values, skip);
  return py::str(spacing ? text : without_cjk_spacing(text));
}

py::list decode_batch(const PyTokenizer& self, const py::iterable& sequences,
                      const py::object& skip_special_tokens, const py::object& cjk_spacing) {
  py::list texts;
  for (const auto ids : sequences) {
    check_signals(texts.size(), 1024);
    texts.append(decode(self, ids.cast<py::iterable>(), skip_special_tokens, cjk_spacing));
  }
  return texts;
}

std::optional<std::uint32_t> find_id(const PyTokenizer& self, const std::string& token) {
  return self.core->token_to_id(token);
}

std::optional<std::string> find_token(const PyTokenizer& self, Unsigned id) {
  if (id.value > 0xFFFFFFFFu) return std::nullopt;
  const auto token = self.core->id_to_token(static_cast<std::uint32_t>(id.value));
  if (!token) return std::nullopt;
  return std::string(*token);
}

}  // namespace

void register_tokenizer(py::module_& module) {
  using py::arg;
  py::class_<PyTokenizer>(module, "Tokenizer", py::is_final())
      .def(py::init(&make_tokenizer), arg("model"), arg("normalizer"), arg("pre_tokenizer"),
           arg("post_processor"), arg("decoder"), arg("added_tokens"), arg("engine"))
      .def_property_readonly("engine",
                             [](const PyTokenizer& self) { return std::string(self.core->engine()); })
      .def("encode", &encode, arg("sequence"), arg("pair") = py::none(), py::kw_only(),
           arg("is_pretokenized"), arg("add_special_tokens"), arg("truncation"), arg("padding"),
           arg("specials"), arg("surrogates"))
      .def("encode_batch", &encode_batch, arg("inputs"), py::kw_only(), arg("is_pretokenized"),
           arg("add_special_tokens"), arg("truncation"), arg("padding"), arg("fast"), arg("specials"),
           arg("surrogates"), arg("num_threads"))
      .def("encode_batch_flat", &encode_batch_flat, arg("inputs"), arg("is_pretokenized"),
           arg("add_special_tokens"), arg("truncation"), arg("offsets"), arg("type_ids"), arg("word_ids"),
           arg("specials"), arg("surrogates"), arg("num_threads"))
      .def("encode_lists", &encode_lists, arg("inputs"), py::kw_only(), arg("is_pretokenized"),
           arg("add_special_tokens"), arg("truncation"), arg("specials"), arg("surrogates"),
           arg("num_threads"))
      .def(
          "lists_of",
          [](const PyTokenizer& self, const py::array_t<std::uint32_t, py::array::c_style>& ids,
             const py::array_t<std::int64_t, py::array::c_style>& row_offsets) {
            if (ids.ndim() != 1 || row_offsets.ndim() != 1)
              throw ValueError("expected arrays of one dimension");
            return to_lists({ids.data(), static_cast<std::size_t>(ids.size())},
                            {row_offsets.data(), static_cast<std::size_t>(row_offsets.size())}, self.ints);
          },
          arg("ids"), arg("row_offsets"))
      .def(
          "lists_of_matrix",
          [](const PyTokenizer& self, const py::array_t<std::int64_t, py::array::c_style>& matrix) {
            return lists_of_matrix(matrix, self.ints);
          },
          arg("matrix"))
      .def("encode_padded", &encode_padded, arg("inputs"), py::kw_only(), arg("is_pretokenized"),
           arg("add_special_tokens"), arg("truncation"), arg("length"), arg("pad_to_multiple_of"),
           arg("pad_id"), arg("pad_type_id"), arg("side"), arg("want_type_ids"), arg("want_mask"),
           arg("specials"), arg("surrogates"), arg("num_threads"))
      .def("count", &count, arg("text"), py::kw_only(), arg("add_special_tokens"), arg("specials"),
           arg("surrogates"))
      .def("count_batch", &count_batch, arg("inputs"), py::kw_only(), arg("is_pretokenized"),
           arg("add_special_tokens"), arg("specials"), arg("surrogates"), arg("num_threads"))
      .def("fits", &fits, arg("text"), arg("max_tokens"), py::kw_only(), arg("add_special_tokens"),
           arg("specials"), arg("surrogates"))
      .def("post_process", &post_process_encodings, arg("encoding"), arg("pair"), py::kw_only(),
           arg("add_special_tokens"), arg("truncation"), arg("padding"),
           py::return_value_policy::take_ownership)
      .def("decode", &decode, arg("ids"), py::kw_only(), arg("skip_special_tokens"), arg("cjk_spacing"))
      .def("decode_batch", &decode_batch, arg("sequences"), py::kw_only(), arg("skip_special_tokens"),
           arg("cjk_spacing"))
      .def(
          "type_ids_are_zero",
          [](const PyTokenizer& self, const py::object& given) {
            const bool add_special_tokens = flag_from("add_special_tokens", given);
            const Template* processor = self.core->processor();
            return !processor ||
                   std::ranges::all_of(processor->pieces(false, add_special_tokens),
                                       [](const TemplatePiece& piece) { return piece.type_id == 0; });
          },
          py::kw_only(), arg("add_special_tokens"))
      .def("token_to_id", &find_id, arg("token"))
      .def("id_to_token", &find_token, arg("id"))
      .def(
          "num_special_tokens_to_add",
          [](const PyTokenizer& self, bool is_pair) {
            return self.core->processor() ? self.core->processor()->added_tokens(is_pair) : 0;
          },
          arg("is_pair"));
}

}  // namespace fasttok
