// A tokenizer as plain data: what tokenizer.json says, before anything is compiled.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fasttok/model/wordpiece.h"
#include "fasttok/output/decoder.h"
#include "fasttok/output/template.h"
#include "fasttok/pinyin/costs.h"
#include "fasttok/text/added_tokens.h"
#include "fasttok/text/normalizer.h"
#include "fasttok/text/pre_tokenizer.h"

namespace fasttok {

struct Spec {
  std::optional<BertNormalizer> normalizer;
  std::optional<BertPreTokenizer> pre_tokenizer;
  std::shared_ptr<const pinyin::Costs> pinyin;  // where set, texts are divided into syllables
  std::shared_ptr<const WordPiece> model;
  std::optional<Template> post_processor;
  std::optional<WordPieceDecoder> decoder;
  std::vector<AddedToken> added_tokens;  // in the order of addition, ids assigned
};

}  // namespace fasttok
