// Words of Chinese text that are no characters by themselves, looked up some at a time, so that memory is
// waited for together.
//
//   AwaitedWords words(matcher, cache);
//   words.add(key, bytes, at);             // takes one id's place, ids[at]
//   size = words.settle(ids, size);        // when it is full, and before the ids are looked at or moved
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "fasttok/base/word_cache.h"
#include "fasttok/model/wordpiece_matcher.h"

namespace fasttok {

class AwaitedWords {
 public:
  AwaitedWords(const WordPieceMatcher& matcher, WordCache& cache) : matcher_(matcher), cache_(cache) {}

  // The pieces of a word that has a key, now: writes at most as many as it has bytes, or kMaxIds.
  std::size_t look_up(const WordKey& key, std::size_t bytes, std::size_t chars, std::uint32_t* out) const {
    return look_up({key, cache_.line_of(key), 0, bytes}, chars, out);
  }

  // A word of ASCII characters whose first piece is to be ids[at]. There must be room.
  void add(const WordKey& key, std::size_t bytes, std::size_t at) {
    words_[count_] = {key, cache_.line_of(key), at, bytes};
    __builtin_prefetch(words_[count_++].line);
  }
  bool full() const { return count_ == kMost; }

  // Puts the pieces of all words where they belong and returns the number of ids, which was `size`. What
  // came behind a word already stands right if it has one piece.
  std::size_t settle(std::uint32_t* ids, std::size_t size) {
    if (count_ == 0) return size;
    std::uint32_t pieces[kMost][kMaxKeyBytes + 1];
    std::size_t counts[kMost];
    std::size_t more = 0;
    for (std::size_t k = 0; k < count_; ++k) {
      counts[k] = look_up(words_[k], words_[k].bytes, pieces[k]);
      more += counts[k] - 1;
    }
    const std::size_t whole = size + more;
    for (std::size_t k = count_; k-- > 0;) {
      const std::size_t at = words_[k].at;
      if (more > 0) {
        std::memmove(ids + at + 1 + more, ids + at + 1, (size - at - 1) * sizeof *ids);
        more -= counts[k] - 1;
        size = at;
      }
      std::copy_n(pieces[k], counts[k], ids + at + more);
    }
    count_ = 0;
    return whole;
  }

 private:
  static constexpr std::size_t kMost = 16;

  struct Word {
    WordKey key;
    WordCache::Line* line;
    std::size_t at;  // of its first piece
    std::size_t bytes;
  };

  std::size_t look_up(const Word& word, std::size_t chars, std::uint32_t* out) const {
    unsigned found;
    const WordCache::Answer* const answer = WordCache::find(*word.line, word.key, found);
    if (found) {
      answer->copy_to(out);
      return answer->count;
    }
    const std::size_t pieces = matcher_.match_key(untagged(word.key, false), word.bytes, chars, out);
    if (pieces <= WordCache::kMaxIds) cache_.put(*word.line, word.key, out, pieces);
    return pieces;
  }

  const WordPieceMatcher& matcher_;
  WordCache& cache_;
  std::size_t count_ = 0;
  Word words_[kMost];
};

}  // namespace fasttok
