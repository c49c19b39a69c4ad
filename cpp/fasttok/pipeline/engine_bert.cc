#include "fasttok/pipeline/engine_bert.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include "fasttok/base/interrupt.h"
#include "fasttok/base/over_read.h"
#include "fasttok/base/word_cache.h"
#include "fasttok/pipeline/awaited_words.h"
#include "fasttok/pipeline/token_values.h"
#include "fasttok/pipeline/word_pieces.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

// Room that is always kept beyond what is counted: more than the pieces of any word that fits a key.
constexpr std::size_t kSlack = 64;

// Characters after which it is asked whether the call is to end, and words of a pretokenized text.
constexpr std::size_t kCharsBetweenChecks = std::size_t{1} << 15;
constexpr std::size_t kWordsBetweenChecks = 256;

// After so many ASCII words in a row the block kernel pays in a text of wider units.
constexpr int kStreak = 4;

struct Scratch {
  std::uint16_t begins[kSpanChunk + 64];
  std::uint16_t ends[kSpanChunk + 64];
  std::uint32_t places[kSpanChunk + 1];
  std::uint8_t narrow[kSpanChunk + 64];
  WordPieces::Misses misses;
  std::vector<std::uint8_t> word = std::vector<std::uint8_t>(256);
  std::vector<std::uint32_t> sources =
      std::vector<std::uint32_t>(256);  // of each byte of the word: its character
};

Scratch& scratch_of_this_thread() {
  static thread_local Scratch scratch;
  return scratch;
}

// The tokens of one text, appended to the columns.
template <class Unit, bool kDetails>
class Scanner {
 public:
  Scanner(const WordPieceMatcher& matcher, const BertActions& actions, const AddedTokenFinder& finder,
          const NormalizedTokenFilter& filter, const SequenceRequest& request, std::size_t text_index,
          std::size_t limit, TokenColumns& out)
      : matcher_(matcher),
        actions_(actions),
        finder_(finder),
        filter_(filter),
        cache_(WordCache::of_this_thread(matcher.owner())),
        awaited_(matcher, cache_),
        scratch_(scratch_of_this_thread()),
        request_(request),
        text_(static_cast<const Unit*>(request.texts[text_index].data)),
        length_(request.texts[text_index].length),
        text_index_(text_index),
        limit_(limit),
        waits_(!kDetails && limit == SIZE_MAX),
        out_(out),
        size_(out.ids.size()) {}

  // False where `generic` must do the text.
  bool run() {
    make_room(0);
    while (at_ < length_ && size_ < limit_ && !needs_generic_) {
      if (at_ > 0) pause();
      stage(at_ + std::min(length_ - at_, kCharsBetweenChecks));
    }
    settle();
    out_.set_size(size_);
    return !needs_generic_;
  }

 private:
  // Up to `horizon`, or a little beyond it.
  void stage(std::size_t horizon) {
    int streak = 0;
    while (at_ < horizon && size_ < limit_ && !needs_generic_) {
      if constexpr (sizeof(Unit) == 1) {
        block();
        if (at_ == length_ || size_ >= limit_) break;
      } else if constexpr (sizeof(Unit) == 2) {
        if (streak >= kStreak) {
          if (block() < kStreak) streak = 0;
          if (at_ == length_ || size_ >= limit_) break;
        }
      }
      const Action action = actions_.of(text_[at_]);
      switch (kind_of(action)) {
        case ActionKind::kSolo:
          if (solo_run(horizon) > 1) streak = 0;
          break;
        case ActionKind::kSpace:
        case ActionKind::kDrop:
          ++at_;
          break;
        case ActionKind::kCandidate:
          candidate(actions_.candidate(value_of(action)));
          break;
        default:
          if (text_[at_] < 0x80) {
            ++streak;
            if (short_word()) break;
          }
          word();
      }
    }
  }

  // Between words of a long text: whether the call is to end, and whether the cache is to grow.
  void pause() {
    settle();
    check_interrupt();
    WordCache::of_this_thread(matcher_.owner());
  }

  // Room for `more` tokens and for one of each character that is left, as far as they are wanted.
  void make_room(std::size_t more) {
    settle();
    out_.set_size(size_);
    out_.make_room(more + std::min(length_ - at_, limit_ - std::min(limit_, size_)) + kSlack);
    ids_ = out_.ids.data();
    if constexpr (kDetails) {
      spans_ = out_.spans.data();
      words_ = out_.words.data();
    }
  }

  std::int32_t next_word() {
    return request_.pretokenized ? static_cast<std::int32_t>(text_index_) : next_word_++;
  }

  // Puts a word of one token.
  void put(std::uint32_t id, std::size_t begin, std::size_t end) {
    ids_[size_] = id;
    if constexpr (kDetails) {
      spans_[size_] = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
      words_[size_] = next_word();
    }
    ++size_;
  }

  // The added token that begins at `i`, if one does and may be matched.
  AddedTokenFinder::Match added_token_at(std::size_t i) {
    if (!filter_.empty() && filter_.may_begin(text_, length_, i, actions_)) needs_generic_ = true;
    if (i < spent_ || needs_generic_) return {};
    const auto match = finder_.match(text_, length_, i);
    if (match.end == 0) return {};
    const AddedToken& token = finder_.token(match.index);
    // What the reference does around these depends on their neighbours; texts with them are few.
    if (token.single_word || token.lstrip || token.rstrip) {
      needs_generic_ = true;
      return {};
    }
    if (request_.allowed && !(*request_.allowed)[match.index]) {
      // As in the reference, a match that may not be uses up its text: nothing else is matched in there.
      spent_ = match.end;
      return {};
    }
    return match;
  }

  // A character that an added token may begin with; if none does, `action` is what to do.
  void candidate(Action action) {
    const auto match = added_token_at(at_);
    if (needs_generic_) return;
    if (match.end == 0) {
      switch (kind_of(action)) {
        case ActionKind::kSolo:
          put(action, at_, at_ + 1);
          [[fallthrough]];
        case ActionKind::kSpace:
        case ActionKind::kDrop:
          ++at_;
          make_room(0);
          return;
        default:
          word();
          return;
      }
    }
    const AddedToken& token = finder_.token(match.index);
    if (token.special && request_.specials_are_errors) {
      // A lone surrogate anywhere in the text comes first, as where the whole text is read before it is
      // split.
      for (std::size_t i = match.end; sizeof(Unit) > 1 && i < length_; ++i) {
        if (is_surrogate(text_[i])) throw SurrogateFound(text_index_, i);
      }
      throw SpecialTokenFound(token.content, text_index_, at_);
    }
    make_room(1);
    if constexpr (kDetails) out_.added.push_back(size_);
    put(token.id, at_, match.end);
    at_ = segment_ = match.end;
  }

  // The places of `count` characters from at_ on, each a token and a word. Two loops without branches, which
  // the compiler turns into vectors.
  void put_places(std::size_t count) {
    CharSpan* const spans = spans_ + size_;
    const auto first = static_cast<std::uint32_t>(at_), n = static_cast<std::uint32_t>(count);
    for (std::uint32_t k = 0; k < n; ++k) spans[k] = {first + k, first + k + 1};
    std::int32_t* const words = words_ + size_;
    const std::int32_t step = request_.pretokenized ? 0 : 1;
    const std::int32_t word = request_.pretokenized ? static_cast<std::int32_t>(text_index_) : next_word_;
    for (std::uint32_t k = 0; k < n; ++k) words[k] = word + step * static_cast<std::int32_t>(k);
    next_word_ += step * static_cast<std::int32_t>(n);
  }

  // A run of characters that are words of one token each. Returns its length.
  std::size_t solo_run(std::size_t horizon) {
    const std::size_t begin = at_;
    const std::size_t stop = at_ + std::min(horizon - at_, limit_ - size_);
    if constexpr (sizeof(Unit) == 2) {
      const std::size_t count =
          kernels_.short_values(text_ + at_, stop - at_, actions_.table(), ids_ + size_);
      if constexpr (kDetails) put_places(count);
      size_ += count;
      at_ += count;
      return count;
    }
    while (at_ < stop) {
      const Action action = actions_.of(text_[at_]);
      if (kind_of(action) != ActionKind::kSolo) break;
      put(action, at_, at_ + 1);
      ++at_;
    }
    return at_ - begin;
  }

  // Words of ASCII characters by the kernel, up to a character that is none (or that needs a look), or to a
  // word that is not seen whole. Returns their number.
  std::size_t block() {
    const std::size_t n = std::min(length_ - at_, kSpanChunk);
    const bool ends_text = n == length_ - at_;
    const std::size_t start = at_;
    const Unit* text = text_ + start;
    const WordOutputs found{scratch_.begins, scratch_.ends, scratch_.narrow};
    WordSpans spans;
    const std::uint8_t* bytes = scratch_.narrow;
    if constexpr (sizeof(Unit) == 1) {
      spans = kernels_.ascii_words_u8(text, n, ends_text, actions_.ascii(), found);
      // Keys are read 16 bytes at a time.
      if (n + 16 <= length_ - start || may_read_beyond(text + n, 16)) {
        bytes = text;
      } else {
        std::memcpy(scratch_.narrow, text, n);
      }
    } else {
      spans = kernels_.ascii_words_u16(text, n, ends_text, actions_.ascii(), found);
    }
    make_room(spans.consumed);  // a word has no more pieces than characters
    const std::size_t count = std::min(spans.count, limit_ - size_);
    WordPieces words(matcher_, cache_, actions_.folds_ascii(), scratch_.misses);
    std::uint32_t* const places = scratch_.places;
    const std::size_t first = size_;
    size_ +=
        words.append(bytes, scratch_.begins, scratch_.ends, count, {}, ids_ + first, 0, places, kDetails);
    if constexpr (kDetails) {
      for (std::size_t k = 0; k < count; ++k) {
        const std::size_t begin = scratch_.begins[k], end = scratch_.ends[k];
        place_pieces(matcher_, ids_ + first, places[k], places[k + 1], start + begin, end - begin,
                     next_word(), spans_ + first, words_ + first);
      }
    }
    at_ += spans.consumed;
    return count;
  }

  // Appends the UTF-8 of one normalized character of the word, which came from character `source`.
  void append(char32_t c, std::size_t source) {
    if (chars_++ >= matcher_.max_chars()) {  // the word is unknown already: only its end matters
      if (chars_ % kCharsBetweenChecks == 0) pause();
      return;
    }
    if (bytes_ + 4 > scratch_.word.size()) {
      scratch_.word.resize(2 * scratch_.word.size());
      scratch_.sources.resize(scratch_.word.size());
    }
    if (c < 0x80) {
      scratch_.word[bytes_] = static_cast<std::uint8_t>(c);
      if constexpr (kDetails) scratch_.sources[bytes_] = static_cast<std::uint32_t>(source);
      ++bytes_;
      return;
    }
    std::uint8_t utf8[4];
    const std::size_t n = encode_utf8(c, utf8);
    for (std::size_t i = 0; i < n; ++i) {
      scratch_.word[bytes_ + i] = utf8[i];
      if constexpr (kDetails) scratch_.sources[bytes_ + i] = static_cast<std::uint32_t>(source);
    }
    bytes_ += n;
  }

  // A word of letters of ASCII, or of what becomes some, that has a key: most words in Chinese text. False:
  // it is no such word.
  bool short_word() {
    WordKey key = cache_.tag();
    std::size_t n = 0;
    Action action = 0;
    // Whether another character follows that may be one of the word.
    const auto gather = [&](std::size_t most, std::uint64_t& part) {
      for (unsigned shift = 0; n < most; ++n, shift += 8) {
        if (at_ + n == length_) {
          action = make_action(ActionKind::kSpace);
          return false;
        }
        action = actions_.of(text_[at_ + n]);
        const Action letter = action ^ make_action(ActionKind::kLetter);
        if (letter - 1 >= 0x7F) return false;  // another kind, beyond ASCII, or a NUL
        part |= std::uint64_t{letter} << shift;
      }
      return true;
    };
    if (gather(8, key.lo) && gather(kMaxKeyBytes, key.hi)) return false;
    if (kind_of(action) > ActionKind::kSpace || n == 0 || n > matcher_.max_chars()) return false;
    if (waits_) {
      awaited_.add(key, n, size_++);
      at_ += n;
      if (awaited_.full()) settle();
      return true;
    }
    const std::size_t pieces = awaited_.look_up(key, n, n, ids_ + size_);
    if constexpr (kDetails)
      place_pieces(matcher_, ids_, size_, size_ + pieces, at_, n, next_word(), spans_, words_);
    size_ += pieces;
    at_ += n;
    return true;
  }

  // One word, gathered character by character from at_ on.
  void word() {
    bytes_ = chars_ = 0;
    has_nul_ = false;
    std::size_t first = at_, last = at_;  // characters of which something is left
    std::size_t i = at_;
    for (; i < length_; ++i) {
      const char32_t c = text_[i];
      Action action = actions_.of(c);
      if (kind_of(action) == ActionKind::kCandidate) {
        // The first one has been looked at by candidate().
        if (i > at_ && added_token_at(i).end != 0) break;
        if (needs_generic_) return;
        action = actions_.candidate(value_of(action));
      }
      const ActionKind kind = kind_of(action);
      if (kind == ActionKind::kDrop) continue;
      if (kind == ActionKind::kSolo || kind == ActionKind::kSpace) break;
      if (chars_ == 0) first = i;
      last = i;
      switch (kind) {
        case ActionKind::kLetter:
          has_nul_ |= c == 0;
          append(value_of(action), i);
          break;
        case ActionKind::kExpand:
          for (const char32_t e : actions_.expansion(value_of(action))) append(e, i);
          break;
        case ActionKind::kHangul:
          append_hangul(c, i);
          break;
        case ActionKind::kMark:
          if (stands_beside_mark(i)) needs_generic_ = true;
          append(c, i);
          break;
        case ActionKind::kSurrogate:
          throw SurrogateFound(text_index_, i);
        default:
          needs_generic_ = true;
      }
      if (needs_generic_) return;
    }
    if (needs_generic_) return;
    at_ = i;
    if (chars_ == 0) return;
    make_room(bytes_ + 1);
    std::uint32_t* const out = ids_ + size_;
    const std::uint8_t* const bytes = scratch_.word.data();
    std::size_t pieces = 1;
    if (chars_ > matcher_.max_chars()) {
      out[0] = matcher_.unk_id();
    } else if (bytes_ > kMaxKeyBytes || has_nul_) {
      pieces = matcher_.match(bytes, bytes_, chars_, out);
    } else {
      const WordKey key = load_key(bytes, bytes_, cache_.tag());
      pieces = awaited_.look_up(key, bytes_, chars_, out);
    }
    if constexpr (kDetails) place_gathered(out, pieces, first, last);
    size_ += pieces;
  }

  void settle() { size_ = awaited_.settle(ids_, size_); }

  // As place_pieces(), for the gathered word, of which characters first to last are left.
  void place_gathered(const std::uint32_t* out, std::size_t pieces, std::size_t first, std::size_t last) {
    const std::int32_t word = next_word();
    const std::uint32_t* const sources = scratch_.sources.data();
    std::size_t byte = 0;
    for (std::size_t k = 0; k < pieces; ++k) {
      const std::size_t end = byte + matcher_.text_length(out[k], k > 0);
      spans_[size_ + k] =
          pieces == 1 ? CharSpan{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last + 1)}
                      : CharSpan{sources[byte], sources[end - 1] + 1};
      words_[size_ + k] = word;
      byte = end;
    }
  }

  // A Hangul syllable in its canonical decomposition (The Unicode Standard, section 3.12).
  void append_hangul(char32_t c, std::size_t source) {
    const char32_t index = c - 0xAC00;
    append(0x1100 + index / 588, source);
    append(0x1161 + index % 588 / 28, source);
    if (index % 28) append(0x11A7 + index % 28, source);
  }

  // NFD may move a mark only if another stands beside it. What is cleaned away does not count, and added
  // tokens end the text that NFD sees.
  bool stands_beside_mark(std::size_t i) {
    std::size_t before = i;
    while (before > segment_ && actions_.is_cleaned_away(text_[before - 1])) --before;
    if (before > segment_ && actions_.is_sorted_by_nfd(text_[before - 1])) return true;
    std::size_t after = i + 1;
    while (after < length_ && actions_.is_cleaned_away(text_[after])) ++after;
    return after < length_ && actions_.is_sorted_by_nfd(text_[after]);
  }

  const WordPieceMatcher& matcher_;
  const BertActions& actions_;
  const AddedTokenFinder& finder_;
  const NormalizedTokenFilter& filter_;
  WordCache& cache_;
  AwaitedWords awaited_;
  Scratch& scratch_;
  const Kernels& kernels_ = kernels();
  const SequenceRequest& request_;
  const Unit* const text_;
  const std::size_t length_;
  const std::size_t text_index_;
  const std::size_t limit_;
  const bool waits_;  // whether words are looked up some at a time
  TokenColumns& out_;
  std::size_t size_;
  std::uint32_t* ids_ = nullptr;
  CharSpan* spans_ = nullptr;
  std::int32_t* words_ = nullptr;

  std::size_t at_ = 0;
  std::size_t segment_ = 0;  // behind the last added token
  std::size_t spent_ = 0;    // before it no added token may begin
  bool needs_generic_ = false;
  std::int32_t next_word_ = 0;
  std::size_t bytes_ = 0, chars_ = 0;  // of the word being gathered
  bool has_nul_ = false;
};

}  // namespace

namespace {

// Of the added tokens that are looked for in normalized text: what they are looked for by, without white
// space.
std::vector<std::u32string> normalized_contents(const AddedTokens& added) {
  std::vector<std::u32string> contents;
  for (std::size_t i = 0; i < added.tokens().size(); ++i) {
    if (added.tokens()[i].normalized && !added.tokens()[i].content.empty())
      contents.push_back(NormalizedTokenFilter::without_space(added.pattern(i)));
  }
  return contents;
}

}  // namespace

bool BertEngine::fits(const Spec& spec, const GenericEngine& generic) {
  const auto* model = std::get_if<std::shared_ptr<const WordPiece>>(&spec.model);
  if (!has_bert_text_stages(spec) || !model || !*model) return false;
  const Vocab& vocab = *(*model)->vocab;
  if (!vocab.token_to_id((*model)->unk_token) || !vocab.ids_are_unique()) return false;
  if (vocab.id_limit() > (std::uint64_t{1} << 28) || vocab.id_limit() > 64 * (vocab.size() + 1024))
    return false;
  // Added tokens are looked for from each character that one begins with; `generic` reads the text once,
  // however long they are.
  constexpr std::size_t kLongestAdded = 256;
  // Of two added tokens with one id the reference forgets the first; that is left to `generic`.
  std::unordered_set<std::uint32_t> ids;
  if (!std::all_of(spec.added_tokens.begin(), spec.added_tokens.end(), [&](const AddedToken& token) {
        return token.content.size() <= kLongestAdded && ids.insert(token.id).second;
      })) {
    return false;
  }
  const std::vector<std::u32string> contents = normalized_contents(generic.added_tokens());
  return std::none_of(contents.begin(), contents.end(), [](const auto& content) { return content.empty(); });
}

BertEngine::BertEngine(const Spec& spec, const GenericEngine& generic)
    : model_(std::get<std::shared_ptr<const WordPiece>>(spec.model)),
      matcher_(*model_, bert_normalizer(spec) && bert_normalizer(spec)->handle_chinese_chars),
      finder_(generic.added_tokens().tokens()),
      filter_(normalized_contents(generic.added_tokens())),
      actions_(bert_normalizer(spec), *model_->vocab, matcher_, finder_.first_characters(),
               filter_.first_characters()),
      generic_(generic) {}

void BertEngine::encode(const SequenceRequest& request, TokenColumns& out) const {
  const std::size_t before = out.ids.size();
  const std::size_t limit = request.max_tokens > SIZE_MAX - before ? SIZE_MAX : before + request.max_tokens;
  for (std::size_t i = 0; i < request.texts.size() && out.ids.size() < limit; ++i) {
    if (i % kWordsBetweenChecks == kWordsBetweenChecks - 1) check_interrupt();
    const TextView& text = request.texts[i];
    bool done;
    if (text.kind == 1) {
      done = out.details ? encode_text<std::uint8_t, true>(request, i, limit, out)
                         : encode_text<std::uint8_t, false>(request, i, limit, out);
    } else if (text.kind == 2) {
      done = out.details ? encode_text<std::uint16_t, true>(request, i, limit, out)
                         : encode_text<std::uint16_t, false>(request, i, limit, out);
    } else {
      done = out.details ? encode_text<std::uint32_t, true>(request, i, limit, out)
                         : encode_text<std::uint32_t, false>(request, i, limit, out);
    }
    if (!done) {
      out.set_size(before);
      generic_.encode(request, out);
      return;
    }
  }
  if (out.values) write_token_values(*model_->vocab, request, before, out);
}

template <class Unit, bool kDetails>
bool BertEngine::encode_text(const SequenceRequest& request, std::size_t text_index, std::size_t limit,
                             TokenColumns& out) const {
  return Scanner<Unit, kDetails>(matcher_, actions_, finder_, filter_, request, text_index, limit, out).run();
}

}  // namespace fasttok
