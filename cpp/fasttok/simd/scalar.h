// The scalar kernels, which every other set must equal.
#pragma once

#include "fasttok/simd/kernels.h"

namespace fasttok::scalar {
extern const Kernels kKernels;
}  // namespace fasttok::scalar
