#include "fasttok/unicode/utf8.h"

#include <algorithm>
#include <cstring>

namespace fasttok {
namespace {

struct Scanned {
  std::size_t size;  // bytes of the character, or of the beginning that does not go on; 1 or more
  bool valid;
};

// What lies at `at`, by the table of well-formed sequences (Unicode, chapter 3, D92).
Scanned scan_char(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < size; ++i) {
    const bool fits = at + i < bytes.size() &&
                      (i == 1 ? byte(1) >= low && byte(1) <= high : is_continuation_byte(bytes[at + i]));
    if (!fits) return {i, false};
  }
  return {size, true};
}

}  // namespace

std::string lossy_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const Scanned scanned = scan_char(bytes, at);
    if (scanned.valid) {
      text.append(bytes, at, scanned.size);
    } else {
      append_utf8(text, 0xFFFD);
    }
    at += scanned.size;
  }
  return text;
}

void append_utf8(std::string& out, char32_t c) {
  const auto push = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    push(c);
  } else if (c < 0x800) {
    push(0xC0 | c >> 6);
    push(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    push(0xE0 | c >> 12);
    push(0x80 | (c >> 6 & 0x3F));
    push(0x80 | (c & 0x3F));
  } else {
    push(0xF0 | c >> 18);
    push(0x80 | (c >> 12 & 0x3F));
    push(0x80 | (c >> 6 & 0x3F));
    push(0x80 | (c & 0x3F));
  }
}

std::string to_utf8(std::u32string_view chars) {
  std::string out;
  out.reserve(chars.size());
  for (const char32_t c : chars) append_utf8(out, c);
  return out;
}

std::u32string to_utf32(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for_each_char(text, [&](char32_t c, std::size_t, std::size_t) { out.push_back(c); });
  return out;
}

std::size_t invalid_utf8_at(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0x80;
    if (text.size() - at >= sizeof eight) std::memcpy(&eight, text.data() + at, sizeof eight);
    if ((eight & 0x8080808080808080u) == 0) {
      at += sizeof eight;
      continue;
    }
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    // U+1000 ... U+CFFF: any two continuation bytes will do.
    if (lead >= 0xE1 && lead <= 0xEC && text.size() - at >= 3 && is_continuation_byte(text[at + 1]) &&
        is_continuation_byte(text[at + 2])) {
      at += 3;
      continue;
    }
    const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - at < size) return at;
    for (std::size_t i = 1; i < size; ++i) {
      if (!is_continuation_byte(text[at + i])) return at;
    }
    const char32_t c = decode_char(text, at).c;
    if (utf8_size(c) != size || (c >= 0xD800 && c < 0xE000) || c > 0x10FFFF) return at;
    at += size;
  }
  return at;
}

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char b) { return !is_continuation_byte(b); }));
}

CharIndex::CharIndex(std::string_view text) : size_(text.size()) {
  if (utf8_length(text) == text.size()) return;
  chars_.reserve(text.size());
  std::uint32_t number = 0;
  for_each_char(
      text, [&](char32_t, std::size_t, std::size_t size) { chars_.insert(chars_.end(), size, number++); });
}

}  // namespace fasttok
