#include "fasttok/pipeline/grains.h"

#include <algorithm>

#include "fasttok/pipeline/batch.h"

namespace fasttok {
namespace {

// Bytes of text that are worth a second thread.
constexpr std::size_t kWorthSharing = 32 * 1024;
// Bytes of a region for two workers: what is written for it should stay in a CPU's own cache.
constexpr std::size_t kLargestRegion = 256 * 1024;
// So many tokens are moved, at the least, while a byte is encoded: 0.14 ns beside 2 to 4 ns.
constexpr std::size_t kMovesPerByte = 10;
// Bytes of rows that are taken at the least.
constexpr std::size_t kSmallestGrain = 1024;

}  // namespace

std::size_t Distances::before(std::size_t row) const {
  std::size_t at = row / Extent::kRowsOfMark * Extent::kRowsOfMark;
  std::size_t bytes = marks_[row / Extent::kRowsOfMark];
  for (; at < row; ++at) bytes += batch_.bytes_of(at);
  return bytes;
}

std::size_t Distances::row_at(std::size_t bytes, std::size_t first, std::size_t last) const {
  const std::size_t* const begin = marks_.begin() + first / Extent::kRowsOfMark;
  const std::size_t* const end = marks_.begin() + last / Extent::kRowsOfMark;
  const auto mark =
      static_cast<std::size_t>(std::upper_bound(begin + 1, end + 1, bytes) - marks_.begin()) - 1;
  std::size_t row = std::max(mark * Extent::kRowsOfMark, first);
  for (std::size_t held = before(row); row < last; ++row) {
    held += batch_.bytes_of(row);
    if (held > bytes) break;
  }
  return row;
}

void Region::set(std::size_t first, std::size_t last) {
  first_ = first;
  last_ = last;
  ends_.store(static_cast<std::uint64_t>(last - first) << 32, std::memory_order_relaxed);
}

std::optional<std::pair<std::size_t, std::size_t>> Region::take(bool from_front, std::size_t workers,
                                                                const Distances& distances) {
  std::uint64_t ends = ends_.load(std::memory_order_relaxed);
  for (;;) {
    const std::size_t front = first_ + (ends & 0xFFFFFFFFu), back = first_ + (ends >> 32);
    if (front >= back) return std::nullopt;
    std::size_t first = front, last = back;
    if (workers > 1) {
      const std::size_t begin = distances.before(front), end = distances.before(back);
      const std::size_t part =
          std::max((end - begin) / workers / 6 * 5, std::min(kSmallestGrain, end - begin - 1));
      if (from_front)
        last = std::max(distances.row_at(begin + part, front, back), front + 1);
      else
        first = std::min(distances.row_at(end - part - 1, front, back) + 1, back - 1);
    }
    const std::uint64_t rest = from_front ? std::uint64_t{back - first_} << 32 | (last - first_)
                                          : std::uint64_t{first - first_} << 32 | (front - first_);
    if (ends_.compare_exchange_weak(ends, rest, std::memory_order_relaxed)) return std::pair{first, last};
  }
}

void Region::stop_at(std::size_t row) {
  const std::uint64_t stop = row < first_ ? 0 : row - first_;
  std::uint64_t ends = ends_.load(std::memory_order_relaxed);
  while (stop < ends >> 32 &&
         !ends_.compare_exchange_weak(ends, (ends & 0xFFFFFFFFu) | stop << 32, std::memory_order_relaxed)) {
  }
}

Shares::Shares(const Batch& batch, Extent extent, unsigned threads, bool assembled)
    : distances_(batch, std::move(extent.marks)) {
  if (threads > 1 && extent.bytes >= kWorthSharing) workers_ = std::min<std::size_t>(threads, extent.rows);
  shared_regions_ = std::max<std::size_t>(1, extent.rows >> 31);
  std::size_t shared = extent.rows;  // rows before the last region
  if (workers_ > 1 && assembled) {
    // A worker that is done with a region waits for another's last row at most: rows are short beside
    // regions.
    const std::size_t largest = std::max(kLargestRegion * workers_ / 2, 4 * workers_ * extent.longest);
    shared_regions_ = std::max(shared_regions_, (extent.bytes + largest - 1) / largest);
    const std::size_t last = extent.tokens / shared_regions_ / workers_ / kMovesPerByte;
    if (last > 0) shared = distances_.row_at(extent.bytes - std::min(last, extent.bytes), 0, extent.rows);
  }
  regions_ = std::vector<Region>(shared_regions_ + (shared < extent.rows));
  std::size_t row = 0;
  for (std::size_t i = 0; i < shared_regions_; ++i) {
    // As many bytes in all regions; as many rows where they are too many for 32 bits, or nobody shares them.
    const std::size_t left = shared_regions_ - i;
    std::size_t end = row + (shared - row) / left;
    if (left > 1 && workers_ > 1 && extent.rows >> 32 == 0) {
      const std::size_t begin = distances_.before(row);
      end = distances_.row_at(begin + (distances_.before(shared) - begin) / left, row, shared);
    }
    regions_[i].set(row, end);
    row = end;
  }
  if (shared < extent.rows) regions_.back().set(shared, extent.rows);
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
  if (!all()) wait_unasked(all);  // in the midst of an engine, whose scratch other calls would use
}

}  // namespace fasttok
