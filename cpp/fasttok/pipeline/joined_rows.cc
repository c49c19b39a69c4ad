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

}  // namespace

struct JoinedRows::Buffer {
  std::uint8_t bytes[kSpanChunk + 64];
  std::size_t used = 0;
  std::uint16_t nuls[kSpanChunk];  // where each is, ascending
  std::size_t nul_count = 0;
  std::uint16_t row_ends[kSpanChunk];  // of each row: the index of its NUL
  GivenWord given[kSpanChunk];         // of each NUL
  WordCache::Line solos[kMostSolos];
  std::size_t solo_count = 0;
  WordKey tag;

  // What the kernel finds, and the first piece of each word.
  std::uint16_t begins[kSpanChunk + 64], ends[kSpanChunk + 64];
  WindowStarts windows[kSpanChunk / 64];
  std::uint64_t stops[kSpanChunk / 64];
  std::uint32_t places[kSpanChunk + 1];
  WordPieces::Misses misses;

  static Buffer& of_this_thread() {
    // Of zeros: a line of a solo character has no second word, and nothing ever writes one.
    static thread_local const std::unique_ptr<Buffer> buffer(new Buffer());
    return *buffer;
  }

  void add_nul(WordCache::Line* line) {
    given[nul_count].line = line;
    nuls[nul_count++] = static_cast<std::uint16_t>(used);
    bytes[used++] = 0;
  }
};

// Whether the characters at which the kernel stops are only such that an added token might begin there, and
// none does.
bool JoinedRows::may_join(const std::uint8_t* text, std::size_t length, const std::uint64_t* stops) const {
  for (std::size_t window = 0; window * 64 < length; ++window) {
    for (std::uint64_t left = stops[window]; left; left &= left - 1) {
      const std::size_t at = window * 64 + static_cast<std::size_t>(__builtin_ctzll(left));
      const Action action = actions_.of(text[at]);
      if (text[at] == 0 || kind_of(action) != ActionKind::kCandidate) return false;
      const ActionKind kind = kind_of(actions_.candidate(value_of(action)));
      if (kind != ActionKind::kSolo && kind != ActionKind::kSpace && kind != ActionKind::kLetter)
        return false;
      if (may_begin_token(text, length, at)) return false;
    }
  }
  return true;
}

// Copies a row behind the others; false where it does not belong there.
bool JoinedRows::add_ascii(const TextView& row, Buffer& buffer) const {
  if (buffer.used + row.length >= kSpanChunk) return false;
  const auto* text = static_cast<const std::uint8_t*>(row.data);
  if (kernels().copy_ascii(text, row.length, actions_.ascii(), actions_.folds_ascii(),
                           buffer.bytes + buffer.used, buffer.stops) &&
      !may_join(text, row.length, buffer.stops)) {
    return false;
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
  const std::size_t used = buffer.used, nuls = buffer.nul_count, solos = buffer.solo_count;
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
      if (kind_of(action) == ActionKind::kLetter && c > 0 && c < 0x80) {
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
    line.keys[0] = buffer.tag;
    line.answers[0] = {1, {value_of(action), 0, 0}};
    buffer.used = static_cast<std::size_t>(to - buffer.bytes);
    buffer.add_nul(&line);
    ++to;
  }
  buffer.used = static_cast<std::size_t>(to - buffer.bytes);
  return true;
refused:
  buffer.used = used;
  buffer.nul_count = nuls;
  buffer.solo_count = solos;
  return false;
}

std::size_t JoinedRows::encode(std::span<const TextView> rows, const RowFrame& frame, std::size_t max_length,
                               TokenColumns& out, std::int64_t* row_ends) const {
  const std::size_t around = frame.before.size() + frame.behind.size();
  if (around > WordCache::kMaxIds) return 0;
  Buffer& buffer = Buffer::of_this_thread();
  WordCache& cache = WordCache::of_this_thread(matcher_.owner());
  buffer.used = buffer.nul_count = buffer.solo_count = 0;
  buffer.tag = cache.tag();
  std::uint32_t specials[WordCache::kMaxIds];
  std::copy(frame.before.begin(), frame.before.end(),
            std::copy(frame.behind.begin(), frame.behind.end(), specials));
  // What stands between two rows, as if it were in the cache.
  WordCache::Line between = WordCache::line_with(cache.tag(), specials, around);

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
    buffer.row_ends[count] = static_cast<std::uint16_t>(buffer.nul_count);
    buffer.add_nul(&between);
  }
  if (count == 0) return 0;

  const std::size_t words = kernels()
                                .ascii_words_u8(buffer.bytes, buffer.used, true, actions_.ascii_of_rows(),
                                                {buffer.begins, buffer.ends, buffer.windows, nullptr})
                                .count;
  for (std::size_t n = 0; n < buffer.nul_count; ++n) {
    const std::size_t at = buffer.nuls[n];
    buffer.given[n].word = static_cast<std::uint16_t>(buffer.windows[at / 64].words_before(at % 64));
  }

  const std::size_t first = out.ids.size();
  out.make_room(buffer.used + (count + 1) * around + 64);
  std::uint32_t* const ids = out.ids.data() + first;  // places are counted from here
  std::copy(frame.before.begin(), frame.before.end(), ids);
  WordPieces pieces(matcher_, cache, false, buffer.misses);
  const std::size_t size =
      pieces.append(buffer.bytes, buffer.begins, buffer.ends, words, {buffer.given, buffer.nul_count}, ids,
                    frame.before.size(), buffer.places, out.details);
  for (std::size_t row = 0; row < count; ++row) {
    const std::size_t word = buffer.given[buffer.row_ends[row]].word;
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
    const std::size_t end = buffer.given[buffer.row_ends[row]].word;
    for (std::int32_t number = 0; word < end; ++word, ++number) {
      place_pieces(matcher_, ids, buffer.places[word], buffer.places[word + 1], buffer.begins[word] - begin,
                   static_cast<std::size_t>(buffer.ends[word] - buffer.begins[word]), number, spans, numbers);
    }
    // Those behind this row and before the next; behind the last row there is room for them.
    const std::size_t around = frame.before.size() + frame.behind.size();
    std::fill_n(spans + buffer.places[word], around, CharSpan{0, 0});
    std::fill_n(numbers + buffer.places[word], around, -1);
    begin = std::size_t{buffer.nuls[buffer.row_ends[row]]} + 1;
    ++word;
  }
}

}  // namespace fasttok
