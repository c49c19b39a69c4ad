// The kernels for NEON; there on aarch64 only.
#pragma once

#include "fasttok/simd/kernels.h"

namespace fasttok::neon {
extern const Kernels kKernels;
}  // namespace fasttok::neon
