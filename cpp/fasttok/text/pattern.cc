#include "fasttok/text/pattern.h"

#include <algorithm>

#include "fasttok/regex/regex.h"

namespace fasttok {

void find_text(std::string_view text, std::string_view wanted, std::vector<PatternPiece>& pieces) {
  PieceBuilder builder(text, pieces);
  if (wanted.empty()) {
    for_each_char(text, [&](char32_t, std::size_t at, std::size_t) { builder.match(at, at); });
    builder.match(text.size(), text.size());
  } else {
    for (std::size_t at = text.find(wanted); at != std::string_view::npos;
         at = text.find(wanted, at + wanted.size())) {
      builder.match(at, at + wanted.size());
    }
  }
  builder.finish();
}

void TextPattern::find(std::string_view inside, std::vector<PatternPiece>& pieces) const {
  if (!regex) return find_text(inside, text, pieces);
  PieceBuilder builder(inside, pieces);
  regex->for_each_match(inside, [&](const regex::Span& match) { builder.match(match.begin, match.end); });
  builder.finish();
}

void merge_pieces(SplitBehavior behavior, std::vector<PatternPiece>& pieces) {
  if (behavior == SplitBehavior::kRemoved) return;
  if (behavior == SplitBehavior::kIsolated) {
    for (PatternPiece& p : pieces) p.is_match = false;
    return;
  }
  const bool backwards = behavior == SplitBehavior::kMergedWithNext;
  if (backwards) std::reverse(pieces.begin(), pieces.end());
  std::size_t merged = 0;  // pieces[0, merged) are done
  bool previous_match = false;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const PatternPiece p = pieces[i];
    const bool joins =
        behavior == SplitBehavior::kContiguous ? p.is_match == previous_match : p.is_match && !previous_match;
    if (!joins || merged == 0) {
      pieces[merged++] = {p.range, false};
    } else if (backwards) {
      pieces[merged - 1].range.begin = p.range.begin;
    } else {
      pieces[merged - 1].range.end = p.range.end;
    }
    previous_match = p.is_match;
  }
  pieces.resize(merged);
  if (backwards) std::reverse(pieces.begin(), pieces.end());
}

}  // namespace fasttok
