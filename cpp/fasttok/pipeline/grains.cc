#include "fasttok/pipeline/grains.h"

#include <algorithm>

namespace fasttok {
namespace {

// Code units that a worker takes at a time, and the least that is worth a second thread.
constexpr std::size_t kGrain = 8 * 1024;
constexpr std::size_t kWorthSharing = 32 * 1024;

}  // namespace

std::vector<Grain> plan_grains(const Batch& batch, unsigned threads) {
  const std::size_t rows = batch.rows();
  if (threads <= 1) return {{0, rows}};
  const bool plain = batch.shapes.empty();
  std::vector<Grain> grains;
  std::size_t total = 0, units = 0, first_row = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    units += 8;
    if (plain) {
      units += batch.texts[row].length * batch.texts[row].kind;
    } else {
      for (const TextView& text : batch.first(row)) units += text.length * text.kind;
      for (const TextView& text : batch.second(row)) units += text.length * text.kind;
    }
    if (units < kGrain) continue;
    grains.push_back({first_row, row + 1});
    first_row = row + 1;
    total += units;
    units = 0;
  }
  if (total + units < kWorthSharing) return {{0, rows}};
  if (first_row < rows) grains.push_back({first_row, rows});
  return grains;
}

std::size_t workers_for(const std::vector<Grain>& grains, unsigned threads) {
  return std::min<std::size_t>(std::max(1u, threads), grains.size());
}

std::optional<std::size_t> Tickets::next(bool from_front) {
  std::uint64_t ends = ends_.load(std::memory_order_relaxed);
  for (;;) {
    const std::uint64_t front = ends & 0xFFFFFFFFu, back = ends >> 32;
    if (front >= back) return std::nullopt;
    const std::uint64_t rest = from_front ? ends + 1 : ends - (std::uint64_t{1} << 32);
    if (ends_.compare_exchange_weak(ends, rest, std::memory_order_relaxed))
      return from_front ? front : back - 1;
  }
}

void Tickets::stop_at(std::size_t n) {
  std::uint64_t ends = ends_.load(std::memory_order_relaxed);
  while (n < ends >> 32 &&
         !ends_.compare_exchange_weak(ends, (ends & 0xFFFFFFFFu) | static_cast<std::uint64_t>(n) << 32,
                                      std::memory_order_relaxed)) {
  }
}

void FirstFailure::note(std::size_t row) {
  std::lock_guard<std::mutex> guard(lock_);
  if (!cause_ || row < row_) {
    row_ = row;
    cause_ = std::current_exception();
  }
  any_.store(true, std::memory_order_release);
}

void FirstFailure::rethrow() const {
  if (cause_) throw RowError(row_, cause_);
}

void Assembly::wait_for_all() const {
  wait_until([this] { return at_work_.load(std::memory_order_acquire) == 0; });
}

bool Assembly::wait_until_open() const {
  wait_until([this] { return state_.load(std::memory_order_acquire) != kWaiting; });
  return state_.load(std::memory_order_acquire) == kReady;
}

}  // namespace fasttok
