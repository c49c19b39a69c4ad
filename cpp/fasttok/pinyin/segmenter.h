// The best reading of a text, faster than by a lattice of it all.
//
// What is foreign forgets what was before it, so that sections between foreign characters are read each by
// itself. A section of plain small letters, separators and tone digits is drafted by a table (scan_table.h),
// a step for each letter: its syllables as they stand where there is one way only, else a choice between
// ways, or a stretch of letters that hang together. Then the draft is decided: a choice by the costs of its
// ways with the two syllables before it and behind it (few_ways.h); stretches, and what stands closer than
// that to another choice, with them, as a lattice is searched. A section that has other letters than plain
// ones (capitals, tone marks), or letters that are in no syllable, is read by a lattice, as
// segment_literally() reads the whole text. The two agree on every text.
#pragma once

#include <cstdint>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/pinyin/few_ways.h"
#include "fasttok/pinyin/lattice.h"
#include "fasttok/pinyin/search.h"
#include "fasttok/pinyin/segment.h"

namespace fasttok::pinyin {

// What a Segmenter needs beside the text, to be used again.
struct SegmenterScratch {
  Lattice lattice;
  Search search;
  Path path;
  std::vector<Piece> pieces;
  Buffer<Cut> draft;               // of a section; kOther: letters that hang together
  std::vector<Edge> hanging;       // their edges, each stretch's from its own beginning on
  std::vector<std::size_t> hangs;  // where the edges of each stretch end
  std::vector<Edge> edges;
};

template <class Unit>
class Segmenter {
 public:
  Segmenter(const Unit* text, std::uint32_t length, const Costs& costs, bool extended,
            SegmenterScratch& scratch, Buffer<Cut>& cuts);

  // Fills the cuts, which must be empty.
  void run();

 private:
  // What stands behind the last letter of a stretch.
  enum class Next : std::uint8_t { kSeparator, kTone, kForeign, kLetter };

  bool is_plain(std::uint32_t at) const {
    return at < length_ && ScanTable::column(text_[at]) != ScanTable::kEnd;
  }
  Letter plain_letter(std::uint32_t at) const {
    return is_plain(at) ? static_cast<Letter>(ScanTable::column(text_[at])) : kNoLetter;
  }
  Next next(std::uint32_t at);
  std::uint32_t end_of_separators(std::uint32_t at) const;

  void foreign();
  void section();
  bool draft_section();
  bool draft_stretch();
  bool draft_hanging();
  void literal_section();

  void decide();
  bool is_sure(const Cut& cut) const {
    return cut.kind == PieceKind::kSyllable && !table_.is_choice(cut.spelling);
  }
  FewWays::Around look_back() const;
  bool look_ahead(std::size_t at, FewWays::Ahead& ahead) const;
  // The end of what has been decided.
  std::uint32_t begin() const {
    return cuts_.size() > first_cut_ ? cuts_[cuts_.size() - 1].end : section_begin_;
  }
  std::size_t search(std::size_t first, std::size_t& hang);
  void put_syllable(std::uint16_t spelling, std::uint32_t end, std::uint8_t how) {
    put({end, spelling, PieceKind::kSyllable, how});
  }

  void put(Cut cut) { cuts_.push_back(cut); }
  void put_foreign(std::uint32_t end);

  const Unit* const text_;
  const std::uint32_t length_;
  const Costs& costs_;
  const bool extended_;
  SegmenterScratch& scratch_;
  Buffer<Cut>& cuts_;
  const CharacterFacts& facts_ = CharacterFacts::get();
  const Automaton& automaton_ = Automaton::get();
  const ScanTable& table_;
  ToneDigits<Unit> tones_;
  ChunkReader chunks_;

  std::uint32_t at_ = 0;
  std::uint32_t section_begin_ = 0;
  std::size_t first_cut_ = 0;  // of the section
};

}  // namespace fasttok::pinyin
