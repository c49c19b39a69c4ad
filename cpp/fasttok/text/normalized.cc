#include "fasttok/text/normalized.h"

#include <algorithm>
#include <limits>

#include "fasttok/base/error.h"
#include "fasttok/base/interrupt.h"
#include "fasttok/unicode/properties.h"

namespace fasttok {

void require_short(std::size_t bytes) {
  if (bytes > std::numeric_limits<std::uint32_t>::max()) {
    throw ValueError("a text has " + std::to_string(bytes) +
                     " bytes of UTF-8; split it into texts below 4 GiB");
  }
}

NormalizedString::NormalizedString(std::string text) : original_(text), normalized_(std::move(text)) {
  require_short(original_.size());
  alignments_.reserve(original_.size());
  for_each_char(original_, [&](char32_t, std::size_t at, std::size_t size) {
    alignments_.insert(alignments_.end(), size,
                       Alignment{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + size)});
  });
}

NormalizedString NormalizedString::unaligned(std::string text) {
  require_short(text.size());
  NormalizedString s;
  s.normalized_ = std::move(text);
  s.aligned_ = false;
  return s;
}

std::optional<ByteRange> NormalizedString::to_original(ByteRange normalized) const {
  if (normalized.begin == normalized.end) return normalized;
  if (normalized.begin > normalized.end || normalized.end > alignments_.size()) return std::nullopt;
  return ByteRange{alignments_[normalized.begin].begin, alignments_[normalized.end - 1].end};
}

std::optional<ByteRange> NormalizedString::to_normalized(ByteRange original) const {
  if (original.begin == original.end) return original;
  if (original.begin > original.end) return std::nullopt;
  std::optional<std::size_t> begin, end;
  for (std::size_t i = 0; i < alignments_.size() && alignments_[i].end <= original.end; ++i) {
    const Alignment& a = alignments_[i];
    // A byte of no width stands for nothing, so it cannot begin the range.
    if (!begin && original.begin <= a.begin && a.begin != a.end) begin = i;
    end = i + 1;
  }
  if (!end) return std::nullopt;
  return ByteRange{begin.value_or(*end), *end};
}

std::optional<NormalizedString> NormalizedString::slice(ByteRange normalized) const {
  if (!is_char_boundary(normalized_, normalized.begin) || !is_char_boundary(normalized_, normalized.end)) {
    return std::nullopt;
  }
  const std::optional<ByteRange> original = to_original(normalized);
  if (!original) return std::nullopt;
  NormalizedString part;
  // An empty range is in the coordinates of the normalized text, which may lie anywhere in the original: no
  // text then.
  if (original->begin <= original->end && is_char_boundary(original_, original->begin) &&
      is_char_boundary(original_, original->end)) {
    part.original_ = original_.substr(original->begin, original->end - original->begin);
  }
  part.normalized_ = normalized_.substr(normalized.begin, normalized.end - normalized.begin);
  part.alignments_.reserve(part.normalized_.size());
  const auto shift = static_cast<std::uint32_t>(original->begin);
  for (std::size_t i = normalized.begin; i < normalized.end; ++i) {
    part.alignments_.push_back({alignments_[i].begin - shift, alignments_[i].end - shift});
  }
  part.original_shift_ = original_shift_ + original->begin;
  return part;
}

std::vector<NormalizedString> NormalizedString::split(std::vector<PatternPiece> pieces,
                                                      SplitBehavior behavior) const {
  merge_pieces(behavior, pieces);
  std::vector<NormalizedString> parts;
  for (const PatternPiece& p : pieces) {
    check_interrupt_at(parts.size());
    if (p.is_match) continue;
    std::optional<NormalizedString> part = slice(p.range);
    if (!part) throw Error("NormalizedString bad split");
    parts.push_back(std::move(*part));
  }
  return parts;
}

// Changes

bool NormalizedString::rewrites_all() const {
  return !original_.empty() && !alignments_.empty() && alignments_[0].begin != alignments_[0].end;
}

void NormalizedString::transform(std::span<const CharChange> dest, std::size_t initial_removed) {
  // The reference's range is "all of the original", so a string that normalized to nothing stays as it is.
  const std::optional<ByteRange> range = to_normalized({0, original_.size()});
  if (range) transform_range(*range, dest, initial_removed);
}

void NormalizedString::transform_range(ByteRange range, std::span<const CharChange> dest,
                                       std::size_t initial_removed) {
  // `at` walks over the characters that are replaced.
  std::size_t at = range.begin;
  const auto skip = [&](std::size_t chars) {
    for (; chars > 0 && at < range.end; --chars) at += decode_char(normalized_, at).size;
  };
  skip(initial_removed);

  std::string text;
  std::vector<Alignment> alignments;
  text.reserve(dest.size());
  alignments.reserve(range.end - range.begin);
  std::size_t done = 0;
  for (const auto& [c, change] : dest) {
    check_interrupt_at(done++);
    Alignment alignment{0, 0};
    if (change > 0) {
      if (at > 0) alignment = alignments_[at - 1];
    } else {
      if (at >= alignments_.size()) throw Error("NormalizedString: more characters replaced than there are");
      alignment = alignments_[at];
      skip(static_cast<std::size_t>(1 - change));
    }
    append_utf8(text, c);
    alignments.insert(alignments.end(), utf8_size(c), alignment);
  }

  normalized_.replace(range.begin, range.end - range.begin, text);
  const auto first = alignments_.begin() + static_cast<std::ptrdiff_t>(range.begin);
  const auto last = alignments_.begin() + static_cast<std::ptrdiff_t>(range.end);
  alignments_.insert(alignments_.erase(first, last), alignments.begin(), alignments.end());
  require_short(normalized_.size());
}

void NormalizedString::normalize(NormalForm form) {
  Rewriter rewriter(*this);
  const std::string_view text = normalized_;
  std::u32string part;
  std::vector<CharChange> changes;
  std::size_t done = 0;        // of the old text
  std::size_t last_inert = 0;  // where the last character begins that is inert
  std::size_t steps = 0;
  for (std::size_t at = 0; at < text.size();) {
    check_interrupt_at(steps++);
    const DecodedChar d = decode_char(text, at);
    if (is_inert(form, d.c)) {
      last_inert = at;
      at += d.size;
      continue;
    }
    // From the character before, which may take in this one, to the next inert one.
    const std::size_t begin = std::max(last_inert, done);
    part.clear();
    std::size_t end = begin;
    for (DecodedChar next; end < text.size(); end += next.size) {
      next = decode_char(text, end);
      if (end > at && is_inert(form, next.c)) break;
      part.push_back(next.c);
    }
    changes.clear();
    normalize_chars(form, part, changes);
    rewriter.keep(done, begin);
    for (const CharChange& change : changes) rewriter.put(change.c, change.change);
    done = last_inert = at = end;
  }
  rewriter.keep(done, text.size());
  rewriter.finish();
}

namespace {

template <typename Mapping>
void map_case(Rewriter& rewriter, Mapping&& mapping) {
  const std::string_view text = rewriter.old_text();
  std::size_t done = 0;
  for_each_char(text, [&](char32_t c, std::size_t at, std::size_t size) {
    const std::u32string_view mapped = mapping(c);
    if (mapped.empty()) return;
    rewriter.keep(done, at);
    done = at + size;
    for (std::size_t i = 0; i < mapped.size(); ++i) rewriter.put(mapped[i], i == 0 ? 0 : 1);
  });
  rewriter.keep(done, text.size());
  rewriter.finish();
}

}  // namespace

void NormalizedString::lowercase() {
  Rewriter rewriter(*this);
  map_case(rewriter, [](char32_t c) { return fasttok::lowercase(c); });
}

void NormalizedString::uppercase() {
  Rewriter rewriter(*this);
  map_case(rewriter, [](char32_t c) { return fasttok::uppercase(c); });
}

void NormalizedString::strip(bool left, bool right) {
  const std::string_view text = normalized_;
  const auto is_space = [&](std::size_t at) {
    return (char_flags(decode_char(text, at).c) & kBertWhitespace) != 0;
  };
  std::size_t begin = 0, end = text.size();
  while (left && begin < end && is_space(begin)) begin += decode_char(text, begin).size;
  while (right && end > begin && is_space(previous_char(text, end))) end = previous_char(text, end);
  if (begin == 0 && end == text.size()) return;
  Rewriter rewriter(*this);
  rewriter.skip(begin);
  rewriter.keep(begin, end);
  rewriter.skip(text.size());
  rewriter.finish();
}

void NormalizedString::prepend(std::string_view text) {
  if (normalized_.empty()) return;
  std::vector<CharChange> dest;
  for_each_char(text, [&](char32_t c, std::size_t, std::size_t) {
    dest.push_back({c, dest.empty() ? 0 : 1});
  });
  const DecodedChar first = decode_char(normalized_, 0);
  dest.push_back({first.c, 1});
  if (!aligned_) {
    normalized_.insert(0, text);
    return;
  }
  transform_range({0, first.size}, dest, 0);
}

void NormalizedString::append(std::string_view text) {
  std::vector<CharChange> dest;
  std::size_t begin = 0;
  if (!normalized_.empty()) {
    begin = previous_char(normalized_, normalized_.size());
    dest.push_back({decode_char(normalized_, begin).c, 0});
  }
  for_each_char(text, [&](char32_t c, std::size_t, std::size_t) { dest.push_back({c, 1}); });
  transform_range({begin, normalized_.size()}, dest, 0);
}

void NormalizedString::replace(std::span<const PatternPiece> pieces, std::string_view content) {
  std::string text;
  std::vector<Alignment> alignments;
  text.reserve(normalized_.size());
  if (aligned_) alignments.reserve(normalized_.size());
  for (const auto& [range, is_match] : pieces) {
    if (!is_match) {
      text.append(normalized_, range.begin, range.end - range.begin);
      if (aligned_) {
        alignments.insert(alignments.end(), alignments_.begin() + static_cast<std::ptrdiff_t>(range.begin),
                          alignments_.begin() + static_cast<std::ptrdiff_t>(range.end));
      }
      continue;
    }
    text += content;
    // The content shares the place of the last byte that it replaces.
    if (aligned_) {
      alignments.insert(alignments.end(), content.size(),
                        range.end > 0 ? alignments_[range.end - 1] : Alignment{0, 0});
    }
  }
  require_short(text.size());
  normalized_ = std::move(text);
  alignments_ = std::move(alignments);
}

void NormalizedString::clear() {
  transform({}, normalized_.size());
}

// Rewriter

void Rewriter::start() {
  if (changed_) return;
  changed_ = true;
  out_.reserve(old_.size() + old_.size() / 8 + 16);
  out_.append(old_, 0, kept_);
  if (!text_.aligned_) return;
  alignments_.reserve(out_.capacity());
  alignments_.insert(alignments_.end(), text_.alignments_.begin(),
                     text_.alignments_.begin() + static_cast<std::ptrdiff_t>(kept_));
}

void Rewriter::keep(std::size_t begin, std::size_t end) {
  if (begin >= end) return;
  // The changes may lag behind the text, after characters that were dropped without a count.
  if (literal_ || begin != at_) {
    for (DecodedChar d; begin < end; begin += d.size) {
      d = decode_char(old_, begin);
      put(d.c, 0);
    }
    return;
  }
  any_ = true;
  last_.change = 0;
  at_ = end;
  if (!changed_) {
    kept_ = end;
    return;
  }
  out_.append(old_, begin, end - begin);
  if (text_.aligned_) {
    alignments_.insert(alignments_.end(), text_.alignments_.begin() + static_cast<std::ptrdiff_t>(begin),
                       text_.alignments_.begin() + static_cast<std::ptrdiff_t>(end));
  }
}

void Rewriter::skip(std::size_t end) {
  if (!literal_) {
    if (at_ < end) start();
    at_ = std::max(at_, end);
    return;
  }
  const std::size_t count = utf8_length(std::string_view(old_).substr(at_, end - at_));
  at_ = end;
  if (list_.empty()) {
    initial_removed_ += count;
  } else {
    list_.back().change -= static_cast<std::ptrdiff_t>(count);
  }
}

void Rewriter::put(char32_t c, std::ptrdiff_t change) {
  any_ = true;
  last_ = {c, change};
  if (literal_) {
    list_.push_back(last_);
    // skip() counts from here.
    for (std::ptrdiff_t n = change; n <= 0 && at_ < old_.size(); ++n) at_ += decode_char(old_, at_).size;
    return;
  }
  start();
  append_utf8(out_, c);
  const std::size_t from = at_;
  if (change <= 0) {
    if (at_ >= old_.size()) throw Error("NormalizedString: more characters replaced than there are");
    for (; change <= 0 && at_ < old_.size(); ++change) at_ += decode_char(old_, at_).size;
    if (text_.aligned_) alignments_.insert(alignments_.end(), utf8_size(c), text_.alignments_[from]);
  } else if (text_.aligned_) {
    alignments_.insert(alignments_.end(), utf8_size(c),
                       from > 0 ? text_.alignments_[from - 1] : Alignment{0, 0});
  }
}

void Rewriter::amend(std::size_t count) {
  if (literal_) {
    if (any_) list_.back().change -= static_cast<std::ptrdiff_t>(count);
    return;
  }
  start();
  if (!any_) return;
  if (last_.change <= 0) {
    for (; count > 0 && at_ < old_.size(); --count) at_ += decode_char(old_, at_).size;
    return;
  }
  const CharChange last = last_;
  out_.resize(out_.size() - utf8_size(last.c));
  if (text_.aligned_) alignments_.resize(alignments_.size() - utf8_size(last.c));
  put(last.c, last.change - static_cast<std::ptrdiff_t>(count));
}

void Rewriter::finish() {
  if (literal_) {
    text_.transform(list_, initial_removed_);
    return;
  }
  if (!changed_) return;
  require_short(out_.size());
  text_.normalized_ = std::move(out_);
  text_.alignments_ = std::move(alignments_);
}

}  // namespace fasttok
