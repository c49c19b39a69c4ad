#include "fasttok/formats/sentencepiece_model.h"

#include <bit>
#include <optional>
#include <utility>

#include "fasttok/base/error.h"
#include "fasttok/formats/protobuf.h"

namespace fasttok::sentencepiece {
namespace {

// Numbers of fields, in sentencepiece_model.proto.
constexpr std::uint32_t kPieces = 1, kTrainerSpec = 2, kNormalizerSpec = 3, kDenormalizerSpec = 5;
constexpr std::uint32_t kPieceText = 1, kPieceScore = 2, kPieceType = 3;
constexpr std::uint32_t kCharsmap = 2, kAddDummyPrefix = 3, kRemoveExtraWhitespaces = 4,
                        kEscapeWhitespaces = 5;

Piece read_piece(ProtoReader reader) {
  Piece piece;
  while (reader.next()) {
    if (reader.is(kPieceText, WireType::kBytes)) {
      piece.text = reader.bytes();
    } else if (reader.is(kPieceScore, WireType::k32)) {
      piece.score = reader.number();
    } else if (reader.is(kPieceType, WireType::kVarint)) {
      // An enum is an int32; an unknown value is as if it were not there.
      const auto type = static_cast<std::int32_t>(reader.varint());
      if (type >= 1 && type <= 6) piece.type = static_cast<PieceType>(type);
    }
  }
  return piece;
}

// A piece as nearly all are written: its text of less than 128 bytes, its score, and its type or none. False:
// the reader must say what it is.
bool read_plain_piece(std::string_view bytes, Piece& piece) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  constexpr unsigned kText = kPieceText << 3 | 2, kScore = kPieceScore << 3 | 5, kType = kPieceType << 3;
  if (bytes.size() < 7 || at(0) != kText || at(1) >= 0x80) return false;
  const std::size_t score = 2 + std::size_t{at(1)}, type = score + 5;
  if (bytes.size() < type || at(score) != kScore) return false;
  if (bytes.size() > type) {
    if (bytes.size() != type + 2 || at(type) != kType || at(type + 1) < 1 || at(type + 1) > 6) return false;
    piece.type = static_cast<PieceType>(at(type + 1));
  }
  std::uint32_t bits = 0;
  for (unsigned i = 0; i < 4; ++i) bits |= std::uint32_t{at(score + 1 + i)} << (8 * i);
  piece.text = bytes.substr(2, score - 2);
  piece.score = std::bit_cast<float>(bits);
  return true;
}

void read_trainer(ProtoReader reader, ModelSpec& spec) {
  while (reader.next()) {
    if (reader.is(3, WireType::kVarint)) {
      const auto type = static_cast<std::int32_t>(reader.varint());
      if (type < 1 || type > 4) {
        reader.fail("model_type is " + std::to_string(type) +
                    "; known: 1 (unigram), 2 (bpe), 3 (word), 4 (char)");
      }
      spec.type = static_cast<ModelType>(type);
    } else if (reader.is(20, WireType::kVarint)) {
      spec.longest_piece = static_cast<std::uint32_t>(reader.varint());
    } else if (reader.is(24, WireType::kVarint)) {
      spec.whitespace_as_suffix = reader.flag();
    } else if (reader.is(35, WireType::kVarint)) {
      spec.byte_fallback = reader.flag();
    } else if (reader.is(40, WireType::kVarint)) {
      spec.trainer_unk_id = static_cast<std::int32_t>(reader.varint());
    } else if (reader.is(44, WireType::kBytes)) {
      spec.unk_surface = reader.bytes();
    } else if (reader.is(45, WireType::kBytes)) {
      spec.unk_piece = reader.bytes();
    } else if (reader.is(46, WireType::kBytes)) {
      spec.bos_piece = reader.bytes();
    } else if (reader.is(47, WireType::kBytes)) {
      spec.eos_piece = reader.bytes();
    } else if (reader.is(48, WireType::kBytes)) {
      spec.pad_piece = reader.bytes();
    }
  }
}

void read_normalizer(ProtoReader reader, SentencePieceNormalizerSpec& spec) {
  while (reader.next()) {
    if (reader.is(kCharsmap, WireType::kBytes)) {
      spec.charsmap = reader.bytes();
    } else if (reader.is(kAddDummyPrefix, WireType::kVarint)) {
      spec.add_dummy_prefix = reader.flag();
    } else if (reader.is(kRemoveExtraWhitespaces, WireType::kVarint)) {
      spec.remove_extra_whitespaces = reader.flag();
    } else if (reader.is(kEscapeWhitespaces, WireType::kVarint)) {
      spec.escape_whitespaces = reader.flag();
    }
  }
}

}  // namespace

ModelSpec read_model(std::string_view bytes, const std::string& name) {
  ModelSpec spec;
  const std::string where = name + ": ", where_pieces = name + ": pieces";
  ProtoReader reader(bytes, where);
  constexpr std::size_t kUsualPiece = 16;  // bytes
  spec.pieces.reserve(bytes.size() / kUsualPiece);
  while (reader.next()) {
    if (reader.is(kPieces, WireType::kBytes)) {
      Piece plain;
      spec.pieces.push_back(read_plain_piece(reader.bytes(), plain)
                                ? std::move(plain)
                                : read_piece(reader.message(where_pieces, spec.pieces.size())));
    } else if (reader.is(kTrainerSpec, WireType::kBytes)) {
      read_trainer(reader.message(name + ": trainer_spec: "), spec);
    } else if (reader.is(kNormalizerSpec, WireType::kBytes)) {
      read_normalizer(reader.message(name + ": normalizer_spec: "), spec.normalizer);
    } else if (reader.is(kDenormalizerSpec, WireType::kBytes)) {
      if (!spec.denormalizer) spec.denormalizer.emplace();
      read_normalizer(reader.message(name + ": denormalizer_spec: "), *spec.denormalizer);
    }
  }
  // An empty name stands for the default.
  const auto or_default = [](std::string& piece, const char* otherwise) {
    if (piece.empty()) piece = otherwise;
  };
  or_default(spec.unk_piece, "<unk>");
  or_default(spec.bos_piece, "<s>");
  or_default(spec.eos_piece, "</s>");
  or_default(spec.pad_piece, "<pad>");
  return spec;
}

SentencePieceNormalizerSpec read_normalizer_spec(std::string_view bytes, const std::string& name) {
  SentencePieceNormalizerSpec spec;
  read_normalizer(ProtoReader(bytes, name + ": "), spec);
  return spec;
}

std::string with_types(std::string_view bytes, const Types& types) {
  std::string made;
  std::size_t id = 0;
  ProtoReader reader(bytes, "model: ");
  while (reader.next()) {
    if (!reader.is(kPieces, WireType::kBytes)) {
      made += reader.field_bytes();
      continue;
    }
    const PieceType type = types[id++];
    if (read_piece(reader.message("piece: ")).type == type) {
      made += reader.field_bytes();
      continue;
    }
    std::string piece;
    ProtoReader fields = reader.message("piece: ");
    while (fields.next()) {
      if (!fields.is(kPieceType, WireType::kVarint)) piece += fields.field_bytes();
    }
    write_varint_field(piece, kPieceType, static_cast<std::uint64_t>(type));
    write_bytes_field(made, kPieces, piece);
  }
  return made;
}

std::string with_flags(std::string_view normalizer_spec, bool add_dummy_prefix, bool remove_extra_whitespaces,
                       bool escape_whitespaces) {
  // Those that are as they would be without being written stay unwritten.
  const SentencePieceNormalizerSpec before = read_normalizer_spec(normalizer_spec, "normalizer_spec");
  std::string made, behind;
  bool wrote[6] = {};
  const bool values[6] = {
      false, false, false, add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces};
  ProtoReader reader(normalizer_spec, "normalizer_spec: ");
  while (reader.next()) {
    bool flag = false;
    for (std::uint32_t field = kAddDummyPrefix; field <= kEscapeWhitespaces; ++field) {
      if (!reader.is(field, WireType::kVarint)) continue;
      flag = true;
      wrote[field] = true;
    }
    if (flag) continue;
    const bool first = reader.is(1, WireType::kBytes) || reader.is(kCharsmap, WireType::kBytes);
    (first ? made : behind) += reader.field_bytes();
  }
  const bool old[6] = {false,
                       false,
                       false,
                       before.add_dummy_prefix,
                       before.remove_extra_whitespaces,
                       before.escape_whitespaces};
  for (std::uint32_t field = kAddDummyPrefix; field <= kEscapeWhitespaces; ++field) {
    if (wrote[field] || values[field] != old[field]) write_varint_field(made, field, values[field]);
  }
  return made + behind;
}

std::string normalizer_spec_of(std::string_view bytes) {
  std::string merged;
  ProtoReader reader(bytes, "model: ");
  while (reader.next()) {
    if (reader.is(kNormalizerSpec, WireType::kBytes)) merged += reader.bytes();
  }
  return merged;
}

std::string with_normalizer_flags(std::string_view bytes, bool add_dummy_prefix,
                                  bool remove_extra_whitespaces, bool escape_whitespaces) {
  const std::string changed =
      with_flags(normalizer_spec_of(bytes), add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces);
  std::string made;
  bool written = false;
  ProtoReader reader(bytes, "model: ");
  while (reader.next()) {
    if (!reader.is(kNormalizerSpec, WireType::kBytes)) {
      made += reader.field_bytes();
    } else if (!written) {
      write_bytes_field(made, kNormalizerSpec, changed);
      written = true;
    }
  }
  if (!written) write_bytes_field(made, kNormalizerSpec, changed);
  return made;
}

std::string to_proto(const Tokens& tokens) {
  std::string made;
  write_bytes_field(made, 1, tokens.text);
  for (const Token& token : tokens.tokens) {
    std::string piece;
    write_bytes_field(piece, 1, token.piece);
    write_varint_field(piece, 2, static_cast<std::uint32_t>(token.id));
    if (token.surface) write_bytes_field(piece, 3, *token.surface);
    write_varint_field(piece, 4, token.begin);
    write_varint_field(piece, 5, token.end);
    write_bytes_field(made, 2, piece);
  }
  if (tokens.score) write_float_field(made, 3, *tokens.score);
  return made;
}

std::string to_proto(std::span<const Tokens> n_best) {
  std::string made;
  for (const Tokens& tokens : n_best) write_bytes_field(made, 1, to_proto(tokens));
  return made;
}

}  // namespace fasttok::sentencepiece
