// A trie over bytes in one array: the child of node n by byte b is at base[n] + b, and is there if its check
// is n.
//
// Immutable once built. Values are 32-bit; a node without one holds kNoValue. All 256 bytes are ordinary
// labels, so keys may hold NUL.
//
//   DoubleArray trie(keys);  // {"a", 1}, {"ab", 2}
//   node = trie.child(trie.root(), 'a');  trie.value(node) == 1
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace fasttok {

class DoubleArray {
 public:
  using Node = std::uint32_t;
  static constexpr Node kNone = 0xFFFFFFFFu;
  static constexpr std::uint32_t kNoValue = 0xFFFFFFFFu;

  DoubleArray() : DoubleArray(std::span<const std::pair<std::string_view, std::uint32_t>>{}) {}
  // Keys must be distinct; their order does not matter.
  explicit DoubleArray(std::span<const std::pair<std::string_view, std::uint32_t>> keys);

  Node root() const { return 0; }

  Node child(Node node, std::uint8_t label) const {
    // 256 units follow every base.
    const Node next = units_[node].base + label;
    return units_[next].check == node ? next : kNone;
  }

  std::uint32_t value(Node node) const { return units_[node].value; }

  Node walk(Node node, std::string_view bytes) const {
    for (const char c : bytes) {
      node = child(node, static_cast<std::uint8_t>(c));
      if (node == kNone) break;
    }
    return node;
  }

  // visit(value, bytes) for each key that `text` begins with, shorter ones first; not for the empty key.
  template <class Visit>
  void for_each_prefix(std::string_view text, Visit&& visit) const {
    const Unit* const units = units_.data();
    Node node = root();
    for (std::size_t at = 0; at < text.size(); ++at) {
      const Node next = units[node].base + static_cast<std::uint8_t>(text[at]);
      if (units[next].check != node) return;
      node = next;
      if (const std::uint32_t found = units[node].value; found != kNoValue) visit(found, at + 1);
    }
  }

  std::size_t bytes() const { return units_.size() * sizeof(Unit); }

  struct Unit {
    std::uint32_t base = 0;
    std::uint32_t check = kNone;
    std::uint32_t value = kNoValue;
  };
  // For who keeps the same trie otherwise: 256 units follow every base here, too.
  std::span<const Unit> units() const { return units_; }

 private:
  std::vector<Unit> units_;
};

}  // namespace fasttok
