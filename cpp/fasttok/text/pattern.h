// Where a pattern matches, and how a text is cut there.
//
//   find_chars("the-end", [](char32_t c) { return c == U'-'; }, pieces);   // the | - (a match) | end
//   merge_pieces(SplitBehavior::kMergedWithNext, pieces);                  // the | -end
//
// Mirrors the reference's `Pattern`s and the `split` of its NormalizedString.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/base/interrupt.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

class Regex;

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

// Takes matches from left to right and makes the pieces that cover a text. An empty text is one empty piece
// that does not match.
class PieceBuilder {
 public:
  PieceBuilder(std::string_view text, std::vector<PatternPiece>& pieces)
      : size_(text.size()), pieces_(pieces) {
    pieces_.clear();
    if (size_ == 0) pieces_.push_back({{0, 0}, false});
  }
  void match(std::size_t begin, std::size_t end) {
    check_interrupt_at(pieces_.size() / 2);
    if (size_ == 0) return;
    if (done_ != begin) pieces_.push_back({{done_, begin}, false});
    pieces_.push_back({{begin, end}, true});
    done_ = end;
  }
  void finish() {
    if (done_ != size_) pieces_.push_back({{done_, size_}, false});
  }

 private:
  std::size_t size_;
  std::size_t done_ = 0;
  std::vector<PatternPiece>& pieces_;
};

// Each character for which is_delimiter(char32_t) holds is a match.
template <typename IsDelimiter>
void find_chars(std::string_view text, IsDelimiter&& is_delimiter, std::vector<PatternPiece>& pieces) {
  PieceBuilder builder(text, pieces);
  for_each_char(text, [&](char32_t c, std::size_t at, std::size_t size) {
    if (is_delimiter(c)) builder.match(at, at + size);
  });
  builder.finish();
}

// Each occurrence of a text, left to right, not overlapping. An empty one occurs before every character and
// at the end, as the empty regex does.
void find_text(std::string_view text, std::string_view wanted, std::vector<PatternPiece>& pieces);

// What Split and Replace look for: a text, or a regular expression.
struct TextPattern {
  std::string text;
  std::shared_ptr<const Regex> regex{};  // null: the text itself is looked for

  void find(std::string_view inside, std::vector<PatternPiece>& pieces) const;
  bool may_match_nothing() const { return regex != nullptr || text.empty(); }
};

// What becomes one part of a split; pieces to be left out stay as matches.
void merge_pieces(SplitBehavior behavior, std::vector<PatternPiece>& pieces);

}  // namespace fasttok
