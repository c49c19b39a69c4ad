// A number of JSON as serde_json 1 reads it, without its feature `float_roundtrip`.
//
//   json_number("-13.150579989575043")   -13.150579989575045, the neighbour of the nearest double
//
// The digits are rounded to a double once, and once more for the power of ten, so the last bit may differ
// from what strtod gives. It is what `tokenizers` does to the scores of Unigram: sums of scores are equal to
// the last bit.
#pragma once

#include <string_view>

namespace fasttok {

// `text` is a number as JSON has it: -?digits(.digits)?([eE][+-]?digits)?. Infinite where it is out of range.
double json_number(std::string_view text);

}  // namespace fasttok
