// Post-processors. Both of BERT's (TemplateProcessing, BertProcessing) are compiled into one template: a list
// of pieces for a single sequence and one for a pair.
//
//   const Template bert = bert_processing({"[SEP]", 102}, {"[CLS]", 101});
//   bert.added_tokens(true)             3
//   bert.process({row, pair}, true)     [CLS] row [SEP] pair [SEP], type ids 0 and 1
//
// Mirrors `processors.TemplateProcessing` and `processors.BertProcessing` with their `process`, with what may
// surprise:
// * A piece sets the type id of its sequence only; overflowing parts keep the type ids that they came with.
// * Without special tokens the sequence pieces still apply: order, repetition and type ids.
// * A sequence that a template repeats is merged with itself, overflowing parts included, and its range is
//   the last one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fasttok/output/encoding.h"

namespace fasttok {

struct SpecialTokenIds {  // what one SpecialToken piece writes; both of one length
  std::vector<std::uint32_t> ids;
  std::vector<std::string> tokens;
};

struct TemplatePiece {
  enum class Kind { kSequenceA, kSequenceB, kSpecial } kind;
  std::uint32_t type_id = 0;
  SpecialTokenIds special{};  // for kSpecial
};

struct Template {
  // The two agree on whatever a tokenizer encodes. On rows of another make, kBert forgets more where it adds
  // special tokens: both masks, earlier sequence ranges, and overflowing parts of overflowing parts.
  enum class Kind { kTemplate, kBert };

  std::vector<TemplatePiece> single, pair;
  Kind kind = Kind::kTemplate;

  // Number of ids that the special tokens add.
  std::size_t added_tokens(bool is_pair) const;

  // The reference's process(): `encodings` holds one encoding or two, their overflowing parts included.
  // Throws ValueError where `single` asks for a second sequence (the reference panics).
  EncodingData process(std::vector<EncodingData> encodings, bool add_special_tokens) const;
};

// BertProcessing(sep, cls).
Template bert_processing(std::pair<std::string, std::uint32_t> sep,
                         std::pair<std::string, std::uint32_t> cls);

// What the reference does without a post-processor: one row stays as it is, two are merged as sequences 0
// and 1. Type ids are left alone, and overflowing parts get no sequence range.
EncodingData default_process(std::vector<EncodingData> encodings);

}  // namespace fasttok
