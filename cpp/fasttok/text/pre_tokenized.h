// A text on its way through the stages: cut into splits, each with its normalized text and, once known, its
// tokens.
//
// The idea: added tokens get their tokens at once and are left alone by every later stage; the pre-tokenizer
// cuts the other splits further; the model gives the rest their tokens; then each token is placed in the
// original text.
//
//   PreTokenizedString p("Hey you");
//   p.split([](std::size_t, NormalizedString s) { return s.split(find_chars(s.get(), is_space), kRemoved);
//   }); p.tokenize([&](const NormalizedString& s) { return tokens_of(s.get()); });
//   p.for_each_token(OffsetUnit::kChar, [](const PlacedToken& t) { ... });
//
// Mirrors the reference's PreTokenizedString: empty splits vanish, a token's word is the number of its split,
// and offsets that cannot be converted stay as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/base/interrupt.h"
#include "fasttok/text/normalized.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

// A token as a model returns it; [begin, end) are bytes of the split's normalized text.
struct SplitToken {
  std::uint32_t id;
  std::string value;
  std::size_t begin, end;

  bool operator==(const SplitToken&) const = default;
};

struct Split {
  Split(NormalizedString text)
      : normalized(std::move(text)) {}  // NOLINT: a plain text is a split without tokens
  Split(NormalizedString text, std::vector<SplitToken> with)
      : normalized(std::move(text)), tokens(std::move(with)) {}

  NormalizedString normalized;
  std::optional<std::vector<SplitToken>> tokens;
};

enum class OffsetUnit { kByte, kChar };

// A token in its place; the views live as long as the PreTokenizedString.
struct PlacedToken {
  std::uint32_t id;
  std::string_view value;
  std::size_t begin, end;  // in the original text, in the unit asked for
  std::size_t split;       // number of its split: the word
};

struct PlacedSplit {
  std::string_view text;                  // normalized
  std::size_t begin, end;                 // in the original text, in the unit asked for
  const std::vector<SplitToken>* tokens;  // null where there are none yet
};

// Byte ranges of the original text to ranges in the unit asked for.
class OffsetConverter {
 public:
  OffsetConverter(std::string_view text, OffsetUnit unit);
  // What the reference cannot convert comes back unchanged.
  ByteRange operator()(ByteRange bytes) const;

 private:
  std::optional<CharIndex> chars_;
};

class PreTokenizedString {
 public:
  explicit PreTokenizedString(std::string text) : original_(text) {
    splits_.push_back(NormalizedString(std::move(text)));
  }
  explicit PreTokenizedString(NormalizedString text) : original_(text.get_original()) {
    splits_.push_back(std::move(text));
  }

  const std::string& original() const { return original_; }
  const std::vector<Split>& splits() const { return splits_; }

  // Replaces each split without tokens by cut(its number, its text): a container of Split or NormalizedString
  // whose texts, joined, are the text. Empty ones are dropped.
  template <typename Cut>
  void split(Cut&& cut) {
    std::vector<Split> next;
    next.reserve(splits_.size());
    for (std::size_t i = 0; i < splits_.size(); ++i) {
      check_interrupt_at(i);
      if (splits_[i].tokens) {
        next.push_back(std::move(splits_[i]));
        continue;
      }
      for (auto& part : cut(i, std::move(splits_[i].normalized))) {
        Split made(std::move(part));
        if (!made.normalized.empty()) next.push_back(std::move(made));
      }
    }
    splits_ = std::move(next);
  }

  // normalize(NormalizedString&) on each split without tokens.
  template <typename Normalize>
  void normalize(Normalize&& apply) {
    for (Split& s : splits_) {
      if (!s.tokens) apply(s.normalized);
    }
  }

  // Gives each split without tokens those of model(const NormalizedString&) -> std::vector<SplitToken>.
  template <typename Model>
  void tokenize(Model&& model) {
    for (Split& s : splits_) {
      check_interrupt_at(static_cast<std::size_t>(&s - splits_.data()));
      if (!s.tokens) s.tokens = model(std::as_const(s.normalized));
    }
  }

  // visit(const PlacedToken&) for each token, in order. Throws Error if a split has no tokens yet.
  template <typename Visit>
  void for_each_token(OffsetUnit unit, Visit&& visit) const {
    require_tokens();
    const OffsetConverter convert(original_, unit);
    for (std::size_t i = 0; i < splits_.size(); ++i) {
      check_interrupt_at(i);
      for (const SplitToken& t : *splits_[i].tokens) {
        const ByteRange place = convert(place_in_original(splits_[i].normalized, t));
        visit(PlacedToken{t.id, t.value, place.begin, place.end, i});
      }
    }
  }

  std::vector<PlacedSplit> get_splits(OffsetUnit unit) const;

 private:
  void require_tokens() const;
  static ByteRange place_in_original(const NormalizedString& split, const SplitToken& token);

  std::string original_;
  std::vector<Split> splits_;
};

}  // namespace fasttok
