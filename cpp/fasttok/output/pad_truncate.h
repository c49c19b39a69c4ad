// Truncation and padding of encoded rows, as the reference's truncate_encodings and pad_encodings.
//
//   truncated_lengths(7, 3, 8, Truncation::Strategy::kLongestFirst)   {5, 3}: only the longer one is cut
//   truncated_lengths(7, 5, 8, Truncation::Strategy::kLongestFirst)   {4, 4}
//   Padding{.pad_to_multiple_of = 8}.target_length(13)                16
//
// Mirrors what `Tokenizer.enable_truncation` and `enable_padding` do to each row. What belongs to the special
// tokens around a row is in post_process.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "fasttok/output/encoding.h"

namespace fasttok {

struct Truncation {
  enum class Strategy { kLongestFirst, kOnlyFirst, kOnlySecond };
  std::size_t max_length = 512;
  std::size_t stride = 0;
  Strategy strategy = Strategy::kLongestFirst;
  Direction direction = Direction::kRight;
};

struct Padding {
  std::optional<std::size_t> fixed_length{};  // none: the longest of the batch
  Direction direction = Direction::kRight;
  std::optional<std::size_t> pad_to_multiple_of{};  // 0 is no multiple
  std::uint32_t pad_id = 0;
  std::uint32_t pad_type_id = 0;
  std::string pad_token = "[PAD]";

  // The length that rows are padded to where the longest has `longest` tokens. Longer rows stay as they are.
  std::size_t target_length(std::size_t longest) const;
};

// How many tokens of the first and of the second sequence stay where `max_length` tokens may remain of both
// together: the reference's arithmetic, without the encodings.
// * kLongestFirst cuts the longer sequence alone if that is enough; else each keeps half, and an odd token
//   goes to the longer one, or to the second of two equal ones.
// * max_length 0 empties both, whatever the strategy.
// Throws Error in the reference's words: "Truncation error: Second sequence not provided" (kOnlySecond on a
// single row that is too long) and "Truncation error: Sequence to truncate too short to respect the provided
// max_length" (the one sequence that may be cut would lose all its tokens or more).
std::pair<std::size_t, std::size_t> truncated_lengths(std::size_t first, std::optional<std::size_t> second,
                                                      std::size_t max_length, Truncation::Strategy strategy);

// `max_length` here is what remains after special tokens (the caller subtracts them, as the reference does);
// truncation.max_length is not read. `second` may be null.
void truncate_encodings(EncodingData& first, EncodingData* second, const Truncation& truncation,
                        std::size_t max_length);

// Overflowing parts are padded to the same length; they do not count for the longest.
void pad_encodings(std::span<EncodingData> encodings, const Padding& padding);

}  // namespace fasttok
