// The text of each token, for the fused engines.
#pragma once

#include "fasttok/model/vocab.h"
#include "fasttok/pipeline/engine.h"

namespace fasttok {

// Appends the text of each token from `before` on to out.values: an added token's is what stands in the text,
// the others' the vocabulary's.
void write_token_values(const Vocab& vocab, const SequenceRequest& request, std::size_t before,
                        TokenColumns& out);

}  // namespace fasttok
