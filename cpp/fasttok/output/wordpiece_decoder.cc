#include "fasttok/output/wordpiece_decoder.h"

#include <cstddef>
#include <utility>

#include "fasttok/output/replace_all.h"
#include "fasttok/unicode/properties.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

// In this order: a later rule sees what the earlier ones left. Every pattern opens with a space.
constexpr std::pair<std::string_view, std::string_view> kCleanupRules[] = {
    {" .", "."},   {" ?", "?"},           {" !", "!"},   {" ,", ","},     {" ' ", "'"},    {" n't", "n't"},
    {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
};

enum class Spacing { kOther, kShared, kCjk };

bool within(char32_t c, char32_t first, char32_t last) {
  return c - first <= last - first;
}

Spacing spacing_of(char32_t c) {
  if (c < 0x80) return Spacing::kOther;
  switch (c) {
    case U'“':
    case U'”':
    case U'‘':
    case U'’':
    case U'—':
    case U'…':
    case U'·':
      return Spacing::kShared;
    default:
      break;
  }
  const bool kana = within(c, 0x3041, 0x30FF) || within(c, 0x31F0, 0x31FF) || within(c, 0xFF66, 0xFF9F);
  const bool punctuation = within(c, 0x3001, 0x303F) || within(c, 0xFF01, 0xFF0F) ||
                           within(c, 0xFF1A, 0xFF20) || within(c, 0xFF3B, 0xFF40) ||
                           within(c, 0xFF5B, 0xFF65);
  return kana || punctuation || (char_flags(c) & fasttok::kCjk) ? Spacing::kCjk : Spacing::kOther;
}

bool touches(Spacing before, Spacing after) {
  return (before == Spacing::kCjk && after != Spacing::kOther) ||
         (after == Spacing::kCjk && before != Spacing::kOther);
}

}  // namespace

void clean_up_spaces(std::string& text) {
  if (text.find(' ') == std::string::npos) return;
  for (const auto& [pattern, content] : kCleanupRules) {
    if (text.find(pattern) != std::string::npos) text = replace_all(text, pattern, content);
  }
}

std::vector<std::string> WordPieceDecoder::decode_chain(std::vector<std::string> tokens) const {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i != 0) {
      if (tokens[i].starts_with(prefix)) {
        tokens[i].erase(0, prefix.size());
      } else {
        tokens[i].insert(tokens[i].begin(), ' ');
      }
    }
    if (cleanup) clean_up_spaces(tokens[i]);
  }
  return tokens;
}

std::string WordPieceDecoder::decode(std::vector<std::string> tokens) const {
  std::string text;
  for (const std::string& part : decode_chain(std::move(tokens))) text += part;
  return text;
}

std::string without_cjk_spacing(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  Spacing before = Spacing::kOther;
  std::size_t spaces = 0;  // of the run that ends here, not yet written
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++spaces;
      ++at;
      continue;
    }
    const DecodedChar c = decode_char(text, at);
    const Spacing after = spacing_of(c.c);
    if (!touches(before, after)) result.append(spaces, ' ');
    result.append(text, at, c.size);
    before = after;
    spaces = 0;
    at += c.size;
  }
  return result.append(spaces, ' ');
}

}  // namespace fasttok
