// The tokens of a byte-level vocabulary as the bytes that they stand for.
//
//   ByteTexts texts(vocab);            // {"\u0120a": 5, "<s>\u4E00": 6}
//   texts.entries()[0]                 // id 5, " a"; token 6 stands for no bytes
//
// Tokens are written with one visible character for each byte (unicode/byte_chars.h). One that has another
// character, or none, is left out: it is no part of any text. Where tokens that end a word are written with
// a suffix, a space stands for that, and the token of a space, which no word has then, for the suffix.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/model/vocab.h"

namespace fasttok {

class ByteTexts {
 public:
  explicit ByteTexts(const Vocab& vocab, std::string_view end_of_word_suffix = {});

  struct Entry {
    std::uint32_t id;
    std::uint32_t size;  // bytes
    std::size_t begin;
  };
  // In ascending order of ids.
  const std::vector<Entry>& entries() const { return entries_; }
  // Lasts as long as this object, also when it is moved.
  std::string_view text(const Entry& entry) const { return {arena_.data() + entry.begin, entry.size}; }
  std::size_t longest() const { return longest_; }
  // One more than the greatest id of the vocabulary.
  std::size_t id_limit() const { return id_limit_; }
  // The token of a byte by itself.
  std::optional<std::uint32_t> id_of(std::uint8_t byte) const { return byte_ids_[byte]; }
  // That of a byte at the end of a word, with the suffix.
  std::optional<std::uint32_t> ending_id_of(std::uint8_t byte) const { return ending_ids_[byte]; }

 private:
  std::vector<char> arena_;
  std::vector<Entry> entries_;
  std::array<std::optional<std::uint32_t>, 256> byte_ids_{}, ending_ids_{};
  std::size_t longest_ = 0, id_limit_;
};

}  // namespace fasttok
