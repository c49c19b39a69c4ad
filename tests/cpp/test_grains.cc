// How rows are shared among threads.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "fasttok/pipeline/batch.h"
#include "fasttok/pipeline/grains.h"

using namespace fasttok;

namespace {

Batch batch_of(const std::vector<std::size_t>& bytes_of_rows) {
  Batch batch;
  for (const std::size_t bytes : bytes_of_rows) batch.texts.push_back({nullptr, bytes, 1, true});
  return batch;
}

// The time of the slowest of workers who need as long as rows have bytes, as part of the time of one.
double longest_share(const std::vector<std::size_t>& bytes_of_rows, unsigned threads, bool assembled) {
  const Batch batch = batch_of(bytes_of_rows);
  Shares shares(batch, batch.extent(threads > 1), threads, assembled);
  std::vector<double> times(threads);
  double total = 0, end = 0;
  for (std::size_t region = 0; region < shares.regions(); ++region) {
    std::vector<double*> left;
    for (double& time : times) left.push_back(&time);
    while (!left.empty()) {  // who is free first takes the next grain
      const auto first =
          std::min_element(left.begin(), left.end(), [](double* a, double* b) { return *a < *b; });
      double* const worker = *first;
      const auto grain = shares.take(region, static_cast<unsigned>(worker - times.data()));
      if (!grain) {
        left.erase(first);
        continue;
      }
      for (std::size_t row = grain->first; row < grain->second; ++row) {
        *worker += static_cast<double>(bytes_of_rows[row]);
        total += static_cast<double>(bytes_of_rows[row]);
      }
    }
    end = *std::max_element(times.begin(), times.end());
    times[0] = end;  // the first worker waits for the others
  }
  return end / total;
}

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
        for (const bool assembled : {false, true}) {
          CAPTURE(assembled);
          const Batch batch = batch_of(std::vector<std::size_t>(rows, bytes_of_row));
          Shares shares(batch, batch.extent(threads > 1), threads, assembled);
          CHECK(shares.workers() <= std::min<std::size_t>(threads, rows));
          std::size_t in_regions = 0;
          for (std::size_t region = 0; region < shares.regions(); ++region)
            in_regions += shares.region(region).rows();
          CHECK(in_regions == rows);
          bool once = true;
          for (const std::atomic<int>& times : handed_out(shares, rows)) once = once && times == 1;
          CHECK(once);
        }
      }
    }
  }
}

TEST_CASE("grains: from the first row that failed on nothing is handed out") {
  constexpr std::size_t kRows = 10000;
  const Batch batch = batch_of(std::vector<std::size_t>(kRows, 100));
  Shares shares(batch, batch.extent(true), 3, true);
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
    if (times != (row < 4001 ? 1 : 0)) FAIL("row ", row);
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

TEST_CASE("grains: rows of uneven length") {
  std::vector<std::size_t> documents_first(1000, 20), few(28, 40), ascending;
  std::fill_n(documents_first.begin(), 100, 5000);
  std::fill_n(few.begin(), 7, 50000);
  for (std::size_t row = 0; row < 1000; ++row) ascending.push_back(row * row / 100);
  for (const bool reversed : {false, true}) {
    CAPTURE(reversed);
    for (const bool assembled : {false, true}) {
      CAPTURE(assembled);
      for (const auto* rows : {&documents_first, &ascending}) {
        for (const unsigned threads : {2u, 4u})
          CHECK(longest_share(*rows, threads, assembled) < 1.1 / threads);
      }
      CHECK(longest_share(few, 2, assembled) < 0.6);
    }
    for (auto* rows : {&documents_first, &ascending, &few}) std::reverse(rows->begin(), rows->end());
  }
}
