// A text and what normalization made of it, with the way back.
//
// The idea: every byte of the normalized text knows the byte range of the original that it stands for. A
// normalizer goes over the old text with a Rewriter, which carries the ranges along. Where nobody will ask
// for offsets the ranges are left out (`unaligned`), and only the text is rewritten.
//
//   NormalizedString s("Élan");
//   s.normalize(NormalForm::kNfd);                    // "E\u0301lan"
//   s.filter([](char32_t c) { return c != 0x301; });  // "Elan"
//   s.to_original({0, 1});                            // {0, 2}: the two bytes of É
//
// Mirrors the reference's NormalizedString, odd cases included. Texts are valid UTF-8 of less than 4 GiB;
// positions are bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/text/pattern.h"
#include "fasttok/unicode/normal_forms.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

// A byte range of the original. All bytes of a character have the same one.
struct Alignment {
  std::uint32_t begin, end;

  bool operator==(const Alignment&) const = default;
};

// Throws ValueError where a text is too long for 32 bits.
void require_short(std::size_t bytes);

class NormalizedString {
 public:
  NormalizedString() = default;
  explicit NormalizedString(std::string text);
  NormalizedString(std::string original, std::string normalized, std::vector<Alignment> alignments,
                   std::size_t original_shift)
      : original_(std::move(original)),
        normalized_(std::move(normalized)),
        alignments_(std::move(alignments)),
        original_shift_(original_shift) {}
  // A text that only is rewritten: get() and what changes it work, the rest must not be called.
  static NormalizedString unaligned(std::string text);

  const std::string& get() const { return normalized_; }
  const std::string& get_original() const { return original_; }
  bool empty() const { return normalized_.empty(); }
  bool aligned() const { return aligned_; }
  // For each byte of get(), the bytes of get_original() that it stands for.
  std::span<const Alignment> alignments() const { return alignments_; }
  // Where get_original() lies in the text that this was sliced from.
  ByteRange offsets_original() const { return {original_shift_, original_shift_ + original_.size()}; }

  // Normalized range -> original range and back, both relative to this string. An empty range comes back
  // unchanged (the reference's doing); nothing comes back for a range that is backwards or out of bounds.
  std::optional<ByteRange> to_original(ByteRange normalized) const;
  std::optional<ByteRange> to_normalized(ByteRange original) const;

  // The part of the string at this range of get(), or nothing if the range cuts a character or is out of
  // bounds.
  std::optional<NormalizedString> slice(ByteRange normalized) const;
  // Cuts at `pieces`, which cover get(). Empty parts may be among the result.
  std::vector<NormalizedString> split(std::vector<PatternPiece> pieces, SplitBehavior behavior) const;

  void normalize(NormalForm form);
  void lowercase();
  void uppercase();
  void strip(bool left, bool right);
  // Before, or after, the text; prepend() does nothing to an empty text. Prepending nothing leaves the text
  // alone, but its first character then stands for nothing (the reference's doing).
  void prepend(std::string_view text);
  void append(std::string_view text);
  // Puts `content` in the place of the pieces that match; the pieces are as split()'s.
  void replace(std::span<const PatternPiece> pieces, std::string_view content);
  void clear();

  // Keeps the characters for which keep(char32_t) holds.
  template <typename Keep>
  void filter(Keep&& keep);
  // Replaces each character by map(char32_t).
  template <typename Map>
  void map(Map&& map);

 private:
  friend class Rewriter;

  // Whether the characters of the text stand for all of the original, so that rewriting it is rewriting the
  // range of the normalized text that belongs to the whole original: what the reference really does.
  bool rewrites_all() const;
  void transform(std::span<const CharChange> dest, std::size_t initial_removed);
  void transform_range(ByteRange normalized, std::span<const CharChange> dest, std::size_t initial_removed);

  std::string original_;
  std::string normalized_;
  std::vector<Alignment> alignments_;  // one for each byte of normalized_
  std::size_t original_shift_ = 0;     // where original_ begins in the text that it was sliced from
  bool aligned_ = true;
};

// Makes the new text of a NormalizedString, from left to right over the old one.
//
//   Rewriter rewriter(s);       // "aÉb"
//   rewriter.keep(0, 1);        // a
//   rewriter.put(U'é', 0);      // in the place of the next character
//   rewriter.keep(3, 4);        // b
//   rewriter.finish();
//
// What is told is one list of characters with changes (see normal_forms.h), as the reference makes it. It
// counts off the old characters: keep() is a run of changes 0, skip() makes the last change smaller.
class Rewriter {
 public:
  explicit Rewriter(NormalizedString& text)
      : text_(text), old_(text.normalized_), literal_(text.aligned_ && !text.rewrites_all()) {}

  std::string_view old_text() const { return old_; }
  // Bytes [begin, end) of the old text as they are.
  void keep(std::size_t begin, std::size_t end);
  // The next characters of the old text, up to `end`, are gone.
  void skip(std::size_t end);
  void put(char32_t c, std::ptrdiff_t change);
  // `count` characters are gone, as a change of what was put last: an insertion then becomes a replacement.
  // Where nothing was put yet they are not counted.
  void amend(std::size_t count);
  // Without it, the text stays as it is.
  void finish();

 private:
  void start();

  NormalizedString& text_;
  const std::string& old_;
  bool literal_;          // the odd case: collect the list and let transform() do it
  bool changed_ = false;  // something else than keep() has happened
  std::size_t kept_ = 0;  // up to here the old text is unchanged, where !changed_
  std::size_t at_ = 0;    // how far the changes count
  std::string out_;
  std::vector<Alignment> alignments_;
  CharChange last_{0, 0};
  bool any_ = false;  // something was kept or put
  std::vector<CharChange> list_;
  std::size_t initial_removed_ = 0;
};

template <typename Keep>
void NormalizedString::filter(Keep&& keep) {
  Rewriter rewriter(*this);
  std::size_t done = 0;
  for_each_char(normalized_, [&](char32_t c, std::size_t at, std::size_t size) {
    if (keep(c)) return;
    rewriter.keep(done, at);
    done = at + size;
    rewriter.skip(done);
  });
  rewriter.keep(done, normalized_.size());
  rewriter.finish();
}

template <typename Map>
void NormalizedString::map(Map&& map) {
  Rewriter rewriter(*this);
  std::size_t done = 0;
  for_each_char(normalized_, [&](char32_t c, std::size_t at, std::size_t size) {
    const char32_t mapped = map(c);
    if (mapped == c) return;
    rewriter.keep(done, at);
    done = at + size;
    rewriter.put(mapped, 0);
  });
  rewriter.keep(done, normalized_.size());
  rewriter.finish();
}

}  // namespace fasttok
