// Which instruction set the kernels use: the best that the CPU has, or the one that FASTTOK_ISA names.
#pragma once

#include <string_view>

namespace fasttok {

enum class Isa { kScalar, kAvx2, kAvx512, kNeon };

std::string_view isa_name(Isa isa);

// Decided once per process. Throws Error naming those that there are, if FASTTOK_ISA names one that is
// unknown or that this CPU lacks.
Isa active_isa();

bool cpu_has(Isa isa);

}  // namespace fasttok
