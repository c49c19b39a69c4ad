// BertPreTokenizer: words at white space, each punctuation character by itself.
//
//   PreTokenizedString p("Hey, you");
//   BertPreTokenizer{}.pre_tokenize(p);  // Hey | , | you
//
// Mirrors the reference's two splits in a row.
#pragma once

#include "fasttok/text/pre_tokenized.h"

namespace fasttok {

struct BertPreTokenizer {
  void pre_tokenize(PreTokenizedString& text) const;
};

}  // namespace fasttok
