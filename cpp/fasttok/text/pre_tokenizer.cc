#include "fasttok/text/pre_tokenizer.h"

#include "fasttok/unicode/properties.h"

namespace fasttok {
namespace {

void split_at_flag(PreTokenizedString& text, CharFlag flag, SplitBehavior behavior) {
  text.split([&](std::size_t, const NormalizedString& s) {
    return s.split(find_chars(s.get(), [&](char32_t c) { return (char_flags(c) & flag) != 0; }), behavior);
  });
}

}  // namespace

void BertPreTokenizer::pre_tokenize(PreTokenizedString& text) const {
  split_at_flag(text, kBertWhitespace, SplitBehavior::kRemoved);
  split_at_flag(text, kBertPunctuation, SplitBehavior::kIsolated);
}

}  // namespace fasttok
