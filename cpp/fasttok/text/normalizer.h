// BertNormalizer: cleaning, spaces around CJK, accents off, lowercase.
//
//   NormalizedString s("Ünï 中");
//   BertNormalizer{}.normalize(s);  // "uni  中 "
//
// Mirrors the reference's, stage by stage in its order. The facts on single characters are the flags in
// unicode/properties.h.
#pragma once

#include <optional>

#include "fasttok/text/normalized.h"

namespace fasttok {

struct BertNormalizer {
  bool clean_text = true;               // drop controls, turn white space into U+0020
  bool handle_chinese_chars = true;     // put a space on both sides of each
  std::optional<bool> strip_accents{};  // NFD, then drop Mn; not set: as `lowercase`
  bool lowercase = true;

  void normalize(NormalizedString& text) const;
};

}  // namespace fasttok
