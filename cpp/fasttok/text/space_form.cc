#include "fasttok/text/space_form.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "fasttok/base/interrupt.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

constexpr std::string_view kMarkText = "\xE2\x96\x81";
constexpr char32_t kMarkChar = 0x2581;
constexpr char32_t kInvalid = ~char32_t{0};
// Characters that step() is shown first; most rules are shorter.
constexpr std::size_t kWindow = 64;
constexpr std::size_t kBetweenChecks = 4096;

// Bytes as they are.
struct Utf8Reader {
  static constexpr std::size_t kMostBytes = 1;  // of a unit, as UTF-8
  static constexpr bool kIsUtf8 = true;
  const std::uint8_t *at, *end;

  // The character here and the units of it.
  char32_t peek(std::size_t& units) const {
    if (*at < 0x80) {
      units = 1;
      return *at;
    }
    const std::string_view rest(reinterpret_cast<const char*>(at), static_cast<std::size_t>(end - at));
    units = valid_char_size(rest);
    if (units > 0) return decode_char(rest, 0).c;
    units = 1;
    return kInvalid;
  }
};

// Units of a str, each of which is a character.
template <class Unit>
struct UnitReader {
  static constexpr std::size_t kMostBytes = sizeof(Unit) == 1 ? 2 : sizeof(Unit) == 2 ? 3 : 4;
  static constexpr bool kIsUtf8 = false;
  const Unit *at, *end;

  char32_t peek(std::size_t& units) const {
    units = 1;
    return *at;
  }
};

// Writes four bytes, of which the result count.
inline std::size_t put_char(char32_t c, std::uint8_t* out) {
  std::uint32_t bytes;
  std::size_t size;
  if (c < 0x80) {
    bytes = c;
    size = 1;
  } else if (c < 0x800) {
    bytes = 0x80C0 | c >> 6 | (c & 0x3F) << 8;
    size = 2;
  } else if (c < 0x10000) {
    bytes = 0x8080E0 | c >> 12 | (c >> 6 & 0x3F) << 8 | (c & 0x3F) << 16;
    size = 3;
  } else {
    bytes = 0x808080F0 | c >> 18 | (c >> 12 & 0x3F) << 8 | (c >> 6 & 0x3F) << 16 | (c & 0x3F) << 24;
    size = 4;
  }
  std::memcpy(out, &bytes, 4);
  return size;
}

bool begins_char(std::string_view text) {
  return text.empty() || !is_continuation_byte(text[0]);
}

}  // namespace

bool SpaceForm::fits(const SentencePieceNormalizer& normalizer, std::span<const std::string_view> symbols) {
  if (!normalizer.escape_whitespaces()) return false;
  const std::string_view replacements = normalizer.charsmap().replacements();
  if (invalid_utf8_at(replacements) != replacements.size()) return false;
  return std::all_of(symbols.begin(), symbols.end(),
                     [](std::string_view symbol) { return invalid_utf8_at(symbol) == symbol.size(); });
}

SpaceForm::SpaceForm(const SentencePieceNormalizer& normalizer, std::span<const std::string_view> symbols)
    : normalizer_(normalizer) {
  add_rules();
  flags_[' '] |= kSpace;
  flags_[kMarkChar] |= kMark;
  for (char32_t c = 0xD800; c < 0xE000; ++c) flags_[c] = kSurrogate;
  add_symbols(symbols);
  note_ascii();
  note_units();
}

// visit(c, place) for each character that the rules go on with. False where a rule ends within a character,
// or has bytes that begin none.
template <class Visit>
bool SpaceForm::for_each_char(const LongestCharsmap::Place& from, Visit&& visit) const {
  const LongestCharsmap& rules = normalizer_.charsmap();
  bool sound = true;
  const auto below = [&](auto&& self, const LongestCharsmap::Place& place, char32_t bits, int left) -> void {
    if (left == 0) {
      visit(bits, place);
      return;
    }
    if (place.rule) sound = false;
    for (std::uint32_t byte = 0x80; byte < 0xC0; ++byte) {
      LongestCharsmap::Place next = place;
      if (rules.descend(next, static_cast<std::uint8_t>(byte)))
        self(self, next, bits << 6 | (byte & 0x3F), left - 1);
    }
  };
  for (std::uint32_t lead = 1; lead < 0x100; ++lead) {
    LongestCharsmap::Place next = from;
    if (!rules.descend(next, static_cast<std::uint8_t>(lead))) continue;
    if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4) {
      sound = false;
      continue;
    }
    const int left = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    below(below, next, left == 0 ? lead : lead & (0x3Fu >> left), left);
  }
  return sound;
}

void SpaceForm::add_rules() {
  const LongestCharsmap& rules = normalizer_.charsmap();
  if (rules.empty()) return;
  texts_.emplace_back();  // of no character
  const auto mark = [&](char32_t c, std::uint8_t flag) {
    if (c < kTableChars) {
      flags_[c] |= flag;
    } else {
      wide_flags_ |= flag;
    }
  };
  bool sound = for_each_char(rules.root(), [&](char32_t c, const LongestCharsmap::Place& place) {
    const std::string_view text = place.rule ? place.rule : "";
    if (c >= kTableChars || !begins_char(text) || texts_.size() > 0xFFFF) {
      mark(c, kOdd);
      return;
    }
    if (place.rule) {
      mark(c, kMapped);
      mapped_[c] = static_cast<std::uint16_t>(texts_.size());
      texts_.push_back(text);
    }
    if (!rules.goes_on(place)) return;
    mark(c, kFirst);
    const bool whole =
        for_each_char(place, [&](char32_t second, const LongestCharsmap::Place&) { mark(second, kSecond); });
    if (!whole) mark(c, kOdd);
  });
  // A rule for the beginning of a character: no character is what it seems.
  if (!sound) {
    for (std::size_t c = 0x80; c < kTableChars; ++c) flags_[c] |= kOdd;
    wide_flags_ |= kOdd;
  }
  // A rule's NUL cannot be told from its end: whatever goes on there, goes on in step().
  mark(0, kSecond | kOdd);
}

// A symbol stands for itself before any rule is asked.
void SpaceForm::add_symbols(std::span<const std::string_view> symbols) {
  std::vector<char32_t> longer;
  for (const std::string_view symbol : symbols) {
    longest_symbol_ = std::max(longest_symbol_, symbol.size());
    const DecodedChar first = decode_char(symbol, 0);
    if (first.c >= kTableChars) {
      wide_flags_ |= kOdd;
    } else if (first.size < symbol.size()) {
      longer.push_back(first.c);
    } else {
      flags_[first.c] &= kSpace | kMark | kSecond;
    }
  }
  for (const char32_t c : longer) flags_[c] |= kOdd;
}

void SpaceForm::note_ascii() {
  if ((flags_[' '] & ~kFirst) != kSpace) return;
  std::array<bool, 128> same{};
  for (std::uint8_t c = 1; c < 0x80; ++c) {
    if (flags_[c] & kSecond) return;
    same[c] = c == ' ' || (c > ' ' && c < 0x7F && (flags_[c] & ~kFirst) == 0);
  }
  plain_ = PlainAscii(same, normalizer_.remove_extra_whitespaces() ? " " : "");
}

void SpaceForm::note_units() {
  for (char32_t c = 1; c < kTableChars; ++c) {
    const unsigned flags = flags_[c] & ~unsigned{kSecond};
    if (flags == 0 || flags == kSpace) unit_for_[c] = static_cast<std::uint16_t>(c);
    if (flags != kMapped) continue;
    const std::string_view text = texts_[mapped_[c]];
    if (text.empty()) continue;
    const DecodedChar only = decode_char(text, 0);
    if (only.size == text.size() && only.c < kTableChars && only.c != kMarkChar) {
      unit_for_[c] = static_cast<std::uint16_t>(only.c);
    }
  }
}

template <class Reader>
SpaceForm::Result SpaceForm::run(Reader in, Buffer<std::uint8_t>& out) const {
  out.clear();
  const bool collapses = normalizer_.remove_extra_whitespaces();
  const bool prefix = normalizer_.add_dummy_prefix() && !normalizer_.whitespace_as_suffix();
  const auto left = [&] { return static_cast<std::size_t>(in.end - in.at); };
  constexpr std::size_t kSlack = PlainAscii::kSlack;
  out.make_room(left() * Reader::kMostBytes + kSlack);
  std::uint8_t* to = out.data();
  if (prefix) *to++ = ' ';
  bool began = false;  // something but spaces was found, or spaces count
  bool after_space = collapses;
  // More than what the characters that are left take at most.
  const auto need = [&](std::size_t more) {
    const auto size = static_cast<std::size_t>(to - out.data());
    out.set_size(size);
    out.make_room(more + left() * Reader::kMostBytes + kSlack);
    to = out.data() + size;
  };
  const auto put_part = [&](std::string_view part) {
    began |= !collapses || part != " ";
    if (after_space) part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    if (part.empty()) return;
    after_space = collapses && part.back() == ' ';
    need(part.size());
    for (std::size_t i = 0; i < part.size();) {
      const bool mark = part.substr(i, kMarkText.size()) == kMarkText;
      *to++ = mark ? ' ' : static_cast<std::uint8_t>(part[i]);
      i += mark ? kMarkText.size() : 1;
    }
  };

  const auto* checked = in.at;
  while (in.at < in.end) {
    if (static_cast<std::size_t>(in.at - checked) >= kBetweenChecks) {
      check_interrupt();
      checked = in.at;
    }
    if constexpr (Reader::kIsUtf8) {
      if (plain_ && *in.at < 0x80 && !(after_space && *in.at == ' ')) {
        std::size_t n = plain_.copy({reinterpret_cast<const char*>(in.at), left()}, to);
        // The character behind these may belong to the last of them, unless it is ASCII; so may a NUL.
        if (n > 0 && n < left() && (in.at[n] >= 0x80 || in.at[n] == 0)) --n;
        if (n > 0) {
          to += n;
          in.at += n;
          began = true;
          after_space = collapses && in.at[-1] == ' ';
        }
      }
    }
    if constexpr (sizeof(*in.at) == 2) {
      // Characters of three bytes that stand for themselves: nearly all of Chinese.
      const auto* at = in.at;
      const auto* const stop = at + std::min(left(), kBetweenChecks);
      for (; at < stop && *at >= 0x800 && flags_[*at] == 0; ++at) {
        const std::uint32_t c = *at;
        const std::uint32_t bytes = 0x8080E0 | c >> 12 | (c >> 6 & 0x3F) << 8 | (c & 0x3F) << 16;
        std::memcpy(to, &bytes, 4);  // more than counts: what is behind is written over
        to += 3;
      }
      if (at != in.at) {
        began = true;
        after_space = false;
        in.at = at;
        continue;
      }
    }
    // Characters one by one, some of them where more of that kind may be plain.
    constexpr std::size_t kOneByOne = Reader::kIsUtf8 ? 4 : 1;
    for (const auto* const stop = in.at + std::min<std::size_t>(left(), kOneByOne); in.at < stop;) {
      std::size_t units;
      const char32_t c = in.peek(units);
      const unsigned flags = c == kInvalid ? unsigned{kOdd} : flags_of(c);
      if ((flags & ~unsigned{kSecond}) == 0) {
        to += put_char(c, to);
        in.at += units;
        began = true;
        after_space = false;
        continue;
      }
      unsigned kind = flags & ~unsigned{kSecond | kFirst};
      if (flags & kFirst && in.at + units < in.end) {
        Reader next = in;
        next.at += units;
        std::size_t more;
        const char32_t second = next.peek(more);
        if (second == kInvalid || flags_of(second) & kSecond) kind = kOdd;
      }
      switch (kind) {
        case 0:
          to += put_char(c, to);
          began = true;
          after_space = false;
          break;
        case kSpace:
          began |= !collapses;
          *to = ' ';
          to += !after_space;
          after_space = collapses;
          break;
        case kMark:
          *to++ = ' ';
          began = true;
          after_space = false;
          break;
        case kMapped:
          if (const std::string_view part = texts_[mapped_[c]]; part.size() == 1 && part[0] != ' ') {
            *to++ = static_cast<std::uint8_t>(part[0]);
            began = true;
            after_space = false;
          } else {
            put_part(part);
          }
          break;
        default: {
          if (flags & kSurrogate) return Result::kSurrogate;
          SentencePieceNormalizer::Step step;
          if constexpr (Reader::kIsUtf8) {
            step = normalizer_.step({reinterpret_cast<const char*>(in.at), left()});
            if (!begins_char(step.text)) return Result::kLiteral;
            put_part(step.text);
            units = step.size;
          } else {
            std::string window;
            for (std::size_t chars = std::max(kWindow, longest_symbol_);; chars = left()) {
              window.clear();
              const std::size_t n = std::min(chars, left());
              for (std::size_t i = 0; i < n; ++i) {
                const auto unit = static_cast<char32_t>(in.at[i]);
                // It ends the text here; the error comes when its turn does.
                if (is_surrogate(unit)) break;
                append_utf8(window, unit);
              }
              bool ran_out = false;
              step = normalizer_.step(window, &ran_out);
              if (!ran_out || n == left()) break;
            }
            if (!begins_char(step.text) || !is_char_boundary(window, step.size)) return Result::kLiteral;
            units = utf8_length(std::string_view(window).substr(0, step.size));
            put_part(step.text);
          }
        }
      }
      in.at += units;
    }
  }
  auto size = static_cast<std::size_t>(to - out.data());
  if (!began) size = 0;
  if (collapses) {
    while (size > 0 && out[size - 1] == ' ') --size;
  }
  out.set_size(size);
  if (began && normalizer_.add_dummy_prefix() && normalizer_.whitespace_as_suffix()) out.push_back(' ');
  return Result::kDone;
}

// As run(), whose comments hold here; what is rare is left to it.
SpaceForm::Result SpaceForm::write_units(const std::uint16_t* text, std::size_t length,
                                         Buffer<std::uint16_t>& out) const {
  out.clear();
  const bool collapses = normalizer_.remove_extra_whitespaces();
  constexpr std::size_t kSlack = 32;
  out.make_room(length + kSlack);
  std::uint16_t* to = out.data();
  if (normalizer_.add_dummy_prefix() && !normalizer_.whitespace_as_suffix()) *to++ = ' ';
  bool began = length > 0 && !collapses;
  unsigned after_space = collapses;
  const unsigned does_collapse = collapses;
  const std::uint16_t* at = text;
  const std::uint16_t* const end = text + length;
  while (at < end) {
    const std::uint16_t* const first = to;
    const std::uint16_t* const stop = at + std::min(static_cast<std::size_t>(end - at), kBetweenChecks);
    for (; at < stop; ++at) {
      const std::uint16_t unit = unit_for_[*at];
      if (unit == 0) break;
      // A space behind a space is written over.
      const unsigned space = unit == ' ';
      *to = unit;
      to += 1 - (space & after_space);
      after_space = space & does_collapse;
    }
    // With collapsing, no space is the first of what is written.
    began |= to != first;
    if (at == stop) {
      if (at < end) check_interrupt();
      continue;
    }
    const unsigned flags = flags_[*at];
    if (flags & kSurrogate) return Result::kSurrogate;
    unsigned kind = flags & ~unsigned{kSecond | kFirst};
    if (flags & kFirst && at + 1 < end && flags_[at[1]] & kSecond) kind = kOdd;
    std::string_view part;
    if (kind == 0) {
      if (*at == 0) return Result::kNoUnits;
      *to++ = *at++;
      began = true;
      after_space = false;
      continue;
    }
    if (kind == kMark) {
      *to++ = ' ';
      ++at;
      began = true;
      after_space = false;
      continue;
    }
    if (kind != kMapped) return Result::kNoUnits;
    part = texts_[mapped_[*at++]];
    began |= !collapses || part != " ";
    if (after_space) part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    if (part.empty()) continue;
    after_space = collapses && part.back() == ' ';
    const auto size = static_cast<std::size_t>(to - out.data());
    out.set_size(size);
    out.make_room(part.size() + static_cast<std::size_t>(end - at) + kSlack);
    to = out.data() + size;
    for (std::size_t i = 0; i < part.size();) {
      const DecodedChar next = decode_char(part, i);
      if (next.c >= kTableChars || next.c == 0) return Result::kNoUnits;
      *to++ = static_cast<std::uint16_t>(next.c == kMarkChar ? ' ' : next.c);
      i += next.size;
    }
  }
  auto size = static_cast<std::size_t>(to - out.data());
  if (!began) size = 0;
  if (collapses) {
    while (size > 0 && out[size - 1] == ' ') --size;
  }
  out.set_size(size);
  if (began && normalizer_.add_dummy_prefix() && normalizer_.whitespace_as_suffix()) out.push_back(' ');
  return Result::kDone;
}

SpaceForm::Result SpaceForm::write_utf8(std::string_view text, Buffer<std::uint8_t>& out) const {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  return run(Utf8Reader{bytes, bytes + text.size()}, out);
}

SpaceForm::Result SpaceForm::write(const TextView& text, Buffer<std::uint8_t>& out) const {
  const auto run_units = [&]<class Unit>(const Unit* units) {
    return run(UnitReader<Unit>{units, units + text.length}, out);
  };
  if (text.ascii) return write_utf8({static_cast<const char*>(text.data), text.length}, out);
  if (text.kind == 1) return run_units(static_cast<const std::uint8_t*>(text.data));
  if (text.kind == 2) return run_units(static_cast<const std::uint16_t*>(text.data));
  return run_units(static_cast<const std::uint32_t*>(text.data));
}

}  // namespace fasttok
