#include "fasttok/model/char_cuts.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

// Flags of a character on the left and on the right of a boundary.
constexpr std::uint8_t kWholeThenPart = 1, kPartThenAny = 2;

// Bytes of the character that a lead byte begins.
std::size_t char_size(std::uint8_t lead) {
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

// Up to three bytes on each side of a boundary as one number, which is not 0.
inline std::uint64_t around(const std::uint8_t* left, std::size_t left_size, const std::uint8_t* right,
                            std::size_t right_size) {
  const auto packed = [](const std::uint8_t* bytes, std::size_t size) {
    std::uint64_t value = size;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[i];
    return value;
  };
  return packed(left, left_size) << 32 | packed(right, right_size);
}

// What tokens say about the boundaries between the characters inside of them.
class CutNotes {
 public:
  void add(std::string_view token) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(token[i]); };
    const auto char_at = [&](std::size_t at, std::size_t size) {
      return decode_char(token.substr(at, size), 0).c;
    };
    std::size_t before = 0;  // where the character on the left begins
    for (std::size_t at = 1; at < token.size(); ++at) {
      if ((byte(at) & 0xC0) == 0x80) continue;
      const bool left_is_whole = (byte(before) & 0xC0) != 0x80;
      const std::size_t size = char_size(byte(at));
      const bool right_is_whole = at + size <= token.size();
      if (left_is_whole && right_is_whole && (byte(before) | byte(at)) < 0x80) {
        // Most are of these, again and again.
        bool& seen = ascii_pairs_[std::size_t{byte(before)} << 7 | byte(at)];
        if (!seen) pairs.push_back(std::uint64_t{byte(before)} << 32 | byte(at));
        seen = true;
      } else if (left_is_whole && right_is_whole) {
        pairs.push_back(std::uint64_t{char_at(before, at - before)} << 32 | char_at(at, size));
      } else {
        const std::uint8_t flag = left_is_whole ? kWholeThenPart : kPartThenAny;
        const std::size_t right_size = std::min(size, token.size() - at);
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(token.data());
        if (at - before <= 3 && right_size <= 3)  // else it is of characters beyond the table
          parts.push_back(around(bytes + before, at - before, bytes + at, right_size));
        if (left_is_whole) {
          note_char(left, char_at(before, at - before), flag);
        } else {
          note_part(ends_, token.substr(before, at - before), flag);
        }
        if (right_is_whole) {
          note_char(right, char_at(at, size), flag);
        } else {
          note_part(beginnings_, token.substr(at), flag);
        }
      }
      before = at;
    }
  }

  void finish() {
    for (std::vector<std::uint64_t>* list : {&pairs, &parts}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
    for (char32_t c = 0x80; c < CharCuts::kChars; ++c) {
      std::uint8_t utf8[4];
      const std::size_t size = encode_utf8(c, utf8);
      right[c] |= beginnings_[utf8[0]];
      left[c] |= ends_[utf8[size - 1]];
      if (size < 3) continue;
      right[c] |= beginnings_[two_bytes(utf8[0], utf8[1])];
      left[c] |= ends_[two_bytes(utf8[1], utf8[2])];
    }
  }

  std::vector<std::uint64_t> pairs;  // characters that some token holds, left << 32 | right
  std::vector<std::uint64_t> parts;  // around() of a boundary on which one of them is not whole
  std::vector<std::uint8_t> left = std::vector<std::uint8_t>(CharCuts::kChars), right = left;  // flags

 private:
  static std::size_t two_bytes(std::uint8_t first, std::uint8_t second) {
    return std::size_t{first} << 8 | second;
  }
  static void note_char(std::vector<std::uint8_t>& flags, char32_t c, std::uint8_t flag) {
    if (c < CharCuts::kChars) flags[c] |= flag;
  }
  // Parts of three bytes are of characters beyond the table.
  static void note_part(std::vector<std::uint8_t>& flags, std::string_view part, std::uint8_t flag) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(part[i]); };
    if (part.size() == 1) flags[byte(0)] |= flag;
    if (part.size() == 2) flags[two_bytes(byte(0), byte(1))] |= flag;
  }

  std::array<bool, 128 * 128> ascii_pairs_{};  // that are in the list
  // Flags of parts of characters: of one byte, or of two, whose first is not 0.
  std::vector<std::uint8_t> beginnings_ = left, ends_ = left;
};

}  // namespace

CharCuts::CharCuts(const std::vector<std::string_view>& tokens, std::vector<std::uint64_t>* pairs) {
  CutNotes notes;
  for (const std::string_view token : tokens) notes.add(token);
  notes.finish();

  const int bits = std::clamp(static_cast<int>(std::bit_width(32 * notes.pairs.size())), 16, 22);
  const std::size_t words = std::size_t{1} << (bits - 5);
  block_ = ZeroedArray<std::uint32_t>(words + kChars / sizeof(std::uint32_t) + 1);
  auto* const flags = reinterpret_cast<std::uint8_t*>(block_.begin() + words);
  set_ = {block_.begin(), 32 - (bits - 5), flags};
  for (const std::uint64_t pair : notes.pairs) {
    const auto left = static_cast<char32_t>(pair >> 32), right = static_cast<char32_t>(pair);
    const std::uint32_t hash = PairSet::hash(left, right);
    block_[hash >> set_.shift] |= PairSet::bits(hash);
  }
  for (char32_t c = 0; c < kChars; ++c)
    flags[c] = static_cast<std::uint8_t>(notes.left[c] | notes.right[c] << 4);
  parts_.assign(std::bit_ceil(4 * notes.parts.size() + 2), 0);
  for (const std::uint64_t part : notes.parts) {
    std::size_t i = part_slot(part);
    while (parts_[i] != 0) i = (i + 1) & (parts_.size() - 1);
    parts_[i] = part;
  }
  if (pairs) *pairs = std::move(notes.pairs);
}

// Whether a token that begins or ends inside of one of them spans their boundary; `shared` are the flags that
// say how.
bool CharCuts::parts_span(char32_t left, char32_t right, unsigned shared) const {
  std::uint8_t before[4], behind[4];
  const std::size_t left_size = encode_utf8(left, before), right_size = encode_utf8(right, behind);
  const auto has = [&](std::size_t n, std::size_t m) {
    const std::uint64_t wanted = around(before + left_size - n, n, behind, m);
    for (std::size_t i = part_slot(wanted); parts_[i] != 0; i = (i + 1) & (parts_.size() - 1)) {
      if (parts_[i] == wanted) return true;
    }
    return false;
  };
  for (std::size_t m = 1; shared & kWholeThenPart && m < right_size; ++m) {
    if (has(left_size, m)) return true;
  }
  for (std::size_t n = 1; shared & kPartThenAny && n < left_size; ++n) {
    for (std::size_t m = 1; m <= right_size; ++m) {
      if (has(n, m)) return true;
    }
  }
  return false;
}

}  // namespace fasttok
