// The kernels for AVX-512 (F, BW, VL, VBMI, VBMI2; with GFNI, BMI1/2 and POPCNT).
#include "fasttok/simd/avx512.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>
#include <utility>

#include "fasttok/simd/utf8_unit.h"

#if defined(__clang__)
#pragma clang attribute push(                                                                              \
    __attribute__((target("avx2,bmi,bmi2,popcnt,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,gfni"))), \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,gfni")
#endif

namespace fasttok::avx512 {
namespace {
#include "fasttok/simd/vec_avx512.h"
#include "fasttok/simd/vec_lines_x86.h"
// (the text below uses the names above)
#include "fasttok/simd/word_starts-inl.h"
// (likewise)
#include "fasttok/simd/kernels-inl.h"
}  // namespace
}  // namespace fasttok::avx512

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace fasttok::avx512 {
const Kernels kKernels{ascii_words_u8, ascii_words_u16, byte_masks,    unit_masks,   word_starts,
                       copy_ascii,     row_words,       word_lines,    word_answers, run_lines,
                       run_answers,    short_values,    to_utf8,       pair_masks,   part_places,
                       positions,      wide_positions,  widen,         fill,         ascii_cuts,
                       noted_answers,  plain_answers,   short_answers, addresses};
}  // namespace fasttok::avx512
#endif
