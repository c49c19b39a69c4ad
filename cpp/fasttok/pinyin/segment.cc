#include "fasttok/pinyin/segment.h"

#include <algorithm>

#include "fasttok/pinyin/foreign.h"
#include "fasttok/pinyin/segmenter.h"

namespace fasttok::pinyin {
namespace {

// The break at a place, if there is one; places are asked for from left to right.
class BreakFinder {
 public:
  explicit BreakFinder(const std::vector<Break>& breaks) : at_(breaks.begin()), end_(breaks.end()) {}
  const Break* at(std::uint32_t place) {
    while (at_ != end_ && at_->place < place) ++at_;
    return at_ != end_ && at_->place == place ? &*at_ : nullptr;
  }

 private:
  std::vector<Break>::const_iterator at_, end_;
};

// The piece of an edge, without what follows it in the text.
Piece piece_of(const Letters& letters, const Edge& edge) {
  Piece piece{
      letters.begins[edge.begin], letters.ends[edge.end - 1], edge.spelling, PieceKind::kOther, kNoTone, 0};
  if (edge.spelling == kNoSpelling) return piece;
  piece.kind = PieceKind::kSyllable;
  if (!letters.any_mark && !letters.any_umlaut) return piece;
  for (std::uint32_t i = edge.begin; i < edge.end; ++i) {
    const std::uint8_t look = letters.looks[i];
    if (look & kMark) piece.tone = look & kMark;
    piece.look |= look & (kUmlaut | kUColon);
  }
  return piece;
}

// A syllable takes the digit of the break behind it as its tone.
void take_digit(Piece& piece, const Break& after) {
  if (piece.tone == kNoTone) piece.tone = after.tone;
  piece.end = after.digit_end;
}

Piece plain(std::uint32_t begin, std::uint32_t end, PieceKind kind) {
  return {begin, end, kNoSpelling, kind, kNoTone, 0};
}

void put_other(std::vector<Piece>& pieces, std::uint32_t begin, std::uint32_t end) {
  if (!pieces.empty() && pieces.back().kind == PieceKind::kOther)
    pieces.back().end = end;
  else
    pieces.push_back(plain(begin, end, PieceKind::kOther));
}

}  // namespace

void read_lattice(const TextView& text, const Costs& costs, bool extended, bool for_best, Lattice& lattice) {
  read_letters(text, lattice.letters);
  find_foreign_words(lattice.letters, costs, extended, lattice.foreign);
  build_lattice(lattice, extended, for_best ? &costs : nullptr);
}

void pieces_of(const Lattice& lattice, std::span<const std::uint32_t> path, std::vector<Piece>& pieces) {
  pieces.clear();
  pieces.reserve(path.size() + lattice.letters.breaks.size() + 1);
  const Letters& letters = lattice.letters;
  BreakFinder breaks(letters.breaks);
  if (const Break* first = breaks.at(0))
    pieces.push_back(plain(first->digit_end, first->end, PieceKind::kSeparator));
  for (const std::uint32_t number : path) {
    const Edge& edge = lattice.edges[number];
    Piece piece = piece_of(letters, edge);
    const Break* after = breaks.at(edge.end);
    if (piece.kind == PieceKind::kSyllable) {
      if (after && after->tone != kNoTone) take_digit(piece, *after);
      pieces.push_back(piece);
    } else {
      put_other(pieces, piece.begin, piece.end);
      if (after && after->tone != kNoTone) put_other(pieces, after->digit_begin, after->digit_end);
    }
    if (after && after->end > after->digit_end) {
      pieces.push_back(plain(after->digit_end, after->end, PieceKind::kSeparator));
    }
  }
}

void segment_literally(const TextView& text, const Costs& costs, Method method, bool extended,
                       std::vector<Piece>& pieces) {
  Lattice lattice;
  Path path;
  read_lattice(text, costs, extended, method == Method::kBest, lattice);
  if (method == Method::kLongest) {
    longest_path(lattice, path);
  } else {
    Search search;
    search.run(lattice, costs, false);
    search.best(path);
  }
  pieces_of(lattice, path, pieces);
}

void segment(const TextView& text, const Costs& costs, Method method, bool extended, Buffer<Cut>& cuts) {
  if (method == Method::kLongest) {
    std::vector<Piece> pieces;
    segment_literally(text, costs, method, extended, pieces);
    cuts.set_size(0);
    for (const Piece& piece : pieces) cuts.push_back(cut_of(piece));
    return;
  }
  static thread_local SegmenterScratch scratch;
  segment_best(text, costs, extended, scratch, cuts);
}

void segment_best(const TextView& text, const Costs& costs, bool extended, SegmenterScratch& scratch,
                  Buffer<Cut>& cuts) {
  constexpr std::size_t kMostKept = std::size_t{1} << 16;
  cuts.set_size(0);
  const std::uint32_t length = checked_length(text);
  const auto run = [&](const auto* units) { Segmenter(units, length, costs, extended, scratch, cuts).run(); };
  if (text.kind == 1) run(static_cast<const std::uint8_t*>(text.data));
  if (text.kind == 2) run(static_cast<const std::uint16_t*>(text.data));
  if (text.kind == 4) run(static_cast<const std::uint32_t*>(text.data));
  if (text.length > kMostKept) scratch = {};
}

void pieces_of_all(const Lattice& lattice, std::vector<Piece>& pieces) {
  pieces.clear();
  // First each edge, digit and stretch of separators by itself; what is foreign is joined after that.
  const Letters& letters = lattice.letters;
  BreakFinder breaks(letters.breaks);
  std::vector<Piece> single;
  std::uint32_t done = 0;  // breaks before this place have been put
  const auto put_break = [&](std::uint32_t place) {
    const Break* found = breaks.at(place);
    if (!found) return;
    if (found->digit_end > found->digit_begin) {
      single.push_back(plain(found->digit_begin, found->digit_end, PieceKind::kOther));
    }
    if (found->end > found->digit_end) {
      single.push_back(plain(found->digit_end, found->end, PieceKind::kSeparator));
    }
  };
  BreakFinder ahead(letters.breaks);
  for (const Edge& edge : lattice.edges) {
    for (; done <= edge.begin; ++done) put_break(done);
    single.push_back(piece_of(letters, edge));
    if (edge.spelling == kNoSpelling) continue;
    BreakFinder own = ahead;  // ends do not come in order
    if (const Break* after = own.at(edge.end); after && after->tone != kNoTone)
      take_digit(single.back(), *after);
    ahead.at(edge.begin);
  }
  for (; done <= letters.size(); ++done) put_break(done);

  // A foreign piece begins where something else ends, and goes on to each place where something else begins.
  if (single.empty()) return;
  std::vector<std::uint32_t> entries{0};
  for (const Piece& piece : single) {
    if (piece.kind != PieceKind::kOther) entries.push_back(piece.end);
  }
  std::sort(entries.begin(), entries.end());
  const std::uint32_t text_end =
      std::max_element(single.begin(), single.end(), [](const Piece& a, const Piece& b) {
        return a.end < b.end;
      })->end;
  std::vector<std::uint32_t> exits{text_end};
  for (const Piece& piece : single) {
    if (piece.kind != PieceKind::kOther) exits.push_back(piece.begin);
  }
  std::sort(exits.begin(), exits.end());
  std::size_t chain_end = 0;
  for (std::size_t i = 0; i < single.size(); ++i) {
    if (single[i].kind != PieceKind::kOther) {
      pieces.push_back(single[i]);
      continue;
    }
    if (!std::binary_search(entries.begin(), entries.end(), single[i].begin)) continue;
    std::uint32_t at = single[i].end;
    for (chain_end = i + 1;; ++chain_end) {
      if (std::binary_search(exits.begin(), exits.end(), at)) {
        pieces.push_back(plain(single[i].begin, at, PieceKind::kOther));
      }
      while (chain_end < single.size() &&
             (single[chain_end].begin < at ||
              (single[chain_end].begin == at && single[chain_end].kind != PieceKind::kOther))) {
        ++chain_end;
      }
      if (chain_end == single.size() || single[chain_end].begin > at) break;
      at = single[chain_end].end;
    }
  }
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
}

bool is_valid(const Lattice& lattice) {
  return !lattice.edges.empty() &&
         std::ranges::all_of(lattice.edges, [](const Edge& edge) { return edge.spelling != kNoSpelling; });
}

}  // namespace fasttok::pinyin
