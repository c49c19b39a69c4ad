// Random numbers for what is random on purpose: BPE dropout and Unigram sampling.
//
// Every thread has a generator of its own. set_seed() makes them start anew: the thread that draws first gets
// the first stream, the next one the second, so a program with one thread repeats itself exactly.
//
//   set_seed(7);
//   uniform();   // a double from 0 up to, not including, 1
#pragma once

#include <cstdint>

namespace fasttok {

// Until the first call the seed is the system's.
void set_seed(std::uint64_t seed);

// 53 random bits, as a fraction in [0, 1).
double uniform();

}  // namespace fasttok
