#include "fasttok/model/unit_walk.h"

namespace fasttok {

void UnitWalk::Pairs::assign(std::span<const std::uint32_t> keys, std::span<const Answer> answers,
                             std::uint32_t note_of_few) {
  const int bits = std::clamp(static_cast<int>(std::bit_width(keys.size() / 2)), 2, 14);
  lines_ = ZeroedArray<Line>(std::size_t{1} << bits);
  mask_ = static_cast<std::uint32_t>(((std::size_t{1} << bits) - 1) * sizeof(Line));
  // The line of key 0 must not be one of those that leave something out.
  for (factor_ = 0x9E3779B1u; !fill(keys, answers, note_of_few); factor_ += 0x3C6EF372u) {
  }
}

bool UnitWalk::Pairs::fill(std::span<const std::uint32_t> keys, std::span<const Answer> answers,
                           std::uint32_t note_of_few) {
  for (Line& line : lines_) {
    std::fill_n(line.keys, kWays, kNoKey);
    line.answers[kWays] = {0, note_of_few};
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Line& line = lines_[(keys[i] * factor_ >> kShift & mask_) / sizeof(Line)];
    const auto way = static_cast<std::size_t>(std::find(line.keys, line.keys + kWays, kNoKey) - line.keys);
    if (way < kWays) {
      line.keys[way] = keys[i];
      line.answers[way] = answers[i];
    } else if (&line == lines_.begin()) {
      return false;
    } else {
      line.answers[kWays].note = 0;
    }
  }
  return true;
}

UnitWalk::UnitWalk(std::span<const SpacePiece> pieces, const SegmentWalk& walk, const AnswerOf& answer_of,
                   std::uint32_t note_of_few)
    : alone_(walk.alone()), cuts_(&walk.cuts()), owner_(walk.owner()) {
  std::vector<std::uint32_t> keys;
  std::vector<Pairs::Answer> answers;
  for (const SpacePiece& piece : pieces) {
    const auto* p = reinterpret_cast<const std::uint8_t*>(piece.text.data());
    const std::size_t size = piece.text.size();
    std::uint32_t left, right;
    if (size < 2 || size > 6) continue;
    const std::size_t first = read_char(p, left);
    if (first >= size || first + read_char(p + first, right) != size) continue;
    if (left == 0 || right == 0 || (left | right) > 0xFFFF) continue;
    std::uint32_t ids[2];
    const SegmentAnswer answer = answer_of(p, size, ids);
    const bool is_one = answer.end == ids + 1;
    keys.push_back(Pairs::key_of(left, right));
    answers.push_back({ids[0] ^ alone_[left], (answer.note & ~kUnknownChar) | is_one});
  }
  pairs_.assign(keys, answers, note_of_few);
}

// Appends the ids of segments k to stop, of one or two characters; returns the first one that is in no table,
// or has not at least that note, or `stop`.
std::size_t UnitWalk::append_few(const std::uint16_t* p, const Bounds& bounds, std::size_t k,
                                 std::size_t stop, std::uint32_t least_note, std::uint32_t*& out,
                                 std::uint32_t& seen) const {
  const std::uint32_t* const alone = alone_;
  std::uint32_t* to = out;
  std::uint32_t all = 0;
  for (; k < stop; ++k) {
    const std::size_t begin = bounds.places[k], end = bounds.places[k + 1];
    const std::uint32_t left = p[begin], right = p[end - 1];
    const auto two = static_cast<std::uint32_t>(end - begin) - 1;  // 1, or else 0
    const Pairs::Answer answer = pairs_.find(key_of_few(p, bounds, k));
    if (answer.note < least_note) [[unlikely]]
      break;
    to[0] = alone[left] ^ answer.change;
    to[1] = alone[right];  // where it does not count, what is behind is written over it
    all |= to[0] | to[1];
    to += 1 + two - (answer.note & 1);
  }
  out = to;
  seen |= all & kUnknownChar;
  return k;
}

void UnitWalk::find_bounds(const std::uint16_t* p, const std::uint16_t* end, Bounds& bounds) const {
  const std::size_t n = std::min(static_cast<std::size_t>(end - p), kWindow);
  const PieceCuts::Hashed spans = cuts_->hashed();
  std::uint16_t* to = bounds.places;
  *to++ = 0;
  std::uint32_t left = spans.of_left(p[0]);
  for (std::size_t i = 1; i < n; ++i) {
    // Written for every unit, and kept where it may be cut.
    *to = static_cast<std::uint16_t>(i);
    to += !spans(left, p[i]);
    left = spans.of_left(p[i]);
  }
  // What stands at the end of the window may go on.
  if (p + n == end) *to++ = static_cast<std::uint16_t>(n);
  const auto count = static_cast<std::size_t>(to - bounds.places) - 1;
  std::size_t longs = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t size = bounds.size(k);
    bounds.longs[longs] = static_cast<std::uint16_t>(k);
    longs += size > 2;
    pairs_.prefetch(key_of_few(p, bounds, k));
  }
  bounds.count = count;
  bounds.long_count = longs;
}

}  // namespace fasttok
