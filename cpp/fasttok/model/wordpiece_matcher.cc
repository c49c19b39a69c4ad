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

}  // namespace fasttok
