#include "fasttok/model/wordpiece_matcher.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "fasttok/base/word_cache.h"
#include "fasttok/unicode/properties.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

bool has_chinese(std::string_view token) {
  // U+3400 begins with this byte; most tokens are ASCII.
  constexpr std::uint8_t kLeast = 0xE3;
  const auto may_begin = [](char c) { return static_cast<std::uint8_t>(c) >= kLeast; };
  if (std::none_of(token.begin(), token.end(), may_begin)) return false;
  bool found = false;
  for_each_char(
      token, [&](char32_t c, std::size_t, std::size_t) { found |= c >= 0x3400 && (char_flags(c) & kCjk); });
  return found;
}

}  // namespace

WordPieceMatcher::WordPieceMatcher(const WordPiece& model, bool chinese_apart)
    : model_(model),
      chinese_apart_(chinese_apart && !has_chinese(model.continuing_subword_prefix)),
      token_lengths_(model.vocab->id_limit()),
      prefix_length_(model.continuing_subword_prefix.size()),
      max_chars_(model.max_input_chars_per_word),
      unk_id_(model.vocab->token_to_id(model.unk_token).value()),
      owner_(next_cache_owner()) {
  for (const VocabEntry& entry : model.vocab->entries())
    token_lengths_[entry.id] = static_cast<std::uint32_t>(entry.token.size());
}

// Two threads may both make one, and one of them throws its own away: nobody waits, and a fork leaves nothing
// half done.
const WordPieceMatcher::Trie& WordPieceMatcher::make_trie() const {
  const auto entries = model_.vocab->entries();
  std::vector<std::pair<std::string_view, std::uint32_t>> keys;
  keys.reserve(entries.size());
  for (const VocabEntry& entry : entries) {
    if (!(chinese_apart_ && has_chinese(entry.token))) keys.emplace_back(entry.token, entry.id);
  }
  auto made = std::make_unique<Trie>(Trie{DoubleArray(keys), DoubleArray::kNone});
  made->continuation = made->nodes.walk(made->nodes.root(), model_.continuing_subword_prefix);
  const Trie* there = nullptr;
  if (!trie_.compare_exchange_strong(there, made.get(), std::memory_order_acq_rel)) return *there;
  return *made.release();
}

std::size_t WordPieceMatcher::match_literally(std::string_view word, std::uint32_t* out) const {
  std::size_t count = 0;
  for (const Token& token : model_.tokenize(word)) out[count++] = token.id;
  return count;
}

std::size_t WordPieceMatcher::match(const std::uint8_t* word, std::size_t length, std::size_t chars,
                                    std::uint32_t* out) const {
  if (chars > max_chars_) {
    out[0] = unk_id_;
    return 1;
  }
  const Trie* made = trie_.load(std::memory_order_acquire);
  if (made == nullptr) {
    // The model's time is quadratic in a word, or worse.
    if (length <= kMaxKeyBytes && first_words_.fetch_add(1, std::memory_order_relaxed) < kFirstWords)
      return match_literally({reinterpret_cast<const char*>(word), length}, out);
    made = &make_trie();
  }
  const DoubleArray& trie = made->nodes;
  std::size_t count = 0;
  std::size_t begin = 0;
  while (begin < length) {
    DoubleArray::Node node = begin ? made->continuation : trie.root();
    std::uint32_t best = DoubleArray::kNoValue;
    std::size_t end = begin;
    if (node != DoubleArray::kNone) {
      for (std::size_t i = begin; i < length; ++i) {
        node = trie.child(node, word[i]);
        if (node == DoubleArray::kNone) break;
        if (const std::uint32_t id = trie.value(node); id != DoubleArray::kNoValue) {
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

void WordPieceMatcher::match_keys(std::span<Query> queries) const {
  const auto match_one = [&](Query& query) {
    query.count = static_cast<std::uint8_t>(match_key(query.key, query.length, query.chars, query.ids));
  };
  std::size_t next = 0;
  while (next < queries.size() && !trie_.load(std::memory_order_acquire)) match_one(queries[next++]);
  const Trie* const made = trie_.load(std::memory_order_acquire);
  if (!made) return;

  // A match from `begin` on that has come to the child at `unit` of `node`, if there is such a child.
  struct Walk {
    Query* query;
    const std::uint8_t* bytes;
    std::uint32_t node, unit;
    std::uint32_t best;  // the longest token so far, which ends at `end`
    std::size_t at, end;
  };
  constexpr std::size_t kTogether = 16;
  Walk walks[kTogether];
  const DoubleArray::Unit* const units = made->nodes.units().data();
  const auto go_on = [&](Walk& walk, std::uint32_t node) {
    walk.node = node;
    walk.unit = units[node].base + walk.bytes[walk.at];
    __builtin_prefetch(&units[walk.unit]);
  };
  const auto begin_token = [&](Walk& walk, std::uint32_t node, std::size_t at) {
    walk.at = walk.end = at;
    walk.best = DoubleArray::kNoValue;
    go_on(walk, node);
  };
  // Whether there was a word to begin with.
  const auto begin_word = [&](Walk& walk) {
    for (; next < queries.size(); ++next) {
      Query& query = queries[next];
      if (query.chars > max_chars_) {
        match_one(query);
        continue;
      }
      query.count = 0;
      walk.query = &query;
      walk.bytes = reinterpret_cast<const std::uint8_t*>(&query.key);
      begin_token(walk, made->nodes.root(), 0);
      ++next;
      return true;
    }
    return false;
  };
  std::size_t count = 0;
  while (count < kTogether && begin_word(walks[count])) ++count;
  while (count > 0) {
    for (std::size_t k = 0; k < count;) {
      Walk& walk = walks[k];
      Query& query = *walk.query;
      const DoubleArray::Unit unit = units[walk.unit];
      if (unit.check == walk.node) {
        ++walk.at;
        if (unit.value != DoubleArray::kNoValue) {
          walk.best = unit.value;
          walk.end = walk.at;
        }
        if (walk.at < query.length) {
          go_on(walk, walk.unit);
          ++k;
          continue;
        }
      }
      if (walk.best != DoubleArray::kNoValue) {
        query.ids[query.count++] = walk.best;
        if (walk.end < query.length && made->continuation != DoubleArray::kNone) {
          begin_token(walk, made->continuation, walk.end);
          ++k;
          continue;
        }
      }
      if (walk.best == DoubleArray::kNoValue || walk.end < query.length) {
        query.ids[0] = unk_id_;
        query.count = 1;
      }
      if (begin_word(walk)) {
        ++k;
      } else {
        walk = walks[--count];
      }
    }
  }
}

}  // namespace fasttok
