// How the rows of a batch are shared among threads: in grains, neighbouring rows that one worker takes at a
// time.
//
//   std::vector<Grain> grains = plan_grains(batch, threads);
//   std::vector<Worker> workers(workers_for(grains, threads));  // with `out`, the columns it appends to
//   share_grains(grains, workers, [&](Worker& worker, std::size_t& row, std::size_t last) { ... });
//
// The first worker takes grains from the front, the others from the back, so that what the first one writes
// is the beginning of the whole. Where the pieces are to be put together, each worker moves its own, which
// are in its own CPU's cache.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <vector>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/thread_pool.h"
#include "fasttok/pipeline/batch.h"

namespace fasttok {

struct Grain {
  std::size_t first_row, last_row;  // [first_row, last_row)
  unsigned worker = 0;
  std::size_t begin = 0, end = 0;  // tokens in the worker's columns
};

// One grain where sharing does not pay.
std::vector<Grain> plan_grains(const Batch& batch, unsigned threads);

std::size_t workers_for(const std::vector<Grain>& grains, unsigned threads);

// Hands out the numbers below n: to the first worker from the front, to the others from the back. In lines of
// its own, as each ticket takes the line from the other CPU.
class alignas(128) Tickets {
 public:
  explicit Tickets(std::size_t n) : ends_(static_cast<std::uint64_t>(n) << 32) {}

  std::optional<std::size_t> next(bool from_front);
  // Nothing from `n` on is handed out any more.
  void stop_at(std::size_t n);

 private:
  std::atomic<std::uint64_t> ends_;  // the back in the upper half, the front in the lower
};

// The error of the first row that failed.
class FirstFailure {
 public:
  void note(std::size_t row);  // in a catch block
  bool any() const { return any_.load(std::memory_order_acquire); }
  void rethrow() const;  // as RowError, if there is one

 private:
  std::mutex lock_;
  std::atomic<bool> any_{false};
  std::size_t row_ = 0;
  std::exception_ptr cause_;
};

// Where all workers of a job wait until every grain is done and the first worker has made the whole ready.
class Assembly {
 public:
  void begin() { at_work_.fetch_add(1, std::memory_order_relaxed); }
  // Behind the last grain of this worker. A worker that comes later than this finds no grain.
  void end() { at_work_.fetch_sub(1, std::memory_order_acq_rel); }
  void wait_for_all() const;

  void open(bool good) { state_.store(good ? kReady : kFailed, std::memory_order_release); }
  bool wait_until_open() const;

 private:
  enum State { kWaiting, kReady, kFailed };
  std::atomic<unsigned> at_work_{0};
  std::atomic<State> state_{kWaiting};
};

// Runs encode_rows(worker, row, last row) for all rows, grain by grain, on as many threads as there are
// workers; it does some rows and moves `row` on, and if it throws it stands at the row that failed. After an
// exception only the rows before it are still done, so that the one that is thrown on is that of the first
// failing row. When all is done prepare() runs once, then place(number) for each worker at the same time.
template <class Worker, class EncodeRows, class Prepare, class Place>
void share_grains(std::vector<Grain>& grains, std::vector<Worker>& workers, EncodeRows encode_rows,
                  Prepare prepare, Place place) {
  // Rows (or groups of joined ones) after which it is asked whether the call is to end; long texts ask in
  // between, too.
  constexpr std::size_t kStepsBetweenChecks = 64;
  Tickets tickets(grains.size());
  FirstFailure failure;
  Assembly assembly;
  auto encode_grains = [&](unsigned number) {
    Worker& worker = workers[number];
    std::size_t steps = 0;
    while (const std::optional<std::size_t> ticket = tickets.next(number == 0)) {
      Grain& grain = grains[*ticket];
      grain.worker = number;
      grain.begin = worker.out.ids.size();
      std::size_t row = grain.first_row;
      try {
        while (row < grain.last_row) {
          if (++steps % kStepsBetweenChecks == 0) check_interrupt();
          encode_rows(worker, row, grain.last_row);
        }
      } catch (...) {
        tickets.stop_at(*ticket);
        failure.note(row);
        return;
      }
      grain.end = worker.out.ids.size();
    }
  };
  run_parallel(static_cast<unsigned>(workers.size()), [&](unsigned number) {
    assembly.begin();
    encode_grains(number);
    assembly.end();
    if (number == 0) {
      assembly.wait_for_all();
      if (failure.any()) return assembly.open(false);
      try {
        prepare();
      } catch (...) {
        failure.note(0);
        return assembly.open(false);
      }
      assembly.open(true);
    } else if (!assembly.wait_until_open()) {
      return;
    }
    place(number);
  });
  failure.rethrow();
}

// The same where nothing is put together.
template <class Worker, class EncodeRows>
void share_grains(std::vector<Grain>& grains, std::vector<Worker>& workers, EncodeRows encode_rows) {
  share_grains(
      grains, workers, encode_rows, [] {}, [](unsigned) {});
}

}  // namespace fasttok
