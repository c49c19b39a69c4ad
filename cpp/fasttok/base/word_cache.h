// What the model answered for short words, per thread, under one hard cap for the process.
//
// A table of 64-byte lines, each with two words of up to three ids, or one word of up to seven. A new word
// replaces one in its line, so the memory is fixed, and looking a word up costs one line and, where the word
// is there, no branch that could be guessed wrong: both keys are compared, and seven ids are copied however
// many count.
//
// Who wants it may keep what has no room in its line beside it: in the line that lies next to it, which
// processors fetch with it, or, where that is full, too, in a table that is several times smaller.
// put_and_keep() moves there what put() pushes out, and put_at_turns() some of what comes new. find_kept()
// has it for a word that is not in its line, and recall() brings it back. Of words that the table has room
// for in all, some share a line with two others; without this they push each other out again and again.
//
// What has more text or more ids has a table of its own, of longer lines and fewer (find_long).
//
// The answer never depends on what is cached: an entry holds what the model computed for exactly that key.
// Keys carry the tag of their tokenizer in the last byte, which no word uses.
//
// Each thread takes its table from the process's budget when it first needs one; where the budget is spent it
// gets a smaller one, in the end two lines. A table begins small, so that a few words lie near each other,
// and grows once, at the thread's next call after it has come to be half full. Changing the budget starts a
// new epoch: each thread drops its table at its next call.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>

#include "fasttok/base/word_key.h"

namespace fasttok {

class WordCache {
 public:
  static constexpr std::size_t kMaxIds = 7;
  static constexpr std::size_t kMaxShortIds = 3;
  struct Answer {
    std::uint32_t count;              // and, above its low 8 bits, the note that was given to put()
    std::uint32_t ids[kMaxShortIds];  // with a larger count, up to kMaxIds: the next Answer has the others

    static constexpr std::uint32_t kSizeBits = 0xFF;
    std::size_t size() const { return count & kSizeBits; }
    std::uint32_t note() const { return count & ~kSizeBits; }
    // Copies the ids; writes kMaxIds of them.
    void copy_to(std::uint32_t* out) const {
      std::memcpy(out, reinterpret_cast<const char*>(this) + sizeof count, kMaxIds * sizeof(std::uint32_t));
    }
    // All in one piece, of which the last id is anything; of an answer in a line.
    void copy_8_to(std::uint32_t* out) const {
      std::memcpy(out, reinterpret_cast<const char*>(this) + sizeof count, 32);
    }
  };

  // The calling thread's cache, sized by the budget in force now, with the entries of this tokenizer told
  // from others'.
  static WordCache& of_this_thread(std::uint32_t owner) {
    WordCache* const own = own_;
    const std::uint32_t tag = tag_of(owner);
    if (!own || own->epoch_ != now_.load(std::memory_order_relaxed) || own->owners_[tag] != owner)
      return prepared(owner);
    // Only where it changes: kernels read the tag as one value, and would wait for half of one.
    const std::uint64_t high = static_cast<std::uint64_t>(tag) << 56;
    if (own->tag_.hi != high) own->tag_.hi = high;
    return *own;
  }

  // Answers come first, so that kMaxIds ids can be copied from either.
  struct alignas(64) Line {
    Answer answers[2];
    WordKey keys[2];  // all zero: empty, since no tag is 0
  };
  static_assert(sizeof(Line) == 64);

  // What load_key() is to put into the keys of this tokenizer's words.
  const WordKey& tag() const { return tag_; }

  // The sum of a key's halves, which says where its line is. One half is turned by an odd number of half
  // bytes: digits, and the few letters of some codes, would often make the same sum with the halves as they
  // are.
  static constexpr int kTurn = 28;
  static std::uint64_t sum_of(const WordKey& key) { return key.lo + std::rotr(key.hi, kTurn); }

  struct Lines {
    Line* begin;
    std::size_t count;
    Line* operator[](std::uint64_t sum) const {
      const std::uint64_t hash = sum * 0x9E3779B97F4A7C15ull;
      return begin + static_cast<std::size_t>(static_cast<unsigned __int128>(hash) * count >> 64);
    }
  };
  Lines lines() const { return {lines_, line_count_}; }
  Line* line_of(const WordKey& key) const { return lines()[sum_of(key)]; }

  // The answer for a tagged key in its line. Without a branch: it is one to be used only if `found`, which is
  // 1 or 0.
  static const Answer* find(const Line& line, const WordKey& key, unsigned& found) {
    const unsigned second = equal_keys(key, line.keys[1]);
    found = equal_keys(key, line.keys[0]) | second;
    return &line.answers[second];
  }

  // A line by itself that has this answer.
  static Line line_with(const WordKey& key, const std::uint32_t* ids, std::size_t count) {
    Line line{};
    write(line, {0, count > kMaxShortIds}, key, ids, count, 0);
    return line;
  }

  // Remembers the answer of at most kMaxIds ids. A note has its low 8 bits clear.
  void put(Line& line, const WordKey& key, const std::uint32_t* ids, std::size_t count,
           std::uint32_t note = 0) {
    const std::size_t before = places_in(line);
    write(line, way_into(line, count), key, ids, count, note);
    count_used(places_in(line) - before);
  }

  // The same; what it pushes out is kept.
  void put_and_keep(Line& line, const WordKey& key, const std::uint32_t* ids, std::size_t count,
                    std::uint32_t note = 0) {
    const std::size_t before = places_in(line);
    const Way way = way_into(line, count);
    if (way.takes_line || way.index == 0) keep(line, 0);
    if (way.takes_line || way.index == 1) keep(line, 1);
    write(line, way, key, ids, count, note);
    count_used(places_in(line) - before);
  }

  void prefetch_kept(const Line& line) const {
    if (never_full(line)) return;
    __builtin_prefetch(&next_to(line));
    const std::size_t place = kept_place(line);
    if (has(kept_used_, place)) __builtin_prefetch(&kept_lines_[place]);
  }

  // The answer for a key that is not in its line, where it is kept; null: it is not.
  const Answer* find_kept(const Line& line, const WordKey& key) const {
    if (never_full(line)) return nullptr;
    unsigned found;
    const Answer* answer = find(next_to(line), key, found);
    if (found) return answer;
    const std::size_t place = kept_place(line);
    if (!has(kept_used_, place)) return nullptr;
    answer = find(kept_lines_[place], key, found);
    return found ? answer : nullptr;
  }

  // The same; now and then brought back to its line, so that what is kept is in the end what is asked for
  // least.
  const Answer* recall_at_turns(Line& line, const WordKey& key) {
    constexpr unsigned kFindsPerReturn = 4;
    const Answer* const answer = find_kept(line, key);
    return answer && finds_++ % kFindsPerReturn == 0 ? bring_back(line, key, *answer) : answer;
  }

  // The same, brought back each time.
  const Answer* recall(Line& line, const WordKey& key) {
    const Answer* const answer = find_kept(line, key);
    return answer ? bring_back(line, key, *answer) : nullptr;
  }

  // Remembers an answer in its line or next to it if there is room for it, else at turns: in its line, or
  // beside it, or not. Of many words that share each line, and are asked for in turn, some are found then; if
  // each pushed out the one before, none would be.
  void put_at_turns(Line& line, const WordKey& key, const std::uint32_t* ids, std::size_t count) {
    constexpr unsigned kPutsPerTurn = 4;
    if (has_room(line, count)) return put(line, key, ids, count);
    mark_full(line);
    if (put_next_to(line, key, ids, count, 0)) return;
    const unsigned turn = full_++ % kPutsPerTurn;
    if (turn == 0) {
      put(line, key, ids, count);
    } else if (turn == kPutsPerTurn / 2) {
      put_beside(kept_place(line), key, ids, count, 0);
    }
  }

  // Of text that has no key, or more than kMaxIds ids: copies the ids and returns their number, or 0. 16
  // bytes may be read from each of the text's places on; up to seven more than count are written.
  static constexpr std::size_t kMaxLongBytes = 60, kMaxLongIds = 32;
  std::size_t find_long(const std::uint8_t* text, std::size_t size, std::uint32_t* out) const {
    if (size > kMaxLongBytes) return 0;
    const std::size_t place = long_place(text, size);
    if (!has(long_used_, place)) return 0;
    const LongLine& line = long_lines_[place];
    if (line.tag != tag_.hi >> 56 || line.size != size) return 0;
    // Behind the text of a line are its ids, so 16 bytes may be read from each of its places on, too.
    bool equal = true;
    for (std::size_t at = 0; at < size; at += kMaxKeyBytes) {
      const std::size_t n = std::min(size - at, kMaxKeyBytes);
      equal &= load_key(text + at, n, {}) == load_key(line.text + at, n, {});
    }
    if (!equal) return 0;
    static_assert(kMaxLongIds % 8 == 0);
    for (std::size_t i = 0; i < line.count; i += 8)
      std::memcpy(out + i, line.ids + i, 8 * sizeof(std::uint32_t));
    return line.count;
  }
  void prefetch_long(const std::uint8_t* text, std::size_t size) const {
    if (size > kMaxLongBytes) return;
    const std::size_t place = long_place(text, size);
    if (!has(long_used_, place)) return;
    __builtin_prefetch(&long_lines_[place]);
    __builtin_prefetch(long_lines_[place].ids);
  }
  // Does nothing for what is too long for that. `at_turns`: other text is replaced only one time of some.
  // Where texts are asked for in turn, of those that share a place one is found then, and not none.
  void put_long(const std::uint8_t* text, std::size_t size, const std::uint32_t* ids, std::size_t count,
                bool at_turns = false) {
    if (size > kMaxLongBytes || count > kMaxLongIds) return;
    const std::size_t place = long_place(text, size);
    LongLine& line = long_lines_[place];
    constexpr unsigned kLongPerTurn = 4;
    if (line.tag == 0) {
      count_used(kPlacesOfLong);
    } else if (at_turns && long_turn_++ % kLongPerTurn != 0) {
      return;
    }
    note(long_used_, place);
    line.tag = static_cast<std::uint8_t>(tag_.hi >> 56);
    line.size = static_cast<std::uint8_t>(size);
    line.count = static_cast<std::uint8_t>(count);
    std::memcpy(line.text, text, size);
    std::memcpy(line.ids, ids, count * sizeof(std::uint32_t));
  }

  WordCache(const WordCache&) = delete;
  WordCache& operator=(const WordCache&) = delete;
  ~WordCache();

  // As long as it lives, the calling thread has another cache, an empty one: for code that is called in the
  // middle of what uses the thread's own, and may use it for anything.
  class SetAside {
   public:
    SetAside() : own_before_(own_), before_(innermost_) {
      own_ = nullptr;
      innermost_ = this;
    }
    ~SetAside() {
      delete cache_;
      own_ = own_before_;
      innermost_ = before_;
    }
    SetAside(const SetAside&) = delete;
    SetAside& operator=(const SetAside&) = delete;

   private:
    friend class WordCache;
    WordCache* const own_before_;
    SetAside* const before_;
    WordCache* cache_ = nullptr;  // once it was asked for
    static constinit thread_local SetAside* innermost_;
  };

 private:
  WordCache() = default;
  static std::uint32_t tag_of(std::uint32_t owner) { return 1 + owner % 255; }
  static WordCache& prepared(std::uint32_t owner);
  static WordCache& make_own();
  // In a variable that needs no constructor: then asking for it is a load.
  static constinit thread_local WordCache* own_;
  static constinit std::atomic<std::uint64_t> now_;  // the epoch
  friend void clear_cache();

  // Where put() writes.
  struct Way {
    unsigned index;
    bool takes_line;
  };
  static bool is_empty(const WordKey& key) { return (key.lo | key.hi) == 0; }
  Way way_into(const Line& line, std::size_t count) {
    if (count > kMaxShortIds || line.answers[0].size() > kMaxShortIds) return {0, true};
    if (is_empty(line.keys[0])) return {0, false};
    return {is_empty(line.keys[1]) ? 1 : turn_++ & 1, false};
  }
  static bool has_room(const Line& line, std::size_t count) {
    if (is_empty(line.keys[0])) return count <= kMaxShortIds || is_empty(line.keys[1]);
    return is_empty(line.keys[1]) && count <= kMaxShortIds && line.answers[0].size() <= kMaxShortIds;
  }
  static void write(Line& line, Way way, const WordKey& key, const std::uint32_t* ids, std::size_t count,
                    std::uint32_t note) {
    if (way.takes_line) {
      line.keys[1] = {};
      line.answers[1].count = kWasFull;
    }
    line.keys[way.index] = key;
    std::uint32_t padded[kMaxIds] = {};
    std::copy_n(ids, count, padded);
    line.answers[way.index].count = static_cast<std::uint32_t>(count) | note;
    std::memcpy(reinterpret_cast<char*>(&line.answers[way.index]) + sizeof(std::uint32_t), padded,
                (count > kMaxShortIds ? kMaxIds : kMaxShortIds) * sizeof(std::uint32_t));
  }
  // A line that has room may have had none for something before, which is kept elsewhere: then it does not
  // have the zeros of an empty second answer.
  static constexpr std::uint32_t kWasFull = 1;
  static bool never_full(const Line& line) {
    return is_empty(line.keys[1]) && line.answers[1].count == 0 && line.answers[0].size() <= kMaxShortIds;
  }
  static void mark_full(Line& line) {
    if (never_full(line)) line.answers[1].count = kWasFull;
  }
  static std::size_t places_in(const Line& line) {
    if (is_empty(line.keys[0])) return is_empty(line.keys[1]) ? 0 : 1;
    return line.answers[0].size() > kMaxShortIds || !is_empty(line.keys[1]) ? 2 : 1;
  }
  // Asks for larger tables where these have become half full. There may be fewer places in use, too.
  void count_used(std::size_t more) {
    used_ += more;
    if (used_ < used_before_growth_ || used_before_growth_ == 0) return;
    used_before_growth_ = 0;
    outgrown_ = epoch_;
    epoch_ = 0;
  }
  // What was in a line, which is another's now.
  struct HeldAnswer {
    HeldAnswer(const Line& line, std::ptrdiff_t index)
        : size(line.answers[index].size()), note(line.answers[index].note()) {
      std::memcpy(ids, line.answers[index].ids, kMaxShortIds * sizeof *ids);
      if (index == 0) line.answers[0].copy_to(ids);  // the second has no others behind it
    }
    std::uint32_t ids[kMaxIds] = {};
    std::size_t size;
    std::uint32_t note;
  };
  // From where it is kept to its line.
  const Answer* bring_back(Line& line, const WordKey& key, const Answer& answer) {
    Line& near = next_to(line);
    const bool is_near =
        std::less_equal<>()(near.answers, &answer) && std::less<>()(&answer, near.answers + 2);
    Line& from = is_near ? near : kept_lines_[kept_place(line)];
    const std::ptrdiff_t index = &answer - from.answers;
    const HeldAnswer held(from, index);
    const std::size_t before = places_in(near);
    from.keys[index] = {};
    mark_full(from);
    used_ -= before - places_in(near);
    put_and_keep(line, key, held.ids, held.size, held.note);
    unsigned found;
    return find(line, key, found);
  }
  Line& next_to(const Line& line) const { return lines_[(&line - lines_) ^ 1]; }
  // Returns false where there is no room.
  bool put_next_to(const Line& line, const WordKey& key, const std::uint32_t* ids, std::size_t count,
                   std::uint32_t note_of_answer) {
    Line& near = next_to(line);
    if (!has_room(near, count)) return false;
    const std::size_t before = places_in(near);
    write(near, way_into(near, count), key, ids, count, note_of_answer);
    count_used(places_in(near) - before);
    return true;
  }
  // Lines that lie far apart share one of those where answers are kept.
  std::size_t kept_place(const Line& line) const {
    return static_cast<std::size_t>(&line - lines_) & kept_mask_;
  }

  // Which lines of a table have been written, some of them by one bit: it is asked first, since the tables
  // are not near, and in a new one nothing is found.
  using UsedLines = std::uint64_t[512];
  static constexpr std::size_t kUsedBits = 64 * 512;
  static bool has(const UsedLines& used, std::size_t place) {
    return (used[place % kUsedBits / 64] >> place % 64 & 1) != 0;
  }
  static void note(UsedLines& used, std::size_t place) {
    used[place % kUsedBits / 64] |= std::uint64_t{1} << place % 64;
  }
  void keep(const Line& line, unsigned index) {
    const WordKey& key = line.keys[index];
    if (is_empty(key)) return;
    const HeldAnswer held(line, index);
    if (put_next_to(line, key, held.ids, held.size, held.note)) return;
    // It may have lain here since its own line, the one next to this, had no room.
    put_beside(kept_place(*line_of(key)), key, held.ids, held.size, held.note);
  }
  void put_beside(std::size_t place, const WordKey& key, const std::uint32_t* ids, std::size_t count,
                  std::uint32_t note_of_answer) {
    note(kept_used_, place);
    write(kept_lines_[place], way_into(kept_lines_[place], count), key, ids, count, note_of_answer);
  }

  void resize_to_budget();
  void grow();
  bool take_tables(std::size_t bytes);
  static void release(void* memory, std::size_t bytes);
  void clear();
  void forget_lines();

  struct alignas(64) LongLine {
    std::uint8_t tag;  // 0: empty
    std::uint8_t size, count;
    std::uint8_t text[kMaxLongBytes];
    std::uint32_t ids[kMaxLongIds];
  };
  static_assert(sizeof(LongLine) == 192);
  std::size_t long_place(const std::uint8_t* text, std::size_t size) const {
    std::uint64_t hash = size;
    for (std::size_t at = 0; at < size; at += kMaxKeyBytes) {
      WordKey key = load_key(text + at, std::min(size - at, kMaxKeyBytes), {});
      key.lo ^= hash;
      hash = hash_key(key);
    }
    return static_cast<std::size_t>(hash) & long_mask_;
  }

  // Where there is no budget: a few lines, so that nothing else need know whether there is a cache.
  struct FewLines {
    Line lines[2], kept_line;
    LongLine long_line;
  };

  WordKey tag_{};
  Line* lines_ = nullptr;
  std::size_t line_count_ = 0;
  Line* kept_lines_ = nullptr;
  std::size_t kept_mask_ = 0;
  LongLine* long_lines_ = nullptr;
  std::size_t long_mask_ = 0;
  UsedLines kept_used_ = {}, long_used_ = {};
  unsigned turn_ = 0, long_turn_ = 0, finds_ = 0, full_ = 0;
  // Places of words that are in use. A long word counts as many, since it has so many fewer lines.
  static constexpr std::size_t kPlacesOfLong = 32;
  std::size_t used_ = 0, used_before_growth_ = 0;  // 0: these do not grow
  std::size_t bytes_ = 0;
  std::uint64_t epoch_ = 0;         // 0: the table is not to be used any more
  std::uint64_t outgrown_ = 0;      // the epoch of the table, where it is to grow
  std::uint32_t owners_[256] = {};  // whose entries carry which tag
  FewLines few_{};
};

struct CacheInfo {
  std::size_t bytes_used;  // by the tables of all threads
  std::size_t bytes_cap;
  std::size_t tables;
};
CacheInfo cache_info();
void clear_cache();
void set_cache_bytes(std::size_t cap);  // 0 turns caching off

// A number for a compiled tokenizer.
std::uint32_t next_cache_owner();

}  // namespace fasttok
