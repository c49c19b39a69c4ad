#include "fasttok/pipeline/engine_bert.h"

#include <algorithm>
#include <cstring>

#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

// Room that is always kept beyond what is counted: more than the pieces of any word that fits a key.
constexpr std::size_t kSlack = 64;

// How far ahead added tokens are first looked for; doubled while none is found, so that a text that is cut short early
// is not searched to its end.
constexpr std::size_t kSearchAhead = 4096;

// After so many ASCII words in a row the block kernel pays in a text of wider units.
constexpr int kStreak = 4;

struct Scratch {
  std::uint16_t begins[kSpanChunk + 64];
  std::uint16_t ends[kSpanChunk + 64];
  std::uint8_t narrow[kSpanChunk + 64 + 16];
  std::vector<std::uint8_t> word = std::vector<std::uint8_t>(256);
  std::vector<std::uint32_t> sources = std::vector<std::uint32_t>(256);  // of each byte of the word: its character
};

Scratch& scratch_of_this_thread() {
  static thread_local Scratch scratch;
  return scratch;
}

// The words of one text, appended to the columns.
template <class Unit, bool kDetails>
class Scanner {
 public:
  Scanner(const WordPieceMatcher& matcher, const BertActions& actions, const Unit* text, std::size_t length,
          std::size_t text_index, bool pretokenized, std::size_t limit, TokenColumns& out)
      : matcher_(matcher),
        actions_(actions),
        cache_(WordCache::of_this_thread()),
        scratch_(scratch_of_this_thread()),
        kernels_(kernels()),
        text_(text),
        length_(length),
        text_index_(text_index),
        pretokenized_(pretokenized),
        limit_(limit),
        out_(out),
        size_(out.ids.size()) {}

  bool full() const { return size_ >= limit_; }
  bool needs_generic() const { return needs_generic_; }

  // Appends the words of text[begin, end), a part of the segment that starts at `segment`. Returns `end`, or the start
  // of the word that may go on behind `end` unless `final`, or any position once full() or needs_generic().
  std::size_t run(std::size_t segment, std::size_t begin, std::size_t end, bool final) {
    segment_ = segment;
    end_ = end;
    final_ = final;
    at_ = begin;
    make_room(0);
    int streak = 0;
    while (at_ < end_ && !full()) {
      if constexpr (sizeof(Unit) == 1) {
        block();
        if (at_ == end_ || full()) break;
        if (!step()) break;
      } else {
        if constexpr (sizeof(Unit) == 2) {
          if (streak >= kStreak) {
            if (block() < kStreak) streak = 0;
            if (at_ == end_ || full()) break;
          }
        }
        const Action action = actions_.of(text_[at_]);
        if (kind_of(action) == ActionKind::kSolo) {
          if (solo_run() > 1) streak = 0;
          continue;
        }
        if (kind_of(action) == ActionKind::kSpace || kind_of(action) == ActionKind::kDrop) {
          ++at_;
          continue;
        }
        if (text_[at_] < 0x80) ++streak;
        if (!word()) break;
      }
    }
    out_.set_size(size_);
    return at_;
  }

  void added_token(std::uint32_t id, std::size_t begin, std::size_t end) {
    make_room(1);
    if constexpr (kDetails) out_.added.push_back(size_);
    put(id, begin, end, next_word());
    out_.set_size(size_);
  }

 private:
  // Room for `more` tokens and for one of each character that is left, as far as they are wanted.
  void make_room(std::size_t more) {
    out_.set_size(size_);
    out_.make_room(more + std::min(end_ - at_, limit_ - std::min(limit_, size_)) + kSlack);
    ids_ = out_.ids.data();
    if constexpr (kDetails) {
      spans_ = out_.spans.data();
      words_ = out_.words.data();
    }
  }

  std::int32_t next_word() {
    return pretokenized_ ? static_cast<std::int32_t>(text_index_) : next_word_++;
  }

  void put(std::uint32_t id, std::size_t begin, std::size_t end, std::int32_t word) {
    ids_[size_] = id;
    if constexpr (kDetails) {
      spans_[size_] = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
      words_[size_] = word;
    }
    ++size_;
  }

  // One space, one word of one character, or one word. False where the word may go on behind the end.
  bool step() {
    const Action action = actions_.of(text_[at_]);
    switch (kind_of(action)) {
      case ActionKind::kSolo:
        put(action, at_, at_ + 1, kDetails ? next_word() : 0);
        ++at_;
        return true;
      case ActionKind::kSpace:
      case ActionKind::kDrop:
        ++at_;
        return true;
      default:
        return word();
    }
  }

  // A run of characters that are words of one token each. Returns its length.
  std::size_t solo_run() {
    const std::size_t begin = at_;
    const std::size_t stop = at_ + std::min(end_ - at_, limit_ - size_);
    if constexpr (sizeof(Unit) == 2) {
      while (at_ + 4 <= stop) {
        const Action a = actions_.bmp(text_[at_]), b = actions_.bmp(text_[at_ + 1]);
        const Action c = actions_.bmp(text_[at_ + 2]), d = actions_.bmp(text_[at_ + 3]);
        if ((a | b | c | d) >> 28) break;
        const Action four[4] = {a, b, c, d};
        std::memcpy(ids_ + size_, four, sizeof four);
        if constexpr (kDetails) {
          for (std::size_t k = 0; k < 4; ++k) {
            const auto i = static_cast<std::uint32_t>(at_ + k);
            spans_[size_ + k] = {i, i + 1};
            words_[size_ + k] = next_word();
          }
        }
        size_ += 4;
        at_ += 4;
      }
    }
    while (at_ < stop) {
      const Action action = actions_.of(text_[at_]);
      if (kind_of(action) != ActionKind::kSolo) break;
      put(action, at_, at_ + 1, kDetails ? next_word() : 0);
      ++at_;
    }
    return at_ - begin;
  }

  // Words of ASCII characters by the kernel, up to a character that is none (or that is cleaned away), or to a word
  // that is not seen whole. Returns their number.
  std::size_t block() {
    const std::size_t n = std::min(end_ - at_, kSpanChunk);
    const bool ends_text = final_ && n == end_ - at_;
    const Unit* text = text_ + at_;
    WordSpans spans;
    const std::uint8_t* bytes;
    std::size_t readable;  // bytes from `bytes` on
    if constexpr (sizeof(Unit) == 1) {
      spans = kernels_.ascii_words_u8(text, n, ends_text, actions_.ascii(), scratch_.begins, scratch_.ends);
      bytes = text;
      readable = length_ - at_;
    } else {
      spans = kernels_.ascii_words_u16(text, n, ends_text, actions_.ascii(), scratch_.begins, scratch_.ends,
                                       scratch_.narrow);
      bytes = scratch_.narrow;
      readable = sizeof scratch_.narrow;
    }
    const std::uint8_t fold = actions_.ascii_fold();
    const std::size_t count = std::min(spans.count, limit_ - size_);
    const std::size_t start = at_;
    for (std::size_t k = 0; k < count && size_ < limit_; ++k) {
      const std::size_t begin = scratch_.begins[k];
      const std::size_t length = scratch_.ends[k] - begin;
      if (length > kMaxKeyBytes) {
        long_ascii_word(bytes + begin, length, start + begin);
        continue;
      }
      WordKey key;
      if (begin + 16 <= readable) {
        key = load_key(bytes + begin, length, fold);
      } else {
        std::uint8_t tail[16] = {};
        std::memcpy(tail, bytes + begin, length);
        key = load_key(tail, length, fold);
      }
      const std::uint64_t hash = hash_key(key);
      const std::uint32_t id = matcher_.find_word(key, hash);
      if (id != WordPieceMatcher::kMiss) {
        put(id, start + begin, start + begin + length, kDetails ? next_word() : 0);
        continue;
      }
      std::uint8_t folded[16];
      std::memcpy(folded, &key, 16);
      const std::size_t pieces = matcher_.match_short(folded, length, length, key, hash, cache_, ids_ + size_);
      finish(pieces, [&](std::size_t byte) { return start + begin + byte; }, length);
    }
    at_ += spans.consumed;
    return count;
  }

  void long_ascii_word(const std::uint8_t* word, std::size_t length, std::size_t begin) {
    std::uint8_t folded[kSlack];  // the kernel's words are shorter than 64 characters
    const std::uint8_t fold = actions_.ascii_fold();
    for (std::size_t i = 0; i < length; ++i) {
      folded[i] = static_cast<std::uint8_t>(word[i] >= 'A' && word[i] <= 'Z' ? word[i] | fold : word[i]);
    }
    // The slack is kept between words, but a word of up to 63 pieces may use it up.
    make_room(length);
    const std::size_t pieces = matcher_.match(folded, length, length, ids_ + size_);
    finish(pieces, [&](std::size_t byte) { return begin + byte; }, length);
  }

  // `pieces` ids of one word were written behind size_: gives them their spans. `source(b)` is the character that byte b
  // of the word came from.
  template <class Source>
  void finish(std::size_t pieces, Source source, std::size_t length) {
    if constexpr (kDetails) {
      const std::int32_t word = next_word();
      if (pieces == 1) {
        put(ids_[size_], source(0), source(length - 1) + 1, word);
        return;
      }
      std::size_t byte = 0;
      for (std::size_t k = 0; k < pieces; ++k) {
        const std::uint32_t id = ids_[size_];
        const std::size_t piece = matcher_.text_length(id, k > 0);
        put(id, source(byte), source(byte + piece - 1) + 1, word);
        byte += piece;
      }
    } else {
      size_ += pieces;
    }
  }

  // Appends the UTF-8 of one normalized character of the word, which came from character `source`.
  void append(char32_t c, std::size_t source) {
    if (chars_++ >= matcher_.max_chars()) return;  // the word is unknown already: only its end matters
    if (bytes_ + 4 > scratch_.word.size()) {
      scratch_.word.resize(2 * scratch_.word.size());
      if constexpr (kDetails) scratch_.sources.resize(scratch_.word.size());
    }
    std::uint8_t utf8[4];
    const std::size_t n = encode_utf8(c, utf8);
    for (std::size_t i = 0; i < n; ++i) {
      scratch_.word[bytes_ + i] = utf8[i];
      if constexpr (kDetails) scratch_.sources[bytes_ + i] = static_cast<std::uint32_t>(source);
    }
    bytes_ += n;
  }

  // One word, gathered character by character from at_ on. False (and at_ stays) where it may go on behind the end, or
  // where `generic` is needed.
  bool word() {
    bytes_ = chars_ = 0;
    const std::size_t begin = at_;
    std::size_t first = begin, last = begin;  // characters of which something is left
    std::size_t i = begin;
    for (; i < end_; ++i) {
      const char32_t c = text_[i];
      const Action action = actions_.of(c);
      const ActionKind kind = kind_of(action);
      if (kind == ActionKind::kDrop) continue;
      if (kind == ActionKind::kSolo || kind == ActionKind::kSpace) break;
      if (chars_ == 0) first = i;
      last = i;
      switch (kind) {
        case ActionKind::kLetter:
          append(value_of(action), i);
          break;
        case ActionKind::kExpand:
          for (const char32_t e : actions_.expansion(value_of(action))) append(e, i);
          break;
        case ActionKind::kHangul:
          append_hangul(c, i);
          break;
        case ActionKind::kMark:
          if (!check_mark(i)) return false;
          append(c, i);
          break;
        case ActionKind::kSurrogate:
          throw SurrogateFound(text_index_, i);
        default:
          needs_generic_ = true;
          return false;
      }
    }
    if (i == end_ && !final_) return false;
    at_ = i;
    if (chars_ == 0) return true;
    make_room(bytes_ + 1);
    if (chars_ > matcher_.max_chars()) {
      put(matcher_.unk_id(), first, last + 1, kDetails ? next_word() : 0);
      return true;
    }
    const std::uint8_t* bytes = scratch_.word.data();
    std::size_t pieces;
    if (bytes_ <= kMaxKeyBytes) {
      const WordKey key = load_key(bytes, bytes_, 0);
      const std::uint64_t hash = hash_key(key);
      const std::uint32_t id = matcher_.find_word(key, hash);
      if (id != WordPieceMatcher::kMiss) {
        put(id, first, last + 1, kDetails ? next_word() : 0);
        return true;
      }
      pieces = matcher_.match_short(bytes, bytes_, chars_, key, hash, cache_, ids_ + size_);
    } else {
      pieces = matcher_.match(bytes, bytes_, chars_, ids_ + size_);
    }
    finish(pieces, [&](std::size_t byte) -> std::size_t { return scratch_.sources[byte]; }, bytes_);
    return true;
  }

  // A Hangul syllable in its canonical decomposition (The Unicode Standard, section 3.12).
  void append_hangul(char32_t c, std::size_t source) {
    const char32_t index = c - 0xAC00;
    append(0x1100 + index / 588, source);
    append(0x1161 + index % 588 / 28, source);
    if (index % 28) append(0x11A7 + index % 28, source);
  }

  // NFD leaves a mark where it is unless a mark stands beside it. False where one does (then `generic` is needed), or
  // where what stands beside it is not known yet.
  bool check_mark(std::size_t i) {
    std::size_t before = i;
    while (before > segment_ && actions_.is_cleaned_away(text_[before - 1])) --before;
    std::size_t after = i + 1;
    while (after < end_ && actions_.is_cleaned_away(text_[after])) ++after;
    if (after == end_ && !final_) return false;
    if ((before > segment_ && actions_.is_sorted_by_nfd(text_[before - 1])) ||
        (after < end_ && actions_.is_sorted_by_nfd(text_[after]))) {
      needs_generic_ = true;
      return false;
    }
    return true;
  }

  const WordPieceMatcher& matcher_;
  const BertActions& actions_;
  WordCache& cache_;
  Scratch& scratch_;
  const Kernels& kernels_;
  const Unit* const text_;
  const std::size_t length_;
  const std::size_t text_index_;
  const bool pretokenized_;
  const std::size_t limit_;
  TokenColumns& out_;
  std::size_t size_;
  std::uint32_t* ids_ = nullptr;
  CharSpan* spans_ = nullptr;
  std::int32_t* words_ = nullptr;

  std::size_t segment_ = 0, at_ = 0, end_ = 0;
  bool final_ = true;
  bool needs_generic_ = false;
  std::int32_t next_word_ = 0;
  std::size_t bytes_ = 0, chars_ = 0;  // of the word being gathered
};

}  // namespace

bool BertEngine::fits(const Spec& spec) {
  if (!spec.pre_tokenizer || !spec.model) return false;
  const Vocab& vocab = *spec.model->vocab;
  if (!vocab.token_to_id(spec.model->unk_token) || !vocab.ids_are_unique()) return false;
  if (vocab.id_limit() > (std::uint64_t{1} << 28) || vocab.id_limit() > 64 * (vocab.size() + 1024)) return false;
  return std::none_of(spec.added_tokens.begin(), spec.added_tokens.end(),
                      [](const AddedToken& token) { return token.normalized; });
}

BertEngine::BertEngine(const Spec& spec, const GenericEngine& generic)
    : model_(spec.model),
      matcher_(*model_),
      actions_(spec.normalizer ? &*spec.normalizer : nullptr, *model_->vocab, matcher_),
      finder_(generic.added_tokens().tokens()),
      generic_(generic) {}

void BertEngine::encode(const SequenceRequest& request, TokenColumns& out) const {
  const std::size_t before = out.ids.size();
  const std::size_t limit = request.max_tokens > SIZE_MAX - before ? SIZE_MAX : before + request.max_tokens;
  for (std::size_t i = 0; i < request.texts.size() && out.ids.size() < limit; ++i) {
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
  if (out.values) write_values(request, before, out);
}

// The text of each token from `before` on: an added token's is what stands in the text, the others' the vocabulary's.
void BertEngine::write_values(const SequenceRequest& request, std::size_t before, TokenColumns& out) const {
  auto added = std::lower_bound(out.added.begin(), out.added.end(), before);
  for (std::size_t i = before; i < out.ids.size(); ++i) {
    if (added == out.added.end() || *added != i) {
      out.values->emplace_back(model_->vocab->id_to_token(out.ids[i]).value());
      continue;
    }
    ++added;
    const TextView& text = request.texts[request.pretokenized ? static_cast<std::size_t>(out.words[i]) : 0];
    std::string value;
    for (std::size_t at = out.spans[i].begin; at < out.spans[i].end; ++at) append_utf8(value, text.at(at));
    out.values->push_back(std::move(value));
  }
}

template <class Unit, bool kDetails>
bool BertEngine::encode_text(const SequenceRequest& request, std::size_t text_index, std::size_t limit,
                             TokenColumns& out) const {
  const TextView& view = request.texts[text_index];
  const auto* text = static_cast<const Unit*>(view.data);
  const std::size_t n = view.length;
  Scanner<Unit, kDetails> scanner(matcher_, actions_, text, n, text_index, request.pretokenized, limit, out);
  if (finder_.empty()) {
    scanner.run(0, 0, n, true);
    return !scanner.needs_generic();
  }
  std::size_t segment = 0;   // behind the last added token
  std::size_t at = 0;        // words before it are written
  std::size_t searched = 0;  // no added token begins in [segment, searched)
  std::size_t ahead = kSearchAhead;
  while (searched < n) {
    const std::size_t to = n - searched < ahead ? n : searched + ahead;
    const auto match = finder_.find(text, n, searched, to);
    if (!match.found) {
      searched = to;
      ahead *= 2;
      at = scanner.run(segment, at, to, to == n);
      if (scanner.needs_generic()) return false;
      if (scanner.full()) return true;
      continue;
    }
    const AddedToken& token = finder_.token(match.index);
    // What the reference does around these depends on their neighbours; texts with them are few.
    if (!AddedTokenFinder::is_plain(token)) return false;
    searched = match.end;
    if (token.special && request.allowed && !(*request.allowed)[match.index]) continue;
    if (token.special && request.specials_are_errors) throw SpecialTokenFound(token.content, text_index, match.begin);
    scanner.run(segment, at, match.begin, true);
    if (scanner.needs_generic()) return false;
    if (scanner.full()) return true;
    scanner.added_token(token.id, match.begin, match.end);
    segment = at = match.end;
    ahead = kSearchAhead;
  }
  if (at < n && !scanner.full()) scanner.run(segment, at, n, true);
  return !scanner.needs_generic();
}

}  // namespace fasttok
