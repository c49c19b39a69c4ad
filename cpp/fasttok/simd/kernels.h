// The vector kernels: function pointers, each with its contract. scalar.cc is the reference text of each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "fasttok/simd/isa.h"

namespace fasttok {

// Classes of the 128 ASCII characters, as bit sets that a byte shuffle can look up: character c is in the
// class if bit (c >> 4) of row[c & 15] is set. Characters in no class are letters.
struct AsciiClass {
  alignas(16) std::array<std::uint8_t, 16> row{};
  void add(unsigned c) { row[c & 15] = static_cast<std::uint8_t>(row[c & 15] | (1u << (c >> 4))); }
  bool has(unsigned c) const { return (row[c & 15] >> (c >> 4)) & 1; }
};

struct AsciiClasses {
  AsciiClass space;        // separates words, and is dropped
  AsciiClass punctuation;  // is a word by itself
  AsciiClass stop;         // the kernel must not go on: the caller treats it
};

// Half-open ranges of words, ascending. `consumed`: all text before it is covered; there the caller goes on.
// It is the start of a word that might continue, or the first character that is not ASCII or that is in
// `stop`, or the end.
struct WordSpans {
  std::size_t count;
  std::size_t consumed;
};

// The most characters that one call of a span kernel may be given; also the room that its outputs must have.
inline constexpr std::size_t kSpanChunk = 1024;

struct Kernels {
  // Finds the words of `text[0, n)`, n <= kSpanChunk, up to the first character that is not ASCII or that is
  // in classes.stop. A word that touches that character, or the end of the text, is left (consumed = its
  // start), because what follows may belong to it; with `final`, the end of the text ends a word. A word of
  // 64 or more characters is left as well. Neither kernel reads beyond text[n - 1]; begins[] and ends[] have
  // room for kSpanChunk + 64.
  WordSpans (*ascii_words_u8)(const std::uint8_t* text, std::size_t n, bool final,
                              const AsciiClasses& classes, std::uint16_t* begins, std::uint16_t* ends);

  // The same over 16-bit units. Also writes the covered characters to narrow[], which has room for kSpanChunk
  // + 64.
  WordSpans (*ascii_words_u16)(const std::uint16_t* text, std::size_t n, bool final,
                               const AsciiClasses& classes, std::uint16_t* begins, std::uint16_t* ends,
                               std::uint8_t* narrow);

  // out[i] = values[i] for i < n.
  void (*widen)(const std::uint32_t* values, std::size_t n, std::int64_t* out);

  // out[i] = value for i < n.
  void (*fill)(std::int64_t value, std::size_t n, std::int64_t* out);
};

const Kernels& kernels_for(Isa isa);
const Kernels& kernels();  // kernels_for(active_isa())

}  // namespace fasttok
