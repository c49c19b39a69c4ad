#include "fasttok/formats/bert_vocab.h"

#include <algorithm>
#include <cstdint>

#include "fasttok/base/error.h"
#include "fasttok/unicode/properties.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

std::string_view trimmed(std::string_view line) {
  while (!line.empty()) {
    const auto last = static_cast<unsigned char>(line.back());
    if (last > 0x20 && last < 0x7F) break;
    // From U+4000 on there is no white space: a short way for the many Chinese lines.
    if (line.size() >= 3 && static_cast<unsigned char>(line[line.size() - 3]) >= 0xE4) break;
    const std::size_t at = previous_char(line, line.size());
    if (!(char_flags(decode_char(line, at).c) & kBertWhitespace)) break;
    line = line.substr(0, at);
  }
  return line;
}

}  // namespace

std::vector<VocabEntry> read_bert_vocab(std::string_view data, const std::string& name) {
  if (const std::size_t at = invalid_utf8_at(data); at < data.size()) {
    const auto line = 1 + std::count(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    throw FormatError(name + ": line " + std::to_string(line) + ": not UTF-8 (byte " + std::to_string(at) +
                      " of the file); save the vocabulary as UTF-8, one token a line");
  }
  std::vector<VocabEntry> entries;
  entries.reserve(static_cast<std::size_t>(std::count(data.begin(), data.end(), '\n')) + 1);
  for (std::size_t begin = 0; begin < data.size();) {
    const std::size_t end = std::min(data.find('\n', begin), data.size());
    entries.push_back({trimmed(data.substr(begin, end - begin)), static_cast<std::uint32_t>(entries.size())});
    begin = end + 1;
  }
  return entries;
}

}  // namespace fasttok
