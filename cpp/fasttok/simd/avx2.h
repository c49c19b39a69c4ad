// The kernels for AVX2; there on x86-64 only.
#pragma once

#include "fasttok/simd/kernels.h"

namespace fasttok::avx2 {
extern const Kernels kKernels;
}  // namespace fasttok::avx2
