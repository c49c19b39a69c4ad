// All columns of one encoded row, each materialized: the reference's `Encoding`, with its operations.
//
// Rows are kept as flat columns of ids and spans; this form exists for the user who reads the details, and it
// is the literal model that the flat paths are tested against. So clarity comes first, and every operation is
// linear in what it writes.
//
//   EncodingData row = …;                           five tokens: 0 1 2 3 4
//   row.truncate(3, 1, Direction::kRight);          0 1 2, overflowing { 2 3 4 }
//   row.pad(4, 0, 0, "[PAD]", Direction::kRight);   0 1 2 [PAD], overflowing { 2 3 4 [PAD] }
//
// Mirrors `tokenizers.Encoding`, with what may surprise:
// * `sequence_ranges` empty means one sequence that covers everything; truncation empties it.
// * A sequence id that is not in `sequence_ranges` is not an error: it stands for the whole row.
// * The maps from characters pass over special tokens: their offsets are (0, 0), which hold no character.
// * Merging two rows that both have overflowing parts nests: a part of the result may have parts of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace fasttok {

enum class Direction { kLeft, kRight };

// Throws ValueError, in the words of the reference's panic, unless stride < max_length.
void check_stride(std::size_t max_length, std::size_t stride);

struct EncodingData {
  using Range = std::pair<std::size_t, std::size_t>;

  std::vector<std::uint32_t> ids;
  std::vector<std::uint32_t> type_ids;
  std::vector<std::string> tokens;
  std::vector<std::optional<std::uint32_t>> words;
  std::vector<Range> offsets;  // (start, end) in characters of the original text
  std::vector<std::uint32_t> special_tokens_mask;
  std::vector<std::uint32_t> attention_mask;
  std::vector<EncodingData> overflowing;
  std::map<std::size_t, Range> sequence_ranges;  // sequence id -> token range

  std::size_t size() const { return ids.size(); }
  std::size_t n_sequences() const;
  // For each token its sequence. Asks for the sequences 0 to n_sequences() - 1 whatever their ids are, as the
  // reference does: with sequence 1 alone in sequence_ranges, every token answers 0.
  std::vector<std::optional<std::size_t>> sequence_ids() const;
  void set_sequence_id(std::size_t sequence_id);
  void set_type_id(std::uint32_t type_id);
  // Token range of a sequence; the whole encoding where the sequence is unknown.
  Range sequence_range(std::size_t sequence_id) const;

  // Nothing for special tokens and for padding, once there are sequence ranges; without ranges every token,
  // and the index just behind the last one, is of sequence 0. Where ranges overlap, the smallest id (the
  // reference's answer varies between runs).
  std::optional<std::size_t> token_to_sequence(std::size_t token) const;
  // (sequence, offsets). Padding answers only in a row without sequence ranges, then with {0, {0, 0}}.
  std::optional<std::pair<std::size_t, Range>> token_to_chars(std::size_t token) const;
  std::optional<std::pair<std::size_t, std::uint32_t>> token_to_word(std::size_t token) const;
  // Tokens of a word. The search ends at the first token of a later word: words are expected in ascending
  // order.
  std::optional<Range> word_to_tokens(std::uint32_t word, std::size_t sequence_id) const;
  std::optional<Range> word_to_chars(std::uint32_t word, std::size_t sequence_id) const;
  // The first token whose offsets hold the character.
  std::optional<std::size_t> char_to_token(std::size_t pos, std::size_t sequence_id) const;
  std::optional<std::uint32_t> char_to_word(std::size_t pos, std::size_t sequence_id) const;

  // Keeps `max_length` tokens at the start (kRight) or at the end (kLeft); the rest becomes overflowing
  // windows of at most that length, each sharing `stride` tokens with the one before it. Earlier overflowing
  // parts are lost. With max_length 0 the whole row, as it was, becomes the one overflowing part. Throws
  // ValueError unless stride < max_length, in the words of the reference's panic; nothing is checked where
  // nothing has to be cut.
  void truncate(std::size_t max_length, std::size_t stride, Direction direction);
  // The same without the windows: time and memory for what is kept.
  void cut(std::size_t max_length, std::size_t stride, Direction direction);

  // Appends `pair` (another row), with its offsets moved behind the last one of this row where
  // `growing_offsets`. The overflowing parts of the result are: each of this row's with `pair` and with each
  // part of `pair`; then this row with each part of `pair`. These merges are merges like any other, which is
  // why parts can have parts.
  void merge_with(const EncodingData& pair, bool growing_offsets);
  static EncodingData merge(std::span<const EncodingData> encodings, bool growing_offsets);

  // Does nothing where the row is long enough; overflowing parts are padded to the same length, each on its
  // own.
  void pad(std::size_t target_length, std::uint32_t pad_id, std::uint32_t pad_type_id,
           const std::string& pad_token, Direction direction);

  bool operator==(const EncodingData&) const = default;
};

}  // namespace fasttok
