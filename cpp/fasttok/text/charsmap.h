// A precompiled charsmap: SentencePiece's rewriting rules for short strings.
//
// The bytes are: the size of a trie in bytes (u32), the trie (a double array of u32, as darts-clone writes
// it), then the replacements, each ended by a NUL; the trie's values are offsets into these.
//
//   Charsmap map(bytes);
//   map.transform("ﬁ");   // "fi", or nothing
//
// Mirrors the crate spm_precompiled, with its quirk: transform() looks for the *shortest* prefix that has a
// rule, and the rule then stands for the whole string. Where a damaged trie or value makes the crate panic
// (an index out of bounds, a value inside a character), there is no rule.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fasttok {

class Charsmap {
 public:
  // Throws Error ("Cannot parse precompiled_charsmap") where the bytes cannot be.
  explicit Charsmap(std::string bytes);

  Charsmap(const Charsmap&) = delete;

  const std::string& bytes() const { return bytes_; }
  // The view lies in bytes().
  std::optional<std::string_view> transform(std::string_view chunk) const;
  // Whether transform() may do something to a text that begins with this byte.
  bool may_begin(unsigned char byte) const { return begins_[byte]; }

 private:
  std::string bytes_;
  std::vector<std::uint32_t> trie_;
  std::string_view replacements_;
  bool begins_[256] = {};
};

}  // namespace fasttok
