#include "fasttok/output/pad_truncate.h"

#include <algorithm>

#include "fasttok/base/error.h"

namespace fasttok {

std::size_t Padding::target_length(std::size_t longest) const {
  std::size_t length = fixed_length.value_or(longest);
  if (const std::size_t multiple = pad_to_multiple_of.value_or(0); multiple > 0 && length % multiple > 0) {
    length += multiple - length % multiple;
  }
  return length;
}

std::pair<std::size_t, std::size_t> truncated_lengths(std::size_t first, std::optional<std::size_t> second,
                                                      std::size_t max_length, Truncation::Strategy strategy) {
  const std::size_t second_length = second.value_or(0);
  if (max_length == 0) return {0, 0};
  if (first + second_length <= max_length) return {first, second_length};
  const std::size_t excess = first + second_length - max_length;

  switch (strategy) {
    case Truncation::Strategy::kLongestFirst: {
      if (!second) return {max_length, 0};
      const std::size_t shorter = std::min(first, second_length);
      std::size_t small = shorter;
      std::size_t large = max_length - std::min(shorter, max_length);
      if (large < shorter) {
        small = max_length / 2;
        large = max_length - small;
      }
      return first > second_length ? std::pair{large, small} : std::pair{small, large};
    }
    case Truncation::Strategy::kOnlySecond:
      if (!second) throw Error("Truncation error: Second sequence not provided");
      break;
    case Truncation::Strategy::kOnlyFirst:
      break;
  }
  const bool cut_first = strategy == Truncation::Strategy::kOnlyFirst;
  if ((cut_first ? first : second_length) <= excess) {
    throw Error("Truncation error: Sequence to truncate too short to respect the provided max_length");
  }
  return cut_first ? std::pair{first - excess, second_length} : std::pair{first, second_length - excess};
}

void truncate_encodings(EncodingData& first, EncodingData* second, const Truncation& truncation,
                        std::size_t max_length) {
  const std::optional<std::size_t> second_length = second ? std::optional(second->size()) : std::nullopt;
  const auto [keep_first, keep_second] =
      truncated_lengths(first.size(), second_length, max_length, truncation.strategy);
  first.truncate(keep_first, truncation.stride, truncation.direction);
  if (second) second->truncate(keep_second, truncation.stride, truncation.direction);
}

void pad_encodings(std::span<EncodingData> encodings, const Padding& padding) {
  std::size_t longest = 0;
  for (const EncodingData& row : encodings) longest = std::max(longest, row.size());
  const std::size_t target = padding.target_length(longest);
  for (EncodingData& row : encodings) {
    row.pad(target, padding.pad_id, padding.pad_type_id, padding.pad_token, padding.direction);
  }
}

}  // namespace fasttok
