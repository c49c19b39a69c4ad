// Rows of plain ASCII for the `bert` engine, many at a time.
//
// Rows are copied behind each other, case folded on the way, with a NUL behind each:
//
//   The cat, | sat.      ->   the cat,\0sat.\0
//
// so that the kernels see one text and no row costs anything by itself. A NUL is a word of its own, whose
// pieces are what stands between two rows: the special tokens behind one and before the next.
//
// Why this is equal to row by row: a NUL ends a word as the end of a row does, and a row that holds a NUL, or
// any character that is neither letter, punctuation nor space to the engine, or an added token, is refused.
#pragma once

#include <cstdint>
#include <span>

#include "fasttok/pipeline/added_token_finder.h"
#include "fasttok/pipeline/bert_actions.h"
#include "fasttok/pipeline/engine.h"

namespace fasttok {

class AsciiRows {
 public:
  AsciiRows(const WordPieceMatcher& matcher, const BertActions& actions, const AddedTokenFinder& finder)
      : matcher_(matcher), actions_(actions), finder_(finder) {}

  // As Engine::encode_rows.
  std::size_t encode(std::span<const TextView> rows, const RowFrame& frame, std::size_t max_length,
                     TokenColumns& out, std::int64_t* ends) const;

 private:
  bool may_join(const std::uint8_t* text, std::size_t length, const std::uint64_t* stops) const;

  const WordPieceMatcher& matcher_;
  const BertActions& actions_;
  const AddedTokenFinder& finder_;
};

}  // namespace fasttok
