#include "fasttok/base/double_array.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace fasttok {
namespace {

constexpr std::uint32_t kLabels = 256;
// A full search for the best place is quadratic; looking only at the last units wastes a little room instead.
constexpr std::size_t kOpenUnits = 2 * kLabels;

struct Entry {
  std::uint64_t prefix;  // the first eight bytes as a number: comparing these decides nearly always
  std::uint32_t size;
  std::uint32_t index;
};

std::uint64_t prefix_of(std::string_view key) {
  std::uint64_t prefix = 0;
  if (key.size() >= 8) {
    std::memcpy(&prefix, key.data(), 8);
  } else {
    for (std::size_t i = 0; i < key.size(); ++i)
      prefix |= std::uint64_t{static_cast<std::uint8_t>(key[i])} << (8 * i);
  }
  return std::endian::native == std::endian::little || key.size() < 8 ? __builtin_bswap64(prefix) : prefix;
}

// By radix over the prefixes, then by text where prefixes are equal.
template <class Less>
void sort_by_key(std::vector<Entry>& entries, Less less) {
  constexpr int kBits = 11, kDigits = 6;
  constexpr std::size_t kRadix = std::size_t{1} << kBits;
  if (entries.size() < kRadix / 8) {
    std::sort(entries.begin(), entries.end(), less);
    return;
  }
  const auto digit = [](const Entry& entry, int d) { return entry.prefix >> (d * kBits) & (kRadix - 1); };
  std::vector<std::array<std::uint32_t, kRadix>> places(kDigits);
  for (const Entry& entry : entries) {
    for (int d = 0; d < kDigits; ++d) ++places[static_cast<std::size_t>(d)][digit(entry, d)];
  }
  std::vector<Entry> other(entries.size());
  for (int d = 0; d < kDigits; ++d) {
    std::uint32_t place = 0;
    std::uint32_t* const place_of = places[static_cast<std::size_t>(d)].data();
    for (std::size_t i = 0; i < kRadix; ++i) place += std::exchange(place_of[i], place);
    for (const Entry& entry : entries) other[place_of[digit(entry, d)]++] = entry;
    entries.swap(other);
  }
  for (std::size_t i = 0, j = 0; i < entries.size(); i = j) {
    for (j = i + 1; j < entries.size() && entries[j].prefix == entries[i].prefix;) ++j;
    if (j - i > 1)
      std::sort(entries.begin() + static_cast<std::ptrdiff_t>(i),
                entries.begin() + static_cast<std::ptrdiff_t>(j), less);
  }
}

// Which units are taken, a bit for each. Of those that were passed over, only the last few are looked at
// again.
class Places {
 public:
  // Takes the units of all labels for the children of one node, and returns the base.
  std::size_t take(std::span<const std::uint8_t> labels) {
    std::size_t from = std::max<std::size_t>(first_free(), labels[0]) - labels[0];
    for (;; from += 64) {
      need(from + kLabels + 64);
      // Of 64 bases at once: each label says which are not possible.
      std::uint64_t bad = 0;
      for (const std::uint8_t label : labels) bad |= window(from + label);
      if (~bad != 0) {
        from += static_cast<std::size_t>(std::countr_one(bad));
        break;
      }
    }
    for (const std::uint8_t label : labels) mark(from + label);
    return from;
  }

  // Takes units in a row that nobody has asked for yet, and returns the first.
  std::size_t take_row(std::size_t count) {
    const std::size_t first = std::max<std::size_t>(end_, kLabels);
    need(first + count);
    for (std::size_t unit = first; unit < first + count; ++unit)
      taken_[unit / 64] |= std::uint64_t{1} << unit % 64;
    end_ = first + count;
    return first;
  }

  void mark(std::size_t unit) {
    taken_[unit / 64] |= std::uint64_t{1} << unit % 64;
    end_ = std::max(end_, unit + 1);
  }

 private:
  std::size_t first_free() {
    first_free_ = std::max(first_free_, end_ - std::min(end_, kOpenUnits));
    need(first_free_ + 64);
    while (taken_[first_free_ / 64] >> first_free_ % 64 & 1) {
      first_free_ += static_cast<std::size_t>(std::countr_one(taken_[first_free_ / 64] >> first_free_ % 64));
      need(first_free_ + 64);
    }
    return first_free_;
  }

  void need(std::size_t unit) {
    if (unit / 64 + 1 >= taken_.size()) taken_.resize(2 * (unit / 64 + 1));
  }

  std::uint64_t window(std::size_t unit) const {
    const std::size_t word = unit / 64, bit = unit % 64;
    return bit == 0 ? taken_[word] : taken_[word] >> bit | taken_[word + 1] << (64 - bit);
  }

  std::vector<std::uint64_t> taken_ = std::vector<std::uint64_t>(16);
  std::size_t first_free_ = 0;  // none before it is free, or it is too far back
  std::size_t end_ = 0;         // one past the last that is taken
};

// At least two keys that share a path.
struct Range {
  std::uint32_t begin, end;
  std::uint32_t depth;  // length of the path
  std::uint32_t node;
};

}  // namespace

DoubleArray::DoubleArray(std::span<const std::pair<std::string_view, std::uint32_t>> keys) {
  std::vector<Entry> entries;
  entries.reserve(keys.size());
  std::size_t bytes = 0;
  for (const auto& [key, value] : keys) {
    entries.push_back(
        {prefix_of(key), static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(entries.size())});
    bytes += key.size();
  }
  sort_by_key(entries, [&](const Entry& a, const Entry& b) {
    return a.prefix != b.prefix ? a.prefix < b.prefix : keys[a.index].first < keys[b.index].first;
  });
  const auto label_of = [&](const Entry& entry, std::size_t depth) {
    return static_cast<std::uint8_t>(depth < 8 ? entry.prefix >> (56 - 8 * depth)
                                               : static_cast<std::uint8_t>(keys[entry.index].first[depth]));
  };
  const auto value_of = [&](const Entry& entry) { return keys[entry.index].second; };

  Places places;
  places.mark(0);
  units_.reserve(2 * kLabels + std::min(bytes, 3 * keys.size()));  // about what vocabularies take
  units_.resize(kLabels);
  units_[0].check = kNone - 1;  // the root is nobody's child
  // A leaf keeps base 0: units 0..255 name other parents, so it has no child. Two nodes may share a base,
  // because a unit names its parent and not the label.
  const auto place = [&](std::uint32_t node, std::size_t base) {
    if (base + kLabels > units_.size()) units_.resize(base + 2 * kLabels);
    units_[node].base = static_cast<std::uint32_t>(base);
  };
  const auto child_of = [&](std::uint32_t node, std::uint8_t label) {
    const std::uint32_t child = units_[node].base + label;
    units_[child].check = node;
    return child;
  };
  // What is left of a key that shares its path with no other: one node behind the other.
  const auto finish = [&](const Entry& entry, std::size_t depth, std::uint32_t node) {
    if (depth < entry.size) {
      auto unit = static_cast<std::uint32_t>(places.take_row(entry.size - depth));
      place(node, unit + (entry.size - depth));  // makes room for all
      for (; depth < entry.size; ++depth, ++unit) {
        units_[node].base = unit - label_of(entry, depth);
        units_[unit].check = node;
        node = unit;
      }
    }
    units_[node].value = value_of(entry);
  };

  std::vector<Range> stack;
  if (keys.size() == 1)
    finish(entries[0], 0, 0);
  else if (!keys.empty())
    stack.push_back({0, static_cast<std::uint32_t>(keys.size()), 0, 0});
  std::uint8_t labels[kLabels];
  std::uint32_t begins[kLabels + 1];  // of the entries that go on with each label
  while (!stack.empty()) {
    auto [begin, end, depth, node] = stack.back();
    stack.pop_back();
    if (entries[begin].size == depth) units_[node].value = value_of(entries[begin++]);
    std::size_t count = 0;
    for (int last = -1; begin < end; ++begin) {
      const std::uint8_t label = label_of(entries[begin], depth);
      if (label == last) continue;
      labels[count] = label;
      begins[count++] = begin;
      last = label;
    }
    begins[count] = end;
    place(node, places.take({labels, count}));
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t child = child_of(node, labels[i]);
      if (begins[i + 1] - begins[i] > 1)
        stack.push_back({begins[i], begins[i + 1], depth + 1, child});
      else
        finish(entries[begins[i]], depth + 1, child);
    }
  }
}

}  // namespace fasttok
