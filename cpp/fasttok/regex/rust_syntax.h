// The regular expressions of Rust's `fancy-regex` and `regex`, as tiktoken's patterns are written in them:
// parsed to the tree that Oniguruma's are parsed to, so that the same engines run them.
//
//   parse_rust("\\p{N}{1,3}+|\\s++$")   // a possessive {1,3}+ and the end of the text; Oniguruma reads
//   neither so
//
// What differs from Oniguruma: `$` and `^` are the ends of the text (of lines under (?m)), {n,m}+ is
// possessive,
// (?s) lets the dot match a line break, ignoring case is Unicode's simple folding (ß is not ss), \w and \b
// also know U+200C and U+200D, classes have -- and ~~ and POSIX names are ASCII.
//
// Mirrors fancy-regex 0.19 over regex-syntax 0.8. The properties are those of the reference's Oniguruma,
// which has the same version of Unicode.
#pragma once

#include <string_view>

#include "fasttok/regex/pattern.h"

namespace fasttok::regex {

// Throws Error ("regex: ... at character 5 of the pattern") for what is malformed, and for what is not built
// in: back-references, conditionals, calls of groups, \K, \G, \X.
Pattern parse_rust(std::string_view pattern);

}  // namespace fasttok::regex
