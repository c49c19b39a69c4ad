// The pieces of a vocabulary of tokenizer.json in space form (text/metaspace_form.h), as far as a text in
// that form can hold them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/model/segment_walk.h"

namespace fasttok {

inline constexpr std::string_view kMarkText = "\xE2\x96\x81";

class SpacedPieces {
 public:
  // `splits`: no word has a mark but at its beginning.
  explicit SpacedPieces(bool splits) : splits_(splits) {}

  // Leaves out what is never found: the text has no space of its own. Distinct texts stay distinct.
  void add(std::string_view text, std::uint32_t id) {
    if (text.empty() || text.find(' ') != std::string_view::npos) return;
    if (splits_ && text.find(kMarkText, 1) != std::string_view::npos) return;
    const std::size_t begin = arena_.size();
    for (std::size_t at = 0; at < text.size();) {
      const bool mark = text.substr(at, kMarkText.size()) == kMarkText;
      arena_ += mark ? ' ' : text[at];
      at += mark ? kMarkText.size() : 1;
    }
    places_.push_back({begin, arena_.size(), id});
  }

  // Views into this object.
  std::vector<SpacePiece> all() const {
    std::vector<SpacePiece> pieces;
    pieces.reserve(places_.size());
    for (const Place& place : places_) {
      pieces.push_back({std::string_view(arena_).substr(place.begin, place.end - place.begin), place.id});
    }
    return pieces;
  }

 private:
  struct Place {
    std::size_t begin, end;
    std::uint32_t id;
  };
  bool splits_;
  std::string arena_;
  std::vector<Place> places_;
};

}  // namespace fasttok
