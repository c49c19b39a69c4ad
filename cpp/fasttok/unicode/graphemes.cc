#include "fasttok/unicode/graphemes.h"

#include "fasttok/unicode/properties.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

using enum GraphemeClass;

// What the characters of the cluster so far have to say about the next one.
struct Context {
  GraphemeClass last = kOther;
  bool pictographic = false;  // a pictographic, then only Extend, and perhaps one joiner at the end
  bool conjunct = false;      // a consonant, then only what may stand in a conjunct
  bool linked = false;        // and among that a linker

  void add(GraphemeClass next) {
    const bool is_extend = next == kExtend || next == kConjunctExtend || next == kConjunctLinker;
    pictographic =
        next == kPictographic || (pictographic && last != kJoiner && (is_extend || next == kJoiner));
    if (next == kConsonant) {
      conjunct = true;
      linked = false;
    } else if (next == kConjunctLinker) {
      linked = conjunct;
    } else if (next != kConjunctExtend && next != kJoiner) {
      conjunct = linked = false;
    }
    last = next;
  }

  bool joins(GraphemeClass next) const {
    if (last == kControl || next == kControl) return false;
    switch (next) {
      case kExtend:
      case kConjunctExtend:
      case kConjunctLinker:
      case kJoiner:
      case kSpacingMark:
        return true;
      case kL:
      case kLV:
      case kLVT:
        if (last == kL) return true;
        break;
      case kV:
        if (last == kL || last == kV || last == kLV) return true;
        break;
      case kT:
        if (last == kV || last == kT || last == kLV || last == kLVT) return true;
        break;
      case kConsonant:
        if (linked) return true;
        break;
      case kPictographic:
        if (last == kJoiner && pictographic) return true;
        break;
      default:
        break;
    }
    return last == kPrepend;
  }
};

}  // namespace

std::size_t grapheme_end(std::string_view text, std::size_t at) {
  DecodedChar d = decode_char(text, at);
  if (d.c == U'\r' && at + 1 < text.size() && text[at + 1] == '\n') return at + 2;
  Context context;
  context.add(grapheme_class(d.c));
  for (at += d.size; at < text.size(); at += d.size) {
    d = decode_char(text, at);
    const GraphemeClass next = grapheme_class(d.c);
    if (!context.joins(next)) break;
    context.add(next);
  }
  return at;
}

}  // namespace fasttok
