// Compiles rewriting rules into the bytes that charsmap.h and sentencepiece_normalizer.h read.
//
//   build_charsmap({{"ﬁ", "fi"}, {"Å", "Å"}})   the bytes of a precompiled_charsmap
//
// The rules make a trie; equal subtrees are one (a minimal acyclic automaton, built from the sorted keys), so
// that the many ways to write a Hangul syllable share their ends; the automaton is laid out as a double array
// in darts-clone's units. Equal replacements are written once.
//
// Mirrors Builder::CompileCharsMap of sentencepiece 0.2.3: what it compiles and what is compiled here do the
// same to every text; the bytes are others.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace fasttok {

// From what to what, in UTF-8. Of two rules for one text the later counts. Throws FormatError where there is
// no rule, or one is for the empty text or a NUL, or the automaton is too large for the format.
std::string build_charsmap(const std::vector<std::pair<std::string, std::string>>& rules);

}  // namespace fasttok
