#include "fasttok/pipeline/engine_byte_bpe.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/thread_scratch.h"
#include "fasttok/pipeline/token_values.h"
#include "fasttok/pipeline/utf8_text.h"
#include "fasttok/text/char_classes.h"
#include "fasttok/text/word_scanner.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

// Room beyond what is counted, for ids that are copied and do not count.
constexpr std::size_t kIdSlack = WordCache::kMaxIds + 1;

constexpr std::size_t kTextsBetweenChecks = 256, kBytesBetweenChecks = 32768;

// Characters by bytes, asked for in ascending order.
class CharCounter {
 public:
  explicit CharCounter(std::string_view text) : text_(text) {}
  // The number of the character that the byte belongs to.
  std::uint32_t operator()(std::size_t byte) {
    for (; at_ <= byte; ++at_) leads_ += !is_continuation_byte(text_[at_]);
    return leads_ - 1;
  }
  bool is_behind(std::size_t byte) const { return at_ > byte + 1; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t leads_ = 0;
};

bool is_nfc_form(const Normalizer& normalizer) {
  const auto* form = normalizer.steps.size() == 1 ? std::get_if<UnicodeForm>(&normalizer.steps[0]) : nullptr;
  return form && form->form == NormalForm::kNfc;
}

bool has_normalizer(const Spec& spec) {
  return spec.normalizer && !spec.normalizer->steps.empty();
}

}  // namespace

// One text on its way.
struct ByteBpeEngine::Text {
  const SequenceRequest& request;
  std::size_t index, limit;
  TokenColumns& out;
  std::string_view utf8;
  WordCache* cache;
  Scratch& scratch;
  CharCounter first, last;  // characters of the tokens' first and last bytes
  std::int32_t next_word = 0;

  bool full() const { return out.ids.size() >= limit; }
  std::int32_t word() { return request.pretokenized ? static_cast<std::int32_t>(index) : next_word++; }
  // The characters of bytes [begin, end).
  CharSpan span(std::size_t begin, std::size_t end) { return {first(begin), last(end - 1) + 1}; }
};

namespace {

// The model as one that ByteBpe may be made of, visited; false where it is of another kind.
template <class Visit>
bool visit_model(const Model& model, Visit&& visit) {
  if (const auto* bpe = std::get_if<std::shared_ptr<const Bpe>>(&model)) return *bpe && visit(**bpe);
  if (const auto* ranks = std::get_if<std::shared_ptr<const RankBpe>>(&model))
    return *ranks && visit(**ranks);
  return false;
}

bool has_clip_words(const Spec& spec) {
  return spec.normalizer && spec.pre_tokenizer && ClipWords::fits(*spec.normalizer, *spec.pre_tokenizer);
}

bool has_cut(std::string_view text) {
  for (std::size_t at = 0, size = 0; at < text.size(); at += size) {
    size = decode_char(text, at).size;
    if (at + size < text.size() &&
        SplitRules::divides(decode_char(text, at).c, decode_char(text, at + size).c))
      return true;
  }
  return false;
}

ByteBpe fast_model(const Model& model) {
  std::optional<ByteBpe> result;
  visit_model(model, [&](const auto& literal) { return result.emplace(literal), true; });
  return *std::move(result);
}

}  // namespace

bool ByteBpeEngine::fits(const Spec& spec, const GenericEngine& generic) {
  const bool is_clip = has_clip_words(spec);
  if (!visit_model(spec.model, [&](const auto& model) { return ByteBpe::fits(model, is_clip); }))
    return false;
  if (spec.pinyin) return false;
  if (!is_clip && has_normalizer(spec) && !is_nfc_form(*spec.normalizer)) return false;
  if (!spec.pre_tokenizer || !ByteSplitter::of(*spec.pre_tokenizer)) return false;
  const AddedTokens& added = generic.added_tokens();
  for (std::size_t i = 0; i < added.tokens().size(); ++i) {
    if (added.tokens()[i].content.empty()) continue;
    if (added.pattern(i).empty() || (is_clip && !ClipWords::fits(added.pattern(i)))) return false;
  }
  return true;
}

ByteBpeEngine::ByteBpeEngine(const Spec& spec, const GenericEngine& generic)
    : literal_(spec.model),
      model_(fast_model(literal_)),
      splitter_(*ByteSplitter::of(*spec.pre_tokenizer)),
      normalizes_(has_normalizer(spec)),
      generic_(generic) {
  const AddedTokens& added = generic.added_tokens();
  std::vector<std::string_view> patterns;
  for (std::size_t i = 0; i < added.tokens().size(); ++i) {
    const AddedToken& token = added.tokens()[i];
    if (token.content.empty()) continue;
    patterns.emplace_back(added.pattern(i));
    if (token.single_word || token.lstrip || token.rstrip || has_cut(patterns.back()))
      added_stay_whole_ = false;
  }
  if (has_clip_words(spec)) clip_words_.emplace(patterns);
  added_ = AddedTokenFilter(std::move(patterns));
  CharClasses::get();  // made now, and not by the first text
}

// Where words end whatever surrounds the two characters (SplitRules::divides). NFC changes neither of them
// for the other's sake, since the second is none that composes with what is before it; so what is normalized
// in parts is what is normalized at once, and the two stand there afterwards, too. An added token that does
// not have such a place within itself lies in one part, and those that look at their neighbours are not
// there.
void ByteBpeEngine::find_cuts(const TextView& text, std::size_t apart,
                              std::vector<std::size_t>& places) const {
  if (clip_words_ || !splitter_.rules() || splitter_.adds_prefix_space()) return;
  if (!added_stay_whole_) {
    if (text.kind == 1 ? !text.ascii : text.kind != 2) return;
    const bool may_hold =
        text.kind == 1 ? added_.may_hold(std::string_view(static_cast<const char*>(text.data), text.length))
                       : added_.may_hold({static_cast<const std::uint16_t*>(text.data), text.length});
    if (may_hold) return;
  }
  for (std::size_t at = std::max<std::size_t>(apart, 1); at < text.length; ++at) {
    check_interrupt_at(at);
    if (!SplitRules::divides(text.at(at - 1), text.at(at))) continue;
    places.push_back(at);
    at += std::max<std::size_t>(apart, 1) - 1;
  }
}

void ByteBpeEngine::encode(const SequenceRequest& request, TokenColumns& out) const {
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
  if (out.values) write_token_values(vocab_of(literal_), request, before, out);
}

// False where `generic` must do the sequence.
bool ByteBpeEngine::encode_text(const SequenceRequest& request, std::size_t index, std::size_t limit,
                                Added how, Scratch& scratch, TokenColumns& out) const {
  if (clip_words_) return encode_clip(request, index, limit, scratch, out);
  if (encode_units(request, index, limit, scratch, out)) return true;
  const auto [utf8, is_nfc] = text_to_utf8(request.texts[index], index, normalizes_, scratch.utf8);
  if (utf8.empty()) return true;
  if (!is_nfc || utf8.size() > UINT32_MAX) return false;
  Text text{.request = request,
            .index = index,
            .limit = limit,
            .out = out,
            .utf8 = utf8,
            .cache = &WordCache::of_this_thread(model_.owner()),
            .scratch = scratch,
            .first = CharCounter(utf8),
            .last = CharCounter(utf8)};
  if (!added_.may_hold(utf8)) {
    encode_part(text, 0, utf8.size());
    return true;
  }
  if (how == Added::kRefused || request.specials_are_errors) return false;
  const AddedTokens& added = generic_.added_tokens();
  const auto write = [&](std::size_t token, std::size_t begin, std::size_t end) {
    const std::size_t at = out.ids.size();
    out.make_room(1);
    out.set_size(at + 1);
    out.ids[at] = added.tokens()[token].id;
    if (!out.details) return;
    out.added.push_back(at);
    out.spans[at] = text.span(begin, end);
    out.words[at] = text.word();
  };
  const auto depends_on_neighbours = [&](const AddedTokens::Match& match) {
    if (!match.token) return false;
    const AddedToken& token = added.tokens()[*match.token];
    return token.single_word || token.lstrip || token.rstrip;
  };
  for (const AddedTokens::Match& raw : added.find_raw(utf8, request.allowed)) {
    if (depends_on_neighbours(raw)) return false;
    if (text.full()) continue;
    if (raw.token) {
      write(*raw.token, raw.range.begin, raw.range.end);
      continue;
    }
    const std::string_view part = utf8.substr(raw.range.begin, raw.range.end - raw.range.begin);
    for (const AddedTokens::Match& match : added.find_normalized(part, request.allowed)) {
      if (depends_on_neighbours(match)) return false;
      if (text.full()) continue;
      const std::size_t begin = raw.range.begin + match.range.begin, end = raw.range.begin + match.range.end;
      if (match.token) {
        write(*match.token, begin, end);
      } else {
        encode_part(text, begin, end);
      }
    }
  }
  return true;
}

// Appends the tokens of a part of the text without added tokens.
void ByteBpeEngine::encode_part(Text& text, std::size_t begin, std::size_t end) const {
  TokenColumns& out = text.out;
  std::string_view part = text.utf8.substr(begin, end - begin);
  if (part.empty()) return;
  std::size_t shift = 0;  // bytes put in front
  if (splitter_.adds_prefix_space() && part[0] != ' ') {
    std::vector<std::uint8_t>& spaced = text.scratch.spaced;
    if (spaced.size() < part.size() + 1 + kUtf8Slack) spaced.resize(part.size() + 1 + kUtf8Slack);
    spaced[0] = ' ';
    std::memcpy(&spaced[1], part.data(), part.size());
    part = {reinterpret_cast<const char*>(spaced.data()), part.size() + 1};
    shift = 1;
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(part.data());
  std::uint32_t bounds[WordScanner::kRoom], counts[WordScanner::kMostWords];
  bounds[0] = 0;
  std::size_t asked = 0;
  // Words from `at` on, one behind the other, with their bounds counted from there; the last is below 2^32.
  const auto add = [&](std::size_t at, std::size_t words, ByteBpe::Content content) {
    out.make_room(bounds[words] + kIdSlack);
    const std::size_t first = out.ids.size();
    const std::size_t count = model_.append(bytes + at, bounds, words, content, *text.cache,
                                            out.ids.data() + first, out.details ? counts : nullptr);
    out.set_size(first + count);
    if (out.details) place_tokens(text, begin, shift, at, {counts, words}, first);
    asked += bounds[words];
    if (asked < kBytesBetweenChecks) return;
    asked = 0;
    check_interrupt();
    // It may be time for it to grow.
    text.cache = &WordCache::of_this_thread(model_.owner());
  };
  if (const SplitRules* rules = splitter_.rules()) {
    WordScanner scanner(*rules, part);
    for (std::size_t at = 0; at < part.size() && !text.full();) {
      const WordScanner::Words words = scanner.next(at, bounds);
      const std::size_t size = bounds[words.count];
      add(at, words.count, content_of(words));
      at += size;
    }
    return;
  }
  const auto content =
      std::memchr(part.data(), 0, part.size()) ? ByteBpe::Content::kNul : ByteBpe::Content::kAny;
  if (const DeepSeekWords* words = splitter_.deepseek_words()) {
    for (std::size_t at = 0; at < part.size() && !text.full();) {
      std::size_t count = 0, behind = at;
      while (behind < part.size() && count < WordScanner::kMostWords) {
        behind = words->word_end(part, behind);
        bounds[++count] = static_cast<std::uint32_t>(behind - at);
      }
      add(at, count, content);
      at = behind;
    }
    return;
  }
  // What is between the words is left out.
  std::vector<ByteRange>& words = text.scratch.words;
  splitter_.split(part, words);
  for (std::size_t k = 0; k < words.size() && !text.full();) {
    const std::size_t at = words[k].begin;
    std::size_t n = 0, last = at;
    for (; k < words.size() && n < kWordRun && words[k].begin == last; ++k) {
      last = words[k].end;
      bounds[++n] = static_cast<std::uint32_t>(last - at);
    }
    add(at, n, content);
  }
}

// Spans and words of the tokens from `first` on, which are those of words from byte `from` of the part on.
void ByteBpeEngine::place_tokens(Text& text, std::size_t part, std::size_t shift, std::size_t from,
                                 std::span<const std::uint32_t> counts, std::size_t first) const {
  TokenColumns& out = text.out;
  std::size_t at = first;
  for (const std::uint32_t count : counts) {
    const std::int32_t word = text.word();
    for (const std::size_t end = at + count; at < end; ++at) {
      const std::size_t next = from + model_.text_length(out.ids[at]);
      // What is put in front stands where the first character does.
      out.spans[at] =
          text.span(part + std::max(from, shift) - shift, part + std::max(next, shift + 1) - shift);
      out.words[at] = word;
      from = next;
    }
  }
}

}  // namespace fasttok
