#include "fasttok/pipeline/bert_actions.h"

#include <algorithm>

#include "fasttok/base/text_view.h"
#include "fasttok/unicode/properties.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

constexpr char32_t kHangulFirst = 0xAC00, kHangulLast = 0xD7A3;

// The flags that decide what is done with a character. A character with a combining class is a combining
// mark.
constexpr std::uint16_t kDecisive = kCleanDrop | kCleanSpace | kBertWhitespace | kBertPunctuation | kCjk |
                                    kStripMark | kHasDecomposition | kHasLowercase | kCombiningMark;

bool is_hangul(char32_t c) {
  return c >= kHangulFirst && c <= kHangulLast;
}

// Where a character is not one that UTF-8 is kept of.
constexpr std::uint32_t kOther = 4u << 24;

bool becomes_several(Action action) {
  return kind_of(action) == ActionKind::kExpand || kind_of(action) == ActionKind::kHangul;
}

}  // namespace

std::u32string BertActions::normalized(char32_t c) const {
  std::u32string result;
  char32_t buffer[3];
  const std::u32string_view decomposed =
      strip_accents_ ? canonical_decomposition(c, buffer) : std::u32string_view();
  for (const char32_t d : decomposed.empty() ? std::u32string_view(&c, 1) : decomposed) {
    if (strip_accents_ && (char_flags(d) & kStripMark)) continue;
    const std::u32string_view lower = lowercase_ ? fasttok::lowercase(d) : std::u32string_view();
    if (lower.empty())
      result.push_back(d);
    else
      result.append(lower);
  }
  return result;
}

Action BertActions::compose(char32_t c) const {
  if (is_surrogate(c)) return make_action(ActionKind::kSurrogate);
  const std::uint16_t flags = char_flags(c);
  if (clean_text_ && (flags & kCleanDrop)) return make_action(ActionKind::kDrop);
  if (clean_text_ && (flags & kCleanSpace)) return make_action(ActionKind::kSpace);
  if (strip_accents_ && is_hangul(c)) return make_action(ActionKind::kHangul, c);
  const std::u32string text = normalized(c);
  if (text.empty()) return make_action(ActionKind::kDrop);

  auto solo = [&](char32_t word) {
    std::string utf8;
    append_utf8(utf8, word);
    const auto id = matcher_.max_chars() >= 1 ? vocab_.token_to_id(utf8) : std::nullopt;
    return make_action(ActionKind::kSolo, id.value_or(matcher_.unk_id()));
  };
  const bool spaced = chinese_chars_ && (flags & kCjk);
  if (text.size() == 1) {
    const std::uint16_t class_of = char_flags(text[0]);
    if (class_of & kBertWhitespace) return make_action(ActionKind::kSpace);
    if (class_of & kBertPunctuation || spaced) return solo(text[0]);
    // A mark is one that stands as it is: what decomposition puts behind its own base never comes before a
    // mark that stands in the text, as far as what is kept goes.
    if (strip_accents_ && combining_class(text[0]) != 0) {
      return text[0] == c ? make_action(ActionKind::kMark, c) : make_action(ActionKind::kGeneric);
    }
    return make_action(ActionKind::kLetter, text[0]);
  }
  if (spaced) return make_action(ActionKind::kGeneric);
  for (const char32_t t : text) {
    if (char_flags(t) & (kBertWhitespace | kBertPunctuation)) return make_action(ActionKind::kGeneric);
    if (strip_accents_ && combining_class(t) != 0) return make_action(ActionKind::kGeneric);
  }
  const auto found = std::lower_bound(expansions_.begin(), expansions_.end(), text);
  if (found == expansions_.end() || *found != text) return make_action(ActionKind::kGeneric);
  return make_action(ActionKind::kExpand, static_cast<std::uint32_t>(found - expansions_.begin()));
}

Action BertActions::beyond_bmp(char32_t c) const {
  const auto found =
      std::lower_bound(candidates_.begin(), candidates_.end(), c,
                       [](const Candidate& candidate, char32_t value) { return candidate.c < value; });
  if (found != candidates_.end() && found->c == c) {
    return make_action(ActionKind::kCandidate, static_cast<std::uint32_t>(found - candidates_.begin()));
  }
  const Action action = compose(c);
  return generic_if_several_ && becomes_several(action) ? make_action(ActionKind::kGeneric) : action;
}

std::optional<char32_t> BertActions::normalized_character(char32_t c) const {
  Action action = of(c);
  if (kind_of(action) == ActionKind::kCandidate) action = candidate(value_of(action));
  switch (kind_of(action)) {
    case ActionKind::kLetter:
    case ActionKind::kMark:
      if (value_of(action) == 0) return std::nullopt;  // a NUL of the text is not "none"
      return value_of(action);
    case ActionKind::kSpace:
    case ActionKind::kDrop:
      return U'\0';
    case ActionKind::kSolo:
      return normalized(c)[0];
    default:
      return std::nullopt;
  }
}

BertActions::BertActions(const BertNormalizer* normalizer, const Vocab& vocab,
                         const WordPieceMatcher& matcher, std::span<const char32_t> firsts,
                         std::span<const char32_t> normalized_firsts)
    : vocab_(vocab), matcher_(matcher), table_(new Action[0x10000]) {
  if (normalizer) {
    clean_text_ = normalizer->clean_text;
    chinese_chars_ = normalizer->handle_chinese_chars;
    strip_accents_ = normalizer->strip_accents.value_or(normalizer->lowercase);
    lowercase_ = normalizer->lowercase;
  }
  // Expansions first, sorted: compose() finds them again. Only characters with a decomposition or a lowercase
  // have any.
  auto note_expansion = [&](char32_t c) {
    std::u32string text = normalized(c);
    if (text.size() > 1) expansions_.push_back(std::move(text));
  };
  if (strip_accents_) {
    for (const Mapping& mapping : decompositions()) note_expansion(mapping.from);
  }
  if (lowercase_) {
    for (const Mapping& mapping : lowercases()) note_expansion(mapping.from);
  }
  std::sort(expansions_.begin(), expansions_.end());
  expansions_.erase(std::unique(expansions_.begin(), expansions_.end()), expansions_.end());

  // A character without a decisive flag is a letter that stays as it is. Of those with one, the two large
  // groups, plain Chinese characters and Hangul, need no composing one by one.
  for (std::uint32_t c = 0; c < 0x10000; ++c) table_[c] = make_action(ActionKind::kLetter, c);
  for (const FlagRange& range : flag_ranges()) {
    if (range.first >= 0x10000) break;
    const std::uint32_t flags = range.flags & kDecisive;
    if (flags == 0 || (flags == kCjk && !chinese_chars_)) continue;
    for (char32_t c = range.first; c <= range.last && c < 0x10000; ++c) {
      if (flags == kCjk)
        table_[c] = make_action(ActionKind::kSolo, matcher.unk_id());
      else if (is_hangul(c) && strip_accents_)
        table_[c] = make_action(ActionKind::kHangul, c);
      else
        table_[c] = compose(c);
    }
  }
  if (chinese_chars_ && matcher.max_chars() >= 1) {
    for (const VocabEntry& entry : vocab.entries()) {
      if (entry.token.size() != 3) continue;  // characters of the Basic Multilingual Plane from U+0800 on
      const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(entry.token[i]); };
      if ((byte(0) & 0xF0) != 0xE0) continue;
      const auto c = static_cast<char32_t>((byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F));
      if ((char_flags(c) & kDecisive) == kCjk) table_[c] = make_action(ActionKind::kSolo, entry.id);
    }
  }
  for (char32_t c = 0xD800; c < 0xE000; ++c) table_[c] = make_action(ActionKind::kSurrogate);

  if (!normalized_firsts.empty()) {
    generic_if_several_ = true;
    for (std::uint32_t c = 0; c < 0x10000; ++c) {
      if (becomes_several(table_[c])) table_[c] = make_action(ActionKind::kGeneric);
    }
  }
  std::vector<char32_t> candidates(firsts.begin(), firsts.end());
  const auto note_candidate = [&](char32_t c) {
    const std::u32string text = normalized(c);
    if (text.size() == 1 && std::binary_search(normalized_firsts.begin(), normalized_firsts.end(), text[0]))
      candidates.push_back(c);
  };
  if (!normalized_firsts.empty()) {
    // A character that neither list has stays what it is.
    for (const char32_t c : normalized_firsts) note_candidate(c);
    for (const Mapping& mapping : decompositions()) note_candidate(mapping.from);
    for (const Mapping& mapping : lowercases()) note_candidate(mapping.from);
    std::sort(candidates.begin(), candidates.end());
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  }
  for (const char32_t c : candidates) {
    candidates_.push_back({c, c < 0x10000 ? table_[c] : compose(c)});
    if (c < 0x10000) {
      table_[c] = make_action(ActionKind::kCandidate, static_cast<std::uint32_t>(candidates_.size() - 1));
    }
  }

  for (unsigned c = 0; c < 128; ++c) {
    const bool is_candidate = kind_of(table_[c]) == ActionKind::kCandidate;
    const Action action = is_candidate ? candidate(value_of(table_[c])) : table_[c];
    if (kind_of(action) == ActionKind::kSpace) {
      ascii_.space.add(c);
    } else if (kind_of(action) == ActionKind::kSolo) {
      ascii_.punctuation.add(c);
    } else if (kind_of(action) != ActionKind::kLetter) {
      ascii_.stop.add(c);
    }
    if (is_candidate) ascii_.stop.add(c);
  }
  ascii_of_rows_ = ascii_;
  ascii_of_rows_.punctuation.add(kMark);
  ascii_.stop.add(kMark);  // is none in a row
  ascii_.stop.add(0);      // words with NUL have no key
}

const std::uint32_t* BertActions::make_utf8() const {
  std::call_once(utf8_made_, [this] {
    utf8_.reset(new std::uint32_t[0x10000]);
    // Without branches, so that compilers make it vector code.
    for (std::uint32_t c = 0; c < 0x10000; ++c) {
      const ActionKind kind = kind_of(table_[c]);
      const std::uint32_t value = value_of(table_[c]);
      const std::uint32_t last = 0x80 | (value & 0x3F), middle = 0x80 | (value >> 6 & 0x3F);
      const std::uint32_t one = 1u << 24 | value;
      const std::uint32_t two = 2u << 24 | last << 8 | (0xC0 | value >> 6);
      const std::uint32_t three = 3u << 24 | last << 16 | middle << 8 | (0xE0 | value >> 12);
      const std::uint32_t letter = value < 0x80 ? one : value < 0x800 ? two : three;
      std::uint32_t entry = value > kMark ? letter : kOther;
      entry = kind == ActionKind::kLetter ? entry : kOther;
      entry = kind == ActionKind::kSpace ? 1u << 24 : entry;
      utf8_[c] = kind == ActionKind::kDrop ? 0 : entry;
    }
    utf8_table_.store(utf8_.get(), std::memory_order_release);
  });
  return utf8_.get();
}

bool BertActions::is_cleaned_away(char32_t c) const {
  return clean_text_ && (char_flags(c) & kCleanDrop);
}

bool BertActions::is_sorted_by_nfd(char32_t c) const {
  if (!strip_accents_) return false;
  char32_t buffer[3];
  const std::u32string_view decomposed = canonical_decomposition(c, buffer);
  return combining_class(decomposed.empty() ? c : decomposed[0]) != 0;
}

}  // namespace fasttok
