// tiktoken's rank files: on each line a token in base64, a space, and its rank.
//
//   RankFile("YQ== 0\nYWI= 1\n", "x.tiktoken").tokens()   // {"a", 0}, {"ab", 1}
//
// Mirrors tiktoken.load.load_tiktoken_bpe for well-formed files. That function takes bytes that are no base64
// for nothing and lets a later line replace an earlier one; here both are FormatError, with the line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fasttok {

struct RankedToken {
  std::string_view bytes;
  std::uint32_t rank;
};

class RankFile {
 public:
  // `name` is the file's, for messages. Throws FormatError.
  RankFile(std::string_view data, const std::string& name);

  // In the order of the lines.
  const std::vector<RankedToken>& tokens() const { return tokens_; }

 private:
  std::vector<char> arena_;
  std::vector<RankedToken> tokens_;  // views into the arena
};

}  // namespace fasttok
