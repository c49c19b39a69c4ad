// How a SentencePiece model decodes: the quick way, and the one that says which piece made which part.
#include <algorithm>
#include <type_traits>
#include <utility>

#include "fasttok/pipeline/sentencepiece.h"

namespace fasttok::sentencepiece {
namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void append_spaced(std::string& text, std::string_view piece) {
  for (std::size_t at = 0; at < piece.size();) {
    const std::size_t mark = std::min(piece.find(kSpaceMark, at), piece.size());
    text += piece.substr(at, mark - at);
    if (mark == piece.size()) break;
    text += ' ';
    at = mark + kSpaceMark.size();
  }
}

bool consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// visit(begin, end, text) for each character of what byte pieces make; one that is not UTF-8 is U+FFFD.
template <class Visit>
void for_each_byte_char(std::string_view bytes, Visit&& visit) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = valid_char_size(bytes.substr(at));
    if (size == 0) {
      visit(at, at + 1, kReplacement);
      ++at;
    } else {
      visit(at, at + size, bytes.substr(at, size));
      at += size;
    }
  }
}

}  // namespace

template <class Item>
std::string Processor::decode_fast(std::span<const Item> items) const {
  std::string text, bytes;
  const auto flush = [&] {
    for_each_byte_char(bytes, [&](std::size_t, std::size_t, std::string_view c) { text += c; });
    bytes.clear();
  };
  const SentencePieceNormalizerSpec& spec = spec_->normalizer;
  bool at_start = true;
  for (const Item& item : items) {
    std::int32_t id;
    std::string_view piece;
    if constexpr (std::is_same_v<Item, std::int32_t>) {
      id = item;
      piece = (*pieces_)[static_cast<std::size_t>(id)].text;
    } else {
      piece = item;
      id = pieces_->id_of(piece);
    }
    if (is(id, PieceType::kByte)) {
      bytes += static_cast<char>(byte_of_piece(piece));
      continue;
    }
    flush();
    if (!text.empty()) at_start = false;
    if (is(id, PieceType::kControl)) continue;
    std::string_view rest = piece;
    bool took_space = false;
    if (at_start && (spec.add_dummy_prefix || spec.remove_extra_whitespaces)) {
      // Without extra white space, all of it at the beginning goes; else only the dummy prefix.
      took_space = consume(rest, kSpaceMark) && !spec.remove_extra_whitespaces;
    }
    if (!is_unknown(id)) {
      append_spaced(text, rest);
    } else if (id >= 0 && (*pieces_)[static_cast<std::size_t>(id)].text == piece) {
      text += spec_->unk_surface;
    } else {
      text += piece;
    }
    if (took_space || !text.empty()) at_start = false;
  }
  flush();
  if (denormalizer_) {
    std::string denormalized;
    denormalizer_->normalize(text, denormalized, nullptr);
    return denormalized;
  }
  return text;
}

std::string Processor::decode_ids(std::span<const std::int32_t> ids) const {
  return decode_fast(ids);
}

std::string Processor::decode_pieces(std::span<const std::string_view> pieces) const {
  return decode_fast(pieces);
}

Tokens Processor::decode(std::span<const std::int32_t> ids) const {
  std::vector<std::string_view> pieces;
  pieces.reserve(ids.size());
  for (const std::int32_t id : ids) pieces.push_back((*pieces_)[static_cast<std::size_t>(id)].text);
  return decode(pieces);
}

Tokens Processor::decode(std::span<const std::string_view> pieces) const {
  Tokens result;
  std::string& text = result.text;
  for (const std::string_view piece : pieces)
    result.tokens.push_back({pieces_->id_of(piece), std::string(piece)});
  const auto set = [&](Token& token, std::size_t begin) {
    token.begin = begin;
    token.end = text.size();
    token.surface = text.substr(begin);
  };

  std::size_t first_byte = 0;
  const auto flush = [&](std::size_t end) {
    std::string bytes;
    for (std::size_t i = first_byte; i < end; ++i)
      bytes += static_cast<char>(byte_of_piece(result.tokens[i].piece));
    for_each_byte_char(bytes, [&](std::size_t from, std::size_t to, std::string_view c) {
      // The last byte of a character has its surface.
      for (std::size_t i = from; i + 1 < to; ++i) set(result.tokens[first_byte + i], text.size());
      const std::size_t begin = text.size();
      text += c;
      set(result.tokens[first_byte + to - 1], begin);
    });
  };

  const SentencePieceNormalizerSpec& spec = spec_->normalizer;
  bool at_start = true, took_space = false;
  for (std::size_t i = 0; i < result.tokens.size(); ++i) {
    Token& token = result.tokens[i];
    if (is(token.id, PieceType::kByte)) continue;
    flush(i);
    first_byte = i + 1;
    if (took_space || !text.empty()) at_start = false;
    const std::size_t begin = text.size();
    took_space = false;
    if (is(token.id, PieceType::kControl)) {
      // Invisible.
    } else if (is_unknown(token.id)) {
      const bool literal =
          token.id >= 0 && (*pieces_)[static_cast<std::size_t>(token.id)].text == token.piece;
      text += literal ? spec_->unk_surface : token.piece;
    } else {
      std::string_view rest = token.piece;
      if (at_start && (spec.add_dummy_prefix || spec.remove_extra_whitespaces)) {
        took_space = consume(rest, kSpaceMark) && !spec.remove_extra_whitespaces;
      }
      if (consume(rest, kSpaceMark)) text += ' ';
      if (pieces_->has_inner_space()) {
        append_spaced(text, rest);
      } else {
        text += rest;
      }
    }
    set(token, begin);
  }
  flush(result.tokens.size());
  if (denormalizer_) {
    std::string denormalized;
    denormalizer_->normalize(text, denormalized, nullptr);
    text = std::move(denormalized);
  }
  return result;
}

}  // namespace fasttok::sentencepiece
