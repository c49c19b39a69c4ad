// From the fuzzer's bytes to texts: mostly the fragments that the tests know to hurt, else any character.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <cstdio>
#include <cstdlib>

#include "random_texts.h"

namespace fasttok::testing {

// Also lone surrogates; nothing is above U+10FFFF.
inline Chars fuzzed_text(FuzzedDataProvider& input, std::size_t most_bytes) {
  const std::string bytes = input.ConsumeRandomLengthString(most_bytes);
  const auto byte = [&](std::size_t i) -> char32_t {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
  };
  const std::vector<Chars>& list = fragments(3);
  Chars text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char32_t lead = byte(i);
    if (lead < 0x80) {
      text += lead;
    } else if (lead < 0xE0) {
      const char32_t number = (lead & 0x7F) << 8 | byte(++i);
      text += list[number % list.size()];
    } else {
      text += ((lead & 0x1F) << 16 | byte(i + 1) << 8 | byte(i + 2)) % 0x110000;
      i += 2;
    }
  }
  return text;
}

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace fasttok::testing
