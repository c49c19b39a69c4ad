// From rows of text to flat columns: what stands around the engines. Pairs, special tokens, truncation,
// threads.
//
// A row is written as the reference's post_process would have it (output/post_process.h is the literal form),
// but straight into the columns: special tokens and truncation are applied on the way, and a row that keeps
// its first tokens is not read beyond them.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/output/pad_truncate.h"
#include "fasttok/output/template.h"
#include "fasttok/pipeline/engine.h"
#include "fasttok/pipeline/grains.h"

namespace fasttok {

// The texts of a batch. Where `shapes` is empty each text is a row; else a row is `first` texts (words), then
// `second`.
struct Batch {
  struct Shape {
    std::size_t begin;   // index of the row's first text
    std::size_t first;   // texts of the first sequence
    std::size_t second;  // texts of the second one
    bool has_second;
  };
  std::vector<TextView> texts;
  std::vector<Shape> shapes;
  bool pretokenized = false;

  std::size_t rows() const { return shapes.empty() ? texts.size() : shapes.size(); }
  // Of a row's text, and some for the row.
  static constexpr std::size_t kBytesOfRow = 8;
  std::size_t bytes_of(std::size_t row) const {
    if (shapes.empty()) return kBytesOfRow + texts[row].length * texts[row].kind;
    std::size_t bytes = kBytesOfRow;
    for (const TextView& text : first(row)) bytes += text.length * text.kind;
    for (const TextView& text : second(row)) bytes += text.length * text.kind;
    return bytes;
  }
  Extent extent(bool with_marks) const;
  std::span<const TextView> first(std::size_t row) const {
    if (shapes.empty()) return {&texts[row], 1};
    return std::span(texts).subspan(shapes[row].begin, shapes[row].first);
  }
  std::span<const TextView> second(std::size_t row) const {
    if (shapes.empty()) return {};
    return std::span(texts).subspan(shapes[row].begin + shapes[row].first, shapes[row].second);
  }
  // Starts to fetch the beginning of a row's text, if there is such a row.
  void prefetch(std::size_t row) const {
    if (row >= texts.size() || !shapes.empty()) return;
    const auto* text = static_cast<const char*>(texts[row].data);
    for (std::size_t line = 0; line < 4; ++line) __builtin_prefetch(text + 64 * line);
  }
  bool is_pair(std::size_t row) const { return !shapes.empty() && shapes[row].has_second; }
};

struct EncodeOptions {
  bool add_special_tokens = true;
  std::optional<Truncation> truncation{};
  std::optional<std::vector<bool>> allowed{};  // see SequenceRequest
  bool specials_are_errors = false;
  bool offsets = false, type_ids = false, word_ids = false;  // columns wanted beside the ids
  bool byte_offsets = false;  // offsets count bytes of the text's UTF-8, not characters
  unsigned threads = 1;
};

struct Columns {
  Buffer<std::uint32_t> ids;
  Buffer<std::int64_t> row_offsets;  // rows + 1
  Buffer<CharSpan> offsets;
  Buffer<std::uint32_t> type_ids;
  Buffer<std::int32_t> word_ids;  // -1: none
};

// Rows of equal length: what models take.
struct PadRules {
  std::optional<std::size_t> length{};  // none: that of the longest row
  std::optional<std::size_t> pad_to_multiple_of{};
  std::int64_t pad_id = 0, pad_type_id = 0;
  bool left = false;
  bool type_ids = false, mask = false;  // matrices wanted beside the ids
};

struct PaddedColumns {
  std::size_t rows = 0, width = 0;
  Buffer<std::int64_t> ids, type_ids, mask;  // rows x width
};

// An error of one row; `cause` is what was thrown. Of several failing rows the first is reported.
struct RowError : Error {
  RowError(std::size_t at, std::exception_ptr what) : Error("row failed"), row(at), cause(std::move(what)) {}
  std::size_t row;
  std::exception_ptr cause;
};

class RowEncoder {
 public:
  // `processor` may be null. Both must outlive this object.
  RowEncoder(const Engine& engine, const Template* processor);

  Columns encode(const Batch& batch, const EncodeOptions& options) const;

  // The columns of one row of the batch.
  Columns encode_row(const Batch& batch, std::size_t row, const EncodeOptions& options) const;
  // The ids of one text, whole; they last until this thread's next call. Meant for short texts.
  std::span<const std::uint32_t> ids_of(const TextView& text, bool add_special_tokens) const;
  // The same; of most short texts the ids are in `room`.
  std::span<const std::uint32_t> ids_of(const TextView& text, bool add_special_tokens,
                                        std::uint32_t (&room)[Engine::kShortRoom]) const {
    const RowFrame frame = add_special_tokens ? RowFrame{before_, behind_} : RowFrame{};
    const std::size_t count = simple_ ? engine_.encode_short(text, frame, room) : 0;
    return count > 0 ? std::span<const std::uint32_t>(room, count) : ids_of(text, add_special_tokens);
  }

  // Throws ValueError for a row that is longer than the length to pad to.
  PaddedColumns encode_padded(const Batch& batch, const EncodeOptions& options, const PadRules& rules) const;

  // Number of tokens of each row.
  Buffer<std::int64_t> count(const Batch& batch, const EncodeOptions& options) const;
  // Whether a row has at most `max_tokens` tokens; stops reading once it has more.
  bool fits(const Batch& batch, std::size_t row, std::size_t max_tokens, const EncodeOptions& options) const;

 private:
  struct Worker;
  std::optional<Columns> encode_cut(const Batch& batch, const Extent& extent,
                                    const EncodeOptions& options) const;
  void append_row(const Batch& batch, std::size_t row, const EncodeOptions& options, Worker& worker) const;
  void append_single(const Batch& batch, std::size_t row, const EncodeOptions& options, Worker& worker) const;
  void append_general(const Batch& batch, std::size_t row, const EncodeOptions& options,
                      Worker& worker) const;
  std::size_t append_rows(const Batch& batch, std::size_t first, std::size_t last,
                          const EncodeOptions& options, Worker& worker, std::int64_t* ends) const;
  std::span<const std::int64_t> append_and_drop(const Batch& batch, std::size_t first, std::size_t last,
                                                const EncodeOptions& options, Worker& worker) const;
  void write_types(std::size_t begin, std::size_t count, const EncodeOptions& options, Worker& worker,
                   const std::int64_t* ends) const;
  void cut_rows(std::size_t begin, std::size_t count, const EncodeOptions& options, Worker& worker,
                std::int64_t* ends) const;

  const Engine& engine_;
  const Template* processor_;
  std::vector<TemplatePiece> pieces_[2][2];  // [is_pair][add_special_tokens], where there is a processor
  // Where the template for a single sequence is special tokens, $A, special tokens: those before and behind.
  bool simple_ = false;
  std::vector<std::uint32_t> before_, behind_;
  std::vector<std::uint32_t> before_types_, behind_types_;
  std::uint32_t type_ = 0;
};

}  // namespace fasttok
