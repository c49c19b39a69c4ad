#include "fasttok/model/piece_trie.h"

namespace fasttok {

namespace {

// As many as fill large pages, where there are enough for one.
std::size_t on_large_pages(std::size_t count, std::size_t size) {
  const std::size_t bytes = count * size;
  if (bytes < kLargePage / 4) return count;
  return ((bytes + kLargePage - 1) / kLargePage * kLargePage + size - 1) / size;
}

}  // namespace

PieceTrie::PieceTrie(std::span<const SpacePiece> pieces, const std::function<double(std::uint32_t)>& score_of,
                     double unk_score)
    : first_(kTableChars), twos_(128 * 128) {
  const DoubleArray trie(keys_of(pieces));
  const std::span<const DoubleArray::Unit> from = trie.units();
  units_ = ZeroedArray<Unit>(on_large_pages(from.size(), sizeof(Unit)));
  for (Node node = 0; node < from.size(); ++node) {
    const Node parent = from[node].check;
    const std::uint32_t id = from[node].value;
    units_[node].base = from[node].base;
    units_[node].parent = parent;
    units_[node].id = id;
    units_[node].score = id == DoubleArray::kNoValue ? kNoPiece : score_of(id);
    if (parent < from.size())
      units_[parent].children |= bit_of(static_cast<std::uint8_t>(node - from[parent].base));
  }

  most_from_.fill(unk_score);
  double most = unk_score;
  for (const SpacePiece& piece : pieces) {
    if (piece.text.empty()) continue;
    const auto* p = reinterpret_cast<const std::uint8_t*>(piece.text.data());
    std::uint32_t c;
    const std::size_t size = read_char(p, c);
    if (c < kTableChars && first_[c] == kRoot) first_[c] = walk(p, size);
    double& most_of_char = most_from_[std::min<std::uint32_t>(c, 0x80)];
    const double score = score_of(piece.id);
    most_of_char = std::max(most_of_char, score);
    most = std::max(most, score);
  }
  // Behind its first piece a way may have others.
  if (!(most <= 0)) most_from_.fill(-kNoPiece);
  for (Unit& unit : twos_) unit.score = kNoPiece;
  for (std::uint32_t c = 0; c < 128; ++c) {
    for (std::uint32_t b = 0; b < 128 && first_[c] != kRoot; ++b) {
      const Node node = child(first_[c], static_cast<std::uint8_t>(b));
      if (node == kRoot) continue;
      twos_[c << 7 | b] = units_[node];
      twos_[c << 7 | b].parent = node;
    }
  }
}

PieceTrie::Node PieceTrie::walk(const std::uint8_t* p, std::size_t size) const {
  Node node = kRoot;
  for (std::size_t i = 0; i < size; ++i) {
    node = child(node, p[i]);
    if (node == kRoot) break;
  }
  return node;
}

}  // namespace fasttok
