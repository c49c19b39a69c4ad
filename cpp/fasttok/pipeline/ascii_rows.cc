#include "fasttok/pipeline/ascii_rows.h"

#include <algorithm>
#include <memory>

#include "fasttok/pipeline/ascii_words.h"

namespace fasttok {
namespace {

// Rows whose text is fetched while another is copied.
constexpr std::size_t kRowsAhead = 6;

struct Scratch {
  std::uint8_t bytes[kSpanChunk + 64];
  std::uint16_t begins[kSpanChunk + 64], ends[kSpanChunk + 64];
  WindowStarts windows[kSpanChunk / 64];
  std::uint64_t stops[kSpanChunk / 64];
  std::uint32_t places[kSpanChunk + 1];
  std::uint16_t row_ends[kSpanChunk];     // of each row: where its NUL is
  std::uint16_t frame_words[kSpanChunk];  // and which word that is
};

Scratch& scratch_of_this_thread() {
  static thread_local const std::unique_ptr<Scratch> scratch(new Scratch);
  return *scratch;
}

}  // namespace

// Whether the characters at which the kernel stops are only such that an added token might begin there, and
// none does.
bool AsciiRows::may_join(const std::uint8_t* text, std::size_t length, const std::uint64_t* stops) const {
  for (std::size_t window = 0; window * 64 < length; ++window) {
    for (std::uint64_t left = stops[window]; left; left &= left - 1) {
      const std::size_t at = window * 64 + static_cast<std::size_t>(__builtin_ctzll(left));
      const Action action = actions_.of(text[at]);
      if (text[at] == 0 || kind_of(action) != ActionKind::kCandidate) return false;
      const ActionKind kind = kind_of(actions_.candidate(value_of(action)));
      if (kind != ActionKind::kSolo && kind != ActionKind::kSpace && kind != ActionKind::kLetter)
        return false;
      if (finder_.match(text, length, at).end != 0) return false;
    }
  }
  return true;
}

std::size_t AsciiRows::encode(std::span<const TextView> rows, const RowFrame& frame, std::size_t max_length,
                              TokenColumns& out, std::int64_t* row_ends) const {
  const std::size_t around = frame.before.size() + frame.behind.size();
  if (around > WordCache::kMaxIds) return 0;
  Scratch& scratch = scratch_of_this_thread();
  const Kernels& vector = kernels();

  std::size_t used = 0, count = 0;
  for (; count < rows.size(); ++count) {
    const TextView& row = rows[count];
    if (!row.ascii || row.length > max_length || used + row.length >= kSpanChunk) break;
    if (count + kRowsAhead < rows.size()) {
      const auto* ahead = static_cast<const char*>(rows[count + kRowsAhead].data);
      __builtin_prefetch(ahead);
      __builtin_prefetch(ahead + 64);
    }
    const auto* text = static_cast<const std::uint8_t*>(row.data);
    if (vector.copy_ascii(text, row.length, actions_.ascii(), actions_.folds_ascii(), scratch.bytes + used,
                          scratch.stops) &&
        !may_join(text, row.length, scratch.stops)) {
      break;
    }
    used += row.length;
    scratch.bytes[used] = 0;
    scratch.row_ends[count] = static_cast<std::uint16_t>(used++);
  }
  if (count == 0) return 0;

  const WordOutputs found{scratch.begins, scratch.ends, scratch.windows, nullptr};
  const std::size_t words =
      vector.ascii_words_u8(scratch.bytes, used, true, actions_.ascii_of_rows(), found).count;
  for (std::size_t row = 0; row < count; ++row) {
    const std::size_t at = scratch.row_ends[row];
    scratch.frame_words[row] = static_cast<std::uint16_t>(scratch.windows[at / 64].words_before(at % 64));
  }

  // What stands between two rows, as if a NUL were in the cache.
  WordCache& cache = WordCache::of_this_thread(matcher_.owner());
  WordCache::Line between{};
  between.keys[0] = cache.tag();
  between.answers[0].count = static_cast<std::uint32_t>(around);
  std::copy(frame.before.begin(), frame.before.end(),
            std::copy(frame.behind.begin(), frame.behind.end(), between.answers[0].ids));

  const std::size_t first = out.ids.size();
  const std::size_t room = used + (count + 1) * around + 64;
  out.make_room(room);
  std::uint32_t* const ids = out.ids.data() + first;  // places are counted from here
  std::copy(frame.before.begin(), frame.before.end(), ids);
  AsciiWords resolver(matcher_, cache, false);
  const std::size_t size =
      resolver.append(scratch.bytes, scratch.begins, scratch.ends, words,
                      {std::span<const std::uint16_t>(scratch.frame_words, count), &between}, ids,
                      frame.before.size(), scratch.places);
  for (std::size_t row = 0; row < count; ++row) {
    row_ends[row] =
        static_cast<std::int64_t>(first + scratch.places[scratch.frame_words[row]] + frame.behind.size());
  }
  out.set_size(first + size - frame.before.size());
  if (out.details) {
    CharSpan* const spans = out.spans.data() + first;
    std::int32_t* const numbers = out.words.data() + first;
    std::fill_n(spans, frame.before.size(), CharSpan{0, 0});
    std::fill_n(numbers, frame.before.size(), -1);
    std::size_t word = 0, begin = 0;
    for (std::size_t row = 0; row < count; ++row) {
      const std::size_t end = scratch.frame_words[row];
      for (std::int32_t number = 0; word < end; ++word, ++number) {
        place_pieces(
            matcher_, ids, scratch.places[word], scratch.places[word + 1], scratch.begins[word] - begin,
            static_cast<std::size_t>(scratch.ends[word] - scratch.begins[word]), number, spans, numbers);
      }
      // Those behind this row and before the next; behind the last row there is room for them.
      std::fill_n(spans + scratch.places[word], around, CharSpan{0, 0});
      std::fill_n(numbers + scratch.places[word], around, -1);
      begin = std::size_t{scratch.row_ends[row]} + 1;
      ++word;
    }
  }
  return count;
}

}  // namespace fasttok
