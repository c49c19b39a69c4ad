#include "fasttok/text/byte_splitter.h"

#include "fasttok/regex/regex.h"
#include "fasttok/text/char_classes.h"
#include "fasttok/unicode/properties.h"

namespace fasttok {
namespace {

void split_text(const SplitRules& rules, std::string_view text, std::vector<PatternPiece>& pieces) {
  pieces.clear();
  for (std::size_t at = 0; at < text.size();) {
    check_interrupt_at(pieces.size());
    const std::size_t end = rules.word_end(text, at);
    pieces.push_back({{at, end}, false});
    at = end;
  }
}

void split_text(const SplitAtPattern& split, std::string_view text, std::vector<PatternPiece>& pieces) {
  split.pattern.find(text, pieces);
  if (split.invert) {
    for (PatternPiece& piece : pieces) piece.is_match = !piece.is_match;
  }
  merge_pieces(split.behavior, pieces);
}

void split_text(const Digits& digits, std::string_view text, std::vector<PatternPiece>& pieces) {
  find_chars(
      text, [](char32_t c) { return (char_flags(c) & kNumeric) != 0; }, pieces);
  merge_pieces(digits.individual_digits ? SplitBehavior::kIsolated : SplitBehavior::kContiguous, pieces);
}

void split_text(const DeepSeekWords* words, std::string_view text, std::vector<PatternPiece>& pieces) {
  pieces.clear();
  for (std::size_t at = 0; at < text.size();) {
    check_interrupt_at(pieces.size());
    const std::size_t end = words->word_end(text, at);
    pieces.push_back({{at, end}, false});
    at = end;
  }
}

// Whether Digits and \p{N} are the same characters, but for some beyond U+FFFF.
bool digits_are_numbers() {
  static const bool same = [] {
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
      const bool is_digit = (char_flags(c) & kNumeric) != 0, is_number = (char_class(c) & kClassNumber) != 0;
      if (is_digit != is_number && (c < 0x10000 || is_number)) return false;
    }
    return true;
  }();
  return same;
}

}  // namespace

std::optional<ByteSplitter> ByteSplitter::of(const PreTokenizer& pre_tokenizer) {
  if (pre_tokenizer.steps.empty()) return std::nullopt;
  const auto* byte_level = std::get_if<ByteLevel>(&pre_tokenizer.steps.back());
  if (!byte_level || (byte_level->add_prefix_space && pre_tokenizer.steps.size() > 1)) return std::nullopt;
  ByteSplitter splitter;
  splitter.adds_prefix_space_ = byte_level->add_prefix_space;
  for (std::size_t i = 0; i + 1 < pre_tokenizer.steps.size(); ++i) {
    if (const auto* digits = std::get_if<Digits>(&pre_tokenizer.steps[i])) {
      splitter.stages_.emplace_back(*digits);
      continue;
    }
    const auto* split = std::get_if<SplitAtPattern>(&pre_tokenizer.steps[i]);
    if (!split) return std::nullopt;
    const std::shared_ptr<const Regex>& regex = split->pattern.regex;
    // The matches of a known pattern are all of the text, so these two are one.
    const bool keeps_matches = split->invert ? split->behavior == SplitBehavior::kRemoved
                                             : split->behavior == SplitBehavior::kIsolated;
    const auto rules =
        regex && keeps_matches ? SplitRules::of_pattern(regex->pattern(), regex->syntax()) : std::nullopt;
    if (rules) {
      splitter.stages_.emplace_back(*rules);
    } else {
      splitter.stages_.emplace_back(*split);
    }
  }
  std::vector<const SplitAtPattern*> splits;
  for (const Stage& stage : splitter.stages_) {
    if (const auto* split = std::get_if<SplitAtPattern>(&stage)) splits.push_back(split);
  }
  if (splits.size() == splitter.stages_.size() && DeepSeekWords::are(splits)) {
    splitter.stages_.clear();
    splitter.stages_.emplace_back(&DeepSeekWords::get());
  }
  if (byte_level->use_regex) splitter.stages_.emplace_back(SplitRules::gpt2());
  // Single digits split off before GPT-2's pattern, as StarCoder does, are one more rule.
  const auto is_gpt2 = [](const Stage& stage) {
    const auto* rules = std::get_if<SplitRules>(&stage);
    return rules && *rules == SplitRules::gpt2();
  };
  const auto* digits = splitter.stages_.size() == 2 ? std::get_if<Digits>(&splitter.stages_[0]) : nullptr;
  if (digits && digits->individual_digits && is_gpt2(splitter.stages_[1]) && digits_are_numbers()) {
    splitter.stages_.clear();
    splitter.stages_.emplace_back(SplitRules{.most_digits = 1, .digits_apart = true});
  }
  return splitter;
}

void ByteSplitter::split(std::string_view text, std::vector<ByteRange>& words) const {
  words.clear();
  if (text.empty()) return;
  words.push_back({0, text.size()});
  std::vector<ByteRange> before;
  std::vector<PatternPiece> pieces;
  for (const Stage& stage : stages_) {
    before.swap(words);
    words.clear();
    for (const ByteRange& range : before) {
      const std::string_view part = text.substr(range.begin, range.end - range.begin);
      std::visit([&](const auto& s) { split_text(s, part, pieces); }, stage);
      for (const PatternPiece& piece : pieces) {
        if (piece.is_match || piece.range.begin == piece.range.end) continue;
        words.push_back({range.begin + piece.range.begin, range.begin + piece.range.end});
      }
    }
  }
}

}  // namespace fasttok
