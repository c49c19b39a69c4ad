// The kernels for AVX2 (with BMI1/2 and POPCNT).
#include "fasttok/simd/avx2.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <bit>
#include <cstring>
#include <utility>

#include "fasttok/base/over_read.h"
#include "fasttok/simd/utf8_unit.h"

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,popcnt"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt")
#endif

namespace fasttok::avx2 {
namespace {
#include "fasttok/simd/vec_avx2.h"
#include "fasttok/simd/vec_lines_x86.h"
#include "fasttok/simd/vec_unmasked.h"
// (the text below uses the names above)
#include "fasttok/simd/word_starts-inl.h"
// (likewise)
#include "fasttok/simd/kernels-inl.h"
}  // namespace
}  // namespace fasttok::avx2

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace fasttok::avx2 {
const Kernels kKernels{ascii_words_u8, ascii_words_u16, byte_masks,    unit_masks,   word_starts,
                       copy_ascii,     row_words,       word_lines,    word_answers, run_lines,
                       run_answers,    short_values,    to_utf8,       pair_masks,   part_places,
                       positions,      wide_positions,  widen,         fill,         ascii_cuts,
                       noted_answers,  plain_answers,   short_answers, addresses};
}  // namespace fasttok::avx2
#endif
