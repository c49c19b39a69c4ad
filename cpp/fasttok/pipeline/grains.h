// How the rows of a batch are shared among threads.
//
//   Shares shares(batch, batch.extent(threads > 1), threads, true);
//   std::vector<Worker> workers(shares.workers());  // with `out`, the columns it appends to
//   share_rows(shares, workers, [&](Worker& worker, std::size_t& row, std::size_t last) { ... });
//
// The rows are divided into regions, one behind the other. In each, the first worker takes rows from the
// front and the others from the back: grains, the smaller the less text is left, so that all are done at
// about the same time. Where the tokens are to be put together, the first worker's columns become the whole:
// behind each region it leaves room for what the others wrote there and goes on, and the others move theirs
// to that room meanwhile, out of their own CPU's cache. A small last region is the first worker's alone: it
// is done with it when the others have moved all they wrote.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/base/interrupt.h"
#include "fasttok/base/thread_pool.h"

namespace fasttok {

struct Batch;

// How much there is to read.
struct Extent {
  static constexpr std::size_t kRowsOfMark = 16;

  std::size_t rows = 0;
  std::size_t bytes = 0, longest = 0;  // of all rows, of the longest one; some more for each row
  std::size_t tokens = 0;  // about what prose needs; Chinese has a token for nearly every character
  // Bytes before every 16th row, or before an end that falls there; if asked for.
  Buffer<std::size_t> marks{};
};

// Bytes before a row, looked up in the marks.
class Distances {
 public:
  // The batch must last.
  Distances(const Batch& batch, Buffer<std::size_t> marks) : batch_(batch), marks_(std::move(marks)) {}

  std::size_t before(std::size_t row) const;
  // The last one of the rows [first, last] before which there are no more than `bytes`, as before the first.
  std::size_t row_at(std::size_t bytes, std::size_t first, std::size_t last) const;

 private:
  const Batch& batch_;
  Buffer<std::size_t> marks_;
};

struct Grain {
  std::size_t first_row, last_row;  // [first_row, last_row)
  unsigned worker;
  std::size_t begin, end;  // tokens in the worker's columns
  std::size_t place = 0;   // of the first token in the whole
};

// Hands out the rows of one region. It ends in lines that nobody writes to, as whoever takes a grain takes
// the region's from the other CPU.
class Region {
 public:
  // The rows [first, last).
  void set(std::size_t first, std::size_t last);
  std::size_t rows() const { return last_ - first_; }

  // Rows [first, second), a part of what is left.
  std::optional<std::pair<std::size_t, std::size_t>> take(bool from_front, std::size_t workers,
                                                          const Distances& distances);
  // No row from this one on is handed out any more.
  void stop_at(std::size_t row);

 private:
  std::size_t first_ = 0, last_ = 0;
  std::atomic<std::uint64_t> ends_{0};  // of what is left, from first_ on: its back above its front
  [[maybe_unused]] char apart_[128];
};

class Shares {
 public:
  // One worker where sharing does not pay. `assembled`: the tokens are put together. The batch must last.
  Shares(const Batch& batch, Extent extent, unsigned threads, bool assembled);

  std::size_t workers() const { return workers_; }
  std::size_t regions() const { return regions_.size(); }
  const Region& region(std::size_t number) const { return regions_[number]; }
  std::optional<std::pair<std::size_t, std::size_t>> take(std::size_t region, unsigned worker) {
    const bool shared = region < shared_regions_;
    if (worker != 0 && !shared) return std::nullopt;
    return regions_[region].take(worker == 0, shared ? workers_ : 1, distances_);
  }

  // In a catch block: the row failed, and only those before it are still wanted.
  void fail(std::size_t row);
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  // The error of the first row that failed, as RowError, if there is one.
  void rethrow() const;

 private:
  const Distances distances_;
  std::size_t workers_ = 1, shared_regions_ = 1;
  std::vector<Region> regions_;
  std::mutex lock_;
  std::atomic<bool> failed_{false};
  std::size_t failed_row_ = 0;
  std::exception_ptr cause_;
};

// What the workers tell each other of the grains of a batch that is put together.
class Assembly {
 public:
  explicit Assembly(std::size_t regions) : regions_(std::make_unique<State[]>(regions)) {}

  // Of workers other than the first.
  void add(std::size_t region, const Grain& grain);
  bool closed(std::size_t region) const { return closed_.load(std::memory_order_acquire) > region; }
  const std::vector<Grain>& grains(std::size_t region) const { return regions_[region].grains; }  // if closed
  void placed() { unplaced_.fetch_sub(1, std::memory_order_release); }
  // False where it never will be.
  bool wait_until_closed(std::size_t region) const;

  // Of the first worker, which has done all rows of the region but `others`, to token `end` of the whole.
  // Returns where the next region begins, once the grains have their places; nothing after a failure.
  std::optional<std::size_t> wait_for_others(std::size_t region, std::size_t others, std::size_t end,
                                             const Shares& shares);
  void close(std::size_t region);
  void give_up() { given_up_.store(true, std::memory_order_release); }  // no region is closed any more
  void wait_until_placed() const;

 private:
  struct State {
    std::vector<Grain> grains;
    std::atomic<std::size_t> rows{0};
  };
  std::unique_ptr<State[]> regions_;
  std::mutex lock_;
  std::atomic<std::size_t> closed_{0};  // regions whose grains have their places
  std::atomic<std::size_t> unplaced_{0};
  std::atomic<bool> given_up_{false};
};

// Runs encode_rows(worker, row, last row) for all rows that worker `number` gets of the region; it does some
// rows and moves `row` on, and if it throws it stands at the row that failed. Then each grain goes to
// on_grain(grain). False after an exception.
template <class Worker, class EncodeRows, class OnGrain>
bool take_grains(Shares& shares, std::size_t region, unsigned number, Worker& worker, EncodeRows& encode_rows,
                 OnGrain on_grain) {
  // At the first of so many rows (or groups of joined ones) it is asked whether the call is to end, so in
  // each region; long texts ask in between, too.
  constexpr std::size_t kStepsBetweenChecks = 64;
  std::size_t steps = 0;
  while (const auto rows = shares.take(region, number)) {
    Grain grain{rows->first, rows->second, number, worker.out.ids.size(), 0};
    std::size_t row = grain.first_row;
    try {
      while (row < grain.last_row) {
        if (steps++ % kStepsBetweenChecks == 0) check_interrupt();
        encode_rows(worker, row, grain.last_row);
      }
      grain.end = worker.out.ids.size();
      on_grain(grain);
    } catch (...) {
      shares.fail(row);
      return false;
    }
  }
  return true;
}

// Runs encode_rows for all rows (see above) on as many threads as there are workers. The error that is thrown
// on is that of the first failing row.
template <class Worker, class EncodeRows>
void share_rows(Shares& shares, std::vector<Worker>& workers, EncodeRows encode_rows) {
  run_parallel(static_cast<unsigned>(workers.size()), [&](unsigned number) {
    for (std::size_t region = 0; region < shares.regions(); ++region) {
      if (!take_grains(shares, region, number, workers[number], encode_rows, [](const Grain&) {})) return;
    }
  });
  shares.rethrow();
}

// The same, and puts the tokens together in the columns of the first worker. set_size(n) makes them n tokens
// long; place(worker, grain) moves the tokens of a grain of another worker to their place there, while the
// first one writes on behind it: before these columns move they must wait_until_placed().
template <class Worker, class EncodeRows, class SetSize, class Place>
void share_rows(Shares& shares, std::vector<Worker>& workers, Assembly& assembly, EncodeRows encode_rows,
                SetSize set_size, Place place) {
  const auto do_first = [&] {
    Worker& worker = workers[0];
    for (std::size_t region = 0; region < shares.regions(); ++region) {
      std::size_t others = shares.region(region).rows();
      const auto count = [&](const Grain& grain) { others -= grain.last_row - grain.first_row; };
      if (!take_grains(shares, region, 0, worker, encode_rows, count)) break;
      if (shares.failed()) continue;  // the rows before the one that failed are still done
      try {
        const auto end = assembly.wait_for_others(region, others, worker.out.ids.size(), shares);
        if (!end) continue;
        set_size(*end);
      } catch (...) {
        shares.fail(0);
        break;
      }
      assembly.close(region);
    }
    if (shares.failed()) assembly.give_up();
  };
  const auto do_other = [&](unsigned number) {
    Worker& worker = workers[number];
    // The regions from the first one with a grain of this worker that is not in its place, and such grains.
    std::size_t next = 0, waiting = 0;
    const auto place_closed = [&] {
      for (; waiting > 0 && assembly.closed(next); ++next) {
        for (const Grain& grain : assembly.grains(next)) {
          if (grain.worker != number) continue;
          place(worker, grain);
          assembly.placed();
          --waiting;
        }
      }
      if (waiting == 0) worker.clear();
    };
    for (std::size_t region = 0; region < shares.regions(); ++region) {
      const auto add = [&](const Grain& grain) {
        if (waiting++ == 0) next = region;
        assembly.add(region, grain);
        place_closed();
      };
      if (!take_grains(shares, region, number, worker, encode_rows, add)) break;
    }
    while (waiting > 0) {
      const bool more = assembly.wait_until_closed(next);
      place_closed();
      if (!more) break;
    }
  };
  run_parallel(static_cast<unsigned>(workers.size()), [&](unsigned number) {
    if (number == 0)
      do_first();
    else
      do_other(number);
  });
  shares.rethrow();
}

}  // namespace fasttok
