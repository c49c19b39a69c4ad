// Offsets without the spaces around a token: what `trim_offsets` of ByteLevel and RobertaProcessing does.
//
//   " Hello" at (0, 6), written "ĠHello", becomes (1, 6); with add_prefix_space it stays (0, 6), as one that
//   is the first token or begins at 0; with two spaces it becomes (2, 7) in any case
//
// Mirrors the reference's process_offsets: spaces are counted in the token's text (U+0120, or white space),
// and taken off in characters of the original text, whatever they were there.
#pragma once

#include "fasttok/output/encoding.h"

namespace fasttok {

// Not in overflowing parts.
void trim_offsets(EncodingData& row, bool add_prefix_space);

}  // namespace fasttok
