// From tokens back to text: the reference's decoders, and chains of them.
//
//   Decoder llama{{ReplaceDecoder{"▁", " "}, ByteFallbackDecoder{}, FuseDecoder{}, StripDecoder{" ", 1, 0}}};
//   llama.decode({"▁caf", "<0xC3>", "<0xA9>"})   "café"
//
// Mirrors `decoders.*`: every decoder turns a list of tokens into another (`decode_chain`), and the text is
// that list, joined. A Sequence is the chain of its decoders, nested ones flattened.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fasttok/output/wordpiece_decoder.h"
#include "fasttok/regex/regex.h"

namespace fasttok {

using Tokens = std::vector<std::string>;

// The suffix becomes a space, at the last token nothing. An empty suffix is found between all characters.
struct BpeDecoder {
  std::string suffix = "</w>";

  Tokens decode_chain(Tokens tokens) const;
};

// A run of tokens like "<0xE4>" becomes the text of these bytes, or U+FFFD for each token where they are not
// UTF-8. As in the reference, "<0x+A>" is a byte token, too.
struct ByteFallbackDecoder {
  Tokens decode_chain(Tokens tokens) const;
};

// One text of all bytes that the characters stand for (unicode/byte_chars.h), damaged UTF-8 replaced. A token
// with a character that stands for no byte counts with its own UTF-8.
struct ByteLevelDecoder {
  Tokens decode_chain(Tokens tokens) const;
};

// Equal neighbours are one token; then the pad token is dropped, and what is empty.
struct CtcDecoder {
  std::string pad_token = "<pad>";
  std::string word_delimiter_token = "|";
  bool cleanup = true;  // clean_up_spaces(), and the delimiter becomes a space

  Tokens decode_chain(Tokens tokens) const;
};

struct FuseDecoder {
  Tokens decode_chain(Tokens tokens) const;
};

// The replacement becomes a space; in the first token it is dropped, every one of them, unless `never`.
struct MetaspaceDecoder {
  std::string replacement = "▁";  // one character
  bool never = false;             // prepend_scheme="never"

  Tokens decode_chain(Tokens tokens) const;
};

// A text, or what a regular expression matches, becomes another in each token.
struct ReplaceDecoder {
  std::string pattern;
  std::string content;
  std::shared_ptr<const Regex> regex{};  // null: the pattern itself is looked for

  Tokens decode_chain(Tokens tokens) const;
};

// Drops up to `start` times the character `content` at the beginning of each token, and up to `stop` times at
// its end. The reference panics where nothing is left for the end; here the token becomes empty.
struct StripDecoder {
  std::string content = " ";  // one character
  std::size_t start = 0, stop = 0;

  Tokens decode_chain(Tokens tokens) const;
};

// A decoder of the caller's.
struct CustomDecoder {
  std::function<Tokens(Tokens)> call;

  Tokens decode_chain(Tokens tokens) const { return call(std::move(tokens)); }
};

struct Decoder {
  using Step = std::variant<BpeDecoder, ByteFallbackDecoder, ByteLevelDecoder, CtcDecoder, FuseDecoder,
                            MetaspaceDecoder, ReplaceDecoder, StripDecoder, WordPieceDecoder, CustomDecoder>;
  std::vector<Step> steps;

  Tokens decode_chain(Tokens tokens) const;
  std::string decode(Tokens tokens) const;
};

}  // namespace fasttok
