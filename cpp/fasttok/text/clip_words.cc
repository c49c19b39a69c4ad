#include "fasttok/text/clip_words.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <variant>

#include "fasttok/regex/regex.h"
#include "fasttok/text/char_classes.h"
#include "fasttok/unicode/properties.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

enum Kind : std::uint8_t { kLetter, kNumber, kSpace, kRest, kTwo, kOddOne };

struct Fact {
  std::uint32_t value;  // the lower case, and the kind above its 24 bits
  Kind kind() const { return static_cast<Kind>(value >> 24); }
  char32_t lower() const { return value & 0xFFFFFF; }
};

// `kTwo`: U+0130, as an i and a dot above, which is no letter.
Fact fact_of(char32_t c) {
  const auto fact = [](char32_t lower, Kind kind) { return Fact{lower | std::uint32_t{kind} << 24}; };
  if (is_surrogate(c) || (char_class(c) & kClassNotNfc)) return fact(c, kOddOne);
  const std::u32string_view lower = lowercase(c);
  if (lower == U"i\u0307") return fact(c, kTwo);
  if (lower.size() > 1) return fact(c, kOddOne);
  const char32_t one = lower.empty() ? c : lower[0];
  const std::uint8_t is = char_class(one);
  return fact(one, is & kClassLetter   ? kLetter
                   : is & kClassNumber ? kNumber
                   : is & kClassSpace  ? kSpace
                                       : kRest);
}

// Of the characters below U+10000.
const std::vector<Fact>& facts() {
  static const std::vector<Fact> all = [] {
    std::vector<Fact> made(0x10000);
    for (char32_t c = 0; c < made.size(); ++c) made[c] = fact_of(c);
    return made;
  }();
  return all;
}

bool is_ascii_letter(char32_t c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// The length of the contraction at an apostrophe; 0: there is none. `second`, `third`: what is behind it.
std::size_t contraction(char32_t second, char32_t third) {
  const auto lower = [](char32_t c) { return is_ascii_letter(c) ? c | 0x20 : c; };
  const char32_t c = lower(second), d = lower(third);
  if (c == 's' || c == 't' || c == 'm' || c == 'd') return 2;
  if ((c == 'r' || c == 'v') && d == 'e') return 3;
  return c == 'l' && d == 'l' ? 3 : 0;
}

}  // namespace

bool ClipWords::fits(const Normalizer& normalizer, const PreTokenizer& pre_tokenizer) {
  if (normalizer.steps.size() != 3 || pre_tokenizer.steps.size() != 2) return false;
  const auto* form = std::get_if<UnicodeForm>(&normalizer.steps[0]);
  const auto* replace = std::get_if<Replace>(&normalizer.steps[1]);
  if (!form || form->form != NormalForm::kNfc || !std::holds_alternative<Lowercase>(normalizer.steps[2]))
    return false;
  const auto is_regex = [](const TextPattern& pattern, std::string_view wanted) {
    return pattern.regex && pattern.regex->syntax() == regex::Syntax::kOniguruma &&
           pattern.regex->pattern() == wanted;
  };
  if (!replace || replace->content != " " || !is_regex(replace->pattern, R"(\s+)")) return false;
  const auto* split = std::get_if<SplitAtPattern>(&pre_tokenizer.steps[0]);
  const auto* byte_level = std::get_if<ByteLevel>(&pre_tokenizer.steps[1]);
  if (!split || !split->invert || split->behavior != SplitBehavior::kRemoved) return false;
  if (!byte_level || byte_level->add_prefix_space) return false;
  // GPT-2's pattern, which may come behind, divides none of these words.
  const std::string words = R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)";
  return is_regex(split->pattern, words) ||
         is_regex(split->pattern, R"(<\|startoftext\|>|<\|endoftext\|>|)" + words);
}

// Where it begins with a sign or a digit of ASCII, no other character becomes that one.
bool ClipWords::fits(std::string_view added) {
  const auto c = static_cast<std::uint8_t>(added[0]);
  return c < 0x80 && !is_ascii_letter(c) && !(char_class(c) & kClassSpace);
}

ClipWords::ClipWords(std::span<const std::string_view> added) {
  const auto stop_at = [&](std::string_view pattern) {
    auto& seconds = pairs_[static_cast<std::uint8_t>(pattern[0])];
    const std::size_t second = pattern.size() > 1 ? static_cast<std::uint8_t>(pattern[1]) : kOther;
    // Others may become what it goes on with: letters, and spaces where there is white space.
    seconds.set(kOther);
    if (second >= kOther || (char_class(static_cast<char32_t>(second)) & kClassSpace)) {
      seconds.set();
    } else if (is_ascii_letter(static_cast<char32_t>(second))) {
      seconds.set(second | 0x20);
      seconds.set(second & ~std::size_t{0x20});
    } else {
      seconds.set(second);
    }
  };
  stop_at("<|");
  for (const std::string_view pattern : added) stop_at(pattern);
}

void ClipWords::Block::drop_words() {
  const std::size_t begin = bounds[count];
  if (begin == 0) return;
  std::memmove(text.data(), text.data() + begin, size - begin);
  size -= begin;
  chars[0] = chars[count];
  count = 0;
}

std::size_t ClipWords::read(const TextView& text, std::size_t at, std::size_t end, Block& block) const {
  if (text.kind == 1)
    return read_units(static_cast<const std::uint8_t*>(text.data), text.length, at, end, block);
  if (text.kind == 2)
    return read_units(static_cast<const std::uint16_t*>(text.data), text.length, at, end, block);
  return read_units(static_cast<const std::uint32_t*>(text.data), text.length, at, end, block);
}

template <class Unit>
std::size_t ClipWords::read_units(const Unit* text, std::size_t length, std::size_t at, std::size_t end,
                                  Block& block) const {
  using Open = Block::Open;
  constexpr std::size_t kMostBytes = 6;  // for a character: four and a space, or U+0130 with two
  constexpr std::size_t kSlack = 32;
  const std::size_t room = block.size + kMostBytes * (end - at) + kSlack;
  if (block.text.size() < room) block.text.resize(room + room / 2);
  static const std::vector<Fact>& known = facts();
  const auto behind = [&](std::size_t i) -> char32_t { return i < length ? text[i] : 0xFFFF; };
  const auto put = [&](char32_t c) {
    std::uint8_t utf8[4];
    if (c < 0x80) {
      block.text[block.size++] = static_cast<std::uint8_t>(c);
      return;
    }
    const std::size_t n = encode_utf8(c, utf8);
    std::memcpy(&block.text[block.size], utf8, sizeof utf8);
    block.size += n;
  };
  while (at < end) {
    const char32_t c = text[at];
    const Fact fact = c < known.size() ? known[c] : fact_of(c);
    switch (fact.kind()) {
      case kLetter:
        if (block.open_ != Open::kLetters) {
          block.close();
          block.begin(at, Open::kLetters);
        }
        put(fact.lower());
        break;
      case kSpace:
        block.close();
        break;
      case kNumber:
        if (c < 0x80 && stops(c, behind(at + 1))) return kOdd;
        block.close();
        block.begin(at, Open::kRest);
        put(fact.lower());
        block.close();
        break;
      case kTwo:
        if (block.open_ != Open::kLetters) {
          block.close();
          block.begin(at, Open::kLetters);
        }
        put('i');
        block.close();
        block.begin(at, Open::kRest);
        put(U'\u0307');
        break;
      case kOddOne:
        return kOdd;
      case kRest: {
        if (c < 0x80 && stops(c, behind(at + 1))) return kOdd;
        block.has_nul |= c == 0;
        if (block.open_ != Open::kRest) {
          block.close();
          block.begin(at, Open::kRest);
          const std::size_t size = c == '\'' ? contraction(behind(at + 1), behind(at + 2)) : 0;
          if (size > 0) {
            put(c);
            for (std::size_t i = 1; i < size; ++i) put(text[at + i] | 0x20u);
            block.close();
            at += size;
            continue;
          }
        }
        put(fact.lower());
        break;
      }
    }
    ++at;
  }
  if (at >= length) block.close();
  return at;
}

}  // namespace fasttok
