#include "fasttok/unicode/properties.h"

#include "fasttok/unicode/tables.h"

namespace fasttok {
namespace {

constexpr char32_t kCodePoints = 0x110000;
constexpr char32_t kHangulFirst = 0xAC00, kHangulLast = 0xD7A3;
constexpr char32_t kJamoL = 0x1100, kJamoV = 0x1161, kJamoT = 0x11A7;
constexpr char32_t kVCount = 21, kTCount = 28;

template <typename Index, typename Value>
Value two_stage(const Index* index, const Value* blocks, char32_t c) {
  return blocks[index[c / tables::kBlockSize] * tables::kBlockSize + c % tables::kBlockSize];
}

const tables::CharKind& kind(char32_t c) {
  // Numbers that are no code point know nothing, rather than reading past the index.
  if (c >= kCodePoints) c = 0xD800;
  return tables::kKinds[two_stage(tables::kKindIndex, tables::kKindBlocks, c)];
}

std::u32string_view mapped(const Mapping* rows, std::uint16_t number) {
  return number == 0 ? std::u32string_view{} : rows[number - 1].to;
}

}  // namespace

std::uint16_t char_flags(char32_t c) {
  return kind(c).flags;
}

std::uint8_t combining_class(char32_t c) {
  return kind(c).combining_class;
}

std::u32string_view canonical_decomposition(char32_t c, char32_t (&buffer)[3]) {
  if (c >= kHangulFirst && c <= kHangulLast) {
    const char32_t i = c - kHangulFirst;
    buffer[0] = kJamoL + i / (kVCount * kTCount);
    buffer[1] = kJamoV + i % (kVCount * kTCount) / kTCount;
    buffer[2] = kJamoT + i % kTCount;
    return {buffer, i % kTCount == 0 ? std::size_t{2} : std::size_t{3}};
  }
  if (c >= tables::kMappedLimit) return {};
  return mapped(tables::kDecompositions,
                two_stage(tables::kDecompositionIndex, tables::kDecompositionBlocks, c));
}

std::u32string_view lowercase(char32_t c) {
  if (c >= tables::kMappedLimit) return {};
  return mapped(tables::kLowercases, two_stage(tables::kLowercaseIndex, tables::kLowercaseBlocks, c));
}

std::span<const FlagRange> flag_ranges() {
  return {tables::kFlagRanges, tables::kFlagRangeCount};
}
std::span<const Mapping> decompositions() {
  return {tables::kDecompositions, tables::kDecompositionCount};
}
std::span<const Mapping> lowercases() {
  return {tables::kLowercases, tables::kLowercaseCount};
}

}  // namespace fasttok
