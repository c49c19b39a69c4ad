#include "fasttok/model/bpe.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <queue>
#include <tuple>

#include "fasttok/base/random.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

constexpr std::uint32_t kNoMerge = BpeTables::kNoMerge;
constexpr std::uint32_t kEnd = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kShort = 48;  // symbols that are searched through; more of them go through a queue

// A piece of the word on its way to a token: a list linked through a vector.
struct Symbol {
  std::uint32_t id;
  std::uint32_t bytes;  // 0: merged into the one before
  std::uint32_t before, behind;
};

// Symbols that merge by themselves, and the tokens that they become.
class Segment {
 public:
  Segment(const BpeTables& tables, std::optional<float> dropout, std::vector<TokenSpan>& spans)
      : tables_(tables), dropout_(dropout), spans_(spans) {}

  void add(std::uint32_t id, std::size_t bytes) {
    if (symbols_.size() >= kEnd || bytes > kEnd)
      throw ValueError("a text of 2^32 symbols is too long for BPE");
    const auto at = static_cast<std::uint32_t>(symbols_.size());
    symbols_.push_back({id, static_cast<std::uint32_t>(bytes), at == 0 ? kEnd : at - 1, kEnd});
    if (at != 0) symbols_[at - 1].behind = at;
  }

  // Merges, writes the tokens, and begins anew behind them.
  void finish() {
    if (symbols_.size() <= kShort && tables_.grows() && !dropout_) {
      merge_few();
    } else {
      merge_all();
    }
    for (const Symbol& symbol : symbols_) {
      if (symbol.bytes == 0) continue;
      spans_.push_back({symbol.id, done_, done_ + symbol.bytes});
      done_ += symbol.bytes;
    }
    symbols_.clear();
  }

 private:
  struct Step {
    std::uint32_t rank, made;
    std::uint32_t at;  // the left symbol
    // The queue gives out its greatest.
    bool operator<(const Step& other) const { return std::tie(rank, at) > std::tie(other.rank, other.at); }
  };

  // The same as merge_all(): where texts grow, a step that is out of date cannot count, for another pair in
  // its place makes another text.
  void merge_few() {
    std::size_t count = symbols_.size();
    if (count < 2) return;
    std::array<BpeTables::Made, kShort> made;  // of each symbol and the next
    for (std::size_t i = 0; i + 1 < count; ++i) made[i] = tables_.find(symbols_[i].id, symbols_[i + 1].id);
    while (count > 1) {
      std::size_t best = 0;
      for (std::size_t i = 1; i + 1 < count; ++i) {
        if (made[i].rank < made[best].rank) best = i;
      }
      if (made[best].rank == kNoMerge) break;
      symbols_[best].id = made[best].id;
      symbols_[best].bytes += symbols_[best + 1].bytes;
      --count;
      for (std::size_t i = best + 1; i < count; ++i) {
        symbols_[i] = symbols_[i + 1];
        made[i - 1] = made[i];
      }
      if (best > 0) made[best - 1] = tables_.find(symbols_[best - 1].id, symbols_[best].id);
      if (best + 1 < count) made[best] = tables_.find(symbols_[best].id, symbols_[best + 1].id);
    }
    symbols_.resize(count);
  }

  void merge_all() {
    for (std::uint32_t at = 0; at + 1 < symbols_.size(); ++at) push(at, at + 1);
    std::vector<Step> passed_over;
    while (!queue_.empty()) {
      const Step step = queue_.top();
      queue_.pop();
      if (dropout_ && uniform() < static_cast<double>(*dropout_)) {
        passed_over.push_back(step);
        continue;
      }
      for (const Step& again : passed_over) queue_.push(again);
      passed_over.clear();
      merge(step);
    }
  }

  void push(std::uint32_t left, std::uint32_t right) {
    const auto [rank, made] = tables_.find(symbols_[left].id, symbols_[right].id);
    if (rank != kNoMerge) queue_.push({rank, made, left});
  }

  void merge(const Step& step) {
    Symbol& left = symbols_[step.at];
    if (left.bytes == 0 || left.behind == kEnd) return;
    Symbol& right = symbols_[left.behind];
    // The step may be out of date; as in the reference, it counts if the pair now there makes the same token.
    const auto [rank, made] = tables_.find(left.id, right.id);
    if (rank == kNoMerge || made != step.made) return;

    left.id = step.made;
    left.bytes += right.bytes;
    left.behind = right.behind;
    right.bytes = 0;
    if (left.behind != kEnd) symbols_[left.behind].before = step.at;
    if (left.before != kEnd) push(left.before, step.at);
    if (left.behind != kEnd) push(step.at, left.behind);
  }

  const BpeTables& tables_;
  std::optional<float> dropout_;
  std::vector<TokenSpan>& spans_;
  std::size_t done_ = 0;
  std::vector<Symbol> symbols_;
  std::priority_queue<Step> queue_;
};

}  // namespace

BpeTables::BpeTables(Vocab vocab, std::span<const TokenPair> merges, std::size_t prefix_size)
    : vocab_(std::move(vocab)), byte_tokens_(vocab_) {
  if (merges.size() >= kNoMerge / 2) throw ValueError("merges: more than 2^31");
  slots_.assign(std::bit_ceil(2 * merges.size() + 1), {0, kNoMerge, 0});
  mask_ = slots_.size() - 1;
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
    Slot& slot = slots_[slot_of(left_id, right_id)];
    repeated = repeated || slot.rank != kNoMerge;
    slot = {std::uint64_t{left_id} << 32 | right_id, merge.rank, merge.made};
    merges_.push_back(merge);
  }
  if (repeated) {  // the last of equal pairs counts
    std::erase_if(merges_, [&](const Merge& m) { return find(m.left, m.right).rank != m.rank; });
  }
  grows_ = prefix_size == 0 && vocab_.ids_are_unique() && !vocab_.token_to_id("");
  char_ids_.assign(0x10000, kNoMerge);
  for (const VocabEntry& entry : vocab_.entries()) {
    if (entry.token.empty() || entry.token.size() > 3) continue;
    const DecodedChar first = decode_char(entry.token, 0);
    if (first.size == entry.token.size() && first.c < char_ids_.size()) char_ids_[first.c] = entry.id;
  }
  find_joins();
}

// A token is made of the tokens of characters, in one way or several. Where these do not agree on its first
// and last one, any pair may join.
void BpeTables::find_joins() {
  const std::uint64_t limit = vocab_.id_limit();
  if (!grows_ || limit > 4 * vocab_.size() + 1024) return;
  struct Ends {
    std::uint32_t first = kNoMerge, last = kNoMerge;
  };
  std::vector<Ends> ends(static_cast<std::size_t>(limit));
  std::vector<bool> is_made(ends.size());
  for (const Merge& merge : merges_) is_made[merge.made] = true;
  for (std::uint32_t id = 0; id < ends.size(); ++id) {
    if (!is_made[id]) ends[id] = {id, id};
  }
  // Once and once more to see that it is all, where parts come before what they make.
  bool changed = true;
  for (int pass = 0; changed; ++pass) {
    if (pass == 4) return;
    changed = false;
    for (const Merge& merge : merges_) {
      const Ends found{ends[merge.left].first, ends[merge.right].last};
      if (found.first == kNoMerge || found.last == kNoMerge) continue;
      Ends& made = ends[merge.made];
      if (made.first == kNoMerge) {
        made = found;
        changed = true;
      } else if (made.first != found.first || made.last != found.last) {
        return;
      }
    }
  }
  joins_.assign(kJoinBits / 64, 0);
  for (const Merge& merge : merges_) {
    const std::uint32_t left = ends[merge.left].last, right = ends[merge.right].first;
    if (left == kNoMerge || right == kNoMerge) continue;  // a part that cannot come to be
    const std::size_t bit = join_bit(left, right);
    joins_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
}

void Bpe::tokenize(std::string_view word, std::vector<TokenSpan>& spans) const {
  if (word.empty()) return;
  const Vocab& vocab = tables->vocab();
  const bool plain = !dropout || *dropout == 0;
  if (plain && ignore_merges) {
    if (const auto id = vocab.token_to_id(word)) {
      spans.push_back({*id, 0, word.size()});
      return;
    }
  }

  Segment segment(*tables, plain ? std::nullopt : dropout, spans);
  const bool bare = !continuing_subword_prefix && !end_of_word_suffix;
  std::optional<std::uint32_t> last;  // the token of the character before, where it was a plain one
  struct Unknown {
    std::uint32_t id;
    std::size_t bytes;
  };
  std::optional<Unknown> unknown;  // not yet written
  const auto write_unknown = [&] {
    if (unknown) segment.add(unknown->id, unknown->bytes);
    unknown.reset();
  };
  std::string text;
  for_each_char(word, [&](char32_t c, std::size_t at, std::size_t size) {
    if (bare) {
      if (const auto id = tables->id_of_char(c, word.substr(at, size))) {
        if (last && plain && !tables->may_join(*last, *id)) segment.finish();
        write_unknown();
        segment.add(*id, size);
        last = id;
        return;
      }
    }
    last.reset();
    text.clear();
    if (at != 0 && continuing_subword_prefix) text += *continuing_subword_prefix;
    text += word.substr(at, size);
    if (at + size == word.size() && end_of_word_suffix) text += *end_of_word_suffix;
    if (!bare) {
      if (const auto id = vocab.token_to_id(text)) {
        write_unknown();
        segment.add(*id, size);
        return;
      }
    }
    if (byte_fallback && tables->byte_tokens().cover(text)) {
      for (const char byte : text) segment.add(*tables->byte_tokens()[byte], 1);
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
  segment.finish();
}

std::vector<Token> Bpe::tokenize(std::string_view word) const {
  std::vector<TokenSpan> spans;
  tokenize(word, spans);
  std::vector<Token> tokens;
  tokens.reserve(spans.size());
  for (const TokenSpan& span : spans) {
    tokens.push_back(
        {span.id, std::string(tables->vocab().id_to_token(span.id).value()), {span.begin, span.end}});
  }
  return tokens;
}

}  // namespace fasttok
