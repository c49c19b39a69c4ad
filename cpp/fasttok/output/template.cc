#include "fasttok/output/template.h"

#include <algorithm>
#include <string>

#include "fasttok/base/error.h"
#include "fasttok/output/trim_offsets.h"

namespace fasttok {
namespace {

EncodingData special_row(const SpecialTokenIds& special, std::uint32_t type_id) {
  const std::size_t count = special.ids.size();
  EncodingData row;
  row.ids = special.ids;
  row.type_ids.assign(count, type_id);
  row.tokens = special.tokens;
  row.words.assign(count, std::nullopt);
  row.offsets.assign(count, {0, 0});
  row.special_tokens_mask.assign(count, 1);
  row.attention_mask.assign(count, 1);
  return row;
}

// Takes the encodings: each goes into its last piece, and copies of it into earlier ones.
std::vector<EncodingData> apply_pieces(const std::vector<TemplatePiece>& pieces,
                                       std::vector<EncodingData> encodings, bool add_special_tokens) {
  const auto index_of = [](const TemplatePiece& piece) -> std::size_t {
    return piece.kind == TemplatePiece::Kind::kSequenceA ? 0 : 1;
  };
  std::vector<EncodingData> result;
  for (std::size_t at = 0; at < pieces.size(); ++at) {
    const TemplatePiece& piece = pieces[at];
    if (piece.kind == TemplatePiece::Kind::kSpecial) {
      if (add_special_tokens) result.push_back(special_row(piece.special, piece.type_id));
      continue;
    }
    check_piece(piece, encodings.size() > 1);
    const std::size_t i = index_of(piece);
    encodings[i].set_type_id(piece.type_id);
    encodings[i].set_sequence_id(i);
    const bool is_last = std::none_of(
        pieces.begin() + static_cast<std::ptrdiff_t>(at) + 1, pieces.end(), [&](const TemplatePiece& later) {
          return later.kind != TemplatePiece::Kind::kSpecial && index_of(later) == i;
        });
    if (is_last) {
      result.push_back(std::move(encodings[i]));
    } else {
      result.push_back(encodings[i]);
    }
  }
  return result;
}

// One sequence as BertProcessing and RobertaProcessing see it: no memory of masks, ranges and parts.
void reset_for_bert(EncodingData& row, std::size_t sequence_id) {
  row.special_tokens_mask.assign(row.size(), 0);
  row.attention_mask.assign(row.size(), 1);
  row.sequence_ranges.clear();
  row.set_sequence_id(sequence_id);
}

// Special tokens around sequence i as these two put them: [CLS] A [SEP], and behind it B [SEP], or </s> B
// </s>.
struct Frame {
  const TemplatePiece *before, *behind;  // `before` may be null
};

Frame frame_of(const Template& processor, std::size_t i) {
  const auto& pair = processor.pair;
  if (i == 0) return {&pair[0], &pair[2]};
  return {processor.kind == Template::Kind::kRoberta ? &pair[3] : nullptr, &pair.back()};
}

EncodingData framed(EncodingData row, const Frame& frame, std::size_t sequence_id) {
  std::vector<EncodingData> parts = std::move(row.overflowing);
  row.overflowing.clear();
  reset_for_bert(row, sequence_id);
  EncodingData result;
  if (frame.before) result = special_row(frame.before->special, frame.before->type_id);
  result.merge_with(row, false);
  result.merge_with(special_row(frame.behind->special, frame.behind->type_id), false);
  for (EncodingData& part : parts) {
    part.overflowing.clear();
    result.overflowing.push_back(framed(std::move(part), frame, sequence_id));
  }
  return result;
}

}  // namespace

void check_piece(const TemplatePiece& piece, bool is_pair) {
  if (piece.kind == TemplatePiece::Kind::kSequenceB && !is_pair) {
    throw ValueError("TemplateProcessing: the template for a single sequence uses $B; use $A");
  }
  if (piece.kind == TemplatePiece::Kind::kImpossible) {
    throw ValueError(
        "TemplateProcessing: cannot follow a post-processor that makes more than two pieces; put it first");
  }
}

std::size_t Template::added_tokens(bool is_pair) const {
  std::size_t added = 0;
  for (const Template& step : steps) added += step.added_tokens(is_pair);
  if (kind == Kind::kSequence) return added;
  for (const TemplatePiece& piece : is_pair ? pair : single) {
    if (piece.kind == TemplatePiece::Kind::kSpecial) added += piece.special.ids.size();
  }
  return added;
}

std::vector<TemplatePiece> Template::pieces(bool is_pair, bool add_special_tokens) const {
  if (kind == Kind::kSequence && !add_special_tokens) return is_pair ? bare_pair : bare_single;
  std::vector<TemplatePiece> found = is_pair ? pair : single;
  if (!add_special_tokens) {
    std::erase_if(found,
                  [](const TemplatePiece& piece) { return piece.kind == TemplatePiece::Kind::kSpecial; });
  }
  return found;
}

bool Template::changes_offsets() const {
  return trims_offsets || std::ranges::any_of(steps, &Template::changes_offsets);
}

std::vector<EncodingData> Template::apply(std::vector<EncodingData> encodings,
                                          bool add_special_tokens) const {
  if (trims_offsets) {
    for (EncodingData& row : encodings) {
      trim_offsets(row, add_prefix_space);
      for (EncodingData& part : row.overflowing) trim_offsets(part, add_prefix_space);
    }
  }
  switch (kind) {
    case Kind::kTemplate: {
      if (encodings.empty() || encodings.size() > 2) check_piece({TemplatePiece::Kind::kImpossible}, true);
      const std::vector<TemplatePiece>& pieces = encodings.size() == 2 ? pair : single;
      return apply_pieces(pieces, std::move(encodings), add_special_tokens);
    }
    case Kind::kByteLevel:
      for (std::size_t i = 0; i < encodings.size(); ++i) encodings[i].set_sequence_id(i);
      return encodings;
    case Kind::kRoberta:
      for (EncodingData& row : encodings) {
        row.set_type_id(0);
        if (!add_special_tokens) continue;
        for (EncodingData& part : row.overflowing) part.set_type_id(0);
      }
      [[fallthrough]];
    case Kind::kBert:
      if (!add_special_tokens) return encodings;
      for (std::size_t i = 0; i < encodings.size(); ++i) {
        const std::size_t sequence_id = i == 0 ? 0 : 1;
        encodings[i] = framed(std::move(encodings[i]), frame_of(*this, i), sequence_id);
      }
      return encodings;
    case Kind::kSequence:
      for (const Template& step : steps) encodings = step.apply(std::move(encodings), add_special_tokens);
      return encodings;
  }
  return encodings;
}

EncodingData Template::process(std::vector<EncodingData> encodings, bool add_special_tokens) const {
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    encodings[i].set_sequence_id(i);
    encodings[i].set_type_id(static_cast<std::uint32_t>(i));
    for (EncodingData& part : encodings[i].overflowing) part.set_sequence_id(i);
  }
  encodings = apply(std::move(encodings), add_special_tokens);
  return EncodingData::merge(encodings, false);
}

Template bert_processing(std::pair<std::string, std::uint32_t> sep,
                         std::pair<std::string, std::uint32_t> cls) {
  using Kind = TemplatePiece::Kind;
  const SpecialTokenIds sep_ids{{sep.second}, {std::move(sep.first)}};
  const SpecialTokenIds cls_ids{{cls.second}, {std::move(cls.first)}};
  Template bert;
  bert.single = {{Kind::kSpecial, 0, cls_ids}, {Kind::kSequenceA, 0}, {Kind::kSpecial, 0, sep_ids}};
  bert.pair = bert.single;
  bert.pair.push_back({Kind::kSequenceB, 1});
  bert.pair.push_back({Kind::kSpecial, 1, sep_ids});
  bert.kind = Template::Kind::kBert;
  return bert;
}

Template roberta_processing(std::pair<std::string, std::uint32_t> sep,
                            std::pair<std::string, std::uint32_t> cls, bool trims_offsets,
                            bool add_prefix_space) {
  Template roberta = bert_processing(std::move(sep), std::move(cls));
  const TemplatePiece end = roberta.single.back();
  roberta.pair = roberta.single;
  roberta.pair.insert(roberta.pair.end(), {end, {TemplatePiece::Kind::kSequenceB, 0}, end});
  roberta.kind = Template::Kind::kRoberta;
  roberta.trims_offsets = trims_offsets;
  roberta.add_prefix_space = add_prefix_space;
  return roberta;
}

Template byte_level_processing(bool trims_offsets, bool add_prefix_space) {
  Template byte_level;
  byte_level.single = {{TemplatePiece::Kind::kSequenceA, 0}};
  byte_level.pair = {{TemplatePiece::Kind::kSequenceA, 0}, {TemplatePiece::Kind::kSequenceB, 1}};
  byte_level.kind = Template::Kind::kByteLevel;
  byte_level.trims_offsets = trims_offsets;
  byte_level.add_prefix_space = add_prefix_space;
  return byte_level;
}

namespace {

// The pieces that come out where `steps` get one sequence or two: apply() on lists of pieces in place of
// encodings.
std::vector<TemplatePiece> pieces_of(const std::vector<Template>& steps, bool is_pair,
                                     bool add_special_tokens) {
  using Kind = Template::Kind;
  using Pieces = std::vector<TemplatePiece>;
  std::vector<Pieces> encodings{{{TemplatePiece::Kind::kSequenceA, 0}}};
  if (is_pair) encodings.push_back({{TemplatePiece::Kind::kSequenceB, 1}});
  const auto set_type = [](Pieces& pieces, std::uint32_t type_id) {
    for (TemplatePiece& piece : pieces) piece.type_id = type_id;
  };
  for (const Template& step : steps) {
    if (step.kind == Kind::kByteLevel) continue;
    if (step.kind != Kind::kTemplate) {
      for (std::size_t i = 0; i < encodings.size(); ++i) {
        if (step.kind == Kind::kRoberta) set_type(encodings[i], 0);
        if (!add_special_tokens) continue;
        const Frame frame = frame_of(step, i);
        if (frame.before) encodings[i].insert(encodings[i].begin(), *frame.before);
        encodings[i].push_back(*frame.behind);
      }
      continue;
    }
    if (encodings.empty() || encodings.size() > 2) return {{TemplatePiece::Kind::kImpossible}};
    std::vector<Pieces> next;
    for (const TemplatePiece& piece : encodings.size() == 2 ? step.pair : step.single) {
      if (piece.kind == TemplatePiece::Kind::kSpecial) {
        if (add_special_tokens) next.push_back({piece});
        continue;
      }
      const std::size_t i = piece.kind == TemplatePiece::Kind::kSequenceA ? 0 : 1;
      if (i >= encodings.size()) {
        next.push_back({piece});  // check_piece() throws
        continue;
      }
      set_type(encodings[i], piece.type_id);
      next.push_back(encodings[i]);
    }
    encodings = std::move(next);
  }
  Pieces all;
  for (const Pieces& pieces : encodings) all.insert(all.end(), pieces.begin(), pieces.end());
  return all;
}

}  // namespace

Template sequence_processing(std::vector<Template> steps) {
  Template sequence;
  sequence.single = pieces_of(steps, false, true);
  sequence.pair = pieces_of(steps, true, true);
  sequence.bare_single = pieces_of(steps, false, false);
  sequence.bare_pair = pieces_of(steps, true, false);
  sequence.kind = Template::Kind::kSequence;
  sequence.steps = std::move(steps);
  return sequence;
}

EncodingData default_process(std::vector<EncodingData> encodings) {
  if (encodings.size() == 1) return std::move(encodings.front());
  for (std::size_t i = 0; i < encodings.size(); ++i) encodings[i].set_sequence_id(i);
  return EncodingData::merge(encodings, false);
}

}  // namespace fasttok
