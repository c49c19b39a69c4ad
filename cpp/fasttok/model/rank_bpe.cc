#include "fasttok/model/rank_bpe.h"

#include <cstdint>
#include <limits>
#include <queue>
#include <string>
#include <tuple>

#include "fasttok/base/error.h"
#include "fasttok/unicode/byte_chars.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

constexpr std::uint32_t kNoRank = std::numeric_limits<std::uint32_t>::max();

// Where the parts of a word begin and end: part i begins at byte i; only bytes where one begins are used.
struct Part {
  std::size_t before;    // where the part before it begins
  std::size_t end;       // and where the next one begins
  std::uint32_t merged;  // rank of this part and the next one together; kNoRank: they do not merge
};

class Parts {
 public:
  Parts(std::string_view word, const Vocab& vocab) : word_(word), vocab_(vocab), parts_(word.size()) {
    std::size_t before = 0;
    for_each_char(word, [&](char32_t, std::size_t at, std::size_t size) {
      parts_[at] = {before, at + size, kNoRank};
      before = at;
    });
  }

  void merge_all() {
    for (std::size_t at = 0; at < word_.size(); at = parts_[at].end) look_up(at);
    while (!queue_.empty()) {
      const Step step = queue_.top();
      queue_.pop();
      // A rank stands for one text, so an equal one is the same merge: none is out of date unseen.
      if (parts_[step.at].merged != step.rank) continue;
      Part& left = parts_[step.at];
      Part& right = parts_[left.end];
      left.end = right.end;
      right.merged = kNoRank;
      if (left.end < word_.size()) parts_[left.end].before = step.at;
      look_up(step.at);
      if (step.at != 0) look_up(left.before);
    }
  }

  std::vector<Token> tokens() const {
    std::vector<Token> result;
    for (std::size_t at = 0; at < word_.size(); at = parts_[at].end) {
      const std::string_view text = word_.substr(at, parts_[at].end - at);
      const auto id = vocab_.token_to_id(text);
      if (!id) fail(text);
      result.push_back({*id, std::string(text), {at, parts_[at].end}});
    }
    return result;
  }

 private:
  struct Step {
    std::uint32_t rank;
    std::size_t at;
    // The queue gives out its greatest.
    bool operator<(const Step& other) const { return std::tie(rank, at) > std::tie(other.rank, other.at); }
  };

  void look_up(std::size_t at) {
    Part& part = parts_[at];
    part.merged = kNoRank;
    if (part.end == word_.size()) return;
    const std::size_t size = parts_[part.end].end - at;
    if (size > vocab_.longest_token()) return;
    part.merged = vocab_.token_to_id(word_.substr(at, size)).value_or(kNoRank);
    if (part.merged != kNoRank) queue_.push({part.merged, at});
  }

  [[noreturn]] static void fail(std::string_view text) {
    const auto byte = byte_of_char(decode_char(text, 0).c);
    throw KeyError(byte ? "the vocabulary has no token for byte " + std::to_string(*byte)
                        : "the vocabulary has no token for '" + std::string(text) + "'");
  }

  std::string_view word_;
  const Vocab& vocab_;
  std::vector<Part> parts_;
  std::priority_queue<Step> queue_;
};

}  // namespace

std::vector<Token> RankBpe::tokenize(std::string_view word) const {
  if (word.size() <= vocab->longest_token()) {
    if (const auto id = vocab->token_to_id(word)) return {{*id, std::string(word), {0, word.size()}}};
  }
  return merge(word);
}

std::vector<Token> RankBpe::merge(std::string_view word) const {
  Parts parts(word, *vocab);
  parts.merge_all();
  return parts.tokens();
}

}  // namespace fasttok
