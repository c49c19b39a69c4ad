#include "fasttok/unicode/normal_forms.h"

#include <algorithm>

#include "fasttok/base/interrupt.h"

namespace fasttok {
namespace {

void decompose(bool compat, std::u32string_view chars, std::vector<CharChange>& out) {
  std::size_t marks = out.size();  // out[marks..] are the nonstarters since the last starter, in text order
  const auto sort_marks = [&] {
    if (out.size() - marks < 2) return;
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
    std::u32string_view parts;
    if (compat) parts = compat_decomposition(c);
    if (parts.empty()) parts = canonical_decomposition(c, buffer);
    if (parts.empty()) {
      push(c, 0);
      continue;
    }
    for (std::size_t i = 0; i < parts.size(); ++i) push(parts[i], i == 0 ? 0 : 1);
  }
  sort_marks();
}

// Composes out[begin..] in place. A character that is composed counts its own place and gives up the one of
// the character that it takes in.
void compose(std::vector<CharChange>& out, std::size_t begin) {
  std::size_t write = begin;  // out[begin, write) is done
  bool has_starter = false;
  std::size_t starter = 0;      // in the part that is done
  std::uint8_t last_class = 0;  // of what stands between the starter and this character
  bool has_last = false;
  for (std::size_t i = begin; i < out.size(); ++i) {
    const CharChange next = out[i];
    const std::uint8_t ccc = combining_class(next.c);
    if (has_starter && !(has_last && last_class >= ccc)) {
      CharChange& first = out[starter];
      if (const char32_t composed = composition(first.c, next.c)) {
        first = {composed, first.change + next.change - 1};
        continue;
      }
    }
    if (ccc == 0) {
      has_starter = true;
      starter = write;
      has_last = false;
    } else if (has_starter) {
      has_last = true;
      last_class = ccc;
    }
    out[write++] = next;
  }
  out.resize(write);
}

}  // namespace

void normalize_chars(NormalForm form, std::u32string_view chars, std::vector<CharChange>& out) {
  const std::size_t begin = out.size();
  decompose(form == NormalForm::kNfkc || form == NormalForm::kNfkd, chars, out);
  if (form == NormalForm::kNfc || form == NormalForm::kNfkc) compose(out, begin);
}

}  // namespace fasttok
