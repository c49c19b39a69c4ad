// BERT's vocab.txt: one token a line, whose number from 0 is the id.
//
//   read_bert_vocab("[UNK]\na\n", "vocab.txt")   {"[UNK]", 0}, {"a", 1}
//
// Mirrors the reference: white space at the end of a line is no part of the token, an empty line is the token
// "", and a line break at the end of the file begins no line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fasttok/model/vocab.h"

namespace fasttok {

// The tokens in the order of the lines, as views into `data`. `name` is the file's, for messages.
// Throws FormatError, with the line, where the bytes are not UTF-8.
std::vector<VocabEntry> read_bert_vocab(std::string_view data, const std::string& name);

}  // namespace fasttok
