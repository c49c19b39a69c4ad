// Runs one job on the calling thread and on parked helpers; no more threads than asked for, none until first
// asked.
//
//   run_parallel(2, [&](unsigned worker) { ... });   // worker 0 is the caller
//
// The pool is for the whole process. One job runs at a time; a caller who finds the pool busy does its job
// alone, which is right and never waits. After fork() the child starts with an empty pool and builds its own
// when first needed.
#pragma once

#include <functional>

namespace fasttok {

// Calls job(0) here and job(1) .. job(workers - 1) on other threads if they can be had, and returns when all
// have returned. Jobs must take their work from a shared counter, so that any number of workers, also one,
// does all of it; they must not throw. A worker may wait only for one that has begun.
void run_parallel(unsigned workers, const std::function<void(unsigned)>& job);

// Returns when ready() is true, which another worker of the same job makes so: awake, for that is most often
// soon; what a caller asks of a long call (base/interrupt.h) is asked meanwhile.
void wait_until(const std::function<bool()>& ready);
// The same where nothing may be asked: what is asked may run other calls on this thread.
void wait_unasked(const std::function<bool()>& ready);

// CPUs that this process may use.
unsigned available_cpus();

// Threads that a call uses where it does not say: available_cpus() until set.
unsigned default_threads();
void set_default_threads(unsigned n);  // 0: back to available_cpus()

}  // namespace fasttok
