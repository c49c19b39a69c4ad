// How a long call ends early: Ctrl-C.
//
//   Interruption interruption([] { return signal_arrived(); });   // on the thread that makes the call
//   long_work();                                                  // calls check_interrupt() now and then
//
// The one who calls gives a question. It is asked on his own thread only, every few tens of milliseconds, by
// check_interrupt() and while he waits for the helpers of run_parallel(); once it is answered by yes,
// check_interrupt() throws Interrupted on every thread that works for this call. Nothing is asked, and
// nothing thrown, where no Interruption is in force.
//
// check_interrupt_at(i) does so at every 4096th step of a loop.
//
// The answer may run any code on the caller's thread, other calls of fasttok included. These have a word
// cache of their own: that of the thread is as it was afterwards.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>

#include "fasttok/base/error.h"

namespace fasttok {

struct Interrupted : Error {
  Interrupted() : Error("interrupted") {}
};

class Interruption {
 public:
  static constexpr std::chrono::milliseconds kInterval{20};

  // In force on this thread as long as the object lives.
  explicit Interruption(std::function<bool()> question);
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  // True once the question was answered by yes. Asks it if this is the caller's thread and it is time.
  bool requested();

  // That of the call for which this thread works; null: none.
  static Interruption* current();

  // Lets a helper work for a call.
  class Adopted {
   public:
    explicit Adopted(Interruption* interruption);
    ~Adopted();
    Adopted(const Adopted&) = delete;
    Adopted& operator=(const Adopted&) = delete;

   private:
    Interruption* before_;
  };

 private:
  using Clock = std::chrono::steady_clock;

  std::function<bool()> question_;
  const void* caller_;
  Clock::time_point next_{};
  bool asking_ = false;
  std::atomic<bool> stopped_{false};
  Interruption* before_;
};

// Whether the call for which this thread works is to end.
inline bool interrupt_requested() {
  Interruption* const interruption = Interruption::current();
  return interruption && interruption->requested();
}

// Throws Interrupted where it is. Costs a look at the clock: call it every few microseconds, or less often.
inline void check_interrupt() {
  if (interrupt_requested()) throw Interrupted();
}

inline void check_interrupt_at(std::size_t step) {
  if ((step & 0xFFF) == 0xFFF) check_interrupt();
}

}  // namespace fasttok
