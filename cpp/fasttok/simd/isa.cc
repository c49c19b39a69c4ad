#include "fasttok/simd/isa.h"

#include <cstdlib>
#include <string>

#include "fasttok/base/error.h"

namespace fasttok {
namespace {

constexpr Isa kAll[] = {Isa::kScalar, Isa::kAvx2};

Isa choose() {
  const char* forced = std::getenv("FASTTOK_ISA");
  if (!forced || !*forced) return cpu_has(Isa::kAvx2) ? Isa::kAvx2 : Isa::kScalar;
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
  return isa == Isa::kAvx2 ? "avx2" : "scalar";
}

bool cpu_has(Isa isa) {
  if (isa == Isa::kScalar) return true;
#if defined(__x86_64__)
  // The AVX2 kernels use these too; every CPU with AVX2 known has them.
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("popcnt");
#else
  return false;
#endif
}

Isa active_isa() {
  static const Isa isa = choose();
  return isa;
}

}  // namespace fasttok
