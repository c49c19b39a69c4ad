#include "fasttok/text/charsmap.h"

#include <utility>

#include "fasttok/base/error.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

std::uint32_t offset_of(std::uint32_t unit) {
  return (unit >> 10) << ((unit & (1u << 9)) >> 6);
}
bool has_leaf(std::uint32_t unit) {
  return (unit >> 8 & 1) != 0;
}
std::uint32_t label_of(std::uint32_t unit) {
  return unit & ((1u << 31) | 0xFF);
}

std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[at + i])}; };
  return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[at]);
    if (lead >= 0x80 && (lead < 0xC2 || lead > 0xF4)) return false;
    const DecodedChar d = decode_char(bytes, at);
    if (d.size != utf8_size(d.c) || d.c > 0x10FFFF || (d.c & 0xFFFFF800u) == 0xD800u) return false;
    for (std::size_t i = 1; i < d.size; ++i) {
      if (!is_continuation_byte(bytes[at + i])) return false;
    }
    at += d.size;
  }
  return true;
}

}  // namespace

Charsmap::Charsmap(std::string bytes) : bytes_(std::move(bytes)) {
  const auto fail = [] { throw Error("Cannot parse precompiled_charsmap"); };
  if (bytes_.size() < 4) fail();
  const std::size_t units = read_u32(bytes_, 0) / 4;
  if ((bytes_.size() - 4) / 4 < units) fail();
  trie_.reserve(units);
  for (std::size_t i = 0; i < units; ++i) trie_.push_back(read_u32(bytes_, 4 + 4 * i));
  replacements_ = std::string_view(bytes_).substr(4 + 4 * units);
  if (!is_utf8(replacements_)) fail();
  if (trie_.empty()) return;
  for (std::uint32_t byte = 1; byte < 256; ++byte) {
    const std::uint32_t child = offset_of(trie_[0]) ^ byte;
    begins_[byte] = child < trie_.size() && label_of(trie_[child]) == byte;
  }
}

std::optional<std::string_view> Charsmap::transform(std::string_view chunk) const {
  if (chunk.empty() || !may_begin(static_cast<unsigned char>(chunk[0]))) return std::nullopt;
  std::uint32_t node = offset_of(trie_[0]);
  for (const char c : chunk) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0) break;
    node ^= byte;
    if (node >= trie_.size() || label_of(trie_[node]) != byte) break;
    const std::uint32_t unit = trie_[node];
    node ^= offset_of(unit);
    if (!has_leaf(unit)) continue;
    if (node >= trie_.size()) break;
    const std::uint32_t begin = trie_[node] & 0x7FFFFFFFu;
    if (begin > replacements_.size() || !is_char_boundary(replacements_, begin)) break;
    const std::string_view rest = replacements_.substr(begin);
    return rest.substr(0, rest.find('\0'));
  }
  return std::nullopt;
}

}  // namespace fasttok
