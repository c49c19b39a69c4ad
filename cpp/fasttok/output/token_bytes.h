// The bytes of each token, one after the other in one block: how byte-level ids become bytes again.
//
//   const TokenBytes bytes({{"a", 0}, {"bc", 1}});
//   bytes.find(1)                 // "bc"
//   bytes.size_of(ids); bytes.write(ids, out);
//
// Mirrors tiktoken's `decode_bytes`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

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
  // Bytes that write() will write. Throws KeyError for the first id that no token has.
  std::size_t size_of(std::span<const std::uint32_t> ids) const;
  // To `out`, which has size_of(ids) bytes, exactly.
  void write(std::span<const std::uint32_t> ids, std::span<char> out) const;

 private:
  static constexpr std::uint32_t kAbsent = 0xFFFFFFFF;
  struct Place {
    std::uint32_t begin = kAbsent;
    std::uint32_t size = 0;
  };
  Place place_of(std::uint32_t id) const;

  static constexpr std::size_t kSlack = 16;
  std::vector<char> arena_;    // and kSlack bytes more, so that a short token is copied as a block
  std::vector<Place> places_;  // by id; where ids are sparse, in the order of sparse_ids_
  std::vector<std::uint32_t> sparse_ids_;  // sorted; empty where ids are dense
};

}  // namespace fasttok
