// Rows that an engine takes one behind the other: Engine::encode_rows() for engines that have nothing better
// to do with several at a time than to spare the way there and back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "fasttok/base/interrupt.h"
#include "fasttok/pipeline/engine.h"

namespace fasttok {

// encode_text(request of one text) appends its tokens to `out`; false: it is not for here. Between two texts
// it is asked whether the call is to end: what encode_text keeps meanwhile must allow for other calls.
template <class EncodeText>
std::size_t encode_one_by_one(std::span<const TextView> rows, const RowFrame& frame, std::size_t max_length,
                              TokenColumns& out, std::int64_t* ends, EncodeText&& encode_text) {
  constexpr std::size_t kAhead = 4;
  SequenceRequest request;
  const auto append = [&](std::span<const std::uint32_t> ids) {
    const std::size_t at = out.ids.size();
    out.ids.resize(at + ids.size());
    std::copy(ids.begin(), ids.end(), out.ids.data() + at);
  };
  constexpr std::size_t kBetweenChecks = std::size_t{1} << 13;  // characters, and some for each row
  constexpr std::size_t kOfRow = 32;
  std::size_t count = 0, unchecked = 0;
  for (; count < rows.size() && rows[count].length <= max_length; ++count) {
    if (count + kAhead < rows.size()) __builtin_prefetch(rows[count + kAhead].data);
    if (unchecked >= kBetweenChecks) {
      check_interrupt();
      unchecked = 0;
    }
    unchecked += rows[count].length + kOfRow;
    const std::size_t before = out.ids.size();
    request.texts = rows.subspan(count, 1);
    append(frame.before);
    bool taken = false;
    try {
      taken = encode_text(request);
    } catch (const SurrogateFound&) {
      if (count == 0) throw;  // else it will be the first of another call
    }
    if (!taken) {
      out.set_size(before);
      break;
    }
    append(frame.behind);
    ends[count] = static_cast<std::int64_t>(out.ids.size());
  }
  return count;
}

}  // namespace fasttok
