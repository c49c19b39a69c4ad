// The pieces of a SentencePiece model, and what cuts a text into them.
//
//   Pieces pieces(list, byte_fallback, ModelType::kUnigram);
//   pieces.id_of("▁the")   3;  pieces.id_of("?!")   that of the unknown piece
//
// Mirrors sentencepiece 0.2.3 with its two tables: normal, user-defined and unused pieces are found in the
// text, the others (unknown, control, bytes) only by name. A BPE model keeps all in one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/base/prefix_matcher.h"
#include "fasttok/model/vocab.h"

namespace fasttok::sentencepiece {

enum class ModelType : std::uint8_t { kUnigram = 1, kBpe = 2, kWord = 3, kChar = 4 };
enum class PieceType : std::uint8_t {
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,
  kUserDefined = 4,
  kUnused = 5,
  kByte = 6
};

struct Piece {
  std::string text;
  float score = 0;
  PieceType type = PieceType::kNormal;
};

// A part of a normalized text, in bytes. The id is below 0 for an unknown part of a model without an unknown
// piece (which has byte pieces then).
struct Part {
  std::size_t begin, end;
  std::int32_t id;
};

// "<0x0A>" for 10; the byte of such a piece, below 0: it is none.
std::string_view byte_piece(std::uint8_t byte);
int byte_of_piece(std::string_view piece);

class Pieces {
 public:
  // Throws FormatError ("pieces[3]: …").
  Pieces(std::vector<Piece> pieces, bool byte_fallback, ModelType type);

  Pieces(const Pieces&) = delete;

  std::size_t size() const { return pieces_.size(); }
  const Piece& operator[](std::size_t id) const { return pieces_[id]; }
  ModelType type() const { return type_; }
  bool byte_fallback() const { return byte_fallback_; }
  // Below 0: there is none.
  std::int32_t unk_id() const { return unk_id_; }
  // A piece has U+2581 in its middle.
  bool has_inner_space() const { return has_inner_space_; }
  const std::shared_ptr<const PrefixMatcher>& user_defined() const { return user_defined_; }
  // The smallest score of a normal piece; that of no piece is FLT_MAX.
  float min_score() const { return min_score_; }
  const std::vector<VocabEntry>& normal() const { return normal_entries_; }

  // unk_id() where there is no such piece.
  std::int32_t id_of(std::string_view piece) const;
  // Only among the pieces that are found in a text (of a BPE model: all).
  std::int32_t id_in_text(std::string_view piece) const;

 private:
  std::vector<Piece> pieces_;
  bool byte_fallback_;
  ModelType type_;
  std::int32_t unk_id_ = -1;
  bool has_inner_space_ = false;
  float min_score_;
  std::vector<VocabEntry> normal_entries_;  // views into pieces_
  Vocab normal_, reserved_;
  std::shared_ptr<const PrefixMatcher> user_defined_;
};

// Types may be changed for all pieces at once (a vocabulary restriction): what encodes takes them as an
// argument, by id.
using Types = std::vector<PieceType>;

// A piece for each word, which begins with U+2581; one for each character, or user-defined symbol.
std::vector<Part> cut_into_words(std::string_view text, const Pieces& pieces, const Types& types);
std::vector<Part> cut_into_chars(std::string_view text, const Pieces& pieces, const Types& types);

}  // namespace fasttok::sentencepiece
