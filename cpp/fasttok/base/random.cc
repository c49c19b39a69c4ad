#include "fasttok/base/random.h"

#include <atomic>
#include <mutex>
#include <random>

namespace fasttok {
namespace {

// Where streams come from; a new epoch makes every thread fetch a new one.
struct Seeds {
  std::mutex lock;
  std::uint64_t seed = (std::uint64_t{std::random_device{}()} << 32) | std::random_device{}();
  std::uint64_t streams = 0;  // given out in this epoch
  std::atomic<std::uint64_t> epoch{1};
};

Seeds& seeds() {
  static Seeds all;
  return all;
}

struct Generator {
  std::uint64_t epoch = 0;
  std::mt19937_64 engine;
};

}  // namespace

void set_seed(std::uint64_t seed) {
  Seeds& all = seeds();
  const std::lock_guard guard(all.lock);
  all.seed = seed;
  all.streams = 0;
  all.epoch.fetch_add(1, std::memory_order_release);
}

double uniform() {
  thread_local Generator generator;
  Seeds& all = seeds();
  if (generator.epoch != all.epoch.load(std::memory_order_acquire)) {
    const std::lock_guard guard(all.lock);
    const std::uint64_t stream = all.streams++;
    std::seed_seq mixed{static_cast<std::uint32_t>(all.seed), static_cast<std::uint32_t>(all.seed >> 32),
                        static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)};
    generator.engine.seed(mixed);
    generator.epoch = all.epoch.load(std::memory_order_relaxed);
  }
  return static_cast<double>(generator.engine() >> 11) * 0x1.0p-53;
}

}  // namespace fasttok
