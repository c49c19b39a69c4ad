// The bytes of each token: how byte-level ids become bytes again.
//
//   const TokenBytes bytes({{"a", 0}, {"bc", 1}});
//   bytes.find(1)                 // "bc"
//   bytes.append(ids, out);       // with ids {1, 0}: "bca" behind what is in out
//
// Nearly all tokens are short, and an id is one random access: to its size and bytes in one entry of 16
// bytes.
//
// Mirrors tiktoken's `decode_bytes`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/base/buffer.h"

namespace fasttok {

class TokenBytes {
 public:
  struct Entry {
    std::string_view bytes;
    std::uint32_t id;
  };
  // Of several entries with one id the first counts.
  explicit TokenBytes(std::span<const Entry> entries);

  std::optional<std::string_view> find(std::uint32_t id) const;
  // Throws KeyError for the first id that no token has.
  void append(std::span<const std::uint32_t> ids, Buffer<char>& out) const;

 private:
  static constexpr std::size_t kMostShort = 15;
  static constexpr std::uint8_t kNotShort = 0xFF;
  struct Short {
    char bytes[kMostShort];
    std::uint8_t size = kNotShort;
  };
  static_assert(sizeof(Short) == 16);

  std::vector<Short> shorts_;  // by id; empty where ids are sparse
  // What is not there.
  std::vector<std::uint32_t> ids_;   // sorted
  std::vector<std::size_t> begins_;  // in arena_, and the end
  std::string arena_;
};

}  // namespace fasttok
