#include "fasttok/formats/json_number.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

namespace fasttok {
namespace {

constexpr int kMostPower = 308;

const std::array<double, kMostPower + 1>& powers() {
  static const auto table = [] {
    std::array<double, kMostPower + 1> made;
    for (int k = 0; k <= kMostPower; ++k) {
      made[static_cast<std::size_t>(k)] = std::strtod(("1e" + std::to_string(k)).c_str(), nullptr);
    }
    return made;
  }();
  return table;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

double json_number(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at < end && *at == '-';
  at += negative;
  // Digits as long as they fit; of those behind, the whole ones count for the power.
  std::uint64_t significand = 0;
  std::int64_t exponent = 0;
  bool full = false;
  const auto take = [&](char digit) {
    std::uint64_t longer;
    full = full || __builtin_mul_overflow(significand, std::uint64_t{10}, &longer) ||
           __builtin_add_overflow(longer, static_cast<std::uint64_t>(digit - '0'), &longer);
    if (!full) significand = longer;
    return !full;
  };
  for (; at < end && is_digit(*at); ++at) exponent += !take(*at);
  if (at < end && *at == '.') {
    full = false;  // a smaller digit than the one that did not fit may fit yet
    for (++at; at < end && is_digit(*at); ++at) exponent -= take(*at);
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    ++at;
    const bool down = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    constexpr std::int64_t kMost = std::int64_t{1} << 40;  // beyond any text's digits
    std::int64_t power = 0;
    for (; at < end && is_digit(*at); ++at) power = power < kMost ? power * 10 + (*at - '0') : power;
    exponent += down ? -power : power;
  }
  auto value = static_cast<double>(significand);
  while (exponent < -kMostPower && value != 0) {
    value /= powers()[kMostPower];
    exponent += kMostPower;
  }
  if (value != 0) {
    if (exponent > kMostPower)
      value = std::numeric_limits<double>::infinity();
    else if (exponent >= 0)
      value *= powers()[static_cast<std::size_t>(exponent)];
    else
      value /= powers()[static_cast<std::size_t>(-exponent)];
  }
  return negative ? -value : value;
}

}  // namespace fasttok
