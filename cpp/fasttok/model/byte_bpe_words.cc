// What ByteBpe does with text: words are cut, and what is not cut any more becomes ids.
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "fasttok/base/interrupt.h"
#include "fasttok/model/byte_bpe.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

// A character of text that is known to be UTF-8.
inline DecodedChar decode_valid(const std::uint8_t* p) {
  if (p[0] < 0x80) return {p[0], 1};
  const auto six = [&](int i) -> char32_t { return p[i] & 0x3Fu; };
  if (p[0] < 0xE0) return {(p[0] & 0x1Fu) << 6 | six(1), 2};
  if (p[0] < 0xF0) return {(p[0] & 0x0Fu) << 12 | six(1) << 6 | six(2), 3};
  return {(p[0] & 0x07u) << 18 | six(1) << 12 | six(2) << 6 | six(3), 4};
}

// A character of three bytes.
inline char32_t ideograph(const std::uint8_t* p) {
  return (char32_t{p[0]} << 12) + (char32_t{p[1]} << 6) + p[2] - 0xE2080;
}

// Whether a word has characters of three bytes, as its first two bytes say. Where they say nothing of it, it
// is looked up whole.
inline bool has_ideographs(const std::uint8_t* word, std::size_t size) {
  return word[0] >= 0xE0 || word[size > 1] >= 0xE0;
}

}  // namespace

// Parts on their way to ids, some at a time: first all keys, and what they are looked up in is on its way;
// then the ids. Whether the table of characters or the cache answers is no branch: to know it beforehand, in
// text of parts of one, two and three characters, is a matter of luck. Runs of single characters, which some
// vocabularies have nearly everywhere, are one part for all that, and have a loop of their own.
class ByteBpe::Parts {
 public:
  Parts(const ByteBpe& model, const std::uint8_t* text, bool no_keys, WordCache& cache, std::uint32_t* out,
        std::uint32_t* counts, std::uint32_t begin = 0)
      : model_(model),
        text_(text),
        no_keys_(no_keys),
        cache_(cache),
        out_(out),
        counts_(counts),
        from_(begin) {
    char_ends_[0] = 0;
  }

  // At most kWordRun words, one behind the other; [begin, end) in the text.
  void add_word(std::uint32_t begin, std::uint32_t end) {
    const std::uint8_t* const word = text_ + begin;
    const std::size_t size = end - begin;
    // Short words without ideographs and the like are seldom new.
    if (size <= kMaxKeyBytes && !has_ideographs(word, size)) {
      if (parts_ == kMost) flush(false);
      ends_[parts_++] = end;
      char_ends_[parts_] = char_ends_[parts_ - 1];
    } else if (size == 3 && word[0] >= 0xE0) {
      if (parts_ == kMost || char_ends_[parts_] == kMostChars) flush(false);
      const std::uint32_t chars = char_ends_[parts_];
      chars_[chars] = static_cast<std::uint16_t>(ideograph(word));
      ends_[parts_++] = end;
      char_ends_[parts_] = chars + 1;
    } else {
      if (parts_ + kMost / 4 > kMost || char_ends_[parts_] > kMostChars - kMost) flush(false);
      cut(begin, end);
    }
    word_ends_[words_++] = parts_;
  }

  // Returns the number of ids.
  std::size_t finish() {
    flush(false);
    return total_;
  }

 private:
  static constexpr std::uint32_t kMost = 64, kMostChars = 256;

  void cut(std::uint32_t begin, std::uint32_t end) {
    const DecodedChar first = decode_valid(text_ + begin);
    const std::uint32_t chars_before = char_ends_[parts_];
    char32_t left = first.c;
    Place to{.at = begin + static_cast<std::uint32_t>(first.size), .parts = parts_, .chars = chars_before};
    bool all = true;  // the parts from parts_ on are those of the whole word
    chars_[to.chars++] = held(left);
    while (to.at < end) {
      cut_ideographs(left, to, end);
      if (to.parts == kMost - 1 || to.chars == kMostChars) {  // there must be room for the last part
        all = false;
        if (to.parts == parts_) {  // no part has ended: one so long does not count its characters
          to.chars = char_ends_[to.parts] + 2;
        } else {
          // The part that goes on keeps whether it has one character, or more.
          const std::uint32_t chars = to.chars - char_ends_[to.parts];
          const std::uint16_t last = chars_[to.chars - 1];
          parts_ = to.parts;
          check_interrupt();  // a word may be as long as the text
          flush(true);
          to.parts = 0;
          chars_[0] = last;
          to.chars = std::min(chars, 2u);
        }
      }
      if (to.at >= end) break;
      const DecodedChar d = decode_valid(text_ + to.at);
      close_part(to, !model_.cuts_.may_span(left, d.c));
      left = d.c;
      chars_[to.chars++] = held(left);
      to.at += static_cast<std::uint32_t>(d.size);
    }
    ends_[to.parts++] = end;
    char_ends_[to.parts] = to.chars;
    const std::uint32_t chars = to.chars - chars_before, joined = chars - (to.parts - parts_);
    if (all && joined == 0) {
      runs_ |= std::uint64_t{1} << parts_;
      ends_[parts_++] = end;
      char_ends_[parts_] = to.chars;
    } else {
      parts_ = all && 4 * joined <= chars ? collect_runs(to.parts) : to.parts;
    }
  }

  struct Place {
    std::uint32_t at;            // in the text
    std::uint32_t parts, chars;  // so far
  };
  void close_part(Place& to, bool closes) {
    ends_[to.parts] = to.at;
    char_ends_[to.parts + 1] = to.chars;
    to.parts += closes;
  }

  // Goes on over characters of three bytes, while there is room for one part and one character more.
  void cut_ideographs(char32_t& left, Place& to, std::uint32_t end) {
    const CharCuts& cuts = model_.cuts_;
    const std::uint8_t* const text = text_;
    std::uint32_t at = to.at, n = to.parts, chars = to.chars;
    char32_t before = left;
    for (std::uint32_t room = std::min(kMost - 1 - n, kMostChars - chars); room > 0 && at < end; --room) {
      const std::uint8_t* const p = text + at;
      std::uint32_t four;
      std::memcpy(&four, p, 4);
      if ((four & 0xC0C0F0) != 0x8080E0) break;
      const char32_t c = ideograph(p);
      ends_[n] = at;
      char_ends_[n + 1] = chars;
      n += !cuts.may_span(before, c);
      chars_[chars++] = static_cast<std::uint16_t>(c);
      before = c;
      at += 3;
    }
    to = {at, n, chars};
    left = before;
  }

  // Makes each run of parts from parts_ to n that are single characters one part; returns how many are left.
  std::uint32_t collect_runs(std::uint32_t n) {
    std::uint32_t kept = parts_;
    bool in_run = false;
    for (std::uint32_t i = parts_; i < n; ++i) {
      const bool is_single = char_ends_[i + 1] - char_ends_[i] == 1;
      kept -= in_run && is_single;
      in_run = is_single;
      if (is_single) runs_ |= std::uint64_t{1} << kept;
      ends_[kept] = ends_[i];
      char_ends_[++kept] = char_ends_[i + 1];
    }
    return kept;
  }

  // `within`: a word goes on behind the parts.
  void flush(bool within) {
    WordKey keys[kMost];
    const char* places[kMost];
    std::uint64_t singles = 0;
    std::uint32_t begin = from_;
    for (std::uint32_t i = 0; i < parts_; begin = ends_[i++]) {
      keys[i] = load_key(text_ + begin, ends_[i] - begin, cache_.tag());
      const bool is_single = char_ends_[i + 1] - char_ends_[i] == 1 || (runs_ >> i & 1) != 0;
      const auto* const alone = reinterpret_cast<const char*>(&model_.chars_[chars_[char_ends_[i]]]);
      const auto* const line = reinterpret_cast<const char*>(cache_.line_of(keys[i]));
      places[i] = is_single ? alone : line;
      singles |= std::uint64_t{is_single} << i;
      __builtin_prefetch(places[i]);
    }
    std::uint32_t totals[kMost];
    begin = from_;
    for (std::uint32_t i = 0; i < parts_; begin = ends_[i++]) {
      std::uint32_t* const to = out_ + total_;
      if (runs_ >> i & 1) {
        total_ += append_run(i, begin, to);
      } else {
        // Behind a character's entry are others, and no key: its last byte is no part of an id.
        const auto* const held_keys =
            reinterpret_cast<const WordKey*>(places[i] + offsetof(WordCache::Line, keys));
        const unsigned second = equal_keys(keys[i], held_keys[1]);
        const auto* const answer = reinterpret_cast<const WordCache::Answer*>(places[i]) + second;
        const unsigned has_answer =
            equal_keys(keys[i], held_keys[0]) | second | static_cast<unsigned>(singles >> i & 1);
        const std::size_t count = answer->count;
        if (has_answer != 0 && count != 0 && !no_keys_) [[likely]] {
          answer->copy_to(to);
          total_ += count;
        } else {
          total_ +=
              model_.append_part(text_ + begin, ends_[i] - begin, is_whole_word(i), no_keys_, cache_, to);
        }
      }
      totals[i] = static_cast<std::uint32_t>(total_);
    }
    for (; counted_ < words_; ++counted_) {
      const std::uint32_t total = totals[word_ends_[counted_] - 1];
      if (counts_) counts_[counted_] = total - word_begin_;
      word_begin_ = total;
    }
    from_ = begin;
    parts_ = 0;
    runs_ = 0;
    first_goes_on_ = within;
  }

  // What stands for a character in chars_. The last one below U+10000 has no entry.
  static std::uint16_t held(char32_t c) {
    return static_cast<std::uint16_t>(c < CharCuts::kChars ? c : kNoEntry);
  }

  std::size_t append_run(std::uint32_t part, std::uint32_t begin, std::uint32_t* to) {
    std::size_t count = 0;
    for (std::uint32_t i = char_ends_[part]; i < char_ends_[part + 1]; ++i) {
      const WordCache::Answer& answer = model_.chars_[chars_[i]];
      if (answer.count == 0) [[unlikely]]
        return append_run_slowly(part, begin, to);
      std::memcpy(to + count, answer.ids, sizeof answer.ids);
      count += answer.count;
    }
    return count;
  }

  std::size_t append_run_slowly(std::uint32_t part, std::uint32_t begin, std::uint32_t* to) {
    std::size_t count = 0;
    const bool whole = char_ends_[part + 1] - char_ends_[part] == 1 && is_whole_word(part);
    while (begin < ends_[part]) {
      const std::size_t size = decode_valid(text_ + begin).size;
      count += model_.append_part(text_ + begin, size, whole, no_keys_, cache_, to + count);
      begin += static_cast<std::uint32_t>(size);
    }
    return count;
  }

  // Whether a part is all of its word, where that makes a difference.
  bool is_whole_word(std::uint32_t part) const {
    if (model_.whole_words_.empty()) return false;
    const auto ends_at = [&](std::uint32_t parts) {
      const auto* const end = word_ends_ + words_;
      return std::find(word_ends_ + counted_, end, parts) != end;
    };
    return ends_at(part + 1) && (part == 0 ? !first_goes_on_ : ends_at(part));
  }

  const ByteBpe& model_;
  const std::uint8_t* const text_;
  const bool no_keys_;
  WordCache& cache_;
  std::uint32_t* const out_;
  std::uint32_t* const counts_;
  std::size_t total_ = 0;  // ids

  std::uint32_t from_;                   // where the first part begins
  std::uint32_t parts_ = 0;              // waiting
  std::uint64_t runs_ = 0;               // by part: it is single characters
  bool first_goes_on_ = false;           // the first part is not the first of its word
  std::uint32_t words_ = 0;              // added
  std::uint32_t counted_ = 0;            // whose counts are written
  std::uint32_t word_begin_ = 0;         // ids before the first that is not
  std::uint32_t ends_[kMost + 1];        // of the parts
  std::uint32_t char_ends_[kMost + 2];   // likewise, in chars_; one part ends where the next begins
  std::uint32_t word_ends_[kWordRun];    // by word: parts up to its end, counted from the first one waiting
  std::uint16_t chars_[kMostChars + 1];  // of the words that were cut
};

std::size_t ByteBpe::append(const std::uint8_t* text, const std::uint32_t* bounds, std::size_t words,
                            Content content, WordCache& cache, std::uint32_t* out,
                            std::uint32_t* counts) const {
  bool cuts[2];
  const auto counts_of = [&](std::size_t first) { return counts ? counts + first : nullptr; };
  const auto is_cut = [&](std::size_t first, std::size_t n) {
    if (content != Content::kAny) return content == Content::kNul;
    for (std::size_t k = first; k < first + n; ++k) {
      if (has_ideographs(text + bounds[k], bounds[k + 1] - bounds[k])) return true;
    }
    return false;
  };
  const auto ask = [&](std::size_t first, std::size_t n, AskedWord* run) {
    bool& cut = cuts[first / kWordRun % 2];
    cut = is_cut(first, n);
    if (!cut) kernels_.run_lines(cache, text, bounds + first, n, run);
  };
  const auto answer = [&](std::size_t first, std::size_t n, const AskedWord* run, std::uint32_t* to) {
    if (cuts[first / kWordRun % 2]) {
      Parts parts(*this, text, content == Content::kNul, cache, to, counts_of(first), bounds[first]);
      for (std::size_t k = first; k < first + n; ++k) parts.add_word(bounds[k], bounds[k + 1]);
      return parts.finish();
    }
    return append_run(run, n, to, counts_of(first), [&](std::size_t k, std::uint32_t* ids) {
      const std::uint32_t begin = bounds[first + k];
      return append_missed(text + begin, bounds[first + k + 1] - begin, run[k], cache, ids);
    });
  };
  return append_by_runs(words, out, ask, answer);
}

// A word that is not in its line of the cache, if it has a key.
std::size_t ByteBpe::append_missed(const std::uint8_t* word, std::size_t size, const AskedWord& asked,
                                   WordCache& cache, std::uint32_t* out) const {
  if (size > kMaxKeyBytes) return append_long_word(word, size, cache, out);
  cache.prefetch_kept(*asked.line);
  if (const WordCache::Answer* const answer = cache.recall_at_turns(*asked.line, asked.key)) {
    answer->copy_to(out);
    return answer->size();
  }
  return append_new(word, size, true, *asked.line, asked.key, cache, out);
}

// A word that has no key.
std::size_t ByteBpe::append_long_word(const std::uint8_t* word, std::size_t size, WordCache& cache,
                                      std::uint32_t* out) const {
  if (const std::size_t known = cache.find_long(word, size, out)) return known;
  std::uint32_t count;
  Parts parts(*this, word, false, cache, out, &count);
  parts.add_word(0, static_cast<std::uint32_t>(size));
  parts.finish();
  // What a part may not be is not kept where parts are looked for.
  if (whole_words_.empty()) cache.put_long(word, size, out, count);
  return count;
}

// A part whose text is a token that may only be taken as a whole word: its answer is never cached, since it
// depends on `whole`. Returns whether it is one.
bool ByteBpe::append_whole_word(const std::uint8_t* part, std::size_t size, bool whole, std::uint32_t* out,
                                std::size_t& count) const {
  const auto found = whole_words_.find({reinterpret_cast<const char*>(part), size});
  if (found == whole_words_.end()) return false;
  if (whole) {
    out[0] = found->second;
    count = 1;
  } else {
    count = merge_folded(part, size, out);
  }
  return true;
}

std::size_t ByteBpe::append_part(const std::uint8_t* part, std::size_t size, bool whole, bool no_keys,
                                 WordCache& cache, std::uint32_t* out) const {
  if (size > kMaxKeyBytes || (no_keys && part[size - 1] == 0))
    return append_long(part, size, whole, cache, out);
  const WordKey key = load_key(part, size, cache.tag());
  WordCache::Line& cached = *cache.line_of(key);
  unsigned found;
  const WordCache::Answer* answer = WordCache::find(cached, key, found);
  if (!found) answer = cache.recall_at_turns(cached, key);
  if (!answer) return append_new(part, size, whole, cached, key, cache, out);
  answer->copy_to(out);
  return answer->size();
}

// A part that the cache does not know by its key.
std::size_t ByteBpe::append_new(const std::uint8_t* part, std::size_t size, bool whole, WordCache::Line& line,
                                const WordKey& key, WordCache& cache, std::uint32_t* out) const {
  prefetch_uncached(part, size, cache);
  bool keep;
  const std::size_t count = append_uncached(part, size, whole, cache, out, keep);
  if (!keep) return count;
  if (count <= WordCache::kMaxIds) {
    cache.put_and_keep(line, key, out, count);
  } else {
    cache.put_long(part, size, out, count);
  }
  return count;
}

// A part that the cache does not know by a key. `keep`: whether it is to learn the answer, which may depend
// on `whole`, or come from where long parts are kept.
std::size_t ByteBpe::append_uncached(const std::uint8_t* part, std::size_t size, bool whole,
                                     const WordCache& cache, std::uint32_t* out, bool& keep) const {
  keep = true;
  const auto answer = [&](std::uint32_t id) -> std::size_t {
    out[0] = id;
    return 1;
  };
  bool may_be_whole_word = !whole_words_.empty();
  if (size > kMaxKeyBytes || part[size - 1] == 0) {
    if (size <= texts_.longest()) {
      const auto found = long_tokens_.find({reinterpret_cast<const char*>(part), size});
      if (found != long_tokens_.end()) return answer(found->second);
    } else {
      may_be_whole_word = false;
    }
  } else {
    const WordKey key = load_key(part, size, {});
    const Line& line = lines_[line_of(key)];
    if (const std::uint32_t* const id = line.find(key)) return answer(*id);
    may_be_whole_word = line.has_whole_words != 0;
  }
  std::size_t count = 0;
  if (may_be_whole_word && append_whole_word(part, size, whole, out, count)) {
    keep = false;
    return count;
  }
  if (const std::size_t known = cache.find_long(part, size, out)) {
    keep = false;
    return known;
  }
  return merge_folded(part, size, out);
}

// What has no key.
std::size_t ByteBpe::append_long(const std::uint8_t* part, std::size_t size, bool whole, WordCache& cache,
                                 std::uint32_t* out) const {
  bool keep;
  const std::size_t count = append_uncached(part, size, whole, cache, out, keep);
  if (keep) cache.put_long(part, size, out, count);
  return count;
}

std::size_t ByteBpe::merge(const std::uint8_t* word, std::size_t size, std::uint32_t* out) const {
  for (std::size_t i = 0; i < size; ++i) out[i] = byte_ids_[word[i]];
  return merges_.run(out, size);
}

std::size_t ByteBpe::merge_folded(const std::uint8_t* word, std::size_t size, std::uint32_t* out) const {
  return merges_.run(out, fold(word, size, out));
}

std::size_t ByteBpe::fold(const std::uint8_t* word, std::size_t size, std::uint32_t* out) const {
  std::size_t n = 0;
  // A character of one byte is that byte's id.
  while (n < size && word[n] < 0x80) {
    out[n] = byte_ids_[word[n]];
    ++n;
  }
  if (n == size) return n;
  n = 0;
  bool is_apart = true;  // what is before the character, and the character, are divided by no token
  DecodedChar next = decode_valid(word);
  for (std::size_t at = 0; at < size;) {
    const DecodedChar d = next;
    const std::size_t end = at + d.size;
    bool is_apart_behind = true;
    if (end < size) {
      next = decode_valid(word + end);
      is_apart_behind = !cuts_.may_divide(d.c, next.c);
    }
    if ((is_apart && is_apart_behind && has(folds_apart_, d.c)) || has(folds_, d.c)) {
      const WordCache::Answer& answer = chars_[d.c];
      std::memcpy(out + n, answer.ids, sizeof answer.ids);
      n += answer.count;
    } else {
      for (; at < end; ++at) out[n++] = byte_ids_[word[at]];
    }
    is_apart = is_apart_behind;
    at = end;
  }
  return n;
}

}  // namespace fasttok
