#include "fasttok/pipeline/sentencepiece_text.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "fasttok/base/error.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok::sentencepiece {
namespace {

// A text that a str can have: bytes that are no UTF-8 as "\xff", as Python's backslashreplace has them.
std::string readable(std::string_view text) {
  std::string made;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = valid_char_size(text.substr(at));
    if (size > 0) {
      made += text.substr(at, size);
    } else {
      constexpr char kDigits[] = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(text[at]);
      made += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    at += std::max<std::size_t>(size, 1);
  }
  return made;
}

Vocab vocab_from(const Pieces& pieces) {
  std::vector<VocabEntry> entries;
  std::deque<std::string> made;
  entries.reserve(pieces.size());
  for (std::size_t id = 0; id < pieces.size(); ++id) {
    std::string_view text = pieces[id].text;
    if (invalid_utf8_at(text) != text.size()) text = made.emplace_back(readable(text));
    entries.push_back({text, static_cast<std::uint32_t>(id)});
  }
  return Vocab(entries);
}

// An unknown part of a model without an unknown piece has no id; what byte fallback covers has one.
std::uint32_t checked(std::int32_t id) {
  if (id < 0) throw Error("Encountered an unknown token but the model has no unknown piece");
  return static_cast<std::uint32_t>(id);
}

}  // namespace

SentencePieceText::SentencePieceText(ModelSpec spec)
    : processor_(std::move(spec)), vocab_(vocab_from(processor_.pieces())) {}

std::vector<fasttok::Token> SentencePieceText::tokenize(std::string_view text) const {
  std::vector<fasttok::Token> tokens;
  for (Token& token : processor_.encode(text, {}).tokens) {
    tokens.push_back({checked(token.id), std::move(token.piece), {token.begin, token.end}});
  }
  return tokens;
}

void SentencePieceText::ids_of(std::string_view text, std::vector<std::uint32_t>& ids) const {
  for (const std::int32_t id : processor_.encode_ids(text, {})) ids.push_back(checked(id));
}

std::string SentencePieceText::decode(std::span<const std::uint32_t> ids) const {
  std::vector<std::int32_t> known;
  known.reserve(ids.size());
  for (const std::uint32_t id : ids) {
    if (id < processor_.pieces().size()) known.push_back(static_cast<std::int32_t>(id));
  }
  return processor_.decode_ids(known);
}

}  // namespace fasttok::sentencepiece
