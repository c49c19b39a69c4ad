#include "fasttok/pipeline/grains.h"

#include <algorithm>

#include "fasttok/pipeline/batch.h"

namespace fasttok {
namespace {

// Bytes of text that are worth a second thread.
constexpr std::size_t kWorthSharing = 32 * 1024;
// Bytes of a region for two workers: what is written for it should stay in a CPU's own cache. The last is
// small, as the first worker has nothing to do while the others move what they wrote for it.
constexpr std::size_t kLargestRegion = 256 * 1024, kLastRegion = 48 * 1024;
// The least bytes of a grain, and its part of what is left for each worker.
constexpr std::size_t kLeast = 1024, kParts = 2;

}  // namespace

void Region::set(std::size_t first_row, std::size_t last_row) {
  first_row_ = first_row;
  size_ = last_row - first_row;
  ends_.store(static_cast<std::uint64_t>(size_) << 32, std::memory_order_relaxed);
}

std::optional<std::pair<std::size_t, std::size_t>> Region::take(bool from_front, std::size_t workers,
                                                                std::size_t least) {
  std::uint64_t ends = ends_.load(std::memory_order_relaxed);
  for (;;) {
    const std::uint64_t front = ends & 0xFFFFFFFFu, back = ends >> 32;
    if (front >= back) return std::nullopt;
    const std::uint64_t left = back - front;
    const std::uint64_t n =
        workers == 1 ? left : std::min(left, std::max<std::uint64_t>(least, left / (kParts * workers)));
    const std::uint64_t rest = from_front ? ends + n : ends - (n << 32);
    if (!ends_.compare_exchange_weak(ends, rest, std::memory_order_relaxed)) continue;
    const std::size_t first = first_row_ + (from_front ? front : back - n);
    return std::pair{first, first + n};
  }
}

void Region::stop_at(std::size_t row) {
  const std::uint64_t stop = std::clamp(row, first_row_, first_row_ + size_) - first_row_;
  std::uint64_t ends = ends_.load(std::memory_order_relaxed);
  while (stop < ends >> 32 &&
         !ends_.compare_exchange_weak(ends, (ends & 0xFFFFFFFFu) | stop << 32, std::memory_order_relaxed)) {
  }
}

Shares::Shares(const Extent& extent, unsigned threads) {
  if (threads > 1 && extent.bytes >= kWorthSharing) workers_ = std::min<std::size_t>(threads, extent.rows);
  least_ = std::max<std::size_t>(1, extent.bytes ? kLeast * extent.rows / extent.bytes : 1);
  // A worker that is done with a region waits for another's last row at most: rows are short beside regions.
  const std::size_t last = std::max(kLastRegion, 4 * workers_ * extent.longest);
  const std::size_t largest = std::max(kLargestRegion * workers_ / 2, 2 * last);
  std::vector<std::size_t> ends;  // of the regions, in rows
  std::size_t begin = 0, bytes = extent.bytes;
  while (workers_ > 1 && bytes > last) {
    const std::size_t part = std::min(bytes / 4 * 3, largest);
    const double share = static_cast<double>(part) / static_cast<double>(bytes);
    begin += static_cast<std::size_t>(static_cast<double>(extent.rows - begin) * share);
    ends.push_back(begin);
    bytes -= part;
  }
  ends.push_back(extent.rows);
  regions_ = std::vector<Region>(ends.size());
  begin = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    regions_[i].set(begin, ends[i]);
    begin = ends[i];
  }
}

void Shares::fail(std::size_t row) {
  for (Region& region : regions_) region.stop_at(row);
  std::lock_guard<std::mutex> guard(lock_);
  if (!cause_ || row < failed_row_) {
    failed_row_ = row;
    cause_ = std::current_exception();
  }
  failed_.store(true, std::memory_order_release);
}

void Shares::rethrow() const {
  if (cause_) throw RowError(failed_row_, cause_);
}

void Assembly::add(std::size_t region, const Grain& grain) {
  {
    std::lock_guard<std::mutex> guard(lock_);
    regions_[region].grains.push_back(grain);
  }
  regions_[region].rows.fetch_add(grain.last_row - grain.first_row, std::memory_order_release);
}

bool Assembly::wait_until_closed(std::size_t region) const {
  wait_until([&] { return closed(region) || given_up_.load(std::memory_order_acquire); });
  return !given_up_.load(std::memory_order_acquire);
}

std::optional<std::size_t> Assembly::wait_for_others(std::size_t region, std::size_t others, std::size_t end,
                                                     const Shares& shares) {
  State& state = regions_[region];
  const auto done = [&] { return state.rows.load(std::memory_order_acquire) == others; };
  if (!done()) wait_until([&] { return done() || shares.failed(); });
  if (!done()) return std::nullopt;
  std::sort(state.grains.begin(), state.grains.end(),
            [](const Grain& a, const Grain& b) { return a.first_row < b.first_row; });
  for (Grain& grain : state.grains) {
    grain.place = end;
    end += grain.end - grain.begin;
  }
  return end;
}

void Assembly::close(std::size_t region) {
  unplaced_.fetch_add(regions_[region].grains.size(), std::memory_order_relaxed);
  closed_.store(region + 1, std::memory_order_release);
}

void Assembly::wait_until_placed() const {
  const auto all = [this] { return unplaced_.load(std::memory_order_acquire) == 0; };
  if (!all()) wait_until(all);
}

}  // namespace fasttok
