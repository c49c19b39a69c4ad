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
// A worker takes this part of its share of what is left.
constexpr std::size_t kParts = 2;

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
    const std::size_t part = workers == 1 ? end - begin : (end - begin) / (kParts * workers);
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

Shares::Shares(Extent extent, unsigned threads) : atoms_(std::move(extent.atoms)) {
  if (threads > 1 && extent.bytes >= kWorthSharing) workers_ = std::min<std::size_t>(threads, atoms_.size());
  if (workers_ <= 1) atoms_ = {{extent.rows, extent.bytes}};
  // A worker that is done with a region waits for another's last row at most: rows are short beside regions.
  const std::size_t least = std::max(kLastRegion, 4 * workers_ * extent.longest);
  const std::size_t largest = std::max(kLargestRegion * workers_ / 2, 2 * least);
  std::vector<std::size_t> ends;  // of the regions, in atoms
  for (std::size_t bytes = 0; workers_ > 1 && extent.bytes - bytes > least;) {
    bytes += std::min((extent.bytes - bytes) / 4 * 3, largest);
    const auto end = std::lower_bound(atoms_.begin(), atoms_.end(), bytes,
                                      [](const Atom& atom, std::size_t at) { return atom.bytes < at; });
    ends.push_back(static_cast<std::size_t>(end - atoms_.begin()) + 1);
    bytes = end->bytes;
  }
  if (ends.empty() || ends.back() < atoms_.size()) ends.push_back(atoms_.size());
  regions_ = std::vector<Region>(ends.size());
  std::size_t begin = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    regions_[i].set(std::span(atoms_).subspan(begin, ends[i] - begin), begin ? atoms_[begin - 1] : Atom{});
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
  if (!all()) wait_unasked(all);  // in the midst of an engine, whose scratch other calls would use
}

}  // namespace fasttok
