#include "fasttok/model/byte_texts.h"

#include <algorithm>

#include "fasttok/unicode/byte_chars.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

ByteTexts::ByteTexts(const Vocab& vocab) : id_limit_(static_cast<std::size_t>(vocab.id_limit())) {
  entries_.reserve(vocab.size());
  for (const VocabEntry& entry : vocab.entries()) {
    const std::size_t begin = arena_.size();
    bool is_bytes = true;
    for (std::size_t at = 0; at < entry.token.size() && is_bytes;) {
      const DecodedChar d = decode_char(entry.token, at);
      const std::optional<std::uint8_t> byte = byte_of_char(d.c);
      is_bytes = byte.has_value();
      if (byte) arena_.push_back(static_cast<char>(*byte));
      at += d.size;
    }
    const std::size_t size = arena_.size() - begin;
    if (!is_bytes || size == 0) {
      arena_.resize(begin);
      continue;
    }
    if (size == 1) byte_ids_[static_cast<std::uint8_t>(arena_[begin])] = entry.id;
    longest_ = std::max(longest_, size);
    entries_.push_back({entry.id, static_cast<std::uint32_t>(size), begin});
  }
}

}  // namespace fasttok
