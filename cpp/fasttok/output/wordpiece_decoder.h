// From WordPiece tokens back to text.
//
//   WordPieceDecoder decoder;
//   decoder.decode_chain({"they", "are", "n", "##'t", "here", "."})   "they" " are" " n" "'t" " here" "."
//   without_cjk_spacing("我 爱 nlp 。 你 ？")                            "我爱 nlp 。你？"
//
// Mirrors `decoders.WordPiece`; without_cjk_spacing() is fasttok's own (`decode(cjk_spacing=False)`).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fasttok {

struct WordPieceDecoder {
  std::string prefix = "##";
  bool cleanup = true;

  // What each token contributes; decode() is their concatenation, as in the reference. The first token keeps
  // its prefix; each later one loses it, or else gets a space before it. Cleanup then works on each
  // contribution alone: what spans two tokens, such as "ca" "n" "'" "t", is not found.
  std::vector<std::string> decode_chain(std::vector<std::string> tokens) const;
  std::string decode(std::vector<std::string> tokens) const;
};

// Drops the space before English punctuation and contractions: what `cleanup` does.
void clean_up_spaces(std::string& text);

// Removes every run of U+0020 between two characters of text that is written without spaces:
// * what BertNormalizer(handle_chinese_chars) puts spaces around (kCjk: Han characters of the CJK blocks);
// * hiragana and katakana (U+3041–30FF, 31F0–31FF, half-width U+FF66–FF9F), but not Hangul, which is
//   written with spaces;
// * CJK punctuation and full-width forms of ASCII punctuation (U+3001–303F, FF01–FF0F, FF1A–FF20,
//   FF3B–FF40, FF5B–FF65).
// A space between one of these and the punctuation that Chinese shares with other scripts (“ ” ‘ ’ — … ·)
// goes as well; between two of the shared ones it stays. `text` is valid UTF-8.
std::string without_cjk_spacing(std::string_view text);

}  // namespace fasttok
