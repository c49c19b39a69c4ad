// The trie of the package pinyintokenizer 0.0.3, and its answers: literally its `find`, but in linear time.
//
// A node's children are known by strings. `find` takes the longest child that goes on to an end, and then
// looks at one thing more: where what it found below that child ends in g, and it may do without the g, and
// the g begins something, the g is given back ("fanguo" is fan guo, not fang u o). The reference tries every
// prefix of the text as a key; here the keys of a node are an automaton, so that no more is read than the
// longest key.
//
//   PeerTrie trie({{false, {{U"x", 1}}}, {false, {{U"i", 2}, {U"ian", 3}}}, {true, {}}, {true, {}}});
//   trie.find(text, 0)  // for "xian": the node of x ian
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fasttok::pinyin {

class PeerTrie {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  static constexpr std::uint32_t kRoot = 0;
  static constexpr std::size_t kMostDepth = 64;  // of a trie that can be compiled

  struct Source {
    bool end;
    std::vector<std::pair<std::u32string, std::uint32_t>> children;  // key, number of the node
  };

  // A node without "g" was asked for it: the reference's KeyError.
  struct NoChildG {};

  // The nodes of a tree, the root first, a parent before its children. Throws ValueError where they are none,
  // or too deep or too many.
  explicit PeerTrie(const std::vector<Source>& nodes);

  std::size_t size() const { return nodes_.size(); }
  std::u32string text_of(std::uint32_t node) const { return nodes_[node].text; }
  std::uint32_t length_of(std::uint32_t node) const { return nodes_[node].length; }

  // The node that the reference finds from `begin` on, or kNone; its text is what was found.
  template <class Unit>
  std::uint32_t find(const Unit* text, std::size_t length, std::size_t begin) const {
    return find_below(kRoot, text, begin, length);
  }

 private:
  struct Node {
    bool end = false;
    std::uint32_t keys = 0;  // the state of the keys' automaton
    std::uint32_t child_g = kNone;
    std::uint32_t length = 0;
    std::u32string text;
  };

  std::uint32_t symbol(char32_t c) const {
    if (c < 128) return ascii_[c];
    const auto found = symbols_.find(c);
    return found == symbols_.end() ? 0 : found->second;
  }
  template <class Unit>
  std::uint32_t find_below(std::uint32_t node, const Unit* text, std::size_t begin, std::size_t limit) const;

  std::vector<Node> nodes_;
  std::size_t stride_ = 0;            // symbols, with 0 for characters that are in no key
  std::vector<std::uint32_t> next_;   // state × symbol -> state, 0: none
  std::vector<std::uint32_t> child_;  // of a state: the node whose key ends there
  std::uint32_t ascii_[128] = {};
  std::unordered_map<char32_t, std::uint32_t> symbols_;
};

template <class Unit>
std::uint32_t PeerTrie::find_below(std::uint32_t node, const Unit* text, std::size_t begin,
                                   std::size_t limit) const {
  const Node& here = nodes_[node];
  // The keys that begin here, each a prefix of the next; most nodes have a few, whose numbers fit in here.
  constexpr std::size_t kFew = 8;
  std::pair<std::uint32_t, std::size_t> few[kFew];  // node, where its key ends
  std::vector<std::pair<std::uint32_t, std::size_t>> many;
  std::size_t count = 0;
  std::uint32_t state = here.keys;
  for (std::size_t i = begin; i < limit;) {
    state = next_[state * stride_ + symbol(text[i])];
    if (state == 0) break;
    ++i;
    if (child_[state] == kNone) continue;
    if (count < kFew)
      few[count] = {child_[state], i};
    else
      many.emplace_back(child_[state], i);
    ++count;
  }
  while (count-- > 0) {
    const auto [child, at] = count < kFew ? few[count] : many[count - kFew];
    const std::uint32_t found = find_below(child, text, at, limit);
    if (found == kNone) continue;
    const std::size_t end = begin + nodes_[found].length - here.length;
    if (found == child || text[end - 1] != 'g') return found;
    const std::uint32_t without = find_below(child, text, at, end - 1);
    if (here.child_g == kNone) throw NoChildG{};
    const bool begins = find_below(here.child_g, text, end, limit) != kNone;
    return without != kNone && begins ? without : found;
  }
  return here.end ? node : kNone;
}

}  // namespace fasttok::pinyin
