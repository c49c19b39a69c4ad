#include "fasttok/pinyin/lattice.h"

#include <algorithm>
#include <array>
#include <limits>

namespace fasttok::pinyin {
namespace {

// What a path is ordered by, in one number.
using Rank = std::uint64_t;
constexpr Rank kErhuaRank = 1, kMarkRank = Rank{1} << 20, kUnreadRank = Rank{1} << 40;
constexpr Rank kNever = std::numeric_limits<Rank>::max();
constexpr Rank kRenormalize = Rank{1} << 62;

constexpr Letter kLetterR = 'r' - 'a';

// A syllable of "xiAn" costs more, so that capitals tell where words begin.
constexpr std::uint16_t kCapitalInside = 100;

// Bits of what is kept at a letter: syllables of 1 to 6 letters, a letter in no syllable, letters that stand
// alone.
constexpr std::uint8_t kSkipBit = 64, kAloneBit = 128;

class Builder {
 public:
  Builder(Lattice& lattice, bool extended, const Costs* costs)
      : lattice_(lattice),
        letters_(lattice.letters),
        codes_(letters_.codes.data()),
        extended_(extended),
        chunks_(extended, costs, lattice.edges) {}

  void run() {
    lattice_.edges.clear();
    lattice_.edges.reserve(letters_.size());
    const auto size = static_cast<std::uint32_t>(letters_.size());
    std::uint32_t at = 0;
    auto next_break = letters_.breaks.begin();
    while (at < size) {
      if (codes_[at] == kNoLetter) {
        lattice_.edges.push_back({at, at + 1, kNoSpelling});
        ++at;
        continue;
      }
      while (next_break != letters_.breaks.end() && next_break->place <= at) ++next_break;
      const std::uint32_t limit = next_break == letters_.breaks.end() ? size : next_break->place;
      std::uint32_t end = at + 1;
      while (end < limit && codes_[end] != kNoLetter) ++end;
      if (letters_.any_mark || !all_read(at, end)) least_unread(at, end);
      at = end;
    }
    if (letters_.any_upper) add_capitals();
  }

 private:
  // Edges from `from` to `end`, if there is a path of syllables.
  bool all_read(std::uint32_t from, std::uint32_t end) {
    std::vector<Edge>& edges = lattice_.edges;
    const std::size_t before = edges.size();
    const auto letter_at = [&](std::uint32_t at) { return at < end ? codes_[at] : kNoLetter; };
    for (std::uint32_t begin = from; begin < end;) {
      const std::uint32_t chunk_end = chunks_.read(letter_at, begin, 0);
      if (chunk_end == begin) {
        edges.resize(before);
        return false;
      }
      begin = chunk_end;
    }
    for (std::size_t i = before; i < edges.size() && edges[i].begin == from; ++i)
      edges[i].extra = kAfterBreak;
    return true;
  }

  // The rank that marks give a syllable, kNever where two stand in it.
  Rank mark_rank(std::uint16_t spelling, std::uint32_t begin, std::uint32_t end) const {
    if (!letters_.any_mark) return 0;
    Rank rank = 0;
    bool marked = false;
    for (std::uint32_t i = begin; i < end; ++i) {
      if ((letters_.looks[i] & kMark) == 0) continue;
      if (marked) return kNever;
      marked = true;
      if (i - begin != automaton_.mark_place(spelling)) rank = kMarkRank;
    }
    return rank;
  }

  bool is_erhua(std::uint32_t at, std::uint32_t end) const {
    return codes_[at] == kLetterR && (at + 1 == end || !is_vowel(codes_[at + 1]));
  }

  // Edges from `from` to `end` where some letters may be in no syllable.
  void least_unread(std::uint32_t from, std::uint32_t end) {
    const std::size_t length = end - from;
    lattice_.kept.assign(length + 1, 0);
    std::uint8_t* const kept = lattice_.kept.data();
    std::uint16_t alone = kNoSpelling;
    if (length <= 3) alone = automaton_.alone({codes_ + from, length});

    std::array<Rank, 8> least{};  // of the paths from a letter to the end, by the letter's number modulo 8
    for (std::uint32_t i = static_cast<std::uint32_t>(length); i-- > 0;) {
      Rank best = least[(i + 1) & 7] + (is_erhua(from + i, end) ? kErhuaRank : kUnreadRank);
      std::uint8_t bits = kSkipBit;
      const auto offer = [&](Rank rank, std::uint8_t bit) {
        if (rank < best) bits = 0;
        if (rank <= best) {
          best = rank;
          bits |= bit;
        }
      };
      Automaton::State state = Automaton::kRoot;
      for (std::uint32_t j = i; j < length;) {
        state = automaton_.step(state, codes_[from + j]);
        if (state == Automaton::kDead) break;
        ++j;
        const std::uint16_t spelling = automaton_.spelling(state, extended_);
        if (spelling == kNoSpelling) continue;
        const Rank rank = mark_rank(spelling, from + i, from + j);
        if (rank != kNever) offer(rank + least[j & 7], static_cast<std::uint8_t>(1u << (j - i - 1)));
      }
      if (i == 0 && alone != kNoSpelling && mark_rank(alone, from, end) != kNever) {
        offer(least[length & 7], kAloneBit);
      }
      least[i & 7] = best;
      kept[i] = bits;
      if (best > kRenormalize) {
        const Rank base = *std::min_element(least.begin(), least.end());
        for (Rank& rank : least) rank -= base;
      }
    }

    // Forward, from where a path comes; ends[i & 7]: 1 a path ends at i, 3 one whose last edge is a syllable.
    const std::size_t first = lattice_.edges.size();
    std::array<std::uint8_t, 8> ends{};
    ends[0] = from > 0 && follows_syllable(from) ? 3 : 1;
    for (std::uint32_t i = 0; i < length; ++i) {
      const std::uint8_t how = ends[i & 7];
      ends[i & 7] = 0;
      if (!how) continue;
      const std::uint32_t at = from + i;
      if (kept[i] & kSkipBit) {
        const bool erhua = how == 3 && is_erhua(at, end);
        lattice_.edges.push_back({at, at + 1, erhua ? automaton_.erhua() : kNoSpelling});
        ends[(i + 1) & 7] |= 1;
      }
      Automaton::State state = Automaton::kRoot;
      for (std::uint32_t j = i; j - i < kLongestSyllable && kept[i] >> (j - i) != 0 && j < length;) {
        state = automaton_.step(state, codes_[from + j]);
        if (state == Automaton::kDead) break;
        ++j;
        if ((kept[i] & ~(kSkipBit | kAloneBit)) >> (j - i - 1) & 1) {
          lattice_.edges.push_back({at, from + j, automaton_.spelling(state, extended_)});
          ends[j & 7] |= 3;
        }
      }
      if (kept[i] & kAloneBit) lattice_.edges.push_back({from, end, alone});
    }
    for (std::size_t i = first; i < lattice_.edges.size() && lattice_.edges[i].begin == from; ++i) {
      lattice_.edges[i].extra = kAfterBreak;
    }
  }

  // Whether a syllable with a tone digit, and no separator, stands before `at`.
  bool follows_syllable(std::uint32_t at) const {
    if (lattice_.edges.empty() || lattice_.edges.back().end != at ||
        lattice_.edges.back().spelling == kNoSpelling) {
      return false;
    }
    const auto found = std::lower_bound(letters_.breaks.begin(), letters_.breaks.end(), at,
                                        [](const Break& b, std::uint32_t place) { return b.place < place; });
    return found != letters_.breaks.end() && found->place == at && found->end == found->digit_end;
  }

  void add_capitals() {
    for (Edge& edge : lattice_.edges) {
      for (std::uint32_t i = edge.begin + 1; i < edge.end; ++i) {
        const bool starts_word = (letters_.looks[i] & kUpper) && !(letters_.looks[i - 1] & kUpper);
        if (starts_word) edge.extra = static_cast<std::uint16_t>(edge.extra + kCapitalInside);
      }
    }
  }

  Lattice& lattice_;
  const Letters& letters_;
  const Letter* const codes_;
  const bool extended_;
  ChunkReader chunks_;
  const Automaton& automaton_ = Automaton::get();
};

}  // namespace

void build_lattice(Lattice& lattice, bool extended, const Costs* costs) {
  Builder(lattice, extended, costs).run();
}

}  // namespace fasttok::pinyin
