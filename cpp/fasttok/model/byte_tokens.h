// The tokens that stand for single bytes: "<0x00>" to "<0xFF>", as sentencepiece names them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "fasttok/model/vocab.h"

namespace fasttok {

class ByteTokens {
 public:
  explicit ByteTokens(const Vocab& vocab) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    for (std::size_t byte = 0; byte < ids_.size(); ++byte) {
      const char code[] = {'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
      ids_[byte] = vocab.token_to_id({code, sizeof code});
    }
  }

  std::optional<std::uint32_t> operator[](char byte) const { return ids_[static_cast<std::uint8_t>(byte)]; }

  // Those of all 256 bytes; empty where one is missing.
  std::vector<std::uint32_t> all() const {
    std::vector<std::uint32_t> ids;
    for (const auto& id : ids_) {
      if (!id) return {};
      ids.push_back(*id);
    }
    return ids;
  }

  // Whether every byte of `text` has a token.
  bool cover(std::string_view text) const {
    for (const char byte : text) {
      if (!(*this)[byte]) return false;
    }
    return true;
  }

 private:
  std::array<std::optional<std::uint32_t>, 256> ids_;
};

}  // namespace fasttok
