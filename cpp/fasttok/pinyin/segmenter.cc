#include "fasttok/pinyin/segmenter.h"

#include <algorithm>
#include <utility>

#include "fasttok/pinyin/foreign.h"

namespace fasttok::pinyin {
namespace {

// Letters that are read before room for their syllables is made again.
constexpr std::uint32_t kBlock = 4096;

}  // namespace

template <class Unit>
Segmenter<Unit>::Segmenter(const Unit* text, std::uint32_t length, const Costs& costs, bool extended,
                           SegmenterScratch& scratch, Buffer<Cut>& cuts)
    : text_(text),
      length_(length),
      costs_(costs),
      extended_(extended),
      scratch_(scratch),
      cuts_(cuts),
      table_(costs.scan_table(extended)),
      tones_(text, length),
      chunks_(extended, &costs, scratch.hanging) {}

template <class Unit>
void Segmenter<Unit>::run() {
  while (at_ < length_) {
    const Class what = facts_[text_[at_]].what;
    if (what == Class::kLetter || what == Class::kSeparator)
      section();
    else
      foreign();
  }
}

template <class Unit>
void Segmenter<Unit>::put_foreign(std::uint32_t end) {
  if (!cuts_.empty() && cuts_[cuts_.size() - 1].kind == PieceKind::kOther)
    cuts_[cuts_.size() - 1].end = end;
  else
    put({end, kNoSpelling, PieceKind::kOther, Cut::kNoToneBits});
}

template <class Unit>
void Segmenter<Unit>::foreign() {
  Class what;
  do {
    ++at_;
  } while (at_ < length_ && ((what = facts_[text_[at_]].what) == Class::kOther || what == Class::kDigit));
  put_foreign(at_);
}

template <class Unit>
void Segmenter<Unit>::section() {
  section_begin_ = at_;
  scratch_.draft.set_size(0);
  scratch_.hanging.clear();
  scratch_.hangs.clear();
  if (draft_section()) {
    decide();
  } else {
    at_ = section_begin_;
    literal_section();
  }
}

// False where the section is not to be read here.
template <class Unit>
bool Segmenter<Unit>::draft_section() {
  Buffer<Cut>& draft = scratch_.draft;
  for (;;) {
    if (!draft_stretch()) return false;
    if (at_ == length_) return true;
    switch (next(at_)) {
      case Next::kForeign:
        return true;
      case Next::kLetter:
        return false;
      case Next::kTone: {
        Cut& last = draft[draft.size() - 1];
        last.how = facts_[text_[at_]].value;
        last.end = ++at_;
        break;
      }
      case Next::kSeparator:
        break;
    }
    const std::uint32_t end = end_of_separators(at_);
    if (end > at_) draft.push_back({end, kNoSpelling, PieceKind::kSeparator, Cut::kNoToneBits});
    at_ = end;
  }
}

template <class Unit>
typename Segmenter<Unit>::Next Segmenter<Unit>::next(std::uint32_t at) {
  const char32_t c = text_[at];
  const bool behind_letter = at > 0 && is_plain(at - 1);
  switch (facts_[c].what) {
    case Class::kLetter:
      return Next::kLetter;
    case Class::kSeparator:
      return Next::kSeparator;
    case Class::kDigit:
      return behind_letter && tones_.is_tone(at) ? Next::kTone : Next::kForeign;
    case Class::kOther:
      break;
  }
  // A mark of the letter before it, or the colon of u:.
  if (behind_letter && (is_combining(c) || (c == U':' && text_[at - 1] == 'u'))) return Next::kLetter;
  return Next::kForeign;
}

template <class Unit>
std::uint32_t Segmenter<Unit>::end_of_separators(std::uint32_t at) const {
  while (at < length_ && facts_[text_[at]].what == Class::kSeparator) ++at;
  return at;
}

// Plain letters from at_ on, if there are any; moves at_ behind them.
template <class Unit>
bool Segmenter<Unit>::draft_stretch() {
  const std::uint16_t *const rows = table_.rows(), *const ended_before = table_.ended();
  Buffer<Cut>& draft = scratch_.draft;
  std::uint32_t row = ScanTable::kStart;
  for (;;) {
    const std::uint32_t block_end = length_ - at_ > kBlock ? at_ + kBlock : length_;
    draft.make_room(block_end - at_ + 1);
    Cut* const out = draft.data();
    std::size_t size = draft.size();
    std::uint32_t at = at_;
    std::uint16_t ended = 0;
    const Unit* const text = text_;
    // Each letter writes a cut, which the next one overwrites unless it counts.
    const auto write = [&] {
      out[size] = {at, static_cast<std::uint16_t>(ended - 1), PieceKind::kSyllable, Cut::kNoToneBits};
      size += ended != 0;
    };
    for (; at < block_end; ++at) {
      const std::uint32_t column = ScanTable::column(text[at]);
      ended = ended_before[row + column];
      row = (rows + column)[row];
      write();
      if (row == 0) break;
    }
    at_ = at;
    if (at == length_) {
      ended = ended_before[row + ScanTable::kEnd];
      write();
    } else if (at == block_end) {
      draft.set_size(size);
      continue;
    }
    if (ended != ScanTable::kUndecided) {
      draft.set_size(size);
      return true;
    }
    draft.set_size(size - 1);
    if (!draft_hanging()) return false;
    row = ScanTable::kStart;
  }
}

// Letters behind the last cut that hang together. False where there is no way over them.
template <class Unit>
bool Segmenter<Unit>::draft_hanging() {
  Buffer<Cut>& draft = scratch_.draft;
  const std::uint32_t begin = draft.empty() ? section_begin_ : draft[draft.size() - 1].end;
  at_ = chunks_.read([this](std::uint32_t at) { return plain_letter(at); }, begin, begin);
  scratch_.hangs.push_back(scratch_.hanging.size());
  draft.push_back({at_, kNoSpelling, PieceKind::kOther, Cut::kNoToneBits});
  return at_ > begin;
}

template <class Unit>
void Segmenter<Unit>::decide() {
  const Buffer<Cut>& draft = scratch_.draft;
  first_cut_ = cuts_.size();
  std::size_t hang = 0;  // the number of stretches that hang together before the present place
  for (std::size_t at = 0; at < draft.size();) {
    // What needs no decision is taken as it stands.
    cuts_.make_room(draft.size() - at);
    Cut* const out = cuts_.data();
    std::size_t size = cuts_.size();
    for (; at < draft.size() && (draft[at].kind == PieceKind::kSeparator || is_sure(draft[at])); ++at) {
      out[size++] = draft[at];
    }
    cuts_.set_size(size);
    if (at == draft.size()) return;
    const Cut& cut = draft[at];
    FewWays::Ahead ahead;
    if (cut.kind != PieceKind::kSyllable || !look_ahead(at, ahead)) {
      at = search(at, hang);
      continue;
    }
    const FewWays::Way& way = FewWays(costs_, look_back(), ahead).best(table_.ways(cut.spelling));
    const std::uint32_t from = begin();
    std::size_t i = 0;
    for (; i + 1 < way.size; ++i) put_syllable(way.spellings[i], from + way.ends[i], Cut::kNoToneBits);
    put_syllable(way.spellings[i], cut.end, cut.how);
    ++at;
  }
}

// What stands before the present place, which is decided.
template <class Unit>
FewWays::Around Segmenter<Unit>::look_back() const {
  Costs::Symbol found[2] = {costs_.end(), costs_.end()};
  std::size_t count = 0;
  for (std::size_t i = cuts_.size(); i > first_cut_ && count < 2;) {
    if (cuts_[--i].kind == PieceKind::kSyllable) found[count++] = automaton_.syllable(cuts_[i].spelling);
  }
  const bool begins = cuts_.size() == first_cut_ || cuts_[cuts_.size() - 1].kind == PieceKind::kSeparator ||
                      cuts_[cuts_.size() - 1].how != Cut::kNoToneBits;
  return {found[1], found[0], begins};
}

// The two syllables behind place `at` of the draft; false where they are not sure.
template <class Unit>
bool Segmenter<Unit>::look_ahead(std::size_t at, FewWays::Ahead& ahead) const {
  const Buffer<Cut>& draft = scratch_.draft;
  ahead.first = ahead.second = costs_.end();
  ahead.first_after_break = draft[at].how != Cut::kNoToneBits;
  std::size_t found = 0;
  for (++at; at < draft.size() && found < 2; ++at) {
    if (draft[at].kind == PieceKind::kSeparator) {
      ahead.first_after_break |= found == 0;
      continue;
    }
    if (!is_sure(draft[at])) return false;
    (found++ == 0 ? ahead.first : ahead.second) = automaton_.syllable(draft[at].spelling);
  }
  return true;
}

// Decides from place `first` of the draft on, up to where two syllables are sure, or the end. Returns where
// it ended.
template <class Unit>
std::size_t Segmenter<Unit>::search(std::size_t first, std::size_t& hang) {
  const Buffer<Cut>& draft = scratch_.draft;
  std::vector<Edge>& edges = scratch_.edges;
  edges.clear();
  const FewWays::Around around = look_back();
  std::uint32_t letters = 0, cut_begin = begin();
  bool after_break = around.after_break;
  const auto add = [&](const Cut& cut) {
    const std::uint32_t length = cut.end - std::exchange(cut_begin, cut.end) - (cut.how != Cut::kNoToneBits);
    if (cut.kind == PieceKind::kSeparator) {
      after_break = true;
      return;
    }
    const std::size_t first_edge = edges.size();
    if (is_sure(cut)) {
      edges.push_back({letters, letters + length, cut.spelling});
    } else if (cut.kind == PieceKind::kSyllable) {
      for (const Part& part : automaton_.parts(table_.state(cut.spelling), extended_))
        edges.push_back({letters + part.begin, letters + part.end, part.spelling});
    } else {
      for (std::size_t i = hang == 0 ? 0 : scratch_.hangs[hang - 1]; i < scratch_.hangs[hang]; ++i) {
        const Edge& edge = scratch_.hanging[i];
        edges.push_back({letters + edge.begin, letters + edge.end, edge.spelling});
      }
      ++hang;
    }
    for (std::size_t i = first_edge; after_break && i < edges.size() && edges[i].begin == letters; ++i)
      edges[i].extra = kAfterBreak;
    letters += length;
    after_break = cut.how != Cut::kNoToneBits;
  };
  FewWays::Ahead ahead;
  std::size_t end = first;
  do add(draft[end++]);
  while (draft[end - 1].kind == PieceKind::kSeparator || !look_ahead(end - 1, ahead));
  if (edges.size() <= FewWays::kMostEdges) {
    FewWays(costs_, around, ahead).best(edges, scratch_.path);
  } else {
    for (std::size_t at = end, sure = 0; at < draft.size() && sure < 2; ++at) {
      add(draft[at]);
      sure += draft[at].kind == PieceKind::kSyllable;
    }
    scratch_.search.run(edges, letters, costs_, false, {around.previous, around.symbol});
    scratch_.search.best(scratch_.path);
  }

  // Edges of the path up to the end of each cut of the draft take its place.
  auto number = scratch_.path.begin();
  letters = 0;
  for (std::size_t at = first; at < end; ++at) {
    const Cut& cut = draft[at];
    if (cut.kind == PieceKind::kSeparator) {
      put(cut);
      continue;
    }
    const std::uint32_t before = begin() - letters;
    letters += cut.end - begin() - (cut.how != Cut::kNoToneBits);
    for (; edges[*number].end < letters; ++number)
      put_syllable(edges[*number].spelling, before + edges[*number].end, Cut::kNoToneBits);
    put_syllable(edges[*number++].spelling, cut.end, cut.how);
  }
  return end;
}

template <class Unit>
void Segmenter<Unit>::literal_section() {
  Lattice& lattice = scratch_.lattice;
  at_ = read_section(text_, length_, at_, tones_, lattice.letters);
  find_foreign_words(lattice.letters, costs_, extended_, lattice.foreign);
  build_lattice(lattice, extended_, &costs_);
  scratch_.search.best_by_parts(lattice, costs_, scratch_.path);
  pieces_of(lattice, scratch_.path, scratch_.pieces);
  for (const Piece& piece : scratch_.pieces) {
    if (piece.kind == PieceKind::kOther)
      put_foreign(piece.end);
    else
      put(cut_of(piece));
  }
}

template class Segmenter<std::uint8_t>;
template class Segmenter<std::uint16_t>;
template class Segmenter<std::uint32_t>;

}  // namespace fasttok::pinyin
