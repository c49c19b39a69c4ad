// A tokenizer as plain data: what tokenizer.json says, before anything is compiled.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fasttok/model/model.h"
#include "fasttok/output/decoder.h"
#include "fasttok/output/template.h"
#include "fasttok/text/added_tokens.h"
#include "fasttok/text/normalizer.h"
#include "fasttok/text/pre_tokenizer.h"

namespace fasttok {

namespace pinyin {
class Costs;
}

struct Spec {
  std::optional<Normalizer> normalizer;
  std::optional<PreTokenizer> pre_tokenizer;
  std::shared_ptr<const pinyin::Costs> pinyin;  // where set, texts are divided into syllables
  Model model;
  std::optional<Template> post_processor;
  std::optional<Decoder> decoder;
  std::vector<AddedToken> added_tokens;  // in the order of addition, ids assigned
};

inline bool has_foreign_code(const Spec& spec) {
  const auto any = [](const auto& stage, const auto& is_foreign) {
    return stage && std::ranges::any_of(stage->steps, is_foreign);
  };
  return any(spec.normalizer, [](const auto& s) { return std::holds_alternative<CustomNormalizer>(s); }) ||
         any(spec.pre_tokenizer, [](const auto& s) { return std::holds_alternative<CustomPreTokenizer>(s); });
}

// The BertNormalizer of a spec whose normalizer is nothing else; null otherwise.
inline const BertNormalizer* bert_normalizer(const Spec& spec) {
  if (!spec.normalizer || spec.normalizer->steps.size() != 1) return nullptr;
  return std::get_if<BertNormalizer>(&spec.normalizer->steps[0]);
}

// Whether the text goes through BertNormalizer, or nothing, and then BertPreTokenizer.
inline bool has_bert_text_stages(const Spec& spec) {
  const bool normalizes = spec.normalizer && !spec.normalizer->steps.empty();
  return (!normalizes || bert_normalizer(spec)) && spec.pre_tokenizer &&
         spec.pre_tokenizer->steps.size() == 1 &&
         std::holds_alternative<BertPreTokenizer>(spec.pre_tokenizer->steps[0]);
}

}  // namespace fasttok
