// A text as UTF-8, for the engines that read that: ASCII where it lies, all else in a buffer.
//
//   std::vector<std::uint8_t> buffer;
//   text_to_utf8(view, 0, false, buffer).bytes
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fasttok/base/text_view.h"

namespace fasttok {

// Bytes behind the text that may be read.
inline constexpr std::size_t kUtf8Slack = 16;

struct Utf8Text {
  std::string_view bytes;
  bool is_nfc = true;  // no character that NFC might change, or with what is beside it; if that was asked
};

// Throws SurrogateFound. A long text asks now and then whether the call is to end.
Utf8Text text_to_utf8(const TextView& view, std::size_t text_index, bool ask_nfc,
                      std::vector<std::uint8_t>& buffer);

}  // namespace fasttok
