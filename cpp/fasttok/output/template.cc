#include "fasttok/output/template.h"

#include "fasttok/base/error.h"

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

EncodingData apply_pieces(const std::vector<TemplatePiece>& pieces, std::vector<EncodingData>& encodings,
                          bool add_special_tokens) {
  EncodingData result;
  for (const TemplatePiece& piece : pieces) {
    if (piece.kind == TemplatePiece::Kind::kSpecial) {
      if (add_special_tokens) result.merge_with(special_row(piece.special, piece.type_id), false);
      continue;
    }
    const std::size_t i = piece.kind == TemplatePiece::Kind::kSequenceA ? 0 : 1;
    if (i >= encodings.size()) {
      throw ValueError("TemplateProcessing: the template for a single sequence uses $B; use $A");
    }
    encodings[i].set_type_id(piece.type_id);
    encodings[i].set_sequence_id(i);
    result.merge_with(encodings[i], false);
  }
  return result;
}

// One sequence as BertProcessing sees it: no memory of masks, ranges and parts.
void reset_for_bert(EncodingData& row, std::size_t sequence_id) {
  row.special_tokens_mask.assign(row.size(), 0);
  row.attention_mask.assign(row.size(), 1);
  row.sequence_ranges.clear();
  row.set_sequence_id(sequence_id);
}

}  // namespace

std::size_t Template::added_tokens(bool is_pair) const {
  std::size_t added = 0;
  for (const TemplatePiece& piece : is_pair ? pair : single) {
    if (piece.kind == TemplatePiece::Kind::kSpecial) added += piece.special.ids.size();
  }
  return added;
}

EncodingData Template::process(std::vector<EncodingData> encodings, bool add_special_tokens) const {
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    encodings[i].set_sequence_id(i);
    encodings[i].set_type_id(static_cast<std::uint32_t>(i));
    for (EncodingData& part : encodings[i].overflowing) part.set_sequence_id(i);
  }
  if (kind == Kind::kBert && add_special_tokens) {
    for (std::size_t i = 0; i < encodings.size(); ++i) {
      reset_for_bert(encodings[i], i);
      for (EncodingData& part : encodings[i].overflowing) {
        part.overflowing.clear();
        reset_for_bert(part, i);
      }
    }
  }
  return apply_pieces(encodings.size() == 2 ? pair : single, encodings, add_special_tokens);
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

EncodingData default_process(std::vector<EncodingData> encodings) {
  if (encodings.size() == 1) return std::move(encodings.front());
  for (std::size_t i = 0; i < encodings.size(); ++i) encodings[i].set_sequence_id(i);
  return EncodingData::merge(encodings, false);
}

}  // namespace fasttok
