#include "fasttok/pipeline/engine_metaspace.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/thread_scratch.h"
#include "fasttok/pipeline/one_by_one.h"
#include "fasttok/pipeline/token_values.h"
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

// A normalized content as the space form of a text has it: each space and each mark is a space there. Nothing
// where white space goes, for then it is not known how much of it there is.
std::optional<std::string> spaced(std::string_view content, bool removes_space) {
  std::string result;
  bool known = true;
  for_each_char(content, [&](char32_t c, std::size_t at, std::size_t size) {
    known = known && !(removes_space && (char_flags(c) & kBertWhitespace) != 0);
    const std::string_view text = content.substr(at, size);
    result += text == kMarkText ? std::string_view(" ") : text;
  });
  return known && !result.empty() ? std::optional(result) : std::nullopt;
}

bool removes_space(const Spec& spec) {
  return spec.pre_tokenizer && spec.pre_tokenizer->steps.size() > 1;
}

}  // namespace

struct MetaspaceEngine::Scratch {
  std::vector<std::uint8_t> utf8;
  Buffer<std::uint8_t> form;
  std::vector<std::uint32_t> places;

  std::size_t bytes() const { return utf8.size() + form.size() + places.size() * sizeof(places[0]); }
};

struct MetaspaceEngine::WordCounter {
  std::int32_t next = 0;
  bool stays = false;               // the words of a pretokenized text are numbered from outside
  std::size_t byte = 0, chars = 0;  // characters before a byte of the text

  std::int32_t take() { return stays ? next : next++; }
  std::uint32_t chars_before(std::string_view text, std::size_t at) {
    chars += utf8_length(text.substr(byte, at - byte));
    byte = at;
    return static_cast<std::uint32_t>(chars);
  }
};

bool MetaspaceEngine::fits(const Spec& spec, const GenericEngine& generic) {
  if (spec.pinyin || !MetaspaceForm::fits(normalizer_of(spec), pre_tokenizer_of(spec)) ||
      !model_fits(spec.model, splits_words(spec)))
    return false;
  const AddedTokens& added = generic.added_tokens();
  for (std::size_t i = 0; i < added.tokens().size(); ++i) {
    const AddedToken& token = added.tokens()[i];
    if (token.normalized && !token.content.empty() && !spaced(added.pattern(i), removes_space(spec)))
      return false;
  }
  return true;
}

MetaspaceEngine::Words MetaspaceEngine::words_of(const Spec& spec, bool splits) {
  if (const auto* unigram = std::get_if<std::shared_ptr<const Unigram>>(&spec.model))
    return UnigramWords(*unigram, splits);
  return BpeWords(std::get<std::shared_ptr<const Bpe>>(spec.model), splits);
}

MetaspaceEngine::MetaspaceEngine(const Spec& spec, const GenericEngine& generic)
    : literal_(spec.model),
      form_(normalizer_of(spec), pre_tokenizer_of(spec)),
      words_(words_of(spec, form_.splits())),
      generic_(generic) {
  const Vocab& vocab = vocab_of(literal_);
  lengths_.resize(static_cast<std::size_t>(vocab.id_limit()));
  for (const VocabEntry& entry : vocab.entries()) {
    std::size_t marks = 0;
    for (std::size_t at = entry.token.find(kMarkText); at != std::string_view::npos;
         at = entry.token.find(kMarkText, at + kMarkText.size()))
      ++marks;
    lengths_[entry.id] = static_cast<std::uint32_t>(entry.token.size() - marks * (kMarkText.size() - 1));
  }
  const AddedTokens& added = generic.added_tokens();
  std::vector<std::string_view> raw, normalized;
  std::vector<std::string> contents(added.tokens().size());
  for (std::size_t i = 0; i < added.tokens().size(); ++i) {
    if (added.tokens()[i].normalized) {
      contents[i] = spaced(added.pattern(i), removes_space(spec)).value_or("");
      normalized.emplace_back(contents[i]);
    } else {
      raw.emplace_back(added.pattern(i));
    }
  }
  raw_ = AddedTokenFilter(std::move(raw));
  normalized_ = AddedTokenFilter(std::move(normalized));
}

void MetaspaceEngine::encode(const SequenceRequest& request, TokenColumns& out) const {
  const std::size_t before = out.ids.size();
  const std::size_t limit = request.max_tokens > SIZE_MAX - before ? SIZE_MAX : before + request.max_tokens;
  ThreadScratch<Scratch> scratch;
  WordCounter words;
  for (std::size_t i = 0; i < request.texts.size() && out.ids.size() < limit; ++i) {
    if (i % kTextsBetweenChecks == kTextsBetweenChecks - 1) check_interrupt();
    if (request.pretokenized) words = {.next = static_cast<std::int32_t>(i), .stays = true};
    if (encode_text(request, i, limit, Added::kFound, *scratch, words, out)) continue;
    out.set_size(before);
    generic_.encode(request, out);
    return;
  }
  if (out.values) write_token_values(vocab_of(literal_), request, before, out);
}

std::size_t MetaspaceEngine::encode_rows(std::span<const TextView> rows, const RowFrame& frame,
                                         std::size_t max_length, TokenColumns& out,
                                         std::int64_t* ends) const {
  if (out.details || out.values) return 0;
  ThreadScratch<Scratch> scratch;
  WordCounter words;
  return encode_one_by_one(rows, frame, max_length, out, ends, [&](const SequenceRequest& request) {
    return encode_text(request, 0, SIZE_MAX, Added::kRefused, *scratch, words, out);
  });
}

// False where `generic` must do the sequence.
bool MetaspaceEngine::encode_text(const SequenceRequest& request, std::size_t index, std::size_t limit,
                                  Added how, Scratch& scratch, WordCounter& words, TokenColumns& out) const {
  const std::string_view utf8 = text_to_utf8(request.texts[index], index, false, scratch.utf8).bytes;
  if (utf8.size() > UINT32_MAX) return false;
  if (!raw_.may_hold(utf8)) return encode_part(utf8, {0, utf8.size()}, limit, scratch, words, out);
  if (how == Added::kRefused || request.specials_are_errors) return false;
  const AddedTokens& added = generic_.added_tokens();
  for (const AddedTokens::Match& match : added.find_raw(utf8, request.allowed)) {
    if (match.token) {
      const AddedToken& token = added.tokens()[*match.token];
      if (token.single_word || token.lstrip || token.rstrip) return false;
      if (out.ids.size() >= limit) continue;
      const std::size_t at = out.ids.size();
      out.make_room(1);
      out.set_size(at + 1);
      out.ids[at] = token.id;
      if (!out.details) continue;
      out.added.push_back(at);
      const std::uint32_t begin = words.chars_before(utf8, match.range.begin);
      out.spans[at] = {begin, words.chars_before(utf8, match.range.end)};
      out.words[at] = words.take();
    } else if (out.ids.size() < limit && !encode_part(utf8, match.range, limit, scratch, words, out)) {
      return false;
    }
  }
  return true;
}

// Appends the ids of a part of a text without added tokens that are looked for in it.
bool MetaspaceEngine::encode_part(std::string_view text, ByteRange range, std::size_t limit, Scratch& scratch,
                                  WordCounter& words, TokenColumns& out) const {
  const std::string_view part = text.substr(range.begin, range.end - range.begin);
  if (part.empty()) return true;
  Buffer<std::uint8_t>& form = scratch.form;
  if (!out.details) {
    form_.write(part, range.begin == 0, form);
  } else if (!form_.write_places(part, range.begin == 0, form, scratch.places)) {
    return false;
  }
  const std::size_t size = form.size();
  if (normalized_.may_hold({reinterpret_cast<const char*>(form.data()), size})) return false;
  form.make_room(SegmentWalk::kSlack);
  std::memset(form.data() + size, 0, SegmentWalk::kSlack);
  const std::size_t first = out.ids.size(), most = limit - std::min(limit, first);
  if (out.details) {
    const bool known = std::visit(
        [&](const auto& model) { return model.append_known(form.data(), size, most, out.ids); }, words_);
    if (!known) return false;
    words.chars_before(text, range.begin);
    place_tokens(first, scratch, words, out);
    return true;
  }
  if (const auto* unigram = std::get_if<UnigramWords>(&words_))
    return unigram->append(form.data(), size, most, out.ids);
  std::get<BpeWords>(words_).append(form.data(), size, most, out.ids);
  return true;
}

// Spans and words of the tokens from `first` on, which are those of the part in the scratch; the counter is
// where the part begins.
void MetaspaceEngine::place_tokens(std::size_t first, const Scratch& scratch, WordCounter& words,
                                   TokenColumns& out) const {
  const std::size_t count = out.ids.size() - first;
  out.ids.set_size(first);
  out.make_room(count);
  out.set_size(first + count);
  const auto before = static_cast<std::uint32_t>(words.chars);
  std::int32_t word = 0;
  std::size_t at = 0;
  for (std::size_t i = first; i < first + count; ++i) {
    if (at == 0 || (form_.splits() && scratch.form[at] == ' ')) word = words.take();
    const std::size_t end = at + lengths_[out.ids[i]];
    out.spans[i] = {before + scratch.places[at], before + scratch.places[end - 1] + 1};
    out.words[i] = word;
    at = end;
  }
}

}  // namespace fasttok
