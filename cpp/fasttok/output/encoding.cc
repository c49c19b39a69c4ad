#include "fasttok/output/encoding.h"

#include <algorithm>

#include "fasttok/base/error.h"

namespace fasttok {
namespace {

template <class T>
std::vector<T> slice(const std::vector<T>& column, EncodingData::Range range) {
  const auto begin = column.begin();
  return {begin + static_cast<std::ptrdiff_t>(range.first),
          begin + static_cast<std::ptrdiff_t>(range.second)};
}

EncodingData window(const EncodingData& row, EncodingData::Range range) {
  EncodingData part;
  part.ids = slice(row.ids, range);
  part.type_ids = slice(row.type_ids, range);
  part.tokens = slice(row.tokens, range);
  part.words = slice(row.words, range);
  part.offsets = slice(row.offsets, range);
  part.special_tokens_mask = slice(row.special_tokens_mask, range);
  part.attention_mask = slice(row.attention_mask, range);
  return part;
}

// The windows over `length` tokens, the one that is kept first; each opens max_length - stride tokens
// further.
std::vector<EncodingData::Range> windows(std::size_t length, std::size_t max_length, std::size_t stride,
                                         Direction direction) {
  const std::size_t step = max_length - stride;
  std::vector<EncodingData::Range> ranges;
  if (direction == Direction::kRight) {
    for (std::size_t start = 0;; start += step) {
      const std::size_t stop = std::min(start + max_length, length);
      ranges.emplace_back(start, stop);
      if (stop == length) break;
    }
  } else {
    for (std::size_t stop = length;; stop -= step) {
      const std::size_t start = stop < max_length ? 0 : stop - max_length;
      ranges.emplace_back(start, stop);
      if (start == 0) break;  // else stop > max_length, so that the next stop is positive
    }
  }
  return ranges;
}

template <class T>
void append(std::vector<T>& column, const std::vector<T>& more) {
  column.insert(column.end(), more.begin(), more.end());
}

template <class T>
void fill(std::vector<T>& column, std::size_t count, const T& value, Direction direction) {
  column.insert(direction == Direction::kLeft ? column.begin() : column.end(), count, value);
}

// What merge_with does besides the overflowing parts.
void append_columns(EncodingData& row, const EncodingData& pair, bool growing_offsets) {
  const std::size_t length = row.size();
  for (const auto& [sequence_id, range] : pair.sequence_ranges) {
    row.sequence_ranges[sequence_id] = {length + range.first, length + range.second};
  }
  append(row.ids, pair.ids);
  append(row.type_ids, pair.type_ids);
  append(row.tokens, pair.tokens);
  append(row.words, pair.words);
  const std::size_t base = growing_offsets && !row.offsets.empty() ? row.offsets.back().second : 0;
  append(row.offsets, pair.offsets);
  for (std::size_t i = length; i < row.offsets.size(); ++i) {
    row.offsets[i].first += base;
    row.offsets[i].second += base;
  }
  append(row.special_tokens_mask, pair.special_tokens_mask);
  append(row.attention_mask, pair.attention_mask);
}

// A range as an index into a column, or nothing where it does not fit: a row that was put together by hand
// may have any range.
template <class T>
std::optional<std::span<const T>> column_part(const std::vector<T>& column, EncodingData::Range range) {
  if (range.first > range.second || range.second > column.size()) return std::nullopt;
  return std::span<const T>(column).subspan(range.first, range.second - range.first);
}

}  // namespace

std::size_t EncodingData::n_sequences() const {
  return sequence_ranges.empty() ? 1 : sequence_ranges.size();
}

std::vector<std::optional<std::size_t>> EncodingData::sequence_ids() const {
  std::vector<std::optional<std::size_t>> sequences(size());
  for (std::size_t sequence_id = 0; sequence_id < n_sequences(); ++sequence_id) {
    const Range range = sequence_range(sequence_id);
    const std::size_t stop = std::min(range.second, size());  // a range set by hand may be too long
    for (std::size_t i = range.first; i < stop; ++i) sequences[i] = sequence_id;
  }
  return sequences;
}

void EncodingData::set_sequence_id(std::size_t sequence_id) {
  sequence_ranges[sequence_id] = {0, size()};
}

void EncodingData::set_type_id(std::uint32_t type_id) {
  type_ids.assign(size(), type_id);
}

EncodingData::Range EncodingData::sequence_range(std::size_t sequence_id) const {
  const auto found = sequence_ranges.find(sequence_id);
  return found == sequence_ranges.end() ? Range{0, size()} : found->second;
}

std::optional<std::size_t> EncodingData::token_to_sequence(std::size_t token) const {
  if (token > size()) return std::nullopt;
  if (sequence_ranges.empty()) return 0;
  for (const auto& [sequence_id, range] : sequence_ranges) {
    if (range.first <= token && token < range.second) return sequence_id;
  }
  return std::nullopt;
}

std::optional<std::pair<std::size_t, EncodingData::Range>> EncodingData::token_to_chars(
    std::size_t token) const {
  const std::optional<std::size_t> sequence = token_to_sequence(token);
  if (!sequence || token >= offsets.size()) return std::nullopt;
  return std::pair{*sequence, offsets[token]};
}

std::optional<std::pair<std::size_t, std::uint32_t>> EncodingData::token_to_word(std::size_t token) const {
  const std::optional<std::size_t> sequence = token_to_sequence(token);
  if (!sequence || token >= words.size() || !words[token]) return std::nullopt;
  return std::pair{*sequence, *words[token]};
}

std::optional<EncodingData::Range> EncodingData::word_to_tokens(std::uint32_t word,
                                                                std::size_t sequence_id) const {
  const Range range = sequence_range(sequence_id);
  if (!column_part(words, range)) return std::nullopt;
  std::optional<Range> found;
  for (std::size_t i = range.first; i < range.second; ++i) {
    if (words[i] > word) break;  // an absent word is less than any
    if (words[i] != word) continue;
    if (!found) found = Range{i, i};
    found->second = i + 1;
  }
  return found;
}

std::optional<EncodingData::Range> EncodingData::word_to_chars(std::uint32_t word,
                                                               std::size_t sequence_id) const {
  const std::optional<Range> range = word_to_tokens(word, sequence_id);
  if (!range) return std::nullopt;
  return Range{offsets[range->first].first, offsets[range->second - 1].second};
}

std::optional<std::size_t> EncodingData::char_to_token(std::size_t pos, std::size_t sequence_id) const {
  const Range range = sequence_range(sequence_id);
  const auto part = column_part(offsets, range);
  if (!part) return std::nullopt;
  const auto found = std::find_if(part->begin(), part->end(), [pos](const Range& chars) {
    return chars.first <= pos && pos < chars.second;
  });
  if (found == part->end()) return std::nullopt;
  return range.first + static_cast<std::size_t>(found - part->begin());
}

std::optional<std::uint32_t> EncodingData::char_to_word(std::size_t pos, std::size_t sequence_id) const {
  const std::optional<std::size_t> token = char_to_token(pos, sequence_id);
  if (!token) return std::nullopt;
  const auto word = token_to_word(*token);
  if (!word) return std::nullopt;
  return word->second;
}

void check_stride(std::size_t max_length, std::size_t stride) {
  if (stride >= max_length) {
    // The reference's sentence, which it leaves without the closing parenthesis.
    throw ValueError("`stride` must be strictly less than `max_len=" + std::to_string(max_length) +
                     "` (note that `max_len` may be shorter than the max length of the original model, as it "
                     "subtracts the number of special characters");
  }
}

void EncodingData::cut(std::size_t max_length, std::size_t stride, Direction direction) {
  if (max_length >= size()) return;
  if (max_length > 0) check_stride(max_length, stride);
  const std::size_t begin = direction == Direction::kRight ? 0 : size() - max_length;
  *this = window(*this, {begin, begin + max_length});
}

void EncodingData::truncate(std::size_t max_length, std::size_t stride, Direction direction) {
  if (max_length >= size()) return;
  if (max_length == 0) {
    EncodingData whole = std::move(*this);
    *this = EncodingData();
    overflowing.push_back(std::move(whole));
    return;
  }
  check_stride(max_length, stride);
  const std::vector<Range> ranges = windows(size(), max_length, stride, direction);
  EncodingData kept = window(*this, ranges[0]);
  kept.overflowing.reserve(ranges.size() - 1);
  for (std::size_t i = 1; i < ranges.size(); ++i) kept.overflowing.push_back(window(*this, ranges[i]));
  *this = std::move(kept);
}

void EncodingData::merge_with(const EncodingData& pair, bool growing_offsets) {
  if (pair.overflowing.empty()) {  // the usual case, and the same result without copies
    for (EncodingData& part : overflowing) part.merge_with(pair, growing_offsets);
    append_columns(*this, pair, growing_offsets);
    return;
  }
  std::vector<EncodingData> parts;
  parts.reserve(overflowing.size() * (pair.overflowing.size() + 1) + pair.overflowing.size());
  const auto add = [&](const EncodingData& first, const EncodingData& second) {
    parts.push_back(first);
    parts.back().merge_with(second, growing_offsets);
  };
  for (const EncodingData& part : overflowing) {
    add(part, pair);
    for (const EncodingData& other : pair.overflowing) add(part, other);
  }
  for (const EncodingData& other : pair.overflowing) add(*this, other);
  append_columns(*this, pair, growing_offsets);
  overflowing = std::move(parts);
}

EncodingData EncodingData::merge(std::span<const EncodingData> encodings, bool growing_offsets) {
  EncodingData merged;
  for (const EncodingData& encoding : encodings) merged.merge_with(encoding, growing_offsets);
  return merged;
}

void EncodingData::pad(std::size_t target_length, std::uint32_t pad_id, std::uint32_t pad_type_id,
                       const std::string& pad_token, Direction direction) {
  for (EncodingData& part : overflowing) part.pad(target_length, pad_id, pad_type_id, pad_token, direction);
  if (size() >= target_length) return;
  const std::size_t count = target_length - size();

  fill(ids, count, pad_id, direction);
  fill(type_ids, count, pad_type_id, direction);
  fill(tokens, count, pad_token, direction);
  fill(words, count, std::optional<std::uint32_t>(), direction);
  fill(offsets, count, Range{0, 0}, direction);
  fill(special_tokens_mask, count, std::uint32_t{1}, direction);
  fill(attention_mask, count, std::uint32_t{0}, direction);
  if (direction == Direction::kLeft) {
    for (auto& [sequence_id, range] : sequence_ranges) range = {range.first + count, range.second + count};
  }
}

}  // namespace fasttok
