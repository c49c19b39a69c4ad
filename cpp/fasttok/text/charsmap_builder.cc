#include "fasttok/text/charsmap_builder.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <unordered_map>

#include "fasttok/base/error.h"

namespace fasttok {
namespace {

constexpr std::uint32_t kNoValue = ~std::uint32_t{0};
// sentencepiece reads whole blocks only.
constexpr std::size_t kBlock = 256, kBlocksSearched = 16;
constexpr std::uint32_t kLeaf = 1u << 31, kHasLeaf = 1u << 8, kShifted = 1u << 9;

// What may follow a node: a value for the text so far, and a state for each next byte. Two nodes with the
// same are one state.
struct State {
  std::uint32_t value = kNoValue;
  std::vector<std::pair<std::uint8_t, std::uint32_t>> next;  // ascending labels

  bool operator<(const State& other) const {
    return value != other.value ? value < other.value : next < other.next;
  }
};

class Automaton {
 public:
  using Entry = std::pair<std::string_view, std::uint32_t>;  // text, value

  // Sorted, distinct, not empty.
  explicit Automaton(const std::vector<Entry>& entries) : root_(build(entries.data(), entries.size(), 0)) {}

  const std::vector<const State*>& states() const { return states_; }
  std::uint32_t root() const { return root_; }

 private:
  // `depth`: the bytes that the texts share, at most those of the longest, which build_charsmap() bounds.
  std::uint32_t build(const Entry* entries, std::size_t count, std::size_t depth) {
    State state;
    std::size_t at = 0;
    if (entries[0].first.size() == depth) state.value = entries[at++].second;
    while (at < count) {
      const char label = entries[at].first[depth];
      std::size_t end = at + 1;
      while (end < count && entries[end].first[depth] == label) ++end;
      state.next.emplace_back(static_cast<std::uint8_t>(label), build(entries + at, end - at, depth + 1));
      at = end;
    }
    const auto [found, is_new] = ids_.try_emplace(std::move(state), static_cast<std::uint32_t>(ids_.size()));
    if (is_new) states_.push_back(&found->first);
    return found->second;
  }

  std::map<State, std::uint32_t> ids_;
  std::vector<const State*> states_;  // by number
  std::uint32_t root_;
};

// Finds a base for each state, such that base ^ label is free for all its labels.
class Layout {
 public:
  explicit Layout(const Automaton& automaton) : bases_(automaton.states().size(), 0) {
    units_.assign(kBlock, 0);
    used_.assign(kBlock, false);
    is_base_.assign(kBlock, false);
    used_[0] = true;     // the root's own unit
    is_base_[0] = true;  // nobody's: readers take an offset of 0 at the root for damage
    for (std::size_t i = 0; i < automaton.states().size(); ++i) {
      const State& state = *automaton.states()[i];
      if (state.value == kNoValue && state.next.empty()) continue;
      bases_[i] = place(state);
    }
    for (std::size_t i = 0; i < automaton.states().size(); ++i)
      fill(*automaton.states()[i], bases_[i], automaton);
    label_unused();
    const State& root = *automaton.states()[automaton.root()];
    units_[0] = link(0, bases_[automaton.root()]) | (root.value != kNoValue ? kHasLeaf : 0);
  }

  const std::vector<std::uint32_t>& units() const { return units_; }

 private:
  bool fits(const State& state, std::uint32_t base) const {
    // Of two states at one base, each would have the other's labels.
    if (is_base_[base] || (state.value != kNoValue && used_[base])) return false;
    return std::ranges::none_of(state.next, [&](const auto& edge) { return used_[base ^ edge.first]; });
  }

  // All labels of a base fall into its block. Blocks where a few searches failed are left behind, so that a
  // search stays short.
  std::uint32_t place(const State& state) {
    for (std::size_t block = first_block_;; ++block) {
      if (block * kBlock == units_.size()) {
        if (units_.size() >= (std::size_t{1} << 28))
          throw FormatError("the rules are too many for a charsmap");
        units_.resize(units_.size() + kBlock, 0);
        used_.resize(units_.size(), false);
        is_base_.resize(units_.size(), false);
      }
      for (std::uint32_t low = 0; low < kBlock; ++low) {
        const auto base = static_cast<std::uint32_t>(block * kBlock) | low;
        if (!fits(state, base)) continue;
        if (state.value != kNoValue) used_[base] = true;
        for (const auto& [label, to] : state.next) used_[base ^ label] = true;
        is_base_[base] = true;
        return base;
      }
      if (block > first_block_ + kBlocksSearched) ++first_block_;
    }
  }

  // The offset from a unit to the base of what follows. Beyond 2^21 only multiples of 256 can be written.
  static std::uint32_t link(std::uint32_t from, std::uint32_t base) {
    const std::uint32_t offset = from ^ base;
    if (offset < (1u << 21)) return offset << 10;
    if ((offset & 0xFF) != 0 || offset >= (1u << 29)) {
      throw FormatError("the rules are too many for a charsmap");
    }
    return (offset << 2) | kShifted;
  }

  void fill(const State& state, std::uint32_t base, const Automaton& automaton) {
    if (state.value != kNoValue) units_[base] = kLeaf | state.value;
    for (const auto& [label, to] : state.next) {
      const std::uint32_t at = base ^ label;
      const bool has_leaf = automaton.states()[to]->value != kNoValue;
      units_[at] = link(at, bases_[to]) | (has_leaf ? kHasLeaf : 0) | label;
    }
  }

  // A unit that nobody uses must not look like a child of anybody: its label is such that it would be one of
  // a base that no state has. There is one in a block with free units: no more states than units are in use
  // there.
  void label_unused() {
    for (std::size_t block = 0; block < units_.size(); block += kBlock) {
      std::size_t nobodys = block;
      while (nobodys < block + kBlock && is_base_[nobodys]) ++nobodys;
      for (std::size_t at = block; at < block + kBlock; ++at) {
        if (!used_[at]) units_[at] = static_cast<std::uint32_t>((at ^ nobodys) & 0xFF);
      }
    }
  }

  std::vector<std::uint32_t> units_, bases_;
  std::vector<bool> used_, is_base_;
  std::size_t first_block_ = 0;  // those before it are left as they are
};

void append_u32(std::string& bytes, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift & 0xFF);
}

}  // namespace

std::string build_charsmap(const std::vector<std::pair<std::string, std::string>>& rules) {
  // As deep as the automaton's builder recurses.
  constexpr std::size_t kLongest = 1000;
  if (rules.empty()) throw FormatError("there are no rules");
  std::map<std::string_view, std::string_view> by_text;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto& [from, to] = rules[i];
    const auto fail = [&](const char* what) {
      throw FormatError("rules[" + std::to_string(i) + "]: " + what);
    };
    if (from.empty()) fail("the text to replace is empty");
    if (from.size() > kLongest) fail("the text to replace is longer than 1000 bytes");
    if (from.find('\0') != from.npos || to.find('\0') != to.npos) fail("a NUL cannot be written");
    by_text[from] = to;
  }
  std::string replacements;
  std::unordered_map<std::string_view, std::uint32_t> places;
  std::vector<Automaton::Entry> entries;
  for (const auto& [from, to] : by_text) {  // ascending bytes: char_traits compares unsigned
    const auto [place, is_new] = places.try_emplace(to, static_cast<std::uint32_t>(replacements.size()));
    if (is_new) {
      replacements += to;
      replacements += '\0';
      if (replacements.size() >= kLeaf) throw FormatError("the replacements are too long for a charsmap");
    }
    entries.emplace_back(from, place->second);
  }
  const Automaton automaton(entries);
  const Layout layout(automaton);
  std::string bytes;
  append_u32(bytes, static_cast<std::uint32_t>(4 * layout.units().size()));
  for (const std::uint32_t unit : layout.units()) append_u32(bytes, unit);
  return bytes + replacements;
}

}  // namespace fasttok
