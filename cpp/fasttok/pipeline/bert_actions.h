// What BERT's normalizer and pre-tokenizer do with each code point, composed into one number.
//
// The reference cleans, puts spaces around Chinese characters, decomposes (NFD), drops accents, lowercases,
// and then splits on white space and around punctuation. All of these look at one character at a time, apart
// from one thing: NFD sorts neighbouring combining marks. So the outcome for a text is that of its characters
// one after the other:
//
//   U'中' -> solo, id of "中"         its own word, already looked up
//   U'É' -> letter 'e'               (with strip_accents and lowercase)
//   U'\u0301' -> drop                words join across it
//   U'한' -> hangul                  three letters, by arithmetic
//
// and marks that are kept and that NFD may sort are `mark`: the engine looks at their neighbours.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/model/wordpiece_matcher.h"
#include "fasttok/simd/kernels.h"
#include "fasttok/text/normalizer.h"

namespace fasttok {

// The upper 4 bits of an action; the lower 28 are its value.
enum class ActionKind : std::uint32_t {
  kSolo = 0,   // a word of one token; value: its id, so that an action below 2^28 is an id
  kSpace,      // separates words
  kDrop,       // nothing is left of it
  kLetter,     // one character of a word; value: the code point
  kExpand,     // several characters of a word; value: index of expansion()
  kHangul,     // value: the syllable
  kMark,       // a letter that NFD may move if another mark is beside it; value: the code point
  kCandidate,  // an added token may begin here; value: index of candidate(), what to do if none does
  kGeneric,    // something rare: the generic engine must do this text
  kSurrogate,  // not a character
};

using Action = std::uint32_t;

constexpr Action make_action(ActionKind kind, std::uint32_t value = 0) {
  return static_cast<std::uint32_t>(kind) << 28 | value;
}
constexpr ActionKind kind_of(Action action) {
  return static_cast<ActionKind>(action >> 28);
}
constexpr std::uint32_t value_of(Action action) {
  return action & 0x0FFFFFFFu;
}

class BertActions {
 public:
  // `normalizer` may be null: then only the pre-tokenizer acts. Added tokens begin with the characters
  // `firsts`, and with those that become one of `normalized_firsts`; where there are any of these, what
  // becomes several characters is left to `generic`.
  BertActions(const BertNormalizer* normalizer, const Vocab& vocab, const WordPieceMatcher& matcher,
              std::span<const char32_t> firsts, std::span<const char32_t> normalized_firsts);

  // For the Basic Multilingual Plane a load, from table(); beyond it composed when asked.
  const Action* table() const { return table_.get(); }

  // What each character of the Basic Multilingual Plane becomes in a text of words: up to three bytes of
  // UTF-8, the first one lowest, and their number in the upper byte. A letter its own, a space NUL, a dropped
  // one none; 4 for all that is more than that, and for NUL and the mark. Made when it is first asked for:
  // many a process encodes single texts only, or ASCII, and new memory is much of what loading costs.
  const std::uint32_t* utf8_table() const {
    const std::uint32_t* const made = utf8_table_.load(std::memory_order_acquire);
    return made ? made : make_utf8();
  }
  Action of(char32_t c) const { return c < 0x10000 ? table_[c] : beyond_bmp(c); }
  Action candidate(std::uint32_t index) const { return candidates_[index].action; }

  // What the character becomes, apart from white space: one character, or U+0000 for none. Nothing where that
  // depends on more than the character, or is several.
  std::optional<char32_t> normalized_character(char32_t c) const;

  std::u32string_view expansion(std::uint32_t index) const { return expansions_[index]; }

  // True for characters that NFD sorts among their neighbours before accents are dropped (false without NFD).
  bool is_sorted_by_nfd(char32_t c) const;
  // True for characters that are removed before NFD looks at the text.
  bool is_cleaned_away(char32_t c) const;

  const AsciiClasses& ascii() const { return ascii_; }
  // For rows that have been looked through (joined_rows.h): candidates are what they are besides, and the
  // mark between rows is punctuation.
  static constexpr std::uint8_t kMark = 1;
  const AsciiClasses& ascii_of_rows() const { return ascii_of_rows_; }
  // Whether A-Z become a-z.
  bool folds_ascii() const { return lowercase_; }

 private:
  struct Candidate {
    char32_t c;
    Action action;
  };

  const std::uint32_t* make_utf8() const;
  Action compose(char32_t c) const;
  Action beyond_bmp(char32_t c) const;
  // The normalized characters of `c` alone, without the spaces around a Chinese character.
  std::u32string normalized(char32_t c) const;

  bool generic_if_several_ = false;
  bool clean_text_ = false, chinese_chars_ = false, strip_accents_ = false, lowercase_ = false;
  const Vocab& vocab_;
  const WordPieceMatcher& matcher_;
  std::unique_ptr<Action[]> table_;  // 65,536
  mutable std::once_flag utf8_made_;
  mutable std::unique_ptr<std::uint32_t[]> utf8_;                  // as many
  mutable std::atomic<const std::uint32_t*> utf8_table_{nullptr};  // the same, once it is whole
  std::vector<std::u32string> expansions_;
  std::vector<Candidate> candidates_;  // ascending
  AsciiClasses ascii_, ascii_of_rows_;
};

}  // namespace fasttok
