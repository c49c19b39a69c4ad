// Layout of the generated tables. Only properties.cc reads them.
//
// Two-stage tables: the value of code point c is blocks[index[c / kBlockSize] * kBlockSize + c % kBlockSize],
// so a lookup is two loads, and blocks that are alike are stored once. A kind is a distinct (flags, combining
// class) pair; a mapping's value is 1 + its row in the list of mappings, or 0.
#pragma once

#include <cstddef>
#include <cstdint>

#include "fasttok/unicode/properties.h"

namespace fasttok::tables {

inline constexpr std::size_t kBlockSize = 128;
inline constexpr char32_t kMappedLimit = 0x30000;  // the mapping tables end here

struct CharKind {
  std::uint16_t flags;
  std::uint8_t combining_class;
};

extern const CharKind kKinds[];
extern const std::uint8_t kKindIndex[];
extern const std::uint8_t kKindBlocks[];

extern const Mapping kDecompositions[];
extern const std::size_t kDecompositionCount;
extern const std::uint8_t kDecompositionIndex[];
extern const std::uint16_t kDecompositionBlocks[];

extern const Mapping kLowercases[];
extern const std::size_t kLowercaseCount;
extern const std::uint8_t kLowercaseIndex[];
extern const std::uint16_t kLowercaseBlocks[];

extern const Mapping kUppercases[];
extern const std::size_t kUppercaseCount;
extern const std::uint8_t kUppercaseIndex[];
extern const std::uint16_t kUppercaseBlocks[];

// Only where NFKD differs from NFD.
extern const Mapping kCompatDecompositions[];
extern const std::size_t kCompatDecompositionCount;
extern const std::uint8_t kCompatDecompositionIndex[];
extern const std::uint16_t kCompatDecompositionBlocks[];

extern const std::uint8_t kScriptIndex[];
extern const std::uint8_t kScriptBlocks[];
extern const std::uint8_t kGraphemeIndex[];
extern const std::uint8_t kGraphemeBlocks[];
extern const std::uint8_t kRegexClassIndex[];
extern const std::uint8_t kRegexClassBlocks[];

// Ascending by (first, second).
struct Composition {
  char32_t first, second, composed;
};
extern const Composition kCompositions[];
extern const std::size_t kCompositionCount;

extern const FlagRange kFlagRanges[];
extern const std::size_t kFlagRangeCount;

}  // namespace fasttok::tables
