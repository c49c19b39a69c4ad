// What every engine does: from one sequence (a text, or the words of a pretokenized text) to its tokens.
//
// Engines know nothing of pairs, special tokens around a row, truncation windows or padding:
// pipeline/batch.cc does that for all of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/base/error.h"
#include "fasttok/base/text_view.h"

namespace fasttok {

struct CharSpan {
  std::uint32_t begin, end;  // characters of the original text
};

// Where an engine writes the tokens of a sequence. It appends; what is there before stays.
struct TokenColumns {
  bool details = false;  // whether spans, words and added are wanted
  Buffer<std::uint32_t> ids;
  Buffer<CharSpan> spans;                      // as long as ids where details are wanted
  Buffer<std::int32_t> words;                  // likewise: index of the word in the sequence
  std::vector<std::size_t> added;              // indexes (in ids) of tokens that were matched as added tokens
  std::vector<std::string>* values = nullptr;  // the text of each token, where it is wanted (with details)

  void make_room(std::size_t more) {
    ids.make_room(more);
    if (details) {
      spans.make_room(more);
      words.make_room(more);
    }
  }
  void wait_before_moving(const std::function<void()>* wait) {  // see Buffer
    ids.wait_before_moving(wait);
    spans.wait_before_moving(wait);
    words.wait_before_moving(wait);
  }
  void set_size(std::size_t size) {
    ids.set_size(size);
    if (details) {
      spans.set_size(size);
      words.set_size(size);
      while (!added.empty() && added.back() >= size) added.pop_back();
      if (values && values->size() > size) values->resize(size);
    }
  }
};

struct SequenceRequest {
  std::span<const TextView> texts;  // one text, or the words of a pretokenized text
  bool pretokenized = false;
  // Which added tokens may be matched, by index; null: all. Those that may not are plain text.
  const std::vector<bool>* allowed = nullptr;
  bool specials_are_errors = false;  // an allowed special token in the text: SpecialTokenFound
  // The engine may stop once it has written this many tokens.
  std::size_t max_tokens = std::numeric_limits<std::size_t>::max();
};

// The text at `text` has a lone surrogate at `position`.
struct SurrogateFound : Error {
  SurrogateFound(std::size_t text_index, std::size_t at)
      : Error("lone surrogate"), text(text_index), position(at) {}
  std::size_t text, position;
};

struct SpecialTokenFound : Error {
  SpecialTokenFound(std::string content_, std::size_t text_index, std::size_t at)
      : Error("special token in the text"), content(std::move(content_)), text(text_index), position(at) {}
  std::string content;
  std::size_t text, position;
};

// The special tokens around each row.
struct RowFrame {
  std::span<const std::uint32_t> before{}, behind{};
};

// Returns where the next id goes. Most frames have one token on each side.
inline std::uint32_t* put_ids(std::span<const std::uint32_t> ids, std::uint32_t* out) {
  if (ids.size() != 1) return std::copy(ids.begin(), ids.end(), out);
  *out = ids[0];
  return out + 1;
}

class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string_view name() const = 0;
  // Appends the tokens of the sequence. May be called by any number of threads.
  virtual void encode(const SequenceRequest& request, TokenColumns& out) const = 0;
  // Appends the first few of these rows, each with its frame, where they are such that many at a time are
  // faster than one by one, and none has an added token or more than `max_length` characters. Writes the end
  // of each to `ends`, and returns their number. What it does not take, encode() must do.
  virtual std::size_t encode_rows(std::span<const TextView> rows, const RowFrame& frame,
                                  std::size_t max_length, TokenColumns& out, std::int64_t* ends) const {
    (void)rows, (void)frame, (void)max_length, (void)out, (void)ends;
    return 0;
  }
  // A text and its frame that have room enough on the stack, whatever the ids; see encode_short().
  static constexpr std::size_t kMostShort = 128, kMostAround = 32, kShortRoom = 192;
  static bool is_short(const TextView& text, const RowFrame& frame) {
    return text.length <= kMostShort && frame.before.size() + frame.behind.size() <= kMostAround;
  }
  // Writes the ids of one short text within its frame, where encode() is not the quickest, and returns their
  // number; else 0.
  virtual std::size_t encode_short(const TextView& text, const RowFrame& frame,
                                   std::uint32_t (&ids)[kShortRoom]) const {
    (void)text, (void)frame, (void)ids;
    return 0;
  }
  // Appends places, ascending and at least `apart` characters from each other, at which a text may be cut:
  // the ids of its parts, one behind the other, are those of the text. None where none is known.
  virtual void find_cuts(const TextView& text, std::size_t apart, std::vector<std::size_t>& places) const {
    (void)text, (void)apart, (void)places;
  }
};

}  // namespace fasttok
