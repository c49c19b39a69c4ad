#include "fasttok/pipeline/offset_trimmer.h"

#include <algorithm>
#include <memory>
#include <variant>

namespace fasttok {
namespace {

constexpr TokenSpaces kAdded{TokenSpaces::kMost, TokenSpaces::kMost};

bool is_added(const TokenSpaces& spaces) {
  return spaces.leading == kAdded.leading && spaces.trailing == kAdded.trailing;
}

// The step that trims, if it is the only one and comes before all others; null otherwise.
const Template* only_trim(const Template& processor) {
  if (processor.kind != Template::Kind::kSequence) return processor.trims_offsets ? &processor : nullptr;
  if (processor.steps.empty() || !processor.steps[0].trims_offsets) return nullptr;
  const auto others = std::span(processor.steps).subspan(1);
  return std::ranges::any_of(others, &Template::changes_offsets) ? nullptr : &processor.steps[0];
}

// Special tokens before and behind the sequence, if it is there once and no other is.
struct Around {
  std::size_t before = 0, behind = 0;
};
std::optional<Around> around(const std::vector<TemplatePiece>& pieces) {
  Around found;
  bool seen = false;
  for (const TemplatePiece& piece : pieces) {
    if (piece.kind == TemplatePiece::Kind::kSpecial) {
      (seen ? found.behind : found.before) += piece.special.ids.size();
    } else if (piece.kind == TemplatePiece::Kind::kSequenceA && !seen) {
      seen = true;
    } else {
      return std::nullopt;
    }
  }
  return seen ? std::optional(found) : std::nullopt;
}

}  // namespace

std::optional<OffsetTrimmer> OffsetTrimmer::of(const Spec& spec) {
  const auto* bpe = std::get_if<std::shared_ptr<const Bpe>>(&spec.model);
  if (!bpe || !*bpe || !spec.post_processor) return std::nullopt;
  const Template* step = only_trim(*spec.post_processor);
  const auto framed = around(spec.post_processor->pieces(false, true));
  const auto bare = around(spec.post_processor->pieces(false, false));
  if (!step || !framed) return std::nullopt;
  OffsetTrimmer trimmer;
  trimmer.add_prefix_space_ = step->add_prefix_space;
  trimmer.before_ = framed->before;
  trimmer.behind_ = framed->behind;
  trimmer.bare_is_simple_ = bare && bare->before + bare->behind == 0;
  const Vocab& vocab = (*bpe)->tables->vocab();
  if (!vocab.ids_are_unique() || vocab.id_limit() > 4 * vocab.size() + 1024) return std::nullopt;
  trimmer.spaces_.resize(static_cast<std::size_t>(vocab.id_limit()));
  for (const VocabEntry& entry : vocab.entries()) trimmer.spaces_[entry.id] = spaces_around(entry.token);
  for (const AddedToken& token : spec.added_tokens) {
    if (token.id < trimmer.spaces_.size()) trimmer.spaces_[token.id] = kAdded;
  }
  return trimmer;
}

bool OffsetTrimmer::takes(const Batch& batch, const EncodeOptions& options) const {
  if (options.byte_offsets || !(options.add_special_tokens || bare_is_simple_)) return false;
  return std::ranges::none_of(batch.shapes, &Batch::Shape::has_second);
}

bool OffsetTrimmer::trim_row(Columns& columns, std::size_t row, const EncodeOptions& options) const {
  auto begin = static_cast<std::size_t>(columns.row_offsets[row]);
  auto end = static_cast<std::size_t>(columns.row_offsets[row + 1]);
  if (options.add_special_tokens) {
    if (end - begin < before_ + behind_) return false;
    begin += before_;
    end -= behind_;
  }
  for (std::size_t i = begin; i < end; ++i) {
    const std::uint32_t id = columns.ids[i];
    if (id >= spaces_.size() || is_added(spaces_[id])) return false;
    const TokenSpaces& spaces = spaces_[id];
    if ((spaces.leading | spaces.trailing) == 0) continue;
    trim(columns.offsets[i].begin, columns.offsets[i].end, spaces, add_prefix_space_, i == begin);
  }
  return true;
}

}  // namespace fasttok
