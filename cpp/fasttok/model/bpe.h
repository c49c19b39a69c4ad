// BPE, literally as the reference does it: the characters of a word, then the merge of the lowest rank again
// and again, the leftmost of equal ones first.
//
//   auto tables = std::make_shared<BpeTables>(Vocab{{"a", 0}, {"b", 1}, {"ab", 2}}, {{"a", "b"}}, 0);
//   Bpe{tables}.tokenize("abb")   {2, "ab", {0, 2}}  {1, "b", {2, 3}}
//
// A word may be a whole text, where there is no pre-tokenizer. So it is cut where no merge reaches over,
// which changes nothing for the parts, and a short part is searched through in place of a queue of steps.
// Under dropout, where chance takes the steps in their order, it is one part and one queue.
//
// Mirrors `models.BPE.tokenize`, with what may surprise:
// * A character that is not in the vocabulary and has no unknown token vanishes: the offsets of what follows
//   move to the left.
// * Offsets add up the bytes of the symbols. Byte tokens stand for the bytes of the character *with* its
// prefix
//   and suffix, so offsets may run past the end of the word.
// * An unknown character is written when the next known one comes; byte tokens do not count as known, so they
//   overtake it.
// * ignore_merges takes a whole word from the vocabulary, except under dropout.
// * Ranks are those of the list of merges, and the last of equal pairs counts.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/model/byte_tokens.h"
#include "fasttok/model/token.h"
#include "fasttok/model/vocab.h"

namespace fasttok {

// A merge cannot be: the token that is not in the vocabulary, or the second part that is shorter than the
// prefix.
struct BadMerge : Error {
  BadMerge(const std::string& what, std::size_t at) : Error(what), index(at) {}
  std::size_t index;  // in the list of merges
};

class BpeTables {
 public:
  using TokenPair = std::pair<std::string_view, std::string_view>;
  struct Merge {
    std::uint32_t left, right;  // ids
    std::uint32_t rank, made;   // position in the list, id of the token made
  };

  // The token made of ("a", "##b") is "ab" with a prefix of two bytes. Throws BadMerge.
  BpeTables(Vocab vocab, std::span<const TokenPair> merges, std::size_t prefix_size);
  BpeTables(Vocab vocab, std::initializer_list<TokenPair> merges, std::size_t prefix_size)
      : BpeTables(std::move(vocab), std::span(merges.begin(), merges.size()), prefix_size) {}

  const Vocab& vocab() const { return vocab_; }
  // What a pair makes; `rank` is kNoMerge where it does not merge.
  struct Made {
    std::uint32_t rank, id;
  };
  static constexpr std::uint32_t kNoMerge = ~std::uint32_t{0};
  Made find(std::uint32_t left, std::uint32_t right) const {
    const Slot& slot = slots_[slot_of(left, right)];
    return {slot.rank, slot.made};
  }
  // The token of a single character.
  std::optional<std::uint32_t> id_of_char(char32_t c, std::string_view utf8) const {
    if (c >= char_ids_.size()) return vocab_.token_to_id(utf8);
    const std::uint32_t id = char_ids_[c];
    return id == kNoMerge ? vocab_.token_to_id(utf8) : std::optional(id);
  }
  // Whether some merge may reach over the border between the tokens of two characters; true where that is
  // not known. Where none does, what stands on either side merges by itself.
  bool may_join(std::uint32_t left, std::uint32_t right) const {
    return joins_.empty() || (joins_[join_bit(left, right) / 64] >> (join_bit(left, right) % 64) & 1) != 0;
  }
  // In the order of their ranks, each pair once.
  std::span<const Merge> merges() const { return merges_; }
  const ByteTokens& byte_tokens() const { return byte_tokens_; }
  // Whether every merge makes a longer text, and ids stand for one text.
  bool grows() const { return grows_; }

 private:
  struct Slot {
    std::uint64_t pair;
    std::uint32_t rank, made;
  };
  static constexpr std::size_t kJoinBits = 1 << 17;

  static std::uint64_t mix(std::uint32_t left, std::uint32_t right) {
    return (std::uint64_t{left} << 32 | right) * 0x9E3779B97F4A7C15u;
  }
  static std::size_t join_bit(std::uint32_t left, std::uint32_t right) {
    return static_cast<std::size_t>(mix(left, right) >> 47);
  }
  // The slot that holds the pair, or the empty one where it belongs.
  std::size_t slot_of(std::uint32_t left, std::uint32_t right) const {
    const std::uint64_t pair = std::uint64_t{left} << 32 | right;
    const std::uint64_t mixed = mix(left, right);
    for (std::size_t i = static_cast<std::size_t>(mixed ^ mixed >> 32) & mask_;; i = (i + 1) & mask_) {
      if (slots_[i].rank == kNoMerge || slots_[i].pair == pair) return i;
    }
  }
  void find_joins();

  Vocab vocab_;
  std::vector<Merge> merges_;
  std::vector<Slot> slots_;  // a power of two, at most half full, linear probing
  std::size_t mask_ = 0;
  bool grows_ = false;
  std::vector<std::uint32_t>
      char_ids_;                      // of characters below U+10000; kNoMerge where the vocabulary is asked
  std::vector<std::uint64_t> joins_;  // a bit for each pair, by its hash; empty: any pair may
  ByteTokens byte_tokens_;
};

struct Bpe {
  std::shared_ptr<const BpeTables> tables;
  std::optional<float> dropout{};  // how often a merge is passed over; 0 is as none
  std::optional<std::string> unk_token{};
  std::optional<std::string> continuing_subword_prefix{};  // before every character but the first
  std::optional<std::string> end_of_word_suffix{};         // behind the last character
  bool fuse_unk = false;
  bool byte_fallback = false;
  bool ignore_merges = false;

  // `word` is valid UTF-8. Throws Error ("Unk token `…` not found in the vocabulary") where it is needed.
  // Time is O(n log n) for a fixed dropout.
  std::vector<Token> tokenize(std::string_view word) const;
  // The same without the texts: appends to `spans`.
  void tokenize(std::string_view word, std::vector<TokenSpan>& spans) const;
};

}  // namespace fasttok
