#include "fasttok/base/double_array.h"

#include <algorithm>

namespace fasttok {
namespace {

constexpr std::uint32_t kBlock = 256;
// A full search for the best place is quadratic; looking only at the last few blocks wastes a little room
// instead.
constexpr std::uint32_t kOpenBlocks = 2;

struct Range {
  std::uint32_t begin, end;  // entries that share the node's path
  std::uint32_t depth;       // length of the path
  std::uint32_t node;
};

// The first eight bytes of a key as a number: comparing these decides nearly always, and much faster than the
// texts.
std::uint64_t prefix_of(std::string_view key) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i)
    prefix = prefix << 8 | (i < key.size() ? static_cast<std::uint8_t>(key[i]) : 0);
  return prefix;
}

struct SortedEntry {
  std::uint64_t prefix;
  std::string_view first;
  std::uint32_t second;
  bool operator<(const SortedEntry& other) const {
    return prefix != other.prefix ? prefix < other.prefix : first < other.first;
  }
};

}  // namespace

DoubleArray::DoubleArray(std::span<const std::pair<std::string_view, std::uint32_t>> keys) {
  std::vector<SortedEntry> entries;
  entries.reserve(keys.size());
  for (const auto& [key, value] : keys) entries.push_back({prefix_of(key), key, value});
  std::sort(entries.begin(), entries.end());

  // Free units form a doubly linked ring per build; only those in the open blocks are tried.
  std::vector<std::uint32_t> next_free, prev_free;
  constexpr std::uint32_t kEnd = 0xFFFFFFFFu;
  std::uint32_t head = kEnd, tail = kEnd;
  auto unlink = [&](std::uint32_t i) {
    if (prev_free[i] != kEnd)
      next_free[prev_free[i]] = next_free[i];
    else
      head = next_free[i];
    if (next_free[i] != kEnd)
      prev_free[next_free[i]] = prev_free[i];
    else
      tail = prev_free[i];
  };
  auto grow = [&] {
    const auto old = static_cast<std::uint32_t>(units_.size());
    units_.resize(old + kBlock);
    next_free.resize(old + kBlock);
    prev_free.resize(old + kBlock);
    for (std::uint32_t i = old; i < old + kBlock; ++i) {
      prev_free[i] = tail;
      next_free[i] = kEnd;
      if (tail != kEnd)
        next_free[tail] = i;
      else
        head = i;
      tail = i;
    }
    // Blocks that fell behind are closed: their free units stay unused.
    if (old >= kOpenBlocks * kBlock) {
      const std::uint32_t closed = old - (kOpenBlocks - 1) * kBlock;
      while (head != kEnd && head < closed) unlink(head);
    }
  };

  grow();
  unlink(0);
  units_[0].check = kNone - 1;  // the root is nobody's child
  std::vector<Range> stack;
  if (!entries.empty()) stack.push_back({0, static_cast<std::uint32_t>(entries.size()), 0, 0});
  // A leaf keeps base 0: units 0..255 name other parents, so it has no child. Two nodes may share a base,
  // because a unit names its parent and not the label.
  std::vector<std::uint8_t> labels;
  std::vector<Range> children;
  while (!stack.empty()) {
    Range range = stack.back();
    stack.pop_back();
    while (range.begin < range.end && entries[range.begin].first.size() == range.depth) {
      units_[range.node].value = entries[range.begin].second;
      ++range.begin;
    }
    if (range.begin == range.end) continue;
    labels.clear();
    children.clear();
    for (std::uint32_t i = range.begin; i < range.end; ++i) {
      const auto label = static_cast<std::uint8_t>(entries[i].first[range.depth]);
      if (labels.empty() || labels.back() != label) {
        labels.push_back(label);
        children.push_back({i, i, range.depth + 1, 0});
      }
      children.back().end = i + 1;
    }
    std::uint32_t base = kEnd;
    for (;;) {
      for (std::uint32_t place = head; place != kEnd && base == kEnd; place = next_free[place]) {
        const std::uint32_t candidate = place ^ labels[0];
        bool fits = true;
        for (const std::uint8_t label : labels) {
          if (units_[candidate ^ label].check != kNone) {
            fits = false;
            break;
          }
        }
        if (fits) base = candidate;
      }
      if (base != kEnd) break;
      grow();
    }
    units_[range.node].base = base;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const std::uint32_t child = base ^ labels[i];
      units_[child].check = range.node;
      unlink(child);
      children[i].node = child;
    }
    stack.insert(stack.end(), children.rbegin(), children.rend());
  }
}

}  // namespace fasttok
