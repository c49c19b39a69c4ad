// The kernels that look words up, and the keys of words: each instruction set beside the scalar text.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/base/word_key.h"
#include "fasttok/simd/kernels.h"
#include "kernel_tests.h"
#include "random_texts.h"

using namespace fasttok;
using namespace fasttok::testing;

namespace {

// Owners of cached words from here on are no tokenizers' of other tests.
constexpr std::uint32_t kNobody = 1u << 30;

bool same_word(const AskedWord& a, const AskedWord& b) {
  return a.key == b.key && a.line == b.line;
}

}  // namespace

TEST_CASE("word_lines and word_answers: as the cache says, reading 16 bytes and no more") {
  Random random(5);
  GuardedPages input;
  bool good = true;
  for (unsigned round = 0; round < 400 && good; ++round) {
    WordCache& cache = WordCache::of_this_thread(kNobody + round % 300);
    const std::size_t count = below(random, kWordGroup + 1);
    std::uint8_t* const bytes = input.end() - 16 - 40 * count;
    std::vector<std::uint16_t> begins, ends;
    for (std::size_t i = 0; i < 40 * count; ++i) bytes[i] = static_cast<std::uint8_t>('a' + below(random, 2));
    for (std::size_t k = 0; k < count; ++k) {
      begins.push_back(static_cast<std::uint16_t>(40 * k + below(random, 3)));
      const std::size_t length = below(random, 8) ? 1 + below(random, 4) : 1 + below(random, 37);
      ends.push_back(static_cast<std::uint16_t>(begins[k] + length));
    }
    // Up to guard pages, as far as they may be read.
    const std::size_t read = (count + kWordsReadAhead - 1) / kWordsReadAhead * kWordsReadAhead;
    GuardedPages begin_pages, end_pages;
    const auto guarded = [&](const GuardedPages& pages, const std::vector<std::uint16_t>& numbers) {
      auto* const to = reinterpret_cast<std::uint16_t*>(pages.end()) - read;
      for (std::size_t k = 0; k < read; ++k)
        to[k] = k < count ? numbers[k] : static_cast<std::uint16_t>(below(random, 0x10000));
      return to;
    };
    const std::uint16_t* const read_begins = guarded(begin_pages, begins);
    const std::uint16_t* const read_ends = guarded(end_pages, ends);
    WordGroup expected;
    kernels_for(Isa::kScalar).word_lines(cache, bytes, read_begins, read_ends, count, expected.words);
    const std::size_t misses = kernels_for(Isa::kScalar).word_answers(count, expected);
    for (const Isa isa : isas_from(Isa::kAvx2)) {
      WordGroup group;
      kernels_for(isa).word_lines(cache, bytes, read_begins, read_ends, count, group.words);
      good = good && std::equal(group.words, group.words + count, expected.words, same_word);
      good = good && kernels_for(isa).word_answers(count, group) == misses;
      good = good && std::equal(group.missed, group.missed + misses, expected.missed);
      for (std::size_t k = 0; k < count; ++k) {
        const bool missed = std::find(group.missed, group.missed + misses, k) != group.missed + misses;
        good = good && (missed || group.answers[k] == expected.answers[k]);
      }
    }
    for (std::size_t k = 0; k < count; k += 2) {
      if (ends[k] - begins[k] > static_cast<int>(kMaxKeyBytes)) continue;
      const std::uint32_t id = round;
      cache.put(*expected.words[k].line, expected.words[k].key, &id, 1);
    }
  }
  CHECK(good);
}

TEST_CASE("run_lines and run_answers: as the cache says, reading 16 bytes and no more") {
  Random random(6);
  GuardedPages input, places;
  bool good = true;
  std::size_t hits = 0;
  for (unsigned round = 0; round < 600 && good; ++round) {
    WordCache& cache = WordCache::of_this_thread(kNobody + round % 3);
    const std::size_t count = 1 + below(random, kWordRun);
    const std::size_t read = (count + kWordsReadAhead - 1) / kWordsReadAhead * kWordsReadAhead + 1;
    auto* const bounds = reinterpret_cast<std::uint32_t*>(places.end()) - read;
    bounds[0] = below(random, 40);
    for (std::size_t k = 1; k < read; ++k)
      bounds[k] = bounds[k - 1] + (below(random, 8) ? 1 + below(random, 5) : 1 + below(random, 37));
    // 16 bytes from the begin of the last word on.
    std::uint8_t* const bytes = input.end() - std::max(bounds[count], bounds[count - 1] + 16);
    for (std::uint8_t* at = bytes; at < input.end(); ++at)
      *at = static_cast<std::uint8_t>('a' + below(random, 2));
    AskedWord expected[kWordRun];
    const Kernels& scalar = kernels_for(Isa::kScalar);
    scalar.run_lines(cache, bytes, bounds, count, expected);
    for (std::size_t first = 0; first < count && good; ++first) {
      std::vector<std::uint32_t> ids(8 * count + 16), counts(count);
      std::uint32_t* to = ids.data();
      const std::size_t stop = scalar.run_answers(expected, first, count, to, counts.data());
      hits += stop - first;
      for (const Isa isa : isas_from(Isa::kAvx2)) {
        AskedWord run[kWordRun];
        kernels_for(isa).run_lines(cache, bytes, bounds, count, run);
        good = good && std::equal(run, run + count, expected, same_word);
        std::vector<std::uint32_t> own_ids(ids.size()), own_counts(count);
        std::uint32_t* own_to = own_ids.data();
        good = good && stop == kernels_for(isa).run_answers(run, first, count, own_to, own_counts.data());
        good =
            good && to - ids.data() == own_to - own_ids.data() && std::equal(ids.data(), to, own_ids.data());
        good = good && counts == own_counts;
        std::fill(own_ids.begin(), own_ids.end(), 0);
        own_to = own_ids.data();
        good = good && stop == kernels_for(isa).run_answers(run, first, count, own_to, nullptr);
        good =
            good && to - ids.data() == own_to - own_ids.data() && std::equal(ids.data(), to, own_ids.data());
      }
    }
    for (std::size_t k = 0; k < count; k += 2) {
      unsigned found;
      WordCache::find(*expected[k].line, expected[k].key, found);
      if (found || bounds[k + 1] - bounds[k] > kMaxKeyBytes) continue;
      const std::uint32_t some[7] = {round, 1, 2, 3, 4, 5, 6};
      cache.put(*expected[k].line, expected[k].key, some, below(random, 8));
    }
  }
  CHECK(good);
  CHECK(hits > 1'000);
}

TEST_CASE("answers of a line: whichever halves of its two keys are equal") {
  Random random(14);
  constexpr std::size_t kWords = 9;  // more than are copied together, twice
  WordCache::Line lines[kWords];
  AskedWord words[kWords];
  WordGroup group;
  for (std::size_t place = 0; place < kWords; ++place) {
    for (unsigned halves = 0; halves < 15; ++halves) {  // 15 would be one key twice
      for (std::size_t k = 0; k < kWords; ++k) {
        const unsigned equal = k == place ? halves : random() % 2 ? 3 : 12;
        const WordKey key{random(), random()};
        const auto half = [&](std::uint64_t value, unsigned bit) {
          return equal >> bit & 1 ? value : value ^ (std::uint64_t{1} << below(random, 64));
        };
        lines[k] = {
            {{1, {static_cast<std::uint32_t>(k), 0, 0}}, {2, {static_cast<std::uint32_t>(100 + k), 7, 0}}},
            {{half(key.lo, 0), half(key.hi, 1)}, {half(key.lo, 2), half(key.hi, 3)}}};
        words[k] = group.words[k] = {key, &lines[k]};
      }
      std::vector<std::uint32_t> expected;
      const bool is_there = (halves & 3) == 3 || (halves & 12) == 12;
      const std::size_t stop = is_there ? kWords : place;
      for (std::size_t k = 0; k < stop; ++k) {
        const auto number = static_cast<std::uint32_t>(k);
        if (words[k].key == lines[k].keys[0])
          expected.push_back(number);
        else
          expected.insert(expected.end(), {100 + number, 7});
      }
      for (const Isa isa : isas_from(Isa::kScalar)) {
        const Kernels& of_isa = kernels_for(isa);
        const auto check = [&](const std::function<std::size_t(std::uint32_t*&)>& append) {
          std::uint32_t ids[2 * kWords + 8];
          std::uint32_t* to = ids;
          CHECK(append(to) == stop);
          CHECK(std::equal(ids, to, expected.begin(), expected.end()));
        };
        std::uint32_t counts[kWords], seen = 0;
        check([&](std::uint32_t*& to) {
          std::uint32_t* const ids = to;
          std::uint32_t* begins[kWords] = {};
          const std::size_t done = of_isa.plain_answers(words, 0, kWords, to, begins);
          std::ptrdiff_t begin = 0;
          for (std::size_t k = 0; k < stop; ++k) {
            CHECK(begins[k] == ids + begin);
            begin += words[k].key == lines[k].keys[0] ? 1 : 2;
          }
          return done;
        });
        check([&](std::uint32_t*& to) { return of_isa.run_answers(words, 0, kWords, to, counts); });
        check([&](std::uint32_t*& to) { return of_isa.noted_answers(words, 0, kWords, 0, to, seen); });
        REQUIRE(of_isa.word_answers(kWords, group) == (is_there ? 0 : 1));
        if (!is_there) CHECK(group.missed[0] == place);
        for (std::size_t k = 0; k < stop; ++k)
          CHECK(group.answers[k] == &lines[k].answers[words[k].key == lines[k].keys[1]]);
      }
    }
  }
}

TEST_CASE("noted_answers: up to a word that is not there, or whose note is too small") {
  Random random(12);
  bool good = true;
  std::size_t hits = 0, small = 0, without_notes = 0;
  constexpr std::uint32_t kTopBit = std::uint32_t{1} << 31;
  for (unsigned round = 0; round < 400 && good; ++round) {
    WordCache& cache = WordCache::of_this_thread(kNobody + round % 3);
    std::uint8_t bytes[2 * kWordGroup + 16];
    std::uint16_t places[kWordGroup + 1];
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>('a' + below(random, 3));
    const std::size_t count = 1 + below(random, kWordGroup);
    std::uint16_t place = 0;
    for (std::size_t k = 0; k <= count; ++k, place = static_cast<std::uint16_t>(place + 1 + below(random, 2)))
      places[k] = place;
    AskedWord words[kWordGroup];
    kernels_for(Isa::kScalar).word_lines(cache, bytes, places, places + 1, count, words);
    const std::uint32_t least = below(random, 3) << 8;
    for (std::size_t first = 0; first < count && good; ++first) {
      std::vector<std::uint32_t> ids(8 * count + 16), own_ids(ids.size());
      std::uint32_t* to = ids.data();
      std::uint32_t seen = 0;
      const std::size_t stop = kernels_for(Isa::kScalar).noted_answers(words, first, count, least, to, seen);
      hits += stop - first;
      unsigned found = 0;
      if (stop < count) WordCache::find(*words[stop].line, words[stop].key, found);
      small += found;
      for (const Isa isa : isas_from(Isa::kAvx2)) {
        std::uint32_t* own_to = own_ids.data();
        std::uint32_t own_seen = 0;
        good = good && kernels_for(isa).noted_answers(words, first, count, least, own_to, own_seen) == stop &&
               own_to - own_ids.data() == to - ids.data() && std::equal(ids.data(), to, own_ids.data()) &&
               own_seen == seen;
      }
      // Without notes: the same words where the least note is none and the counts have none.
      if (least > 0) continue;
      const bool plain = std::all_of(words + first, words + stop, [](const auto& word) {
        unsigned has;
        return WordCache::find(*word.line, word.key, has)->count <= WordCache::kMaxIds;
      });
      if (!plain) continue;
      ++without_notes;
      for (const Isa isa : isas_from(Isa::kScalar)) {
        std::uint32_t* own_to = own_ids.data();
        std::uint32_t* begins[kWordGroup];
        good = good && kernels_for(isa).plain_answers(words, first, count, own_to, begins) == stop &&
               own_to - own_ids.data() == to - ids.data() && std::equal(ids.data(), to, own_ids.data());
        const std::uint32_t* begin = own_ids.data();
        for (std::size_t k = first; k < stop; ++k) {
          unsigned has;
          good = good && begins[k] == begin;
          begin += WordCache::find(*words[k].line, words[k].key, has)->count;
        }
      }
    }
    for (std::size_t k = 0; k < count; k += 2) {
      unsigned found;
      WordCache::find(*words[k].line, words[k].key, found);
      if (found) continue;
      const std::uint32_t some[7] = {round, 1, 2, 3, 4, 5, 6};
      const std::uint32_t note = round % 2 ? below(random, 4) << 8 | (below(random, 8) ? 0 : kTopBit) : 0;
      cache.put(*words[k].line, words[k].key, some, 1 + below(random, 7), note);
    }
  }
  CHECK(good);
  CHECK(hits > 1'000);
  CHECK(small > 100);
  CHECK(without_notes > 100);
}

TEST_CASE(
    "short_answers: every length and alignment, between guard pages, words with and without an answer") {
  Random random(4);
  GuardedPages input;
  AsciiClasses classes;
  for (const char c : std::string(" \t")) classes.space.add(static_cast<unsigned>(c));
  for (const char c : std::string(",.")) classes.punctuation.add(static_cast<unsigned>(c));
  classes.stop.add('[');
  bool good = true;
  std::size_t answered = 0, refused = 0;
  for (unsigned round = 0; round < 40 && good; ++round) {
    WordCache& cache = WordCache::of_this_thread(kNobody + 1000 + round);
    for (std::size_t n = 0; n < kShortText; ++n) {
      for (std::size_t gap = 16; gap < 24; ++gap) {  // so many bytes behind the text may be read
        std::uint8_t* const text = input.end() - gap - n;
        for (std::size_t i = 0; i < n + gap; ++i)
          text[i] = static_cast<std::uint8_t>("aaabbb  ,.\t"[below(random, 11)]);
        if (n > 0 && below(random, 50) == 0) text[below(random, n)] = '[';
        if (n > 0 && below(random, 50) == 0) text[below(random, n)] = 0xC3;
        std::uint32_t ids[kShortText + 8];
        const std::size_t count = kernels_for(Isa::kScalar).short_answers(cache, text, n, classes, ids);
        (count == kNoAnswer ? refused : answered) += 1;
        for (const Isa isa : isas_from(Isa::kAvx2)) {
          std::uint32_t own[kShortText + 8];
          good = good && kernels_for(isa).short_answers(cache, text, n, classes, own) == count &&
                 (count == kNoAnswer || std::equal(ids, ids + count, own));
        }
        // One word of this text has an answer from now on.
        std::uint16_t begins[kShortText + 64], ends[kShortText + 64];
        const WordSpans words =
            kernels_for(Isa::kScalar).ascii_words_u8(text, n, true, classes, {begins, ends, nullptr});
        if (words.count == 0) continue;
        const std::size_t k = below(random, words.count), length = ends[k] - std::size_t{begins[k]};
        if (length > kMaxKeyBytes) continue;
        const WordKey key = load_key(text + begins[k], length, cache.tag());
        const std::uint32_t some[7] = {round, 1, 2, 3, 4, 5, 6};
        cache.put(*cache.line_of(key), key, some,
                  1 + below(random, static_cast<unsigned>(std::min<std::size_t>(length, 7))));
      }
    }
  }
  CHECK(good);
  CHECK(answered > 500);
  CHECK(refused > 500);
}

TEST_CASE("word keys: read in place, made of copies, folded") {
  Random random(1);
  GuardedPages pages;
  bool good = true;
  for (int i = 0; i < 3000; ++i) {
    std::uint8_t* const p = pages.end() - 16 - below(random, 64);
    for (int k = 0; k < 16; ++k) p[k] = static_cast<std::uint8_t>(random());
    std::uint8_t lower[16];
    for (int k = 0; k < 16; ++k) lower[k] = p[k] >= 'A' && p[k] <= 'Z' ? p[k] + 32 : p[k];
    const WordKey tag{0, static_cast<std::uint64_t>(below(random, 256)) << 56};
    for (std::size_t length = 0; length <= kMaxKeyBytes; ++length) {
      const WordKey plain = make_key(p, length);
      const WordKey tagged = load_key(p, length, tag);
      good = good && load_key(p, length, {}) == plain && tagged == WordKey{plain.lo, plain.hi | tag.hi};
      good = good && untagged(tagged, false) == plain && untagged(tagged, true) == make_key(lower, length);
    }
    good = good && load_key(p, 16, tag) == tag && load_key(p, 63, tag) == tag;
  }
  CHECK(good);
}

TEST_CASE("word keys: equality and hash") {
  const auto key = [](std::string_view word) { return make_key(word.data(), word.size()); };
  const std::string word = "abcdefghijklmno";
  for (std::size_t length = 0; length <= word.size(); ++length) {
    const WordKey a = key(word.substr(0, length));
    CHECK(hash_key(a) == hash_key(key(word.substr(0, length))));
    CHECK(equal_keys(a, a) == 1);
    for (std::size_t i = 0; i < length; ++i) {
      std::string other = word.substr(0, length);
      other[i] = static_cast<char>(other[i] ^ 0x20);
      CHECK(equal_keys(a, key(other)) == 0);
      CHECK_FALSE(a == key(other));
      CHECK(hash_key(a) != hash_key(key(other)));
    }
  }
}
