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
    : alone_(walk.alone()), cuts_(&walk.cuts()), owner_(walk.owner()), note_of_few_(note_of_few) {
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

void UnitWalk::find_segments(const std::uint16_t* p, const std::uint16_t* end, Group& group) const {
  const std::size_t n = std::min(static_cast<std::size_t>(end - p), kWindow);
  // Bit i: no segment begins at unit i. Behind the last unit of the group one does.
  std::uint64_t inner[kBlocks + 1] = {}, begins[kBlocks + 1], ends[kBlocks + 1];
  for (std::size_t i = 0; i < n; i += 64)
    inner[i / 64] = cuts_->spanned(i == 0 ? 0 : p[i - 1], p + i, std::min<std::size_t>(n - i, 64));
  inner[0] &= ~std::uint64_t{1};
  group.units = n;
  // What stands at the end of the window may go on.
  if (p + n != end) {
    std::size_t last = kBlocks - 1;
    while (last > 0 && ~inner[last] == 0) --last;
    const auto bit = static_cast<unsigned>(63 - std::countl_zero(~inner[last]));
    group.units = 64 * last + bit;
    inner[last] &= ~(~std::uint64_t{0} << bit);
    std::fill(inner + last + 1, inner + kBlocks, 0);
  }
  for (std::size_t b = 0; b <= kBlocks; ++b) {
    const std::uint64_t next = b < kBlocks ? inner[b + 1] << 63 : 0, before = b > 0 ? inner[b - 1] >> 63 : 0;
    begins[b] = ~inner[b] & (inner[b] >> 1 | next);
    ends[b] = ~inner[b] & (inner[b] << 1 | before);
  }
  group.count = kernels_->positions(begins, kBlocks, group.begins);
  kernels_->positions(ends, kBlocks + 1, group.ends);

  std::size_t longs = 0;
  for (std::size_t k = 0; k < group.count; ++k) {
    group.longs[longs] = static_cast<std::uint16_t>(k);
    longs += group.size(k) > 2;
    pairs_.prefetch(Pairs::key_of(p[group.begins[k]], p[group.begins[k] + 1]));
  }
  group.long_count = longs;
  const std::uint32_t* const alone = alone_;
  std::uint32_t all = 0;
  for (std::size_t i = 0; i < group.units; ++i) {
    group.alone[i] = alone[p[i]];
    all |= group.alone[i];
  }
  group.all = all;
}

}  // namespace fasttok
