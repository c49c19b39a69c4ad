#include "fasttok/model/bpe_segments.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string_view>
#include <utility>

#include "fasttok/base/interrupt.h"
#include "fasttok/model/sentencepiece_bpe.h"
#include "fasttok/model/unigram_segments.h"

namespace fasttok::sentencepiece {
namespace {

constexpr std::uint32_t kNone = DoubleArray::kNoValue;

// The reference's order of scores, which goes by their bits, as the order of ints.
std::int32_t key_of(float score) {
  const auto bits = std::bit_cast<std::int32_t>(score);
  return bits >= 0 ? bits : std::numeric_limits<std::int32_t>::min() - (bits + 1);
}

}  // namespace

bool BpeSegments::fits(const Pieces& pieces, const Types& types) {
  for (std::size_t id = 0; id < pieces.size(); ++id) {
    if (types[id] == PieceType::kUnused || types[id] != pieces[id].type) return false;
  }
  return pieces.type() == ModelType::kBpe;
}

BpeSegments::BpeSegments(std::shared_ptr<const Pieces> pieces, std::shared_ptr<const Types> types,
                         std::span<const SpacePiece> found, bool always_literal)
    : pieces_(std::move(pieces)),
      types_(std::move(types)),
      walk_(found),
      trie_(keys_of(found)),
      keys_(pieces_->size()),
      is_symbol_(pieces_->size()),
      always_literal_(always_literal) {
  for (const SpacePiece& piece : found) {
    keys_[piece.id] = key_of((*pieces_)[piece.id].score);
    is_symbol_[piece.id] = (*types_)[piece.id] == PieceType::kUserDefined;
    has_symbols_ |= is_symbol_[piece.id];
  }
  const auto answer_of = [&](const std::uint8_t* segment, std::size_t size, std::uint32_t* out) {
    SegmentAnswer answer = merge(segment, size, out);
    answer.note |= kMostCertain << 8;
    return answer;
  };
  units_ = UnitWalk(found, walk_, answer_of, kMostCertain << 8);
}

// The piece of that text, or kNone.
std::uint32_t BpeSegments::piece_at(const std::uint8_t* begin, const std::uint8_t* end) const {
  DoubleArray::Node node = trie_.root();
  for (; begin < end; ++begin) {
    node = trie_.child(node, *begin);
    if (node == DoubleArray::kNone) return kNone;
  }
  return trie_.value(node);
}

SegmentAnswer BpeSegments::merge(const std::uint8_t* segment, std::size_t size, std::uint32_t* out) const {
  // Symbol i is [begins[i], begins[i + 1]); made[i] is what it and the next one make.
  constexpr std::size_t kMost = SegmentWalk::kLongest + 1;
  std::uint8_t begins[kMost];
  std::uint32_t ids[kMost], made[kMost];
  std::size_t n = 0;
  for (std::size_t at = 0; at < size; ++n) {
    std::uint32_t c;
    std::size_t length = read_char(segment + at, c);
    ids[n] = piece_at(segment + at, segment + at + length);
    if (has_symbols_) {
      const std::string_view rest(reinterpret_cast<const char*>(segment + at), size - at);
      constexpr int kMostFound = 64;  // see PrefixMatcher
      std::size_t longest = 0;
      DoubleArray::Node node = trie_.root();
      for (std::size_t i = 0, nested = 0; i < rest.size() && nested < kMostFound; ++i) {
        node = trie_.child(node, static_cast<std::uint8_t>(rest[i]));
        if (node == DoubleArray::kNone) break;
        const std::uint32_t id = trie_.value(node);
        if (id == kNone || !is_symbol_[id]) continue;
        longest = i + 1;
        ids[n] = id;
        ++nested;
      }
      length = std::max(length, longest);
    }
    begins[n] = static_cast<std::uint8_t>(at);
    at += length;
  }
  begins[n] = static_cast<std::uint8_t>(size);
  const auto is_symbol = [&](std::size_t i) { return ids[i] != kNone && is_symbol_[ids[i]]; };
  const auto look = [&](std::size_t i) {
    made[i] = kNone;
    if (i + 1 >= n || (has_symbols_ && (is_symbol(i) || is_symbol(i + 1)))) return;
    made[i] = piece_at(segment + begins[i], segment + begins[i + 2]);
  };
  for (std::size_t i = 0; i < n; ++i) look(i);
  while (n > 1) {
    std::size_t best = n;
    for (std::size_t i = 0; i + 1 < n; ++i) {
      if (made[i] != kNone && (best == n || keys_[made[i]] > keys_[made[best]])) best = i;
    }
    if (best == n) break;
    ids[best] = made[best];
    --n;
    for (std::size_t i = best + 1; i < n; ++i) {
      begins[i] = begins[i + 1];
      ids[i] = ids[i + 1];
      made[i] = made[i + 1];
    }
    begins[n] = begins[n + 1];
    look(best);
    if (best > 0) look(best - 1);
  }
  std::uint32_t note = 0;
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = ids[i];
    if (ids[i] != kNone) continue;
    std::uint32_t c;
    read_char(segment + begins[i], c);
    out[i] = kUnknownChar | c;
    note = kUnknownChar;
  }
  return {out + n, note, true};
}

SegmentAnswer BpeSegments::merge_literally(const std::uint8_t* segment, std::size_t size,
                                           std::uint32_t* out) const {
  const MarkedText text(segment, size);
  std::uint32_t note = 0;
  for (const Part& part : merge_pairs(text.text, *pieces_, *types_, 0)) {
    const bool known = part.id >= 0 && part.id != pieces_->unk_id();
    *out = known ? static_cast<std::uint32_t>(part.id) : kUnknownChar | text.chars[part.begin];
    note |= *out++ & kUnknownChar;
  }
  return {out, note, false};
}

// walk(out, seen, origin, make) does it, and returns the end of the ids.
template <class Walk>
bool BpeSegments::append_by(std::size_t size, Buffer<std::uint32_t>& out, Walk&& walk) const {
  out.make_room(size + std::max(SegmentWalk::kIdSlack, UnitWalk::kIdSlack));
  std::uint32_t* const first = out.data() + out.size();
  std::uint32_t seen = 0;
  const auto origin = [&] { return always_literal_ ? kNoneCertain : kAllCertain; };
  const auto make = [&](const std::uint8_t* segment, std::size_t length, std::uint32_t* at) {
    const bool literal = always_literal_ || length > SegmentWalk::kLongest;
    return literal ? merge_literally(segment, length, at) : merge(segment, length, at);
  };
  const std::uint32_t* const to = walk(first, seen, origin, make);
  out.set_size(out.size() + static_cast<std::size_t>(to - first));
  return seen & kUnknownChar;
}

bool BpeSegments::append(const std::uint8_t* text, std::size_t size, Buffer<std::uint32_t>& out) const {
  return append_by(size, out,
                   [&](std::uint32_t* to, std::uint32_t& seen, const auto& origin, const auto& make) {
                     return walk_.walk(text, size, SIZE_MAX, 0, to, seen, origin, make);
                   });
}

bool BpeSegments::append(const std::uint16_t* text, std::size_t size, Buffer<std::uint32_t>& out) const {
  return append_by(size, out,
                   [&](std::uint32_t* to, std::uint32_t& seen, const auto& origin, const auto& make) {
                     return units_.walk(text, size, to, seen, origin, make);
                   });
}

}  // namespace fasttok::sentencepiece
