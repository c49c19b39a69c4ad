#include "fasttok/model/byte_bpe.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <queue>
#include <string>
#include <utility>

#include "fasttok/base/interrupt.h"
#include "fasttok/unicode/byte_chars.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

// Up to so many symbols the lowest rank is looked for among all of them, beyond that by a heap.
constexpr std::size_t kFewSymbols = 48;

constexpr char32_t kTableChars = 0x10000;

// Flag of an entry of chars_.
constexpr std::uint64_t kFolds = std::uint64_t{1} << 62;

// Of an entry of chars_.
std::size_t id_count(std::uint64_t entry) {
  return entry >> 60 & 3;
}
void write_ids(std::uint64_t entry, std::uint32_t* out) {  // three of them
  out[0] = static_cast<std::uint32_t>(entry & MergeTable::kMost);
  out[1] = static_cast<std::uint32_t>(entry >> 20 & MergeTable::kMost);
  out[2] = static_cast<std::uint32_t>(entry >> 40 & MergeTable::kMost);
}

// A character of text that is known to be UTF-8.
inline DecodedChar decode_valid(const std::uint8_t* p) {
  if (p[0] < 0x80) return {p[0], 1};
  const auto six = [&](int i) -> char32_t { return p[i] & 0x3Fu; };
  if (p[0] < 0xE0) return {(p[0] & 0x1Fu) << 6 | six(1), 2};
  if (p[0] < 0xF0) return {(p[0] & 0x0Fu) << 12 | six(1) << 6 | six(2), 3};
  return {(p[0] & 0x07u) << 18 | six(1) << 12 | six(2) << 6 | six(3), 4};
}

// Flags of a character on the left and on the right of a boundary.
constexpr std::uint8_t kWholeThenPart = 1, kPartThenAny = 2;

// The bytes that a token of byte characters stands for; false where it has another character.
bool to_bytes(std::string_view token, std::string& bytes) {
  bytes.clear();
  for (std::size_t at = 0; at < token.size();) {
    const DecodedChar d = decode_char(token, at);
    const std::optional<std::uint8_t> byte = byte_of_char(d.c);
    if (!byte) return false;
    bytes.push_back(static_cast<char>(*byte));
    at += d.size;
  }
  return true;
}

bool is_empty(const std::optional<std::string>& s) {
  return !s || s->empty();
}

std::optional<std::uint32_t> id_of_byte(const Vocab& vocab, unsigned byte) {
  return vocab.token_to_id(to_utf8(std::u32string(1, byte_char(static_cast<std::uint8_t>(byte)))));
}

// Whether text may hold the byte. Vocabularies that were trained on text may lack the others.
bool is_of_utf8(unsigned byte) {
  return byte != 0xC0 && byte != 0xC1 && byte < 0xF5;
}

// Bytes of the character that a lead byte begins.
std::size_t char_size(std::uint8_t lead) {
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

// Up to three bytes on each side of a boundary as one number, which is not 0.
inline std::uint64_t around(const std::uint8_t* left, std::size_t left_size, const std::uint8_t* right,
                            std::size_t right_size) {
  const auto packed = [](const std::uint8_t* bytes, std::size_t size) {
    std::uint64_t value = size;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[i];
    return value;
  };
  return packed(left, left_size) << 32 | packed(right, right_size);
}

// What tokens say about the boundaries between the characters inside of them.
class CutNotes {
 public:
  void add(std::string_view token) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(token[i]); };
    const auto char_at = [&](std::size_t at, std::size_t size) {
      return decode_char(token.substr(at, size), 0).c;
    };
    std::size_t before = 0;  // where the character on the left begins
    for (std::size_t at = 1; at < token.size(); ++at) {
      if ((byte(at) & 0xC0) == 0x80) continue;
      const bool left_is_whole = (byte(before) & 0xC0) != 0x80;
      const std::size_t size = char_size(byte(at));
      const bool right_is_whole = at + size <= token.size();
      if (left_is_whole && right_is_whole) {
        pairs.push_back(std::uint64_t{char_at(before, at - before)} << 32 | char_at(at, size));
      } else {
        const std::uint8_t flag = left_is_whole ? kWholeThenPart : kPartThenAny;
        const std::size_t right_size = std::min(size, token.size() - at);
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(token.data());
        if (at - before <= 3 && right_size <= 3)  // else it is of characters beyond the table
          parts.push_back(around(bytes + before, at - before, bytes + at, right_size));
        if (left_is_whole) {
          note_char(left, char_at(before, at - before), flag);
        } else {
          note_part(ends_, token.substr(before, at - before), flag);
        }
        if (right_is_whole) {
          note_char(right, char_at(at, size), flag);
        } else {
          note_part(beginnings_, token.substr(at), flag);
        }
      }
      before = at;
    }
  }

  void finish() {
    for (std::vector<std::uint64_t>* list : {&pairs, &parts}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
    for (char32_t c = 0x80; c < kTableChars; ++c) {
      std::uint8_t utf8[4];
      const std::size_t size = encode_utf8(c, utf8);
      right[c] |= beginnings_[utf8[0]];
      left[c] |= ends_[utf8[size - 1]];
      if (size < 3) continue;
      right[c] |= beginnings_[two_bytes(utf8[0], utf8[1])];
      left[c] |= ends_[two_bytes(utf8[1], utf8[2])];
    }
  }

  std::vector<std::uint64_t> pairs;  // characters that some token holds, left << 32 | right
  std::vector<std::uint64_t> parts;  // around() of a boundary on which one of them is not whole
  std::vector<std::uint8_t> left = std::vector<std::uint8_t>(kTableChars), right = left;  // flags

 private:
  static std::size_t two_bytes(std::uint8_t first, std::uint8_t second) {
    return std::size_t{first} << 8 | second;
  }
  static void note_char(std::vector<std::uint8_t>& flags, char32_t c, std::uint8_t flag) {
    if (c < kTableChars) flags[c] |= flag;
  }
  // Parts of three bytes are of characters beyond the table.
  static void note_part(std::vector<std::uint8_t>& flags, std::string_view part, std::uint8_t flag) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(part[i]); };
    if (part.size() == 1) flags[byte(0)] |= flag;
    if (part.size() == 2) flags[two_bytes(byte(0), byte(1))] |= flag;
  }

  // Flags of parts of characters: of one byte, or of two, whose first is not 0.
  std::vector<std::uint8_t> beginnings_ = left, ends_ = left;
};

}  // namespace

MergeTable::MergeTable(std::size_t merges)
    : slots_(std::bit_ceil(merges + merges / 2 + 2)),
      mask_(slots_.size() - 1),
      shift_(64 - std::countr_zero(slots_.size())) {
  std::fill(slots_.begin(), slots_.end(), kEmpty);
}

void MergeTable::add(std::uint32_t left, std::uint32_t right, std::uint32_t rank) {
  const std::uint64_t pair = std::uint64_t{left} << 20 | right;
  std::size_t i = slot(pair);
  while (slots_[i] != kEmpty) i = (i + 1) & mask_;
  slots_[i] = pair << 20 | rank;
}

bool ByteBpe::fits(const Bpe& model) {
  if (!model.tables || model.dropout.value_or(0) != 0) return false;
  if (!is_empty(model.continuing_subword_prefix) || !is_empty(model.end_of_word_suffix)) return false;
  const Vocab& vocab = model.tables->vocab();
  if (!vocab.ids_are_unique() || vocab.id_limit() > MergeTable::kMost ||
      model.tables->merges().size() > MergeTable::kMost)
    return false;
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (is_of_utf8(byte) && !id_of_byte(vocab, byte)) return false;
  }
  return true;
}

ByteBpe::ByteBpe(const Bpe& model)
    : merges_(model.tables->merges().size()),
      lengths_(model.tables->vocab().id_limit()),
      owner_(next_cache_owner()) {
  const Vocab& vocab = model.tables->vocab();
  for (unsigned byte = 0; byte < 256; ++byte) {
    byte_ids_[byte] = id_of_byte(vocab, byte).value_or(MergeTable::kMost);
  }
  const auto merges = model.tables->merges();
  made_.reserve(merges.size());
  for (const BpeTables::Merge& merge : merges) {
    merges_.add(merge.left, merge.right, static_cast<std::uint32_t>(made_.size()));
    made_.push_back(merge.made);
  }

  // The bytes of all tokens, and which of them are made or may be taken as whole words.
  struct Entry {
    std::uint32_t id;
    std::size_t begin, end;
  };
  std::vector<Entry> entries;
  std::vector<bool> counts(lengths_.size(), model.ignore_merges);
  for (const std::uint32_t id : made_) counts[id] = true;
  std::string bytes;
  for (const VocabEntry& entry : vocab.entries()) {
    if (!to_bytes(entry.token, bytes) || bytes.empty()) continue;
    entries.push_back({entry.id, arena_.size(), arena_.size() + bytes.size()});
    lengths_[entry.id] = static_cast<std::uint32_t>(bytes.size());
    longest_ = std::max(longest_, bytes.size());
    arena_ += bytes;
  }
  const std::string_view all = arena_;
  const auto bytes_of = [&](const Entry& entry) { return all.substr(entry.begin, entry.end - entry.begin); };

  CutNotes cuts;
  for (const Entry& entry : entries) {
    if (counts[entry.id]) cuts.add(bytes_of(entry));
  }
  cuts.finish();
  lay_out_tables(cuts.pairs.size());
  add_parts(cuts.parts);
  for (char32_t c = 0; c < kTableChars; ++c) {
    cut_flags_[c] = static_cast<std::uint8_t>(cuts.left[c] | cuts.right[c] << 4);
  }
  // The lowest rank with which an id is taken by what is behind it, and by what is before it.
  std::vector<std::uint32_t> least_as_left(lengths_.size(), MergeTable::kNone),
      least_as_right = least_as_left;
  for (std::size_t rank = merges.size(); rank-- > 0;) {
    least_as_left[merges[rank].left] = least_as_right[merges[rank].right] = static_cast<std::uint32_t>(rank);
  }
  for (char32_t c = 0; c < kTableChars; ++c) {
    if ((c & 0xF800) == 0xD800) continue;
    std::uint8_t utf8[4];
    std::uint32_t ids[4];
    const std::size_t size = encode_utf8(c, utf8);
    const std::size_t n = merge(utf8, size, ids);
    std::uint64_t packed = std::uint64_t{n} << 60;
    for (std::size_t i = 0; i < n; ++i) packed |= std::uint64_t{ids[i]} << (20 * i);
    if (may_fold(utf8, size, least_as_left, least_as_right)) packed |= kFolds;
    chars_[c] = packed;
  }

  add_pairs(cuts.pairs);

  std::size_t lines = 1;
  while (2 * lines < entries.size()) lines *= 2;
  line_mask_ = lines - 1;
  lines_ = ZeroedArray<Line>(lines);
  for (const Entry& entry : entries) add_token(bytes_of(entry), entry.id, model.ignore_merges);
}

// Whether a token that begins or ends inside of one of them spans their boundary.
bool ByteBpe::parts_span(char32_t left, char32_t right) const {
  std::uint8_t before[4], behind[4];
  const std::size_t left_size = encode_utf8(left, before), right_size = encode_utf8(right, behind);
  for (std::size_t n = 1; n <= left_size; ++n) {
    for (std::size_t m = 1; m <= right_size; ++m) {
      const std::uint64_t wanted = around(before + left_size - n, n, behind, m);
      for (std::size_t i = part_slot(wanted); cut_parts_[i] != 0; i = (i + 1) & (cut_parts_.size() - 1)) {
        if (cut_parts_[i] == wanted) return true;
      }
    }
  }
  return false;
}

void ByteBpe::add_parts(const std::vector<std::uint64_t>& parts) {
  cut_parts_.assign(std::bit_ceil(4 * parts.size() + 2), 0);
  for (const std::uint64_t part : parts) {
    std::size_t i = part_slot(part);
    while (cut_parts_[i] != 0) i = (i + 1) & (cut_parts_.size() - 1);
    cut_parts_[i] = part;
  }
}

void ByteBpe::lay_out_tables(std::size_t pairs) {
  const int bits = std::clamp(static_cast<int>(std::bit_width(32 * pairs)), 16, 20);
  const int slots = std::max(4, static_cast<int>(std::bit_width(2 * pairs)));
  bit_shift_ = 32 - bits;
  slot_shift_ = 32 - slots;
  slot_mask_ = (std::size_t{1} << slots) - 1;
  const std::size_t bit_words = std::size_t{1} << (bits - 6),
                    flag_words = kTableChars / sizeof(std::uint64_t);
  constexpr std::size_t kLargePage = (std::size_t{2} << 20) / sizeof(std::uint64_t);
  by_char_ =
      ZeroedArray<std::uint64_t>(std::max(kLargePage, kTableChars + bit_words + slot_mask_ + 1 + flag_words));
  chars_ = by_char_.begin();
  pair_bits_ = chars_ + kTableChars;
  pair_slots_ = pair_bits_ + bit_words;
  cut_flags_ = reinterpret_cast<std::uint8_t*>(pair_slots_ + slot_mask_ + 1);
}

void ByteBpe::add_pairs(const std::vector<std::uint64_t>& pairs) {
  for (const std::uint64_t pair : pairs) {
    const auto left = static_cast<char32_t>(pair >> 32), right = static_cast<char32_t>(pair);
    if ((left | right) >> 16) continue;
    std::string text;
    append_utf8(text, left);
    append_utf8(text, right);
    std::uint32_t together[8], apart[8];
    const std::size_t n = merge(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), together);
    std::size_t m = 0;
    for (const char32_t c : {left, right}) {
      write_ids(chars_[c], apart + m);
      m += id_count(chars_[c]);
    }
    const std::uint32_t value = n == 1                                                ? together[0]
                                : n == m && std::equal(together, together + n, apart) ? kEachAlone
                                                                                      : kElse;
    const std::uint32_t h = left * 0x9E3779B1u ^ right * 0x85EBCA77u;
    pair_bits_[h >> bit_shift_ >> 6] |= std::uint64_t{1} << (h >> bit_shift_ & 63);
    std::size_t i = h >> slot_shift_;
    while (pair_slots_[i] != 0) i = (i + 1) & slot_mask_;
    pair_slots_[i] = std::uint64_t{left} << 48 | std::uint64_t{right} << 32 | value;
  }
}

// Makes a token known to step 4, if it is what its own text becomes, or if it may be taken as a whole word.
void ByteBpe::add_token(std::string_view bytes, std::uint32_t id, bool whole_words) {
  std::vector<std::uint32_t> ids(bytes.size());
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const bool is_made = merge(data, bytes.size(), ids.data()) == 1 && ids[0] == id;
  if (!is_made) {
    if (!whole_words) return;
    whole_words_[bytes] = id;
    if (bytes.size() <= kMaxKeyBytes) lines_[line_of(make_key(data, bytes.size()))].has_whole_words = 1;
    return;
  }
  if (bytes.size() > kMaxKeyBytes) {
    long_tokens_[bytes] = id;
    return;
  }
  if (bytes.back() == '\0') return;
  const WordKey key = make_key(data, bytes.size());
  Line& line = lines_[line_of(key)];
  if (line.used == 3) return;
  line.keys[line.used] = key;
  line.ids[line.used++] = id;
}

bool ByteBpe::may_fold(const std::uint8_t* utf8, std::size_t size,
                       const std::vector<std::uint32_t>& least_as_left,
                       const std::vector<std::uint32_t>& least_as_right) const {
  std::uint32_t ids[4];
  for (std::size_t i = 0; i < size; ++i) ids[i] = byte_ids_[utf8[i]];
  for (std::size_t n = size; n > 1; --n) {
    std::size_t best = 0;
    std::uint32_t lowest = MergeTable::kNone;
    for (std::size_t i = 0; i + 1 < n; ++i) {
      const std::uint32_t rank = merges_.find(ids[i], ids[i + 1]);
      if (rank >= lowest) continue;
      lowest = rank;
      best = i;
    }
    if (lowest == MergeTable::kNone) return true;
    if (lowest >= least_as_right[ids[0]] || lowest >= least_as_left[ids[n - 1]]) return false;
    ids[best] = made_[lowest];
    for (std::size_t i = best + 1; i + 1 < n; ++i) ids[i] = ids[i + 1];
  }
  return true;
}

std::size_t ByteBpe::append(const std::uint8_t* text, const std::uint32_t* ends, std::size_t words,
                            bool no_keys, WordCache& cache, std::uint32_t* out, std::uint32_t* counts) const {
  WordKey keys[kWordGroup];
  WordCache::Line* lines[kWordGroup];
  std::uint32_t begin = 0;
  for (std::size_t k = 0; k < words; begin = ends[k++]) {
    keys[k] = load_key(text + begin, ends[k] - begin, cache.tag());
    lines[k] = cache.line_of(keys[k]);
    __builtin_prefetch(lines[k]);
  }
  std::size_t total = 0;
  begin = 0;
  for (std::size_t k = 0; k < words; begin = ends[k++]) {
    const std::uint8_t* const word = text + begin;
    const std::size_t size = ends[k] - begin;
    std::size_t count;
    // Words of ideographs are seldom the same; all that are long, and all that may hold a NUL, have no key.
    if (size > kMaxKeyBytes || no_keys || word[0] >= 0xE0 || word[size > 1] >= 0xE0) {
      count = append_long(word, size, no_keys, cache, out + total);
    } else {
      unsigned found;
      const WordCache::Answer* answer = WordCache::find(*lines[k], keys[k], found);
      if (found) {
        answer->copy_to(out + total);
        count = answer->count;
      } else {
        count = append_unknown(word, size, true, keys[k], *lines[k], cache, out + total);
      }
    }
    counts[k] = static_cast<std::uint32_t>(count);
    total += count;
  }
  return total;
}

// Cuts a word.
std::size_t ByteBpe::append_long(const std::uint8_t* word, std::size_t size, bool no_keys, WordCache& cache,
                                 std::uint32_t* out) const {
  DecodedChar d = decode_valid(word);
  std::size_t count = 0;
  std::size_t begin = 0;  // of the part
  std::size_t at = d.size;
  std::size_t chars = 1;            // of the part
  char32_t c = d.c, before = 0;     // its last two
  std::uint32_t last_span = kElse;  // of these
  const auto add_char = [&](char32_t alone) {
    const std::uint64_t entry = chars_[alone];
    write_ids(entry, out + count);
    count += id_count(entry);
  };
  const auto add_part = [&] {
    if (chars == 1 && c < kTableChars) return add_char(c);
    if (chars == 2 && last_span != kElse) {
      if (last_span != kEachAlone) {
        out[count++] = last_span;
        return;
      }
      add_char(before);
      return add_char(c);
    }
    count += append_part(word + begin, at - begin, false, no_keys, cache, out + count);
  };
  while (at < size) {
    d = decode_valid(word + at);
    const std::uint32_t now = span(c, d.c);
    if (now == kApart) {
      add_part();
      begin = at;
      chars = 1;
    } else {
      ++chars;
      last_span = now;
      before = c;
    }
    c = d.c;
    at += d.size;
  }
  if (begin == 0 && (chars > 2 || !whole_words_.empty()))
    return append_part(word, size, true, no_keys, cache, out);
  add_part();
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
  std::size_t count = 0;
  if (size > kMaxKeyBytes || (no_keys && part[size - 1] == 0)) {
    if (size <= longest_) {
      const auto found = long_tokens_.find({reinterpret_cast<const char*>(part), size});
      if (found != long_tokens_.end()) {
        out[0] = found->second;
        return 1;
      }
      if (!whole_words_.empty() && append_whole_word(part, size, whole, out, count)) return count;
    }
    return merge_folded(part, size, out);
  }
  const WordKey key = load_key(part, size, cache.tag());
  WordCache::Line& cached = *cache.line_of(key);
  unsigned found;
  const WordCache::Answer* answer = WordCache::find(cached, key, found);
  if (found) {
    answer->copy_to(out);
    return answer->count;
  }
  return append_unknown(part, size, whole, key, cached, cache, out);
}

std::size_t ByteBpe::append_unknown(const std::uint8_t* part, std::size_t size, bool whole,
                                    const WordKey& key, WordCache::Line& cached, WordCache& cache,
                                    std::uint32_t* out) const {
  std::size_t count = 0;
  const WordKey plain = untagged(key, false);
  const Line& line = lines_[line_of(plain)];
  for (std::size_t i = 0; i < 3; ++i) {
    if (!(line.keys[i] == plain)) continue;
    out[0] = line.ids[i];
    count = 1;
  }
  if (count == 0) {
    if (line.has_whole_words && append_whole_word(part, size, whole, out, count)) return count;
    count = merge_folded(part, size, out);
  }
  if (count <= WordCache::kMaxIds) cache.put(cached, key, out, count);
  return count;
}

std::size_t ByteBpe::merge(const std::uint8_t* word, std::size_t size, std::uint32_t* out) const {
  for (std::size_t i = 0; i < size; ++i) out[i] = byte_ids_[word[i]];
  return size <= kFewSymbols ? merge_short(out, size) : merge_long(out, size);
}

std::size_t ByteBpe::merge_folded(const std::uint8_t* word, std::size_t size, std::uint32_t* out) const {
  std::size_t n = 0;
  for (std::size_t at = 0; at < size;) {
    const DecodedChar d = decode_valid(word + at);
    if (d.c < kTableChars && chars_[d.c] & kFolds) {
      write_ids(chars_[d.c], out + n);
      n += id_count(chars_[d.c]);
    } else {
      for (std::size_t i = 0; i < d.size; ++i) out[n++] = byte_ids_[word[at + i]];
    }
    at += d.size;
  }
  return n <= kFewSymbols ? merge_short(out, n) : merge_long(out, n);
}

std::size_t ByteBpe::merge_short(std::uint32_t* ids, std::size_t size) const {
  std::uint32_t ranks[kFewSymbols + 1];
  for (std::size_t i = 0; i + 1 < size; ++i) ranks[i] = merges_.find(ids[i], ids[i + 1]);
  std::size_t n = size;
  while (n > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < n; ++i) best = ranks[i] < ranks[best] ? i : best;
    if (ranks[best] == MergeTable::kNone) break;
    ids[best] = made_[ranks[best]];
    --n;
    for (std::size_t i = best + 1; i < n; ++i) {
      ids[i] = ids[i + 1];
      ranks[i - 1] = ranks[i];
    }
    if (best + 1 < n) ranks[best] = merges_.find(ids[best], ids[best + 1]);
    if (best > 0) ranks[best - 1] = merges_.find(ids[best - 1], ids[best]);
  }
  return n;
}

// A list linked through vectors, and a heap of rank << 32 | place; steps that are out of date are passed
// over.
std::size_t ByteBpe::merge_long(std::uint32_t* ids, std::size_t size) const {
  constexpr std::uint32_t kEnd = ~std::uint32_t{0};
  struct Symbol {
    std::uint32_t id, before, behind;
    std::uint32_t rank;  // of the pair with what is behind; kNone: none
  };
  std::vector<Symbol> symbols(size);
  std::vector<std::uint64_t> steps;
  const auto last = static_cast<std::uint32_t>(size - 1);
  for (std::uint32_t i = 0; i <= last; ++i) {
    const std::uint32_t rank = i < last ? merges_.find(ids[i], ids[i + 1]) : MergeTable::kNone;
    symbols[i] = {ids[i], i == 0 ? kEnd : i - 1, i < last ? i + 1 : kEnd, rank};
    if (rank != MergeTable::kNone) steps.push_back(std::uint64_t{rank} << 32 | i);
  }
  std::priority_queue queue(std::greater<>(), std::move(steps));
  const auto look = [&](std::uint32_t at) {
    Symbol& symbol = symbols[at];
    symbol.rank =
        symbol.behind == kEnd ? MergeTable::kNone : merges_.find(symbol.id, symbols[symbol.behind].id);
    if (symbol.rank != MergeTable::kNone) queue.push(std::uint64_t{symbol.rank} << 32 | at);
  };
  for (std::size_t step = 0; !queue.empty(); ++step) {
    check_interrupt_at(step);
    const auto at = static_cast<std::uint32_t>(queue.top());
    const auto rank = static_cast<std::uint32_t>(queue.top() >> 32);
    queue.pop();
    Symbol& left = symbols[at];
    if (left.rank != rank) continue;
    Symbol& right = symbols[left.behind];
    left.id = made_[rank];
    left.behind = right.behind;
    right.rank = MergeTable::kNone;
    if (left.behind != kEnd) symbols[left.behind].before = at;
    look(at);
    if (left.before != kEnd) look(left.before);
  }
  std::size_t n = 0;
  for (std::uint32_t at = 0; at != kEnd; at = symbols[at].behind) ids[n++] = symbols[at].id;
  return n;
}

}  // namespace fasttok
