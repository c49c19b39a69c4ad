// The fast twin of Bpe::tokenize and RankBpe::tokenize for byte-level models: the same ids for every word,
// from bytes.
//
//   ByteBpe model(bpe);
//   model.append(bytes, size, cache, out)    // the ids of one word, returns their number
//
// Steps, each only for what the one before did not answer:
//   1. a word with characters of three bytes is cut where no token can span (below);
//   2. a part of one such character: a table by code point;
//   3. the thread's cache (base/word_cache.h);
//   4. a hash table of the tokens that their own text makes: three keys with their ids in a line of 64 bytes;
//   5. merging.
//
// The safe cut. Every symbol that merging ever makes is a byte or the token of some merge, and its text is a
// part of the word. So where no token of a merge has text on both sides of a boundary, no merge reaches over
// it, and the merges on its left and on its right are those that each side would see alone: which of two
// sides' merges is first changes nothing for the other, and within a side rank and place order them as
// before. model/char_cuts.h tells such boundaries.
//
// Merges. Two pairs of one rank are one pair, or make one token of two places; the leftmost comes first. The
// reference keeps a queue whose steps may be out of date, and takes such a step if what is there now makes
// the same token: that never differs from taking the lowest rank there is, since symbols only grow, so that
// what stands there now is a longer text, and tokens of other texts have other ids.
//
// Folded characters. Merging may start from the ids that a character becomes alone, instead of its bytes,
// where two things hold. The merges that make them come before all that take the character's first or last
// symbol from outside. And what is left in the end can be taken only with ranks above all of theirs: then it
// is not taken too early for being there from the beginning. For the first, one of these is enough:
//   * Each of these merges has a lower rank than any with which the first or last symbol that there is before
//     it could be taken from outside: so it is wherever the character stands.
//   * No token that spans one of the character's boundaries here begins or ends within it or its neighbour.
//     Then a merge that takes it from outside takes all of it, as one symbol: were its two sides divided
//     within the character, the one that reaches over the boundary would be such a token. A character that
//     stays in several symbols is not taken at all.
//
// tiktoken's merges by rank become merges of ids first (rank_merges.h).
//
// Words with an end (CLIP's "</w>"). A word comes with a space behind it, and a space is in no word. The
// reference begins with the characters of the word, the last of them with the suffix; here the pair of each
// byte and the space makes the token of that byte with the suffix, by ranks below all others: so that merge
// is the first one, and the symbols are the reference's. No merge of the model counts that has a space in
// it; no part is cut off before the space, since these merges span it.
//
// A whole word that is a token, where the model says so (ignore_merges; always by rank): the boundaries
// inside of such tokens count as spanned, so the word is one part, and step 4 answers by that token; a part
// of a word that is no whole word is merged where the answers differ.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fasttok/base/word_cache.h"
#include "fasttok/base/word_key.h"
#include "fasttok/base/zeroed_memory.h"
#include "fasttok/model/bpe.h"
#include "fasttok/model/byte_texts.h"
#include "fasttok/model/char_cuts.h"
#include "fasttok/model/pair_merges.h"
#include "fasttok/model/rank_bpe.h"

namespace fasttok {

class ByteBpe {
 public:
  // Whether this can run the model. `ends_words`: each word has a space behind it, and no other.
  static bool fits(const Bpe& model, bool ends_words = false);
  static bool fits(const RankBpe& model, bool ends_words = false);
  explicit ByteBpe(const Bpe& model);
  explicit ByteBpe(const RankBpe& model);

  std::uint32_t owner() const { return owner_; }
  // Bytes of text that a token stands for; what ends a word does not count.
  std::size_t text_length(std::uint32_t id) const { return lengths_[id]; }

  static constexpr std::size_t kReadBounds = kWordsReadAhead + 1;
  enum class Content {
    kAny,
    kAscii,  // but a NUL
    kNul,    // there may be one
  };
  // Appends the ids of words of UTF-8 to `out`, and tells in counts[k] how many word k has, unless `counts`
  // is null. It is text[bounds[k], bounds[k + 1]), not empty; 16 bytes may be read from each of its places
  // on, and kReadBounds of the bounds from each word's begin on. `out` has room for as many ids as all have
  // bytes and kMaxIds + 1 more. Returns the number of ids.
  std::size_t append(const std::uint8_t* text, const std::uint32_t* bounds, std::size_t words,
                     Content content, WordCache& cache, std::uint32_t* out, std::uint32_t* counts) const;

  // The same of text in units of 16 bits, without NUL and surrogates: at most kMostUnits, of which words
  // begin where bits of `starts` say so (and at the first), and are beyond ASCII where bits of `high` do;
  // both have one word of bits more. counts[i]: of the ids up to ends[i], the last one with the text. A word
  // must end there: where none does, the number is anything. 32 bytes may be read from each unit on. `out`:
  // three ids for each unit, and kMaxIds more.
  static constexpr std::size_t kMostUnits = 1024;
  void append_units(const std::uint16_t* text, std::span<const std::uint16_t> ends,
                    const std::uint64_t* starts, const std::uint64_t* high, WordCache& cache,
                    std::uint32_t* out, std::uint32_t* counts) const;

  // Without cutting, caching or looking up: merging alone.
  std::size_t merge(const std::uint8_t* word, std::size_t size, std::uint32_t* out) const;

 private:
  struct alignas(64) Line {
    WordKey keys[3];  // all zero: empty, since no key of a word is
    std::uint32_t ids[3];
    std::uint16_t used;
    std::uint16_t has_whole_words;  // some of whole_words_ has its place here
    // The id of a token; null: it is not here.
    const std::uint32_t* find(const WordKey& key) const {
      for (std::size_t i = 0; i < 3; ++i) {
        if (keys[i] == key) return &ids[i];
      }
      return nullptr;
    }
  };

  // What a part of one or two units becomes, if that is known; one of no key: nothing is.
  struct alignas(16) UnitEntry {
    static constexpr std::size_t kMostIds = 3;
    static constexpr int kCountShift = 24;  // the last id has their number above itself
    std::uint32_t ids[kMostIds], key;       // left | right << 16

    std::uint32_t count() const { return ids[kMostIds - 1] >> kCountShift; }
    // Writes four, returns how many count.
    std::size_t copy_to(std::uint32_t* out) const;
  };

  std::size_t line_of(const WordKey& key) const { return hash_key(key) & line_mask_; }
  // Starts to fetch what is read for a part with a key that the cache does not know by it.
  void prefetch_uncached(const std::uint8_t* part, std::size_t size, const WordCache& cache) const {
    cache.prefetch_long(part, size);
    __builtin_prefetch(&lines_[line_of(load_key(part, size, {}))]);
  }

  // Some words at a time: ask(first, n, run) has keys made of them, answer(first, n, run, out) writes their
  // ids and returns how many. What the next words are looked up in is on its way while the ids of these are
  // written: the table of the cache is larger than what a core has near itself. Returns the number of ids.
  template <class Ask, class Answer>
  static std::size_t append_by_runs(std::size_t words, std::uint32_t* out, Ask&& ask, Answer&& answer) {
    AskedWord runs[2][kWordRun];
    const auto ask_for = [&](std::size_t first) {
      if (first < words) ask(first, std::min(words - first, kWordRun), runs[first / kWordRun % 2]);
    };
    std::size_t total = 0;
    ask_for(0);
    for (std::size_t first = 0; first < words; first += kWordRun) {
      ask_for(first + kWordRun);
      total += answer(first, std::min(words - first, kWordRun), runs[first / kWordRun % 2], out + total);
    }
    return total;
  }
  // The ids of a run; missed(k, out) writes those of a word that has none in its line.
  template <class Missed>
  std::size_t append_run(const AskedWord* run, std::size_t n, std::uint32_t* out, std::uint32_t* counts,
                         Missed&& missed) const {
    std::uint32_t* to = out;
    for (std::size_t k = 0; (k = kernels_.run_answers(run, k, n, to, counts)) < n; ++k) {
      const std::size_t more = missed(k, to);
      if (counts) counts[k] = static_cast<std::uint32_t>(more);
      to += more;
    }
    return static_cast<std::size_t>(to - out);
  }

  class Parts;
  std::size_t append_missed(const std::uint8_t* word, std::size_t size, const AskedWord& asked,
                            WordCache& cache, std::uint32_t* out) const;
  std::size_t append_long_word(const std::uint8_t* word, std::size_t size, WordCache& cache,
                               std::uint32_t* out) const;
  // A part that is not cut any more; `whole`: it is the whole word.
  std::size_t append_part(const std::uint8_t* part, std::size_t size, bool whole, bool no_keys,
                          WordCache& cache, std::uint32_t* out) const;
  std::size_t append_new(const std::uint8_t* part, std::size_t size, bool whole, WordCache::Line& line,
                         const WordKey& key, WordCache& cache, std::uint32_t* out) const;
  std::size_t append_uncached(const std::uint8_t* part, std::size_t size, bool whole, const WordCache& cache,
                              std::uint32_t* out, bool& keep) const;
  std::size_t append_long(const std::uint8_t* part, std::size_t size, bool whole, WordCache& cache,
                          std::uint32_t* out) const;
  bool append_whole_word(const std::uint8_t* part, std::size_t size, bool whole, std::uint32_t* out,
                         std::size_t& count) const;
  struct KeyedParts;
  WordCache::Line* line_of_units(const std::uint16_t* text, const std::uint64_t* high, std::size_t at,
                                 std::size_t length, const WordCache& cache, WordKey& key) const;
  std::size_t fold_units(const std::uint16_t* part, std::size_t size, std::uint32_t* out) const;
  void learn(const std::uint16_t* text, KeyedParts& keyed, WordCache& cache) const;
  std::size_t append_new_units(const std::uint16_t* text, std::size_t at, std::size_t size, bool whole,
                               WordCache::Line* line, const WordKey& key, KeyedParts* keyed, WordCache& cache,
                               std::uint32_t* out) const;
  static constexpr std::size_t kBlocks = kMostUnits / 64;
  void append_mostly_ascii(const std::uint16_t* text, std::span<const std::uint16_t> ends,
                           const std::uint64_t* starts, const std::uint64_t* high, WordCache& cache,
                           std::uint32_t* out, std::uint32_t* counts) const;
  void fill_units(const std::vector<std::uint64_t>& pairs);
  // The same from folded characters; `word` is UTF-8.
  std::size_t merge_folded(const std::uint8_t* word, std::size_t size, std::uint32_t* out) const;
  // What that begins with: as many as its bytes at most, and two more are written.
  std::size_t fold(const std::uint8_t* word, std::size_t size, std::uint32_t* out) const;
  enum class Folds { kNever, kApart, kAnywhere };
  Folds how_folds(const std::uint8_t* utf8, std::size_t size, const std::vector<std::uint32_t>& least_as_left,
                  const std::vector<std::uint32_t>& least_as_right) const;

  // `tables`: null where ranks tell the merges. `whole_words`: a word that is a token is that token, whatever
  // merges make of it.
  ByteBpe(ByteTexts texts, const BpeTables* tables, bool whole_words, bool ends_words);
  void add_token(std::string_view bytes, std::uint32_t id, bool is_made, bool whole_words);
  // Whether these bytes become that token by merging alone.
  bool merges_to(std::string_view bytes, std::uint32_t id) const;

  std::array<std::uint32_t, 256> byte_ids_{};
  PairMerges merges_;
  std::vector<std::uint32_t> lengths_;  // by id

  CharCuts cuts_;
  // What characters below U+10000 become alone; a count of 0: that depends on whether they are whole words,
  // or the character stands for those beyond the table.
  static constexpr char32_t kNoEntry = CharCuts::kChars - 1;
  // They are read as lines of the cache are (Parts), so some lie behind the last one.
  static constexpr std::size_t kBehindChars = sizeof(WordCache::Line) / sizeof(WordCache::Answer);
  ZeroedArray<WordCache::Answer> chars_;
  // Those that fold wherever they stand, and those that do where no token divides them or a neighbour.
  using CharSet = std::array<std::uint64_t, CharCuts::kChars / 64>;
  CharSet folds_{}, folds_apart_{};
  static bool has(const CharSet& set, char32_t c) {
    return c < CharCuts::kChars && (set[c / 64] >> c % 64 & 1) != 0;
  }

  ZeroedArray<UnitEntry> units_;  // by unit; then pairs, by their hash
  PartPlaces pair_places_;
  const Kernels& kernels_ = kernels();

  ZeroedArray<Line> lines_;
  std::size_t line_mask_ = 0;
  ByteTexts texts_;
  std::unordered_map<std::string_view, std::uint32_t> long_tokens_;  // of more bytes than a key has
  std::unordered_map<std::string_view, std::uint32_t> whole_words_;  // that their own text does not make
  std::uint32_t owner_ = 0;
};

}  // namespace fasttok
