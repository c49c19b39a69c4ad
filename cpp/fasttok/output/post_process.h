// From the encoded sequences of one row to the row that the user receives: truncate, add special tokens, pad.
//
//   const Template bert = bert_processing({"[SEP]", 102}, {"[CLS]", 101});
//   const Truncation truncation{.max_length = 8};
//   post_process(row, std::nullopt, &bert, &truncation, nullptr, true)   [CLS], up to 6 tokens of row, [SEP]
//
// Mirrors `Tokenizer.post_process`, which every encode call of the reference ends with:
// 1. Truncation to max_length less the special tokens that the post-processor is going to add; to max_length
//    itself with add_special_tokens=False. The subtraction wraps around: with max_length below the number of
//    special tokens nothing is truncated at all. With max_length equal to it, only special tokens remain.
// 2. The post-processor, or default_process() without one.
// 3. Padding of this one row: to the fixed length, or of its own length to the multiple. A batch is padded
//    once more, all rows together, by pad_encodings().
#pragma once

#include <cstddef>
#include <optional>

#include "fasttok/output/encoding.h"
#include "fasttok/output/pad_truncate.h"
#include "fasttok/output/template.h"

namespace fasttok {

// The length that truncate_encodings() is to be given for a row (step 1); the largest size_t where the
// subtraction would wrap around.
std::size_t length_for_sequences(const Truncation& truncation, const Template* processor, bool is_pair,
                                 bool add_special_tokens);

// Each pointer may be null: no post-processor, no truncation, no padding.
EncodingData post_process(EncodingData first, std::optional<EncodingData> second, const Template* processor,
                          const Truncation* truncation, const Padding* padding, bool add_special_tokens);

}  // namespace fasttok
