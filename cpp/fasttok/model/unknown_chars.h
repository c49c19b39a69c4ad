// What is written for characters that no piece is for: raw ids become ids.
//
//   UnknownChars unknown{.unk_id = 0};
//   ids = {7, kUnknownChar | 'x', kUnknownChar | 'y', 8};
//   unknown.spell(0, ids)                              {7, 0, 8}
//
// Characters in a row are one unknown piece, where they fuse, or the byte pieces of all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/model/segment_walk.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

// A character of the space form in UTF-8, as the literal text has it; returns the number of bytes.
inline std::size_t literal_char(std::uint32_t raw, std::uint8_t (&utf8)[4]) {
  const auto c = static_cast<char32_t>(raw & ~kUnknownChar);
  return encode_utf8(c == ' ' ? char32_t{0x2581} : c, utf8);
}

struct UnknownChars {
  std::uint32_t unk_id = 0;
  bool fuse = true;
  bool at_spaces = false;                 // a space begins a word, and no word fuses with the one before
  std::vector<std::uint32_t> byte_ids{};  // of all 256 bytes; empty: none

  // Of the raw ids from `begin` on.
  void spell(std::size_t begin, Buffer<std::uint32_t>& ids) const {
    if (byte_ids.empty()) {
      write_unknown(begin, ids);
    } else {
      write_bytes(begin, ids);
    }
  }

 private:
  void write_unknown(std::size_t begin, Buffer<std::uint32_t>& ids) const {
    std::size_t to = begin;
    bool after_unknown = false;
    for (std::size_t i = begin; i < ids.size(); ++i) {
      const std::uint32_t raw = ids[i];
      const bool is_unknown = (raw & kUnknownChar) != 0;
      const bool goes_on = after_unknown && fuse && !(at_spaces && raw == (kUnknownChar | ' '));
      ids[to] = is_unknown ? unk_id : raw;
      to += !is_unknown || !goes_on;
      after_unknown = is_unknown;
    }
    ids.set_size(to);
  }
  void write_bytes(std::size_t begin, Buffer<std::uint32_t>& ids) const {
    // Bytes of each as the literal text has it, less one; U+0020 stands for U+2581.
    const auto more_of = [](std::uint32_t raw) -> std::uint32_t {
      const std::uint32_t c = raw & ~kUnknownChar;
      return raw < kUnknownChar ? 0u : (c == ' ' ? 2u : (c >= 0x80) + (c >= 0x800) + (c >= 0x10000) + 0u);
    };
    const std::size_t end = ids.size();
    std::size_t more = 0;
    for (std::size_t i = begin; i < end; ++i) more += more_of(ids[i]);
    ids.make_room(more);
    ids.set_size(end + more);
    // From the back, so that nothing is overwritten before it was read.
    std::size_t i = end, to = end + more;
    for (;;) {
      // Known pieces and characters of three bytes, without a branch on which it is: three places are written
      // while two are free, and where two of them do not count, they are written over.
      for (; to >= i + 2; --i) {
        const std::uint32_t raw = ids[i - 1], is_unknown = raw >> 31;
        if (is_unknown & ((raw & ~kUnknownChar) - 0x800 >= 0xF800)) [[unlikely]]
          break;
        std::uint32_t* const at = ids.data() + to - 3;
        const std::uint32_t last = byte_ids[0x80 | (raw & 0x3F)];
        at[0] = byte_ids[0xE0 | (raw >> 12 & 0x0F)];
        at[1] = byte_ids[0x80 | (raw >> 6 & 0x3F)];
        at[2] = raw ^ ((raw ^ last) & -is_unknown);
        to -= 1 + 2 * is_unknown;
      }
      if (i == begin) break;
      const std::uint32_t raw = ids[--i];
      if (raw & kUnknownChar) {
        std::uint8_t utf8[4];
        for (std::size_t size = literal_char(raw, utf8); size-- > 0;) ids[--to] = byte_ids[utf8[size]];
      } else {
        ids[--to] = raw;
      }
    }
  }
};

}  // namespace fasttok
