#include "fasttok/unicode/properties.h"

#include <algorithm>
#include <utility>

#include "fasttok/unicode/tables.h"

namespace fasttok {
namespace {

constexpr char32_t kCodePoints = 0x110000;
constexpr char32_t kHangulFirst = 0xAC00, kHangulLast = 0xD7A3;
constexpr char32_t kJamoL = 0x1100, kJamoV = 0x1161, kJamoT = 0x11A7;
constexpr char32_t kLCount = 19, kVCount = 21, kTCount = 28;

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

std::u32string_view uppercase(char32_t c) {
  if (c >= tables::kMappedLimit) return {};
  return mapped(tables::kUppercases, two_stage(tables::kUppercaseIndex, tables::kUppercaseBlocks, c));
}

std::u32string_view compat_decomposition(char32_t c) {
  if (c >= tables::kMappedLimit) return {};
  return mapped(tables::kCompatDecompositions,
                two_stage(tables::kCompatDecompositionIndex, tables::kCompatDecompositionBlocks, c));
}

char32_t composition(char32_t first, char32_t second) {
  if (!(char_flags(second) & kComposesBack)) return 0;
  if (first >= kJamoL && first < kJamoL + kLCount && second >= kJamoV && second < kJamoV + kVCount) {
    return kHangulFirst + ((first - kJamoL) * kVCount + (second - kJamoV)) * kTCount;
  }
  if (first >= kHangulFirst && first <= kHangulLast && (first - kHangulFirst) % kTCount == 0 &&
      second > kJamoT && second < kJamoT + kTCount) {
    return first + (second - kJamoT);
  }
  const auto* end = tables::kCompositions + tables::kCompositionCount;
  const auto* found = std::lower_bound(
      tables::kCompositions, end, std::pair(first, second),
      [](const tables::Composition& row, const auto& key) { return std::pair(row.first, row.second) < key; });
  return found != end && found->first == first && found->second == second ? found->composed : 0;
}

std::uint8_t script_of(char32_t c) {
  return c >= kCodePoints ? std::uint8_t{0} : two_stage(tables::kScriptIndex, tables::kScriptBlocks, c);
}

GraphemeClass grapheme_class(char32_t c) {
  if (c >= kCodePoints) return GraphemeClass::kOther;
  return static_cast<GraphemeClass>(two_stage(tables::kGraphemeIndex, tables::kGraphemeBlocks, c));
}

RegexClass regex_class(char32_t c) {
  if (c >= kCodePoints) return RegexClass::kOther;
  return static_cast<RegexClass>(two_stage(tables::kRegexClassIndex, tables::kRegexClassBlocks, c));
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
