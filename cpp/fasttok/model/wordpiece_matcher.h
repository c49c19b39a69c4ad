// The fast twin of WordPiece::tokenize: the same ids for every word.
//
// A greedy longest match in a trie, for what the thread's cache (base/word_cache.h), which the caller asks,
// has no answer for. To make the trie takes as long as all other loading, so the first few words go to the
// model itself: who loads a tokenizer for one sentence need not wait.
//
// Why they are equal. Tokens are valid UTF-8 and the word is too, so a match of bytes in the trie ends
// between characters: the longest match of bytes is the longest of characters. Later pieces are looked up as
// prefix + rest in the same vocabulary: the walk starts at the node behind the prefix, and a match of the
// prefix alone is no match. A word that is longer than max_input_chars_per_word characters or that has a part
// without a match is the unknown token.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "fasttok/base/double_array.h"
#include "fasttok/base/word_key.h"
#include "fasttok/model/wordpiece.h"

namespace fasttok {

class WordPieceMatcher {
 public:
  // The model, which is kept by reference, must have its unknown token in the vocabulary; ids must be unique
  // and below 2^28.
  // With `chinese_apart` no word that is asked for has a Chinese character (kCjk), and the tokens that have
  // one are left out: most of the tokens of a Chinese vocabulary. (Not where the prefix has one.)
  WordPieceMatcher(const WordPiece& model, bool chinese_apart);
  WordPieceMatcher(const WordPieceMatcher&) = delete;
  WordPieceMatcher& operator=(const WordPieceMatcher&) = delete;
  ~WordPieceMatcher() { delete trie_.load(std::memory_order_relaxed); }

  // So many words, short ones, are answered by the model itself.
  static constexpr std::uint32_t kFirstWords = 16;

  std::uint32_t unk_id() const { return unk_id_; }
  std::size_t max_chars() const { return max_chars_; }

  // Whose entries are this matcher's in a WordCache.
  std::uint32_t owner() const { return owner_; }

  // The pieces of a normalized word: writes ids at `out`, which has room for as many as the word has bytes,
  // and returns their number. `chars`, that of its characters, is only compared with the limit.
  std::size_t match(const std::uint8_t* word, std::size_t length, std::size_t chars,
                    std::uint32_t* out) const;

  // The same of a word that has a key (without a tag).
  std::size_t match_key(const WordKey& key, std::size_t length, std::size_t chars, std::uint32_t* out) const {
    std::uint8_t bytes[sizeof key];
    std::memcpy(bytes, &key, sizeof key);
    return match(bytes, length, chars, out);
  }

  // A word that has a key, to be matched among others.
  struct Query {
    WordKey key;                // without a tag
    std::uint8_t length;        // of the word in bytes
    std::uint8_t chars, count;  // its characters, and its pieces once it is matched
    std::uint32_t ids[kMaxKeyBytes];
  };
  // The same of many words. A walk waits for memory at each byte: some go on at once.
  void match_keys(std::span<Query> queries) const;

  // Bytes of text that a token stands for: its own length, or without the prefix where it continues a word.
  std::size_t text_length(std::uint32_t id, bool continues) const {
    return token_lengths_[id] - (continues ? prefix_length_ : 0);
  }

 private:
  struct Trie {
    DoubleArray nodes;
    DoubleArray::Node continuation;  // behind the prefix; kNone where no token begins with it
  };
  const Trie& make_trie() const;
  std::size_t match_literally(std::string_view word, std::uint32_t* out) const;

  const WordPiece& model_;
  const bool chinese_apart_;  // tokens with Chinese characters are left out of the trie
  mutable std::atomic<const Trie*> trie_ = nullptr;
  mutable std::atomic<std::uint32_t> first_words_ = 0;
  std::vector<std::uint32_t> token_lengths_;  // by id
  std::size_t prefix_length_ = 0;
  std::size_t max_chars_ = 0;
  std::uint32_t unk_id_ = 0;
  std::uint32_t owner_ = 0;
};

}  // namespace fasttok
