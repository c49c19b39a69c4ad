// From words to their pieces, many words at a time: words of ASCII, or normalized ones in UTF-8.
//
// Three rounds for each group of words, so that memory is waited for together and not word by word: the keys,
// and their lines of the cache are on their way; the answers; the ids. Where few words are missed, and it is
// not asked where the pieces of each begin, the last two are one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "fasttok/base/word_cache.h"
#include "fasttok/model/wordpiece_matcher.h"
#include "fasttok/pipeline/engine.h"
#include "fasttok/simd/kernels.h"

namespace fasttok {

// A word whose answer is given, by its index, and the line that has it under the key of a NUL.
struct GivenWord {
  std::uint16_t word;
  WordCache::Line* line;
};

class WordPieces {
 public:
  // What one object tells the next of the words that the cache had no answer for.
  struct Misses {
    bool many = false;  // in the group before
  };

  // `fold`: A-Z count as a-z.
  WordPieces(const WordPieceMatcher& matcher, WordCache& cache, bool fold, Misses& misses)
      : matcher_(matcher), cache_(cache), fold_(fold), misses_(misses) {}

  // Writes the ids of the pieces of words from ids[size] on; word k is bytes[begins[k], ends[k]), of which 16
  // bytes from each of its places on may be read; begins and ends up to the next multiple of kWordsReadAhead,
  // too. places[k] becomes the index of its first piece and places[count] that of the end, which is returned.
  // Without `each_place` only those of the given words and of the end are written. There must be room for as
  // many ids as the words have characters, those of the given ones, and 8 more.
  std::size_t append(const std::uint8_t* bytes, const std::uint16_t* begins, const std::uint16_t* ends,
                     std::size_t count, std::span<const GivenWord> given, std::uint32_t* ids,
                     std::size_t size, std::uint32_t* places, bool each_place) {
    if (count <= kFewWords && given.empty()) {
      size = append_few(bytes, begins, ends, count, ids, size, places);
      places[count] = static_cast<std::uint32_t>(size);
      return size;
    }
    for (std::size_t done = 0; done < count; done += kWordGroup) {
      const std::size_t n = count - done < kWordGroup ? count - done : kWordGroup;
      kernels_.word_lines(cache_, bytes, begins + done, ends + done, n, group_.words);
      std::size_t of_group = 0;
      for (; of_group < given.size() && given[of_group].word < done + n; ++of_group)
        group_.words[given[of_group].word - done].line = given[of_group].line;
      size = each_place || misses_.many
                 ? append_group(bytes, begins + done, ends + done, 0, n, ids, size, places + done)
                 : append_quick(bytes, begins, ends, done, n, given.first(of_group), ids, size, places);
      given = given.subspan(of_group);
    }
    places[count] = static_cast<std::uint32_t>(size);
    return size;
  }

 private:
  // Of so few words the rounds cost more than waiting does.
  static constexpr std::size_t kFewWords = 16;
  // Of so many misses of a group each may wait for memory by itself, and what it pushes out is kept.
  static constexpr std::size_t kFewMisses = 5;

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
      } else {
        size += append_missed(word, length, key, line, ids + size);
      }
    }
    return size;
  }

  // The pieces of a word that is not in its line of the cache, and from now on is. Most of those that are
  // missed again share their line with two others that are asked for as often.
  std::size_t append_missed(const std::uint8_t* word, std::size_t length, const WordKey& key,
                            WordCache::Line& line, std::uint32_t* out) {
    if (length > kMaxKeyBytes) return match_long(word, length, out);
    if (const WordCache::Answer* const kept = cache_.recall_at_turns(line, key)) {
      kept->copy_to(out);
      return kept->count;
    }
    const std::size_t pieces =
        matcher_.match_key(untagged(key, fold_), length, characters(word, length), out);
    if (pieces <= WordCache::kMaxIds) cache_.put_and_keep(line, key, out, pieces);
    return pieces;
  }

  // The words from `done` on, which are the group: each answer is copied as it is found.
  std::size_t append_quick(const std::uint8_t* bytes, const std::uint16_t* begins, const std::uint16_t* ends,
                           std::size_t done, std::size_t count, std::span<const GivenWord> given,
                           std::uint32_t* ids, std::size_t size, std::uint32_t* places) {
    std::uint32_t* out = ids + size;
    // A given word is in its line, which was made for it, and so is never missed: it has its begin.
    const auto place_given = [&](std::size_t stop) {
      for (const GivenWord& one : given) {
        if (one.word >= done + stop) break;
        places[one.word] = static_cast<std::uint32_t>(begins_[one.word - done] - ids);
      }
    };
    std::size_t misses = 0;
    for (std::size_t k = 0; (k = kernels_.plain_answers(group_.words, k, count, out, begins_)) < count; ++k) {
      if (++misses > kFewMisses) {
        place_given(k);
        size = static_cast<std::size_t>(out - ids);
        return append_group(bytes, begins + done, ends + done, k, count, ids, size, places + done);
      }
      const std::size_t begin = begins[done + k];
      out += append_missed(bytes + begin, ends[done + k] - begin, group_.words[k].key, *group_.words[k].line,
                           out);
    }
    place_given(count);
    return static_cast<std::size_t>(out - ids);
  }

  // The words of the group from `first` on.
  std::size_t append_group(const std::uint8_t* bytes, const std::uint16_t* begins, const std::uint16_t* ends,
                           std::size_t first, std::size_t count, std::uint32_t* ids, std::size_t size,
                           std::uint32_t* places) {
    const std::size_t misses = kernels_.word_answers(count, group_);
    misses_.many = misses > kFewMisses;
    for (std::size_t m = 0; m < misses; ++m) {
      const std::size_t word = group_.missed[m], length = ends[word] - std::size_t{begins[word]};
      if (length > kMaxKeyBytes) {
        cache_.prefetch_long(bytes + begins[word], length);
      } else {
        cache_.prefetch_kept(*group_.words[word].line);
      }
    }
    group_.missed[misses] = static_cast<std::uint16_t>(count);
    std::size_t before = 0;
    while (group_.missed[before] < first) ++before;
    // What was missed is put into the cache only when all answers have been used: it may take their place.
    std::size_t k = first;
    for (std::size_t m = before; m <= misses; ++m) {
      for (const std::size_t next = group_.missed[m]; k < next; ++k) {
        const WordCache::Answer& answer = *group_.answers[k];
        answer.copy_to(ids + size);  // more than counts: what is behind is written over
        places[k] = static_cast<std::uint32_t>(size);
        size += answer.count;
      }
      if (k == count) break;
      const auto length = static_cast<std::size_t>(ends[k] - begins[k]);
      places[k] = static_cast<std::uint32_t>(size);
      const WordKey& key = group_.words[k].key;
      ends_of_missed_[m] = 0;  // known already
      if (length > kMaxKeyBytes) {
        size += match_long(bytes + begins[k], length, ids + size);
      } else if (const WordCache::Answer* const kept = cache_.find_kept(*group_.words[k].line, key)) {
        kept->copy_to(ids + size);
        size += kept->count;
      } else {
        size += matcher_.match_key(untagged(key, fold_), length, characters(bytes + begins[k], length),
                                   ids + size);
        ends_of_missed_[m] = size;
      }
      ++k;
    }
    for (std::size_t m = before; m < misses; ++m) {
      const std::size_t word = group_.missed[m];
      if (ends_of_missed_[m] == 0) continue;
      const std::size_t pieces = ends_of_missed_[m] - places[word];
      if (pieces <= WordCache::kMaxIds)
        cache_.put_at_turns(*group_.words[word].line, group_.words[word].key, ids + places[word], pieces);
    }
    return size;
  }

  // Of a word that is short enough in any case, as many as bytes.
  std::size_t characters(const std::uint8_t* word, std::size_t length) const {
    if (length <= matcher_.max_chars()) return length;
    return static_cast<std::size_t>(
        std::count_if(word, word + length, [](std::uint8_t byte) { return (byte & 0xC0) != 0x80; }));
  }

  // The pieces of a word that is too long for a key.
  std::size_t match_long(const std::uint8_t* word, std::size_t length, std::uint32_t* out) const {
    std::uint8_t folded[kSpanChunk + kMaxKeyBytes + 1];
    if (fold_) {
      for (std::size_t i = 0; i < length; ++i) {
        const bool upper = word[i] >= 'A' && word[i] <= 'Z';
        folded[i] = static_cast<std::uint8_t>(word[i] | (upper ? 0x20 : 0));
      }
      word = folded;
    }
    if (const std::size_t known = cache_.find_long(word, length, out)) return known;
    const std::size_t pieces = matcher_.match(word, length, characters(word, length), out);
    cache_.put_long(word, length, out, pieces, true);
    return pieces;
  }

  const WordPieceMatcher& matcher_;
  WordCache& cache_;
  const Kernels& kernels_ = kernels();
  const bool fold_;
  Misses& misses_;
  WordGroup group_;
  std::uint32_t* begins_[kWordGroup];  // of the pieces of each word
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
