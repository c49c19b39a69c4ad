#include "fasttok/formats/tiktoken.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <limits>

#include "fasttok/base/error.h"

namespace fasttok {
namespace {

constexpr std::uint32_t kEmpty = std::numeric_limits<std::uint32_t>::max();

constexpr std::array<std::uint8_t, 256> kDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  for (auto& digit : digits) digit = 0xFF;
  const char* alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::uint8_t i = 0; i < 64; ++i) digits[static_cast<unsigned char>(alphabet[i])] = i;
  return digits;
}();

// Appends the bytes; false where the text is no base64 with its padding.
bool decode_base64(std::string_view text, char*& out) {
  if (text.empty() || text.size() % 4 != 0) return false;
  const auto digit = [&](std::size_t i) -> std::uint32_t {
    return kDigits[static_cast<unsigned char>(text[i])];
  };
  const std::size_t padding = text.back() != '=' ? 0 : text[text.size() - 2] != '=' ? 1 : 2;
  const std::size_t whole = text.size() - (padding == 0 ? 0 : 4);
  std::uint32_t bad = 0;
  for (std::size_t i = 0; i < whole; i += 4) {
    const std::uint32_t a = digit(i), b = digit(i + 1), c = digit(i + 2), d = digit(i + 3);
    bad |= a | b | c | d;
    const std::uint32_t bits = a << 18 | b << 12 | c << 6 | d;
    *out++ = static_cast<char>(bits >> 16);
    *out++ = static_cast<char>(bits >> 8);
    *out++ = static_cast<char>(bits);
  }
  if (padding != 0) {
    const std::uint32_t a = digit(whole), b = digit(whole + 1), c = padding == 1 ? digit(whole + 2) : 0;
    bad |= a | b | c;
    const std::uint32_t bits = a << 18 | b << 12 | c << 6;
    *out++ = static_cast<char>(bits >> 16);
    if (padding == 1) *out++ = static_cast<char>(bits >> 8);
  }
  return (bad & 0xC0) == 0;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

std::string shown(std::string_view line) {
  constexpr std::size_t kShown = 60;
  std::string text = "b'";
  for (const char c : line.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '\'' && c != '\\') {
      text += c;
    } else {
      constexpr const char* kHex = "0123456789abcdef";
      text += std::string("\\x") + kHex[byte >> 4] + kHex[byte & 15];
    }
  }
  return text + (line.size() > kShown ? "...'" : "'");
}

class Reader {
 public:
  Reader(std::string_view line, std::size_t number, const std::string& name)
      : line_(line), number_(number), name_(name) {}

  [[noreturn]] void fail(const std::string& reason) const {
    throw FormatError("Error parsing line " + shown(line_) + " in " + name_ + ": line " +
                      std::to_string(number_) + ": " + reason);
  }

  std::string_view field() {
    while (at_ < line_.size() && is_space(line_[at_])) ++at_;
    const std::size_t begin = at_;
    while (at_ < line_.size() && !is_space(line_[at_])) ++at_;
    return line_.substr(begin, at_ - begin);
  }

  RankedToken read(char*& arena) {
    const std::string_view token = field(), rank = field();
    if (rank.empty() || !field().empty()) fail("expected a token in base64, a space and a rank");
    char* const begin = arena;
    if (!decode_base64(token, arena)) fail("the token is not base64");
    std::uint64_t value = 0;
    for (const char c : rank) {
      if (c < '0' || c > '9') fail("the rank is not a number from 0 to 2**32 - 1");
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
      if (value > 0xFFFFFFFFu) fail("the rank is not a number from 0 to 2**32 - 1");
    }
    return {{begin, static_cast<std::size_t>(arena - begin)}, static_cast<std::uint32_t>(value)};
  }

 private:
  std::string_view line_;
  std::size_t number_;
  const std::string& name_;
  std::size_t at_ = 0;
};

}  // namespace

RankFile::RankFile(std::string_view data, const std::string& name) {
  arena_.resize(data.size() / 4 * 3 + 3);
  tokens_.reserve(data.size() / 16);
  std::vector<std::size_t> lines;  // of the tokens
  lines.reserve(data.size() / 16);
  char* arena = arena_.data();
  std::size_t number = 0;
  const auto line_at = [&](std::size_t begin, std::size_t end) {
    const std::string_view line = data.substr(begin, end - begin);
    ++number;
    if (line.empty()) return;
    tokens_.push_back(Reader(line, number, name).read(arena));
    lines.push_back(number);
  };
  std::size_t newline = std::min(data.find('\n'), data.size());
  for (std::size_t begin = 0; begin < data.size();) {
    if (newline < begin) newline = std::min(data.find('\n', begin), data.size());
    const std::size_t size = data.substr(begin, newline - begin).find('\r');
    const std::size_t end = size == std::string_view::npos ? newline : begin + size;
    line_at(begin, end);
    begin = end + (data.substr(end, 2) == "\r\n" ? 2 : 1);
  }

  const auto repeated = [&](const char* what, std::size_t i, std::size_t first) {
    throw FormatError(name + ": line " + std::to_string(lines[i]) + ": the " + what + " of line " +
                      std::to_string(lines[first]) + " again");
  };
  // Linear probing over the indexes of the tokens.
  std::vector<std::uint32_t> slots(std::bit_ceil(2 * tokens_.size() + 1), kEmpty);
  const auto find_or_add = [&](std::size_t hash, std::size_t i, auto is_same) {
    for (std::size_t at = hash & (slots.size() - 1);; at = (at + 1) & (slots.size() - 1)) {
      if (slots[at] == kEmpty) {
        slots[at] = static_cast<std::uint32_t>(i);
        return i;
      }
      if (is_same(tokens_[slots[at]])) return static_cast<std::size_t>(slots[at]);
    }
  };
  bool in_order = true;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const std::string_view bytes = tokens_[i].bytes;
    const std::size_t first = find_or_add(std::hash<std::string_view>{}(bytes), i,
                                          [&](const RankedToken& t) { return t.bytes == bytes; });
    if (first != i) repeated("token", i, first);
    in_order = in_order && (i == 0 || tokens_[i - 1].rank < tokens_[i].rank);
  }
  if (in_order) return;  // as nearly always: then no rank is there twice
  std::fill(slots.begin(), slots.end(), kEmpty);
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const std::uint32_t rank = tokens_[i].rank;
    const std::size_t first = find_or_add(std::size_t{rank} * 0x9E3779B97F4A7C15u >> 20, i,
                                          [&](const RankedToken& t) { return t.rank == rank; });
    if (first != i) repeated("rank", i, first);
  }
}

}  // namespace fasttok
