#include "fasttok/regex/char_set.h"

#include <algorithm>
#include <string>

#include "fasttok/base/error.h"

namespace fasttok::regex {

void CharSet::add(char32_t first, char32_t last) {
  last = std::min(last, kLastChar);
  if (first > last) return;
  if (sorted_ && !ranges_.empty()) {
    CharRange& back = ranges_.back();
    if (first >= back.first && first <= back.last + 1) {
      back.last = std::max(back.last, last);
      return;
    }
    sorted_ = first > back.last;
  }
  ranges_.push_back({first, last});
}

void CharSet::add(const CharSet& other) {
  if (&other == this) return;
  for (const CharRange range : other.ranges()) add(range.first, range.last);
}

void CharSet::sort() const {
  if (sorted_) return;
  std::sort(ranges_.begin(), ranges_.end(),
            [](const CharRange& a, const CharRange& b) { return a.first < b.first; });
  std::size_t kept = 0;
  for (const CharRange range : ranges_) {
    if (kept > 0 && range.first <= ranges_[kept - 1].last + 1) {
      ranges_[kept - 1].last = std::max(ranges_[kept - 1].last, range.last);
    } else {
      ranges_[kept++] = range;
    }
  }
  ranges_.resize(kept);
  sorted_ = true;
}

const std::vector<CharRange>& CharSet::ranges() const {
  sort();
  return ranges_;
}

void CharSet::negate() {
  sort();
  std::vector<CharRange> rest;
  char32_t at = 0;
  for (const CharRange range : ranges_) {
    if (range.first > at) rest.push_back({at, range.first - 1});
    at = range.last + 1;
  }
  if (at <= kLastChar) rest.push_back({at, kLastChar});
  ranges_ = std::move(rest);
}

void CharSet::intersect(const CharSet& other) {
  sort();
  std::vector<CharRange> both;
  auto a = ranges_.begin();
  auto b = other.ranges().begin();
  while (a != ranges_.end() && b != other.ranges_.end()) {
    const char32_t first = std::max(a->first, b->first);
    const char32_t last = std::min(a->last, b->last);
    if (first <= last) both.push_back({first, last});
    if (a->last < b->last) {
      ++a;
    } else {
      ++b;
    }
  }
  ranges_ = std::move(both);
}

bool CharSet::contains(char32_t c) const {
  sort();
  const auto after =
      std::upper_bound(ranges_.begin(), ranges_.end(), c,
                       [](char32_t value, const CharRange& range) { return value < range.first; });
  return after != ranges_.begin() && c <= (after - 1)->last;
}

std::optional<CharSet> property_set(std::string_view name) {
  std::string key;
  for (const char c : name) {
    if (c == ' ' || c == '-' || c == '_') continue;
    key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const auto* end = tables::kProperties + tables::kPropertyCount;
  const auto* found = std::lower_bound(tables::kProperties, end, key,
                                       [](const tables::NamedProperty& property, const std::string& wanted) {
                                         return property.name < wanted;
                                       });
  if (found == end || found->name != key) return std::nullopt;
  const std::uint8_t* bytes = tables::kRangeBytes + found->offset;
  const auto number = [&] {
    char32_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const char32_t byte = *bytes++;
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
  };
  CharSet set;
  char32_t at = 0;
  for (char32_t count = number(); count > 0; --count) {
    const char32_t first = at + number();
    const char32_t last = first + number();
    set.add(first, last);
    at = last + 1;
  }
  return set;
}

CharSet named_set(std::string_view name) {
  return property_set(name).value();
}

namespace {

template <class Entry>
const Entry* entry_of(const Entry* entries, std::size_t count, char32_t c) {
  const Entry* end = entries + count;
  const Entry* found =
      std::lower_bound(entries, end, c, [](const Entry& entry, char32_t wanted) { return entry.c < wanted; });
  return found != end && found->c == c ? found : nullptr;
}

}  // namespace

char32_t simple_fold(char32_t c) {
  const auto* entry = entry_of(tables::kSimpleFolds, tables::kSimpleFoldCount, c);
  return entry ? entry->to : c;
}

CharSet simple_fold_set(char32_t c) {
  CharSet set(c, c);
  const auto* entry = entry_of(tables::kSimpleFolds, tables::kSimpleFoldCount, c);
  for (std::size_t i = 0; entry && i < tables::kSimpleFoldCount; ++i) {
    if (tables::kSimpleFolds[i].to == entry->to) set.add(tables::kSimpleFolds[i].c);
  }
  return set;
}

void close_under_case(CharSet& set) {
  CharSet folds;
  for (std::size_t i = 0; i < tables::kSimpleFoldCount; ++i) {
    if (set.contains(tables::kSimpleFolds[i].c)) folds.add(tables::kSimpleFolds[i].to);
  }
  if (folds.empty()) return;
  CharSet more;
  for (std::size_t i = 0; i < tables::kSimpleFoldCount; ++i) {
    if (folds.contains(tables::kSimpleFolds[i].to)) more.add(tables::kSimpleFolds[i].c);
  }
  set.add(more);
}

CharSet multi_fold_set(const char32_t* folded, std::size_t length) {
  CharSet set;
  for (std::size_t i = 0; i < tables::kMultiFoldCount; ++i) {
    const tables::MultiFold& fold = tables::kMultiFolds[i];
    if (fold.length == length && std::equal(fold.to, fold.to + length, folded)) set.add(fold.c);
  }
  return set;
}

std::pair<const std::uint32_t*, std::size_t> multi_fold(char32_t c) {
  const auto* entry = entry_of(tables::kMultiFolds, tables::kMultiFoldCount, c);
  if (!entry) return {nullptr, 0};
  return {entry->to, entry->length};
}

}  // namespace fasttok::regex
