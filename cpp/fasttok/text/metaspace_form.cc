// How a text is written, character by character or by chunks.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "fasttok/base/interrupt.h"
#include "fasttok/text/metaspace_form.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

constexpr std::string_view kMarkText = "\xE2\x96\x81";
constexpr std::size_t kBetweenChecks = 4096;
// Bytes that may be written beyond those that count.
constexpr std::size_t kSlack = PlainAscii::kSlack;

}  // namespace

// The form as it is written: the last bytes and whether the next space is to be left out.
struct MetaspaceForm::Writer {
  Buffer<std::uint8_t>& out;
  std::uint8_t* to;
  // A space (or a mark) that comes now has been written: it begins a word, or the text.
  bool after_space;
  bool collapses;  // spaces in a row count once

  void need(std::size_t more) {
    const auto size = static_cast<std::size_t>(to - out.data());
    out.set_size(size);
    out.make_room(more + kSlack);
    to = out.data() + size;
  }
  void put_break() {
    *to = ' ';
    to += !after_space;
    after_space = collapses;
  }
  void put_mark() {
    *to = ' ';
    to += !after_space;
    after_space = false;
  }
  void put(std::string_view bytes) {
    std::memcpy(to, bytes.data(), bytes.size());
    to += bytes.size();
    after_space = false;
  }
};

// What stages before Metaspace have made, with its spaces as marks. There must be room.
void MetaspaceForm::put_spaced(std::string_view text, Writer& to) const {
  for_each_char(text, [&](char32_t c, std::size_t at, std::size_t size) {
    const std::uint8_t spacing = spacing_of(c);
    if (spacing == kBreak) {
      to.put_break();
    } else if (spacing == kMark) {
      to.put_mark();
    } else {
      to.put(text.substr(at, size));
    }
  });
}

void MetaspaceForm::write_literally(std::string_view chunk, Writer& to) const {
  NormalizedString string = NormalizedString::unaligned(std::string(chunk));
  rules_.characters.normalize(string);
  const std::string_view text = string.get();
  to.need(text.size());
  put_spaced(text, to);
}

// Where a chunk may end that has an odd character at `at`: behind two plain characters, before three more,
// so that the next chunk finds its beginning among these.
const std::uint8_t* MetaspaceForm::chunk_end(const std::uint8_t* at, const std::uint8_t* end) const {
  constexpr std::size_t kBefore = 2, kBehind = 3;
  const std::string_view text(reinterpret_cast<const char*>(at), static_cast<std::size_t>(end - at));
  std::array<std::size_t, kBefore + kBehind> places{};  // of the last plain characters, the oldest first
  std::size_t plain = 0;
  for (std::size_t i = 0, step = 0; i < text.size(); ++step) {
    check_interrupt_at(step);
    const DecodedChar d = decode_char(text, i);
    if (is_plain(d.c)) {
      std::rotate(places.begin(), places.begin() + 1, places.end());
      places.back() = i;
      if (++plain == places.size()) return at + places[kBefore];
    } else {
      plain = 0;
    }
    i += d.size;
  }
  return end;
}

// Nothing is to be done but to put marks in.
void MetaspaceForm::write_marked(std::string_view part, Writer& to) const {
  if (part.empty()) return;
  if (to.after_space) {
    if (part[0] == ' ')
      part.remove_prefix(1);
    else if (part.starts_with(kMarkText))
      part.remove_prefix(kMarkText.size());
    to.after_space = false;
  }
  for (std::size_t at = 0; at < part.size();) {
    const std::size_t mark = std::min(part.find(kMarkText, at), part.size());
    std::memcpy(to.to, part.data() + at, mark - at);
    to.to += mark - at;
    at = mark;
    if (mark == part.size()) break;
    *to.to++ = ' ';
    at += kMarkText.size();
  }
}

void MetaspaceForm::write(std::string_view part, bool first, Buffer<std::uint8_t>& out) const {
  out.clear();
  out.make_room(part.size() + kSlack);
  const Prefix prefix = prefix_of(first);
  Writer to{out, out.data(), prefix == Prefix::kUnlessMarked, rules_.removes_space};
  if (prefix != Prefix::kNone) *to.to++ = ' ';
  const auto finish = [&] {
    auto size = static_cast<std::size_t>(to.to - out.data());
    // The space of a word that does not come; and nothing is put before nothing.
    if (to.after_space || (prefix == Prefix::kAlways && size == 1)) --size;
    out.set_size(size);
  };
  if (flags_.empty()) {
    write_marked(part, to);
    finish();
    return;
  }

  const auto* at = reinterpret_cast<const std::uint8_t*>(part.data());
  const auto* const end = at + part.size();
  const auto* begin = at;  // of what is written character by character
  const auto* checked = at;
  const auto left = [&] { return static_cast<std::size_t>(end - at); };
  const auto rest = [&] { return std::string_view(reinterpret_cast<const char*>(at), left()); };
  // Lets the literal normalizers do what is around an odd character at `at`.
  const auto write_chunk = [&] {
    const auto* const start = reinterpret_cast<const std::uint8_t*>(part.data());
    const auto is_break = [](const std::uint8_t* p) { return *p == ' '; };
    // The three characters before it; the last of them is where the chunk begins. Behind another chunk there
    // are as many, for it ends before plain ones.
    const std::uint8_t* before[3];
    std::size_t count = 0;
    bool plain = true;
    for (const auto* place = at; place > begin && count < 3; ++count) {
      do --place;
      while ((*place & 0xC0) == 0x80);
      before[count] = place;
      plain = plain && is_plain(decode_char({reinterpret_cast<const char*>(place), 4}, 0).c);
    }
    const auto* from = start;
    const std::uint8_t* chunk;
    if (count == 3 && plain) {
      from = before[0];
      chunk = chunk_end(at, end);
      to.after_space = to.collapses && is_break(before[1]);
      to.to -= is_break(from) ? !to.after_space : at - from;
    } else {
      // All from the beginning; where that is not near, to the end, so that it happens once.
      chunk = count < 3 ? chunk_end(at, end) : end;
      to.to = out.data() + (prefix != Prefix::kNone);
      to.after_space = prefix == Prefix::kUnlessMarked;
    }
    write_literally({reinterpret_cast<const char*>(from), static_cast<std::size_t>(chunk - from)}, to);
    at = begin = chunk;
    to.need(left());
  };

  while (at < end) {
    if (static_cast<std::size_t>(at - checked) >= kBetweenChecks) {
      check_interrupt();
      checked = at;
    }
    if (plain_ && *at < 0x80 && !(to.after_space && *at == ' ')) {
      if (const std::size_t n = plain_.copy(rest(), to.to)) {
        to.to += n;
        at += n;
        to.after_space = to.collapses && at[-1] == ' ';
      }
    }
    // Characters one by one, some of them where more may be plain.
    for (const auto* const stop = at + std::min<std::size_t>(left(), 4); at < stop;) {
      const DecodedChar d = *at < 0x80 ? DecodedChar{*at, 1} : decode_char(rest(), 0);
      const unsigned flags = flags_of(d.c);
      if ((flags & ~unsigned{kSecond}) == 0) {
        std::memcpy(to.to, at, 4);  // more than counts: what is behind is written over
        to.to += d.size;
        at += d.size;
        to.after_space = false;
        continue;
      }
      bool odd = (flags & kOdd) != 0;
      if (flags & kFirst && left() > d.size) {
        odd = odd || flags_of(decode_char(rest(), d.size).c) & kSecond;
      }
      if (odd) {
        write_chunk();
        break;
      }
      if (flags & kBreak) {
        to.put_break();
      } else if (flags & kMark) {
        to.put_mark();
      } else if (flags & kMapped) {
        const std::string& text = texts_[mapped_[d.c]];
        to.need(text.size() + left());
        put_spaced(text, to);
      } else {
        std::memcpy(to.to, at, 4);
        to.to += d.size;
        to.after_space = false;
      }
      at += d.size;
    }
  }
  finish();
}

bool MetaspaceForm::write_places(std::string_view part, bool first, Buffer<std::uint8_t>& out,
                                 std::vector<std::uint32_t>& places) const {
  out.clear();
  places.clear();
  const Prefix prefix = prefix_of(first);
  bool pending = prefix != Prefix::kNone;  // a mark belongs before what comes
  std::uint32_t number = 0;
  const auto put = [&](std::string_view bytes) {
    for (const char byte : bytes) {
      out.push_back(static_cast<std::uint8_t>(byte));
      places.push_back(number);
    }
  };
  for (std::size_t at = 0; at < part.size(); ++number) {
    check_interrupt_at(number);
    const DecodedChar d = decode_char(part, at);
    std::string_view text = part.substr(at, d.size);
    at += d.size;
    const unsigned flags = flags_.empty() ? spacing_of(d.c) : flags_of(d.c);
    if (flags & kOdd) return false;
    if (flags & kFirst && at < part.size() && flags_of(decode_char(part, at).c) & kSecond) return false;
    if (flags & kMapped) {
      text = texts_[mapped_[d.c]];
      if (text.empty() || decode_char(text, 0).size < text.size()) return false;
    }
    if (rules_.removes_space && flags & kBreak) {
      pending = true;
      continue;
    }
    const bool is_mark = (flags & (kBreak | kMark)) != 0;
    if (pending && (!is_mark || prefix == Prefix::kAlways)) put(" ");
    pending = false;
    put(is_mark ? " " : text);
  }
  return true;
}

}  // namespace fasttok
