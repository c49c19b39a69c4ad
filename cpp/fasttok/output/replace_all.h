// Plain replacement of text, as the decoders of the reference do it.
//
//   replace_all("a b", " ", "_")     "a_b"
//   replace_all("ab", "", "_")       "_a_b_"
//   replace_matches("", "", "_")     ""
#pragma once

#include <string>
#include <string_view>

#include "fasttok/regex/regex.h"

namespace fasttok {

// All occurrences from left to right, without overlap. The empty pattern occurs before, between and behind
// the characters: Rust's str::replace, and Python's.
std::string replace_all(std::string_view text, std::string_view pattern, std::string_view content);

// The same, but nothing occurs in an empty text: the reference's Replace.
std::string replace_matches(std::string_view text, std::string_view pattern, std::string_view content);
std::string replace_matches(std::string_view text, const Regex& regex, std::string_view content);

}  // namespace fasttok
