// Tokens by id and ids by token; immutable once built.
//
// All texts lie in one arena, and one flat table of slots finds a token by its hash, so that building takes
// few allocations for any number of tokens and looking up touches one slot and the text.
//
//   Vocab vocab({{"[UNK]", 0}, {"a", 1}, {"##b", 2}});
//   vocab.token_to_id("##b")   2
//   vocab.id_to_token(1)       "a"
//
// Mirrors the vocabulary of the reference's models (`get_vocab`, `token_to_id`, `id_to_token`).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fasttok {

struct VocabEntry {
  std::string_view token;
  std::uint32_t id;
};

class Vocab {
 public:
  // Copies the texts, and keeps the vector. A token given twice keeps its last id. Ids may have holes and go
  // up to 2^32 - 1. Where two tokens share one id, id_to_token answers the first by text (the reference's
  // answer varies between constructions).
  explicit Vocab(std::vector<VocabEntry> entries);
  explicit Vocab(std::initializer_list<VocabEntry> entries);
  explicit Vocab(const std::vector<std::pair<std::string, std::uint32_t>>& entries);

  // The entries are views into the arena: moving keeps them valid, copying would not.
  Vocab(Vocab&&) = default;
  Vocab& operator=(Vocab&&) = default;

  std::optional<std::uint32_t> token_to_id(std::string_view token) const;
  std::optional<std::string_view> id_to_token(std::uint32_t id) const;

  // Number of distinct tokens.
  std::size_t size() const { return entries_.size(); }
  // One more than the largest id; 0 for an empty vocabulary.
  std::uint64_t id_limit() const { return entries_.empty() ? 0 : std::uint64_t{entries_.back().id} + 1; }
  // True where no two tokens share an id.
  bool ids_are_unique() const { return unique_; }
  // The distinct entries, in ascending order of (id, token). The views live as long as the vocabulary.
  std::span<const VocabEntry> entries() const { return entries_; }
  // Bytes of the longest token: no longer text needs to be looked up.
  std::size_t longest_token() const { return longest_; }

 private:
  // `entry` indexes entries_; `tag` is the upper half of the hash and spares most comparisons of text.
  struct Slot {
    std::uint32_t tag;
    std::uint32_t entry;
  };

  std::size_t slot_of(std::string_view token, std::size_t hash) const;

  std::vector<char> arena_;
  std::vector<VocabEntry> entries_;
  std::vector<Slot> slots_;           // a power of two, at most two thirds full, linear probing
  std::vector<std::uint32_t> by_id_;  // id -> its first entry; empty where the ids are sparse
  std::size_t longest_ = 0;
  bool unique_ = true;
};

}  // namespace fasttok
