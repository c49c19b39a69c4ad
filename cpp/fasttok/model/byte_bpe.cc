#include "fasttok/model/byte_bpe.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <utility>

#include "fasttok/model/rank_merges.h"
#include "fasttok/unicode/byte_chars.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

bool is_empty(const std::optional<std::string>& s) {
  return !s || s->empty();
}

constexpr unsigned kAnyByte = 0xF5, kLastByte = 0xC0;  // bytes below these stand in UTF-8, and end characters

// Whether each byte that text may hold is a token, and so with the suffix where a character may end. (That
// is, below `limit`; vocabularies that were trained on text may lack the others.)
bool has_bytes_of_utf8(const Vocab& vocab, unsigned limit = kAnyByte, std::string_view suffix = {}) {
  for (unsigned byte = 0; byte < limit; ++byte) {
    std::string token;
    append_utf8(token, byte_char(static_cast<std::uint8_t>(byte)));
    token += suffix;
    const bool is_of_utf8 = byte != 0xC0 && byte != 0xC1;
    if (is_of_utf8 && !vocab.token_to_id(token)) return false;
  }
  return true;
}

bool has_few_ids(const Vocab& vocab) {
  return vocab.ids_are_unique() && vocab.id_limit() <= MergeTable::kMost;
}

// The character below U+10000 that the bytes are.
std::optional<char32_t> only_char(std::string_view bytes) {
  const auto at = [&](std::size_t i) -> char32_t { return static_cast<std::uint8_t>(bytes[i]); };
  const char32_t c = bytes.size() == 1   ? at(0)
                     : bytes.size() == 2 ? (at(0) & 0x1F) << 6 | (at(1) & 0x3F)
                     : bytes.size() == 3 ? (at(0) & 0xF) << 12 | (at(1) & 0x3F) << 6 | (at(2) & 0x3F)
                                         : CharCuts::kChars;
  std::uint8_t utf8[4];
  if (c == CharCuts::kChars || encode_utf8(c, utf8) != bytes.size()) return std::nullopt;
  return std::memcmp(utf8, bytes.data(), bytes.size()) == 0 ? std::optional(c) : std::nullopt;
}

// Ranks that come before those of the model where a suffix ends words.
constexpr std::uint32_t kEndings = kLastByte;

// Whether each merge makes a token of a higher id than the one before: then ids say as much as ranks.
bool are_by_id(std::span<const BpeTables::Merge> merges) {
  return std::adjacent_find(merges.begin(), merges.end(), [](const auto& before, const auto& merge) {
           return before.made >= merge.made;
         }) == merges.end();
}

PairMerges merges_of(const BpeTables& tables, const ByteTexts& texts, bool ends_words) {
  if (!ends_words && are_by_id(tables.merges())) {
    PairMerges merges(tables.merges().size(), texts.id_limit());
    for (const BpeTables::Merge& merge : tables.merges())
      merges.add(merge.made, merge.left, merge.right, merge.made);
    return merges;
  }
  PairMerges merges(tables.merges().size() + (ends_words ? kEndings : 0));
  std::uint32_t rank = 0;
  const std::uint32_t space = ends_words ? texts.id_of(' ').value() : MergeTable::kNone;
  for (; ends_words && rank < kEndings; ++rank) {
    const auto byte = static_cast<std::uint8_t>(rank);
    if (byte != ' ') merges.add(rank, texts.id_of(byte).value(), space, texts.ending_id_of(byte).value());
  }
  for (const BpeTables::Merge& merge : tables.merges()) {
    if (merge.left != space && merge.right != space) merges.add(rank, merge.left, merge.right, merge.made);
    ++rank;
  }
  return merges;
}

}  // namespace

bool ByteBpe::fits(const Bpe& model, bool ends_words) {
  if (!model.tables || model.dropout.value_or(0) != 0) return false;
  if (!is_empty(model.continuing_subword_prefix)) return false;
  const Vocab& vocab = model.tables->vocab();
  if (ends_words) {
    // No word is written like this suffix, since in none letters stand among signs.
    if (model.end_of_word_suffix != "</w>" || model.ignore_merges) return false;
    if (!has_bytes_of_utf8(vocab, kLastByte, "</w>")) return false;
  } else if (!is_empty(model.end_of_word_suffix)) {
    return false;
  }
  return has_few_ids(vocab) && model.tables->merges().size() + kEndings <= MergeTable::kMost &&
         has_bytes_of_utf8(vocab);
}

bool ByteBpe::fits(const RankBpe& model, bool ends_words) {
  return !ends_words && model.vocab && has_few_ids(*model.vocab) && has_bytes_of_utf8(*model.vocab);
}

ByteBpe::ByteBpe(const Bpe& model)
    : ByteBpe(ByteTexts(model.tables->vocab(), model.end_of_word_suffix.value_or("")), model.tables.get(),
              model.ignore_merges, !is_empty(model.end_of_word_suffix)) {}

// A vocabulary of few ids has few entries, since no two share one.
ByteBpe::ByteBpe(const RankBpe& model) : ByteBpe(ByteTexts(*model.vocab), nullptr, true, false) {}

ByteBpe::ByteBpe(ByteTexts texts, const BpeTables* tables, bool whole_words, bool ends_words)
    : merges_(tables ? merges_of(*tables, texts, ends_words) : rank_merges(texts)),
      lengths_(texts.id_limit()),
      texts_(std::move(texts)),
      owner_(next_cache_owner()) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    byte_ids_[byte] = texts_.id_of(static_cast<std::uint8_t>(byte)).value_or(MergeTable::kMost);
  }
  const std::vector<ByteTexts::Entry>& entries = texts_.entries();
  for (const ByteTexts::Entry& entry : entries) {
    const bool ends_word = ends_words && texts_.text(entry).back() == ' ';
    lengths_[entry.id] = entry.size - ends_word;
  }

  // What is made, or may be taken as a whole word.
  std::vector<bool> counts(lengths_.size(), whole_words);
  for (std::uint32_t rank = 0; rank < merges_.ranks(); ++rank) {
    if (merges_.made(rank) != PairMerges::kNone) counts[merges_.made(rank)] = true;
  }
  std::vector<std::string_view> cutting;
  for (const ByteTexts::Entry& entry : entries) {
    if (counts[entry.id]) cutting.push_back(texts_.text(entry));
  }
  std::vector<std::uint64_t> pairs;
  cuts_ = CharCuts(cutting, &pairs);
  // The lowest rank with which an id is taken by what is behind it, and by what is before it.
  std::vector<std::uint32_t> least_as_left(lengths_.size(), MergeTable::kNone),
      least_as_right = least_as_left;
  merges_.for_each([&](std::uint32_t left, std::uint32_t right, std::uint32_t rank) {
    least_as_left[left] = std::min(least_as_left[left], rank);
    least_as_right[right] = std::min(least_as_right[right], rank);
  });
  chars_ = ZeroedArray<WordCache::Answer>(CharCuts::kChars + kBehindChars);
  for (char32_t c = 0; c < kNoEntry; ++c) {
    if ((c & 0xF800) == 0xD800) continue;
    std::uint8_t utf8[4];
    std::uint32_t ids[4];
    const std::size_t size = encode_utf8(c, utf8);
    chars_[c].count = static_cast<std::uint32_t>(merge(utf8, size, ids));
    std::copy_n(ids, chars_[c].count, chars_[c].ids);
    const Folds how = how_folds(utf8, size, least_as_left, least_as_right);
    if (how == Folds::kAnywhere) folds_[c / 64] |= std::uint64_t{1} << c % 64;
    if (how != Folds::kNever) folds_apart_[c / 64] |= std::uint64_t{1} << c % 64;
  }

  std::size_t lines = 1;
  while (2 * lines < entries.size()) lines *= 2;
  line_mask_ = lines - 1;
  lines_ = ZeroedArray<Line>(lines);
  for (const ByteTexts::Entry& entry : entries) {
    // A token of ranks becomes itself just where its own merge is there (model/rank_merges.h).
    const std::string_view text = texts_.text(entry);
    const bool is_made =
        tables ? merges_to(text, entry.id) : text.size() == 1 || merges_.made(entry.id) != PairMerges::kNone;
    add_token(text, entry.id, is_made, whole_words);
  }
  fill_units(pairs);
}

bool ByteBpe::merges_to(std::string_view bytes, std::uint32_t id) const {
  std::vector<std::uint32_t> ids(bytes.size());
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return merge(data, bytes.size(), ids.data()) == 1 && ids[0] == id;
}

// Makes a token known to step 4, if it is what its own text becomes, or if it may be taken as a whole word.
void ByteBpe::add_token(std::string_view bytes, std::uint32_t id, bool is_made, bool whole_words) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (!is_made) {
    if (!whole_words) return;
    whole_words_[bytes] = id;
    if (const auto c = only_char(bytes)) {
      chars_[*c].count = 0;
      for (CharSet* set : {&folds_, &folds_apart_}) (*set)[*c / 64] &= ~(std::uint64_t{1} << *c % 64);
    }
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

ByteBpe::Folds ByteBpe::how_folds(const std::uint8_t* utf8, std::size_t size,
                                  const std::vector<std::uint32_t>& least_as_left,
                                  const std::vector<std::uint32_t>& least_as_right) const {
  std::uint32_t ids[4];
  for (std::size_t i = 0; i < size; ++i) ids[i] = byte_ids_[utf8[i]];
  std::uint32_t highest = 0;  // of the ranks so far
  bool anywhere = true;
  for (std::size_t n = size;; --n) {
    std::size_t best = 0;
    std::uint32_t lowest = MergeTable::kNone;
    for (std::size_t i = 0; i + 1 < n; ++i) {
      const std::uint32_t rank = merges_.find(ids[i], ids[i + 1]);
      if (rank >= lowest) continue;
      lowest = rank;
      best = i;
    }
    const std::uint32_t taken = std::min(least_as_right[ids[0]], least_as_left[ids[n - 1]]);
    if (lowest == MergeTable::kNone) {
      const bool in_order = n == size || taken > highest;
      if (anywhere && in_order) return Folds::kAnywhere;
      return in_order || n > 1 ? Folds::kApart : Folds::kNever;
    }
    anywhere = anywhere && taken > lowest;
    highest = std::max(highest, lowest);
    ids[best] = merges_.made(lowest);
    for (std::size_t i = best + 1; i + 1 < n; ++i) ids[i] = ids[i + 1];
  }
}

}  // namespace fasttok
