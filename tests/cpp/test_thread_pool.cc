// The thread pool: all work is done, whoever calls from wherever.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "fasttok/base/thread_pool.h"

using namespace fasttok;

namespace {

constexpr std::size_t kItems = 500;

// Whether run_parallel() did each item once, on workers with different numbers.
bool does_all_work(unsigned workers) {
  std::atomic<std::size_t> next{0};
  std::vector<std::atomic<int>> done(kItems), seen(workers);
  run_parallel(workers, [&](unsigned worker) {
    if (worker < workers) ++seen[worker];
    for (std::size_t i; (i = next.fetch_add(1)) < kItems;) ++done[i];
  });
  bool good = seen[0] == 1;
  for (const auto& times : seen) good = good && times <= 1;
  for (const auto& times : done) good = good && times == 1;
  return good;
}

// The exit status of a child that runs `body`; it is killed if it takes long.
template <class Body>
int status_of_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(body() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

// QEMU 7.2's user mode aborts (qemu_plugin_vcpu_init_hook) when the child of a fork starts a thread.
bool runs_under_qemu() {
#if defined(__x86_64__)
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  __cpuid(0x40000000, eax, ebx, ecx, edx);
  return ebx == 0x54474354 && ecx == 0x43544743 && edx == 0x47435447;  // "TCGTCGTCGTCG"
#elif defined(__aarch64__)
  if (!(getauxval(AT_HWCAP) & HWCAP_CPUID)) return false;
  std::uint64_t midr;
  asm("mrs %0, midr_el1" : "=r"(midr));
  return (midr >> 24 & 0xFF) == 0;  // the implementer: 0 is a simulator
#else
  return false;
#endif
}

}  // namespace

TEST_CASE("thread pool: any number of workers does all the work") {
  for (unsigned workers = 1; workers <= 12; ++workers) {
    for (int round = 0; round < 5; ++round) CHECK(does_all_work(workers));
  }
  int calls = 0;
  run_parallel(0, [&](unsigned worker) { calls += worker == 0; });
  CHECK(calls == 1);
}

TEST_CASE("thread pool: nested and simultaneous callers") {
  std::atomic<int> failures{0};
  run_parallel(3, [&](unsigned) { failures += !does_all_work(3); });
  std::vector<std::thread> callers;
  for (int i = 0; i < 5; ++i) {
    callers.emplace_back([&] {
      for (int round = 0; round < 20; ++round) failures += !does_all_work(4);
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(failures == 0);
}

TEST_CASE("thread pool: usable in the child of a fork, and after it" * doctest::skip(runs_under_qemu())) {
  CHECK(does_all_work(4));
  CHECK(status_of_child([] { return does_all_work(4) && does_all_work(2); }) == 0);
  CHECK(does_all_work(4));
  int status = -1;  // forked while the pool is at work
  run_parallel(2, [&](unsigned worker) {
    if (worker == 0) status = status_of_child([] { return does_all_work(3); });
  });
  CHECK(status == 0);
}

TEST_CASE("thread pool: the number of threads to use") {
  CHECK(available_cpus() >= 1);
  set_default_threads(3);
  CHECK(default_threads() == 3);
  set_default_threads(0);
  CHECK(default_threads() == available_cpus());
}
