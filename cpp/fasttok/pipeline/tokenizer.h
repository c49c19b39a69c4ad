// A compiled tokenizer: immutable, so any number of threads may use one object without a lock.
//
//   Spec spec = ...;
//   auto tokenizer = Tokenizer::compile(spec, EngineChoice::kAuto);
//   Columns columns = tokenizer->rows().encode(batch, options);
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fasttok/pipeline/batch.h"
#include "fasttok/pipeline/engine_generic.h"
#include "fasttok/pipeline/offset_trimmer.h"
#include "fasttok/pipeline/spec.h"

namespace fasttok {

enum class EngineChoice { kAuto, kGeneric };

class Tokenizer {
 public:
  // kAuto takes the fused engine that fits the shape of the spec, or else the generic one.
  static std::shared_ptr<const Tokenizer> compile(Spec spec, EngineChoice choice);

  std::string_view engine() const { return engine_->name(); }
  bool is_generic() const { return engine_ == generic_.get(); }
  const Template* processor() const { return spec_.post_processor ? &*spec_.post_processor : nullptr; }
  std::span<const AddedToken> added_tokens() const { return generic_->added_tokens().tokens(); }

  // Whether a component is code from outside of the core, which needs the GIL.
  bool has_foreign_code() const { return has_foreign_code_; }
  // Whether the same text may give other tokens when asked again: foreign code, BPE dropout, Unigram
  // sampling.
  bool answers_vary() const { return answers_vary_; }

  // The flat columns of a batch, by rows() where what is asked for can be had from there. A RowError tells
  // which row failed.
  Columns encode(const Batch& batch, const EncodeOptions& options) const;

  // The flat columns without what a post-processor does to offsets.
  const RowEncoder& rows() const { return *rows_; }

  // One row with all its details, windows included, as the reference's encode() without padding. With `fast`,
  // offsets, words and the text of tokens are left out, as encode_batch_fast does. Without `windows` the
  // overflowing parts are left out, and what truncation cuts off need not be read.
  EncodingData encode_row(const Batch& batch, std::size_t row, const EncodeOptions& options, bool fast,
                          bool windows) const;

  // One more than the largest id.
  std::uint64_t id_limit() const;

  // Added tokens come before the model's. The token of a normalized one is its normalized content, as in the
  // reference.
  std::optional<std::uint32_t> token_to_id(std::string_view token) const;
  std::optional<std::string_view> id_to_token(std::uint32_t id) const;

  // Unknown ids are skipped.
  std::string decode(std::span<const std::uint32_t> ids, bool skip_special_tokens) const;

 private:
  explicit Tokenizer(Spec spec, EngineChoice choice);
  EncodingData encode_sequence(std::span<const TextView> texts, std::uint32_t type_id, const Batch& batch,
                               const EncodeOptions& options, bool fast, std::size_t max_tokens) const;

  // What a model that reads its own ids makes of them; added tokens stand between its texts.
  std::string decode_whole(const WholeTextModel& model, std::span<const std::uint32_t> ids,
                           bool skip_special_tokens) const;

  Columns encode_trimmed(const Batch& batch, const EncodeOptions& options) const;
  void append_literal(const Batch& batch, std::size_t row, const EncodeOptions& options,
                      Columns& columns) const;

  Spec spec_;
  bool has_foreign_code_;
  bool answers_vary_;
  std::unique_ptr<const GenericEngine> generic_;
  std::unique_ptr<const Engine> fused_;
  const Engine* engine_;
  std::unique_ptr<const RowEncoder> rows_;
  std::optional<OffsetTrimmer> trimmer_;
  std::unordered_map<std::string_view, const AddedToken*> added_by_content_;
  std::unordered_map<std::uint32_t, std::string_view> added_by_id_;  // as it is looked for: normalized or not
};

}  // namespace fasttok
