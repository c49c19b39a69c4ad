#include "fasttok/pipeline/engine_metaspace.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/thread_scratch.h"
#include "fasttok/pipeline/one_by_one.h"
#include "fasttok/pipeline/utf8_text.h"
#include "fasttok/unicode/properties.h"

namespace fasttok {
namespace {

constexpr std::size_t kTextsBetweenChecks = 256;

const Normalizer* normalizer_of(const Spec& spec) {
  return spec.normalizer ? &*spec.normalizer : nullptr;
}

const PreTokenizer* pre_tokenizer_of(const Spec& spec) {
  return spec.pre_tokenizer ? &*spec.pre_tokenizer : nullptr;
}

bool splits_words(const Spec& spec) {
  if (!spec.pre_tokenizer || spec.pre_tokenizer->steps.empty()) return false;
  const auto* metaspace = std::get_if<Metaspace>(&spec.pre_tokenizer->steps.back());
  return metaspace && metaspace->split;
}

bool model_fits(const Model& model, bool splits) {
  if (const auto* unigram = std::get_if<std::shared_ptr<const Unigram>>(&model))
    return UnigramWords::fits(**unigram);
  const auto* bpe = std::get_if<std::shared_ptr<const Bpe>>(&model);
  return bpe && BpeWords::fits(**bpe, splits);
}

// Whether the space form has the content as the normalized text has it.
bool stays_as_it_is(std::string_view content) {
  bool result = !content.empty() && content.find(kMarkText) == std::string_view::npos;
  for_each_char(content, [&](char32_t c, std::size_t, std::size_t) {
    result = result && (char_flags(c) & kBertWhitespace) == 0;
  });
  return result;
}

}  // namespace

struct MetaspaceEngine::Scratch {
  std::vector<std::uint8_t> utf8;
  Buffer<std::uint8_t> form;

  std::size_t bytes() const { return utf8.size() + form.size(); }
};

bool MetaspaceEngine::fits(const Spec& spec, const GenericEngine& generic) {
  if (spec.pinyin || !MetaspaceForm::fits(normalizer_of(spec), pre_tokenizer_of(spec)) ||
      !model_fits(spec.model, splits_words(spec)))
    return false;
  const AddedTokens& added = generic.added_tokens();
  for (std::size_t i = 0; i < added.tokens().size(); ++i) {
    const AddedToken& token = added.tokens()[i];
    if (token.normalized && !token.content.empty() && !stays_as_it_is(added.pattern(i))) return false;
  }
  return true;
}

MetaspaceEngine::Words MetaspaceEngine::words_of(const Spec& spec, bool splits) {
  if (const auto* unigram = std::get_if<std::shared_ptr<const Unigram>>(&spec.model))
    return UnigramWords(*unigram, splits);
  return BpeWords(std::get<std::shared_ptr<const Bpe>>(spec.model), splits);
}

MetaspaceEngine::MetaspaceEngine(const Spec& spec, const GenericEngine& generic)
    : form_(normalizer_of(spec), pre_tokenizer_of(spec)),
      words_(words_of(spec, form_.splits())),
      generic_(generic) {
  const AddedTokens& added = generic.added_tokens();
  std::vector<std::string_view> raw, normalized;
  for (std::size_t i = 0; i < added.tokens().size(); ++i) {
    (added.tokens()[i].normalized ? normalized : raw).emplace_back(added.pattern(i));
  }
  raw_ = AddedTokenFilter(std::move(raw));
  normalized_ = AddedTokenFilter(std::move(normalized));
}

void MetaspaceEngine::encode(const SequenceRequest& request, TokenColumns& out) const {
  if (out.details || out.values) {
    generic_.encode(request, out);
    return;
  }
  const std::size_t before = out.ids.size();
  const std::size_t limit = request.max_tokens > SIZE_MAX - before ? SIZE_MAX : before + request.max_tokens;
  ThreadScratch<Scratch> scratch;
  for (std::size_t i = 0; i < request.texts.size() && out.ids.size() < limit; ++i) {
    if (i % kTextsBetweenChecks == kTextsBetweenChecks - 1) check_interrupt();
    if (encode_text(request, i, limit, Added::kFound, *scratch, out)) continue;
    out.set_size(before);
    generic_.encode(request, out);
    return;
  }
}

std::size_t MetaspaceEngine::encode_rows(std::span<const TextView> rows, const RowFrame& frame,
                                         std::size_t max_length, TokenColumns& out,
                                         std::int64_t* ends) const {
  if (out.details || out.values) return 0;
  ThreadScratch<Scratch> scratch;
  return encode_one_by_one(rows, frame, max_length, out, ends, [&](const SequenceRequest& request) {
    return encode_text(request, 0, SIZE_MAX, Added::kRefused, *scratch, out);
  });
}

// False where `generic` must do the sequence.
bool MetaspaceEngine::encode_text(const SequenceRequest& request, std::size_t index, std::size_t limit,
                                  Added how, Scratch& scratch, TokenColumns& out) const {
  const std::string_view utf8 = text_to_utf8(request.texts[index], index, false, scratch.utf8).bytes;
  if (utf8.size() > UINT32_MAX) return false;
  if (!raw_.may_hold(utf8)) return encode_part(utf8, true, limit, scratch, out);
  if (how == Added::kRefused || request.specials_are_errors) return false;
  const AddedTokens& added = generic_.added_tokens();
  for (const AddedTokens::Match& match : added.find_raw(utf8, request.allowed)) {
    const auto [begin, end] = match.range;
    if (match.token) {
      const AddedToken& token = added.tokens()[*match.token];
      if (token.single_word || token.lstrip || token.rstrip) return false;
      if (out.ids.size() < limit) out.ids.push_back(token.id);
    } else if (out.ids.size() < limit &&
               !encode_part(utf8.substr(begin, end - begin), begin == 0, limit, scratch, out)) {
      return false;
    }
  }
  return true;
}

// Appends the ids of a part of a text without added tokens that are looked for in it; `first`: it begins the
// text.
bool MetaspaceEngine::encode_part(std::string_view part, bool first, std::size_t limit, Scratch& scratch,
                                  TokenColumns& out) const {
  if (part.empty()) return true;
  Buffer<std::uint8_t>& form = scratch.form;
  form_.write(part, first, form);
  const std::size_t size = form.size();
  if (normalized_.may_hold({reinterpret_cast<const char*>(form.data()), size})) return false;
  form.make_room(SegmentWalk::kSlack);
  std::memset(form.data() + size, 0, SegmentWalk::kSlack);
  const std::size_t most = limit - std::min(limit, out.ids.size());
  if (const auto* unigram = std::get_if<UnigramWords>(&words_))
    return unigram->append(form.data(), size, most, out.ids);
  std::get<BpeWords>(words_).append(form.data(), size, most, out.ids);
  return true;
}

}  // namespace fasttok
