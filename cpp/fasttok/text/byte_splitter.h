// The words of a byte-level pipeline, from text to ranges of bytes: ByteLevel with its pattern, or splits by
// patterns and digits before it.
//
//   const auto splitter = ByteSplitter::of(pre_tokenizer);
//   splitter->split("Hey, you", words);   // {0, 3} {3, 4} {4, 8}
//
// A single known pattern is split by its rules (split_rules.h), DeepSeek-V3's three at once
// (deepseek_words.h); any other chain goes stage by stage, as the reference does. Nothing is prepended here:
// see `adds_prefix_space`.
#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "fasttok/text/deepseek_words.h"
#include "fasttok/text/pattern.h"
#include "fasttok/text/pre_tokenizer.h"
#include "fasttok/text/split_rules.h"

namespace fasttok {

class ByteSplitter {
 public:
  // Nothing where the pre-tokenizer is not of this kind.
  static std::optional<ByteSplitter> of(const PreTokenizer& pre_tokenizer);

  bool adds_prefix_space() const { return adds_prefix_space_; }
  // Not null where these rules are all there is.
  const SplitRules* rules() const {
    return stages_.size() == 1 ? std::get_if<SplitRules>(&stages_[0]) : nullptr;
  }
  // Likewise.
  const DeepSeekWords* deepseek_words() const {
    const auto* words = stages_.size() == 1 ? std::get_if<const DeepSeekWords*>(&stages_[0]) : nullptr;
    return words ? *words : nullptr;
  }

  // Replaces `words` by the words of the text, which are not empty.
  void split(std::string_view text, std::vector<ByteRange>& words) const;

 private:
  using Stage = std::variant<SplitRules, SplitAtPattern, Digits, const DeepSeekWords*>;
  bool adds_prefix_space_ = false;
  std::vector<Stage> stages_;
};

}  // namespace fasttok
