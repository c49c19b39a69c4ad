#include "fasttok/model/byte_texts.h"

#include <algorithm>

#include "fasttok/unicode/byte_chars.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {

ByteTexts::ByteTexts(const Vocab& vocab, std::string_view end_of_word_suffix)
    : id_limit_(static_cast<std::size_t>(vocab.id_limit())) {
  entries_.reserve(vocab.size());
  for (const VocabEntry& entry : vocab.entries()) {
    const std::size_t begin = arena_.size();
    std::string_view token = entry.token;
    const bool ends_word = !end_of_word_suffix.empty() && token.ends_with(end_of_word_suffix);
    if (ends_word) token.remove_suffix(end_of_word_suffix.size());
    bool is_bytes = !token.empty();
    for (std::size_t at = 0; at < token.size() && is_bytes;) {
      const DecodedChar d = decode_char(token, at);
      const std::optional<std::uint8_t> byte = byte_of_char(d.c);
      is_bytes = byte.has_value();
      if (byte) arena_.push_back(static_cast<char>(*byte));
      at += d.size;
    }
    std::size_t size = arena_.size() - begin;
    if (!is_bytes) {
      arena_.resize(begin);
      continue;
    }
    if (ends_word) {
      if (size == 1) ending_ids_[static_cast<std::uint8_t>(arena_[begin])] = entry.id;
      arena_.push_back(' ');
      ++size;
    } else if (size == 1) {
      byte_ids_[static_cast<std::uint8_t>(arena_[begin])] = entry.id;
    }
    longest_ = std::max(longest_, size);
    entries_.push_back({entry.id, static_cast<std::uint32_t>(size), begin});
  }
}

}  // namespace fasttok
