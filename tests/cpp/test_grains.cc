// How rows are shared among threads.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "fasttok/pipeline/batch.h"
#include "fasttok/pipeline/grains.h"

using namespace fasttok;

namespace {

// How often each row was handed out, by as many threads as there are workers.
std::vector<std::atomic<int>> handed_out(Shares& shares, std::size_t rows) {
  std::vector<std::atomic<int>> times(rows);
  std::vector<std::thread> threads;
  for (unsigned worker = 0; worker < shares.workers(); ++worker) {
    threads.emplace_back([&, worker] {
      for (std::size_t region = 0; region < shares.regions(); ++region) {
        while (const auto grain = shares.take(region, worker)) {
          for (std::size_t row = grain->first; row < grain->second; ++row) ++times[row];
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return times;
}

}  // namespace

TEST_CASE("grains: every row once, whatever threads take it") {
  for (const unsigned threads : {1u, 2u, 3u, 7u}) {
    for (const std::size_t rows : {1, 2, 5, 1000, 70000}) {
      for (const std::size_t bytes_of_row : {8, 300, 50000}) {
        CAPTURE(threads);
        CAPTURE(rows);
        CAPTURE(bytes_of_row);
        Shares shares({rows, rows * bytes_of_row, bytes_of_row, 0}, threads);
        CHECK(shares.workers() <= std::min<std::size_t>(threads, rows));
        std::size_t in_regions = 0;
        for (std::size_t region = 0; region < shares.regions(); ++region)
          in_regions += shares.region(region).size();
        CHECK(in_regions == rows);
        bool once = true;
        for (const std::atomic<int>& times : handed_out(shares, rows)) once = once && times == 1;
        CHECK(once);
      }
    }
  }
}

TEST_CASE("grains: from the first row that failed on nothing is handed out") {
  constexpr std::size_t kRows = 10000;
  Shares shares({kRows, kRows * 100, 100, 0}, 3);
  REQUIRE(shares.regions() > 2);
  for (const std::size_t row : {7000, 4001, 9000}) {
    try {
      throw ValueError(std::to_string(row));
    } catch (...) {
      shares.fail(row);
    }
  }
  std::size_t row = 0;
  for (const std::atomic<int>& times : handed_out(shares, kRows)) {
    if (times != (row < 4001)) FAIL("row ", row);
    ++row;
  }
  try {
    shares.rethrow();
    FAIL("nothing was thrown");
  } catch (const RowError& error) {
    CHECK(error.row == 4001);
    CHECK_THROWS_WITH(std::rethrow_exception(error.cause), "4001");
  }
}
