#include "fasttok/model/sentencepiece_unigram.h"

#include <algorithm>
#include <utility>

#include "fasttok/base/interrupt.h"

namespace fasttok::sentencepiece {
namespace {

constexpr float kUnkPenalty = 10.0f;

DoubleArray trie_of(const Pieces& pieces) {
  std::vector<std::pair<std::string_view, std::uint32_t>> keys;
  keys.reserve(pieces.normal().size());
  for (const VocabEntry& entry : pieces.normal()) keys.emplace_back(entry.token, entry.id);
  return DoubleArray(keys);
}

// The best way up to a place of the text.
struct Best {
  float score = 0;
  std::int32_t id = -1;
  std::size_t begin = 0;  // of its last piece
  bool reached = false;
};

}  // namespace

UnigramModel::UnigramModel(std::shared_ptr<const Pieces> pieces)
    : pieces_(std::move(pieces)), unk_score_(pieces_->min_score() - kUnkPenalty) {
  scores_.reserve(pieces_->size());
  for (std::size_t id = 0; id < pieces_->size(); ++id) scores_.push_back((*pieces_)[id].score);
}

const DoubleArray& UnigramModel::trie() const {
  std::call_once(has_trie_, [&] { trie_ = trie_of(*pieces_); });
  return trie_;
}

float UnigramModel::weight(std::size_t id, PieceType type) const {
  return type == PieceType::kUserDefined ? user_defined_score((*pieces_)[id].text.size()) : scores_[id];
}

std::vector<Part> UnigramModel::best(std::string_view text, const Types& types) const {
  float sum = 0;
  return best(text, types, sum);
}

std::vector<Part> UnigramModel::best(std::string_view text, const Types& types, float& sum) const {
  std::vector<Best> places(text.size() + 1);
  places[0].score = sum;
  const DoubleArray& found = trie();
  std::size_t frontier = 0;  // the farthest place that was reached
  for (std::size_t begin = 0, steps = 0; begin < text.size(); ++steps) {
    check_interrupt_at(steps);
    if (const float offset = places[begin].score; takes_off(offset)) {
      for (std::size_t i = begin; i <= frontier; ++i) {
        if (i == begin || places[i].reached) places[i].score -= offset;
      }
      places[begin].score = 0;
    }
    const float so_far = places[begin].score;
    const std::size_t char_end = begin + size_by_lead(text.substr(begin));
    const auto reach = [&](std::size_t end, float score, std::int32_t id) {
      Best& place = places[end];
      const float reached = score + so_far;
      frontier = std::max(frontier, end);
      if (!place.reached || reached > place.score) place = {reached, id, begin, true};
    };
    bool has_char = false;
    found.for_each_prefix(text.substr(begin), [&](std::uint32_t id, std::size_t length) {
      if (types[id] == PieceType::kUnused) return;
      reach(begin + length, weight(id, types[id]), static_cast<std::int32_t>(id));
      has_char |= begin + length == char_end;
    });
    if (!has_char) reach(char_end, unk_score_, pieces_->unk_id());
    begin = char_end;
  }
  sum = places.back().score;
  std::vector<Part> parts;
  for (std::size_t end = text.size(); end > 0; end = places[end].begin) {
    parts.push_back({places[end].begin, end, places[end].id});
  }
  std::reverse(parts.begin(), parts.end());
  return parts;
}

}  // namespace fasttok::sentencepiece
