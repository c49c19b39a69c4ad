// The added tokens of a tokenizer: found in the text before anything else happens to it.
//
// The idea: two sets of strings. Tokens with normalized=false are looked for in the text as it came; what
// lies between them is normalized, and there the tokens with normalized=true are looked for, by their
// normalized contents. In each set the leftmost match wins, and of those that begin there the longest.
// Matching runs an Aho-Corasick automaton of the reversed contents from the end of the text: it knows at each
// position the longest content that begins there, so the whole takes time linear in the text, however the
// contents overlap.
//
//   AddedTokens added({{.content = "[MASK]", .id = 4, .lstrip = true, .normalized = false}}, nullptr);
//   added.extract_and_normalize("a [MASK]b");  // "a" | " [MASK]" = 4 | "b"
//
// Mirrors the reference's AddedVocabulary::extract_and_normalize, with these odd cases:
//
// - A match that single_word rejects, or that is not allowed now, still uses up its text: what overlaps it is
//   lost.
// - rstrip takes the white space to its right, but the search goes on at the end of the content, so a token
//   that is white space itself may be found again in there, and the two splits overlap.
// - A content that normalizes to nothing matches between all bytes; with a character of more than one byte in
//   the text, the reference panics, and we throw Error. (Beside a content of two bytes or more the reference
//   may also never return, where a text ends inside that content; we go on as it does elsewhere.)
// - Of two tokens whose normalized contents are equal, the reference takes either, by the order of a hash
//   table; here it is the one that was added first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/text/normalizer.h"
#include "fasttok/text/pre_tokenized.h"

namespace fasttok {

struct AddedToken {
  std::string content;
  std::uint32_t id;
  bool single_word = false;  // only between characters that are not of a word
  bool lstrip = false;       // takes the white space before it
  bool rstrip = false;       // takes the white space after it
  bool normalized = true;    // looked for in the normalized text
  bool special = false;
};

// Which of a list of contents begins where. Immutable.
class LongestMatcher {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct Hit {
    std::size_t begin, end;
    std::uint32_t content;  // its number in the list
  };

  LongestMatcher() = default;
  // Of equal contents the first counts; an empty content matches between all bytes.
  explicit LongestMatcher(std::span<const std::string> contents);

  bool empty() const { return nodes_.size() <= 1 && empty_content_ == kNone; }

  // The matches, left to right, not overlapping: leftmost first, then longest. An empty match does not touch
  // the match before it.
  std::vector<Hit> find(std::string_view text) const;

 private:
  // A node of the trie of the reversed contents. Nodes lie level by level, so that the children of a node are
  // neighbours, in the order of their labels.
  struct Node {
    std::uint32_t first_child = 0;
    std::uint32_t failure = 0;      // node of the longest proper suffix that is in the trie
    std::uint32_t content = kNone;  // the longest content that is a suffix of this node's string
    std::uint16_t children = 0;     // at most 256
    unsigned char label = 0;
  };

  std::uint32_t child(std::uint32_t node, unsigned char label) const;
  std::uint32_t step(std::uint32_t node, unsigned char label) const;

  std::vector<Node> nodes_;          // [0] is the root
  std::vector<std::uint32_t> root_;  // the root's child for each byte, or 0
  std::vector<std::size_t> sizes_;   // of each content, in bytes
  std::uint32_t empty_content_ = kNone;
};

class AddedTokens {
 public:
  // allowed[i] says whether tokens()[i] may be matched in this call; none given: all may.
  using Allowed = std::vector<bool>;

  struct Match {
    std::optional<std::size_t> token;  // number in tokens(), or nothing for the text between
    ByteRange range;
  };

  AddedTokens() = default;
  // Tokens in the order of addition, with their final ids. Of several with one id the last counts. An empty
  // content is ignored. The normalizer is copied; null: texts and contents stay as they are.
  AddedTokens(std::vector<AddedToken> tokens, const Normalizer* normalizer);

  std::span<const AddedToken> tokens() const { return tokens_; }
  // What tokens()[i] is looked for by: its normalized content if it is normalized, else its content.
  const std::string& pattern(std::size_t i) const { return patterns_[i]; }
  bool any_raw() const { return !raw_.empty(); }
  bool any_normalized() const { return !normalized_.empty(); }

  // Normalizes `text` and extracts the added tokens on the way; `aligned`: as in PreTokenizedString.
  PreTokenizedString extract_and_normalize(std::string text, const Allowed* allowed = nullptr,
                                           bool aligned = true) const;

  // The two searches by themselves; the matches cover the text, in order, and may overlap only as told above.
  std::vector<Match> find_raw(std::string_view text, const Allowed* allowed = nullptr) const;
  std::vector<Match> find_normalized(std::string_view text, const Allowed* allowed = nullptr) const;

 private:
  // A matcher and, for each of its contents, the number of the token.
  struct TokenSet {
    LongestMatcher matcher;
    std::vector<std::size_t> tokens;
    bool empty() const { return tokens.empty(); }
  };

  std::vector<Match> find_matches(const TokenSet& set, std::string_view text, const Allowed* allowed) const;
  void cut(const TokenSet& set, PreTokenizedString& text, const Allowed* allowed) const;

  std::vector<AddedToken> tokens_;
  std::vector<std::string> patterns_;
  std::optional<Normalizer> normalizer_;
  TokenSet raw_, normalized_;
};

}  // namespace fasttok
