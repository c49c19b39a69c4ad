// From words to their pieces, many words at a time: words of ASCII, or normalized ones in UTF-8.
//
// Three rounds for each group of words, so that memory is waited for together and not word by word: the keys,
// and their lines of the cache are on their way; the answers, and for words that have none the lines of the
// model's table are on their way; the ids.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "fasttok/base/word_cache.h"
#include "fasttok/model/wordpiece_matcher.h"
#include "fasttok/simd/kernels.h"

namespace fasttok {

// A word whose answer is given, by its index, and the line that has it under the key of a NUL.
struct GivenWord {
  std::uint16_t word;
  WordCache::Line* line;
};

class WordPieces {
 public:
  // `fold`: A-Z count as a-z.
  WordPieces(const WordPieceMatcher& matcher, WordCache& cache, bool fold)
      : matcher_(matcher), cache_(cache), fold_(fold) {}

  // Writes the ids of the pieces of words from ids[size] on; word k is bytes[begins[k], ends[k]), of which 16
  // bytes from its begin on may be read. places[k] becomes the index of its first piece and places[count]
  // that of the end, which is returned. There must be room for as many ids as the words have characters,
  // those of the given ones, and
  // kMaxIds more.
  std::size_t append(const std::uint8_t* bytes, const std::uint16_t* begins, const std::uint16_t* ends,
                     std::size_t count, std::span<const GivenWord> given, std::uint32_t* ids,
                     std::size_t size, std::uint32_t* places) {
    if (count <= kFewWords && given.empty()) {
      size = append_few(bytes, begins, ends, count, ids, size, places);
      places[count] = static_cast<std::uint32_t>(size);
      return size;
    }
    for (std::size_t done = 0; done < count; done += kWordGroup) {
      const std::size_t n = count - done < kWordGroup ? count - done : kWordGroup;
      kernels_.word_lines(cache_, bytes, begins + done, ends + done, n, group_);
      for (; !given.empty() && given.front().word < done + n; given = given.subspan(1)) {
        group_.lines[given.front().word - done] = given.front().line;
      }
      size = append_group(bytes, begins + done, ends + done, n, ids, size, places + done);
    }
    places[count] = static_cast<std::uint32_t>(size);
    return size;
  }

 private:
  // Of so few words the rounds cost more than waiting does.
  static constexpr std::size_t kFewWords = 16;

  std::size_t append_few(const std::uint8_t* bytes, const std::uint16_t* begins, const std::uint16_t* ends,
                         std::size_t count, std::uint32_t* ids, std::size_t size, std::uint32_t* places) {
    for (std::size_t k = 0; k < count; ++k) {
      const std::uint8_t* const word = bytes + begins[k];
      const auto length = static_cast<std::size_t>(ends[k] - begins[k]);
      places[k] = static_cast<std::uint32_t>(size);
      const WordKey key = load_key(word, length, cache_.tag());
      WordCache::Line& line = *cache_.line_of(key);
      unsigned found;
      const WordCache::Answer* const answer = WordCache::find(line, key, found);
      if (found) {
        answer->copy_to(ids + size);  // more than counts: what is behind is written over
        size += answer->count;
      } else if (length > kMaxKeyBytes) {
        size += match_long(word, length, ids + size);
      } else {
        const WordKey folded = untagged(key, fold_);
        const std::size_t pieces = matcher_.match_key(*matcher_.line_of(folded), folded, length,
                                                      characters(word, length), ids + size);
        if (pieces <= WordCache::kMaxIds) cache_.put(line, key, ids + size, pieces);
        size += pieces;
      }
    }
    return size;
  }

  std::size_t append_group(const std::uint8_t* bytes, const std::uint16_t* begins, const std::uint16_t* ends,
                           std::size_t count, std::uint32_t* ids, std::size_t size, std::uint32_t* places) {
    const std::size_t misses = kernels_.word_answers(count, group_);
    group_.missed[misses] = static_cast<std::uint16_t>(count);
    for (std::size_t m = 0; m < misses; ++m) {
      folded_[m] = untagged(group_.keys[group_.missed[m]], fold_);
      __builtin_prefetch(matcher_.line_of(folded_[m]));
    }
    // What was missed is put into the cache only when all answers have been used: it may take their place.
    std::size_t k = 0;
    for (std::size_t m = 0; m <= misses; ++m) {
      for (const std::size_t next = group_.missed[m]; k < next; ++k) {
        const WordCache::Answer& answer = *group_.answers[k];
        answer.copy_to(ids + size);  // more than counts: what is behind is written over
        places[k] = static_cast<std::uint32_t>(size);
        size += answer.count;
      }
      if (k == count) break;
      const auto length = static_cast<std::size_t>(ends[k] - begins[k]);
      places[k] = static_cast<std::uint32_t>(size);
      size += length > kMaxKeyBytes ? match_long(bytes + begins[k], length, ids + size)
                                    : matcher_.match_key(*matcher_.line_of(folded_[m]), folded_[m], length,
                                                         characters(bytes + begins[k], length), ids + size);
      ends_of_missed_[m] = size;
      ++k;
    }
    for (std::size_t m = 0; m < misses; ++m) {
      const std::size_t word = group_.missed[m];
      const std::size_t pieces = ends_of_missed_[m] - places[word];
      if (pieces > WordCache::kMaxIds || ends[word] - begins[word] > static_cast<int>(kMaxKeyBytes)) continue;
      cache_.put(*group_.lines[word], group_.keys[word], ids + places[word], pieces);
    }
    return size;
  }

  static std::size_t characters(const std::uint8_t* word, std::size_t length) {
    return static_cast<std::size_t>(
        std::count_if(word, word + length, [](std::uint8_t byte) { return (byte & 0xC0) != 0x80; }));
  }

  // The pieces of a word that is too long for a key.
  std::size_t match_long(const std::uint8_t* word, std::size_t length, std::uint32_t* out) const {
    std::uint8_t folded[kSpanChunk];
    if (fold_) {
      for (std::size_t i = 0; i < length; ++i) {
        const bool upper = word[i] >= 'A' && word[i] <= 'Z';
        folded[i] = static_cast<std::uint8_t>(word[i] | (upper ? 0x20 : 0));
      }
      word = folded;
    }
    return matcher_.match(word, length, characters(word, length), out);
  }

  const WordPieceMatcher& matcher_;
  WordCache& cache_;
  const Kernels& kernels_ = kernels();
  const bool fold_;
  WordGroup group_;
  WordKey folded_[kWordGroup];
  std::size_t ends_of_missed_[kWordGroup];
};

// Spans and word number of the pieces ids[begin, end) of an ASCII word of `length` characters from `from` on.
inline void place_pieces(const WordPieceMatcher& matcher, const std::uint32_t* ids, std::size_t begin,
                         std::size_t end, std::size_t from, std::size_t length, std::int32_t word,
                         CharSpan* spans, std::int32_t* words) {
  const std::size_t stop = from + length;
  for (std::size_t k = begin; k < end; ++k) {
    const std::size_t next = k + 1 == end ? stop : from + matcher.text_length(ids[k], k > begin);
    spans[k] = {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(next)};
    words[k] = word;
    from = next;
  }
}

}  // namespace fasttok
