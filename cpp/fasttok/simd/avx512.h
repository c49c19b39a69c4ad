// The kernels for AVX-512; there on x86-64 only.
#pragma once

#include "fasttok/simd/kernels.h"

namespace fasttok::avx512 {
extern const Kernels kKernels;
}  // namespace fasttok::avx512
