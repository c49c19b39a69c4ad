// A SentencePiece model at work: text in, pieces with their ids and places out, and back.
//
//   Processor processor(spec);
//   processor.encode("hello", Want::kIds)     ids {1, 2}
//   processor.decode(ids)                     "hello"
//
// Mirrors SentencePieceProcessor of sentencepiece 0.2.3: what is literally its own, like the two ways of
// decoding that differ where a piece that is no piece of the model has a U+2581 in its middle, is kept.
// Immutable; a change of settings makes a new Processor, which shares the tables.
//
// What is here is literal, and the oracle of the fused path (sentencepiece_fast.h), which is taken where ids
// or pieces alone are asked for and the model allows it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/base/error.h"
#include "fasttok/base/text_view.h"
#include "fasttok/model/sentencepiece_lattice.h"
#include "fasttok/model/sentencepiece_pieces.h"
#include "fasttok/model/sentencepiece_unigram.h"
#include "fasttok/pipeline/sentencepiece_fast.h"
#include "fasttok/text/sentencepiece_normalizer.h"

namespace fasttok::sentencepiece {

// What the reference refuses with a RuntimeError.
struct ProcessorError : Error {
  using Error::Error;
};

// A model file, as data.
struct ModelSpec {
  std::vector<Piece> pieces;
  ModelType type = ModelType::kUnigram;
  bool byte_fallback = false;
  bool whitespace_as_suffix = false;
  std::int32_t trainer_unk_id = 0;   // as it is written; the unknown piece is found by its type
  std::uint32_t longest_piece = 16;  // max_sentencepiece_length: characters
  std::string unk_piece = "<unk>", bos_piece = "<s>", eos_piece = "</s>", pad_piece = "<pad>";
  std::string unk_surface = " \xE2\x81\x87 ";
  SentencePieceNormalizerSpec normalizer;
  std::optional<SentencePieceNormalizerSpec> denormalizer;
};

struct Token {
  std::int32_t id;
  std::string piece;
  // In bytes of the text. `surface` is what the reference writes there; it writes none for some pieces.
  std::size_t begin = 0, end = 0;
  std::optional<std::string> surface{};
};

struct Tokens {
  std::vector<Token> tokens;
  std::string text;
  std::optional<float> score{};
};

struct Sampling {
  int nbest_size;
  float alpha;
};

class Processor {
 public:
  // Throws FormatError.
  explicit Processor(ModelSpec spec);

  const Pieces& pieces() const { return *pieces_; }
  const Types& types() const { return *types_; }
  const ModelSpec& spec() const { return *spec_; }  // without its pieces
  const SentencePieceNormalizer& normalizer() const { return normalizer_; }
  std::int32_t unk_id() const { return unk_id_; }
  std::int32_t bos_id() const { return bos_id_; }
  std::int32_t eos_id() const { return eos_id_; }
  std::int32_t pad_id() const { return pad_id_; }

  bool is(std::int32_t id, PieceType type) const {
    return id >= 0 && static_cast<std::size_t>(id) < pieces_->size() &&
           (*types_)[static_cast<std::size_t>(id)] == type;
  }
  bool is_unknown(std::int32_t id) const { return id == unk_id_ || is(id, PieceType::kUnknown); }

  // Throw ProcessorError where the model cannot do it, or an argument is out of its range.
  std::vector<std::int32_t> encode_ids(std::string_view text, const std::optional<Sampling>& sampling) const;
  std::vector<std::string> encode_pieces(std::string_view text,
                                         const std::optional<Sampling>& sampling) const;
  Tokens encode(std::string_view text, const std::optional<Sampling>& sampling) const;
  // Appends the ids of a str. Throws SurrogateFound.
  void append_ids(const TextView& text, Buffer<std::uint32_t>& ids) const;
  // A long text in chunks of so many characters, on several threads, which are joined at a token that two
  // neighbours share. Mirrors the reference's ParallelEncode; the result need not be that of encode().
  Tokens encode_chunks(std::string_view text, std::size_t chunk_length, unsigned threads) const;
  std::vector<Tokens> n_best(std::string_view text, int count) const;
  std::vector<Tokens> sample_and_score(std::string_view text, std::size_t count, float alpha, bool replace,
                                       bool include_best) const;
  float entropy(std::string_view text, float alpha) const;

  // Ids are those of pieces.
  std::string decode_ids(std::span<const std::int32_t> ids) const;
  std::string decode_pieces(std::span<const std::string_view> pieces) const;
  Tokens decode(std::span<const std::string_view> pieces) const;
  Tokens decode(std::span<const std::int32_t> ids) const;

  // The same model with other types of its pieces, or another normalizer.
  Processor with_types(Types types) const;
  Processor with_normalizer(bool add_dummy_prefix, bool remove_extra_whitespaces,
                            bool escape_whitespaces) const;

  // "fast", "replayed" (the fused path with every segment step by step, for tests) or "literal".
  std::string_view engine() const;
  Processor with_engine(std::string_view name) const;

 private:
  std::vector<Part> parts_of(std::string_view normalized) const;
  std::vector<Part> sampled_parts(std::string_view normalized, const Sampling& sampling) const;
  std::vector<Part> parts_of(std::string_view normalized, const std::optional<Sampling>& sampling) const;
  // `text` begins at `offset` of what the origins count from.
  Tokens tokens_of(std::string_view text, std::string_view normalized, std::span<const std::size_t> origins,
                   const std::vector<Part>& parts, std::size_t offset = 0) const;
  friend class Chunks;
  std::size_t worth_of_fast() const;
  void compile(std::size_t worth);
  const FastEncoder* fast_for(std::size_t size) const { return fast_ ? fast_->of(size) : nullptr; }
  std::int32_t special_id(std::string_view piece, PieceType type) const;
  template <class Item>
  std::string decode_fast(std::span<const Item> items) const;

  std::shared_ptr<const ModelSpec> spec_;
  std::shared_ptr<const Pieces> pieces_;
  std::shared_ptr<const Types> types_;
  std::shared_ptr<const UnigramModel> unigram_;  // null: another model
  SentencePieceNormalizer normalizer_;
  std::shared_ptr<const SentencePieceNormalizer> denormalizer_;  // null: none
  std::int32_t unk_id_, bos_id_, eos_id_, pad_id_;
  std::optional<FastEncoder::Path> path_ = FastEncoder::Path::kFast;  // none: literal
  std::shared_ptr<const EventualEncoder> fast_;                       // null: literal
};

}  // namespace fasttok::sentencepiece
