#include "fasttok/model/sentencepiece_bpe.h"

#include <bit>
#include <cstdint>
#include <queue>
#include <unordered_map>
#include <utility>

#include "fasttok/base/error.h"
#include "fasttok/base/interrupt.h"
#include "fasttok/base/random.h"

namespace fasttok::sentencepiece {
namespace {

constexpr int kDeepestCut = 100;
// Symbols are numbered in 32 bits, which keeps the agenda small.
using Index = std::uint32_t;
constexpr Index kNone = static_cast<Index>(-1);

struct Symbol {
  Index begin, end;  // bytes; empty: merged into the one before
  Index previous, next;
  bool frozen;
};

struct Pair {
  std::int32_t score_bits;
  Index left, right;
  Index size;  // bytes; another than now: out of date
};

// Whether `a` comes later. Scores are compared by their bits, as the reference does, which tells -0 from 0
// and orders NaN.
struct Later {
  bool operator()(const Pair& a, const Pair& b) const {
    if (a.score_bits == b.score_bits) return a.left > b.left;
    if (a.score_bits < 0 && b.score_bits < 0) return a.score_bits > b.score_bits;
    return a.score_bits < b.score_bits;
  }
};

class Merging {
 public:
  Merging(std::string_view text, const Pieces& pieces, const Types& types)
      : text_(text), pieces_(pieces), types_(types) {
    if (text.size() >= kNone) throw ValueError("a text of 4 GB or more; cut it into lines");
    symbols_.reserve(text.size());
    for (Index at = 0; at < text.size();) {
      check_interrupt_at(symbols_.size());
      const PrefixMatcher::Match match = pieces.user_defined()->match(text.substr(at));
      const Index end = at + static_cast<Index>(match.size), index = static_cast<Index>(symbols_.size());
      symbols_.push_back(
          {at, end, index == 0 ? kNone : index - 1, end == text.size() ? kNone : index + 1, match.found});
      at = end;
    }
    for (Index i = 1; i < symbols_.size(); ++i) add(i - 1, i);
  }

  std::vector<Part> run(float dropout) {
    if (dropout < 1.0f) {
      std::priority_queue<Pair, std::vector<Pair>, Later> agenda(Later(), std::move(pairs_));
      pairs_.clear();
      for (std::size_t steps = 0; !agenda.empty(); ++steps) {
        check_interrupt_at(steps);
        const Pair top = agenda.top();
        agenda.pop();
        Symbol &left = symbols_[top.left], &right = symbols_[top.right];
        if (left.begin == left.end || right.begin == right.end || right.end - left.begin != top.size ||
            left.end != right.begin) {
          continue;
        }
        if (dropout > 0 && uniform() < dropout) continue;
        left.end = right.end;
        left.next = right.next;
        if (right.next != kNone) symbols_[right.next].previous = top.left;
        right.begin = right.end;
        add(left.previous, top.left);
        add(top.left, left.next);
        for (const Pair& pair : pairs_) agenda.push(pair);
        pairs_.clear();
      }
    }
    std::vector<Part> parts;
    for (Index i = symbols_.empty() ? kNone : 0; i != kNone; i = symbols_[i].next) {
      cut_again(symbols_[i].begin, symbols_[i].end, 0, parts);
    }
    return parts;
  }

 private:
  bool is_made(std::int32_t id) const {
    if (id == pieces_.unk_id()) return false;
    const PieceType type = types_[static_cast<std::size_t>(id)];
    return type == PieceType::kNormal || type == PieceType::kUserDefined || type == PieceType::kUnused;
  }

  void add(Index left, Index right) {
    if (left == kNone || right == kNone || symbols_[left].frozen || symbols_[right].frozen) return;
    const Index begin = symbols_[left].begin, end = symbols_[right].end;
    const std::string_view piece = text_.substr(begin, end - begin);
    const std::int32_t id = pieces_.id_in_text(piece);
    if (!is_made(id)) return;
    const auto index = static_cast<std::size_t>(id);
    pairs_.push_back({std::bit_cast<std::int32_t>(pieces_[index].score), left, right, end - begin});
    if (types_[index] == PieceType::kUnused) made_of_[piece] = {begin, symbols_[left].end};
  }

  void cut_again(Index begin, Index end, int depth, std::vector<Part>& parts) const {
    const std::string_view piece = text_.substr(begin, end - begin);
    const std::int32_t id = pieces_.id_in_text(piece);
    if (depth > kDeepestCut) {
      parts.push_back({begin, end, id});
    } else if (!is_made(id)) {
      parts.push_back({begin, end, pieces_.unk_id()});
    } else if (types_[static_cast<std::size_t>(id)] != PieceType::kUnused) {
      parts.push_back({begin, end, id});
    } else if (const auto found = made_of_.find(piece); found == made_of_.end()) {
      parts.push_back({begin, end, pieces_.unk_id()});
    } else {
      // Where the piece was made last need not be here, but it was made of the same two texts.
      const Index middle = begin + (found->second.second - found->second.first);
      cut_again(begin, middle, depth + 1, parts);
      cut_again(middle, end, depth + 1, parts);
    }
  }

  std::string_view text_;
  const Pieces& pieces_;
  const Types& types_;
  std::vector<Symbol> symbols_;
  std::vector<Pair> pairs_;  // new ones, for the agenda
  // By text of an unused piece: where it was made last, and the place between its two parts.
  std::unordered_map<std::string_view, std::pair<Index, Index>> made_of_;
};

}  // namespace

std::vector<Part> merge_pairs(std::string_view text, const Pieces& pieces, const Types& types,
                              float dropout) {
  return Merging(text, pieces, types).run(dropout);
}

}  // namespace fasttok::sentencepiece
