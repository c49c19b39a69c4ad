#include "fasttok/model/model.h"

namespace fasttok {
namespace {

const Vocab& vocab_in(const WordPiece& model) {
  return *model.vocab;
}
const Vocab& vocab_in(const WordLevel& model) {
  return *model.vocab;
}
const Vocab& vocab_in(const RankBpe& model) {
  return *model.vocab;
}
const Vocab& vocab_in(const Bpe& model) {
  return model.tables->vocab();
}
const Vocab& vocab_in(const Unigram& model) {
  return model.tables->vocab();
}
const Vocab& vocab_in(const WholeTextModel& model) {
  return model.vocab();
}

}  // namespace

std::vector<Token> tokenize(const Model& model, std::string_view word) {
  return std::visit([&](const auto& held) { return held->tokenize(word); }, model);
}

void tokenize(const Model& model, std::string_view word, std::vector<TokenSpan>& spans) {
  if (const auto* bpe = std::get_if<std::shared_ptr<const Bpe>>(&model)) return (*bpe)->tokenize(word, spans);
  for (const Token& token : tokenize(model, word)) {
    spans.push_back({token.id, token.offsets.first, token.offsets.second});
  }
}

const Vocab& vocab_of(const Model& model) {
  return std::visit([](const auto& held) -> const Vocab& { return vocab_in(*held); }, model);
}

std::optional<std::string_view> id_to_token(const Model& model, std::uint32_t id) {
  if (const auto* unigram = std::get_if<std::shared_ptr<const Unigram>>(&model)) {
    const std::span<const ScoredPiece> pieces = (*unigram)->tables->pieces();
    return id < pieces.size() ? std::optional(pieces[id].text) : std::nullopt;
  }
  return vocab_of(model).id_to_token(id);
}

}  // namespace fasttok
