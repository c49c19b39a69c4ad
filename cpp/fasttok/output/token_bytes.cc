#include "fasttok/output/token_bytes.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "fasttok/base/error.h"
#include "fasttok/base/interrupt.h"

namespace fasttok {

TokenBytes::TokenBytes(std::span<const Entry> entries) {
  std::uint64_t limit = 0;
  for (const Entry& entry : entries) limit = std::max(limit, std::uint64_t{entry.id} + 1);
  if (limit <= 4 * std::uint64_t{entries.size()} + 1024) shorts_.resize(static_cast<std::size_t>(limit));
  std::vector<bool> seen(shorts_.size());
  std::vector<Entry> others;
  for (const Entry& entry : entries) {
    if (entry.id < shorts_.size()) {
      if (seen[entry.id]) continue;
      seen[entry.id] = true;
      if (entry.bytes.size() <= kMostShort) {
        Short& same = shorts_[entry.id];
        std::copy(entry.bytes.begin(), entry.bytes.end(), same.bytes);
        same.size = static_cast<std::uint8_t>(entry.bytes.size());
        continue;
      }
    }
    others.push_back(entry);
  }
  std::stable_sort(others.begin(), others.end(), [](const Entry& a, const Entry& b) { return a.id < b.id; });
  const auto same_id = [](const Entry& a, const Entry& b) { return a.id == b.id; };
  others.erase(std::unique(others.begin(), others.end(), same_id), others.end());
  for (const Entry& entry : others) {
    ids_.push_back(entry.id);
    begins_.push_back(arena_.size());
    arena_.append(entry.bytes);
  }
  begins_.push_back(arena_.size());
}

std::optional<std::string_view> TokenBytes::find(std::uint32_t id) const {
  if (id < shorts_.size() && shorts_[id].size != kNotShort) {
    return std::string_view(shorts_[id].bytes, shorts_[id].size);
  }
  const auto at = std::lower_bound(ids_.begin(), ids_.end(), id);
  if (at == ids_.end() || *at != id) return std::nullopt;
  const auto place = static_cast<std::size_t>(at - ids_.begin());
  return std::string_view(arena_).substr(begins_[place], begins_[place + 1] - begins_[place]);
}

void TokenBytes::append(std::span<const std::uint32_t> ids, Buffer<char>& out) const {
  constexpr std::size_t kBlock = 1024;
  for (std::size_t begin = 0; begin < ids.size(); begin += kBlock) {
    check_interrupt();
    const std::size_t end = std::min(ids.size(), begin + kBlock);
    out.make_room(kBlock * sizeof(Short));
    char* to = out.data() + out.size();
    for (std::size_t i = begin; i < end; ++i) {
      if (ids[i] < shorts_.size() && shorts_[ids[i]].size != kNotShort) {
        // All of the entry; what is not the token's is written over by the tokens behind it, or does not
        // count.
        std::memcpy(to, &shorts_[ids[i]], sizeof(Short));
        to += shorts_[ids[i]].size;
        continue;
      }
      const auto bytes = find(ids[i]);
      if (!bytes) throw KeyError("Invalid token for decoding: " + std::to_string(ids[i]));
      out.set_size(static_cast<std::size_t>(to - out.data()));
      out.make_room(bytes->size() + kBlock * sizeof(Short));
      to = std::copy(bytes->begin(), bytes->end(), out.data() + out.size());
    }
    out.set_size(static_cast<std::size_t>(to - out.data()));
  }
}

}  // namespace fasttok
