#include "fasttok/pipeline/added_token_finder.h"

#include <algorithm>

#include "fasttok/unicode/utf8.h"

namespace fasttok {

AddedTokenFinder::AddedTokenFinder(std::span<const AddedToken> tokens) : tokens_(tokens.begin(), tokens.end()) {
  std::vector<std::pair<std::string_view, std::uint32_t>> keys;
  std::vector<char32_t> firsts;
  for (std::uint32_t i = 0; i < tokens_.size(); ++i) {
    const std::string& content = tokens_[i].content;
    if (content.empty()) continue;
    keys.emplace_back(content, i);
    firsts.push_back(decode_char(content, 0).c);
  }
  // Of two tokens with one content the first is found.
  std::stable_sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  keys.erase(std::unique(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.first == b.first; }),
             keys.end());
  if (keys.empty()) tokens_.clear();
  trie_ = DoubleArray(std::move(keys));

  std::sort(firsts.begin(), firsts.end());
  firsts.erase(std::unique(firsts.begin(), firsts.end()), firsts.end());
  if (firsts.empty()) return;
  first_.resize(firsts.back() / 64 + 1);
  for (const char32_t c : firsts) first_[c / 64] |= std::uint64_t{1} << (c % 64);
  few_ = firsts.size() <= 4 && firsts.back() < 0x10000;
  if (!few_) return;
  std::uint8_t small = 0;
  for (const char32_t c : firsts) {
    if (c < 0x100) {
      small = static_cast<std::uint8_t>(c);
      any_first8_ = true;
    }
  }
  for (std::size_t i = 0; i < 4; ++i) {
    const char32_t c = firsts[std::min(i, firsts.size() - 1)];
    first16_[i] = static_cast<std::uint16_t>(c);
    first8_[i] = c < 0x100 ? static_cast<std::uint8_t>(c) : small;
  }
}

template <class Unit>
std::size_t AddedTokenFinder::next_candidate(const Unit* text, std::size_t from, std::size_t to) const {
  if (few_) {
    if constexpr (sizeof(Unit) == 1) {
      return any_first8_ ? from + kernels().find_any_u8(text + from, to - from, first8_) : to;
    } else if constexpr (sizeof(Unit) == 2) {
      return from + kernels().find_any_u16(text + from, to - from, first16_);
    }
  }
  for (std::size_t i = from; i < to; ++i) {
    const std::size_t word = text[i] / 64;
    if (word < first_.size() && (first_[word] >> (text[i] % 64) & 1)) return i;
  }
  return to;
}

template <class Unit>
AddedTokenFinder::Match AddedTokenFinder::find(const Unit* text, std::size_t length, std::size_t from,
                                               std::size_t to) const {
  for (std::size_t i = from; (i = next_candidate(text, i, to)) < to; ++i) {
    DoubleArray::Node node = trie_.root();
    Match match{i, i, 0, false};
    for (std::size_t end = i; end < length; ++end) {
      std::uint8_t utf8[4];
      const std::size_t bytes = encode_utf8(text[end], utf8);
      node = trie_.walk(node, {reinterpret_cast<const char*>(utf8), bytes});
      if (node == DoubleArray::kNone) break;
      if (const std::uint32_t index = trie_.value(node); index != DoubleArray::kNoValue) {
        match.end = end + 1;
        match.index = index;
        match.found = true;
      }
    }
    if (match.found) return match;
  }
  return {to, to, 0, false};
}

template AddedTokenFinder::Match AddedTokenFinder::find(const std::uint8_t*, std::size_t, std::size_t,
                                                        std::size_t) const;
template AddedTokenFinder::Match AddedTokenFinder::find(const std::uint16_t*, std::size_t, std::size_t,
                                                        std::size_t) const;
template AddedTokenFinder::Match AddedTokenFinder::find(const std::uint32_t*, std::size_t, std::size_t,
                                                        std::size_t) const;

}  // namespace fasttok
