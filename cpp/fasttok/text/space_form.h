// sentencepiece's normalizer, fast: the normalized text with one space where the literal one has U+2581.
//
//   SpaceForm form(normalizer, symbols);
//   form.write_utf8(" Ａ  b", out)    " A b", which stands for "▁A▁b"
//
// The literal text has no space of its own, since they are escaped, so the two forms tell the same. A word
// with its mark is then what stands in most inputs already, and shorter by two bytes.
//
// The twin of SentencePieceNormalizer::normalize. Each character has flags, found once by walking through
// the rules: it stands for itself (such ASCII is copied many characters at a time), or another text stands
// for it alone, or what stands for it depends on what is behind it, which the literal step() decides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/base/text_view.h"
#include "fasttok/text/plain_ascii.h"
#include "fasttok/text/sentencepiece_normalizer.h"

namespace fasttok {

class SpaceForm {
 public:
  // Whether the tables can decide what this normalizer does; `symbols` are the user-defined ones.
  static bool fits(const SentencePieceNormalizer& normalizer, std::span<const std::string_view> symbols);
  SpaceForm(const SentencePieceNormalizer& normalizer, std::span<const std::string_view> symbols);

  enum class Result {
    kDone,
    kSurrogate,  // the text has a lone surrogate
    kLiteral,    // only the literal normalizer can do this text
    kNoUnits     // write_units() cannot do it
  };
  // Replaces `out` by the text, which is UTF-8.
  Result write(const TextView& text, Buffer<std::uint8_t>& out) const;
  // Of bytes, which need not be UTF-8.
  Result write_utf8(std::string_view text, Buffer<std::uint8_t>& out) const;
  // Of a text of 16-bit units, into such units, none of which is 0 or a surrogate.
  Result write_units(const std::uint16_t* text, std::size_t length, Buffer<std::uint16_t>& out) const;

 private:
  // What a character is; none of them: it stands for itself.
  enum Flag : std::uint8_t {
    kSpace = 1,      // U+0020
    kMark = 2,       // U+2581
    kMapped = 4,     // a rule is for it alone
    kFirst = 8,      // rules begin with it and go on
    kSecond = 16,    // a rule goes on with it as its second character
    kOdd = 32,       // only step() knows
    kSurrogate = 64  // half of a character, which UTF-8 cannot write
  };
  static constexpr std::size_t kTableChars = 0x10000;

  template <class Reader>
  Result run(Reader in, Buffer<std::uint8_t>& out) const;
  void add_rules();
  void add_symbols(std::span<const std::string_view> symbols);
  void note_ascii();
  void note_units();
  template <class Visit>
  bool for_each_char(const LongestCharsmap::Place& from, Visit&& visit) const;

  std::uint8_t flags_of(char32_t c) const { return c < kTableChars ? flags_[c] : wide_flags_; }

  SentencePieceNormalizer normalizer_;
  std::vector<std::uint8_t> flags_ = std::vector<std::uint8_t>(kTableChars);
  std::uint8_t wide_flags_ = 0;  // of all characters beyond the table
  std::vector<std::uint16_t> mapped_ = std::vector<std::uint16_t>(kTableChars);  // index of texts_
  std::vector<std::string_view> texts_;
  // What stands for a character, whatever is beside it: itself, another one, or a space; 0: that is not all.
  std::vector<std::uint16_t> unit_for_ = std::vector<std::uint16_t>(kTableChars);
  std::size_t longest_symbol_ = 0;  // bytes
  PlainAscii plain_;                // where what is behind it is ASCII, too
};

}  // namespace fasttok
