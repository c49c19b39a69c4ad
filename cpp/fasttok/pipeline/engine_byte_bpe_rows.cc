// What the engine does with short rows of ASCII, of which only ids are wanted: a few of them become one text.
//
//   The cat. | It sat | on it    ->   The cat. a\nIt sat\non it
//
// To find the words of a text, and to begin with them, takes longer than all else that is done with fifty
// characters. Between rows stands what makes their words those that they have by themselves
// (SplitRules::divider), and its ids are left out again. A row that ends with white space has no row behind
// it. Where an added token may be, in the rows or in what they have become, they go one by one.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/thread_scratch.h"
#include "fasttok/pipeline/engine_byte_bpe.h"
#include "fasttok/pipeline/one_by_one.h"
#include "fasttok/text/word_scanner.h"

namespace fasttok {
namespace {

constexpr std::size_t kMostBytes = 1024, kLongestRow = 256, kMostRows = 64;
constexpr std::size_t kReadSlack = 64, kCopied = 8, kIdSlack = WordCache::kMaxIds + 1 + kCopied;

}  // namespace

std::size_t ByteBpeEngine::encode_rows(std::span<const TextView> rows, const RowFrame& frame,
                                       std::size_t max_length, TokenColumns& out, std::int64_t* ends) const {
  if (out.details || out.values) return 0;
  ThreadScratch<Scratch> scratch;
  const bool joins = splitter_.rules() && !clip_words_;
  const auto may_join = [&](const TextView& row) {
    return joins && row.ascii && row.length > 0 && row.length <= std::min(kLongestRow, max_length);
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
    const auto last =
        std::find_if_not(first, first + std::min<std::ptrdiff_t>(rest.end() - first, kMostRows), may_join);
    if (first != rest.begin() && !one_by_one(static_cast<std::size_t>(first - rest.begin()))) break;
    if (first == last) continue;
    bool refused;
    const std::size_t joined = encode_joined({first, last}, frame, out, ends + count, refused);
    if (!refused) {
      count += joined;
    } else if (!one_by_one(joined)) {
      break;
    }
  }
  return count;
}

// Takes the first few rows, and returns their number; `refused`: these are not for this way.
std::size_t ByteBpeEngine::encode_joined(std::span<const TextView> rows, const RowFrame& frame,
                                         TokenColumns& out, std::int64_t* ends, bool& refused) const {
  check_interrupt();
  const bool adds_space = splitter_.adds_prefix_space();
  std::uint8_t text[kMostBytes + kReadSlack];
  std::uint32_t begins[kMostRows], behind[kMostRows];  // of rows, in the text
  std::size_t size = 0, count = 0;
  for (; count < rows.size(); ++count) {
    const auto* const bytes = static_cast<const std::uint8_t*>(rows[count].data);
    const std::size_t length = rows[count].length;
    if (count + 4 < rows.size()) __builtin_prefetch(rows[count + 4].data);
    const bool has_space = adds_space && bytes[0] != ' ';
    std::string_view divider;
    if (count > 0) {
      const auto found = SplitRules::divider(text[size - 1], has_space ? ' ' : bytes[0]);
      if (!found) break;
      divider = *found;
    }
    if (divider.size() + has_space + length > kMostBytes - size) break;
    std::copy(divider.begin(), divider.end(), text + size);
    size += divider.size();
    begins[count] = static_cast<std::uint32_t>(size);
    text[size] = ' ';
    std::memcpy(text + size + has_space, bytes, length);
    size += has_space + length;
    behind[count] = static_cast<std::uint32_t>(size);
  }
  const std::string_view joined(reinterpret_cast<const char*>(text), size);
  refused = added_.may_hold(joined);
  if (refused) return count;
  const auto content = std::memchr(text, 0, size) ? ByteBpe::Content::kNul : ByteBpe::Content::kAscii;

  WordCache& cache = WordCache::of_this_thread(model_.owner());
  std::uint32_t ids[kMostBytes + kIdSlack], word_ends[WordScanner::kRoom], counts[WordScanner::kMostWords];
  out.make_room(size + count * (frame.before.size() + frame.behind.size()) + kCopied);
  std::uint32_t* const begin = out.ids.data();
  std::uint32_t* to = begin + out.ids.size();
  WordScanner scanner(*splitter_.rules(), joined);
  std::size_t row = 0, total = 0, row_begin = 0;  // ids so far, and before the row
  bool in_row = false;
  const auto begin_row = [&] {
    in_row = true;
    row_begin = total;
    to = std::copy(frame.before.begin(), frame.before.end(), to);
  };
  begin_row();
  std::size_t place = behind[0];  // where the next row ends or begins: so does a word
  for (std::size_t at = 0; at < size; at += word_ends[0]) {
    const std::size_t words = scanner.next(at, word_ends);
    model_.append(text + at, word_ends, words, content, cache, ids + total, counts);
    for (std::size_t k = 0; k < words; ++k) {
      total += counts[k];
      if (at + word_ends[k] != place) continue;
      if (in_row) {
        for (std::size_t i = row_begin; i < total; i += kCopied)
          std::memcpy(to + (i - row_begin), ids + i, kCopied * sizeof *ids);
        to += total - row_begin;
        to = std::copy(frame.behind.begin(), frame.behind.end(), to);
        ends[row++] = to - begin;
        in_row = false;
        if (row == count) break;
        place = begins[row];
        if (place != behind[row - 1]) continue;
      }
      begin_row();
      place = behind[row];
    }
    word_ends[0] = word_ends[words - 1];
  }
  out.set_size(static_cast<std::size_t>(to - begin));
  return count;
}

}  // namespace fasttok
