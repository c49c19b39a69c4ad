#include "fasttok/text/pre_tokenized.h"

#include <algorithm>

#include "fasttok/base/error.h"

namespace fasttok {

OffsetConverter::OffsetConverter(std::string_view text, OffsetUnit unit) {
  if (unit == OffsetUnit::kChar) chars_.emplace(text);
}

ByteRange OffsetConverter::operator()(ByteRange bytes) const {
  if (!chars_) return bytes;
  const CharIndex& chars = *chars_;
  if (bytes.begin >= chars.size()) return bytes;
  const std::size_t begin = chars[bytes.begin];
  if (bytes.end < chars.size()) return {begin, chars[bytes.end]};
  // The end of the text is no byte of it, so go by the byte before.
  const std::size_t last = bytes.end - 1 < chars.size() ? chars[bytes.end - 1] : begin + 1;
  return {begin, last + 1};
}

PreTokenizedString::PreTokenizedString(std::string original, bool aligned)
    : original_(std::move(original)), aligned_(aligned) {
  require_short(original_.size());
  const auto size = static_cast<std::uint32_t>(original_.size());
  splits_.push_back({0, size, 0, size});
}

Alignment PreTokenizedString::alignment(std::size_t at) const {
  if (!is_original_) return alignments_[at];
  while (at > 0 && is_continuation_byte(original_[at])) --at;
  return {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + decode_char(original_, at).size)};
}

Split PreTokenizedString::part_of(const Split& split, std::size_t begin, std::size_t end) const {
  Split part{static_cast<std::uint32_t>(begin),
             static_cast<std::uint32_t>(end),
             0,
             0,
             Split::kNoTokens,
             split.source};
  if (is_original_) {
    part.original_begin = part.begin;
    part.original_end = part.end;
  } else if (aligned_) {
    part.original_begin = alignments_[begin].begin;
    part.original_end = std::max(part.original_begin, alignments_[end - 1].end);
  }
  return part;
}

ByteRange PreTokenizedString::place(const Split& split, ByteRange range) const {
  // An empty range comes back as it is, and one that is out of bounds is not even moved.
  if (range.begin == range.end) return {split.original_begin + range.begin, split.original_begin + range.end};
  if (range.begin > range.end || range.end > split.end - split.begin) return range;
  return {alignment(split.begin + range.begin).begin, alignment(split.begin + range.end - 1).end};
}

NormalizedString PreTokenizedString::normalized(const Split& split) const {
  const std::size_t shift = split.source == 0 ? 0 : sources_[split.source - 1].shift;
  const std::string_view source = split.source == 0 ? original_ : sources_[split.source - 1].text;
  const std::size_t begin = split.original_begin - shift;
  std::vector<Alignment> alignments;
  alignments.reserve(split.end - split.begin);
  for (std::size_t i = split.begin; i < split.end; ++i) {
    const Alignment a = alignment(i);
    alignments.push_back({a.begin - split.original_begin, a.end - split.original_begin});
  }
  return {std::string(source.substr(begin, split.original_end - split.original_begin)),
          std::string(text_of(split)), std::move(alignments), split.original_begin};
}

std::vector<PlacedSplit> PreTokenizedString::get_splits(OffsetReferential referential,
                                                        OffsetUnit unit) const {
  const OffsetConverter convert(original_, unit);
  std::vector<PlacedSplit> placed;
  placed.reserve(splits_.size());
  std::size_t done = 0;
  for (const Split& s : splits_) {
    const ByteRange range = referential == OffsetReferential::kOriginal
                                ? ByteRange{s.original_begin, s.original_end}
                                : ByteRange{done, done + (s.end - s.begin)};
    done += s.end - s.begin;
    const ByteRange place = convert(range);
    placed.push_back({text_of(s), place.begin, place.end, tokens_of(s)});
  }
  return placed;
}

void PreTokenizedString::require_tokens() const {
  if (!std::all_of(splits_.begin(), splits_.end(), [](const Split& s) { return s.has_tokens(); })) {
    throw Error("Split has not been tokenized, call `PreTokenizedString::tokenize` first");
  }
}

// SplitWriter

SplitWriter::SplitWriter(PreTokenizedString& of, std::size_t spare) : of_(of) {
  const std::size_t size = of.all_text().size() + spare;
  text_.reserve(size);
  if (of.aligned_) alignments_.reserve(size);
  splits_.reserve(of.splits_.size());
}

void SplitWriter::copy(std::size_t begin, std::size_t end) {
  text_.append(of_.all_text().substr(begin, end - begin));
  if (!of_.aligned_) return;
  if (!of_.is_original_) {
    alignments_.insert(alignments_.end(), of_.alignments_.begin() + static_cast<std::ptrdiff_t>(begin),
                       of_.alignments_.begin() + static_cast<std::ptrdiff_t>(end));
    return;
  }
  for_each_char(of_.all_text().substr(begin, end - begin), [&](char32_t, std::size_t at, std::size_t size) {
    at += begin;
    alignments_.insert(alignments_.end(), size,
                       {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + size)});
  });
}

void SplitWriter::put(std::string_view chars, std::size_t at) {
  text_ += chars;
  if (of_.aligned_) alignments_.insert(alignments_.end(), chars.size(), of_.alignment(at));
}

void SplitWriter::put(char16_t c, std::size_t at) {
  const std::size_t before = text_.size();
  if (c < 0x80) {
    text_ += static_cast<char>(c);
  } else {
    text_ += static_cast<char>(0xC0 | c >> 6);
    text_ += static_cast<char>(0x80 | (c & 0x3F));
  }
  if (of_.aligned_) alignments_.insert(alignments_.end(), text_.size() - before, of_.alignment(at));
}

void SplitWriter::end_split(const Split& split) {
  require_short(text_.size());
  Split written = split;
  written.begin = static_cast<std::uint32_t>(begin_);
  written.end = static_cast<std::uint32_t>(text_.size());
  begin_ = text_.size();
  check_interrupt_at(splits_.size());
  splits_.push_back(written);
}

void SplitWriter::add(const NormalizedString& text, const Split& split) {
  const ByteRange range = text.offsets_original();
  Split written{0,
                0,
                static_cast<std::uint32_t>(range.begin),
                static_cast<std::uint32_t>(range.end),
                Split::kNoTokens,
                split.source};
  text_ += text.get();
  if (of_.aligned_) {
    for (const Alignment a : text.alignments()) {
      alignments_.push_back({a.begin + written.original_begin, a.end + written.original_begin});
    }
    // A text that does not come from the split is a source by itself.
    const std::size_t shift = split.source == 0 ? 0 : of_.sources_[split.source - 1].shift;
    const std::string_view source = split.source == 0 ? of_.original_ : of_.sources_[split.source - 1].text;
    const std::string& original = text.get_original();
    if (range.begin < shift || range.begin - shift > source.size() ||
        source.substr(range.begin - shift, original.size()) != original) {
      of_.sources_.push_back({original, range.begin});
      written.source = static_cast<std::uint32_t>(of_.sources_.size());
    }
  }
  end_split(written);
}

void SplitWriter::finish() {
  of_.text_ = std::move(text_);
  of_.alignments_ = std::move(alignments_);
  of_.splits_ = std::move(splits_);
  of_.is_original_ = false;
}

}  // namespace fasttok
