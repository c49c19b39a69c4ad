// The models by one name: what a Spec holds, and what the generic engine asks.
//
//   Model model = std::make_shared<const WordLevel>(...);
//   tokenize(model, "word");   vocab_of(model).token_to_id("word");
//
// A model is a handle on an immutable object, so it is copied freely.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "fasttok/model/bpe.h"
#include "fasttok/model/rank_bpe.h"
#include "fasttok/model/token.h"
#include "fasttok/model/unigram.h"
#include "fasttok/model/vocab.h"
#include "fasttok/model/whole_text_model.h"
#include "fasttok/model/word_level.h"
#include "fasttok/model/wordpiece.h"

namespace fasttok {

using Model = std::variant<std::shared_ptr<const WordPiece>, std::shared_ptr<const Bpe>,
                           std::shared_ptr<const RankBpe>, std::shared_ptr<const Unigram>,
                           std::shared_ptr<const WordLevel>, std::shared_ptr<const WholeTextModel>>;

std::vector<Token> tokenize(const Model& model, std::string_view word);
// The same without the texts: appends to `spans`.
void tokenize(const Model& model, std::string_view word, std::vector<TokenSpan>& spans);
const Vocab& vocab_of(const Model& model);
// Of Unigram, also those pieces that a later equal one hides.
std::optional<std::string_view> id_to_token(const Model& model, std::uint32_t id);

}  // namespace fasttok
