#include "fasttok/model/bpe.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <queue>
#include <tuple>

#include "fasttok/base/random.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

constexpr std::uint32_t kEmpty = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kEnd = std::numeric_limits<std::size_t>::max();

// A piece of the word on its way to a token: a list linked through a vector.
struct Symbol {
  std::uint32_t id;
  std::size_t bytes;  // 0: merged into the one before
  std::size_t before, behind;
};

class Word {
 public:
  void add(std::uint32_t id, std::size_t bytes) {
    const std::size_t at = symbols_.size();
    symbols_.push_back({id, bytes, at == 0 ? kEnd : at - 1, kEnd});
    if (at != 0) symbols_[at - 1].behind = at;
  }

  void merge_all(const BpeTables& tables, std::optional<float> dropout) {
    for (std::size_t at = 0; at + 1 < symbols_.size(); ++at) push(tables, at, at + 1);
    std::vector<Step> passed_over;
    while (!queue_.empty()) {
      const Step step = queue_.top();
      queue_.pop();
      if (dropout && uniform() < static_cast<double>(*dropout)) {
        passed_over.push_back(step);
        continue;
      }
      for (const Step& again : passed_over) queue_.push(again);
      passed_over.clear();
      merge(tables, step);
    }
  }

  std::vector<Token> tokens(const Vocab& vocab) const {
    std::vector<Token> result;
    std::size_t done = 0;
    for (const Symbol& symbol : symbols_) {
      if (symbol.bytes == 0) continue;
      result.push_back(
          {symbol.id, std::string(vocab.id_to_token(symbol.id).value()), {done, done + symbol.bytes}});
      done += symbol.bytes;
    }
    return result;
  }

 private:
  struct Step {
    std::uint32_t rank, made;
    std::size_t at;  // the left symbol
    // The queue gives out its greatest.
    bool operator<(const Step& other) const { return std::tie(rank, at) > std::tie(other.rank, other.at); }
  };

  void push(const BpeTables& tables, std::size_t left, std::size_t right) {
    const BpeTables::Merge* merge = tables.find(symbols_[left].id, symbols_[right].id);
    if (merge) queue_.push({merge->rank, merge->made, left});
  }

  void merge(const BpeTables& tables, const Step& step) {
    Symbol& left = symbols_[step.at];
    if (left.bytes == 0 || left.behind == kEnd) return;
    Symbol& right = symbols_[left.behind];
    // The step may be out of date; as in the reference, it counts if the pair now there makes the same token.
    const BpeTables::Merge* now = tables.find(left.id, right.id);
    if (!now || now->made != step.made) return;

    left.id = step.made;
    left.bytes += right.bytes;
    left.behind = right.behind;
    right.bytes = 0;
    if (left.behind != kEnd) symbols_[left.behind].before = step.at;
    if (left.before != kEnd) push(tables, left.before, step.at);
    if (left.behind != kEnd) push(tables, step.at, left.behind);
  }

  std::vector<Symbol> symbols_;
  std::priority_queue<Step> queue_;
};

}  // namespace

BpeTables::BpeTables(Vocab vocab, std::span<const TokenPair> merges, std::size_t prefix_size)
    : vocab_(std::move(vocab)), byte_tokens_(vocab_) {
  if (merges.size() >= kEmpty / 2) throw ValueError("merges: more than 2^31");
  slots_.assign(std::bit_ceil(2 * merges.size() + 1), kEmpty);
  merges_.reserve(merges.size());
  const auto id_of = [&](std::string_view token, std::size_t index) {
    const auto id = vocab_.token_to_id(token);
    if (!id) throw BadMerge("Token `" + std::string(token) + "` out of vocabulary", index);
    return *id;
  };
  std::string made;
  bool repeated = false;
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const auto [left, right] = merges[rank];
    const std::uint32_t left_id = id_of(left, rank);
    const std::uint32_t right_id = id_of(right, rank);
    if (!is_char_boundary(right, prefix_size)) {
      throw BadMerge(
          "Token `" + std::string(right) + "` is too short to begin with continuing_subword_prefix", rank);
    }
    made.assign(left).append(right.substr(prefix_size));
    const Merge merge{left_id, right_id, static_cast<std::uint32_t>(rank), id_of(made, rank)};
    std::uint32_t& slot = slots_[slot_of(left_id, right_id)];
    if (slot == kEmpty) {
      slot = static_cast<std::uint32_t>(merges_.size());
      merges_.push_back(merge);
    } else {
      merges_[slot] = merge;
      repeated = true;
    }
  }
  if (repeated) {
    std::sort(merges_.begin(), merges_.end(), [](const Merge& a, const Merge& b) { return a.rank < b.rank; });
    std::fill(slots_.begin(), slots_.end(), kEmpty);
    for (std::size_t i = 0; i < merges_.size(); ++i) {
      slots_[slot_of(merges_[i].left, merges_[i].right)] = static_cast<std::uint32_t>(i);
    }
  }
}

// The slot that holds the pair, or the empty one where it belongs.
std::size_t BpeTables::slot_of(std::uint32_t left, std::uint32_t right) const {
  const std::size_t mask = slots_.size() - 1;
  std::uint64_t mixed = (std::uint64_t{left} << 32 | right) * 0x9E3779B97F4A7C15u;
  mixed ^= mixed >> 32;
  for (std::size_t i = static_cast<std::size_t>(mixed) & mask;; i = (i + 1) & mask) {
    if (slots_[i] == kEmpty) return i;
    const Merge& merge = merges_[slots_[i]];
    if (merge.left == left && merge.right == right) return i;
  }
}

const BpeTables::Merge* BpeTables::find(std::uint32_t left, std::uint32_t right) const {
  const std::uint32_t slot = slots_[slot_of(left, right)];
  return slot == kEmpty ? nullptr : &merges_[slot];
}

std::vector<Token> Bpe::tokenize(std::string_view word) const {
  if (word.empty()) return {};
  const Vocab& vocab = tables->vocab();
  const bool plain = !dropout || *dropout == 0;
  if (plain && ignore_merges) {
    if (const auto id = vocab.token_to_id(word)) return {{*id, std::string(word), {0, word.size()}}};
  }

  Word symbols;
  struct Unknown {
    std::uint32_t id;
    std::size_t bytes;
  };
  std::optional<Unknown> unknown;  // not yet written
  const auto write_unknown = [&] {
    if (unknown) symbols.add(unknown->id, unknown->bytes);
    unknown.reset();
  };
  std::string text;
  for_each_char(word, [&](char32_t, std::size_t at, std::size_t size) {
    text.clear();
    if (at != 0 && continuing_subword_prefix) text += *continuing_subword_prefix;
    text += word.substr(at, size);
    if (at + size == word.size() && end_of_word_suffix) text += *end_of_word_suffix;
    if (const auto id = vocab.token_to_id(text)) {
      write_unknown();
      symbols.add(*id, size);
      return;
    }
    if (byte_fallback && tables->byte_tokens().cover(text)) {
      for (const char byte : text) symbols.add(*tables->byte_tokens()[byte], 1);
      return;
    }
    if (!unk_token) return;
    if (unknown && fuse_unk) {
      unknown->bytes += size;
      return;
    }
    write_unknown();
    const auto id = vocab.token_to_id(*unk_token);
    if (!id) throw Error("Unk token `" + *unk_token + "` not found in the vocabulary");
    unknown = {*id, size};
  });
  write_unknown();
  symbols.merge_all(*tables, plain ? std::nullopt : dropout);
  return symbols.tokens(vocab);
}

}  // namespace fasttok
