// A regular expression as a tree: Oniguruma's Ruby syntax, which the reference's patterns are written in.
//
// Example: parse("a|(?i)b+") is Alternate{Literal "a", Option{Repeat{Literal "b", ignoring case}}}.
//
// What Oniguruma does before it compiles and that can be seen in matches is done here, too: quantifiers of
// quantifiers are reduced, "abc+" repeats the "c" only, neighbouring literals are one literal (so that
// `(?i)ss` finds "ß"). Errors are Oniguruma's sentences after "Oniguruma error: ".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/regex/char_set.h"

namespace fasttok::regex {

// Groups are nested at most this deep, and nodes in nodes: what works on the tree is recursive, and 256 KiB
// of stack must do.
inline constexpr std::size_t kMaxDepth = 64;
inline constexpr std::size_t kMaxNodeDepth = 200;
inline constexpr std::uint32_t kInfinite = 0xFFFFFFFF;

enum class NodeKind : std::uint8_t {
  kEmpty,
  kNever,      // (*FAIL)
  kLiteral,    // chars, case
  kSet,        // set
  kConcat,     // children
  kAlternate,  // children, first come first served
  kRepeat,     // one child, min, max, greedy
  kOption,     // one child; (?i:...): literals inside and outside stay apart
  kGroup,      // one child, group: capturing
  kAtomic,     // one child
  kLook,       // one child, behind, negative
  kAnchor,     // anchor
  kBackref,    // groups, from the last to the first; case
  kIf,    // children {then, else} if one of `groups` has matched, {condition, then, else} if there are none
  kCall,  // group
  kKeep,  // \K
};

enum class Anchor : std::uint8_t {
  kBeginLine,        // ^
  kEndLine,          // $
  kBeginText,        // \A
  kEndText,          // \z
  kEndTextOrLine,    // \Z
  kSearchStart,      // \G
  kWordBoundary,     // \b
  kNotWordBoundary,  // \B
};

enum class Case : std::uint8_t { kExact, kIgnore, kIgnoreAscii };

using NodeId = std::uint32_t;

struct Node {
  NodeKind kind = NodeKind::kEmpty;
  Case letters = Case::kExact;
  Anchor anchor{};
  bool greedy = true;
  bool behind = false;
  bool negative = false;
  bool ascii_word = false;  // \b under (?W)
  std::uint32_t min = 0;
  std::uint32_t max = 0;
  std::uint32_t group = 0;
  std::uint32_t depth = 1;
  std::u32string chars;
  CharSet set;
  std::vector<NodeId> children;
  std::vector<std::uint32_t> groups;
};

struct Pattern {
  std::vector<Node> nodes;
  NodeId root = 0;
  std::uint32_t group_count = 0;    // groups are 1..group_count
  std::vector<NodeId> group_nodes;  // [group]; where calls go

  const Node& at(NodeId id) const { return nodes[id]; }
};

// Throws Error for what Oniguruma refuses, and for the little that is not built in: \X, \y, \Y, the absent
// operator (?~...), callouts, (?L), back-references with a level.
Pattern parse(std::string_view pattern);

}  // namespace fasttok::regex
