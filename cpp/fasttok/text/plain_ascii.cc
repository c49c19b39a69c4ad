#include "fasttok/text/plain_ascii.h"

#include <algorithm>

namespace fasttok {

PlainAscii::PlainAscii(const std::array<bool, 128>& same, std::string_view twice) : any_(true) {
  for (unsigned c = 0; c < same.size(); ++c) {
    if (!same[c]) classes_.stop.add(c);
  }
  // What is looked for and is none stops anyway.
  classes_.stop.add(0);
  std::copy_n(twice.begin(), std::min(twice.size(), twice_.size()), twice_.begin());
}

std::size_t PlainAscii::copy(std::string_view text, std::uint8_t* out) const {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const std::size_t most = std::min(text.size(), kMost);
  constexpr std::size_t kAtOnce = 512;
  for (std::size_t at = 0; at < most; at += kAtOnce) {
    const std::size_t n = std::min(most - at, kAtOnce);
    std::size_t good = kernels().copy_ascii(bytes + at, n, classes_, false, out + at);
    const std::uint8_t* const p = bytes + at;
    const std::uint8_t a = twice_[0], b = twice_[1], c = twice_[2];
    const auto is_double = [&](std::size_t i) {
      return static_cast<std::uint8_t>((p[i] == p[i + 1]) & ((p[i] == a) | (p[i] == b) | (p[i] == c)));
    };
    const std::size_t pairs = std::min(good, text.size() - at - 1);
    std::uint8_t any = 0;
    for (std::size_t i = 0; i < pairs; ++i) any |= is_double(i);
    if (any) {
      good = 0;
      while (!is_double(good)) ++good;
    }
    if (good < n) return at + good;
  }
  return most;
}

}  // namespace fasttok
