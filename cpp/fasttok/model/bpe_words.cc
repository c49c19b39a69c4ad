#include "fasttok/model/bpe_words.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/base/interrupt.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

// Among the symbols: a character that is no token. No id is as large.
constexpr std::uint32_t kNoSymbol = MergeTable::kMost;

SpacedPieces pieces_of(const Bpe& model, bool splits) {
  SpacedPieces pieces(splits);
  const Vocab& vocab = model.tables->vocab();
  std::vector<bool> is_made(static_cast<std::size_t>(vocab.id_limit()));
  for (const BpeTables::Merge& merge : model.tables->merges()) is_made[merge.made] = true;
  for (const VocabEntry& entry : vocab.entries()) {
    const bool one = !entry.token.empty() && decode_char(entry.token, 0).size == entry.token.size();
    if (one || is_made[entry.id]) pieces.add(entry.token, entry.id);
  }
  return pieces;
}

}  // namespace

bool BpeWords::fits(const Bpe& model, bool splits) {
  const BpeTables& tables = *model.tables;
  if (model.dropout.value_or(0) != 0 || model.continuing_subword_prefix || model.end_of_word_suffix ||
      !tables.grows() || tables.vocab().id_limit() >= MergeTable::kMost)
    return false;
  if (model.ignore_merges && splits) return false;
  // What stands for an unknown character takes part in no merge.
  std::vector<bool> stands_in(static_cast<std::size_t>(tables.vocab().id_limit()));
  if (model.byte_fallback) {
    const std::vector<std::uint32_t> ids = tables.byte_tokens().all();
    if (ids.empty()) return false;
    for (const std::uint32_t id : ids) stands_in[id] = true;
  } else {
    const auto id = model.unk_token ? tables.vocab().token_to_id(*model.unk_token) : std::nullopt;
    if (!id) return false;
    stands_in[*id] = true;
  }
  for (const BpeTables::Merge& merge : tables.merges()) {
    if (stands_in[merge.left] || stands_in[merge.right] || merge.rank >= MergeTable::kMost) return false;
  }
  // A segment with a NUL has no key, so it must be a character by itself.
  return std::all_of(tables.vocab().entries().begin(), tables.vocab().entries().end(),
                     [](const VocabEntry& entry) {
                       return entry.token.size() < 2 || entry.token.find('\0') == std::string_view::npos;
                     });
}

BpeWords::BpeWords(std::shared_ptr<const Bpe> model, bool splits)
    : BpeWords(model, splits, pieces_of(*model, splits).all()) {}

BpeWords::BpeWords(std::shared_ptr<const Bpe> model, bool splits, std::span<const SpacePiece> pieces)
    : model_(std::move(model)), splits_(splits), walk_(pieces) {
  std::size_t ranks = 0;
  for (const BpeTables::Merge& merge : model_->tables->merges())
    ranks = std::max<std::size_t>(ranks, merge.rank + 1);
  merges_ = PairMerges(ranks);
  for (const BpeTables::Merge& merge : model_->tables->merges())
    merges_.add(merge.rank, merge.left, merge.right, merge.made);
  unknown_.fuse = model_->fuse_unk;
  unknown_.at_spaces = splits_;
  if (model_->byte_fallback) {
    unknown_.byte_ids = model_->tables->byte_tokens().all();
  } else {
    unknown_.unk_id = *model_->tables->vocab().token_to_id(*model_->unk_token);
  }
}

SegmentAnswer BpeWords::merge(const std::uint8_t* segment, std::size_t size, std::uint32_t* out) const {
  std::vector<std::uint32_t> unknown;
  std::uint32_t* to = out;
  std::uint32_t* word = out;
  const auto finish_word = [&] { word = to = word + merges_.run(word, static_cast<std::size_t>(to - word)); };
  for (std::size_t at = 0; at < size;) {
    // A segment may hold several words, for cuts are told by hashes.
    if (splits_ && segment[at] == ' ' && at > 0) finish_word();
    std::uint32_t c;
    const std::size_t length = read_char(segment + at, c);
    const std::string_view text(reinterpret_cast<const char*>(segment + at), length);
    const auto id = c == ' ' ? model_->tables->id_of_char(0x2581, kMarkText)
                             : model_->tables->id_of_char(static_cast<char32_t>(c), text);
    if (!id) unknown.push_back(kUnknownChar | c);
    *to++ = id.value_or(kNoSymbol);
    at += length;
  }
  if (to > word) finish_word();
  if (unknown.empty()) return {to, 0, true};
  auto next = unknown.begin();
  for (std::uint32_t* i = out; i < to; ++i) {
    if (*i == kNoSymbol) *i = *next++;
  }
  return {to, kUnknownChar, true};
}

// The text as a whole, where it is a token and the model says so.
bool BpeWords::append_whole(const std::uint8_t* text, std::size_t size, Buffer<std::uint32_t>& out) const {
  const Vocab& vocab = model_->tables->vocab();
  if (!model_->ignore_merges || size > vocab.longest_token()) return false;
  std::string literal;
  for (std::size_t at = 0; at < size;) {
    std::uint32_t c;
    at += read_char(text + at, c);
    append_utf8(literal, c == ' ' ? char32_t{0x2581} : static_cast<char32_t>(c));
  }
  const auto id = vocab.token_to_id(literal);
  if (id) out.push_back(*id);
  return id.has_value();
}

// Raw ids; returns kUnknownChar where one is unknown, else 0.
std::uint32_t BpeWords::append_raw(const std::uint8_t* text, std::size_t size, std::size_t limit,
                                   Buffer<std::uint32_t>& out) const {
  if (append_whole(text, size, out)) return 0;
  return walk_.append(text, size, limit, out,
                      [&](const std::uint8_t* segment, std::size_t length, std::uint32_t* to) {
                        return merge(segment, length, to);
                      });
}

void BpeWords::append(const std::uint8_t* text, std::size_t size, std::size_t limit,
                      Buffer<std::uint32_t>& out) const {
  const std::size_t begin = out.size();
  if (append_raw(text, size, limit, out)) unknown_.spell(begin, out);
}

bool BpeWords::append_known(const std::uint8_t* text, std::size_t size, std::size_t limit,
                            Buffer<std::uint32_t>& out) const {
  return append_raw(text, size, limit, out) == 0;
}

}  // namespace fasttok
