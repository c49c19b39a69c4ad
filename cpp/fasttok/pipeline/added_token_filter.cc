#include "fasttok/pipeline/added_token_filter.h"

#include <algorithm>
#include <utility>

#include "fasttok/base/interrupt.h"

namespace fasttok {

AddedTokenFilter::AddedTokenFilter(std::vector<std::string_view> patterns) {
  std::erase_if(patterns, [](std::string_view pattern) { return pattern.empty(); });
  std::sort(patterns.begin(), patterns.end());
  patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
  std::vector<std::pair<std::string_view, std::uint32_t>> keys;
  for (const std::string_view pattern : patterns) {
    keys.emplace_back(pattern, 0);
    first_bytes_[static_cast<std::uint8_t>(pattern[0])] = true;
    first_bytes_are_ascii_ = first_bytes_are_ascii_ && static_cast<std::uint8_t>(pattern[0]) < 0x80;
  }
  empty_ = keys.empty();
  trie_ = DoubleArray(keys);
  if (!empty_ && patterns.front()[0] == patterns.back()[0]) only_first_byte_ = patterns.front()[0];
}

bool AddedTokenFilter::may_hold(std::string_view text) const {
  if (empty_) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (only_first_byte_) {
      i = text.find(*only_first_byte_, i);
      if (i == std::string_view::npos) return false;
    } else {
      check_interrupt_at(i);
      if (!first_bytes_[static_cast<std::uint8_t>(text[i])]) continue;
    }
    DoubleArray::Node node = trie_.root();
    for (std::size_t at = i; at < text.size(); ++at) {
      node = trie_.child(node, static_cast<std::uint8_t>(text[at]));
      if (node == DoubleArray::kNone) break;
      if (trie_.value(node) != DoubleArray::kNoValue) return true;
    }
  }
  return false;
}

bool AddedTokenFilter::may_hold(std::span<const std::uint16_t> text) const {
  if (empty_) return false;
  if (!first_bytes_are_ascii_) return true;
  constexpr std::size_t kAtOnce = 64;
  for (std::size_t i = 0; i < text.size(); ++i) {
    check_interrupt_at(i);
    if (only_first_byte_ && i % kAtOnce == 0 && text.size() - i >= kAtOnce) {
      unsigned any = 0;
      for (std::size_t k = 0; k < kAtOnce; ++k)
        any |= text[i + k] == static_cast<unsigned char>(*only_first_byte_);
      if (any == 0) {
        i += kAtOnce - 1;
        continue;
      }
    }
    if (text[i] >= 0x80 || !first_bytes_[text[i]]) continue;
    DoubleArray::Node node = trie_.root();
    for (std::size_t at = i; at < text.size(); ++at) {
      if (text[at] >= 0x80) return true;
      node = trie_.child(node, static_cast<std::uint8_t>(text[at]));
      if (node == DoubleArray::kNone) break;
      if (trie_.value(node) != DoubleArray::kNoValue) return true;
    }
  }
  return false;
}

}  // namespace fasttok
