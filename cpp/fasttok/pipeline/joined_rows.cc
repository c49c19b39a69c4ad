#include "fasttok/pipeline/joined_rows.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "fasttok/pipeline/word_pieces.h"

namespace fasttok {
namespace {

// Rows whose text is fetched while another is copied.
constexpr std::size_t kRowsAhead = 6;

// The most solo characters of one buffer, and of a row: one of so many characters, after the first few.
constexpr std::size_t kMostSolos = 512;
constexpr std::size_t kCharactersPerSolo = 4, kFreeSolos = 8;

// The most characters of a row of ASCII where an added token might begin: what is behind each is copied
// again.
constexpr std::size_t kMostStops = 16;

}  // namespace

struct JoinedRows::Buffer {
  std::uint8_t bytes[kSpanChunk + 64];
  std::size_t used = 0;
  std::uint16_t marks[kSpanChunk];  // where each is, ascending
  std::size_t mark_count = 0;
  std::uint16_t row_ends[kSpanChunk];  // of each row: the index of its mark
  // Of each mark: its answer, and the number of the word that it is.
  WordCache::Line* lines[kSpanChunk];
  std::uint16_t numbers[kSpanChunk];
  WordCache::Line solos[kMostSolos];
  std::size_t solo_count = 0;
  WordKey key;  // of a mark

  // Where words begin and end, and the first piece of each.
  std::uint16_t bounds[kSpanChunk + 64], ends[kSpanChunk + 64];
  std::uint32_t places[kSpanChunk + 1];
  WordPieces::Misses misses;

  static Buffer& of_this_thread() {
    // Of zeros: a line of a solo character has no second word, and nothing ever writes one.
    static thread_local const std::unique_ptr<Buffer> buffer(new Buffer());
    return *buffer;
  }

  void add_mark(WordCache::Line* line) {
    lines[mark_count] = line;
    marks[mark_count++] = static_cast<std::uint16_t>(used);
    bytes[used++] = BertActions::kMark;
  }
};

// Whether the character at which copying stopped is only one at which an added token might begin, and none
// does.
bool JoinedRows::may_join(const std::uint8_t* text, std::size_t length, std::size_t at) const {
  const Action action = actions_.of(text[at]);
  if (text[at] <= BertActions::kMark || kind_of(action) != ActionKind::kCandidate) return false;
  const ActionKind kind = kind_of(actions_.candidate(value_of(action)));
  if (kind != ActionKind::kSolo && kind != ActionKind::kSpace && kind != ActionKind::kLetter) return false;
  return !may_begin_token(text, length, at);
}

// Copies a row behind the others; false where it does not belong there.
bool JoinedRows::add_ascii(const TextView& row, Buffer& buffer) const {
  if (buffer.used + row.length >= kSpanChunk) return false;
  const auto* text = static_cast<const std::uint8_t*>(row.data);
  std::uint8_t* const to = buffer.bytes + buffer.used;
  const auto copy = [&](std::size_t from) {
    return from + kernels().copy_ascii(text + from, row.length - from, actions_.ascii(),
                                       actions_.folds_ascii(), to + from);
  };
  std::size_t stops = 0;
  for (std::size_t at = copy(0); at < row.length; at = copy(at + 1)) {
    if (++stops > kMostStops || !may_join(text, row.length, at)) return false;
  }
  buffer.used += row.length;
  return true;
}

template <class Unit>
bool JoinedRows::add_other(const TextView& row, Buffer& buffer) const {
  constexpr std::size_t kMostBytes =
      3;  // of a character of the Basic Multilingual Plane that is no expansion
  if (buffer.used + kMostBytes * row.length >= kSpanChunk) return false;
  const auto* text = static_cast<const Unit*>(row.data);
  const std::size_t used = buffer.used, marks = buffer.mark_count, solos = buffer.solo_count;
  std::size_t most_solos = std::min(kMostSolos, solos + kFreeSolos);
  std::uint8_t* to = buffer.bytes + used;
  const std::uint32_t* const table = actions_.utf8_table();
  for (std::size_t i = 0; i < row.length; ++i) {
    const std::uint32_t utf8 = table[text[i]];
    std::memcpy(to, &utf8, sizeof utf8);  // more than counts: what is behind is written over
    if (utf8 >> 24 < 4) {
      to += utf8 >> 24;
      continue;
    }
    Action action = actions_.table()[text[i]];
    if (kind_of(action) == ActionKind::kCandidate) {
      if (may_begin_token(text, row.length, i)) goto refused;
      action = actions_.candidate(value_of(action));
      const std::uint32_t c = value_of(action);
      if (kind_of(action) == ActionKind::kLetter && c > BertActions::kMark && c < 0x80) {
        *to++ = static_cast<std::uint8_t>(c);
        continue;
      }
    }
    if (kind_of(action) != ActionKind::kSolo) goto refused;
    if (buffer.solo_count >= most_solos) {
      most_solos = std::min(kMostSolos, solos + kFreeSolos + i / kCharactersPerSolo);
      if (buffer.solo_count >= most_solos) goto refused;
    }
    WordCache::Line& line = buffer.solos[buffer.solo_count++];
    line.keys[0] = buffer.key;
    line.answers[0] = {1, {value_of(action), 0, 0}};
    buffer.used = static_cast<std::size_t>(to - buffer.bytes);
    buffer.add_mark(&line);
    ++to;
  }
  buffer.used = static_cast<std::size_t>(to - buffer.bytes);
  return true;
refused:
  buffer.used = used;
  buffer.mark_count = marks;
  buffer.solo_count = solos;
  return false;
}

std::size_t JoinedRows::encode(std::span<const TextView> rows, const RowFrame& frame, std::size_t max_length,
                               TokenColumns& out, std::int64_t* row_ends) const {
  const std::size_t around = frame.before.size() + frame.behind.size();
  if (around > WordCache::kMaxIds) return 0;
  Buffer& buffer = Buffer::of_this_thread();
  WordCache& cache = WordCache::of_this_thread(matcher_.owner());
  buffer.used = buffer.mark_count = buffer.solo_count = 0;
  buffer.key = {BertActions::kMark, cache.tag().hi};
  std::uint32_t specials[WordCache::kMaxIds];
  std::copy(frame.before.begin(), frame.before.end(),
            std::copy(frame.behind.begin(), frame.behind.end(), specials));
  // What stands between two rows, as if it were in the cache.
  WordCache::Line between = WordCache::line_with(buffer.key, specials, around);

  std::size_t count = 0;
  for (; count < rows.size(); ++count) {
    const TextView& row = rows[count];
    if (row.length > max_length) break;
    if (count + kRowsAhead < rows.size()) {
      const auto* ahead = static_cast<const char*>(rows[count + kRowsAhead].data);
      __builtin_prefetch(ahead);
      __builtin_prefetch(ahead + 64);
    }
    // Spans are those of the buffer only where all characters are kept as they are.
    const bool joins = row.ascii       ? add_ascii(row, buffer)
                       : out.details   ? false
                       : row.kind == 1 ? add_other<std::uint8_t>(row, buffer)
                       : row.kind == 2 ? add_other<std::uint16_t>(row, buffer)
                                       : false;
    if (!joins || buffer.used >= kSpanChunk) {
      break;
    }
    buffer.row_ends[count] = static_cast<std::uint16_t>(buffer.mark_count);
    buffer.add_mark(&between);
  }
  if (count == 0) return 0;

  const std::size_t words = kernels().row_words(buffer.bytes, buffer.used, actions_.ascii_of_rows(),
                                                buffer.bounds, out.details ? buffer.ends : nullptr,
                                                buffer.marks, buffer.mark_count, buffer.numbers);

  const std::size_t first = out.ids.size();
  out.make_room(buffer.used + (count + 1) * around + 64);
  std::uint32_t* const ids = out.ids.data() + first;  // places are counted from here
  std::copy(frame.before.begin(), frame.before.end(), ids);
  WordPieces pieces(matcher_, cache, false, buffer.misses);
  const std::size_t size = pieces.append(buffer.bytes, buffer.bounds, buffer.bounds + 1, words,
                                         {buffer.numbers, buffer.lines, buffer.mark_count, buffer.key}, ids,
                                         frame.before.size(), buffer.places, out.details);
  for (std::size_t row = 0; row < count; ++row) {
    const std::size_t word = buffer.numbers[buffer.row_ends[row]];
    row_ends[row] = static_cast<std::int64_t>(first + buffer.places[word] + frame.behind.size());
  }
  out.set_size(first + size - frame.before.size());
  if (out.details)
    write_details(buffer, count, frame, ids, out.spans.data() + first, out.words.data() + first);
  return count;
}

void JoinedRows::write_details(const Buffer& buffer, std::size_t rows, const RowFrame& frame,
                               std::uint32_t* ids, CharSpan* spans, std::int32_t* numbers) const {
  std::fill_n(spans, frame.before.size(), CharSpan{0, 0});
  std::fill_n(numbers, frame.before.size(), -1);
  std::size_t word = 0, begin = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t end = buffer.numbers[buffer.row_ends[row]];
    for (std::int32_t number = 0; word < end; ++word, ++number) {
      const std::size_t from = buffer.bounds[word], to = buffer.ends[word];
      place_pieces(matcher_, ids, buffer.places[word], buffer.places[word + 1], from - begin, to - from,
                   number, spans, numbers);
    }
    // Those behind this row and before the next; behind the last row there is room for them.
    const std::size_t around = frame.before.size() + frame.behind.size();
    std::fill_n(spans + buffer.places[word], around, CharSpan{0, 0});
    std::fill_n(numbers + buffer.places[word], around, -1);
    begin = std::size_t{buffer.marks[buffer.row_ends[row]]} + 1;
    ++word;
  }
}

}  // namespace fasttok
