// Post-processors: all of them are a template, a list of pieces for a single sequence and one for a pair,
// with what else they do to a row.
//
//   const Template bert = bert_processing({"[SEP]", 102}, {"[CLS]", 101});
//   bert.added_tokens(true)             3
//   bert.process({row, pair}, true)     [CLS] row [SEP] pair [SEP], type ids 0 and 1
//
// Mirrors `processors.*` with their `process`, with what may surprise:
// * A piece sets the type id of its sequence only; overflowing parts keep the type ids that they came with
// (not with
//   RobertaProcessing and special tokens: all of them get 0).
// * Without special tokens the sequence pieces still apply: order, repetition and type ids.
// * A sequence that a template repeats is merged with itself, overflowing parts included, and its range is
//   the last one.
// * In a sequence of processors each sees the encodings that the one before left, one for each of its pieces:
// after
//   a template, ByteLevel numbers the pieces as sequences, and RobertaProcessing takes each for a sequence.
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
  // kImpossible stands in what a kSequence makes, where its process() throws.
  enum class Kind { kSequenceA, kSequenceB, kSpecial, kImpossible } kind;
  std::uint32_t type_id = 0;
  SpecialTokenIds special{};  // for kSpecial
};

// Throws ValueError where a row cannot have this piece: $B without a second sequence, or kImpossible.
void check_piece(const TemplatePiece& piece, bool is_pair);

struct Template {
  // kBert and kRoberta agree with a template on whatever a tokenizer encodes. On rows of another make they
  // forget more where they add special tokens: both masks, earlier sequence ranges, and overflowing parts of
  // overflowing parts. kByteLevel adds nothing.
  enum class Kind { kTemplate, kBert, kRoberta, kByteLevel, kSequence };

  std::vector<TemplatePiece> single, pair;  // what comes out, whatever the kind
  Kind kind = Kind::kTemplate;
  bool trims_offsets = false;     // kByteLevel, kRoberta: see trim_offsets.h
  bool add_prefix_space = true;   // for trims_offsets
  std::vector<Template> steps{};  // kSequence
  // kSequence: what comes out without special tokens. A step may then meet other encodings, so this need not
  // be the rest of `single` and `pair`.
  std::vector<TemplatePiece> bare_single{}, bare_pair{};

  // What comes out, special pieces included only where they are added.
  std::vector<TemplatePiece> pieces(bool is_pair, bool add_special_tokens) const;

  // Number of ids that the special tokens add. For kSequence it is the sum over the steps, even where a step
  // meets more encodings than one or two.
  std::size_t added_tokens(bool is_pair) const;
  // Whether offsets of some token may change.
  bool changes_offsets() const;

  // The reference's process(): `encodings` holds one encoding or two, their overflowing parts included.
  // Throws ValueError where `single` asks for a second sequence, and where a template follows one that makes
  // more than two pieces (the reference panics).
  EncodingData process(std::vector<EncodingData> encodings, bool add_special_tokens) const;

 private:
  std::vector<EncodingData> apply(std::vector<EncodingData> encodings, bool add_special_tokens) const;
};

// BertProcessing(sep, cls).
Template bert_processing(std::pair<std::string, std::uint32_t> sep,
                         std::pair<std::string, std::uint32_t> cls);

// RobertaProcessing(sep, cls): <s> A </s>, <s> A </s></s> B </s>, all of type 0.
Template roberta_processing(std::pair<std::string, std::uint32_t> sep,
                            std::pair<std::string, std::uint32_t> cls, bool trims_offsets,
                            bool add_prefix_space);

Template byte_level_processing(bool trims_offsets, bool add_prefix_space);

// The steps one after the other; none of them is a sequence itself.
Template sequence_processing(std::vector<Template> steps);

// What the reference does without a post-processor: one row stays as it is, two are merged as sequences 0
// and 1. Type ids are left alone, and overflowing parts get no sequence range.
EncodingData default_process(std::vector<EncodingData> encodings);

}  // namespace fasttok
