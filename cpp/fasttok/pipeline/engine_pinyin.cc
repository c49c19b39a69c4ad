#include "fasttok/pipeline/engine_pinyin.h"

#include <algorithm>
#include <string>
#include <type_traits>

#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

constexpr std::size_t kTones = 6;  // none, 1 to 5

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

std::size_t tone_index(std::uint8_t tone) {
  return tone == pinyin::kNoTone ? 0 : tone == 0 ? 5 : tone;
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
  unknown_ = model_->vocab->token_to_id(model_->unk_token).value_or(kNoId);
  for (std::size_t s = 0; s < pinyin::syllable_count(); ++s) {
    const std::string plain = text_of(pinyin::spellings()[s].letters);
    for (std::size_t tone = 0; tone < kTones; ++tone) {
      const std::string token = tone == 0 ? plain : plain + static_cast<char>('0' + tone);
      // A vocabulary may have no tones.
      auto id = model_->vocab->token_to_id(token);
      if (!id) id = model_->vocab->token_to_id(plain);
      ids_.push_back(id.value_or(unknown_));
    }
  }
  for (std::size_t i = 0; i < added_.tokens().size(); ++i) {
    const std::string& pattern = added_.pattern(i);
    if (!pattern.empty()) firsts_.push_back(decode_char(pattern, 0).c);
  }
  std::sort(firsts_.begin(), firsts_.end());
  firsts_.erase(std::unique(firsts_.begin(), firsts_.end()), firsts_.end());
}

void PinyinEngine::encode_plain(const TextView& text, std::size_t text_index, std::size_t begin,
                                std::int32_t& word, bool one_word, TokenColumns& out) const {
  static thread_local std::vector<pinyin::Piece> pieces;
  pinyin::segment(text, *costs_, pinyin::Method::kBest, false, pieces);
  out.make_room(pieces.size());
  std::size_t size = out.ids.size();
  for (const pinyin::Piece& piece : pieces) {
    if (piece.kind == pinyin::PieceKind::kSeparator) continue;
    const bool is_syllable = piece.kind == pinyin::PieceKind::kSyllable;
    const std::uint32_t id =
        is_syllable
            ? ids_[pinyin::Automaton::get().syllable(piece.spelling) * kTones + tone_index(piece.tone)]
            : unknown_;
    if (id == kNoId) throw Error("WordPiece error: Missing [UNK] token from the vocabulary");
    out.ids[size] = id;
    if (out.details) {
      out.spans[size] = {static_cast<std::uint32_t>(begin + piece.begin),
                         static_cast<std::uint32_t>(begin + piece.end)};
      out.words[size] = one_word ? static_cast<std::int32_t>(text_index) : word++;
      if (out.values) out.values->emplace_back(*model_->vocab->id_to_token(id));
    }
    ++size;
  }
  out.set_size(size);
}

bool PinyinEngine::look_through(const TextView& text, std::size_t text_index) const {
  // Plain loops, which compilers make into vector code.
  bool found = false, surrogate = false;
  with_units(text, [&](const auto* units) {
    using Unit = std::remove_cvref_t<decltype(units[0])>;
    for (const char32_t first : firsts_) {
      const auto wanted = static_cast<Unit>(first);
      bool any = false;
      if (wanted == first) {
        for (std::size_t i = 0; i < text.length; ++i) any |= units[i] == wanted;
      }
      found |= any;
    }
    if constexpr (sizeof(Unit) > 1) {
      for (std::size_t i = 0; i < text.length; ++i) surrogate |= (units[i] & 0xFFFFF800u) == 0xD800u;
    }
  });
  if (!surrogate) return found;
  std::size_t at = 0;
  while (!is_surrogate(text.at(at))) ++at;
  throw SurrogateFound(text_index, at);
}

void PinyinEngine::encode(const SequenceRequest& request, TokenColumns& out) const {
  std::int32_t word = 0;
  for (std::size_t i = 0; i < request.texts.size(); ++i) {
    const TextView& text = request.texts[i];
    const bool may_have_added = look_through(text, i);
    if (!may_have_added) {
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
