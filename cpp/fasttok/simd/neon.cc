// The kernels for NEON, which every aarch64 CPU has: no target region is needed.
#include "fasttok/simd/neon.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#include <bit>
#include <cstring>
#include <utility>

#include "fasttok/base/over_read.h"
#include "fasttok/simd/utf8_unit.h"

namespace fasttok::neon {
namespace {
#include "fasttok/simd/vec_neon.h"
#include "fasttok/simd/vec_unmasked.h"
// (the text below uses the names above)
#include "fasttok/simd/word_starts-inl.h"
// (likewise)
#include "fasttok/simd/kernels-inl.h"
}  // namespace

const Kernels kKernels{ascii_words_u8, ascii_words_u16, byte_masks,    unit_masks,   word_starts,
                       copy_ascii,     row_words,       word_lines,    word_answers, run_lines,
                       run_answers,    short_values,    to_utf8,       pair_masks,   part_places,
                       positions,      wide_positions,  widen,         fill,         ascii_cuts,
                       noted_answers,  plain_answers,   short_answers, addresses};
}  // namespace fasttok::neon
#endif
