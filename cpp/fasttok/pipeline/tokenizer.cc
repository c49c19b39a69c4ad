#include "fasttok/pipeline/tokenizer.h"

#include <algorithm>
#include <limits>

#include "fasttok/base/interrupt.h"
#include "fasttok/output/post_process.h"
#include "fasttok/pipeline/engine_bert.h"
#include "fasttok/pipeline/engine_byte_bpe.h"
#include "fasttok/pipeline/engine_metaspace.h"
#include "fasttok/pipeline/engine_pinyin.h"
#include "fasttok/pipeline/engine_sentencepiece.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

namespace {

// Whether the model draws lots: BPE dropout, Unigram sampling.
bool draws_lots(const Model& model) {
  if (const auto* bpe = std::get_if<std::shared_ptr<const Bpe>>(&model)) {
    return (*bpe)->dropout.value_or(0) != 0;
  }
  const auto* unigram = std::get_if<std::shared_ptr<const Unigram>>(&model);
  return unigram && (*unigram)->alpha.value_or(0) != 0;
}

// Null where there is none for the pipeline's shape.
std::unique_ptr<const Engine> fused_engine(const Spec& spec, const GenericEngine& generic,
                                           EngineChoice choice) {
  if (spec.pinyin) return std::make_unique<PinyinEngine>(spec);
  if (choice != EngineChoice::kAuto) return nullptr;
  if (BertEngine::fits(spec, generic)) return std::make_unique<BertEngine>(spec, generic);
  if (ByteBpeEngine::fits(spec, generic)) return std::make_unique<ByteBpeEngine>(spec, generic);
  if (MetaspaceEngine::fits(spec, generic)) return std::make_unique<MetaspaceEngine>(spec, generic);
  if (sentencepiece::SentencePieceEngine::fits(spec))
    return std::make_unique<sentencepiece::SentencePieceEngine>(spec, generic);
  return nullptr;
}

}  // namespace

std::shared_ptr<const Tokenizer> Tokenizer::compile(Spec spec, EngineChoice choice) {
  return std::shared_ptr<const Tokenizer>(new Tokenizer(std::move(spec), choice));
}

Tokenizer::Tokenizer(Spec spec, EngineChoice choice)
    : spec_(std::move(spec)),
      has_foreign_code_(fasttok::has_foreign_code(spec_)),
      answers_vary_(has_foreign_code_ || draws_lots(spec_.model)),
      generic_(std::make_unique<GenericEngine>(spec_)),
      fused_(fused_engine(spec_, *generic_, choice)),
      engine_(fused_ ? fused_.get() : generic_.get()) {
  rows_ = std::make_unique<RowEncoder>(*engine_, processor());
  trimmer_ = OffsetTrimmer::of(spec_);
  const AddedTokens& added = generic_->added_tokens();
  for (std::size_t i = 0; i < added.tokens().size(); ++i) {
    added_by_content_[added.tokens()[i].content] = &added.tokens()[i];
    added_by_id_[added.tokens()[i].id] = added.pattern(i);
  }
}

std::optional<std::uint32_t> Tokenizer::token_to_id(std::string_view token) const {
  const auto added = added_by_content_.find(token);
  if (added != added_by_content_.end()) return added->second->id;
  return vocab_of(spec_.model).token_to_id(token);
}

std::optional<std::string_view> Tokenizer::id_to_token(std::uint32_t id) const {
  const auto added = added_by_id_.find(id);
  if (added != added_by_id_.end()) return added->second;
  return fasttok::id_to_token(spec_.model, id);
}

std::string Tokenizer::decode(std::span<const std::uint32_t> ids, bool skip_special_tokens) const {
  const auto* whole = std::get_if<std::shared_ptr<const WholeTextModel>>(&spec_.model);
  if (whole && !spec_.decoder) return decode_whole(**whole, ids, skip_special_tokens);
  std::vector<std::string> tokens;
  tokens.reserve(ids.size());
  for (const std::uint32_t id : ids) {
    const auto token = id_to_token(id);
    if (!token) continue;
    if (skip_special_tokens) {
      // A token is special by its text, whatever its id, as in the reference.
      const auto added = added_by_content_.find(*token);
      if (added != added_by_content_.end() && added->second->special) continue;
    }
    tokens.emplace_back(*token);
  }
  if (spec_.decoder) return spec_.decoder->decode(std::move(tokens));
  std::string text;
  for (const std::string& token : tokens) {
    if (&token != tokens.data()) text += ' ';
    text += token;
  }
  return text;
}

std::string Tokenizer::decode_whole(const WholeTextModel& model, std::span<const std::uint32_t> ids,
                                    bool skip_special_tokens) const {
  std::string text;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= ids.size(); ++i) {
    const auto added = i < ids.size() ? added_by_id_.find(ids[i]) : added_by_id_.end();
    if (i < ids.size() && added == added_by_id_.end()) continue;
    text += model.decode(ids.subspan(begin, i - begin));
    begin = i + 1;
    if (i == ids.size()) break;
    const auto token = added_by_content_.find(added->second);
    const bool special = token != added_by_content_.end() && token->second->special;
    if (!special || !skip_special_tokens) text += added->second;
  }
  return text;
}

EncodingData Tokenizer::encode_sequence(std::span<const TextView> texts, std::uint32_t type_id,
                                        const Batch& batch, const EncodeOptions& options, bool fast,
                                        std::size_t max_tokens) const {
  TokenColumns columns;
  std::vector<std::string> values;
  columns.details = true;
  columns.values = fast ? nullptr : &values;
  SequenceRequest request;
  request.texts = texts;
  request.pretokenized = batch.pretokenized;
  request.allowed = options.allowed ? &*options.allowed : nullptr;
  request.specials_are_errors = options.specials_are_errors;
  request.max_tokens = max_tokens;
  engine_->encode(request, columns);

  EncodingData data;
  const std::size_t n = std::min(columns.ids.size(), max_tokens);
  columns.set_size(n);
  data.ids.assign(columns.ids.begin(), columns.ids.end());
  data.type_ids.assign(n, fast ? 0 : type_id);  // left 0 by the reference's encode_batch_fast
  data.special_tokens_mask.assign(n, 0);
  data.attention_mask.assign(n, 1);
  if (fast) {
    data.tokens.resize(n);
    data.offsets.resize(n);
    data.words.resize(n);
    return data;
  }
  data.tokens = std::move(values);
  data.offsets.reserve(n);
  data.words.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    data.offsets.emplace_back(columns.spans[i].begin, columns.spans[i].end);
    data.words.emplace_back(static_cast<std::uint32_t>(columns.words[i]));
  }
  return data;
}

EncodingData Tokenizer::encode_row(const Batch& batch, std::size_t row, const EncodeOptions& options,
                                   bool fast, bool windows) const {
  const bool is_pair = batch.is_pair(row);
  const Truncation* truncation = options.truncation ? &*options.truncation : nullptr;
  std::size_t max_tokens = std::numeric_limits<std::size_t>::max();
  if (truncation && !windows && !is_pair && truncation->direction == Direction::kRight) {
    const std::size_t length =
        length_for_sequences(*truncation, processor(), false, options.add_special_tokens);
    // One token more, so that a row that is cut is still cut.
    if (length < max_tokens) max_tokens = length + 1;
  }
  EncodingData first = encode_sequence(batch.first(row), 0, batch, options, fast, max_tokens);
  std::optional<EncodingData> second;
  if (is_pair) second = encode_sequence(batch.second(row), 1, batch, options, fast, max_tokens);
  if (truncation && !windows) {
    // As truncate_encodings(), but what is cut off is not made into windows.
    const std::size_t length =
        length_for_sequences(*truncation, processor(), is_pair, options.add_special_tokens);
    const std::size_t total = first.size() + (second ? second->size() : 0);
    if (total > length) {
      const auto kept = truncated_lengths(first.size(), second ? std::optional(second->size()) : std::nullopt,
                                          length, truncation->strategy);
      first.cut(kept.first, truncation->stride, truncation->direction);
      if (second) second->cut(kept.second, truncation->stride, truncation->direction);
    }
    truncation = nullptr;
  }
  EncodingData data = post_process(std::move(first), std::move(second), processor(), truncation, nullptr,
                                   options.add_special_tokens);
  return data;
}

namespace {

// Offsets in characters to offsets in bytes of the text's UTF-8.
class ByteOffsets {
 public:
  explicit ByteOffsets(std::span<const TextView> texts) {
    for (const TextView& text : texts) {
      std::vector<std::size_t>& bytes = bytes_.emplace_back(1, 0);
      for (std::size_t i = 0; i < text.length; ++i) bytes.push_back(bytes.back() + utf8_size(text.at(i)));
    }
  }
  CharSpan operator()(std::size_t text, EncodingData::Range chars) const {
    const std::vector<std::size_t>& bytes = bytes_[text];
    const auto at = [&](std::size_t i) {  // offsets may run past the end of the text: see Bpe
      return static_cast<std::uint32_t>(bytes[std::min(i, bytes.size() - 1)]);
    };
    return {at(chars.first), at(chars.second)};
  }

 private:
  std::vector<std::vector<std::size_t>> bytes_;
};

}  // namespace

Columns Tokenizer::encode(const Batch& batch, const EncodeOptions& options) const {
  const Template* post_processor = processor();
  if (!options.offsets || !post_processor || !post_processor->changes_offsets())
    return rows_->encode(batch, options);
  if (trimmer_ && trimmer_->takes(batch, options)) return encode_trimmed(batch, options);
  Columns columns;
  columns.row_offsets.push_back(0);
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    try {
      append_literal(batch, row, options, columns);
    } catch (const Error&) {
      throw RowError(row, std::current_exception());
    }
  }
  return columns;
}

Columns Tokenizer::encode_trimmed(const Batch& batch, const EncodeOptions& options) const {
  Columns columns = rows_->encode(batch, options);
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    check_interrupt_at(row);
    if (trimmer_->trim_row(columns, row, options)) continue;
    const EncodingData data = encode_row(batch, row, options, false, false);
    const auto begin = static_cast<std::size_t>(columns.row_offsets[row]);
    for (std::size_t i = 0; i < data.size(); ++i) {
      const auto [first, last] = data.offsets[i];
      columns.offsets[begin + i] = {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)};
    }
  }
  return columns;
}

void Tokenizer::append_literal(const Batch& batch, std::size_t row, const EncodeOptions& options,
                               Columns& columns) const {
  const EncodingData data = encode_row(batch, row, options, false, false);
  std::optional<ByteOffsets> bytes[2];
  if (options.byte_offsets) {
    bytes[0].emplace(batch.first(row));
    if (batch.is_pair(row)) bytes[1].emplace(batch.second(row));
  }
  const auto place_of = [&](std::size_t token) -> CharSpan {
    const auto [begin, end] = data.offsets[token];
    if (!options.byte_offsets) return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    if (!data.words[token]) return {0, 0};
    const std::size_t sequence =
        batch.is_pair(row) ? data.token_to_sequence(token).value_or(std::numeric_limits<std::size_t>::max())
                           : 0;
    if (sequence > 1) {
      throw ValueError("offsets in bytes are unknown behind this post-processor; ask for characters");
    }
    return (*bytes[sequence])(batch.pretokenized ? *data.words[token] : 0, {begin, end});
  };
  for (std::size_t i = 0; i < data.size(); ++i) {
    columns.ids.push_back(data.ids[i]);
    if (options.offsets) columns.offsets.push_back(place_of(i));
    if (options.type_ids) columns.type_ids.push_back(data.type_ids[i]);
    if (options.word_ids)
      columns.word_ids.push_back(data.words[i] ? static_cast<std::int32_t>(*data.words[i]) : -1);
  }
  columns.row_offsets.push_back(static_cast<std::int64_t>(columns.ids.size()));
}

std::uint64_t Tokenizer::id_limit() const {
  std::uint64_t limit = vocab_of(spec_.model).id_limit();
  for (const AddedToken& token : spec_.added_tokens) limit = std::max(limit, std::uint64_t{token.id} + 1);
  return limit;
}

}  // namespace fasttok
