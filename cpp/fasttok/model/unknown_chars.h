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
    const std::size_t end = ids.size();
    std::size_t more = 0;
    std::uint8_t utf8[4];
    for (std::size_t i = begin; i < end; ++i) {
      if (ids[i] & kUnknownChar) more += literal_char(ids[i], utf8) - 1;
    }
    ids.make_room(more);
    ids.set_size(end + more);
    // From the back, so that nothing is overwritten before it was read.
    for (std::size_t i = end, to = end + more; i-- > begin;) {
      const std::uint32_t raw = ids[i];
      if (raw & kUnknownChar) {
        for (std::size_t size = literal_char(raw, utf8); size-- > 0;) ids[--to] = byte_ids[utf8[size]];
      } else {
        ids[--to] = raw;
      }
    }
  }
};

}  // namespace fasttok
