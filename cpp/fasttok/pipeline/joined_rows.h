// Short rows for the `bert` engine, many at a time.
//
// Rows are normalized behind each other into one buffer of UTF-8, with NULs for white space and a mark behind
// each (here |):
//
//   The cat, / “é”       ->   the0cat,||e||
//
// so that the kernels see one text, no row costs anything by itself, and memory is waited for together. A
// mark is a word of its own whose pieces are given: the special tokens between two rows, or the token of a
// character that is a word (of ASCII rows these are left as they are, and looked up). A word goes on to where
// the next one begins: the key of a word is that of the word with NULs behind it.
//
// Why this is equal to row by row: a mark ends a word as the end of a row and a solo character do; all bytes
// of letters beyond ASCII are above 0x7F, which are letters to the kernel; and a row is refused that holds
// anything whose outcome depends on its neighbours, a NUL, the mark's character, or an added token. Rows with
// few letters are refused as well: for them the engine's loop over characters is faster.
#pragma once

#include <cstdint>
#include <span>

#include "fasttok/pipeline/added_token_finder.h"
#include "fasttok/pipeline/bert_actions.h"
#include "fasttok/pipeline/engine.h"
#include "fasttok/pipeline/normalized_token_filter.h"

namespace fasttok {

class JoinedRows {
 public:
  JoinedRows(const WordPieceMatcher& matcher, const BertActions& actions, const AddedTokenFinder& finder,
             const NormalizedTokenFilter& filter)
      : matcher_(matcher), actions_(actions), finder_(finder), filter_(filter) {}

  // As Engine::encode_rows.
  std::size_t encode(std::span<const TextView> rows, const RowFrame& frame, std::size_t max_length,
                     TokenColumns& out, std::int64_t* ends) const;

 private:
  struct Buffer;
  bool add_ascii(const TextView& row, Buffer& buffer) const;
  template <class Unit>
  bool add_other(const TextView& row, Buffer& buffer) const;
  // Whether an added token begins there, or may.
  template <class Unit>
  bool may_begin_token(const Unit* text, std::size_t length, std::size_t at) const {
    return finder_.match(text, length, at).end != 0 ||
           (!filter_.empty() && filter_.may_begin(text, length, at, actions_));
  }
  bool may_join(const std::uint8_t* text, std::size_t length, std::size_t at) const;
  void write_details(const Buffer& buffer, std::size_t rows, const RowFrame& frame, std::uint32_t* ids,
                     CharSpan* spans, std::int32_t* numbers) const;

  const WordPieceMatcher& matcher_;
  const BertActions& actions_;
  const AddedTokenFinder& finder_;
  const NormalizedTokenFilter& filter_;
};

}  // namespace fasttok
