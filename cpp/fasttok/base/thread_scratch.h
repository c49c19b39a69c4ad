// Memory that a thread keeps from call to call, for the time of one call.
//
//   struct Scratch { Buffer<std::uint8_t> text; std::size_t bytes() const { return text.size(); } };
//   ThreadScratch<Scratch> scratch;
//   scratch->text.clear();
//
// Another call that begins meanwhile on this thread, in the answer to whether this one is to end
// (base/interrupt.h), gets an empty one. What has grown large is given back.
#pragma once

#include <cstddef>
#include <utility>

namespace fasttok {

template <class Scratch>
class ThreadScratch {
 public:
  static constexpr std::size_t kMostKept = std::size_t{1} << 20;

  ThreadScratch() : home_(of_this_thread()), scratch_(std::exchange(home_, {})) {}
  ~ThreadScratch() {
    if (scratch_.bytes() <= kMostKept) home_ = std::move(scratch_);
  }
  ThreadScratch(const ThreadScratch&) = delete;
  ThreadScratch& operator=(const ThreadScratch&) = delete;
  Scratch& operator*() { return scratch_; }
  Scratch* operator->() { return &scratch_; }

 private:
  static Scratch& of_this_thread() {
    static thread_local Scratch scratch;
    return scratch;
  }
  Scratch& home_;
  Scratch scratch_;
};

}  // namespace fasttok
