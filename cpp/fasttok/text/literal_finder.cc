#include "fasttok/text/literal_finder.h"

#include <algorithm>
#include <cstring>

#include "fasttok/base/interrupt.h"

namespace fasttok {

LiteralFinder::LiteralFinder(const std::vector<std::u32string>& literals) {
  for (std::size_t i = 0; i < literals.size(); ++i) {
    if (!literals[i].empty()) sorted_.push_back({literals[i], i});
  }
  std::stable_sort(sorted_.begin(), sorted_.end(),
                   [](const Literal& a, const Literal& b) { return a.text < b.text; });
  const auto repeated = [](const Literal& a, const Literal& b) { return a.text == b.text; };
  sorted_.erase(std::unique(sorted_.begin(), sorted_.end(), repeated), sorted_.end());
  for (const Literal& literal : sorted_) {
    if (firsts_.empty() || firsts_.back() != literal.text[0]) firsts_ += literal.text[0];
  }
}

bool LiteralFinder::may_begin(char32_t c) const {
  return firsts_.size() == 1 ? c == firsts_[0] : std::binary_search(firsts_.begin(), firsts_.end(), c);
}

template <class Unit>
std::optional<LiteralFinder::Hit> LiteralFinder::match_at(const Unit* units, std::size_t length,
                                                          std::size_t at) const {
  std::optional<Hit> longest;
  auto first = sorted_.begin(), last = sorted_.end();  // those that begin with what was read
  for (std::size_t size = 0; first != last; ++size) {
    if (first->text.size() == size) {
      longest = {at, at + size, first->number};
      ++first;  // the shortest of those that begin alike stands first
    }
    if (at + size == length) break;
    const char32_t c = units[at + size];
    first = std::partition_point(first, last, [&](const Literal& l) { return l.text[size] < c; });
    last = std::partition_point(first, last, [&](const Literal& l) { return l.text[size] == c; });
  }
  return longest;
}

template <class Unit>
std::optional<LiteralFinder::Hit> LiteralFinder::find_in(const Unit* units, std::size_t length,
                                                         std::size_t from) const {
  const bool one = firsts_.size() == 1;
  for (std::size_t at = from; at < length; ++at) {
    if (one && sizeof(Unit) == 1) {
      if (firsts_[0] > 0xFF) break;
      const void* found = std::memchr(units + at, static_cast<int>(firsts_[0]), length - at);
      if (!found) break;
      at = static_cast<std::size_t>(static_cast<const Unit*>(found) - units);
    }
    check_interrupt_at(at);
    if (!may_begin(units[at])) continue;
    if (const auto hit = match_at(units, length, at)) return hit;
  }
  return std::nullopt;
}

std::optional<LiteralFinder::Hit> LiteralFinder::find(const TextView& text, std::size_t from) const {
  if (empty()) return std::nullopt;
  if (text.kind == 1) return find_in(static_cast<const std::uint8_t*>(text.data), text.length, from);
  if (text.kind == 2) return find_in(static_cast<const std::uint16_t*>(text.data), text.length, from);
  return find_in(static_cast<const std::uint32_t*>(text.data), text.length, from);
}

}  // namespace fasttok
