#include "fasttok/pipeline/added_token_finder.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace fasttok {

AddedTokenFinder::AddedTokenFinder(std::span<const AddedToken> tokens)
    : tokens_(tokens.begin(), tokens.end()) {
  std::vector<std::pair<std::string_view, std::uint32_t>> keys;
  for (std::uint32_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].content.empty() || tokens_[i].normalized) continue;
    keys.emplace_back(tokens_[i].content, i);
    firsts_.push_back(decode_char(tokens_[i].content, 0).c);
  }
  std::sort(firsts_.begin(), firsts_.end());
  firsts_.erase(std::unique(firsts_.begin(), firsts_.end()), firsts_.end());
  // Of two tokens with one content the first is found.
  const auto same_content = [](const auto& a, const auto& b) { return a.first == b.first; };
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end(), same_content), keys.end());
  trie_ = DoubleArray(keys);
}

}  // namespace fasttok
