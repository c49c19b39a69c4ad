#include "fasttok/pipeline/engine_sentencepiece.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <variant>

#include "fasttok/pipeline/sentencepiece_text.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok::sentencepiece {

namespace {

const SentencePieceText* text_model_of(const Spec& spec) {
  const auto* model = std::get_if<std::shared_ptr<const WholeTextModel>>(&spec.model);
  return model ? dynamic_cast<const SentencePieceText*>(model->get()) : nullptr;
}

}  // namespace

bool SentencePieceEngine::fits(const Spec& spec) {
  const SentencePieceText* const model = text_model_of(spec);
  // Without an unknown piece a text may have no ids, which `generic` tells.
  return model && !spec.normalizer && !spec.pre_tokenizer && !spec.pinyin &&
         model->processor().pieces().unk_id() >= 0;
}

SentencePieceEngine::SentencePieceEngine(const Spec& spec, const GenericEngine& generic)
    : model_(std::get<std::shared_ptr<const WholeTextModel>>(spec.model)),
      processor_(text_model_of(spec)->processor()),
      generic_(generic) {
  const AddedTokens& added = generic.added_tokens();
  for (std::size_t i = 0; i < added.tokens().size(); ++i) {
    if (!added.pattern(i).empty()) first_chars_.push_back(decode_char(added.pattern(i), 0).c);
  }
  std::sort(first_chars_.begin(), first_chars_.end());
  first_chars_.erase(std::unique(first_chars_.begin(), first_chars_.end()), first_chars_.end());
}

// Without a normalizer an added token stands in a text as it is written.
bool SentencePieceEngine::may_hold_added_token(const TextView& text) const {
  const auto any = [&]<class Unit>(const Unit* units) {
    for (const char32_t c : first_chars_) {
      if (c > std::numeric_limits<Unit>::max()) continue;
      if (std::find(units, units + text.length, static_cast<Unit>(c)) != units + text.length) return true;
    }
    return false;
  };
  if (text.kind == 1) return any(static_cast<const std::uint8_t*>(text.data));
  if (text.kind == 2) return any(static_cast<const std::uint16_t*>(text.data));
  return any(static_cast<const std::uint32_t*>(text.data));
}

void SentencePieceEngine::encode(const SequenceRequest& request, TokenColumns& out) const {
  if (out.details || request.pretokenized || request.texts.size() != 1 ||
      may_hold_added_token(request.texts[0])) {
    generic_.encode(request, out);
    return;
  }
  processor_.append_ids(request.texts[0], out.ids);
}

}  // namespace fasttok::sentencepiece
