#include "fasttok/formats/tiktoken.h"

#include <array>
#include <unordered_map>

#include "fasttok/base/error.h"

namespace fasttok {
namespace {

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
  for (std::size_t begin = 0; begin < data.size();) {
    const std::size_t end = std::min(data.find_first_of("\r\n", begin), data.size());
    line_at(begin, end);
    begin = end + (data.substr(end, 2) == "\r\n" ? 2 : 1);
  }

  std::unordered_map<std::string_view, std::size_t> by_bytes;
  std::unordered_map<std::uint32_t, std::size_t> by_rank;
  by_bytes.reserve(tokens_.size());
  by_rank.reserve(tokens_.size());
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const auto repeated = [&](const char* what, std::size_t first) {
      throw FormatError(name + ": line " + std::to_string(lines[i]) + ": the " + what + " of line " +
                        std::to_string(lines[first]) + " again");
    };
    if (const auto [at, is_new] = by_bytes.try_emplace(tokens_[i].bytes, i); !is_new)
      repeated("token", at->second);
    if (const auto [at, is_new] = by_rank.try_emplace(tokens_[i].rank, i); !is_new)
      repeated("rank", at->second);
  }
}

}  // namespace fasttok
