#include "fasttok/base/interrupt.h"

#include <utility>

#include "fasttok/base/word_cache.h"

namespace fasttok {
namespace {

// Its address tells threads apart.
thread_local Interruption* current_interruption = nullptr;

}  // namespace

Interruption::Interruption(std::function<bool()> question)
    : question_(std::move(question)),
      caller_(&current_interruption),
      before_(std::exchange(current_interruption, this)) {}

Interruption::~Interruption() {
  current_interruption = before_;
}

Interruption* Interruption::current() {
  return current_interruption;
}

bool Interruption::requested() {
  if (stopped_.load(std::memory_order_relaxed)) return true;
  if (caller_ != &current_interruption || asking_) return false;
  const Clock::time_point now = Clock::now();
  if (next_ == Clock::time_point{}) next_ = now + kInterval;  // a short call never asks
  if (now < next_) return false;
  asking_ = true;
  const bool yes = [&] {
    const WordCache::SetAside aside;
    return question_();
  }();
  asking_ = false;
  next_ = Clock::now() + kInterval;
  if (yes) stopped_.store(true, std::memory_order_relaxed);
  return yes;
}

Interruption::Adopted::Adopted(Interruption* interruption)
    : before_(std::exchange(current_interruption, interruption)) {}

Interruption::Adopted::~Adopted() {
  current_interruption = before_;
}

}  // namespace fasttok
