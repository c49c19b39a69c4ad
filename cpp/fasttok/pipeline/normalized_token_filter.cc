#include "fasttok/pipeline/normalized_token_filter.h"

#include <algorithm>
#include <utility>

#include "fasttok/unicode/properties.h"

namespace fasttok {

std::u32string NormalizedTokenFilter::without_space(std::string_view content) {
  std::u32string text = to_utf32(content);
  std::erase_if(text, [](char32_t c) { return (char_flags(c) & kBertWhitespace) != 0; });
  return text;
}

NormalizedTokenFilter::NormalizedTokenFilter(std::span<const std::u32string> contents) {
  std::vector<std::string> bytes;
  for (const std::u32string& content : contents) {
    firsts_.push_back(content.front());
    bytes.emplace_back();
    for (const char32_t c : content) append_utf8(bytes.back(), c);
  }
  std::sort(firsts_.begin(), firsts_.end());
  firsts_.erase(std::unique(firsts_.begin(), firsts_.end()), firsts_.end());
  std::sort(bytes.begin(), bytes.end());
  bytes.erase(std::unique(bytes.begin(), bytes.end()), bytes.end());
  std::vector<std::pair<std::string_view, std::uint32_t>> keys;
  for (const std::string& key : bytes) keys.emplace_back(key, 0);
  trie_ = DoubleArray(keys);
}

}  // namespace fasttok
