// The instruction set that is chosen where nothing is forced.
#include <doctest/doctest.h>

#include <cstdlib>

#include "fasttok/simd/isa.h"

using namespace fasttok;

// The run under qemu64, which has SSE2 and nothing above, shows that the choice is made by the CPU.
TEST_CASE("isa: scalar where the CPU has no AVX2") {
  if (std::getenv("FASTTOK_ISA")) return;
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2")) CHECK(isa_name(active_isa()) == "scalar");
#endif
  CHECK(cpu_has(active_isa()));
}
