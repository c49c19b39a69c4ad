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

}  // namespace

void Region::set(std::span<const Atom> atoms, const Atom& before) {
  atoms_ = atoms;
  before_ = before;
  ends_.store(static_cast<std::uint64_t>(atoms.size()) << 32, std::memory_order_relaxed);
}

std::optional<std::pair<std::size_t, std::size_t>> Region::take(bool from_front, std::size_t workers) {
  std::uint64_t ends = ends_.load(std::memory_order_relaxed);
  for (;;) {
    const std::size_t front = ends & 0xFFFFFFFFu, back = ends >> 32;
    if (front >= back) return std::nullopt;
    const std::size_t begin = end_of(front).bytes, end = end_of(back).bytes;
    const std::size_t share = (end - begin) / workers;
    const std::size_t part = workers == 1 ? share : share / 6 * 5;
    // As many atoms as are no more than the part, but one at least.
    const auto ends_behind = [](std::size_t bytes, const Atom& atom) { return bytes < atom.bytes; };
    const auto atoms_to = [&](std::size_t bytes) {
      return static_cast<std::size_t>(std::upper_bound(atoms_.begin(), atoms_.end(), bytes, ends_behind) -
                                      atoms_.begin());
    };
    std::size_t first = front, last = back;
    if (from_front)
      last = std::clamp(atoms_to(begin + part), front + 1, back);
    else
      first = std::clamp(atoms_to(end - part - 1) + 1, front, back - 1);
    const std::uint64_t rest =
        from_front ? std::uint64_t{back} << 32 | last : std::uint64_t{first} << 32 | front;
    if (ends_.compare_exchange_weak(ends, rest, std::memory_order_relaxed))
      return std::pair{end_of(first).rows, end_of(last).rows};
  }
}

void Region::stop_at(std::size_t row) {
  const auto atom = std::upper_bound(atoms_.begin(), atoms_.end(), row,
                                     [](std::size_t at, const Atom& other) { return at < other.rows; });
  const auto stop = static_cast<std::uint64_t>(atom - atoms_.begin());
  std::uint64_t ends = ends_.load(std::memory_order_relaxed);
  while (stop < ends >> 32 &&
         !ends_.compare_exchange_weak(ends, (ends & 0xFFFFFFFFu) | stop << 32, std::memory_order_relaxed)) {
  }
}

Shares::Shares(Extent extent, unsigned threads, bool assembled) : atoms_(std::move(extent.atoms)) {
  if (threads > 1 && extent.bytes >= kWorthSharing) workers_ = std::min<std::size_t>(threads, atoms_.size());
  if (workers_ <= 1) {
    atoms_.clear();
    atoms_.push_back({extent.rows, extent.bytes});
  }
  std::size_t last = 0;  // bytes of the last region
  if (workers_ > 1 && assembled) {
    // A worker that is done with a region waits for another's last row at most: rows are short beside
    // regions.
    const std::size_t largest = std::max(kLargestRegion * workers_ / 2, 4 * workers_ * extent.longest);
    shared_regions_ = (extent.bytes + largest - 1) / largest;
    last = extent.tokens / shared_regions_ / workers_ / kMovesPerByte;
  }
  regions_ = std::vector<Region>(shared_regions_ + (last > 0));
  Atom before;
  std::size_t begin = 0;  // atoms
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    std::size_t end = atoms_.size();
    if (i + 1 < regions_.size()) {
      const std::size_t left = extent.bytes - last - std::min(before.bytes, extent.bytes - last);
      const std::size_t bytes = before.bytes + left / (shared_regions_ - i);
      const auto ends_before = [](const Atom& atom, std::size_t at) { return atom.bytes < at; };
      const auto atom = std::lower_bound(atoms_.begin(), atoms_.end(), bytes, ends_before);
      end = std::max(begin, std::min(end, static_cast<std::size_t>(atom - atoms_.begin()) + 1));
    }
    regions_[i].set(std::span<const Atom>(atoms_.data() + begin, end - begin), before);
    if (end > begin) before = atoms_[end - 1];
    begin = end;
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
  if (!all()) wait_unasked(all);  // in the midst of an engine, whose scratch other calls would use
}

}  // namespace fasttok
