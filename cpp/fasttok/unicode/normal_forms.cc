#include "fasttok/unicode/normal_forms.h"

#include <algorithm>

#include "fasttok/base/interrupt.h"
#include "fasttok/unicode/properties.h"

namespace fasttok {

std::vector<CharChange> nfd(std::u32string_view chars) {
  std::vector<CharChange> out;
  out.reserve(chars.size());
  std::size_t marks = 0;  // out[marks..] are the nonstarters since the last starter, still in text order
  const auto sort_marks = [&] {
    std::stable_sort(
        out.begin() + static_cast<std::ptrdiff_t>(marks), out.end(),
        [](const CharChange& a, const CharChange& b) { return combining_class(a.c) < combining_class(b.c); });
  };
  const auto push = [&](char32_t c, std::ptrdiff_t change) {
    const bool starter = combining_class(c) == 0;
    if (starter) sort_marks();
    out.push_back({c, change});
    if (starter) marks = out.size();
  };
  char32_t buffer[3];
  for (const char32_t c : chars) {
    check_interrupt_at(out.size());
    const std::u32string_view parts = canonical_decomposition(c, buffer);
    if (parts.empty()) {
      push(c, 0);
      continue;
    }
    for (std::size_t i = 0; i < parts.size(); ++i) push(parts[i], i == 0 ? 0 : 1);
  }
  sort_marks();
  return out;
}

}  // namespace fasttok
