// Normalizers: what happens to the text before it is split.
//
//   NormalizedString s("Ünï 中");
//   BertNormalizer{}.normalize(s);  // "uni  中 "
//   Normalizer chain{{UnicodeForm{NormalForm::kNfc}, Lowercase{}}};
//   chain.normalize(s);
//
// Each struct mirrors the reference's of that name, stage by stage in its order. The facts on single
// characters are in unicode/properties.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fasttok/text/charsmap.h"
#include "fasttok/text/normalized.h"

namespace fasttok {

struct BertNormalizer {
  bool clean_text = true;               // drop controls, turn white space into U+0020
  bool handle_chinese_chars = true;     // put a space on both sides of each
  std::optional<bool> strip_accents{};  // NFD, then drop Mn; not set: as `lowercase`
  bool lowercase = true;

  void normalize(NormalizedString& text) const;
};

struct UnicodeForm {
  NormalForm form;
  void normalize(NormalizedString& text) const { text.normalize(form); }
};

struct Lowercase {
  void normalize(NormalizedString& text) const { text.lowercase(); }
};

struct Strip {
  bool left = true, right = true;
  void normalize(NormalizedString& text) const { text.strip(left, right); }
};

// Drops combining marks; without a decomposition before it, only those that stand by themselves.
struct StripAccents {
  void normalize(NormalizedString& text) const;
};

// The cleaning of Google's NMT: some controls go, others and some white space become U+0020.
struct Nmt {
  void normalize(NormalizedString& text) const;
};

// Each byte as a visible character (text/byte_level.h).
struct ByteLevelNormalizer {
  void normalize(NormalizedString& text) const;
};

struct Prepend {
  std::string prepend;
  void normalize(NormalizedString& text) const { text.prepend(prepend); }
};

struct Replace {
  TextPattern pattern;
  std::string content;
  void normalize(NormalizedString& text) const;
};

// A charsmap, on grapheme clusters of less than six bytes as a whole, and on the characters of longer ones.
// The reference loses count where the text begins with characters that are dropped: what follows has the
// places of what stands before it.
struct Precompiled {
  std::shared_ptr<const Charsmap> charsmap;
  void normalize(NormalizedString& text) const;
};

// Code from outside of the core, as a Python object.
class ForeignNormalizer {
 public:
  virtual ~ForeignNormalizer() = default;
  virtual void normalize(NormalizedString& text) const = 0;
};

struct CustomNormalizer {
  std::shared_ptr<const ForeignNormalizer> foreign;
  void normalize(NormalizedString& text) const { foreign->normalize(text); }
};

// One after the other.
struct Normalizer {
  using Step = std::variant<BertNormalizer, UnicodeForm, Lowercase, Strip, StripAccents, Nmt,
                            ByteLevelNormalizer, Prepend, Replace, Precompiled, CustomNormalizer>;
  std::vector<Step> steps;

  void normalize(NormalizedString& text) const;
  // Whether the text that comes out, not only its offsets, may depend on the alignment.
  bool needs_alignment() const;
};

}  // namespace fasttok
