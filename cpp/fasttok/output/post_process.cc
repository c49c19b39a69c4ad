#include "fasttok/output/post_process.h"

#include <limits>
#include <utility>
#include <vector>

namespace fasttok {

std::size_t length_for_sequences(const Truncation& truncation, const Template* processor, bool is_pair,
                                 bool add_special_tokens) {
  const std::size_t added = processor && add_special_tokens ? processor->added_tokens(is_pair) : 0;
  if (added > truncation.max_length) return std::numeric_limits<std::size_t>::max();
  return truncation.max_length - added;
}

EncodingData post_process(EncodingData first, std::optional<EncodingData> second, const Template* processor,
                          const Truncation* truncation, const Padding* padding, bool add_special_tokens) {
  if (truncation) {
    const std::size_t length =
        length_for_sequences(*truncation, processor, second.has_value(), add_special_tokens);
    truncate_encodings(first, second ? &*second : nullptr, *truncation, length);
  }
  std::vector<EncodingData> sequences;
  sequences.push_back(std::move(first));
  if (second) sequences.push_back(std::move(*second));
  EncodingData row = processor ? processor->process(std::move(sequences), add_special_tokens)
                               : default_process(std::move(sequences));
  if (padding) pad_encodings({&row, 1}, *padding);
  return row;
}

}  // namespace fasttok
