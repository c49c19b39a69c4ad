// A position in a text, and what anchors and one-character look-around ask of it.
#pragma once

#include <cstddef>
#include <string_view>

#include "fasttok/regex/program.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok::regex {

struct Place {
  const CharClasses& classes;
  std::string_view text;
  std::size_t at;
  std::size_t search_start;

  bool next_is_in(std::uint32_t set) const {
    if (at >= text.size()) return false;
    std::size_t size = 0;
    return classes.contains(set, classes.at(text, at, size));
  }
  bool previous_is_in(std::uint32_t set) const {
    if (at == 0) return false;
    std::size_t size = 0;
    return classes.contains(set, classes.at(text, previous_char(text, at), size));
  }

  // For kAnchor and kLookChar.
  bool holds(const Inst& inst) const {
    const bool at_end = at == text.size();
    if (inst.op == Op::kLookChar) {
      const bool edge = inst.behind ? at == 0 : at_end;
      const bool found = edge ? inst.at_edge : inst.behind ? previous_is_in(inst.a) : next_is_in(inst.a);
      return found != inst.negative;
    }
    switch (inst.anchor) {
      case Anchor::kBeginLine:
        return at == 0 || (!at_end && previous_is_in(inst.a));
      case Anchor::kEndLine:
        return at_end || next_is_in(inst.a);
      case Anchor::kBeginText:
        return at == 0;
      case Anchor::kEndText:
        return at_end;
      case Anchor::kEndTextOrLine:
        return at_end || (at + 1 == text.size() && next_is_in(inst.a));
      case Anchor::kSearchStart:
        return at == search_start;
      case Anchor::kWordBoundary:
        return previous_is_in(inst.a) != next_is_in(inst.a);
      case Anchor::kNotWordBoundary:
        return previous_is_in(inst.a) == next_is_in(inst.a);
    }
    return false;
  }
};

}  // namespace fasttok::regex
