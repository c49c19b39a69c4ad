#include "fasttok/pipeline/engine_pinyin.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

#include "fasttok/pinyin/characters.h"
#include "fasttok/pinyin/segmenter.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

// The ids of a spelling stand side by side, by what a cut says of its tone.
constexpr std::size_t kTones = pinyin::Cut::kToneBits + 1;

// Beyond all of them where it is no syllable.
std::size_t index_of(const pinyin::Cut& cut) {
  return cut.spelling * kTones + (cut.how & pinyin::Cut::kToneBits);
}

std::string text_of(const char* letters) {
  std::string text;
  for (; *letters; ++letters)
    text += *letters == 'v' ? "ü" : *letters == '^' ? "ê" : std::string(1, *letters);
  return text;
}

std::shared_ptr<const WordPiece> wordpiece_of(const Spec& spec) {
  const auto* model = std::get_if<std::shared_ptr<const WordPiece>>(&spec.model);
  if (!model) throw ValueError("PinyinSyllables works with the model WordPiece only");
  return *model;
}

// Whether (unit & mask) == value for any of the units: eight bytes at a time, the last of them overlapping.
template <class Unit>
bool any_unit(const Unit* units, std::size_t length, Unit mask, Unit value) {
  constexpr std::size_t kBlock = sizeof(std::uint64_t) / sizeof(Unit);
  if (length < kBlock) return std::any_of(units, units + length, [=](Unit c) { return (c & mask) == value; });
  constexpr std::uint64_t kOnes = ~std::uint64_t{0} / static_cast<Unit>(~Unit{0});  // 1 in each unit
  constexpr std::uint64_t kHighs = kOnes << (sizeof(Unit) * 8 - 1);
  const std::uint64_t masks = kOnes * mask, values = kOnes * value;
  std::uint64_t zeros = 0;  // a high bit is left where a unit is 0
  const auto look_at = [&](const Unit* block) {
    std::uint64_t word;
    std::memcpy(&word, block, sizeof word);
    word = (word & masks) ^ values;
    zeros |= (word - kOnes) & ~word & kHighs;
  };
  for (std::size_t at = 0; at + kBlock <= length; at += kBlock) look_at(units + at);
  look_at(units + length - kBlock);
  return zeros != 0;
}

template <class Visit>
void with_units(const TextView& text, Visit visit) {
  if (text.kind == 1) visit(static_cast<const std::uint8_t*>(text.data));
  if (text.kind == 2) visit(static_cast<const std::uint16_t*>(text.data));
  if (text.kind == 4) visit(static_cast<const std::uint32_t*>(text.data));
}

}  // namespace

PinyinEngine::PinyinEngine(const Spec& spec)
    : costs_(spec.pinyin), model_(wordpiece_of(spec)), added_(spec.added_tokens, nullptr) {
  if (spec.normalizer && !spec.normalizer->steps.empty()) {
    throw ValueError(
        "PinyinSyllables reads a text as it is (capitals, full-width letters and marks in any form); "
        "set the tokenizer's normalizer to None");
  }
  unknown_ = model_->vocab->token_to_id(model_->unk_token).value_or(kNoId);
  for (const pinyin::Spelling& spelling : pinyin::spellings()) {
    const std::string plain = text_of(pinyin::spellings()[spelling.syllable].letters);
    for (std::size_t tone = 0; tone < kTones; ++tone) {
      // The tone 0 is 5, and none where there is none.
      const bool is_tone = tone <= 5;
      const std::string token = is_tone ? plain + static_cast<char>('0' + (tone == 0 ? 5 : tone)) : plain;
      // A vocabulary may have no tones.
      auto id = model_->vocab->token_to_id(token);
      if (!id) id = model_->vocab->token_to_id(plain);
      ids_.push_back(id.value_or(unknown_));
    }
  }
  ids_.push_back(unknown_);
  complete_ = unknown_ != kNoId && std::ranges::find(ids_, kNoId) == ids_.end();
  for (std::size_t i = 0; i < added_.tokens().size(); ++i) {
    const std::string& pattern = added_.pattern(i);
    if (!pattern.empty()) firsts_.push_back(decode_char(pattern, 0).c);
  }
  std::sort(firsts_.begin(), firsts_.end());
  firsts_.erase(std::unique(firsts_.begin(), firsts_.end()), firsts_.end());
  added_begin_like_syllables_ = std::ranges::any_of(firsts_, [](char32_t c) {
    return pinyin::is_combining(c) || c == U':' ||
           pinyin::CharacterFacts::get()[c].what != pinyin::Class::kOther;
  });
}

template <class Visit>
void PinyinEngine::visit_ids(const Buffer<pinyin::Cut>& cuts, Visit visit) const {
  std::uint32_t begin = 0;
  for (const pinyin::Cut& cut : cuts) {
    const std::uint32_t cut_begin = std::exchange(begin, cut.end);
    if (cut.kind == pinyin::PieceKind::kSeparator) continue;
    const std::uint32_t id = ids_[std::min(index_of(cut), ids_.size() - 1)];
    if (id == kNoId) throw Error("WordPiece error: Missing [UNK] token from the vocabulary");
    visit(id, cut_begin, cut.end);
  }
}

void PinyinEngine::encode_plain(const TextView& text, std::size_t text_index, std::size_t begin,
                                std::int32_t& word, bool one_word, TokenColumns& out) const {
  static thread_local Buffer<pinyin::Cut> cuts;
  pinyin::segment(text, *costs_, pinyin::Method::kBest, false, cuts);
  out.make_room(cuts.size());
  std::size_t size = out.ids.size();
  visit_ids(cuts, [&](std::uint32_t id, std::uint32_t piece_begin, std::uint32_t piece_end) {
    out.ids[size] = id;
    if (out.details) {
      out.spans[size] = {static_cast<std::uint32_t>(begin + piece_begin),
                         static_cast<std::uint32_t>(begin + piece_end)};
      out.words[size] = one_word ? static_cast<std::int32_t>(text_index) : word++;
      if (out.values) out.values->emplace_back(*model_->vocab->id_to_token(id));
    }
    ++size;
  });
  out.set_size(size);
  constexpr std::size_t kMostKept = std::size_t{1} << 16;
  if (cuts.size() > kMostKept) cuts = Buffer<pinyin::Cut>();
}

std::size_t PinyinEngine::encode_rows(std::span<const TextView> rows, const RowFrame& frame,
                                      std::size_t max_length, TokenColumns& out, std::int64_t* ends) const {
  constexpr std::size_t kMostCharacters = std::size_t{1}
                                          << 14;  // at a time, so that calls can be interrupted
  if (out.details || !complete_) return 0;
  static thread_local pinyin::SegmenterScratch scratch;
  static thread_local Buffer<pinyin::Cut> cuts;
  std::size_t count = 0, characters = 0;
  for (const TextView& text : rows) {
    characters += text.length;
    if (text.length > max_length || characters > kMostCharacters) break;
    pinyin::segment_best(text, *costs_, false, scratch, cuts);
    out.make_room(frame.before.size() + cuts.size() + frame.behind.size());
    std::uint32_t* to = std::ranges::copy(frame.before, out.ids.data() + out.ids.size()).out;
    // Each cut writes an id, which the next one overwrites where that is a separator.
    const std::uint32_t* const ids = ids_.data();
    const std::size_t unknown = ids_.size() - 1;
    bool any_other = added_begin_like_syllables_;
    for (const pinyin::Cut *cut = cuts.begin(), *const end = cuts.end(); cut != end; ++cut) {
      *to = ids[std::min(index_of(*cut), unknown)];
      to += cut->kind != pinyin::PieceKind::kSeparator;
      any_other |= cut->kind == pinyin::PieceKind::kOther;
    }
    // Surrogates are foreign, and what added tokens begin with mostly is.
    if (any_other) {
      const Found found = look_for_added(text);
      if (found.added || found.surrogate) break;
    }
    to = std::ranges::copy(frame.behind, to).out;
    out.set_size(static_cast<std::size_t>(to - out.ids.data()));
    ends[count++] = static_cast<std::int64_t>(out.ids.size());
  }
  return count;
}

PinyinEngine::Found PinyinEngine::look_for_added(const TextView& text) const {
  bool found = false, surrogate = false;
  with_units(text, [&](const auto* units) {
    using Unit = std::remove_cvref_t<decltype(units[0])>;
    for (const char32_t first : firsts_) {
      const auto wanted = static_cast<Unit>(first);
      found |= wanted == first && any_unit<Unit>(units, text.length, static_cast<Unit>(~Unit{0}), wanted);
    }
    if constexpr (sizeof(Unit) > 1)
      surrogate = any_unit<Unit>(units, text.length, static_cast<Unit>(0xFFFFF800u), 0xD800);
  });
  return {found, surrogate};
}

void PinyinEngine::encode(const SequenceRequest& request, TokenColumns& out) const {
  std::int32_t word = 0;
  for (std::size_t i = 0; i < request.texts.size(); ++i) {
    const TextView& text = request.texts[i];
    const Found found_here = look_for_added(text);
    if (found_here.surrogate) {
      std::size_t at = 0;
      while (!is_surrogate(text.at(at))) ++at;
      throw SurrogateFound(i, at);
    }
    if (!found_here.added) {
      encode_plain(text, i, 0, word, request.pretokenized, out);
      continue;
    }
    std::string utf8;
    for (std::size_t at = 0; at < text.length; ++at) append_utf8(utf8, text.at(at));
    const PreTokenizedString parts = added_.extract_and_normalize(utf8, request.allowed);
    for (const PlacedSplit& part : parts.get_splits(OffsetReferential::kOriginal, OffsetUnit::kChar)) {
      if (!part.tokens) {
        encode_plain(text.slice(part.begin, part.end), i, part.begin, word, request.pretokenized, out);
        continue;
      }
      const std::uint32_t id = part.tokens->front().id;
      const auto found = std::ranges::find(added_.tokens(), id, &AddedToken::id);
      if (request.specials_are_errors && found->special)
        throw SpecialTokenFound(found->content, i, part.begin);
      const std::size_t size = out.ids.size();
      out.make_room(1);
      out.set_size(size + 1);
      out.ids[size] = id;
      if (!out.details) continue;
      out.spans[size] = {static_cast<std::uint32_t>(part.begin), static_cast<std::uint32_t>(part.end)};
      out.words[size] = request.pretokenized ? static_cast<std::int32_t>(i) : word++;
      out.added.push_back(size);
      if (out.values) out.values->push_back(part.tokens->front().value);
    }
  }
}

}  // namespace fasttok
