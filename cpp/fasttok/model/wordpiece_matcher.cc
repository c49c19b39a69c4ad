#include "fasttok/model/wordpiece_matcher.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "fasttok/base/word_cache.h"
#include "fasttok/unicode/properties.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

std::size_t count_chars(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(
      utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool has_chinese(std::string_view token) {
  bool found = false;
  for_each_char(
      token, [&](char32_t c, std::size_t, std::size_t) { found |= c >= 0x3400 && (char_flags(c) & kCjk); });
  return found;
}

// No word has this key: its last byte is not zero.
constexpr WordKey kNoWord = {~std::uint64_t{0}, ~std::uint64_t{0}};

}  // namespace

WordPieceMatcher::WordPieceMatcher(const WordPiece& model, bool chinese_apart)
    : prefix_length_(model.continuing_subword_prefix.size()),
      max_chars_(model.max_input_chars_per_word),
      unk_id_(model.vocab->token_to_id(model.unk_token).value()),
      owner_(next_cache_owner()) {
  const auto entries = model.vocab->entries();
  const std::string_view prefix = model.continuing_subword_prefix;

  std::vector<std::pair<std::string_view, std::uint32_t>> keys;
  keys.reserve(entries.size());
  token_lengths_.resize(model.vocab->id_limit());
  for (const VocabEntry& entry : entries) {
    token_lengths_[entry.id] = static_cast<std::uint32_t>(entry.token.size());
    if (!(chinese_apart && has_chinese(entry.token))) keys.emplace_back(entry.token, entry.id);
  }
  trie_ = DoubleArray(keys);
  continuation_ = trie_.walk(trie_.root(), prefix);

  // BERT's pre-tokenizer isolates '#': no word begins with the usual prefix.
  const auto may_be_word = [&](std::string_view token) {
    return !token.empty() && token.size() <= kMaxKeyBytes && !(prefix == "##" && token.starts_with("##"));
  };
  // About half full: of the words that find their line full, which go to the trie, there are few, and they
  // are rare ones, since BERT's vocabularies begin with the frequent words.
  const auto words = static_cast<std::size_t>(
      std::count_if(keys.begin(), keys.end(), [&](const auto& key) { return may_be_word(key.first); }));
  std::size_t lines = 1;
  while (2 * lines < words) lines *= 2;
  line_mask_ = lines - 1;
  lines_.reset(static_cast<Line*>(std::aligned_alloc(64, lines * sizeof(Line))));
  if (!lines_) throw std::bad_alloc();
  for (std::size_t i = 0; i < lines; ++i) lines_[i] = {{kNoWord, kNoWord, kNoWord}, {0, 0, 0}, 0};
  for (const auto& [token, id] : keys) {
    if (!may_be_word(token) || token.find('\0') != std::string_view::npos) continue;
    if (max_chars_ < kMaxKeyBytes && count_chars(token) > max_chars_) continue;
    const WordKey key = make_key(token.data(), token.size());
    Line& line = lines_[hash_key(key) & line_mask_];
    if (line.used == 3) continue;
    line.keys[line.used] = key;
    line.ids[line.used++] = id;
  }
}

std::size_t WordPieceMatcher::match(const std::uint8_t* word, std::size_t length, std::size_t chars,
                                    std::uint32_t* out) const {
  if (chars > max_chars_) {
    out[0] = unk_id_;
    return 1;
  }
  std::size_t count = 0;
  std::size_t begin = 0;
  while (begin < length) {
    DoubleArray::Node node = begin ? continuation_ : trie_.root();
    std::uint32_t best = DoubleArray::kNoValue;
    std::size_t end = begin;
    if (node != DoubleArray::kNone) {
      for (std::size_t i = begin; i < length; ++i) {
        node = trie_.child(node, word[i]);
        if (node == DoubleArray::kNone) break;
        if (const std::uint32_t id = trie_.value(node); id != DoubleArray::kNoValue) {
          best = id;
          end = i + 1;
        }
      }
    }
    if (best == DoubleArray::kNoValue) {
      out[0] = unk_id_;
      return 1;
    }
    out[count++] = best;
    begin = end;
  }
  return count;
}

std::size_t WordPieceMatcher::match_key(const Line& line, const WordKey& key, std::size_t length,
                                        std::size_t chars, std::uint32_t* out) const {
  for (std::size_t i = 0; i < 3; ++i) {
    if (line.keys[i] == key) {
      out[0] = line.ids[i];
      return 1;
    }
  }
  std::uint8_t bytes[16];
  std::memcpy(bytes, &key, 16);
  return match(bytes, length, chars, out);
}

}  // namespace fasttok
