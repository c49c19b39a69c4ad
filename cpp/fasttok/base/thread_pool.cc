#include "fasttok/base/thread_pool.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "fasttok/base/interrupt.h"

namespace fasttok {
namespace {

using Clock = std::chrono::steady_clock;

// A helper that has just finished waits awake for the next job before it sleeps: batches usually follow each
// other closely, and waking a sleeper costs the caller tens of microseconds, as much as a small batch takes.
// It waits no longer than it is likely to pay: some times what the last job took, or twice what it had to
// wait of late, and never longer than this.
constexpr int kPatience = 3;
constexpr Clock::duration kLongestWait = std::chrono::milliseconds(4);
// Between two looks of a worker that waits longer than that for another.
constexpr Clock::duration kNap = std::chrono::microseconds(200);
// Looks before the time is read again, and the CPU offered to whoever wants it.
constexpr int kLooks = 64;

inline void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");  // as long as x86's pause; "yield" does nothing on most CPUs
#endif
}

// Whether ready() became true within `time`.
template <class Ready>
bool wait_awake(Clock::duration time, const Ready& ready) {
  const Clock::time_point end = Clock::now() + time;
  do {
    for (int look = 0; look < kLooks; ++look) {
      if (ready()) return true;
      pause_cpu();
    }
    sched_yield();
  } while (Clock::now() < end);
  return ready();
}

class Pool {
 public:
  void run(unsigned workers, const std::function<void(unsigned)>& job) {
    if (busy_.exchange(true, std::memory_order_acquire)) {
      job(0);
      return;
    }
    spawn(workers - 1);
    const auto helpers = static_cast<unsigned>(std::min<std::size_t>(threads_.size(), workers - 1));
    {
      std::lock_guard<std::mutex> lock(mutex_);
      job_ = &job;
      interruption_ = Interruption::current();
      open_places_ = helpers;
      missed_places_ = 0;
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    job(0);
    // All work is taken: who has not joined by now need not, who has is waited for.
    std::unique_lock<std::mutex> lock(mutex_);
    missed_places_ = std::exchange(open_places_, 0);
    lock.unlock();
    const auto all_left = [this] { return active_.load(std::memory_order_acquire) == 0; };
    if (!wait_awake(kLongestWait, all_left)) {
      lock.lock();
      while (!done_.wait_for(lock, Interruption::kInterval, all_left)) {
        lock.unlock();
        interrupt_requested();  // if so, the helpers see it, too, and are waited for all the same
        lock.lock();
      }
      lock.unlock();
    }
    busy_.store(false, std::memory_order_release);
  }

 private:
  void spawn(std::size_t helpers) {
    while (threads_.size() < helpers) {
      try {
        threads_.emplace_back([this] { help(); });
        threads_.back().detach();
      } catch (const std::system_error&) {
        return;  // no more threads to be had: the job runs on those there are
      }
    }
  }

  void help() {
    std::uint64_t seen = 0;
    Clock::duration patience{0}, gap{0};
    Clock::time_point idle_since = Clock::now();
    for (;;) {
      wait_awake(patience, [&] { return generation_.load(std::memory_order_acquire) != seen; });
      const std::function<void(unsigned)>* job = nullptr;
      Interruption* interruption = nullptr;
      unsigned number = 0;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return generation_.load(std::memory_order_relaxed) != seen; });
        seen = generation_.load(std::memory_order_relaxed);
        if (open_places_ > 0) {
          number = open_places_--;
          active_.fetch_add(1, std::memory_order_relaxed);
          job = job_;
          interruption = interruption_;
        } else if (missed_places_ > 0) {
          --missed_places_;
        } else {
          continue;  // others do it
        }
      }
      // Who slept may have come too late for the job: this one waits awake for the next all the same.
      const Clock::time_point start = Clock::now();
      if (job) {
        const Interruption::Adopted adopted(interruption);
        (*job)(number);
      }
      if (job && active_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        std::lock_guard<std::mutex> lock(mutex_);
        done_.notify_one();
      }
      // A short job often follows a long one in the same call: neither how long it takes nor how soon it
      // comes says much of when the next call does.
      const Clock::duration waited = start - idle_since;
      gap = waited > kLongestWait ? Clock::duration{0} : std::max(waited, gap * 3 / 4);
      idle_since = Clock::now();
      patience =
          std::min(kLongestWait, std::max({kPatience * (idle_since - start), patience * 3 / 4, 2 * gap}));
    }
  }

  std::atomic<bool> busy_{false};  // a caller's job runs
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::vector<std::thread> threads_;
  const std::function<void(unsigned)>* job_ = nullptr;
  Interruption* interruption_ = nullptr;  // that of the caller
  unsigned open_places_ = 0;              // helpers that may still join the job
  unsigned missed_places_ = 0;            // when it was done, those that had not come
  std::atomic<unsigned> active_{0};
  std::atomic<std::uint64_t> generation_{0};
};

std::atomic<Pool*> pool{nullptr};
std::atomic<unsigned> chosen_threads{0};

// The child of a fork has none of the helpers, and the locks may be held by threads that it does not have: it
// leaves the old pool where it is (a few hundred bytes) and starts anew.
void forget_pool() {
  pool.store(nullptr, std::memory_order_relaxed);
}

Pool& the_pool() {
  static std::once_flag once;
  std::call_once(once, [] { pthread_atfork(nullptr, nullptr, forget_pool); });
  Pool* now = pool.load(std::memory_order_acquire);
  if (now) return *now;
  auto* fresh = new Pool;  // lives as long as the process: its helpers are never joined
  if (pool.compare_exchange_strong(now, fresh, std::memory_order_acq_rel)) return *fresh;
  delete fresh;
  return *now;
}

}  // namespace

void run_parallel(unsigned workers, const std::function<void(unsigned)>& job) {
  if (workers <= 1) {
    job(0);
  } else {
    the_pool().run(workers, job);
  }
}

void wait_until(const std::function<bool()>& ready) {
  if (wait_awake(kLongestWait, ready)) return;
  while (!ready()) {
    interrupt_requested();
    std::this_thread::sleep_for(kNap);
  }
}

void wait_unasked(const std::function<bool()>& ready) {
  if (wait_awake(kLongestWait, ready)) return;
  while (!ready()) std::this_thread::sleep_for(kNap);
}

unsigned available_cpus() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    const int n = CPU_COUNT(&set);
    if (n > 0) return static_cast<unsigned>(n);
  }
  return std::max(1u, std::thread::hardware_concurrency());
}

unsigned default_threads() {
  const unsigned n = chosen_threads.load(std::memory_order_relaxed);
  return n ? n : available_cpus();
}

void set_default_threads(unsigned n) {
  chosen_threads.store(n, std::memory_order_relaxed);
}

}  // namespace fasttok
