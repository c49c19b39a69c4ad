// trim_offsets on flat columns: the fast twin of what a post-processor does to an encoding (output/
// trim_offsets.h), for byte-level and other BPE models and rows of one sequence.
//
//   if (const auto trimmer = OffsetTrimmer::of(spec)) trimmer->trim_row(columns, 0, options);
//
// The spaces of each token are counted once, when the tokenizer is made. Of a token that was added the
// reference counts those of the text that it was found in, which columns do not tell: such a row is left to
// the literal form. A special token that the post-processor adds has no place to trim.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "fasttok/output/trim_offsets.h"
#include "fasttok/pipeline/batch.h"
#include "fasttok/pipeline/spec.h"

namespace fasttok {

class OffsetTrimmer {
 public:
  // Nothing where the post-processor trims nothing, or in another order than first of all.
  static std::optional<OffsetTrimmer> of(const Spec& spec);

  // Whether rows of this batch can be trimmed.
  bool takes(const Batch& batch, const EncodeOptions& options) const;
  // Trims the offsets of a row; false, and the row is not to be used, where it holds an added token.
  bool trim_row(Columns& columns, std::size_t row, const EncodeOptions& options) const;

 private:
  bool add_prefix_space_ = true;
  std::size_t before_ = 0, behind_ = 0;  // special tokens around a row
  bool bare_is_simple_ = false;          // without special tokens a row is its sequence
  std::vector<TokenSpaces> spaces_;      // by id
};

}  // namespace fasttok
