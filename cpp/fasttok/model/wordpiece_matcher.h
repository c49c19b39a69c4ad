// The fast twin of WordPiece::tokenize: the same ids for every word.
//
// Three steps, each only for what the one before did not answer:
//   1. the thread's cache (base/word_cache.h), which the caller asks;
//   2. a hash table of the words that are one token: one line of 64 bytes holds three keys with their ids;
//   3. greedy longest match in a trie.
//
// Why they are equal. WordPiece takes the longest prefix first, so a word that is in the vocabulary is that
// one token: step 2. Tokens are valid UTF-8 and the word is too, so a match of bytes in the trie ends between
// characters: the longest match of bytes is the longest of characters: step 3. Later pieces are looked up as
// prefix + rest in the same vocabulary: the walk starts at the node behind the prefix, and a match of the
// prefix alone is no match. A word that is longer than max_input_chars_per_word characters or that has a part
// without a match is the unknown token.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/base/double_array.h"
#include "fasttok/base/word_key.h"
#include "fasttok/model/wordpiece.h"

namespace fasttok {

class WordPieceMatcher {
 public:
  // The model's vocabulary must hold its unknown token, and its ids must be unique and below 2^28.
  // With `chinese_apart` no word that is asked for has a Chinese character (kCjk), and the tokens that have
  // one are left out: most of the tokens of a Chinese vocabulary.
  WordPieceMatcher(const WordPiece& model, bool chinese_apart);

  std::uint32_t unk_id() const { return unk_id_; }
  std::size_t max_chars() const { return max_chars_; }

  // Whose entries are this matcher's in a WordCache.
  std::uint32_t owner() const { return owner_; }

  struct alignas(64) Line {
    WordKey keys[3];
    std::uint32_t ids[3];
    std::uint32_t used;
  };

  // The line of step 2 that a normalized word is in, if it is in any.
  const Line* line_of(const WordKey& key) const { return &lines_[hash_key(key) & line_mask_]; }

  // Steps 2 and 3 for a normalized word that has a key (without a tag); writes ids at `out`, which has room
  // for as many as the word has bytes, and returns their number. `chars` is the number of characters of the
  // word.
  std::size_t match_key(const Line& line, const WordKey& key, std::size_t length, std::size_t chars,
                        std::uint32_t* out) const;

  // Step 3. `chars` is only compared with the limit.
  std::size_t match(const std::uint8_t* word, std::size_t length, std::size_t chars,
                    std::uint32_t* out) const;

  // Bytes of text that a token stands for: its own length, or without the prefix where it continues a word.
  std::size_t text_length(std::uint32_t id, bool continues) const {
    return token_lengths_[id] - (continues ? prefix_length_ : 0);
  }

 private:
  struct FreeLines {
    void operator()(Line* lines) const { std::free(lines); }
  };

  std::unique_ptr<Line[], FreeLines> lines_;
  std::size_t line_mask_ = 0;
  DoubleArray trie_;
  DoubleArray::Node continuation_ =
      DoubleArray::kNone;                     // behind the prefix; kNone where no token begins with it
  std::vector<std::uint32_t> token_lengths_;  // by id
  std::size_t prefix_length_ = 0;
  std::size_t max_chars_ = 0;
  std::uint32_t unk_id_ = 0;
  std::uint32_t owner_ = 0;
};

}  // namespace fasttok
