// What the published splitting patterns ask of a character, as one byte: \p{L}, \p{N}, \s and the like.
//
//   char_class(U'a')     kClassLetter | kClassLower
//   char_class(U'\n')    kClassSpace | kClassNewline
//
// Mirrors the properties of the reference's regular expressions (regex/char_set.h).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace fasttok {

inline constexpr std::uint8_t kClassLetter = 1;    // \p{L}
inline constexpr std::uint8_t kClassNumber = 2;    // \p{N}
inline constexpr std::uint8_t kClassSpace = 4;     // \s
inline constexpr std::uint8_t kClassUpper = 8;     // \p{Lu}, \p{Lt}
inline constexpr std::uint8_t kClassLower = 16;    // \p{Ll}
inline constexpr std::uint8_t kClassMark = 32;     // \p{M}
inline constexpr std::uint8_t kClassNewline = 64;  // \r, \n
inline constexpr std::uint8_t kClassNotNfc = 128;  // NFC may change it, or with what stands beside it

// Two levels: equal blocks of 256 characters are stored once.
class CharClasses {
 public:
  static const CharClasses& get();
  std::uint8_t operator()(char32_t c) const { return blocks_[std::size_t{index_[c >> 8]} << 8 | (c & 0xFF)]; }

 private:
  CharClasses();
  std::array<std::uint16_t, 0x1100> index_{};
  std::vector<std::uint8_t> blocks_;
};

inline std::uint8_t char_class(char32_t c) {
  return CharClasses::get()(c);
}

}  // namespace fasttok
