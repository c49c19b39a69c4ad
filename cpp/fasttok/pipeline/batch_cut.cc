// Long rows on several threads: a text is cut where its engine says that nothing reaches over, its parts are
// rows of a batch of their own, and their ids, one behind the other, are those of the text.
#include <algorithm>
#include <optional>

#include "fasttok/pipeline/batch.h"

namespace fasttok {
namespace {

// Bytes of a text that is worth cutting, and about the characters of a part.
constexpr std::size_t kLong = 64 * 1024, kPart = 16 * 1024;

}  // namespace

// Nothing where no row is to be cut, or can be; an error is left to be found where it is told of the row.
std::optional<Columns> RowEncoder::encode_cut(const Batch& batch, const Extent& extent,
                                              const EncodeOptions& options) const {
  const bool only_ids = !options.offsets && !options.word_ids && !options.type_ids;
  if (options.threads <= 1 || !only_ids || options.truncation || !simple_ || !batch.shapes.empty() ||
      batch.pretokenized)
    return std::nullopt;
  // Many rows of one length are shared well as they are.
  if (extent.longest < kLong || extent.longest < extent.bytes / (4 * options.threads)) return std::nullopt;

  Batch parts;
  std::vector<std::size_t> ends_of_rows;  // in parts
  std::vector<std::size_t> places;
  for (const TextView& text : batch.texts) {
    places.clear();
    if (text.length * text.kind >= kLong) engine_.find_cuts(text, kPart, places);
    places.push_back(text.length);
    std::size_t begin = 0;
    for (const std::size_t end : places) {
      parts.texts.push_back(text.slice(begin, end));
      begin = end;
    }
    ends_of_rows.push_back(parts.texts.size());
  }
  if (parts.texts.size() == batch.texts.size()) return std::nullopt;

  EncodeOptions bare = options;
  bare.add_special_tokens = false;
  Columns cut;
  try {
    cut = encode(parts, bare);
  } catch (const RowError&) {
    return std::nullopt;
  }
  const std::size_t before = options.add_special_tokens ? before_.size() : 0;
  const std::size_t behind = options.add_special_tokens ? behind_.size() : 0;
  Columns columns;
  columns.row_offsets.push_back(0);
  const auto around = static_cast<std::int64_t>(before + behind);
  std::int64_t total_ids = 0;
  std::size_t part = 0;
  for (const std::size_t end : ends_of_rows) {
    total_ids += cut.row_offsets[end] - cut.row_offsets[part] + around;
    columns.row_offsets.push_back(total_ids);
    part = end;
  }
  if (around == 0) {
    columns.ids = std::move(cut.ids);
    return columns;
  }
  columns.ids.resize(static_cast<std::size_t>(total_ids));
  std::uint32_t* to = columns.ids.data();
  part = 0;
  for (const std::size_t end : ends_of_rows) {
    to = std::copy_n(before_.begin(), before, to);
    to = std::copy(cut.ids.data() + cut.row_offsets[part], cut.ids.data() + cut.row_offsets[end], to);
    to = std::copy_n(behind_.begin(), behind, to);
    part = end;
  }
  return columns;
}

}  // namespace fasttok
