#include "fasttok/text/pre_tokenized.h"

#include <algorithm>

#include "fasttok/base/error.h"

namespace fasttok {

OffsetConverter::OffsetConverter(std::string_view text, OffsetUnit unit) {
  if (unit == OffsetUnit::kChar) chars_.emplace(text);
}

ByteRange OffsetConverter::operator()(ByteRange bytes) const {
  if (!chars_) return bytes;
  const CharIndex& chars = *chars_;
  if (bytes.begin >= chars.size()) return bytes;
  const std::size_t begin = chars[bytes.begin];
  if (bytes.end < chars.size()) return {begin, chars[bytes.end]};
  // The end of the text is no byte of it, so go by the byte before.
  const std::size_t last = bytes.end - 1 < chars.size() ? chars[bytes.end - 1] : begin + 1;
  return {begin, last + 1};
}

std::vector<PlacedSplit> PreTokenizedString::get_splits(OffsetUnit unit) const {
  const OffsetConverter convert(original_, unit);
  std::vector<PlacedSplit> placed;
  placed.reserve(splits_.size());
  for (const Split& s : splits_) {
    const ByteRange place = convert(s.normalized.offsets_original());
    placed.push_back({s.normalized.get(), place.begin, place.end, s.tokens ? &*s.tokens : nullptr});
  }
  return placed;
}

void PreTokenizedString::require_tokens() const {
  if (!std::all_of(splits_.begin(), splits_.end(), [](const Split& s) { return s.tokens.has_value(); })) {
    throw Error("Split has not been tokenized, call `PreTokenizedString::tokenize` first");
  }
}

ByteRange PreTokenizedString::place_in_original(const NormalizedString& split, const SplitToken& token) {
  const std::optional<ByteRange> range = split.to_original({token.begin, token.end});
  if (!range) return {token.begin, token.end};
  const std::size_t shift = split.offsets_original().begin;
  return {shift + range->begin, shift + range->end};
}

}  // namespace fasttok
