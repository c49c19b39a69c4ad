#include "fasttok/model/unigram_words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "fasttok/base/interrupt.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

constexpr std::uint32_t kNowhere = ~std::uint32_t{0};

struct Place {
  double score;
  std::uint32_t id;
  std::uint32_t begin;  // of the piece that ends here
};

// The least k for which the score is a multiple of 2^-k.
int fraction_bits(double score) {
  if (score == 0) return 0;
  int exponent;
  const double mantissa = std::frexp(std::fabs(score), &exponent);
  const auto bits = static_cast<std::uint64_t>(std::ldexp(mantissa, 53));
  return std::max(0, 53 - exponent - __builtin_ctzll(bits));
}

// Bytes of a text whose sums are exact, each of them a piece at most; 0: of no useful length.
std::size_t longest_exact(const UnigramTables& tables) {
  double most = std::fabs(tables.unk_score());
  int bits = fraction_bits(tables.unk_score());
  for (const ScoredPiece& piece : tables.pieces()) {
    most = std::max(most, std::fabs(piece.score));
    bits = std::max(bits, fraction_bits(piece.score));
  }
  constexpr double kUseful = 1 << 16, kMost = 1 << 30;
  const double bytes = std::min(std::floor(std::ldexp(1.0, 53 - bits) / std::max(most, 1.0)), kMost);
  return bytes < kUseful ? 0 : static_cast<std::size_t>(bytes);
}

SpacedPieces pieces_of(const Unigram& model, bool splits) {
  SpacedPieces pieces(splits);
  for (const VocabEntry& entry : model.tables->vocab().entries()) pieces.add(entry.token, entry.id);
  return pieces;
}

}  // namespace

bool UnigramWords::fits(const Unigram& model) {
  const UnigramTables& tables = *model.tables;
  if (!tables.unk_id() || model.alpha.value_or(0) != 0 || !std::isfinite(tables.unk_score())) return false;
  const auto is_fine = [](const ScoredPiece& piece) {
    // A segment with a NUL has no key, so it must be a character by itself.
    return std::isfinite(piece.score) &&
           (piece.text.size() < 2 || piece.text.find('\0') == std::string_view::npos);
  };
  if (!std::all_of(tables.pieces().begin(), tables.pieces().end(), is_fine)) return false;
  // The unknown piece, where it is found in a text, is told by its id; not as the answer for one character,
  // nor as the beginning of a word.
  const std::string_view unknown = tables.pieces()[*tables.unk_id()].text;
  return unknown.find(kMarkText) == std::string_view::npos &&
         (unknown.empty() || decode_char(unknown, 0).size < unknown.size());
}

UnigramWords::UnigramWords(std::shared_ptr<const Unigram> model, bool splits)
    : UnigramWords(model, splits, pieces_of(*model, splits).all()) {}

UnigramWords::UnigramWords(std::shared_ptr<const Unigram> model, bool splits,
                           std::span<const SpacePiece> pieces)
    : model_(std::move(model)),
      splits_(splits),
      longest_exact_(longest_exact(*model_->tables)),
      walk_(longest_exact_ > 0 ? SegmentWalk(pieces)
                               : SegmentWalk(pieces, PieceCuts::of_whole_words(splits))),
      trie_(keys_of(pieces)),
      scores_(model_->tables->pieces().size()),
      unk_id_(*model_->tables->unk_id()) {
  for (const SpacePiece& piece : pieces) scores_[piece.id] = model_->tables->pieces()[piece.id].score;
  unknown_.unk_id = unk_id_;
  unknown_.at_spaces = splits_;
  if (model_->byte_fallback) unknown_.byte_ids = model_->tables->byte_tokens().all();
  has_plain_bytes_ = !model_->byte_fallback || !unknown_.byte_ids.empty();
}

// Unigram::best, on a part that may hold several words.
template <class Place>
SegmentWalk::Answer UnigramWords::best(const std::uint8_t* segment, std::size_t size, Place* places,
                                       std::uint32_t* out) const {
  const std::string_view text(reinterpret_cast<const char*>(segment), size);
  for (std::size_t i = 0; i <= size; ++i) places[i] = {0, 0, kNowhere};
  std::size_t step = 0;
  for (std::size_t begin = 0; begin < size; ++step) {
    check_interrupt_at(step);
    const double so_far = splits_ && segment[begin] == ' ' ? 0 : places[begin].score;
    std::uint32_t c;
    const std::size_t char_end = begin + read_char(segment + begin, c);
    const auto offer = [&](std::size_t end, double score, std::uint32_t id) {
      Place& place = places[end];
      if (place.begin != kNowhere && !(so_far + score > place.score)) return;
      place = {so_far + score, id, static_cast<std::uint32_t>(begin)};
    };
    bool is_piece = false;
    trie_.for_each_prefix(text.substr(begin), [&](std::uint32_t id, std::size_t length) {
      offer(begin + length, scores_[id], id);
      is_piece |= begin + length == char_end;
    });
    if (!is_piece) offer(char_end, model_->tables->unk_score(), kUnknownChar | c);
    begin = char_end;
  }
  std::size_t count = 0;
  bool unknown = false;
  for (std::size_t end = size; end > 0; end = places[end].begin) {
    out[count++] = places[end].id;
    unknown |= (places[end].id & kUnknownChar) != 0 || places[end].id == unk_id_;
  }
  std::reverse(out, out + count);
  return {out + count, unknown ? kUnknownChar : 0, true};
}

SegmentWalk::Answer UnigramWords::best(const std::uint8_t* segment, std::size_t size,
                                       std::uint32_t* out) const {
  if (size <= SegmentWalk::kLongest) {
    std::array<Place, SegmentWalk::kLongest + 1> places;
    return best(segment, size, places.data(), out);
  }
  std::vector<Place> places(size + 1);
  return best(segment, size, places.data(), out);
}

// Raw ids; `seen` tells whether one is unknown.
bool UnigramWords::append_raw(const std::uint8_t* text, std::size_t size, std::size_t limit,
                              Buffer<std::uint32_t>& out, std::uint32_t& seen) const {
  if (longest_exact_ > 0 ? size > longest_exact_ : std::memchr(text, 0, size) || size >= kNowhere)
    return false;
  seen = walk_.append(text, size, limit, out,
                      [&](const std::uint8_t* segment, std::size_t length, std::uint32_t* to) {
                        return best(segment, length, to);
                      });
  return true;
}

bool UnigramWords::append_known(const std::uint8_t* text, std::size_t size, std::size_t limit,
                                Buffer<std::uint32_t>& out) const {
  std::uint32_t seen = 0;
  return append_raw(text, size, limit, out, seen) && !seen;
}

bool UnigramWords::append(const std::uint8_t* text, std::size_t size, std::size_t limit,
                          Buffer<std::uint32_t>& out) const {
  const std::size_t begin = out.size();
  std::uint32_t seen = 0;
  if (!append_raw(text, size, limit, out, seen)) return false;
  if (!seen) return true;
  // A run of unknown characters is no piece, which would have a better score, unless that is below all sense;
  // one with the unknown piece in it may be.
  const bool plain = model_->tables->unk_score() <= 0 && has_plain_bytes_;
  if (plain && std::find(out.begin() + begin, out.end(), unk_id_) == out.end()) {
    unknown_.spell(begin, out);
  } else {
    spell_literally(begin, out);
  }
  return true;
}

// From raw ids to ids, as the reference does it.
void UnigramWords::spell_literally(std::size_t begin, Buffer<std::uint32_t>& out) const {
  const UnigramTables& tables = *model_->tables;
  const auto is_unknown = [&](std::uint32_t raw) { return (raw & kUnknownChar) != 0 || raw == unk_id_; };
  const std::vector<std::uint32_t> raw(out.begin() + begin, out.end());
  out.set_size(begin);
  std::string run;
  for (std::size_t i = 0; i < raw.size();) {
    check_interrupt_at(i);
    if (!is_unknown(raw[i])) {
      out.push_back(raw[i++]);
      continue;
    }
    run.clear();
    const std::size_t from = i;
    for (; i < raw.size() && is_unknown(raw[i]); ++i) {
      if (splits_ && i > from && raw[i] == (kUnknownChar | ' ')) break;
      if (raw[i] == unk_id_) {
        run += tables.pieces()[unk_id_].text;
      } else {
        std::uint8_t utf8[4];
        run.append(reinterpret_cast<const char*>(utf8), literal_char(raw[i], utf8));
      }
    }
    if (const auto id = tables.vocab().token_to_id(run)) {
      out.push_back(*id);
    } else if (model_->byte_fallback && tables.byte_tokens().cover(run)) {
      for (const char byte : run) out.push_back(*tables.byte_tokens()[byte]);
    } else {
      out.push_back(unk_id_);
    }
  }
}

}  // namespace fasttok
