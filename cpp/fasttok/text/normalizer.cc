#include "fasttok/text/normalizer.h"

#include "fasttok/base/interrupt.h"
#include "fasttok/text/byte_level.h"
#include "fasttok/unicode/graphemes.h"
#include "fasttok/unicode/properties.h"

namespace fasttok {
namespace {

void do_clean_text(NormalizedString& text) {
  text.filter([](char32_t c) { return !(char_flags(c) & kCleanDrop); });
  text.map([](char32_t c) { return char_flags(c) & kCleanSpace ? U' ' : c; });
}

void do_handle_chinese_chars(NormalizedString& text) {
  Rewriter rewriter(text);
  std::size_t done = 0;
  for_each_char(text.get(), [&](char32_t c, std::size_t at, std::size_t size) {
    if (c < 0x80 || !(char_flags(c) & kCjk)) return;
    rewriter.keep(done, at);
    done = at + size;
    // The space takes the character's place, and the character is "new": all three get its range.
    rewriter.put(U' ', 0);
    rewriter.put(c, 1);
    rewriter.put(U' ', 1);
  });
  rewriter.keep(done, text.get().size());
  rewriter.finish();
}

void do_strip_accents(NormalizedString& text) {
  text.normalize(NormalForm::kNfd);
  text.filter([](char32_t c) { return c < 0x80 || !(char_flags(c) & kStripMark); });
}

bool nmt_drops(char32_t c) {
  return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F ||
         c == 0x9F;
}

bool nmt_spaces(char32_t c) {
  return c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 || (c >= 0x200B && c <= 0x200F) ||
         c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
}

}  // namespace

void BertNormalizer::normalize(NormalizedString& text) const {
  if (clean_text) do_clean_text(text);
  if (handle_chinese_chars) do_handle_chinese_chars(text);
  if (strip_accents.value_or(lowercase)) do_strip_accents(text);
  if (lowercase) text.lowercase();
}

void StripAccents::normalize(NormalizedString& text) const {
  text.filter([](char32_t c) { return c < 0x80 || !(char_flags(c) & kCombiningMark); });
}

void Nmt::normalize(NormalizedString& text) const {
  text.filter([](char32_t c) { return !nmt_drops(c); });
  text.map([](char32_t c) { return nmt_spaces(c) ? U' ' : c; });
}

void ByteLevelNormalizer::normalize(NormalizedString& text) const {
  if (text.empty()) return;
  Rewriter rewriter(text);
  const std::string_view old = rewriter.old_text();
  for_each_char(old, [&](char32_t, std::size_t at, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      rewriter.put(kByteChars[static_cast<unsigned char>(old[at + i])], i == 0 ? 0 : 1);
    }
  });
  rewriter.finish();
}

void Replace::normalize(NormalizedString& text) const {
  std::vector<PatternPiece> pieces;
  pattern.find(text.get(), pieces);
  text.replace(pieces, content);
}

void Precompiled::normalize(NormalizedString& text) const {
  Rewriter rewriter(text);
  const std::string_view old = rewriter.old_text();
  std::size_t done = 0;
  bool modified = false;
  // Old characters [begin, end) become `replacement`.
  const auto replace = [&](std::size_t begin, std::size_t end, std::string_view replacement) {
    modified = true;
    rewriter.keep(done, begin);
    done = end;
    const std::size_t before = utf8_length(old.substr(begin, end - begin)), after = utf8_length(replacement);
    std::size_t i = 0;
    for_each_char(replacement, [&](char32_t c, std::size_t, std::size_t) {
      ++i;
      // The last of more are new; the last of fewer stands for the rest, too.
      const bool is_new = after > before && i > before;
      const bool takes_rest = after < before && i == after;
      rewriter.put(c, is_new ? 1 : takes_rest ? -static_cast<std::ptrdiff_t>(before - after) : 0);
    });
    if (after == 0) rewriter.amend(before);
  };
  std::size_t steps = 0;
  for (std::size_t at = 0; at < old.size();) {
    check_interrupt_at(steps++);
    const auto byte = static_cast<unsigned char>(old[at]);
    // ASCII before ASCII is a cluster by itself, CR LF apart.
    if (byte < 0x80 && byte != '\r' && !charsmap->may_begin(byte) &&
        (at + 1 == old.size() || static_cast<unsigned char>(old[at + 1]) < 0x80)) {
      ++at;
      continue;
    }
    const std::size_t end = grapheme_end(old, at);
    if (end - at < 6) {
      if (const auto replacement = charsmap->transform(old.substr(at, end - at))) {
        replace(at, end, *replacement);
        at = end;
        continue;
      }
    }
    for (std::size_t size = 0; at < end; at += size) {
      size = decode_char(old, at).size;
      if (const auto replacement = charsmap->transform(old.substr(at, size)))
        replace(at, at + size, *replacement);
    }
  }
  if (!modified) return;
  rewriter.keep(done, old.size());
  rewriter.finish();
}

void Normalizer::normalize(NormalizedString& text) const {
  for (const Step& step : steps) {
    std::visit([&](const auto& normalizer) { normalizer.normalize(text); }, step);
  }
}

bool Normalizer::needs_alignment() const {
  for (const Step& step : steps) {
    if (std::holds_alternative<CustomNormalizer>(step)) return true;
    // What stands for nothing in the original makes later stages write too much.
    const auto* prepend = std::get_if<Prepend>(&step);
    const auto* replace = std::get_if<Replace>(&step);
    if ((prepend && prepend->prepend.empty()) || (replace && replace->pattern.may_match_nothing()))
      return true;
  }
  return false;
}

}  // namespace fasttok
