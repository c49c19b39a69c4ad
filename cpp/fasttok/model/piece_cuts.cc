#include "fasttok/model/piece_cuts.h"

#include <bit>

namespace fasttok {
namespace {

constexpr unsigned kAscii = 128;

// Never written, so that they all are on one page.
std::uint8_t no_flags[0x10000 + 3];

using AsciiSet = std::array<bool, kAscii>;

template <class Has>
AsciiSet set_of(Has&& has) {
  AsciiSet set{};
  for (unsigned c = 1; c < kAscii; ++c) set[c] = has(c);
  return set;
}

AsciiClass class_of(const AsciiSet& set) {
  AsciiClass made;
  for (unsigned c = 1; c < kAscii; ++c) {
    if (set[c]) made.add(c);
  }
  return made;
}

}  // namespace

PieceCuts::PieceCuts(std::span<const CharPair> pairs) {
  const int bits = std::clamp(static_cast<int>(std::bit_width(32 * pairs.size())), 12, 20);
  words_ = ZeroedArray<std::uint32_t>(std::size_t{1} << (bits - 5));
  set_ = {words_.begin(), 32 - (bits - 5), no_flags};
  for (const auto& [left, right] : pairs) {
    if (left == 0 || right == 0) continue;
    if ((left | right) < 0x80) ascii_[left << 7 | right] = 1;
    const std::uint32_t hash = PairSet::hash(left, right);
    words_[hash >> set_.shift] |= PairSet::bits(hash);
  }
}

// All on the left may be cut from all on the right. Each pair of classes begins with characters that are
// frequent, on one side; the other side gets all that may be cut from all of them, and then the first side
// all that may be cut from all of these.
AsciiCuts PieceCuts::by_classes() const {
  const auto all_before = [&](const AsciiSet& right) {
    return set_of([&](unsigned a) {
      for (unsigned b = 1; b < kAscii; ++b) {
        if (right[b] && spans_ascii(a, b)) return false;
      }
      return true;
    });
  };
  const auto all_behind = [&](const AsciiSet& left) {
    return set_of([&](unsigned b) {
      for (unsigned a = 1; a < kAscii; ++a) {
        if (left[a] && spans_ascii(a, b)) return false;
      }
      return true;
    });
  };
  const AsciiSet space = set_of([](unsigned c) { return c == ' '; });
  const AsciiSet digit = set_of([](unsigned c) { return c >= '0' && c <= '9'; });
  const AsciiSet letter = set_of([](unsigned c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; });
  const auto from_right = [&](const AsciiSet& right, AsciiClass& a, AsciiClass& b) {
    const AsciiSet left = all_before(right);
    a = class_of(left);
    b = class_of(all_behind(left));
  };
  const auto from_left = [&](const AsciiSet& left, AsciiClass& a, AsciiClass& b) {
    const AsciiSet right = all_behind(left);
    a = class_of(all_before(right));
    b = class_of(right);
  };
  AsciiCuts cuts;
  for (std::size_t i = 0; i < AsciiCuts::kSets; ++i)
    cuts.left[i].stops_above = cuts.right[i].stops_above = false;
  from_right(space, cuts.left[0].space, cuts.right[0].space);
  from_right(letter, cuts.left[0].punctuation, cuts.right[0].punctuation);
  from_right(digit, cuts.left[0].stop, cuts.right[0].stop);
  from_left(space, cuts.left[1].space, cuts.right[1].space);
  from_left(letter, cuts.left[1].punctuation, cuts.right[1].punctuation);
  from_left(digit, cuts.left[1].stop, cuts.right[1].stop);
  return cuts;
}

}  // namespace fasttok
