// Which ASCII characters are in the first rows of ClassMasks: what char_class() says of them, and some by
// themselves.
//
// Of the table of ASCII with 8 lines of 16, a group is all characters that some lines have in some columns.
// So two looks into tables of 16 tell the groups of a character, and the rows are made of groups:
//
//   'a' = 0x61    by_column[1] & by_line[6] = kAToO    letter, and no upper: 0x20 is set
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace fasttok {

struct AsciiGroups {
  // The number of each group's bit.
  static constexpr int kNewline = 0, kBlank = 1, kOtherSpace = 2, kDigit = 3, kApostrophe = 4, kSlash = 5,
                       kAToO = 6, kPToZ = 7;
  static constexpr std::uint8_t kLowerBit = 0x20;

  alignas(16) std::array<std::uint8_t, 16> by_column{}, by_line{};  // nothing for lines beyond ASCII

  constexpr AsciiGroups() {
    add(kNewline, 0, {0xA, 0xD});
    add(kBlank, 2, {0});
    add(kOtherSpace, 0, {0x9, 0xB, 0xC});
    add(kDigit, 3, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    add(kApostrophe, 2, {0x7});
    add(kSlash, 2, {0xF});
    add(kAToO, 4, {1, 2, 3, 4, 5, 6, 7, 8, 9, 0xA, 0xB, 0xC, 0xD, 0xE, 0xF});
    add(kPToZ, 5, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xA});
    by_line[6] = by_line[4];
    by_line[7] = by_line[5];
  }
  constexpr unsigned of(unsigned ascii) const { return by_column[ascii & 15] & by_line[ascii >> 4]; }

 private:
  constexpr void add(int group, std::size_t line, std::initializer_list<std::uint8_t> columns) {
    const auto bit = static_cast<std::uint8_t>(1u << group);
    by_line[line] = static_cast<std::uint8_t>(by_line[line] | bit);
    for (const std::uint8_t column : columns)
      by_column[column] = static_cast<std::uint8_t>(by_column[column] | bit);
  }
};
inline constexpr AsciiGroups kAsciiGroups;

// Bit k: the character is in row k of ClassMasks.
struct AsciiRowTable {
  static constexpr std::size_t kRows = 8;
  alignas(64) std::array<std::uint8_t, 128> rows_of{};

  constexpr AsciiRowTable() {
    for (unsigned c = 0; c < rows_of.size(); ++c) {
      const unsigned groups = kAsciiGroups.of(c);
      const auto is = [&](int group) { return (groups >> group & 1) != 0; };
      const bool letter = is(AsciiGroups::kAToO) || is(AsciiGroups::kPToZ),
                 newline = is(AsciiGroups::kNewline), blank = is(AsciiGroups::kBlank);
      // In the order of ClassMasks::kRows.
      const bool in_row[kRows] = {newline || blank || is(AsciiGroups::kOtherSpace),
                                  letter,
                                  is(AsciiGroups::kDigit),
                                  newline,
                                  is(AsciiGroups::kApostrophe),
                                  letter && !(c & AsciiGroups::kLowerBit),
                                  blank,
                                  is(AsciiGroups::kSlash)};
      unsigned rows = 0;
      for (std::size_t k = 0; k < kRows; ++k) rows |= unsigned{in_row[k]} << k;
      rows_of[c] = static_cast<std::uint8_t>(rows);
    }
  }
};
inline constexpr AsciiRowTable kAsciiRowTable;

}  // namespace fasttok
