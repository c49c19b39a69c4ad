#include "fasttok/simd/kernels.h"

#include "fasttok/simd/avx2.h"
#include "fasttok/simd/avx512.h"
#include "fasttok/simd/neon.h"
#include "fasttok/simd/scalar.h"

namespace fasttok {

const Kernels& kernels_for(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return avx512::kKernels;
  if (isa == Isa::kAvx2) return avx2::kKernels;
#elif defined(__aarch64__)
  if (isa == Isa::kNeon) return neon::kKernels;
#endif
  (void)isa;
  return scalar::kKernels;
}

constinit std::atomic<const Kernels*> kernels_in_use{nullptr};

const Kernels& choose_kernels() {
  const Kernels& chosen = kernels_for(active_isa());
  kernels_in_use.store(&chosen, std::memory_order_relaxed);
  return chosen;
}

}  // namespace fasttok
