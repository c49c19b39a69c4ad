// Pinyin to syllables, with everything else in its place.
//
//   segment("lǚ'yóu 3", …)  ->  lǚ syllable (tone 3), ' separator, yóu syllable (tone 2), " " separator, 3
//   other
//
// The pieces cover the text. Readings (lattice.h) are made of pieces by `pieces_of`, which joins what is
// foreign.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

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

enum class Method : std::uint8_t { kBest, kLongest };

// Fills `lattice` with the letters and the edges of a text; with `for_best`, not all that the best path
// cannot have.
void read_lattice(const TextView& text, const Costs& costs, bool extended, bool for_best, Lattice& lattice);

// The pieces of a text by `method`, in place of what `pieces` held.
void segment(const TextView& text, const Costs& costs, Method method, bool extended,
             std::vector<Piece>& pieces);

// The pieces of one path.
void pieces_of(const Lattice& lattice, std::span<const std::uint32_t> path, std::vector<Piece>& pieces);

// The pieces of all paths: each reading is a way from the beginning of the text to its end over these. By
// begin, then end.
void pieces_of_all(const Lattice& lattice, std::vector<Piece>& pieces);

// Whether there is a syllable, and nothing foreign.
bool is_valid(const Lattice& lattice);

}  // namespace fasttok::pinyin
