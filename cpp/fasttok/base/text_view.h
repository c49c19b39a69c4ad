// A text in place, as the caller holds it: a Python str without a copy.
//
// `kind` is the width of a code unit in bytes, as in CPython: 1 (Latin-1, of which ASCII is a part), 2
// (UCS-2) or 4 (UCS-4). Each unit is one code point, so an index is a character offset. Kinds 2 and 4 may
// hold lone surrogates.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fasttok {

struct TextView {
  const void* data = nullptr;
  std::size_t length = 0;  // in code points
  std::uint8_t kind = 1;
  bool ascii = false;  // only for kind 1: no unit is above 0x7F

  char32_t at(std::size_t i) const {
    if (kind == 1) return static_cast<const std::uint8_t*>(data)[i];
    if (kind == 2) return static_cast<const std::uint16_t*>(data)[i];
    return static_cast<const std::uint32_t*>(data)[i];
  }

  // The same text from `begin` on, in a view of its own.
  TextView slice(std::size_t begin, std::size_t end) const {
    const auto* bytes = static_cast<const std::uint8_t*>(data) + begin * kind;
    return {bytes, end - begin, kind, ascii};
  }
};

inline bool is_surrogate(char32_t c) {
  return (c & 0xFFFFF800u) == 0xD800u;
}

}  // namespace fasttok
