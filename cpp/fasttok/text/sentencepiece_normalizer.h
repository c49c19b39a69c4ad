// sentencepiece's normalizer: a charsmap, spaces collapsed, and U+2581 for a space.
//
//   SentencePieceNormalizer normalizer(spec, false, matcher);
//   normalizer.normalize(" Ａ  b", text, &origins);   text "▁A▁b"; origins of its bytes: 1 1 1 1 4 4 4 6, end
//   7
//
// Mirrors sentencepiece 0.2.3:
// * the longest rule of the charsmap counts, of at most 32 nested ones (tokenizers' Precompiled takes the
//   shortest, see charsmap.h); user-defined symbols stand as they are;
// * a byte that is not UTF-8 becomes U+FFFD;
// * with remove_extra_whitespaces spaces at the ends go, and several become one; a U+2581 in the text counts
//   as a space at its end only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/base/prefix_matcher.h"

namespace fasttok {

struct SentencePieceNormalizerSpec {
  std::string charsmap;  // empty: none
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true;
};

// sentencepiece's view of a charsmap.
class LongestCharsmap {
 public:
  LongestCharsmap() = default;  // no rules
  // Throws FormatError ("precompiled_charsmap: …").
  explicit LongestCharsmap(std::string bytes);

  struct Rule {
    std::size_t size;  // bytes of the text that it replaces; 0: there is none
    std::string_view replacement;
  };
  // `ran_out` becomes true where more text might have had a longer rule.
  Rule find(std::string_view text, bool* ran_out = nullptr) const;
  bool may_begin(char byte) const { return begins_[static_cast<unsigned char>(byte)]; }
  // All rules, in the order of their bytes; for Decompile(). Throws FormatError where they go on without end.
  std::vector<std::pair<std::string, std::string>> rules() const;

  // The rules as a trie over bytes, for tables made from it. `rule` is that of the bytes so far, if there is
  // one; it ends before the first NUL.
  struct Place {
    std::uint32_t node = 0;
    const char* rule = nullptr;
  };
  bool empty() const { return units_.empty(); }
  Place root() const;  // there are rules
  // Goes on with one more byte, which is not 0; false where no rule does.
  bool descend(Place& place, std::uint8_t byte) const;
  // Whether some rule does, with whatever byte.
  bool goes_on(const Place& place) const;
  // The texts that rules put in, each followed by a NUL.
  std::string_view replacements() const { return replacements_; }

 private:
  std::string_view replacement_at(std::uint32_t begin) const;

  std::vector<std::uint32_t> units_;
  std::string replacements_;  // each ended by NUL
  bool begins_[256] = {};
};

class SentencePieceNormalizer {
 public:
  // `matcher` finds the user-defined symbols; it is the model's. Throws FormatError.
  SentencePieceNormalizer(const SentencePieceNormalizerSpec& spec, bool whitespace_as_suffix,
                          std::shared_ptr<const PrefixMatcher> matcher);

  // Replaces `text` by the normalized input. For each of its bytes, `origins` has the place of the input that
  // it comes from, and one more for the end; nothing where the input is empty or consists of spaces.
  void normalize(std::string_view input, std::string& text, std::vector<std::size_t>* origins) const;

  const LongestCharsmap& charsmap() const { return *charsmap_; }
  const PrefixMatcher& symbols() const { return *matcher_; }
  bool whitespace_as_suffix() const { return whitespace_as_suffix_; }
  bool add_dummy_prefix() const { return add_dummy_prefix_; }
  bool remove_extra_whitespaces() const { return remove_extra_whitespaces_; }
  bool escape_whitespaces() const { return escape_whitespaces_; }

  // What stands for the beginning of the input, which is not empty: a symbol, a rule's text or a character.
  // `ran_out` as above, for rules.
  struct Step {
    std::string_view text;
    std::size_t size;  // bytes of the input
  };
  Step step(std::string_view input, bool* ran_out = nullptr) const;

  // The same rules with other settings.
  SentencePieceNormalizer with(bool add_dummy_prefix, bool remove_extra_whitespaces,
                               bool escape_whitespaces) const;

 private:
  std::shared_ptr<const LongestCharsmap> charsmap_;
  std::shared_ptr<const PrefixMatcher> matcher_;
  bool whitespace_as_suffix_, add_dummy_prefix_, remove_extra_whitespaces_, escape_whitespaces_;
  bool plain_[256] = {};  // ASCII that always stands for itself, and is no space
};

// The origins of normalize() as characters: one for each character of the text and one for the end.
std::vector<std::size_t> origins_in_chars(std::string_view input, std::string_view text,
                                          const std::vector<std::size_t>& origins);

// For each byte of the text, and its end, the number of the character; by first bytes.
std::vector<std::uint32_t> char_numbers(std::string_view text);

// Bytes of the valid character that `text` begins with; 0: it is none.
std::size_t valid_char_size(std::string_view text);

}  // namespace fasttok
