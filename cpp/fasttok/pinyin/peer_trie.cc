#include "fasttok/pinyin/peer_trie.h"

#include "fasttok/base/error.h"

namespace fasttok::pinyin {

PeerTrie::PeerTrie(const std::vector<Source>& nodes) : nodes_(nodes.size()) {
  constexpr std::size_t kMostEntries = std::size_t{1} << 26;
  for (const Source& node : nodes) {
    for (const auto& [key, child] : node.children) {
      for (const char32_t c : key) symbols_.emplace(c, static_cast<std::uint32_t>(symbols_.size() + 1));
    }
  }
  for (const auto& [c, symbol] : symbols_) {
    if (c < 128) ascii_[c] = symbol;
  }
  stride_ = symbols_.size() + 1;
  const auto add_state = [&] {
    next_.resize(next_.size() + stride_, 0);
    child_.push_back(kNone);
    if (next_.size() > kMostEntries) throw ValueError("a trie of too many keys");
    return static_cast<std::uint32_t>(child_.size() - 1);
  };
  add_state();  // 0: none
  std::vector<std::size_t> depths(nodes.size(), 0);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    Node& node = nodes_[i];
    node.end = nodes[i].end;
    node.keys = add_state();
    for (const auto& [key, child] : nodes[i].children) {
      if (child <= i || child >= nodes.size()) throw ValueError("the nodes are no tree");
      if ((depths[child] = depths[i] + 1) > kMostDepth) throw ValueError("a trie that is too deep");
      nodes_[child].text = node.text + key;
      nodes_[child].length = static_cast<std::uint32_t>(nodes_[child].text.size());
      if (key == U"g") node.child_g = child;
      if (key.empty()) continue;  // never found: a key has a character
      std::uint32_t state = node.keys;
      for (const char32_t c : key) {
        const std::size_t at = state * stride_ + symbol(c);
        if (next_[at] == 0) {
          const std::uint32_t made = add_state();
          next_[at] = made;
        }
        state = next_[at];
      }
      child_[state] = child;
    }
  }
}

}  // namespace fasttok::pinyin
