// ASCII that a normalizer leaves as it is, copied many characters at a time.
//
//   PlainAscii plain(same, " `");       // same[c]: c stands for itself, but not where " " or "`" stand twice
//   plain.copy("to be ``quoted", out)   6, and "to be " is in `out`
//
// What is not plain the caller does character by character, and then comes back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fasttok/simd/kernels.h"

namespace fasttok {

class PlainAscii {
 public:
  // Bytes that may be written beyond those that count.
  static constexpr std::size_t kSlack = 64;
  // The most that one copy() takes.
  static constexpr std::size_t kMost = 4096;

  static constexpr std::size_t kMostTwice = 3;

  // Nothing is plain.
  PlainAscii() = default;
  // `twice`: at most kMostTwice characters.
  PlainAscii(const std::array<bool, 128>& same, std::string_view twice);

  // Whether it is worth asking.
  explicit operator bool() const { return any_; }

  // Copies the plain characters that `text` begins with, and returns their number. A character that stands
  // twice is not among them, neither the first nor the second one. `out` has room for kSlack more.
  std::size_t copy(std::string_view text, std::uint8_t* out) const;

 private:
  bool any_ = false;
  AsciiClasses classes_;
  std::array<std::uint8_t, kMostTwice> twice_{};
};

}  // namespace fasttok
