// The edges of the next few letters that hang together: up to a place that no syllable goes over.
//
//   ChunkReader reader(automaton, extended, costs, edges);
//   reader.read(letter_at, 0, 0)  // of "xianhao": 4, and the edges xi, xian, an (see lattice.h)
//
// Letters come from a function, so that a lattice's letters and a text itself are read alike: it gives
// kNoLetter behind the last.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fasttok/pinyin/costs.h"
#include "fasttok/pinyin/syllables.h"

namespace fasttok::pinyin {

struct Edge {
  std::uint32_t begin, end;  // letters
  std::uint16_t spelling;    // kNoSpelling: a letter in no syllable
  std::uint16_t extra = 0;   // what it costs beside its syllable; kAfterBreak: a bit
};

// Of Edge::extra: the edge begins at a break, where nothing can be split.
inline constexpr std::uint16_t kAfterBreak = 0x8000;

class ChunkReader {
 public:
  // With `costs`, edges that the best path cannot have may be left out. Edges are added to `edges`.
  ChunkReader(bool extended, const Costs* costs, std::vector<Edge>& edges)
      : extended_(extended), costs_(costs), edges_(edges) {}

  // Adds the edges from `begin` on, moved by `before` letters to the left, and returns where the chunk ends;
  // `begin` itself where no path of syllables leads there.
  template <class LetterAt>
  std::uint32_t read(const LetterAt& letter_at, std::uint32_t begin, std::uint32_t before) {
    std::uint32_t at = begin;
    Automaton::State state = Automaton::kRoot;
    for (;; ++at) {
      const Automaton::State next = automaton_.step(state, letter_at(at));
      if (next == Automaton::kDead) break;
      state = next;
    }
    if (at == begin) return begin;
    if (!goes_on(letter_at, at)) {
      // The letters of one syllable, if they are any.
      if (const std::uint16_t only = costs_ ? costs_->only(state, extended_) : kNoSpelling;
          only != kNoSpelling) {
        edges_.push_back({begin - before, at - before, only});
        return at;
      }
      const std::span<const Part> parts = automaton_.parts(state, extended_);
      if (!parts.empty()) {
        for (const Part& part : parts)
          edges_.push_back({begin - before + part.begin, begin - before + part.end, part.spelling});
        return at;
      }
    } else {
      do {
        ++at;
      } while (goes_on(letter_at, at));
    }
    return hangs_together(letter_at, begin, at, before) ? at : begin;
  }

 private:
  // Whether a syllable may go over the place before letter `at`.
  template <class LetterAt>
  bool goes_on(const LetterAt& letter_at, std::uint32_t at) const {
    return automaton_.within(letter_at(at - 1), letter_at(at));
  }

  // The same for a part that is more than one syllable.
  template <class LetterAt>
  bool hangs_together(const LetterAt& letter_at, std::uint32_t from, std::uint32_t end,
                      std::uint32_t before) {
    const std::size_t length = end - from;
    std::uint8_t few[32] = {};  // most are short
    if (length >= sizeof few) many_.assign(length + 1, 0);
    std::uint8_t* const reached = length < sizeof few ? few : many_.data();
    const std::size_t first = edges_.size();
    reached[0] = 1;
    for (std::uint32_t i = 0; i < length; ++i) {
      if (!reached[i]) continue;
      Automaton::State state = Automaton::kRoot;
      for (std::uint32_t j = i; j < length;) {
        state = automaton_.step(state, letter_at(from + j));
        if (state == Automaton::kDead) break;
        ++j;
        const std::uint16_t spelling = automaton_.spelling(state, extended_);
        if (spelling == kNoSpelling) continue;
        reached[j] = 1;
        edges_.push_back({from + i, from + j, spelling});
      }
    }
    if (!reached[length]) {
      edges_.resize(first);
      return false;
    }
    // From here on 2 says that a path leads from there to the end.
    reached[length] = 2;
    for (std::size_t k = edges_.size(); k-- > first;) {
      Edge& edge = edges_[k];
      if (reached[edge.end - from] == 2)
        reached[edge.begin - from] = 2;
      else
        edge.spelling = kNoSpelling;
    }
    std::size_t kept = first;
    for (std::size_t k = first; k < edges_.size(); ++k) {
      if (edges_[k].spelling == kNoSpelling) continue;
      edges_[kept++] = {edges_[k].begin - before, edges_[k].end - before, edges_[k].spelling};
    }
    edges_.resize(kept);
    return true;
  }

  const bool extended_;
  const Costs* const costs_;
  std::vector<Edge>& edges_;
  const Automaton& automaton_ = Automaton::get();
  std::vector<std::uint8_t> many_;
};

}  // namespace fasttok::pinyin
