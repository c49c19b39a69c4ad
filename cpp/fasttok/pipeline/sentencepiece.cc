#include "fasttok/pipeline/sentencepiece.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/random.h"
#include "fasttok/model/sentencepiece_bpe.h"
#include "fasttok/pipeline/engine.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok::sentencepiece {
namespace {

constexpr int kMostBest = 512;

Types types_in(const Pieces& pieces) {
  Types types(pieces.size());
  for (std::size_t id = 0; id < types.size(); ++id) types[id] = pieces[id].type;
  return types;
}

std::size_t draw(const std::vector<Scored>& ways, float alpha) {
  double most = -INFINITY;
  for (const Scored& way : ways) most = std::max(most, static_cast<double>(alpha * way.score));
  double total = 0;
  std::vector<double> weights;
  for (const Scored& way : ways) {
    weights.push_back(std::exp(static_cast<double>(alpha * way.score) - most));
    total += weights.back();
  }
  double left = total * uniform();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return 0;
}

}  // namespace

Processor::Processor(ModelSpec spec)
    : pieces_(std::make_shared<Pieces>(std::move(spec.pieces), spec.byte_fallback, spec.type)),
      types_(std::make_shared<Types>(types_in(*pieces_))),
      unigram_(spec.type == ModelType::kUnigram ? std::make_shared<UnigramModel>(pieces_) : nullptr),
      normalizer_(spec.normalizer, spec.whitespace_as_suffix, pieces_->user_defined()) {
  if (spec.denormalizer && !spec.denormalizer->charsmap.empty()) {
    try {
      denormalizer_ = std::make_shared<SentencePieceNormalizer>(*spec.denormalizer, false,
                                                                std::make_shared<PrefixMatcher>());
    } catch (const FormatError& error) {
      throw FormatError(std::string("denormalizer_spec: ") + error.what());
    }
  }
  spec.pieces.clear();
  spec.normalizer.charsmap.clear();
  spec_ = std::make_shared<ModelSpec>(std::move(spec));
  unk_id_ = special_id(spec_->unk_piece, PieceType::kUnknown);
  bos_id_ = special_id(spec_->bos_piece, PieceType::kControl);
  eos_id_ = special_id(spec_->eos_piece, PieceType::kControl);
  pad_id_ = special_id(spec_->pad_piece, PieceType::kControl);
  compile(worth_of_fast());
}

// Unigram needs a trie either way; the literal BPE needs nothing more.
std::size_t Processor::worth_of_fast() const {
  constexpr std::size_t kFirstTexts = 4096;
  return pieces_->type() == ModelType::kBpe ? kFirstTexts : 0;
}

// `worth`: so much text must come before the fused path is made.
void Processor::compile(std::size_t worth) {
  fast_.reset();
  if (!path_) return;
  const auto make = [pieces = pieces_, types = types_, unigram = unigram_, normalizer = normalizer_,
                     path = *path_] { return FastEncoder::make(pieces, types, unigram, normalizer, path); };
  fast_ = std::make_shared<EventualEncoder>(make, worth);
  if (worth == 0) fast_->made();
}

std::string_view Processor::engine() const {
  return !fast_ || !fast_->made() ? "literal" : *path_ == FastEncoder::Path::kFast ? "fast" : "replayed";
}

Processor Processor::with_engine(std::string_view name) const {
  Processor changed = *this;
  if (name == "fast") {
    changed.path_ = FastEncoder::Path::kFast;
  } else if (name == "replayed") {
    changed.path_ = FastEncoder::Path::kReplayed;
  } else if (name == "literal") {
    changed.path_.reset();
  } else {
    throw ValueError("unknown engine \"" + std::string(name) + "\"; known: fast, replayed, literal");
  }
  changed.compile(0);
  return changed;
}

std::int32_t Processor::special_id(std::string_view piece, PieceType type) const {
  const std::int32_t id = pieces_->id_of(piece);
  return is(id, type) ? id : -1;
}

Processor Processor::with_types(Types types) const {
  Processor changed = *this;
  changed.types_ = std::make_shared<Types>(std::move(types));
  changed.compile(worth_of_fast());
  return changed;
}

Processor Processor::with_normalizer(bool add_dummy_prefix, bool remove_extra_whitespaces,
                                     bool escape_whitespaces) const {
  Processor changed = *this;
  changed.normalizer_ = normalizer_.with(add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces);
  ModelSpec spec = *spec_;
  spec.normalizer.add_dummy_prefix = add_dummy_prefix;
  spec.normalizer.remove_extra_whitespaces = remove_extra_whitespaces;
  spec.normalizer.escape_whitespaces = escape_whitespaces;
  changed.spec_ = std::make_shared<ModelSpec>(std::move(spec));
  changed.compile(worth_of_fast());
  return changed;
}

std::vector<Part> Processor::parts_of(std::string_view normalized) const {
  if (normalized.empty()) return {};
  switch (pieces_->type()) {
    case ModelType::kUnigram:
      return unigram_->best(normalized, *types_);
    case ModelType::kBpe:
      return merge_pairs(normalized, *pieces_, *types_, 0);
    case ModelType::kWord:
      return cut_into_words(normalized, *pieces_, *types_);
    case ModelType::kChar:
      return cut_into_chars(normalized, *pieces_, *types_);
  }
  return {};
}

std::vector<Part> Processor::sampled_parts(std::string_view normalized, const Sampling& sampling) const {
  if (pieces_->type() == ModelType::kBpe) return merge_pairs(normalized, *pieces_, *types_, sampling.alpha);
  if (!unigram_) throw ProcessorError("SampleEncode is not available for the current model.");
  if (sampling.nbest_size == 0 || sampling.nbest_size == 1) return parts_of(normalized);
  if (normalized.empty()) return {};
  Lattice lattice(normalized, *unigram_, *types_);
  if (sampling.nbest_size < 0) return lattice.sample(sampling.alpha);
  std::vector<Scored> ways = lattice.n_best(static_cast<std::size_t>(sampling.nbest_size));
  return std::move(ways[draw(ways, sampling.alpha)].parts);
}

std::vector<Part> Processor::parts_of(std::string_view normalized,
                                      const std::optional<Sampling>& sampling) const {
  if (!sampling) return parts_of(normalized);
  if (!std::isfinite(sampling->alpha) || sampling->alpha < 0) {
    throw ProcessorError("alpha is " + std::to_string(sampling->alpha) +
                         "; expected a finite number from 0 on");
  }
  if (sampling->nbest_size > kMostBest) {
    throw ProcessorError("nbest_size must be nbest_size <= 512; it is " +
                         std::to_string(sampling->nbest_size));
  }
  return sampled_parts(normalized, *sampling);
}

std::vector<std::int32_t> Processor::encode_ids(std::string_view text,
                                                const std::optional<Sampling>& sampling) const {
  if (const FastEncoder* const fast = sampling ? nullptr : fast_for(text.size())) {
    Buffer<std::uint32_t> ids;
    if (fast->encode_utf8(text, ids) == FastEncoder::Result::kDone) return {ids.begin(), ids.end()};
  }
  std::string normalized;
  normalizer_.normalize(text, normalized, nullptr);
  const std::vector<Part> parts = parts_of(normalized, sampling);
  std::vector<std::int32_t> ids;
  ids.reserve(parts.size());
  bool after_unknown = false;
  for (const Part& part : parts) {
    const bool control = is(part.id, PieceType::kControl), unknown = !control && is_unknown(part.id);
    if (unknown && pieces_->byte_fallback()) {
      for (std::size_t at = part.begin; at < part.end; ++at) {
        ids.push_back(pieces_->id_of(byte_piece(static_cast<std::uint8_t>(normalized[at]))));
      }
    } else if (!unknown || !after_unknown) {
      ids.push_back(part.id);
    }
    after_unknown = unknown;
  }
  return ids;
}

void Processor::append_ids(const TextView& text, Buffer<std::uint32_t>& ids) const {
  if (const FastEncoder* const fast = fast_for(text.length)) {
    if (fast->encode(text, ids) == FastEncoder::Result::kDone) return;
  }
  std::string utf8;
  for (std::size_t i = 0; i < text.length; ++i) {
    check_interrupt_at(i);
    if (is_surrogate(text.at(i))) throw SurrogateFound(0, i);
    append_utf8(utf8, text.at(i));
  }
  for (const std::int32_t id : encode_ids(utf8, {})) ids.push_back(static_cast<std::uint32_t>(id));
}

std::vector<std::string> Processor::encode_pieces(std::string_view text,
                                                  const std::optional<Sampling>& sampling) const {
  std::vector<std::string> pieces;
  const FastEncoder* const fast = sampling ? nullptr : fast_for(text.size());
  if (fast && fast->encode_pieces(text, pieces) == FastEncoder::Result::kDone) return pieces;
  std::string normalized;
  normalizer_.normalize(text, normalized, nullptr);
  bool after_unknown = false;
  for (const Part& part : parts_of(normalized, sampling)) {
    const bool control = is(part.id, PieceType::kControl), unknown = !control && is_unknown(part.id);
    const std::string_view piece = std::string_view(normalized).substr(part.begin, part.end - part.begin);
    if (unknown && pieces_->byte_fallback()) {
      for (const char byte : piece) pieces.emplace_back(byte_piece(static_cast<std::uint8_t>(byte)));
    } else if (unknown && after_unknown) {
      pieces.back() += piece;
    } else {
      pieces.emplace_back(piece);
    }
    after_unknown = unknown;
  }
  return pieces;
}

Tokens Processor::tokens_of(std::string_view text, std::string_view normalized,
                            std::span<const std::size_t> origins, const std::vector<Part>& parts,
                            std::size_t offset) const {
  Tokens result;
  result.text = text;
  bool after_unknown = false;
  for (const Part& part : parts) {
    const std::string_view piece = normalized.substr(part.begin, part.end - part.begin);
    const std::size_t begin = origins[part.begin] - offset, end = origins[part.end] - offset;
    const bool control = is(part.id, PieceType::kControl), unknown = is_unknown(part.id);
    const std::string surface(text.substr(begin, end - begin));
    if (control) {
      result.tokens.push_back({part.id, std::string(piece), begin, begin});
    } else if (unknown && pieces_->byte_fallback()) {
      // The last byte has the surface of the character.
      for (std::size_t i = 0; i < piece.size(); ++i) {
        const std::string_view byte = byte_piece(static_cast<std::uint8_t>(piece[i]));
        Token& token =
            result.tokens.emplace_back(Token{pieces_->id_of(byte), std::string(byte), begin, begin});
        if (i + 1 < piece.size()) continue;
        token.end = end;
        token.surface = surface;
      }
    } else if (unknown && after_unknown) {
      Token& token = result.tokens.back();
      token.piece += piece;
      *token.surface += surface;
      token.end = end;
    } else {
      result.tokens.push_back({part.id, std::string(piece), begin, end, surface});
    }
    after_unknown = unknown;
  }
  return result;
}

Tokens Processor::encode(std::string_view text, const std::optional<Sampling>& sampling) const {
  std::string normalized;
  std::vector<std::size_t> origins;
  normalizer_.normalize(text, normalized, &origins);
  return tokens_of(text, normalized, origins, parts_of(normalized, sampling));
}

std::vector<Tokens> Processor::n_best(std::string_view text, int count) const {
  if (count > kMostBest) {
    throw ProcessorError("nbest_size must be nbest_size <= 512; it is " + std::to_string(count));
  }
  if (!unigram_) throw ProcessorError("NBestEncode is not available for the current model.");
  std::string normalized;
  std::vector<std::size_t> origins;
  normalizer_.normalize(text, normalized, &origins);
  std::vector<Scored> ways;
  if (normalized.empty() || count <= 1) {
    ways.push_back({parts_of(normalized), 0});
  } else {
    ways = Lattice(normalized, *unigram_, *types_).n_best(static_cast<std::size_t>(count));
  }
  std::vector<Tokens> results;
  for (const Scored& way : ways) {
    results.push_back(tokens_of(text, normalized, origins, way.parts));
    results.back().score = way.score;
  }
  return results;
}

std::vector<Tokens> Processor::sample_and_score(std::string_view text, std::size_t count, float alpha,
                                                bool replace, bool include_best) const {
  if (!unigram_) throw ProcessorError("SampleEncodeAndScore is not available for the current model.");
  std::string normalized;
  std::vector<std::size_t> origins;
  normalizer_.normalize(text, normalized, &origins);
  if (normalized.empty()) throw ProcessorError("SampleEncodeAndScore returns empty result.");
  std::vector<Tokens> results;
  Lattice lattice(normalized, *unigram_, *types_);
  for (const Scored& way : lattice.sample_and_score(alpha, count, replace, include_best)) {
    results.push_back(tokens_of(text, normalized, origins, way.parts));
    results.back().score = way.score;
  }
  if (results.empty()) throw ProcessorError("SampleEncodeAndScore returns empty result.");
  return results;
}

float Processor::entropy(std::string_view text, float alpha) const {
  if (!unigram_) throw ProcessorError("CalculateEntropy is not available for the current model.");
  std::string normalized;
  normalizer_.normalize(text, normalized, nullptr);
  return normalized.empty() ? 0.0f : Lattice(normalized, *unigram_, *types_).entropy(alpha);
}

}  // namespace fasttok::sentencepiece
