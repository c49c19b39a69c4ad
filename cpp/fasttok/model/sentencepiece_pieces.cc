#include "fasttok/model/sentencepiece_pieces.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>
#include <cstdio>
#include <utility>

#include "fasttok/base/error.h"
#include "fasttok/base/interrupt.h"

namespace fasttok::sentencepiece {
namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";
// Bytes; the reference takes no longer piece.
constexpr std::size_t kPieceLimit = 8000;

bool is_in_text(PieceType type) {
  return type == PieceType::kNormal || type == PieceType::kUserDefined || type == PieceType::kUnused;
}

[[noreturn]] void fail(std::size_t id, const std::string& what) {
  throw FormatError("pieces[" + std::to_string(id) + "]: " + what);
}

}  // namespace

std::string_view byte_piece(std::uint8_t byte) {
  static const std::array<std::array<char, 7>, 256> all = [] {
    std::array<std::array<char, 7>, 256> made{};
    for (unsigned i = 0; i < 256; ++i) std::snprintf(made[i].data(), 7, "<0x%02X>", i & 0xFF);
    return made;
  }();
  return {all[byte].data(), 6};
}

int byte_of_piece(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return -1;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  const int high = digit(piece[3]), low = digit(piece[4]);
  return high < 0 || low < 0 ? -1 : 16 * high + low;
}

Pieces::Pieces(std::vector<Piece> pieces, bool byte_fallback, ModelType type)
    : pieces_(std::move(pieces)),
      byte_fallback_(byte_fallback),
      type_(type),
      min_score_(FLT_MAX),
      normal_(std::initializer_list<VocabEntry>{}),
      reserved_(std::initializer_list<VocabEntry>{}) {
  std::vector<VocabEntry> reserved;
  normal_entries_.reserve(pieces_.size());
  std::vector<std::string_view> symbols;
  bool has_byte[256] = {};
  for (std::size_t id = 0; id < pieces_.size(); ++id) {
    const Piece& piece = pieces_[id];
    if (piece.text.size() >= kPieceLimit) {
      fail(id, "has " + std::to_string(piece.text.size()) + " bytes; expected less than 8000");
    }
    if (type == ModelType::kUnigram && !std::isfinite(piece.score)) fail(id, "its score is NaN or infinite");
  }
  for (std::size_t id = 0; id < pieces_.size(); ++id) {
    Piece& piece = pieces_[id];
    const std::string_view text = piece.text;
    if (text.empty()) fail(id, "is empty");
    if (text == std::string_view("\0", 1)) {
      // Converters write such a piece beside that of the byte 0; it is never found in a text.
      if (byte_fallback) piece.type = PieceType::kUnused;
      if (piece.type == PieceType::kUnused) continue;
    }
    if (text.find('\0') != std::string_view::npos) fail(id, "has a NUL in it");
    const VocabEntry entry{text, static_cast<std::uint32_t>(id)};
    (is_in_text(piece.type) || type == ModelType::kBpe ? normal_entries_ : reserved).push_back(entry);

    switch (piece.type) {
      case PieceType::kUnknown:
        if (unk_id_ >= 0)
          fail(id, "is a second unknown piece; the first is pieces[" + std::to_string(unk_id_) + "]");
        unk_id_ = static_cast<std::int32_t>(id);
        break;
      case PieceType::kByte:
        if (!byte_fallback) fail(id, "is a byte piece, but trainer_spec.byte_fallback is false");
        if (byte_of_piece(text) < 0) fail(id, "is a byte piece, but \"" + piece.text + "\" names no byte");
        has_byte[byte_of_piece(text)] = true;
        break;
      case PieceType::kControl:
        break;
      default:
        if (piece.type == PieceType::kUserDefined) symbols.push_back(text);
        if (text.find(kSpaceMark, text.starts_with(kSpaceMark) ? kSpaceMark.size() : 0) !=
            std::string_view::npos) {
          has_inner_space_ = true;
        }
    }
    if (piece.type == PieceType::kNormal) min_score_ = std::min(min_score_, piece.score);
  }
  if (unk_id_ < 0 && !byte_fallback) throw FormatError("pieces: none is the unknown piece");
  if (byte_fallback && !std::all_of(has_byte, has_byte + 256, [](bool has) { return has; })) {
    throw FormatError("pieces: trainer_spec.byte_fallback is true, but a byte has no piece");
  }
  if (normal_entries_.empty() && type == ModelType::kUnigram) throw FormatError("pieces: there are none");
  normal_ = Vocab(normal_entries_);
  reserved_ = Vocab(reserved);
  for (const auto& [vocab, entries] :
       {std::pair(&normal_, &normal_entries_), std::pair(&reserved_, &reserved)}) {
    if (vocab->size() == entries->size()) continue;
    for (const VocabEntry& entry : *entries) {
      // The last of equal ones keeps its id.
      if (vocab->token_to_id(entry.token) != entry.id) {
        fail(*vocab->token_to_id(entry.token),
             "\"" + std::string(entry.token) + "\" is pieces[" + std::to_string(entry.id) + "] already");
      }
    }
  }
  user_defined_ = std::make_shared<PrefixMatcher>(symbols);
}

std::int32_t Pieces::id_of(std::string_view piece) const {
  if (const auto id = reserved_.token_to_id(piece)) return static_cast<std::int32_t>(*id);
  return id_in_text(piece);
}

std::int32_t Pieces::id_in_text(std::string_view piece) const {
  if (const auto id = normal_.token_to_id(piece)) return static_cast<std::int32_t>(*id);
  return unk_id_;
}

namespace {

// An unused piece is as good as none.
std::int32_t used_id(std::string_view piece, const Pieces& pieces, const Types& types) {
  const std::int32_t id = pieces.id_in_text(piece);
  if (id == pieces.unk_id() || types[static_cast<std::size_t>(id)] != PieceType::kUnused) return id;
  return pieces.unk_id();
}

}  // namespace

std::vector<Part> cut_into_words(std::string_view text, const Pieces& pieces, const Types& types) {
  std::vector<Part> parts;
  for (std::size_t at = 0; at < text.size();) {
    check_interrupt_at(parts.size());
    std::size_t end = at + size_by_lead(text.substr(at));
    while (end < text.size() && !text.substr(end).starts_with(kSpaceMark)) {
      end += size_by_lead(text.substr(end));
    }
    parts.push_back({at, end, used_id(text.substr(at, end - at), pieces, types)});
    at = end;
  }
  return parts;
}

std::vector<Part> cut_into_chars(std::string_view text, const Pieces& pieces, const Types& types) {
  std::vector<Part> parts;
  for (std::size_t at = 0; at < text.size();) {
    check_interrupt_at(parts.size());
    const std::size_t size = pieces.user_defined()->match(text.substr(at)).size;
    parts.push_back({at, at + size, used_id(text.substr(at, size), pieces, types)});
    at += size;
  }
  return parts;
}

}  // namespace fasttok::sentencepiece
