// A text and what normalization made of it, with the way back.
//
// The idea: every byte of the normalized text knows the byte range of the original that it stands for. Each
// change is told as a list of output characters, each with a change (see normal_forms.h), and the ranges are
// carried along.
//
//   NormalizedString s("Élan");
//   s.nfd();                                         // "E\u0301lan"
//   s.filter([](char32_t c) { return c != 0x301; });  // "Elan"
//   s.to_original({0, 1});                            // {0, 2}: the two bytes of É
//
// Mirrors the reference's NormalizedString, literally, odd cases included: it is part of the oracle, so it is
// plain rather than fast (but linear). Texts are valid UTF-8; positions are bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/unicode/normal_forms.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

struct ByteRange {
  std::size_t begin, end;

  bool operator==(const ByteRange&) const = default;
};

// What split() does with a delimiter. Splitting "the-final--countdown" at '-':
//   kRemoved            the final countdown
//   kIsolated           the - final - - countdown
//   kMergedWithPrevious the- final- - countdown
//   kMergedWithNext     the -final - -countdown
//   kContiguous         the - final -- countdown
enum class SplitBehavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

// A piece of a text that is or is not a match of some pattern.
struct PatternPiece {
  ByteRange range;
  bool is_match;
};

// Cuts `text` at each character for which is_delimiter(char32_t) holds; the pieces cover the text. An empty
// text is one empty piece that does not match.
template <typename IsDelimiter>
std::vector<PatternPiece> find_chars(std::string_view text, IsDelimiter&& is_delimiter) {
  if (text.empty()) return {{{0, 0}, false}};
  std::vector<PatternPiece> pieces;
  std::size_t done = 0;
  for_each_char(text, [&](char32_t c, std::size_t at, std::size_t size) {
    if (!is_delimiter(c)) return;
    if (done < at) pieces.push_back({{done, at}, false});
    pieces.push_back({{at, at + size}, true});
    done = at + size;
  });
  if (done < text.size()) pieces.push_back({{done, text.size()}, false});
  return pieces;
}

class NormalizedString {
 public:
  NormalizedString() = default;
  explicit NormalizedString(std::string text);

  const std::string& get() const { return normalized_; }
  const std::string& get_original() const { return original_; }
  bool empty() const { return normalized_.empty(); }
  // For each byte of get(), the bytes of get_original() that it stands for.
  std::span<const ByteRange> alignments() const { return alignments_; }
  // Where get_original() lies in the text that this was sliced from.
  ByteRange offsets_original() const { return {original_shift_, original_shift_ + original_.size()}; }

  // Normalized range -> original range and back, both relative to this string. An empty range comes back
  // unchanged (the reference's doing); nothing comes back for a range that is backwards or out of bounds.
  std::optional<ByteRange> to_original(ByteRange normalized) const;
  std::optional<ByteRange> to_normalized(ByteRange original) const;

  // The part of the string at this range of get(), or nothing if the range cuts a character or is out of
  // bounds.
  std::optional<NormalizedString> slice(ByteRange normalized) const;

  // Replaces the text by `dest`, after `initial_removed` characters that are dropped at its beginning.
  void transform(std::span<const CharChange> dest, std::size_t initial_removed);
  void transform_range(ByteRange normalized, std::span<const CharChange> dest, std::size_t initial_removed);

  void nfd();
  void lowercase();

  // Keeps the characters for which keep(char32_t) holds.
  template <typename Keep>
  void filter(Keep&& keep) {
    std::vector<CharChange> dest;
    std::size_t leading = 0;  // removed before the first character that stays
    for_each_char(normalized_, [&](char32_t c, std::size_t, std::size_t) {
      if (keep(c)) {
        dest.push_back({c, 0});
      } else if (dest.empty()) {
        ++leading;
      } else {
        --dest.back().change;
      }
    });
    transform(dest, leading);
  }

  // Replaces each character by map(char32_t).
  template <typename Map>
  void map(Map&& map_char) {
    std::vector<CharChange> dest;
    for_each_char(normalized_, [&](char32_t c, std::size_t, std::size_t) {
      dest.push_back({map_char(c), 0});
    });
    transform(dest, 0);
  }

  // Cuts at `pieces`, which cover get(). Empty parts may be among the result.
  std::vector<NormalizedString> split(std::vector<PatternPiece> pieces, SplitBehavior behavior) const;

  bool operator==(const NormalizedString&) const = default;

 private:
  std::string original_;
  std::string normalized_;
  std::vector<ByteRange> alignments_;  // one for each byte of normalized_
  std::size_t original_shift_ = 0;     // where original_ begins in the text that it was sliced from
};

}  // namespace fasttok
