#include "fasttok/pinyin/letters.h"

#include <algorithm>

#include "fasttok/base/error.h"

namespace fasttok::pinyin {
namespace {

// Letters that room is made for at once.
constexpr std::size_t kMostReserved = std::size_t{1} << 22;

constexpr char32_t kDiaeresis = 0x308, kCircumflex = 0x302;

std::uint8_t tone_of_mark(char32_t c) {
  switch (c) {
    case 0x304:
      return 1;
    case 0x301:
      return 2;
    case 0x30C:
    case 0x306:
      return 3;  // a breve is often written for a caron
    case 0x300:
      return 4;
    default:
      return 0;
  }
}

bool may_be_marked(Letter letter) {
  return is_vowel(letter) || letter == 'm' - 'a' || letter == 'n' - 'a';
}

template <class Unit>
class Reader {
 public:
  Reader(const Unit* text, std::uint32_t length, ToneDigits<Unit>& tones, Letters& out)
      : text_(text), length_(length), tones_(tones), out_(out) {}

  // From `begin` on to the end of the text, or with `section` to the first that is foreign, if it is not the
  // first. Returns where it stopped.
  std::uint32_t run(std::uint32_t begin, bool section) {
    at_ = begin;
    out_.reserve(std::min<std::size_t>(length_ - begin, kMostReserved));
    while (at_ < length_) {
      const Facts facts = of(at_);
      switch (facts.what) {
        case Class::kLetter:
          letters();
          break;
        case Class::kSeparator:
          separators(at_, at_, kNoTone);
          break;
        case Class::kDigit:
          if (is_tone(at_)) {
            separators(at_, at_ + 1, facts.value);
            break;
          }
          [[fallthrough]];
        case Class::kOther:
          if (section) return at_;
          foreign();
      }
    }
    return at_;
  }

 private:
  Facts of(std::uint32_t at) const { return facts_[text_[at]]; }

  void put(Letter letter, std::uint8_t look, std::uint32_t begin, std::uint32_t end) {
    out_.codes.push_back(letter);
    out_.looks.push_back(look);
    out_.begins.push_back(begin);
    out_.ends.push_back(end);
  }

  void letters() {
    // Plain small letters, the most frequent by far.
    std::uint32_t end = at_;
    while (end < length_ && text_[end] >= 'a' && text_[end] <= 'z') ++end;
    if (end > at_) {
      const std::size_t before = out_.size(), count = end - at_;
      out_.codes.resize(before + count);
      out_.looks.resize(before + count, 0);
      out_.begins.resize(before + count);
      out_.ends.resize(before + count);
      for (std::uint32_t i = 0; i < count; ++i) {
        out_.codes[before + i] = static_cast<Letter>(text_[at_ + i] - 'a');
        out_.begins[before + i] = at_ + i;
        out_.ends[before + i] = at_ + i + 1;
      }
      at_ = end;
    }
    // What follows may be a mark of the last of them.
    if (end < length_ && !out_.codes.empty() && out_.ends.back() == at_) {
      const char32_t c = text_[at_];
      if (c == ':' || is_combining(c)) {
        if (marks()) return;
      }
    }
    if (at_ == length_) return;
    const Facts facts = of(at_);
    if (facts.what != Class::kLetter || (text_[at_] >= 'a' && text_[at_] <= 'z')) return;
    put(facts.value, facts.look, at_, at_ + 1);
    out_.any_upper |= (facts.look & kUpper) != 0;
    out_.any_mark |= (facts.look & kMark) != 0;
    out_.any_umlaut |= (facts.look & kUmlaut) != 0;
    ++at_;
    marks();
  }

  // Takes what belongs to the letter before `at_`: combining marks, or the colon of u:. False if nothing
  // does.
  bool marks() {
    const std::uint32_t begin = at_;
    Letter& letter = out_.codes.back();
    std::uint8_t& look = out_.looks.back();
    while (at_ < length_) {
      const char32_t c = text_[at_];
      const std::uint8_t tone = tone_of_mark(c);
      if (tone && may_be_marked(letter) && (look & kMark) == 0) {
        look = static_cast<std::uint8_t>(look | tone);
        out_.any_mark = true;
      } else if (c == kDiaeresis && letter == 'u' - 'a') {
        letter = kLetterV;
        look |= kUmlaut;
        out_.any_umlaut = true;
      } else if (c == kCircumflex && letter == 'e' - 'a') {
        letter = kLetterE;
      } else if (c == ':' && at_ == begin && letter == 'u' - 'a' && is_u_colon()) {
        letter = kLetterV;
        look |= kUColon;
        out_.any_umlaut = true;
      } else {
        break;
      }
      ++at_;
    }
    out_.ends.back() = at_;
    return at_ > begin;
  }

  // Whether the colon at `at_` makes an ü: behind l and n, and no space behind it.
  bool is_u_colon() const {
    if (out_.size() < 2) return false;
    const Letter before = out_.codes[out_.size() - 2];
    if ((before != 'l' - 'a' && before != 'n' - 'a') || out_.ends[out_.size() - 2] != out_.begins.back()) {
      return false;
    }
    if (at_ + 1 == length_) return true;
    const Facts next = of(at_ + 1);
    return next.what == Class::kLetter || next.what == Class::kDigit || text_[at_ + 1] == '\'';
  }

  // A break whose digit, if any, is [begin, end); separators follow.
  void separators(std::uint32_t begin, std::uint32_t end, std::uint8_t tone) {
    at_ = end;
    while (at_ < length_ && of(at_).what == Class::kSeparator) ++at_;
    out_.breaks.push_back({static_cast<std::uint32_t>(out_.size()), tone, begin, end, at_});
  }

  void foreign() {
    const std::uint32_t begin = at_;
    do {
      ++at_;
    } while (at_ < length_ && (of(at_).what == Class::kOther || of(at_).what == Class::kDigit));
    put(kNoLetter, 0, begin, at_);
  }

  bool is_tone(std::uint32_t at) {
    return !out_.codes.empty() && out_.codes.back() != kNoLetter && out_.ends.back() == at &&
           tones_.is_tone(at);
  }

  const Unit* const text_;
  const std::uint32_t length_;
  ToneDigits<Unit>& tones_;
  Letters& out_;
  const CharacterFacts& facts_ = CharacterFacts::get();
  std::uint32_t at_ = 0;
};

template <class Unit>
void read_all(const TextView& text, std::uint32_t length, Letters& out) {
  const auto* const units = static_cast<const Unit*>(text.data);
  ToneDigits tones(units, length);
  Reader(units, length, tones, out).run(0, false);
}

}  // namespace

void Letters::reserve(std::size_t size) {
  codes.reserve(size);
  looks.reserve(size);
  begins.reserve(size);
  ends.reserve(size);
}

void Letters::clear() {
  codes.clear();
  looks.clear();
  begins.clear();
  ends.clear();
  breaks.clear();
  any_mark = any_upper = any_umlaut = false;
}

std::uint32_t checked_length(const TextView& text) {
  if (text.length > 0xFFFFFFFEu) throw ValueError("a text of 2^32 characters or more; cut it at a line");
  return static_cast<std::uint32_t>(text.length);
}

void read_letters(const TextView& text, Letters& out) {
  out.clear();
  const std::uint32_t length = checked_length(text);
  if (text.kind == 1) read_all<std::uint8_t>(text, length, out);
  if (text.kind == 2) read_all<std::uint16_t>(text, length, out);
  if (text.kind == 4) read_all<std::uint32_t>(text, length, out);
}

template <class Unit>
std::uint32_t read_section(const Unit* text, std::uint32_t length, std::uint32_t begin,
                           ToneDigits<Unit>& tones, Letters& out) {
  out.clear();
  return Reader(text, length, tones, out).run(begin, true);
}

template std::uint32_t read_section(const std::uint8_t*, std::uint32_t, std::uint32_t,
                                    ToneDigits<std::uint8_t>&, Letters&);
template std::uint32_t read_section(const std::uint16_t*, std::uint32_t, std::uint32_t,
                                    ToneDigits<std::uint16_t>&, Letters&);
template std::uint32_t read_section(const std::uint32_t*, std::uint32_t, std::uint32_t,
                                    ToneDigits<std::uint32_t>&, Letters&);

}  // namespace fasttok::pinyin
