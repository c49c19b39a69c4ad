// A set of characters as sorted ranges, and the sets that the reference's regular expressions name.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace fasttok::regex {

inline constexpr char32_t kLastChar = 0x10FFFF;

struct CharRange {
  char32_t first;
  char32_t last;  // inclusive
  bool operator==(const CharRange&) const = default;
};

class CharSet {
 public:
  CharSet() = default;
  CharSet(char32_t first, char32_t last) { add(first, last); }

  // What is above kLastChar is left out.
  void add(char32_t first, char32_t last);
  void add(char32_t c) { add(c, c); }
  void add(const CharSet& other);
  void intersect(const CharSet& other);
  void negate();

  bool contains(char32_t c) const;
  bool empty() const { return ranges_.empty(); }
  const std::vector<CharRange>& ranges() const;  // sorted, apart from each other
  bool operator==(const CharSet& other) const { return ranges() == other.ranges(); }

 private:
  void sort() const;

  mutable std::vector<CharRange> ranges_;
  mutable bool sorted_ = true;
};

// The set of a property: `name` as in \p{name}, spelled with any case, spaces, hyphens and underscores.
std::optional<CharSet> property_set(std::string_view name);
// The same for a name known to be there ("word", "space", "digit", ...).
CharSet named_set(std::string_view name);

// The least of the characters that ignoring case makes equal to `c`; `c` itself if there is no other.
char32_t simple_fold(char32_t c);
// All of them, `c` included.
CharSet simple_fold_set(char32_t c);
// Adds to the set what ignoring case makes equal to its members.
void close_under_case(CharSet& set);
// The characters that equal a string of 2 or 3 characters, given by their simple folds; empty: none.
CharSet multi_fold_set(const char32_t* folded, std::size_t length);
// The string that a character equals, as ß does "ss"; length 0: none.
std::pair<const std::uint32_t*, std::size_t> multi_fold(char32_t c);
// For each character that equals a string and is in `set`: visit(string, length); pairs first.
template <class Visit>
void for_each_multi_fold(const CharSet& set, Visit&& visit);

}  // namespace fasttok::regex

#include "fasttok/unicode/regex_tables.h"

namespace fasttok::regex {

template <class Visit>
void for_each_multi_fold(const CharSet& set, Visit&& visit) {
  for (const std::size_t length : {2u, 3u}) {
    for (std::size_t i = 0; i < tables::kMultiFoldCount; ++i) {
      const tables::MultiFold& fold = tables::kMultiFolds[i];
      if (fold.length == length && set.contains(fold.c)) visit(fold.to, length);
    }
  }
}

}  // namespace fasttok::regex
