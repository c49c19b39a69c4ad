#include "fasttok/output/token_bytes.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "fasttok/base/error.h"
#include "fasttok/base/interrupt.h"

namespace fasttok {

TokenBytes::TokenBytes(std::span<const Entry> entries) {
  std::size_t bytes = 0;
  std::uint64_t limit = 0;
  for (const Entry& entry : entries) {
    bytes += entry.bytes.size();
    limit = std::max(limit, std::uint64_t{entry.id} + 1);
  }
  if (bytes >= kAbsent) throw ValueError("the tokens have more than 2^32 bytes in all");
  if (limit > 4 * std::uint64_t{entries.size()} + 1024) {
    for (const Entry& entry : entries) sparse_ids_.push_back(entry.id);
    std::sort(sparse_ids_.begin(), sparse_ids_.end());
    sparse_ids_.erase(std::unique(sparse_ids_.begin(), sparse_ids_.end()), sparse_ids_.end());
    limit = sparse_ids_.size();
  }
  places_.resize(static_cast<std::size_t>(limit));
  arena_.resize(bytes + kSlack);
  std::uint32_t used = 0;
  for (const Entry& entry : entries) {
    std::size_t at = entry.id;
    if (!sparse_ids_.empty()) {
      at = static_cast<std::size_t>(std::lower_bound(sparse_ids_.begin(), sparse_ids_.end(), entry.id) -
                                    sparse_ids_.begin());
    }
    if (places_[at].begin != kAbsent) continue;
    if (!entry.bytes.empty()) std::memcpy(arena_.data() + used, entry.bytes.data(), entry.bytes.size());
    places_[at] = {used, static_cast<std::uint32_t>(entry.bytes.size())};
    used += places_[at].size;
  }
}

TokenBytes::Place TokenBytes::place_of(std::uint32_t id) const {
  if (sparse_ids_.empty()) return id < places_.size() ? places_[id] : Place{};
  const auto at = std::lower_bound(sparse_ids_.begin(), sparse_ids_.end(), id);
  if (at == sparse_ids_.end() || *at != id) return {};
  return places_[static_cast<std::size_t>(at - sparse_ids_.begin())];
}

std::optional<std::string_view> TokenBytes::find(std::uint32_t id) const {
  const Place place = place_of(id);
  if (place.begin == kAbsent) return std::nullopt;
  return std::string_view(arena_.data() + place.begin, place.size);
}

std::size_t TokenBytes::size_of(std::span<const std::uint32_t> ids) const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    check_interrupt_at(i);
    const Place place = place_of(ids[i]);
    if (place.begin == kAbsent) throw KeyError("Invalid token for decoding: " + std::to_string(ids[i]));
    total += place.size;
  }
  return total;
}

void TokenBytes::write(std::span<const std::uint32_t> ids, std::span<char> out) const {
  char* to = out.data();
  const char* const end = to + out.size();
  for (const std::uint32_t id : ids) {
    const Place place = place_of(id);
    const char* const from = arena_.data() + place.begin;
    // The bytes behind a short token are written over by the tokens after it.
    if (place.size <= kSlack && static_cast<std::size_t>(end - to) >= kSlack) {
      std::memcpy(to, from, kSlack);
    } else if (place.size != 0) {
      std::memcpy(to, from, place.size);
    }
    to += place.size;
  }
}

}  // namespace fasttok
