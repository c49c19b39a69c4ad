// What the engine does with rows of ASCII, or of 16-bit units, that are not long and of which only ids are
// wanted: some of them become one text.
//
//   The cat. | It sat | on it    ->   The cat. a\nIt sat\non it
//
// To find the words of a text, and to begin with them, takes longer than all else that is done with fifty
// characters; and what is not known yet is learnt with others of the same text. Between rows stands what
// makes their words those that they have by themselves (SplitRules::divider), and its ids are left out again.
// A row that ends with white space has no row behind it. Where an added token may be, in the rows or in what
// they have become, they go one by one.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/thread_scratch.h"
#include "fasttok/pipeline/engine_byte_bpe.h"
#include "fasttok/pipeline/one_by_one.h"
#include "fasttok/text/char_classes.h"
#include "fasttok/text/word_scanner.h"

namespace fasttok {
namespace {

constexpr std::size_t kMost = ByteBpe::kMostUnits, kMostRows = 64, kAhead = 4;
// A space may come before it; a row that there is no room for would be tried again and again.
constexpr std::size_t kLongestRow = kMost - 1;
static_assert(kLongestRow + 1 <= kMost);
constexpr std::size_t kReadSlack = 64, kCopied = 8, kIdSlack = WordCache::kMaxIds + 1 + kCopied;

// Rows as one text, and where each begins and ends in it.
template <class Unit>
struct Joined {
  Unit text[kMost + kReadSlack];
  std::size_t size = 0, count = 0;
  std::uint16_t begins[kMostRows], ends[kMostRows];

  // Those of `rows` that there is room for, up to the first that cannot stand behind the one before.
  void add(std::span<const TextView> rows, bool adds_space) {
    for (; count < rows.size(); ++count) {
      const auto* const units = static_cast<const Unit*>(rows[count].data);
      const std::size_t length = rows[count].length;
      if (count + kAhead < rows.size()) __builtin_prefetch(rows[count + kAhead].data);
      const bool has_space = adds_space && units[0] != ' ';
      std::string_view divider;
      if (count > 0) {
        const auto found = SplitRules::divider(text[size - 1], has_space ? ' ' : units[0]);
        if (!found) return;
        divider = *found;
      }
      if (divider.size() + has_space + length > kMost - size) return;
      for (const char c : divider) text[size++] = static_cast<Unit>(c);
      begins[count] = static_cast<std::uint16_t>(size);
      if (has_space) text[size++] = ' ';
      std::memcpy(text + size, units, length * sizeof(Unit));
      size += length;
      ends[count] = static_cast<std::uint16_t>(size);
    }
  }
};

// Writes rows of ids, each in its frame.
class RowWriter {
 public:
  RowWriter(TokenColumns& out, const RowFrame& frame, std::size_t ids, std::size_t rows)
      : out_(out), frame_(frame) {
    out.make_room(ids + rows * (frame.before.size() + frame.behind.size()) + kCopied);
    to_ = out.ids.data() + out.ids.size();
  }
  // Up to kCopied ids more may be read. Returns where it ends.
  std::int64_t write(const std::uint32_t* ids, std::size_t count) {
    to_ = std::copy(frame_.before.begin(), frame_.before.end(), to_);
    for (std::size_t i = 0; i < count; i += kCopied) std::memcpy(to_ + i, ids + i, kCopied * sizeof *ids);
    to_ = std::copy(frame_.behind.begin(), frame_.behind.end(), to_ + count);
    return to_ - out_.ids.data();
  }
  void finish() { out_.set_size(static_cast<std::size_t>(to_ - out_.ids.data())); }

 private:
  TokenColumns& out_;
  const RowFrame& frame_;
  std::uint32_t* to_;
};

}  // namespace

std::size_t ByteBpeEngine::encode_rows(std::span<const TextView> rows, const RowFrame& frame,
                                       std::size_t max_length, TokenColumns& out, std::int64_t* ends) const {
  if (out.details || out.values) return 0;
  ThreadScratch<Scratch> scratch;
  const bool joins = splitter_.rules() && !clip_words_;
  const auto may_join = [&](const TextView& row) {
    return joins && (row.ascii || row.kind == 2) && row.length > 0 &&
           row.length <= std::min(kLongestRow, max_length);
  };
  std::size_t count = 0;
  const auto one_by_one = [&](std::size_t more) {
    const auto encode_one = [&](const SequenceRequest& request) {
      return encode_text(request, 0, SIZE_MAX, Added::kRefused, *scratch, out);
    };
    std::size_t done = 0;
    try {
      done = encode_one_by_one(rows.subspan(count, more), frame, max_length, out, ends + count, encode_one);
    } catch (const SurrogateFound&) {
      if (count == 0) throw;  // else it will be the first of another call
      out.set_size(static_cast<std::size_t>(ends[count - 1]));
    }
    count += done;
    return done == more;
  };
  while (count < rows.size()) {
    const std::span<const TextView> rest = rows.subspan(count);
    const auto first = std::find_if(rest.begin(), rest.end(), may_join);
    if (first != rest.begin()) {
      if (!one_by_one(static_cast<std::size_t>(first - rest.begin()))) break;
      continue;
    }
    const auto most = first + std::min<std::ptrdiff_t>(rest.end() - first, kMostRows);
    const auto last = std::find_if_not(
        first, most, [&](const TextView& row) { return may_join(row) && row.kind == first->kind; });
    check_interrupt();
    bool refused = false;
    const std::size_t joined = first->kind == 2
                                   ? encode_joined_units({first, last}, frame, out, ends + count, refused)
                                   : encode_joined_ascii({first, last}, frame, out, ends + count, refused);
    if (!refused) {
      count += joined;
    } else if (!one_by_one(joined)) {
      break;
    }
  }
  return count;
}

// Takes the first few rows, and returns their number; `refused`: these are not for this way.
std::size_t ByteBpeEngine::encode_joined_ascii(std::span<const TextView> rows, const RowFrame& frame,
                                               TokenColumns& out, std::int64_t* ends, bool& refused) const {
  Joined<std::uint8_t> joined;
  joined.add(rows, splitter_.adds_prefix_space());
  const std::uint8_t* const text = joined.text;
  const std::size_t size = joined.size, count = joined.count;
  const std::string_view view(reinterpret_cast<const char*>(text), size);
  refused = added_.may_hold(view);
  if (refused) return count;

  WordCache& cache = WordCache::of_this_thread(model_.owner());
  std::uint32_t ids[kMost + kIdSlack], bounds[WordScanner::kRoom], counts[WordScanner::kMostWords];
  RowWriter writer(out, frame, size, count);
  WordScanner scanner(*splitter_.rules(), view);
  std::size_t row = 0, total = 0, row_begin = 0;  // ids so far, and before the row
  std::size_t place = joined.ends[0];             // where a row ends, or the next begins: so does a word
  for (std::size_t at = 0; at < size;) {
    const WordScanner::Words words = scanner.next(at, bounds);
    model_.append(text + at, bounds, words.count, content_of(words), cache, ids + total, counts);
    for (std::size_t k = 0; k < words.count; ++k) {
      total += counts[k];
      if (at + bounds[k + 1] != place) continue;
      if (place == joined.ends[row]) {
        ends[row] = writer.write(ids + row_begin, total - row_begin);
        if (++row == count) break;
        place = joined.begins[row];
        if (place != joined.ends[row - 1]) continue;
      }
      row_begin = total;
      place = joined.ends[row];
    }
    at += bounds[words.count];
  }
  writer.finish();
  return count;
}

// The same of 16-bit units.
std::size_t ByteBpeEngine::encode_joined_units(std::span<const TextView> rows, const RowFrame& frame,
                                               TokenColumns& out, std::int64_t* ends, bool& refused) const {
  Joined<std::uint16_t> joined;
  joined.add(rows, splitter_.adds_prefix_space());
  const UnitChars text{joined.text, joined.size};
  const std::size_t count = joined.count;
  refused = added_.may_hold({text.units, text.length});
  if (refused) return count;
  UnitWordScanner scanner(*splitter_.rules(), text);
  const auto found = scanner.find(0);
  refused = found.odd || found.size < text.length || (normalizes_ && (found.classes & kClassNotNfc));
  if (refused) return count;

  std::uint16_t places[2 * kMostRows];  // where rows end, and the next ones begin
  for (std::size_t row = 0; row < count; ++row) {
    if (row > 0) places[2 * row - 1] = joined.begins[row];
    places[2 * row] = joined.ends[row];
  }
  std::uint32_t ids[3 * kMost + kIdSlack], counts[2 * kMostRows];
  model_.append_units(text.units, {places, 2 * count - 1}, found.starts, found.high,
                      WordCache::of_this_thread(model_.owner()), ids, counts);
  RowWriter writer(out, frame, counts[2 * count - 2], count);
  for (std::size_t row = 0; row < count; ++row) {
    const std::uint32_t before = row == 0 ? 0 : counts[2 * row - 1];
    ends[row] = writer.write(ids + before, counts[2 * row] - before);
  }
  writer.finish();
  return count;
}

}  // namespace fasttok
