// Text as the splitting rules and masks read it: code units, some of which begin characters.
//
//   Utf8Chars{"aé"}     size() 3, at(1) is {é, 2}
//   UnitChars{u"aé"}    size() 2, at(1) is {é, 1}: each unit of 16 bits is a character
//
// ASCII is one unit in both, so what looks for it need not ask which text it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fasttok/unicode/utf8.h"

namespace fasttok {

struct Utf8Chars {
  using Unit = std::uint8_t;
  std::string_view text;

  std::size_t size() const { return text.size(); }
  const Unit* data() const { return reinterpret_cast<const Unit*>(text.data()); }
  Unit operator[](std::size_t i) const { return static_cast<Unit>(text[i]); }
  DecodedChar at(std::size_t i) const { return decode_char(text, i); }
  bool begins_char(std::size_t i) const { return !is_continuation_byte(text[i]); }
};

struct UnitChars {
  using Unit = std::uint16_t;
  const Unit* units;
  std::size_t length;

  std::size_t size() const { return length; }
  const Unit* data() const { return units; }
  Unit operator[](std::size_t i) const { return units[i]; }
  DecodedChar at(std::size_t i) const { return {units[i], 1}; }
  bool begins_char(std::size_t) const { return true; }
};

}  // namespace fasttok
