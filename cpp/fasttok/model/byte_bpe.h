// The fast twin of Bpe::tokenize for byte-level models: the same ids for every word, from bytes.
//
//   ByteBpe model(bpe);
//   model.append(bytes, size, cache, out)    // the ids of one word, returns their number
//
// Steps, each only for what the one before did not answer:
//   1. a word with characters of more than one byte is cut where no token can span (below);
//   2. a part of one character: a table by code point; of two: what the table of the cuts says;
//   3. the thread's cache (base/word_cache.h);
//   4. a hash table of the tokens that their own text makes: three keys with their ids in a line of 64 bytes;
//   5. merging.
//
// The safe cut. Every symbol that merging ever makes is a byte or the token of some merge, and its text is a
// part of the word. So where no token of a merge has text on both sides of a boundary, no merge reaches over
// it, and the merges on its left and on its right are those that each side would see alone: which of two
// sides' merges is first changes nothing for the other, and within a side rank and place order them as
// before. What spans a boundary between characters c1 and c2:
//
//   a token holds c1 and then c2                              a table of pairs
//   a token holds c1 and then the beginning of c2 as its end  a flag of each; where both have it, a list
//   a token begins with the end of c1, then has c2 or its beginning: likewise
//
// Merges. Two pairs of one rank are one pair, or make one token of two places; the leftmost comes first. The
// reference keeps a queue whose steps may be out of date, and takes such a step if what is there now makes
// the same token: that never differs from taking the lowest rank there is, since symbols only grow, so that
// what stands there now is a longer text, and tokens of other texts have other ids.
//
// Folded characters. Merging may start from the ids that a character becomes alone, instead of its bytes,
// where each of the merges that make them has a lower rank than any with which its first symbol could be
// taken to the left, or its last one to the right: then these come first wherever the character stands, and
// what they are among does not matter to them.
//
// A whole word that is a token, where the model says so (ignore_merges): the boundaries inside of such tokens
// count as spanned, so the word is one part, and step 4 answers by that token; a part of a word that is no
// whole word is merged where the answers differ.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fasttok/base/word_cache.h"
#include "fasttok/base/word_key.h"
#include "fasttok/base/zeroed_memory.h"
#include "fasttok/model/bpe.h"

namespace fasttok {

// Pairs of ids that merge: eight bytes for each, at most two thirds full.
class MergeTable {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::uint32_t kMost = (1u << 20) - 1;  // ids and ranks are below

  MergeTable() = default;
  explicit MergeTable(std::size_t merges);
  void add(std::uint32_t left, std::uint32_t right, std::uint32_t rank);

  // The rank of a pair, or kNone.
  std::uint32_t find(std::uint32_t left, std::uint32_t right) const {
    const std::uint64_t pair = std::uint64_t{left} << 20 | right;
    for (std::size_t i = slot(pair);; i = (i + 1) & mask_) {
      if (slots_[i] >> 20 == pair) return static_cast<std::uint32_t>(slots_[i] & kMost);
      if (slots_[i] == kEmpty) return kNone;
    }
  }

 private:
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
  std::size_t slot(std::uint64_t pair) const { return (pair * 0x9E3779B97F4A7C15u) >> shift_; }

  ZeroedArray<std::uint64_t> slots_;  // left : 20 | right : 20 | rank : 20
  std::size_t mask_ = 0;
  int shift_ = 63;
};

class ByteBpe {
 public:
  // Whether this can run the model.
  static bool fits(const Bpe& model);
  explicit ByteBpe(const Bpe& model);

  std::uint32_t owner() const { return owner_; }
  // Bytes of text that a token stands for.
  std::size_t text_length(std::uint32_t id) const { return lengths_[id]; }

  // Appends the ids of words of UTF-8 to `out`, and tells in counts[k] how many word k has. It is
  // text[k == 0 ? 0 : ends[k - 1], ends[k]), not empty; 16 bytes may be read from each of its places on, and
  // `out` has room for as many ids as all have bytes and kMaxIds more. At most kWordGroup words. `no_keys`:
  // there may be a NUL among them. Returns the number of ids.
  std::size_t append(const std::uint8_t* text, const std::uint32_t* ends, std::size_t words, bool no_keys,
                     WordCache& cache, std::uint32_t* out, std::uint32_t* counts) const;
  static constexpr std::size_t kWordGroup = 32;

  // Without cutting, caching or looking up: merging alone.
  std::size_t merge(const std::uint8_t* word, std::size_t size, std::uint32_t* out) const;

  // Whether a token may span the boundary between two characters: see above.
  bool may_span(char32_t left, char32_t right) const { return span(left, right) != kApart; }

 private:
  struct alignas(64) Line {
    WordKey keys[3];  // all zero: empty, since no key of a word is
    std::uint32_t ids[3];
    std::uint16_t used;
    std::uint16_t has_whole_words;  // some of whole_words_ has its place here
  };

  // What two characters are together: apart, as no token spans them; else, where they stand alone, one token
  // (its id), the ids of one and then of the other, or something else.
  static constexpr std::uint32_t kApart = ~std::uint32_t{0}, kEachAlone = kApart - 1, kElse = kApart - 2;
  std::uint32_t span(char32_t left, char32_t right) const {
    if ((left | right) >> 16) return kElse;
    const std::uint32_t h = left * 0x9E3779B1u ^ right * 0x85EBCA77u;
    const std::uint32_t bit = h >> bit_shift_;
    if (pair_bits_[bit >> 6] >> (bit & 63) & 1) {
      for (std::size_t i = h >> slot_shift_;; i = (i + 1) & slot_mask_) {
        if (pair_slots_[i] >> 32 == (left << 16 | right)) return static_cast<std::uint32_t>(pair_slots_[i]);
        if (pair_slots_[i] == 0) break;
      }
    }
    return cut_flags_[left] & cut_flags_[right] >> 4 && parts_span(left, right) ? kElse : kApart;
  }
  void add_parts(const std::vector<std::uint64_t>& parts);
  std::size_t part_slot(std::uint64_t part) const {
    return (part * 0x9E3779B97F4A7C15u >> 32) & (cut_parts_.size() - 1);
  }
  bool parts_span(char32_t left, char32_t right) const;
  void lay_out_tables(std::size_t pairs);
  void add_pairs(const std::vector<std::uint64_t>& pairs);
  std::size_t line_of(const WordKey& key) const { return hash_key(key) & line_mask_; }

  // Step 4 and 5 for a word with a key that is not in its line of the cache.
  std::size_t append_unknown(const std::uint8_t* part, std::size_t size, bool whole, const WordKey& key,
                             WordCache::Line& cached, WordCache& cache, std::uint32_t* out) const;
  std::size_t append_long(const std::uint8_t* word, std::size_t size, bool no_keys, WordCache& cache,
                          std::uint32_t* out) const;
  // A part that is not cut any more; `whole`: it is the whole word.
  std::size_t append_part(const std::uint8_t* part, std::size_t size, bool whole, bool no_keys,
                          WordCache& cache, std::uint32_t* out) const;
  bool append_whole_word(const std::uint8_t* part, std::size_t size, bool whole, std::uint32_t* out,
                         std::size_t& count) const;
  // The same from folded characters; `word` is UTF-8.
  std::size_t merge_folded(const std::uint8_t* word, std::size_t size, std::uint32_t* out) const;
  // From symbols, in place.
  std::size_t merge_short(std::uint32_t* ids, std::size_t size) const;
  std::size_t merge_long(std::uint32_t* ids, std::size_t size) const;
  bool may_fold(const std::uint8_t* utf8, std::size_t size, const std::vector<std::uint32_t>& least_as_left,
                const std::vector<std::uint32_t>& least_as_right) const;

  void add_token(std::string_view bytes, std::uint32_t id, bool whole_words);

  std::array<std::uint32_t, 256> byte_ids_{};
  MergeTable merges_;
  std::vector<std::uint32_t> made_;     // by rank
  std::vector<std::uint32_t> lengths_;  // by id

  ZeroedArray<std::uint64_t> by_char_;  // one block, so that it may lie on one large page, of the following

  // Two characters that some token holds: a bit of their hash, and left : 16 | right : 16 | span() : 32.
  std::uint64_t *pair_bits_ = nullptr, *pair_slots_ = nullptr;
  std::size_t slot_mask_ = 0;
  int bit_shift_ = 0, slot_shift_ = 0;
  std::vector<std::uint64_t> cut_parts_;  // the bytes of a token around such a boundary, hashed; 0: none
  std::uint8_t* cut_flags_ = nullptr;     // by code point: on the left | on the right << 4
  // By code point: may be folded << 62 | number of ids << 60 | ids of 20 bits, the first lowest.
  std::uint64_t* chars_ = nullptr;

  ZeroedArray<Line> lines_;
  std::size_t line_mask_ = 0;
  std::string arena_;                                                // of the texts of the following
  std::unordered_map<std::string_view, std::uint32_t> long_tokens_;  // of more bytes than a key has
  std::unordered_map<std::string_view, std::uint32_t> whole_words_;  // that their own text does not make
  std::size_t longest_ = 0;
  std::uint32_t owner_ = 0;
};

}  // namespace fasttok
