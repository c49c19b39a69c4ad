// From words to their pieces, many words at a time: words of ASCII, or normalized ones in UTF-8.
//
// Three rounds for each group of words, so that memory is waited for together and not word by word: the keys,
// and their lines of the cache are on their way; the answers; the ids. As long as few words are missed, and
// these are known, the last two are one; words that no table has are matched together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "fasttok/base/word_cache.h"
#include "fasttok/model/wordpiece_matcher.h"
#include "fasttok/pipeline/engine.h"
#include "fasttok/simd/kernels.h"

namespace fasttok {

// Words whose answers are given, by their indices, ascending, and the lines that have these under one key.
struct GivenWords {
  const std::uint16_t* numbers = nullptr;
  WordCache::Line* const* lines = nullptr;
  std::size_t count = 0;
  WordKey key{};
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

  // Writes the ids of the pieces of words from ids[size] on; word k is bytes[begins[k], ends[k]) but for NULs
  // at its end, and 16 bytes from each of its places on may be read; begins and ends up to the next multiple
  // of kWordsReadAhead, too. places[k] becomes the index of its first piece and places[count] that of the
  // end, which is returned. Without `each_place` only those of the given words and of the end are written.
  // There must be room for as many ids as the words have characters, those of the given ones, and 8 more.
  std::size_t append(const std::uint8_t* bytes, const std::uint16_t* begins, const std::uint16_t* ends,
                     std::size_t count, const GivenWords& given, std::uint32_t* ids, std::size_t size,
                     std::uint32_t* places, bool each_place) {
    if (count <= kFewWords && given.count == 0) {
      size = append_few(bytes, begins, ends, count, ids, size, places);
      places[count] = static_cast<std::uint32_t>(size);
      return size;
    }
    std::size_t first = 0;  // of the given words
    for (std::size_t done = 0; done < count; done += kWordGroup) {
      const std::size_t n = count - done < kWordGroup ? count - done : kWordGroup;
      kernels_.word_lines(cache_, bytes, begins + done, ends + done, n, group_.words);
      const std::size_t first_of_group = first;
      for (; first < given.count && given.numbers[first] < done + n; ++first) {
        AskedWord& word = group_.words[given.numbers[first] - done];
        word.key = given.key;
        word.line = given.lines[first];
      }
      size = misses_.many ? append_group(bytes, begins + done, ends + done, 0, n, ids, size, places + done)
                          : append_quick(bytes, begins, ends, done, n,
                                         {given.numbers + first_of_group, first - first_of_group}, ids, size,
                                         places, each_place);
    }
    places[count] = static_cast<std::uint32_t>(size);
    return size;
  }

 private:
  // Of so few words the rounds cost more than waiting does.
  static constexpr std::size_t kFewWords = 16;
  // Of so many words of a group that lie beside their lines each may wait for memory by itself. More of them,
  // and the first that is nowhere, are better looked for with the rest of the group.
  static constexpr std::size_t kFewMisses = 3;

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
        size += append_missed(word, length, {key, &line}, ids + size);
      }
    }
    return size;
  }

  // The pieces of a word that is not in its line of the cache, and from now on is. Most of those that are
  // missed again share their line with two others that are asked for as often.
  std::size_t append_missed(const std::uint8_t* word, std::size_t with_nuls, AskedWord asked,
                            std::uint32_t* out) {
    const std::size_t length = bare_length(word, with_nuls);
    if (length > kMaxKeyBytes) return match_long(word, length, out);
    if (const WordCache::Answer* const known = recall(word, with_nuls, length, asked)) {
      known->copy_to(out);
      return known->count;
    }
    const std::size_t pieces =
        matcher_.match_key(untagged(asked.key, fold_), length, characters(word, length), out);
    if (pieces <= WordCache::kMaxIds) cache_.put_and_keep(*asked.line, asked.key, out, pieces);
    return pieces;
  }

  // Without the NULs at the end of a word, which has something else before them.
  static std::size_t bare_length(const std::uint8_t* word, std::size_t size) {
    while (word[size - 1] == 0) --size;
    return size;
  }

  // The answer for a missed word of so many bytes, with and without the NULs; null: it is in no table.
  const WordCache::Answer* recall(const std::uint8_t* word, std::size_t with_nuls, std::size_t length,
                                  AskedWord& asked) {
    if (with_nuls > kMaxKeyBytes) {
      if (const WordCache::Answer* const known = ask_bare(word, length, asked)) return known;
    }
    return cache_.recall_at_turns(*asked.line, asked.key);
  }

  // Looks up a word that has a key without the NULs only; null: it is not in its line.
  const WordCache::Answer* ask_bare(const std::uint8_t* word, std::size_t length, AskedWord& asked) const {
    asked.key = load_key(word, length, cache_.tag());
    asked.line = cache_.line_of(asked.key);
    unsigned found;
    const WordCache::Answer* const answer = WordCache::find(*asked.line, asked.key, found);
    return found ? answer : nullptr;
  }

  // The words from `done` on, which are the group: each answer is copied as it is found.
  std::size_t append_quick(const std::uint8_t* bytes, const std::uint16_t* begins, const std::uint16_t* ends,
                           std::size_t done, std::size_t count, std::span<const std::uint16_t> given,
                           std::uint32_t* ids, std::size_t size, std::uint32_t* places, bool each_place) {
    std::uint32_t* out = ids + size;
    const auto place = [&](std::size_t stop) {
      if (each_place) {
        for (std::size_t k = 0; k < stop; ++k)
          places[done + k] = static_cast<std::uint32_t>(begins_[k] - ids);
        return;
      }
      for (const std::uint16_t word : given) {
        if (word >= done + stop) break;
        places[word] = static_cast<std::uint32_t>(begins_[word - done] - ids);
      }
    };
    std::size_t misses = 0;
    for (std::size_t k = 0; (k = kernels_.plain_answers(group_.words, k, count, out, begins_)) < count; ++k) {
      const std::uint8_t* const word = bytes + begins[done + k];
      const std::size_t with_nuls = ends[done + k] - std::size_t{begins[done + k]};
      const std::size_t length = bare_length(word, with_nuls);
      begins_[k] = out;
      if (length > kMaxKeyBytes) {
        out += match_long(word, length, out);
        continue;
      }
      AskedWord asked = group_.words[k];
      const WordCache::Answer* const known =
          ++misses > kFewMisses ? nullptr : recall(word, with_nuls, length, asked);
      if (!known) {
        place(k);
        size = static_cast<std::size_t>(out - ids);
        return append_group(bytes, begins + done, ends + done, k, count, ids, size, places + done);
      }
      known->copy_to(out);
      out += known->count;
    }
    place(count);
    return static_cast<std::size_t>(out - ids);
  }

  // The words of the group from `first` on.
  std::size_t append_group(const std::uint8_t* bytes, const std::uint16_t* begins, const std::uint16_t* ends,
                           std::size_t first, std::size_t count, std::uint32_t* ids, std::size_t size,
                           std::uint32_t* places) {
    const std::size_t misses = kernels_.word_answers(count, group_);
    misses_.many = misses > kFewMisses;
    std::size_t before = 0;
    while (before < misses && group_.missed[before] < first) ++before;
    for (std::size_t m = before; m < misses; ++m) {
      const std::size_t k = group_.missed[m];
      const std::uint8_t* const word = bytes + begins[k];
      const std::size_t length = bare_length(word, std::size_t{ends[k]} - begins[k]);
      if (length > kMaxKeyBytes) {
        cache_.prefetch_long(word, length);
      } else {
        cache_.prefetch_kept(*group_.words[k].line);
      }
    }
    std::size_t queries = 0;
    for (std::size_t m = before; m < misses; ++m) {
      const std::size_t k = group_.missed[m], with_nuls = ends[k] - std::size_t{begins[k]};
      const std::uint8_t* const word = bytes + begins[k];
      const std::size_t length = bare_length(word, with_nuls);
      AskedWord& asked = group_.words[k];
      const WordCache::Answer*& known = group_.answers[k];
      known = with_nuls > kMaxKeyBytes && length <= kMaxKeyBytes ? ask_bare(word, length, asked) : nullptr;
      if (!known && length <= kMaxKeyBytes) known = cache_.find_kept(*asked.line, asked.key);
      if (known || length > kMaxKeyBytes) continue;
      queried_[queries] = static_cast<std::uint16_t>(k);
      WordPieceMatcher::Query& query = queries_[queries++];
      query.key = untagged(asked.key, fold_);
      query.length = static_cast<std::uint8_t>(length);
      query.chars = static_cast<std::uint8_t>(characters(word, length));
    }
    matcher_.match_keys({queries_, queries});

    group_.missed[misses] = static_cast<std::uint16_t>(count);
    std::size_t k = first, q = 0;
    const auto copy = [&](const WordCache::Answer& answer) {
      answer.copy_to(ids + size);  // more than counts: what is behind is written over
      size += answer.count;
    };
    for (std::size_t m = before; m <= misses; ++m) {
      for (const std::size_t next = group_.missed[m]; k < next; ++k) {
        places[k] = static_cast<std::uint32_t>(size);
        copy(*group_.answers[k]);
      }
      if (k == count) break;
      places[k] = static_cast<std::uint32_t>(size);
      if (group_.answers[k]) {
        copy(*group_.answers[k]);
      } else if (q < queries && queried_[q] == k) {
        std::copy_n(queries_[q].ids, queries_[q].count, ids + size);
        size += queries_[q++].count;
      } else {
        const std::uint8_t* const word = bytes + begins[k];
        size += match_long(word, bare_length(word, std::size_t{ends[k]} - begins[k]), ids + size);
      }
      ++k;
    }
    // What was missed is put into the cache only when all answers have been used: it may take their place.
    for (q = 0; q < queries; ++q) {
      const AskedWord& asked = group_.words[queried_[q]];
      if (queries_[q].count <= WordCache::kMaxIds)
        cache_.put_at_turns(*asked.line, asked.key, queries_[q].ids, queries_[q].count);
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
  // Words of a group that no table has, and which of the group each is.
  WordPieceMatcher::Query queries_[kWordGroup];
  std::uint16_t queried_[kWordGroup];
};

// Spans and word number of the pieces ids[begin, end) of an ASCII word of `length` characters from `from` on.
inline void place_pieces(const WordPieceMatcher& matcher, const std::uint32_t* ids, std::size_t begin,
                         std::size_t end, std::size_t from, std::size_t length, std::int32_t word,
                         CharSpan* spans, std::int32_t* words) {
  const std::size_t stop = from + length, last = end - 1;
  for (std::size_t k = begin; k < last; ++k) {
    const std::size_t next = from + matcher.text_length(ids[k], k > begin);
    spans[k] = {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(next)};
    words[k] = word;
    from = next;
  }
  spans[last] = {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(stop)};
  words[last] = word;
}

}  // namespace fasttok
