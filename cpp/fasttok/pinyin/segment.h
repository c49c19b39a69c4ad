// Pinyin to syllables, with everything else in its place.
//
//   segment("lǚ'yóu 3", …)  ->  lǚ syllable (tone 3), ' separator, yóu syllable (tone 2), " " separator, 3
//   other
//
// The pieces cover the text. Readings (lattice.h) are made of pieces by `pieces_of`, which joins what is
// foreign.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/pinyin/costs.h"
#include "fasttok/pinyin/lattice.h"
#include "fasttok/pinyin/search.h"

namespace fasttok::pinyin {

enum class PieceKind : std::uint8_t { kSyllable, kSeparator, kOther };

struct Piece {
  std::uint32_t begin, end;  // characters of the text
  std::uint16_t spelling;    // kNoSpelling where it is no syllable
  PieceKind kind;
  std::uint8_t tone;  // of a syllable: 0 to 5, or kNoTone
  std::uint8_t look;  // of a syllable: how its ü is written (Look)
};

// The same where the pieces are all of a text, each beginning where the one before it ends.
struct Cut {
  static constexpr std::uint8_t kToneBits = 15, kNoToneBits = 15;

  std::uint32_t end;
  std::uint16_t spelling;
  PieceKind kind;
  std::uint8_t how;  // tone (kNoToneBits: none) and look

  std::uint8_t tone() const { return (how & kToneBits) == kNoToneBits ? kNoTone : how & kToneBits; }
  Piece piece(std::uint32_t begin) const {
    return {begin, end, spelling, kind, tone(), static_cast<std::uint8_t>(how & ~kToneBits)};
  }
};
static_assert(sizeof(Cut) == 8);
inline Cut cut_of(const Piece& piece) {
  const int tone = piece.tone == kNoTone ? Cut::kNoToneBits : piece.tone;
  return {piece.end, piece.spelling, piece.kind, static_cast<std::uint8_t>(tone | piece.look)};
}

struct SegmenterScratch;

enum class Method : std::uint8_t { kBest, kLongest };

// Fills `lattice` with the letters and the edges of a text; with `for_best`, not all that the best path
// cannot have.
void read_lattice(const TextView& text, const Costs& costs, bool extended, bool for_best, Lattice& lattice);

// The pieces of a text by `method`, in place of what `cuts` held.
void segment(const TextView& text, const Costs& costs, Method method, bool extended, Buffer<Cut>& cuts);

// The best reading; who has many texts gives his own scratch.
void segment_best(const TextView& text, const Costs& costs, bool extended, SegmenterScratch& scratch,
                  Buffer<Cut>& cuts);

// The same by a lattice of the whole text, piece for piece what segment() gives: the plain form, which that
// is held against.
void segment_literally(const TextView& text, const Costs& costs, Method method, bool extended,
                       std::vector<Piece>& pieces);

// The pieces of one path.
void pieces_of(const Lattice& lattice, std::span<const std::uint32_t> path, std::vector<Piece>& pieces);

// The pieces of all paths: each reading is a way from the beginning of the text to its end over these. By
// begin, then end.
void pieces_of_all(const Lattice& lattice, std::vector<Piece>& pieces);

// Whether there is a syllable, and nothing foreign.
bool is_valid(const Lattice& lattice);

}  // namespace fasttok::pinyin
