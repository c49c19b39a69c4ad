// Pre-tokenizers: how the normalized text is cut into words.
//
//   PreTokenizedString p("Hey, you");
//   BertPreTokenizer{}.pre_tokenize(p);  // Hey | , | you
//   PreTokenizer chain{{WhitespaceSplit{}, Digits{true}}};
//   chain.pre_tokenize(p);
//
// Each struct mirrors the reference's of that name. The facts on single characters are in
// unicode/properties.h.
#pragma once

#include <cstddef>
#include <memory>
#include <variant>
#include <vector>

#include "fasttok/text/pattern.h"
#include "fasttok/text/pre_tokenized.h"

namespace fasttok {

// Words at white space, each punctuation character by itself.
struct BertPreTokenizer {
  void pre_tokenize(PreTokenizedString& text) const;
};

// GPT-2's: a space before the first word, words by its pattern, each byte as a visible character.
struct ByteLevel {
  bool add_prefix_space = true;
  bool use_regex = true;
  void pre_tokenize(PreTokenizedString& text) const;
};

struct CharDelimiterSplit {
  char32_t delimiter;
  void pre_tokenize(PreTokenizedString& text) const;
};

struct Digits {
  bool individual_digits = false;
  void pre_tokenize(PreTokenizedString& text) const;
};

// Every `length` characters.
struct FixedLength {
  std::size_t length = 5;
  void pre_tokenize(PreTokenizedString& text) const;
};

// SentencePiece's: spaces become `replacement`, and words begin with it.
struct Metaspace {
  enum class Prepend { kAlways, kFirst, kNever };  // kFirst: where the original text begins

  char32_t replacement = U'\u2581';
  Prepend prepend = Prepend::kAlways;
  bool split = true;
  void pre_tokenize(PreTokenizedString& text) const;
};

struct Punctuation {
  SplitBehavior behavior = SplitBehavior::kIsolated;
  void pre_tokenize(PreTokenizedString& text) const;
};

struct SplitAtPattern {
  TextPattern pattern;
  SplitBehavior behavior;
  bool invert = false;
  void pre_tokenize(PreTokenizedString& text) const;
};

// Where the script changes; kana count as Han. The reference drops what stands before the first character
// that has a script, so a text without any is gone.
struct UnicodeScripts {
  void pre_tokenize(PreTokenizedString& text) const;
};

// Runs of word characters, and runs of what is neither that nor white space: \w+|[^\w\s]+
struct Whitespace {
  void pre_tokenize(PreTokenizedString& text) const;
};

struct WhitespaceSplit {
  void pre_tokenize(PreTokenizedString& text) const;
};

// Code from outside of the core, as a Python object.
class ForeignPreTokenizer {
 public:
  virtual ~ForeignPreTokenizer() = default;
  virtual void pre_tokenize(PreTokenizedString& text) const = 0;
};

struct CustomPreTokenizer {
  std::shared_ptr<const ForeignPreTokenizer> foreign;
  void pre_tokenize(PreTokenizedString& text) const { foreign->pre_tokenize(text); }
};

// One after the other.
struct PreTokenizer {
  using Step = std::variant<BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, FixedLength, Metaspace,
                            Punctuation, SplitAtPattern, UnicodeScripts, Whitespace, WhitespaceSplit,
                            CustomPreTokenizer>;
  std::vector<Step> steps;

  void pre_tokenize(PreTokenizedString& text) const;
  // Whether the splits and their texts, not only their offsets, may depend on the alignment. `rewritten`:
  // a normalizer has changed the text before.
  bool needs_alignment(bool rewritten) const;
};

}  // namespace fasttok
