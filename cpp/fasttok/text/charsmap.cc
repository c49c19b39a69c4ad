#include "fasttok/text/charsmap.h"

#include <utility>

#include "fasttok/base/error.h"
#include "fasttok/text/darts_units.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

using darts::has_leaf;
using darts::label_of;
using darts::offset_of;
using darts::read_u32;
using darts::read_units;
using darts::value_of;

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
  trie_ = read_units(std::string_view(bytes_).substr(4, 4 * units));
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
    const std::uint32_t begin = value_of(trie_[node]);
    if (begin > replacements_.size() || !is_char_boundary(replacements_, begin)) break;
    const std::string_view rest = replacements_.substr(begin);
    return rest.substr(0, rest.find('\0'));
  }
  return std::nullopt;
}

}  // namespace fasttok
