#include "fasttok/simd/isa.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>

#include "fasttok/base/error.h"

namespace fasttok {
namespace {

constexpr Isa kAll[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kNeon};  // the best last

Isa choose() {
  const char* forced = std::getenv("FASTTOK_ISA");
  if (!forced || !*forced) {
    return *std::find_if(std::rbegin(kAll), std::rend(kAll), [](Isa isa) { return cpu_has(isa); });
  }
  std::string names;
  for (const Isa isa : kAll) {
    if (!cpu_has(isa)) continue;
    if (isa_name(isa) == forced) return isa;
    names += (names.empty() ? "" : ", ") + std::string(isa_name(isa));
  }
  throw Error("FASTTOK_ISA=" + std::string(forced) + " cannot be used on this CPU; it has: " + names);
}

}  // namespace

std::string_view isa_name(Isa isa) {
  switch (isa) {
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kNeon:
      return "neon";
    default:
      return "scalar";
  }
}

bool cpu_has(Isa isa) {
  if (isa == Isa::kScalar) return true;
#if defined(__x86_64__)
  // The AVX2 kernels use all of these; every CPU with AVX2 known has them.
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  if (isa == Isa::kAvx2) return avx2;
  return isa == Isa::kAvx512 && avx2 && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
         __builtin_cpu_supports("gfni");
#elif defined(__aarch64__)
  return isa == Isa::kNeon;  // part of the base architecture
#else
  return false;
#endif
}

Isa active_isa() {
  static const Isa isa = choose();
  return isa;
}

}  // namespace fasttok
