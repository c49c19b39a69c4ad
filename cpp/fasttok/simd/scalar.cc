// The reference text of each kernel: plain C++, one character at a time.
#include "fasttok/simd/scalar.h"

#include <algorithm>

namespace fasttok::scalar {
namespace {

template <class Unit>
WordSpans ascii_words(const Unit* text, std::size_t n, bool final, const AsciiClasses& classes,
                      std::uint16_t* begins, std::uint16_t* ends) {
  WordSpans spans{0, 0};
  std::size_t i = 0;
  auto stops = [&](std::size_t at) { return text[at] > 0x7F || classes.stop.has(text[at]); };
  while (i < n && !stops(i)) {
    if (classes.space.has(text[i])) {
      spans.consumed = ++i;
      continue;
    }
    const std::size_t begin = i++;
    if (!classes.punctuation.has(text[begin])) {
      while (i < n && !stops(i) && !classes.space.has(text[i]) && !classes.punctuation.has(text[i])) ++i;
    }
    if (i - begin >= 64 || (i == n ? !final : stops(i))) break;
    begins[spans.count] = static_cast<std::uint16_t>(begin);
    ends[spans.count++] = static_cast<std::uint16_t>(i);
    spans.consumed = i;
  }
  return spans;
}

WordSpans ascii_words_u8(const std::uint8_t* text, std::size_t n, bool final, const AsciiClasses& classes,
                         std::uint16_t* begins, std::uint16_t* ends) {
  return ascii_words(text, n, final, classes, begins, ends);
}

WordSpans ascii_words_u16(const std::uint16_t* text, std::size_t n, bool final, const AsciiClasses& classes,
                          std::uint16_t* begins, std::uint16_t* ends, std::uint8_t* narrow) {
  const WordSpans spans = ascii_words(text, n, final, classes, begins, ends);
  for (std::size_t i = 0; i < spans.consumed; ++i) narrow[i] = static_cast<std::uint8_t>(text[i]);
  return spans;
}

void widen(const std::uint32_t* values, std::size_t n, std::int64_t* out) {
  std::copy_n(values, n, out);
}

void fill(std::int64_t value, std::size_t n, std::int64_t* out) {
  std::fill_n(out, n, value);
}

}  // namespace

const Kernels kKernels{ascii_words_u8, ascii_words_u16, widen, fill};

}  // namespace fasttok::scalar
