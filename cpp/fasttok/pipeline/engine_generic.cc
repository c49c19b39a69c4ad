#include "fasttok/pipeline/engine_generic.h"

#include "fasttok/base/interrupt.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

std::string text_to_utf8(const TextView& view, std::size_t text_index) {
  std::string utf8;
  utf8.reserve(view.length);
  for (std::size_t i = 0; i < view.length; ++i) {
    check_interrupt_at(i);
    const char32_t c = view.at(i);
    if (is_surrogate(c)) throw SurrogateFound(text_index, i);
    append_utf8(utf8, c);
  }
  return utf8;
}

}  // namespace

GenericEngine::GenericEngine(const Spec& spec)
    : normalizer_(spec.normalizer),
      pre_tokenizer_(spec.pre_tokenizer),
      model_(spec.model),
      added_(spec.added_tokens, spec.normalizer ? &*spec.normalizer : nullptr) {}

void GenericEngine::encode(const SequenceRequest& request, TokenColumns& out) const {
  for (std::size_t i = 0; i < request.texts.size(); ++i) {
    check_interrupt();
    PreTokenizedString text =
        added_.extract_and_normalize(text_to_utf8(request.texts[i], i), request.allowed);
    // So far only added tokens have tokens.
    std::vector<bool> is_added;
    for (const PlacedSplit& split : text.get_splits(OffsetUnit::kChar)) {
      is_added.push_back(split.tokens != nullptr);
      if (!split.tokens || !request.specials_are_errors) continue;
      for (const AddedToken& token : added_.tokens()) {
        if (token.special && token.id == split.tokens->front().id) {
          throw SpecialTokenFound(token.content, i, split.begin);
        }
      }
    }
    if (pre_tokenizer_) {
      pre_tokenizer_->pre_tokenize(text);
      is_added.clear();
      for (const Split& split : text.splits()) is_added.push_back(split.tokens.has_value());
    }
    text.tokenize([&](const NormalizedString& split) {
      std::vector<SplitToken> tokens;
      for (Token& token : model_->tokenize(split.get())) {
        tokens.push_back({token.id, std::move(token.value), token.offsets.first, token.offsets.second});
      }
      return tokens;
    });
    text.for_each_token(OffsetUnit::kChar, [&](const PlacedToken& token) {
      const std::size_t at = out.ids.size();
      out.make_room(1);
      out.set_size(at + 1);
      out.ids[at] = token.id;
      if (!out.details) return;
      out.spans[at] = {static_cast<std::uint32_t>(token.begin), static_cast<std::uint32_t>(token.end)};
      out.words[at] = static_cast<std::int32_t>(request.pretokenized ? i : token.split);
      if (is_added[token.split]) out.added.push_back(at);
      if (out.values) out.values->emplace_back(token.value);
    });
  }
}

}  // namespace fasttok
