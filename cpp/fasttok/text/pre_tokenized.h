// A text on its way through the stages: cut into splits, each with its normalized text and, once known, its
// tokens.
//
// The idea: the normalized texts of all splits lie in one string, and a split is four numbers, so cutting
// copies no text. A stage that changes the text writes a new string (SplitWriter). Until the first such stage
// the text is the original itself, and nothing is stored for offsets.
//
//   PreTokenizedString p("Hey you");
//   p.split_at([](std::string_view text, auto& pieces) { find_chars(text, is_space, pieces); },
//              SplitBehavior::kRemoved);
//   p.tokenize([&](std::string_view text) { return tokens_of(text); });
//   p.place(0, {0, 3});   // bytes of the original
//
// Mirrors the reference's PreTokenizedString: empty splits vanish, splits with tokens are left alone by every
// later stage, a token's word is the number of its split, and offsets that cannot be converted stay as they
// are.
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

enum class OffsetUnit { kByte, kChar };
enum class OffsetReferential { kOriginal, kNormalized };

struct Split {
  static constexpr std::uint32_t kNoTokens = ~std::uint32_t{0};

  std::uint32_t begin, end;                    // of the text of all splits
  std::uint32_t original_begin, original_end;  // without alignment: right until the first stage that rewrites
  std::uint32_t tokens = kNoTokens;            // number of its list of tokens
  std::uint32_t source = 0;                    // the text that it comes from: 0 for the original

  bool has_tokens() const { return tokens != kNoTokens; }
};

struct PlacedSplit {
  std::string_view text;                  // normalized
  std::size_t begin, end;                 // in the referential and unit asked for
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

class SplitWriter;

class PreTokenizedString {
 public:
  // Where not `aligned`, texts are rewritten without their places; offsets must not be asked for then.
  explicit PreTokenizedString(std::string original, bool aligned = true);

  const std::string& original() const { return original_; }
  bool aligned() const { return aligned_; }
  const std::vector<Split>& splits() const { return splits_; }
  // The texts of all splits; splits may overlap and leave gaps.
  std::string_view all_text() const { return is_original_ ? original_ : text_; }
  std::string_view text_of(const Split& split) const {
    return all_text().substr(split.begin, split.end - split.begin);
  }
  const std::vector<SplitToken>* tokens_of(const Split& split) const {
    return split.has_tokens() ? &tokens_[split.tokens] : nullptr;
  }

  // Takes the parts of a split, as ranges of its text. Empty ones are dropped.
  class Parts {
   public:
    void operator()(std::size_t begin, std::size_t end) {
      check_interrupt_at(next_.size());
      if (begin != end) next_.push_back(of_.part_of(split_, split_.begin + begin, split_.begin + end));
    }
    void with_tokens(std::size_t begin, std::size_t end, std::vector<SplitToken> tokens) {
      if (begin == end) return;
      (*this)(begin, end);
      next_.back().tokens = of_.add_tokens(std::move(tokens));
    }

   private:
    friend class PreTokenizedString;
    Parts(PreTokenizedString& of, const Split& split, std::vector<Split>& next)
        : of_(of), split_(split), next_(next) {}

    PreTokenizedString& of_;
    const Split& split_;
    std::vector<Split>& next_;
  };

  // Cuts each split without tokens: cut(its text, its Split, Parts& add).
  template <typename Cut>
  void cut(Cut&& cut);

  void drop_empty() {
    std::erase_if(splits_, [](const Split& s) { return !s.has_tokens() && s.begin == s.end; });
  }

  // Cuts each split without tokens at the pieces that find(text, pieces) tells.
  template <typename Find>
  void split_at(Find&& find, SplitBehavior behavior);

  // Replaces each split without tokens by the list of NormalizedString that cut(its number, its text)
  // returns. Empty ones are dropped. The text must be aligned.
  template <typename Cut>
  void split(Cut&& cut);
  // normalize(NormalizedString&) on each split without tokens. One that became empty stays.
  template <typename Normalize>
  void normalize(Normalize&& normalize);

  // Gives each split without tokens those of model(text) -> std::vector<SplitToken>.
  template <typename Model>
  void tokenize(Model&& model);

  std::vector<PlacedSplit> get_splits(OffsetReferential referential, OffsetUnit unit) const;
  // Where [begin, end) of the split's text lies in the original, in bytes.
  ByteRange place(const Split& split, ByteRange range) const;
  // Throws Error if a split has no tokens yet.
  void require_tokens() const;

  // The split as a text by itself.
  NormalizedString normalized(const Split& split) const;

 private:
  friend class SplitWriter;

  struct Source {
    std::string text;
    std::size_t shift;  // where it begins in the text that it was cut from
  };

  std::uint32_t add_tokens(std::vector<SplitToken> tokens) {
    tokens_.push_back(std::move(tokens));
    return static_cast<std::uint32_t>(tokens_.size() - 1);
  }
  Alignment alignment(std::size_t at) const;
  // A part of a split, at a range of all_text().
  Split part_of(const Split& split, std::size_t begin, std::size_t end) const;

  std::string original_;
  bool aligned_;
  bool is_original_ = true;  // all_text() is the original
  std::string text_;
  std::vector<Alignment> alignments_;  // of text_, in the original: not relative to the split
  std::vector<Split> splits_;
  std::vector<std::vector<SplitToken>> tokens_;
  std::vector<Source> sources_;  // texts from elsewhere that a Python component put in; [0] is source 1
};

// Writes the text of the splits anew, from left to right. Nothing changes before finish().
//
//   SplitWriter writer(p);
//   for (const Split& s : p.splits()) { writer.copy(s.begin, s.end); writer.end_split(s); }
//   writer.finish();
class SplitWriter {
 public:
  explicit SplitWriter(PreTokenizedString& of, std::size_t spare = 0);

  // Bytes [begin, end) of the old text.
  void copy(std::size_t begin, std::size_t end);
  // Characters that stand where the old byte `at` stands.
  void put(std::string_view chars, std::size_t at);
  // One character below U+0800, likewise.
  void put(char16_t c, std::size_t at);
  // What was written since the last split is this split, in its place in the original and with its tokens.
  void end_split(const Split& split);
  // As a whole split: a text by itself, which came from `split`.
  void add(const NormalizedString& text, const Split& split);
  void finish();

 private:
  PreTokenizedString& of_;
  std::string text_;
  std::vector<Alignment> alignments_;
  std::vector<Split> splits_;
  std::size_t begin_ = 0;
};

template <typename Cut>
void PreTokenizedString::cut(Cut&& cut) {
  std::vector<Split> next;
  next.reserve(splits_.size() + all_text().size() / 6);
  for (const Split& s : splits_) {
    check_interrupt_at(static_cast<std::size_t>(&s - splits_.data()));
    if (s.has_tokens()) {
      next.push_back(s);
      continue;
    }
    Parts parts(*this, s, next);
    cut(text_of(s), s, parts);
  }
  splits_ = std::move(next);
}

template <typename Find>
void PreTokenizedString::split_at(Find&& find, SplitBehavior behavior) {
  std::vector<PatternPiece> pieces;
  cut([&](std::string_view text, const Split&, Parts& add) {
    find(text, pieces);
    merge_pieces(behavior, pieces);
    for (const PatternPiece& p : pieces) {
      if (!p.is_match) add(p.range.begin, p.range.end);
    }
  });
}

template <typename Cut>
void PreTokenizedString::split(Cut&& cut) {
  SplitWriter writer(*this);
  for (std::size_t i = 0; i < splits_.size(); ++i) {
    check_interrupt_at(i);
    const Split s = splits_[i];
    if (s.has_tokens()) {
      writer.copy(s.begin, s.end);
      writer.end_split(s);
      continue;
    }
    for (const NormalizedString& part : cut(i, normalized(s))) {
      if (!part.empty()) writer.add(part, s);
    }
  }
  writer.finish();
}

template <typename Normalize>
void PreTokenizedString::normalize(Normalize&& normalize) {
  SplitWriter writer(*this);
  for (const Split& s : splits_) {
    check_interrupt_at(static_cast<std::size_t>(&s - splits_.data()));
    if (s.has_tokens()) {
      writer.copy(s.begin, s.end);
      writer.end_split(s);
      continue;
    }
    NormalizedString text = aligned_ ? normalized(s) : NormalizedString::unaligned(std::string(text_of(s)));
    normalize(text);
    writer.add(text, s);
  }
  writer.finish();
}

template <typename Model>
void PreTokenizedString::tokenize(Model&& model) {
  for (Split& s : splits_) {
    check_interrupt_at(static_cast<std::size_t>(&s - splits_.data()));
    if (s.has_tokens()) continue;
    s.tokens = add_tokens(model(text_of(s)));
  }
}

}  // namespace fasttok
