#include "fasttok/pipeline/engine_generic.h"

#include "fasttok/base/interrupt.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

template <class Unit>
void append_units(const Unit* units, std::size_t length, std::size_t text_index, std::string& utf8) {
  for (std::size_t i = 0; i < length; ++i) {
    check_interrupt_at(i);
    const char32_t c = units[i];
    if (c < 0x80) {
      utf8.push_back(static_cast<char>(c));
      continue;
    }
    if (is_surrogate(c)) throw SurrogateFound(text_index, i);
    append_utf8(utf8, c);
  }
}

std::string text_to_utf8(const TextView& view, std::size_t text_index) {
  std::string utf8;
  if (view.ascii) {
    utf8.assign(static_cast<const char*>(view.data), view.length);
    return utf8;
  }
  utf8.reserve(view.length * (view.kind == 1 ? 2 : 3) + 8);
  switch (view.kind) {
    case 1:
      append_units(static_cast<const std::uint8_t*>(view.data), view.length, text_index, utf8);
      break;
    case 2:
      append_units(static_cast<const std::uint16_t*>(view.data), view.length, text_index, utf8);
      break;
    default:
      append_units(static_cast<const std::uint32_t*>(view.data), view.length, text_index, utf8);
  }
  return utf8;
}

}  // namespace

GenericEngine::GenericEngine(const Spec& spec)
    : pre_tokenizer_(spec.pre_tokenizer),
      model_(spec.model),
      added_(spec.added_tokens, spec.normalizer ? &*spec.normalizer : nullptr),
      needs_alignment_(
          (spec.normalizer && spec.normalizer->needs_alignment()) ||
          (spec.pre_tokenizer && spec.pre_tokenizer->needs_alignment(spec.normalizer.has_value()))) {}

void GenericEngine::encode(const SequenceRequest& request, TokenColumns& out) const {
  for (std::size_t i = 0; i < request.texts.size(); ++i) {
    check_interrupt();
    encode_text(request, i, out);
  }
}

void GenericEngine::encode_text(const SequenceRequest& request, std::size_t index, TokenColumns& out) const {
  PreTokenizedString text =
      added_.extract_and_normalize(text_to_utf8(request.texts[index], index), request.allowed,
                                   out.details || needs_alignment_ || request.specials_are_errors);
  if (request.specials_are_errors) {
    // So far only added tokens have tokens.
    for (const PlacedSplit& split : text.get_splits(OffsetReferential::kOriginal, OffsetUnit::kChar)) {
      if (!split.tokens) continue;
      for (const AddedToken& token : added_.tokens()) {
        if (token.special && token.id == split.tokens->front().id) {
          throw SpecialTokenFound(token.content, index, split.begin);
        }
      }
    }
  }
  if (pre_tokenizer_) pre_tokenizer_->pre_tokenize(text);

  const auto* whole = std::get_if<std::shared_ptr<const WholeTextModel>>(&model_);
  std::optional<OffsetConverter> convert;
  if (out.details) convert.emplace(text.original(), OffsetUnit::kChar);
  const auto write = [&](const Split& split, std::size_t word, std::uint32_t id, std::string_view value,
                         ByteRange range) {
    const std::size_t at = out.ids.size();
    out.make_room(1);
    out.set_size(at + 1);
    out.ids[at] = id;
    if (!out.details) return;
    ByteRange place = text.place(split, range);
    const std::size_t size = text.original().size();
    if (whole && size > 0 && place.begin >= size) {
      // sentencepiece counts characters here, too, where tokenizers leaves bytes.
      place = (*convert)({size - 1, size});
      place.begin = place.end;
    } else {
      place = (*convert)(place);
    }
    out.spans[at] = {static_cast<std::uint32_t>(place.begin), static_cast<std::uint32_t>(place.end)};
    out.words[at] = static_cast<std::int32_t>(request.pretokenized ? index : word);
    if (split.has_tokens()) out.added.push_back(at);
    if (out.values) out.values->emplace_back(value);
  };
  std::vector<std::uint32_t> ids;
  std::vector<TokenSpan> spans;
  for (std::size_t word = 0; word < text.splits().size(); ++word) {
    check_interrupt_at(word);
    const Split& split = text.splits()[word];
    if (const auto* tokens = text.tokens_of(split)) {
      for (const SplitToken& t : *tokens) write(split, word, t.id, t.value, {t.begin, t.end});
      continue;
    }
    if (whole && !out.details) {  // places cost this model much
      ids.clear();
      (*whole)->ids_of(text.text_of(split), ids);
      for (const std::uint32_t id : ids) write(split, word, id, {}, {});
      continue;
    }
    if (out.values) {
      for (const Token& t : fasttok::tokenize(model_, text.text_of(split))) {
        write(split, word, t.id, t.value, {t.offsets.first, t.offsets.second});
      }
      continue;
    }
    spans.clear();
    fasttok::tokenize(model_, text.text_of(split), spans);
    for (const TokenSpan& t : spans) write(split, word, t.id, {}, {t.begin, t.end});
  }
}

}  // namespace fasttok
