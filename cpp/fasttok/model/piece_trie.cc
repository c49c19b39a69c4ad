#include "fasttok/model/piece_trie.h"

#include <bit>
#include <vector>

namespace fasttok {

namespace {

const std::uint8_t* bytes_of(const SpacePiece& piece) {
  return reinterpret_cast<const std::uint8_t*>(piece.text.data());
}

}  // namespace

PieceTrie::PieceTrie(std::span<const SpacePiece> pieces, const std::function<double(std::uint32_t)>& score_of,
                     double unk_score)
    : unk_score_(unk_score), first_(kTableChars), twos_(128 * 128) {
  const DoubleArray trie(keys_of(pieces));
  const std::span<const DoubleArray::Unit> from = trie.units();
  units_ = ZeroedArray<Unit>(from.size());
  for (Node node = 0; node < from.size(); ++node) {
    const Node parent = from[node].check;
    const std::uint32_t id = from[node].value;
    units_[node].base = from[node].base;
    units_[node].node = parent;
    units_[node].id = id;
    units_[node].score = id == DoubleArray::kNoValue ? kNoPiece : score_of(id);
    if (parent < from.size())
      units_[parent].children |= bit_of(static_cast<std::uint8_t>(node - from[parent].base));
  }

  most_from_.fill(unk_score);
  double most = unk_score;
  for (const SpacePiece& piece : pieces) {
    if (piece.text.empty()) continue;
    const std::uint32_t c = Char::at(bytes_of(piece)).c;
    double& most_of_char = most_from_[std::min<std::uint32_t>(c, 0x80)];
    const double score = score_of(piece.id);
    most_of_char = std::max(most_of_char, score);
    most = std::max(most, score);
  }
  // Behind its first piece a way may have others.
  if (!(most <= 0)) most_from_.fill(-kNoPiece);
  add_ones(pieces);
  add_pairs(pieces);
}

void PieceTrie::add_ones(std::span<const SpacePiece> pieces) {
  std::vector<Unit> ones{kNoUnit};
  for (const SpacePiece& piece : pieces) {
    if (piece.text.empty()) continue;
    const Char first = Char::at(bytes_of(piece));
    if (first.c >= kTableChars || first_[first.c] != 0) continue;
    first_[first.c] = static_cast<std::uint32_t>(ones.size());
    ones.push_back(walk(kRoot, bytes_of(piece), first.size));
  }
  ones_ = ZeroedArray<Unit>(ones.size());
  std::copy(ones.begin(), ones.end(), ones_.begin());
  std::fill(twos_.begin(), twos_.end(), kNoUnit);
  for (std::uint32_t c = 0; c < 128; ++c) {
    for (std::uint32_t b = 0; b < 128 && first_[c] != 0; ++b) {
      const auto label = static_cast<std::uint8_t>(b);
      twos_[c << 7 | b] = walk(ones_[first_[c]].node, &label, 1);
    }
  }
}

void PieceTrie::add_pairs(std::span<const SpacePiece> pieces) {
  struct Begun {
    const SpacePiece* piece;
    Char first, second;
  };
  std::vector<Begun> begun;
  for (const SpacePiece& piece : pieces) {
    const std::size_t size = piece.text.size();
    if (size < 2) continue;
    const Char first = Char::at(bytes_of(piece));
    if (first.c >= kTableChars || first.size == size) continue;
    const Char second = Char::at(bytes_of(piece) + first.size);
    if (second.c < kTableChars && (first.c | second.c) >= 0x80) begun.push_back({&piece, first, second});
  }
  // Many begin with the same two, so that about one of two lines has a pair.
  const int bits = std::max(1, static_cast<int>(std::bit_width(begun.size() * 3 / 4)));
  pairs_ = ZeroedArray<PairLine>(std::size_t{1} << bits);
  pair_shift_ = 32 - bits;
  for (const auto& [piece, first, second] : begun) {
    if (&pair_of(first.c, second.c) != &kNoUnit) continue;
    std::size_t at = line_of(first.c, second.c);
    while (pairs_[at].keys[kWays - 1] != 0) at = (at + 1) & (pairs_.size() - 1);
    const unsigned way = pairs_[at].keys[0] != 0;
    pairs_[at].keys[way] = key_of(first.c, second.c);
    pairs_[at].units[way] = walk(ones_[first_[first.c]].node, bytes_of(*piece) + first.size, second.size);
  }
}

PieceTrie::Unit PieceTrie::walk(Node node, const std::uint8_t* p, std::size_t size) const {
  for (std::size_t i = 0; i < size; ++i) {
    node = child(node, p[i]);
    if (node == kRoot) return kNoUnit;
  }
  Unit unit = units_[node];
  unit.node = node;
  return unit;
}

}  // namespace fasttok
