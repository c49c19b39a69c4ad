#include "fasttok/pipeline/batch.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <string>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/thread_pool.h"
#include "fasttok/output/post_process.h"
#include "fasttok/pipeline/grains.h"
#include "fasttok/simd/kernels.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

// Values of matrices that are worth a second thread.
constexpr std::size_t kWorthSharing = 32 * 1024;

// Rows whose text is fetched while another is encoded.
constexpr std::size_t kRowsAhead = 3;

// Rows that are encoded before the next step is done with all of them.
constexpr std::size_t kRowsAtATime = 64;

constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

// The range of `size` tokens that stays when `keep` may.
std::pair<std::size_t, std::size_t> kept_range(std::size_t size, std::size_t keep,
                                               const Truncation& truncation) {
  if (size <= keep) return {0, size};
  if (keep > 0) check_stride(keep, truncation.stride);
  return truncation.direction == Direction::kRight ? std::pair{std::size_t{0}, keep}
                                                   : std::pair{size - keep, size};
}

// Turns the spans of the tokens from `begin` on from characters into bytes of UTF-8.
void to_byte_spans(std::span<const TextView> texts, bool pretokenized, std::size_t begin,
                   TokenColumns& columns) {
  std::vector<std::uint32_t> bytes;  // before each character
  std::size_t text = texts.size();   // whose they are
  for (std::size_t i = begin; i < columns.ids.size(); ++i) {
    const std::size_t of = pretokenized ? static_cast<std::size_t>(columns.words[i]) : 0;
    if (of != text) {
      text = of;
      bytes.assign(1, 0);
      for (std::size_t at = 0; !texts[of].ascii && at < texts[of].length; ++at) {
        bytes.push_back(bytes.back() + static_cast<std::uint32_t>(utf8_size(texts[of].at(at))));
      }
    }
    if (texts[of].ascii) continue;
    const auto byte_at = [&](std::size_t at) { return bytes[std::min(at, bytes.size() - 1)]; };  // see Bpe
    columns.spans[i] = {byte_at(columns.spans[i].begin), byte_at(columns.spans[i].end)};
  }
}

}  // namespace

Extent Batch::extent(bool with_marks) const {
  constexpr std::size_t kStep = Extent::kRowsOfMark;
  Extent extent{.rows = rows()};
  if (with_marks) extent.marks.resize(extent.rows / kStep + 1);
  std::size_t bytes = 0, tokens = 4 * extent.rows, longest = 0;
  const auto add = [&](const TextView& text) {
    tokens += text.kind == 1 ? text.length / 4 : text.length;
    return text.length * text.kind;
  };
  const auto add_rows = [&](const auto& add_row) {
    for (std::size_t row = 0; row < extent.rows; ++row) {
      if (with_marks && row % kStep == 0) extent.marks[row / kStep] = bytes;
      const std::size_t size = kBytesOfRow + add_row(row);
      bytes += size;
      longest = std::max(longest, size);
    }
  };
  if (shapes.empty()) {
    add_rows([&](std::size_t row) { return add(texts[row]); });
  } else {
    add_rows([&](std::size_t row) {
      std::size_t size = 0;
      for (const TextView& text : first(row)) size += add(text);
      for (const TextView& text : second(row)) size += add(text);
      return size;
    });
  }
  if (with_marks && extent.rows % kStep == 0) extent.marks[extent.rows / kStep] = bytes;
  extent.bytes = bytes;
  extent.longest = longest;
  extent.tokens = tokens;
  return extent;
}

// What one thread writes.
struct RowEncoder::Worker {
  TokenColumns out;
  Buffer<std::uint32_t> types;  // as long as out.ids where type ids are wanted
  TokenColumns first, second;   // sequences of a row that cannot be written in place
  Buffer<std::int64_t> ends;    // of rows that are looked at and dropped
  // After rows that the engine did not take together, the next few are not offered either.
  std::size_t rows_apart = 0, refusals = 0;
  std::size_t next_row = kUnlimited;  // behind the last one that was encoded
  [[maybe_unused]] char apart[128];   // so that no two threads write to one line, nor to its neighbour

  void clear() {
    out.set_size(0);
    types.clear();
  }
};

RowEncoder::RowEncoder(const Engine& engine, const Template* processor)
    : engine_(engine), processor_(processor) {
  if (!processor_) {
    simple_ = true;
    return;
  }
  for (const bool is_pair : {false, true}) {
    for (const bool add : {false, true}) pieces_[is_pair][add] = processor_->pieces(is_pair, add);
  }
  std::size_t sequences = 0;
  for (const TemplatePiece& piece : pieces_[false][true]) {
    if (piece.kind == TemplatePiece::Kind::kSpecial) {
      auto& ids = sequences ? behind_ : before_;
      auto& types = sequences ? behind_types_ : before_types_;
      ids.insert(ids.end(), piece.special.ids.begin(), piece.special.ids.end());
      types.insert(types.end(), piece.special.ids.size(), piece.type_id);
    } else {
      ++sequences;
      type_ = piece.type_id;
      simple_ = piece.kind == TemplatePiece::Kind::kSequenceA;
    }
  }
  const auto& bare = pieces_[false][false];
  simple_ = simple_ && sequences == 1 && bare.size() == 1 && bare[0].type_id == type_ &&
            bare[0].kind == TemplatePiece::Kind::kSequenceA;
}

void RowEncoder::append_row(const Batch& batch, std::size_t row, const EncodeOptions& options,
                            Worker& worker) const {
  if (simple_ && !batch.is_pair(row))
    append_single(batch, row, options, worker);
  else
    append_general(batch, row, options, worker);
}

void RowEncoder::append_single(const Batch& batch, std::size_t row, const EncodeOptions& options,
                               Worker& worker) const {
  TokenColumns& out = worker.out;
  const std::size_t before = options.add_special_tokens ? before_.size() : 0;
  const std::size_t behind = options.add_special_tokens ? behind_.size() : 0;
  const std::size_t start = out.ids.size();

  auto write_specials = [&](const std::vector<std::uint32_t>& ids, std::size_t count) {
    const std::size_t at = out.ids.size();
    out.make_room(count);
    out.set_size(at + count);
    for (std::size_t i = 0; i < count; ++i) {
      out.ids[at + i] = ids[i];
      if (!out.details) continue;
      out.spans[at + i] = {0, 0};
      out.words[at + i] = -1;
    }
  };
  write_specials(before_, before);

  SequenceRequest request;
  request.texts = batch.first(row);
  request.pretokenized = batch.pretokenized;
  request.allowed = options.allowed ? &*options.allowed : nullptr;
  request.specials_are_errors = options.specials_are_errors;
  std::size_t length = kUnlimited;
  if (options.truncation) {
    length = length_for_sequences(*options.truncation, processor_, false, options.add_special_tokens);
    // One token more tells a row that is cut from one that just fits.
    if (options.truncation->direction == Direction::kRight && length != kUnlimited)
      request.max_tokens = length + 1;
  }
  const std::size_t begin = start + before;
  engine_.encode(request, out);
  if (options.byte_offsets) to_byte_spans(request.texts, request.pretokenized, begin, out);
  if (const std::size_t size = out.ids.size() - begin; size > length) {
    const std::size_t keep =
        truncated_lengths(size, std::nullopt, length, options.truncation->strategy).first;
    const auto [from, to] = kept_range(size, keep, *options.truncation);
    if (from > 0) {
      std::memmove(&out.ids[begin], &out.ids[begin + from], (to - from) * sizeof(out.ids[0]));
      if (out.details) {
        std::memmove(&out.spans[begin], &out.spans[begin + from], (to - from) * sizeof(out.spans[0]));
        std::memmove(&out.words[begin], &out.words[begin + from], (to - from) * sizeof(out.words[0]));
      }
    }
    out.set_size(begin + (to - from));
  }
  write_specials(behind_, behind);
  if (options.type_ids) {
    const std::size_t end = out.ids.size();
    worker.types.resize(end);
    std::copy_n(before_types_.begin(), before, worker.types.data() + start);
    std::fill(worker.types.data() + begin, worker.types.data() + end - behind, type_);
    std::copy_n(behind_types_.begin(), behind, worker.types.data() + end - behind);
  }
}

void RowEncoder::append_general(const Batch& batch, std::size_t row, const EncodeOptions& options,
                                Worker& worker) const {
  const bool is_pair = batch.is_pair(row);
  std::size_t length = kUnlimited;
  SequenceRequest request;
  request.pretokenized = batch.pretokenized;
  request.allowed = options.allowed ? &*options.allowed : nullptr;
  request.specials_are_errors = options.specials_are_errors;
  if (options.truncation) {
    length = length_for_sequences(*options.truncation, processor_, is_pair, options.add_special_tokens);
    if (options.truncation->direction == Direction::kRight && length != kUnlimited)
      request.max_tokens = length + 1;
  }
  auto encode = [&](std::span<const TextView> texts, TokenColumns& columns) {
    columns.details = worker.out.details;
    columns.set_size(0);
    request.texts = texts;
    engine_.encode(request, columns);
    if (options.byte_offsets) to_byte_spans(texts, request.pretokenized, 0, columns);
  };
  encode(batch.first(row), worker.first);
  if (is_pair) encode(batch.second(row), worker.second);
  std::pair<std::size_t, std::size_t> ranges[2] = {{0, worker.first.ids.size()},
                                                   {0, worker.second.ids.size()}};
  if (!is_pair) ranges[1].second = 0;
  if (ranges[0].second + ranges[1].second > length) {
    const Truncation& truncation = *options.truncation;
    // Where both are longer than all that may stay, half of each stays; the odd token goes to the longer one,
    // so their lengths must be known.
    if (is_pair && truncation.strategy == Truncation::Strategy::kLongestFirst && length % 2 == 1 &&
        request.max_tokens != kUnlimited && ranges[0].second > length && ranges[1].second > length) {
      request.max_tokens = kUnlimited;
      encode(batch.first(row), worker.first);
      encode(batch.second(row), worker.second);
      ranges[0].second = worker.first.ids.size();
      ranges[1].second = worker.second.ids.size();
    }
    const auto kept =
        truncated_lengths(ranges[0].second, is_pair ? std::optional(ranges[1].second) : std::nullopt, length,
                          truncation.strategy);
    ranges[0] = kept_range(ranges[0].second, kept.first, truncation);
    ranges[1] = kept_range(ranges[1].second, kept.second, truncation);
  }

  TokenColumns& out = worker.out;
  auto write_sequence = [&](std::size_t which, std::uint32_t type) {
    const TokenColumns& from = which == 0 ? worker.first : worker.second;
    const auto [begin, end] = ranges[which];
    const std::size_t at = out.ids.size();
    const std::size_t n = end - begin;
    out.make_room(n);
    out.set_size(at + n);
    std::copy_n(from.ids.data() + begin, n, out.ids.data() + at);
    if (out.details) {
      std::copy_n(from.spans.data() + begin, n, out.spans.data() + at);
      std::copy_n(from.words.data() + begin, n, out.words.data() + at);
    }
    if (options.type_ids) {
      worker.types.resize(at + n);
      std::fill_n(worker.types.data() + at, n, type);
    }
  };
  if (!processor_) {
    write_sequence(0, 0);
    if (is_pair) write_sequence(1, 1);
    return;
  }
  for (const TemplatePiece& piece : pieces_[is_pair][options.add_special_tokens]) {
    if (piece.kind != TemplatePiece::Kind::kSpecial) {
      check_piece(piece, is_pair);
      write_sequence(piece.kind == TemplatePiece::Kind::kSequenceB, piece.type_id);
      continue;
    }
    for (const std::uint32_t id : piece.special.ids) {
      const std::size_t at = out.ids.size();
      out.make_room(1);
      out.set_size(at + 1);
      out.ids[at] = id;
      if (out.details) {
        out.spans[at] = {0, 0};
        out.words[at] = -1;
      }
      if (options.type_ids) worker.types.push_back(piece.type_id);
    }
  }
}

// Appends the first rows of [first, last), at least one, and writes the end of each in the worker's columns
// to `ends`. Returns their number. What it throws is of the first row.
std::size_t RowEncoder::append_rows(const Batch& batch, std::size_t first, std::size_t last,
                                    const EncodeOptions& options, Worker& worker, std::int64_t* ends) const {
  const std::size_t begin = worker.out.ids.size();
  for (std::size_t k = 0; first != worker.next_row && k < kRowsAhead; ++k) batch.prefetch(first + k);
  // Cutting must not fail, for which row it is would not be known, and rows are not read far beyond the cut.
  const bool cuts = options.truncation.has_value();
  if (simple_ && batch.shapes.empty() && !batch.pretokenized &&
      (batch.texts[first].ascii || worker.rows_apart == 0) &&
      (!cuts || (options.truncation->stride == 0 &&
                 options.truncation->strategy != Truncation::Strategy::kOnlySecond))) {
    const RowFrame frame = options.add_special_tokens ? RowFrame{before_, behind_} : RowFrame{};
    const std::size_t length =
        cuts ? length_for_sequences(*options.truncation, processor_, false, options.add_special_tokens)
             : kUnlimited;
    const std::size_t max_length = length < kUnlimited / 16 ? 8 * length + 64 : kUnlimited;
    const std::size_t count =
        engine_.encode_rows({&batch.texts[first], last - first}, frame, max_length, worker.out, ends);
    if (count > 0) {
      if (cuts) cut_rows(begin, count, options, worker, ends);
      if (options.type_ids) write_types(begin, count, options, worker, ends);
      worker.refusals = 0;
      worker.next_row = first + count;
      return count;
    }
    worker.rows_apart = std::size_t{1} << std::min<std::size_t>(worker.refusals++, 6);
  }
  if (worker.rows_apart > 0) --worker.rows_apart;
  batch.prefetch(first + kRowsAhead);
  append_row(batch, first, options, worker);
  *ends = static_cast<std::int64_t>(worker.out.ids.size());
  worker.next_row = first + 1;
  return 1;
}

// The ends of the first rows of [first, last), at least one, which are all that is in the worker's columns.
std::span<const std::int64_t> RowEncoder::append_and_drop(const Batch& batch, std::size_t first,
                                                          std::size_t last, const EncodeOptions& options,
                                                          Worker& worker) const {
  worker.clear();
  worker.ends.resize(std::min(last - first, kRowsAtATime));
  const std::size_t count =
      append_rows(batch, first, first + worker.ends.size(), options, worker, worker.ends.data());
  return {worker.ends.data(), count};
}

// Cuts `count` rows, which begin at token `begin` of the columns.
void RowEncoder::cut_rows(std::size_t begin, std::size_t count, const EncodeOptions& options, Worker& worker,
                          std::int64_t* ends) const {
  const std::size_t before = options.add_special_tokens ? before_.size() : 0;
  const std::size_t behind = options.add_special_tokens ? behind_.size() : 0;
  const std::size_t length =
      length_for_sequences(*options.truncation, processor_, false, options.add_special_tokens);
  TokenColumns& out = worker.out;
  std::size_t to = begin;
  auto move = [&](std::size_t from, std::size_t n) {
    if (from != to) {
      std::memmove(&out.ids[to], &out.ids[from], n * sizeof(out.ids[0]));
      if (out.details) {
        std::memmove(&out.spans[to], &out.spans[from], n * sizeof(out.spans[0]));
        std::memmove(&out.words[to], &out.words[from], n * sizeof(out.words[0]));
      }
    }
    to += n;
  };
  for (std::size_t row = 0; row < count; ++row) {
    const auto end = static_cast<std::size_t>(ends[row]);
    const std::size_t size = end - begin - before - behind;
    const std::size_t keep =
        size > length ? truncated_lengths(size, std::nullopt, length, options.truncation->strategy).first
                      : size;
    const auto [kept, kept_end] = kept_range(size, keep, *options.truncation);
    move(begin, before);
    move(begin + before + kept, kept_end - kept);
    move(end - behind, behind);
    ends[row] = static_cast<std::int64_t>(to);
    begin = end;
  }
  out.set_size(to);
}

// The type ids of `count` rows, which begin at token `begin` of the columns.
void RowEncoder::write_types(std::size_t begin, std::size_t count, const EncodeOptions& options,
                             Worker& worker, const std::int64_t* ends) const {
  const std::size_t before = options.add_special_tokens ? before_.size() : 0;
  const std::size_t behind = options.add_special_tokens ? behind_.size() : 0;
  worker.types.resize(worker.out.ids.size());
  std::uint32_t* const types = worker.types.data();
  std::fill(types + begin, types + worker.types.size(), type_);
  for (std::size_t row = 0; row < count; ++row) {
    const auto end = static_cast<std::size_t>(ends[row]);
    std::copy_n(before_types_.begin(), before, types + begin);
    std::copy_n(behind_types_.begin(), behind, types + end - behind);
    begin = end;
  }
}

Columns RowEncoder::encode(const Batch& batch, const EncodeOptions& options) const {
  Extent extent = batch.extent(options.threads > 1);
  if (std::optional<Columns> columns = encode_cut(batch, extent, options)) return *std::move(columns);
  const std::size_t tokens = extent.tokens;
  Shares shares(batch, std::move(extent), options.threads, true);
  Assembly assembly(shares.regions());
  const std::function<void()> wait = [&] { assembly.wait_until_placed(); };
  std::vector<Worker> workers(shares.workers());
  for (Worker& worker : workers) worker.out.details = options.offsets || options.word_ids;
  Worker& first = workers[0];  // whose columns become the result
  if (!options.truncation) {
    // Growing is rare then.
    for (Worker& worker : workers)
      worker.out.make_room(&worker == &first ? 64 + tokens : 64 + tokens / shares.regions());
  }
  first.out.wait_before_moving(&wait);
  first.types.wait_before_moving(&wait);

  Columns columns;
  columns.row_offsets.resize(batch.rows() + 1);
  columns.row_offsets[0] = 0;
  std::int64_t* ends = columns.row_offsets.data() + 1;
  share_rows(
      shares, workers, assembly,
      [&](Worker& worker, std::size_t& row, std::size_t last) {
        row += append_rows(batch, row, last, options, worker, ends + row);  // in the worker's columns
      },
      [&](std::size_t size) {
        first.out.make_room(size - first.out.ids.size());
        first.out.set_size(size);
        if (options.type_ids) first.types.resize(size);
      },
      [&](const Worker& worker, const Grain& grain) {
        const std::size_t n = grain.end - grain.begin;
        std::copy_n(worker.out.ids.data() + grain.begin, n, first.out.ids.data() + grain.place);
        if (worker.out.details) {
          std::copy_n(worker.out.spans.data() + grain.begin, n, first.out.spans.data() + grain.place);
          std::copy_n(worker.out.words.data() + grain.begin, n, first.out.words.data() + grain.place);
        }
        if (options.type_ids)
          std::copy_n(worker.types.data() + grain.begin, n, first.types.data() + grain.place);
        const auto shift = static_cast<std::int64_t>(grain.place) - static_cast<std::int64_t>(grain.begin);
        for (std::size_t row = grain.first_row; row < grain.last_row; ++row) ends[row] += shift;
      });
  check_interrupt();
  first.out.wait_before_moving(nullptr);
  first.types.wait_before_moving(nullptr);
  columns.ids = std::move(first.out.ids);
  columns.ids.shrink();
  if (options.offsets) columns.offsets = std::move(first.out.spans);
  columns.offsets.shrink();
  if (options.word_ids) columns.word_ids = std::move(first.out.words);
  columns.word_ids.shrink();
  columns.type_ids = std::move(first.types);
  columns.type_ids.shrink();
  return columns;
}

Columns RowEncoder::encode_row(const Batch& batch, std::size_t row, const EncodeOptions& options) const {
  Worker worker;
  worker.out.details = options.offsets || options.word_ids;
  try {
    append_row(batch, row, options, worker);
  } catch (...) {
    throw RowError(row, std::current_exception());
  }
  Columns columns;
  columns.ids = std::move(worker.out.ids);
  columns.offsets = std::move(worker.out.spans);
  columns.word_ids = std::move(worker.out.words);
  columns.type_ids = std::move(worker.types);
  columns.row_offsets.push_back(0);
  columns.row_offsets.push_back(static_cast<std::int64_t>(columns.ids.size()));
  return columns;
}

std::span<const std::uint32_t> RowEncoder::ids_of(const TextView& text, bool add_special_tokens) const {
  // One object: where a thread has its own is asked for once.
  struct Row {
    Worker worker;
    Batch batch;
    EncodeOptions options;
  };
  thread_local Row own;
  Row& row = own;
  row.worker.out.set_size(0);
  // What is asked for a call around this one may run another one, which writes to the same row.
  const Interruption::Adopted none(nullptr);
  row.batch.texts.assign(1, text);
  row.options.add_special_tokens = add_special_tokens;
  try {
    append_row(row.batch, 0, row.options, row.worker);
  } catch (...) {
    throw RowError(0, std::current_exception());
  }
  return {row.worker.out.ids.data(), row.worker.out.ids.size()};
}

namespace {

// Writes one row of each matrix.
void write_padded(const std::uint32_t* ids, const std::uint32_t* type_ids, std::size_t count, std::size_t row,
                  const PadRules& rules, PaddedColumns& padded) {
  const std::size_t width = padded.width;
  if (count > width) {
    throw ValueError("a row has " + std::to_string(count) + " tokens, more than the length " +
                     std::to_string(width) + " to pad to; truncation cuts it");
  }
  const std::size_t text = row * width + (rules.left ? width - count : 0);
  const std::size_t fill = row * width + (rules.left ? 0 : count);
  const Kernels& vector = kernels();
  vector.widen(ids, count, padded.ids.data() + text);
  vector.fill(rules.pad_id, width - count, padded.ids.data() + fill);
  if (rules.type_ids) {
    vector.widen(type_ids, count, padded.type_ids.data() + text);
    vector.fill(rules.pad_type_id, width - count, padded.type_ids.data() + fill);
  }
  if (rules.mask) {
    vector.fill(1, count, padded.mask.data() + text);
    vector.fill(0, width - count, padded.mask.data() + fill);
  }
}

}  // namespace

PaddedColumns RowEncoder::encode_padded(const Batch& batch, const EncodeOptions& given,
                                        const PadRules& rules) const {
  EncodeOptions options = given;
  options.type_ids = rules.type_ids;
  PaddedColumns padded;
  padded.rows = batch.rows();
  Padding padding;
  padding.fixed_length = rules.length;
  padding.pad_to_multiple_of = rules.pad_to_multiple_of;
  auto make_matrices = [&](std::size_t longest) {
    padded.width = padding.target_length(longest);
    if (padded.width > 0 && padded.rows > kUnlimited / padded.width) throw std::bad_alloc();
    padded.ids.resize(padded.rows * padded.width);
    if (rules.type_ids) padded.type_ids.resize(padded.rows * padded.width);
    if (rules.mask) padded.mask.resize(padded.rows * padded.width);
  };

  if (rules.length) {
    // The width is known, so each row goes to its place while it is at hand.
    make_matrices(0);
    Shares shares(batch, batch.extent(options.threads > 1), options.threads, false);
    std::vector<Worker> workers(shares.workers());
    share_rows(shares, workers, [&](Worker& worker, std::size_t& row, std::size_t last) {
      std::size_t begin = 0;
      for (const std::int64_t end : append_and_drop(batch, row, last, options, worker)) {
        const std::size_t size = static_cast<std::size_t>(end) - begin;
        const std::uint32_t* types = rules.type_ids ? worker.types.data() + begin : nullptr;
        write_padded(worker.out.ids.data() + begin, types, size, row, rules, padded);
        begin += size;
        ++row;
      }
    });
    return padded;
  }

  const Columns columns = encode(batch, options);
  std::size_t longest = 0;
  for (std::size_t row = 0; row < padded.rows; ++row) {
    longest =
        std::max(longest, static_cast<std::size_t>(columns.row_offsets[row + 1] - columns.row_offsets[row]));
  }
  make_matrices(longest);
  const bool share = options.threads > 1 && padded.rows * padded.width >= kWorthSharing;
  std::atomic<std::size_t> next{0};
  run_parallel(share ? options.threads : 1, [&](unsigned) {
    for (std::size_t first;
         (first = next.fetch_add(kRowsAtATime, std::memory_order_relaxed)) < padded.rows;) {
      if (interrupt_requested()) return;
      for (std::size_t row = first; row < std::min(padded.rows, first + kRowsAtATime); ++row) {
        const auto begin = static_cast<std::size_t>(columns.row_offsets[row]);
        write_padded(columns.ids.data() + begin, rules.type_ids ? columns.type_ids.data() + begin : nullptr,
                     static_cast<std::size_t>(columns.row_offsets[row + 1]) - begin, row, rules, padded);
      }
    }
  });
  check_interrupt();
  return padded;
}

Buffer<std::int64_t> RowEncoder::count(const Batch& batch, const EncodeOptions& options) const {
  Buffer<std::int64_t> counts(batch.rows());
  Shares shares(batch, batch.extent(options.threads > 1), options.threads, false);
  std::vector<Worker> workers(shares.workers());
  share_rows(shares, workers, [&](Worker& worker, std::size_t& row, std::size_t last) {
    std::int64_t begin = 0;
    for (const std::int64_t end : append_and_drop(batch, row, last, options, worker)) {
      counts[row++] = end - begin;
      begin = end;
    }
  });
  return counts;
}

bool RowEncoder::fits(const Batch& batch, std::size_t row, std::size_t max_tokens,
                      const EncodeOptions& options) const {
  const std::size_t added = processor_ && options.add_special_tokens ? processor_->added_tokens(false) : 0;
  if (added > max_tokens) return false;
  EncodeOptions limited = options;
  // One token more than may be: enough to tell.
  limited.truncation = Truncation{.max_length = max_tokens + (max_tokens < kUnlimited)};
  Worker worker;
  try {
    append_row(batch, row, limited, worker);
  } catch (...) {
    throw RowError(row, std::current_exception());
  }
  return worker.out.ids.size() <= max_tokens;
}

}  // namespace fasttok
