#include "fasttok/pipeline/sentencepiece_text.h"

#include <utility>

#include "fasttok/base/error.h"

namespace fasttok::sentencepiece {
namespace {

Vocab vocab_from(const Pieces& pieces) {
  std::vector<VocabEntry> entries;
  entries.reserve(pieces.size());
  for (std::size_t id = 0; id < pieces.size(); ++id) {
    entries.push_back({pieces[id].text, static_cast<std::uint32_t>(id)});
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
