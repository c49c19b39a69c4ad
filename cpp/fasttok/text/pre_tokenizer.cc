#include "fasttok/text/pre_tokenizer.h"

#include "fasttok/base/error.h"
#include "fasttok/base/interrupt.h"
#include "fasttok/text/byte_level.h"
#include "fasttok/text/normalizer.h"
#include "fasttok/unicode/properties.h"

namespace fasttok {
namespace {

void split_at_flag(PreTokenizedString& text, CharFlag flag, SplitBehavior behavior) {
  text.split_at(
      [&](std::string_view s, std::vector<PatternPiece>& pieces) {
        find_chars(
            s, [&](char32_t c) { return (char_flags(c) & flag) != 0; }, pieces);
      },
      behavior);
}

// Puts `prefix` before each split without tokens that needs it, as NormalizedString::prepend does.
template <typename Needs>
void prepend_where(PreTokenizedString& text, std::string_view prefix, Needs&& needs) {
  const auto wants = [&](const Split& s) { return !s.has_tokens() && s.begin != s.end && needs(s); };
  std::size_t count = 0;
  for (const Split& s : text.splits()) count += wants(s);
  if (count == 0) return;
  SplitWriter writer(text, count * prefix.size());
  for (const Split& s : text.splits()) {
    if (wants(s)) writer.put(prefix, s.begin);
    writer.copy(s.begin, s.end);
    writer.end_split(s);
  }
  writer.finish();
}

void to_byte_chars(PreTokenizedString& text) {
  const std::string_view old = text.all_text();
  SplitWriter writer(text, old.size() / 2);
  for (const Split& s : text.splits()) {
    if (s.has_tokens()) {
      writer.copy(s.begin, s.end);
      writer.end_split(s);
    } else if (text.aligned() && text.place(s, {0, 1}).begin == text.place(s, {0, 1}).end) {
      // It begins with something that stands for nothing: the odd case of rewriting.
      NormalizedString part = text.normalized(s);
      ByteLevelNormalizer{}.normalize(part);
      writer.add(part, s);
    } else {
      for (std::size_t at = s.begin; at < s.end; ++at) {
        check_interrupt_at(at);
        writer.put(kByteChars[static_cast<unsigned char>(old[at])], at);
      }
      writer.end_split(s);
    }
  }
  writer.finish();
}

// Where the first match of GPT-2's pattern at `at` ends:
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
std::size_t gpt2_word_end(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest[0] == '\'') {
    for (const std::string_view suffix : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
      if (rest.starts_with(suffix)) return at + suffix.size();
    }
  }
  DecodedChar d = decode_char(text, at);
  RegexClass kind = regex_class(d.c);
  std::size_t end = at + d.size;
  if (d.c == U' ' && end < text.size()) {
    d = decode_char(text, end);
    const RegexClass next = regex_class(d.c);
    if (next != RegexClass::kSpace) {
      kind = next;
      end += d.size;
    }
  }
  std::size_t last = at;  // where the last character begins
  for (; end < text.size(); end += d.size) {
    d = decode_char(text, end);
    if (regex_class(d.c) != kind) break;
    last = end;
  }
  // White space leaves its last character to what follows, if it has another.
  return kind == RegexClass::kSpace && end < text.size() && last > at ? last : end;
}

}  // namespace

void BertPreTokenizer::pre_tokenize(PreTokenizedString& text) const {
  split_at_flag(text, kBertWhitespace, SplitBehavior::kRemoved);
  split_at_flag(text, kBertPunctuation, SplitBehavior::kIsolated);
}

void ByteLevel::pre_tokenize(PreTokenizedString& text) const {
  if (add_prefix_space) {
    prepend_where(text, " ", [&](const Split& s) { return text.all_text()[s.begin] != ' '; });
  }
  if (use_regex) {
    text.cut([](std::string_view s, const Split&, auto& add) {
      for (std::size_t at = 0; at < s.size();) {
        const std::size_t end = gpt2_word_end(s, at);
        add(at, end);
        at = end;
      }
    });
  } else {
    text.drop_empty();
  }
  to_byte_chars(text);
}

void CharDelimiterSplit::pre_tokenize(PreTokenizedString& text) const {
  text.split_at(
      [&](std::string_view s, std::vector<PatternPiece>& pieces) {
        find_chars(
            s, [&](char32_t c) { return c == delimiter; }, pieces);
      },
      SplitBehavior::kRemoved);
}

void Digits::pre_tokenize(PreTokenizedString& text) const {
  split_at_flag(text, kNumeric, individual_digits ? SplitBehavior::kIsolated : SplitBehavior::kContiguous);
}

void FixedLength::pre_tokenize(PreTokenizedString& text) const {
  if (length == 0) throw ValueError("FixedLength: length is 0; expected 1 or more");
  text.cut([&](std::string_view s, const Split&, auto& add) {
    std::size_t begin = 0, count = 0;
    for_each_char(s, [&](char32_t, std::size_t at, std::size_t) {
      if (count++ != length) return;
      add(begin, at);
      begin = at;
      count = 1;
    });
    add(begin, s.size());
  });
}

void Metaspace::pre_tokenize(PreTokenizedString& text) const {
  std::string mark;
  append_utf8(mark, replacement);
  if (replacement != U' ' && text.all_text().find(' ') != std::string_view::npos) {
    const std::string_view old = text.all_text();
    SplitWriter writer(text, old.size() / 2);
    for (const Split& s : text.splits()) {
      std::size_t done = s.begin;
      for (std::size_t at = s.begin; at < s.end && !s.has_tokens(); ++at) {
        check_interrupt_at(at);
        if (old[at] != ' ') continue;
        writer.copy(done, at);
        writer.put(mark, at);
        done = at + 1;
      }
      writer.copy(done, s.end);
      writer.end_split(s);
    }
    writer.finish();
  }
  if (prepend != Prepend::kNever) {
    prepend_where(text, mark, [&](const Split& s) {
      return (prepend == Prepend::kAlways || s.original_begin == 0) && !text.text_of(s).starts_with(mark);
    });
  }
  if (!split) {
    text.drop_empty();
    return;
  }
  // MergedWithNext, written out: a mark begins a word, but of several marks in a row each is a word.
  text.cut([&](std::string_view s, const Split&, auto& add) {
    std::size_t begin = 0;
    for (std::size_t at = s.find(mark, s.starts_with(mark) ? mark.size() : 0); at != std::string_view::npos;
         at = s.find(mark, at + mark.size())) {
      add(begin, at);
      begin = at;
    }
    add(begin, s.size());
  });
}

void Punctuation::pre_tokenize(PreTokenizedString& text) const {
  split_at_flag(text, kBertPunctuation, behavior);
}

void SplitAtPattern::pre_tokenize(PreTokenizedString& text) const {
  text.split_at(
      [&](std::string_view s, std::vector<PatternPiece>& pieces) {
        pattern.find(s, pieces);
        if (!invert) return;
        for (PatternPiece& p : pieces) p.is_match = !p.is_match;
      },
      behavior);
}

void UnicodeScripts::pre_tokenize(PreTokenizedString& text) const {
  text.cut([](std::string_view s, const Split&, auto& add) {
    std::size_t begin = s.size();
    std::uint8_t last = 0;
    for_each_char(s, [&](char32_t c, std::size_t at, std::size_t) {
      const std::uint8_t script = script_of(c);
      if (script == 0 || script == last) return;
      if (begin < at) add(begin, at);
      begin = at;
      last = script;
    });
    add(begin, s.size());
  });
}

void Whitespace::pre_tokenize(PreTokenizedString& text) const {
  text.cut([](std::string_view s, const Split&, auto& add) {
    std::size_t begin = 0;
    int kind = 0;  // of the run: white space, word, other
    for_each_char(s, [&](char32_t c, std::size_t at, std::size_t) {
      const std::uint16_t flags = char_flags(c);
      const int next = flags & kAddedTokenWord ? 1 : flags & kBertWhitespace ? 0 : 2;
      if (next == kind) return;
      if (kind != 0) add(begin, at);
      begin = at;
      kind = next;
    });
    if (kind != 0) add(begin, s.size());
  });
}

void WhitespaceSplit::pre_tokenize(PreTokenizedString& text) const {
  split_at_flag(text, kBertWhitespace, SplitBehavior::kRemoved);
}

void PreTokenizer::pre_tokenize(PreTokenizedString& text) const {
  for (const Step& step : steps) {
    std::visit([&](const auto& pre_tokenizer) { pre_tokenizer.pre_tokenize(text); }, step);
  }
}

bool PreTokenizer::needs_alignment(bool rewritten) const {
  for (const Step& step : steps) {
    if (std::holds_alternative<CustomPreTokenizer>(step)) return true;
    const auto* metaspace = std::get_if<Metaspace>(&step);
    if (metaspace && metaspace->prepend == Metaspace::Prepend::kFirst && rewritten) return true;
    rewritten = rewritten || metaspace || std::holds_alternative<ByteLevel>(step);
  }
  return false;
}

}  // namespace fasttok
