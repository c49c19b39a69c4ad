// What normalizers and Metaspace make of a text, fast, with one space where the literal text has U+2581.
//
//   MetaspaceForm form(normalizer, pre_tokenizer);    // Precompiled; WhitespaceSplit, Metaspace
//   form.write("Ａ  bc", true, out)    " A bc", which stands for the words "▁A" and "▁bc"
//
// The literal text has no space of its own, since each became a mark or was removed, so the two forms tell
// the same; and a word with its mark is then what stands in most inputs already.
//
// The twin of normalizing a part of a text and pre-tokenizing it. Where Metaspace splits, a word begins at
// each mark, and at the beginning.
//
// Characters by themselves. At first the literal normalizers are asked about each character alone, step by
// step, and whether the answer holds among all others of its kind:
//   * NFD and NFKD decompose one by one, and put in order only what does not begin a character (a combining
//     class other than 0), so it holds for characters of which none begins with such a thing;
//   * NFC and NFKC leave those alone that are safe (unicode/properties.h);
//   * Lowercase, StripAccents, Nmt, and Replace of one character go character by character;
//   * Replace of several: a character of the pattern (kSecond) is as it is behind all but the one that the
//     pattern begins with (kFirst), provided that no character vanishes before;
//   * Precompiled takes grapheme clusters: it holds for those that join with nothing of their kind, which is
//     told by their class, and U+000D.
// So a text of such characters, without a kFirst before a kSecond, is each of them by itself. All others are
// kOdd.
//
// The rest goes to the literal normalizers by chunks. Between two characters x|y, where x, y and w before x
// are plain, which is to say that each stage leaves them as they are, no stage looks over the border: w
// stands between x and whatever it is that comes before, for a cluster that begins with an odd character may
// take the first plain one with it; x itself is then no part of a cluster with y, is not put in order with it
// nor composed, and no pattern has it. A chunk begins at such a y and ends before another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/text/normalizer.h"
#include "fasttok/text/plain_ascii.h"
#include "fasttok/text/pre_tokenizer.h"

namespace fasttok {

class MetaspaceForm {
 public:
  // Whether the stages are of this family.
  static bool fits(const Normalizer* normalizer, const PreTokenizer* pre_tokenizer) {
    return rules_of(normalizer, pre_tokenizer).has_value();
  }
  MetaspaceForm(const Normalizer* normalizer, const PreTokenizer* pre_tokenizer);

  // Whether a word begins at each mark.
  bool splits() const { return rules_.splits; }

  // Replaces `out` by the form of a part of a text; `first`: the part begins the text. 16 bytes must be
  // readable behind it. A long part asks now and then whether the call is to end.
  void write(std::string_view part, bool first, Buffer<std::uint8_t>& out) const;

  // The same with places: for each byte of the form, the number of the character of the part that it stands
  // for. A mark that was put in stands for the first character of its word. False where a character becomes
  // several, or none, or what it becomes depends on others.
  bool write_places(std::string_view part, bool first, Buffer<std::uint8_t>& out,
                    std::vector<std::uint32_t>& places) const;

 private:
  enum class Prefix { kNone, kAlways, kUnlessMarked };
  struct Rules {
    Normalizer characters;  // the steps that are found out character by character
    Prefix prefix = Prefix::kNone;
    bool only_first = false;     // the prefix stands only where the text begins
    bool removes_space = false;  // white space ends a word and is gone; else each U+0020 is a mark
    bool splits = false;
  };
  static std::optional<Rules> rules_of(const Normalizer* normalizer, const PreTokenizer* pre_tokenizer);

  // What a character is; none of them: it stands for itself.
  enum Flag : std::uint8_t {
    kBreak = 1,   // a space of the normalized text
    kMark = 2,    // U+2581
    kMapped = 4,  // another text stands for it
    kFirst = 8,   // a pattern begins with it
    kSecond = 16,
    kOdd = 32
  };
  static constexpr std::size_t kTableChars = 0x10000;

  struct Writer;
  Prefix prefix_of(bool first) const { return rules_.only_first && !first ? Prefix::kNone : rules_.prefix; }
  void find_flags();
  void note_ascii();
  bool is_same(char32_t c) const;
  bool map_alone(char32_t c, std::string& text) const;
  std::uint8_t spacing_of(char32_t c) const;
  std::uint8_t flags_of(char32_t c) const {
    if (c < kTableChars) return flags_[c];
    return is_same(c) ? spacing_of(c) : std::uint8_t{kOdd};
  }
  bool is_plain(char32_t c) const {
    const std::uint8_t flags = flags_of(c);
    return flags == 0 || (c == ' ' && flags == kBreak && space_is_plain_);
  }
  const std::uint8_t* chunk_end(const std::uint8_t* at, const std::uint8_t* end) const;
  void put_spaced(std::string_view text, Writer& to) const;
  void write_literally(std::string_view chunk, Writer& to) const;
  void write_marked(std::string_view part, Writer& to) const;

  Rules rules_;
  std::vector<std::uint8_t> flags_;    // none where there are no steps and no white space is removed
  std::vector<std::uint16_t> mapped_;  // index of texts_
  std::vector<std::string> texts_;
  bool space_is_plain_ = false;
  PlainAscii plain_;
};

}  // namespace fasttok
