#include "fasttok/text/normalized.h"

#include <algorithm>
#include <utility>

#include "fasttok/base/error.h"
#include "fasttok/base/interrupt.h"
#include "fasttok/unicode/properties.h"

namespace fasttok {
namespace {

// Which pieces become one part of a split, under the behaviors that merge.
std::vector<PatternPiece> merge_pieces(std::vector<PatternPiece> pieces, SplitBehavior behavior) {
  if (behavior == SplitBehavior::kRemoved) return pieces;
  if (behavior == SplitBehavior::kIsolated) {
    for (PatternPiece& p : pieces) p.is_match = false;
    return pieces;
  }
  const bool backwards = behavior == SplitBehavior::kMergedWithNext;
  if (backwards) std::reverse(pieces.begin(), pieces.end());
  std::vector<PatternPiece> merged;
  bool previous_match = false;
  for (const PatternPiece& p : pieces) {
    const bool joins =
        behavior == SplitBehavior::kContiguous ? p.is_match == previous_match : p.is_match && !previous_match;
    if (joins && !merged.empty()) {
      if (backwards) {
        merged.back().range.begin = p.range.begin;
      } else {
        merged.back().range.end = p.range.end;
      }
    } else {
      merged.push_back({p.range, false});
    }
    previous_match = p.is_match;
  }
  if (backwards) std::reverse(merged.begin(), merged.end());
  return merged;
}

}  // namespace

NormalizedString::NormalizedString(std::string text) : original_(text), normalized_(std::move(text)) {
  alignments_.reserve(original_.size());
  for_each_char(original_, [&](char32_t, std::size_t at, std::size_t size) {
    alignments_.insert(alignments_.end(), size, ByteRange{at, at + size});
  });
}

std::optional<ByteRange> NormalizedString::to_original(ByteRange normalized) const {
  if (normalized.begin == normalized.end) return normalized;
  if (normalized.begin > normalized.end || normalized.end > alignments_.size()) return std::nullopt;
  return ByteRange{alignments_[normalized.begin].begin, alignments_[normalized.end - 1].end};
}

std::optional<ByteRange> NormalizedString::to_normalized(ByteRange original) const {
  if (original.begin == original.end) return original;
  if (original.begin > original.end) return std::nullopt;
  std::optional<std::size_t> begin, end;
  for (std::size_t i = 0; i < alignments_.size() && alignments_[i].end <= original.end; ++i) {
    const ByteRange& a = alignments_[i];
    // A byte of no width stands for nothing, so it cannot begin the range.
    if (!begin && original.begin <= a.begin && a.begin != a.end) begin = i;
    end = i + 1;
  }
  if (!end) return std::nullopt;
  return ByteRange{begin.value_or(*end), *end};
}

std::optional<NormalizedString> NormalizedString::slice(ByteRange normalized) const {
  if (!is_char_boundary(normalized_, normalized.begin) || !is_char_boundary(normalized_, normalized.end)) {
    return std::nullopt;
  }
  const std::optional<ByteRange> original = to_original(normalized);
  if (!original) return std::nullopt;
  NormalizedString part;
  // An empty range is in the coordinates of the normalized text, which may lie anywhere in the original: no
  // text then.
  if (original->begin <= original->end && is_char_boundary(original_, original->begin) &&
      is_char_boundary(original_, original->end)) {
    part.original_ = original_.substr(original->begin, original->end - original->begin);
  }
  part.normalized_ = normalized_.substr(normalized.begin, normalized.end - normalized.begin);
  part.alignments_.reserve(part.normalized_.size());
  for (std::size_t i = normalized.begin; i < normalized.end; ++i) {
    part.alignments_.push_back(
        {alignments_[i].begin - original->begin, alignments_[i].end - original->begin});
  }
  part.original_shift_ = original_shift_ + original->begin;
  return part;
}

void NormalizedString::transform(std::span<const CharChange> dest, std::size_t initial_removed) {
  // The reference's range is "all of the original", so a string that normalized to nothing stays as it is.
  const std::optional<ByteRange> range = to_normalized({0, original_.size()});
  if (range) transform_range(*range, dest, initial_removed);
}

void NormalizedString::transform_range(ByteRange range, std::span<const CharChange> dest,
                                       std::size_t initial_removed) {
  // `at` walks over the characters that are replaced.
  std::size_t at = range.begin;
  const auto skip = [&](std::size_t chars) {
    for (; chars > 0 && at < range.end; --chars) at += decode_char(normalized_, at).size;
  };
  skip(initial_removed);

  std::string text;
  std::vector<ByteRange> alignments;
  text.reserve(dest.size());
  alignments.reserve(range.end - range.begin);
  std::size_t done = 0;
  for (const auto& [c, change] : dest) {
    check_interrupt_at(done++);
    ByteRange alignment{0, 0};
    if (change > 0) {
      if (at > 0) alignment = alignments_[at - 1];
    } else {
      if (at >= alignments_.size()) throw Error("NormalizedString: more characters replaced than there are");
      alignment = alignments_[at];
      skip(static_cast<std::size_t>(1 - change));
    }
    append_utf8(text, c);
    alignments.insert(alignments.end(), utf8_size(c), alignment);
  }

  if (range.begin == 0 && range.end == normalized_.size()) {
    normalized_ = std::move(text);
    alignments_ = std::move(alignments);
    return;
  }
  normalized_.replace(range.begin, range.end - range.begin, text);
  const auto first = alignments_.begin() + static_cast<std::ptrdiff_t>(range.begin);
  const auto last = alignments_.begin() + static_cast<std::ptrdiff_t>(range.end);
  alignments_.insert(alignments_.erase(first, last), alignments.begin(), alignments.end());
}

void NormalizedString::nfd() {
  transform(fasttok::nfd(to_utf32(normalized_)), 0);
}

void NormalizedString::lowercase() {
  std::vector<CharChange> dest;
  for_each_char(normalized_, [&](char32_t c, std::size_t, std::size_t) {
    const std::u32string_view lower = fasttok::lowercase(c);
    if (lower.empty()) {
      dest.push_back({c, 0});
      return;
    }
    for (std::size_t i = 0; i < lower.size(); ++i) dest.push_back({lower[i], i == 0 ? 0 : 1});
  });
  transform(dest, 0);
}

std::vector<NormalizedString> NormalizedString::split(std::vector<PatternPiece> pieces,
                                                      SplitBehavior behavior) const {
  std::vector<NormalizedString> parts;
  for (const PatternPiece& p : merge_pieces(std::move(pieces), behavior)) {
    check_interrupt_at(parts.size());
    if (p.is_match) continue;
    std::optional<NormalizedString> part = slice(p.range);
    if (!part) throw Error("NormalizedString bad split");
    parts.push_back(std::move(*part));
  }
  return parts;
}

}  // namespace fasttok
