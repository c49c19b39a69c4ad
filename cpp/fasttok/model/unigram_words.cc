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

constexpr std::size_t kLongestCertain = std::size_t{1} << 20;

// The least k for which the score is a multiple of 2^-k.
int fraction_bits(double score) {
  if (score == 0) return 0;
  int exponent;
  const double mantissa = std::frexp(std::fabs(score), &exponent);
  const auto bits = static_cast<std::uint64_t>(std::ldexp(mantissa, 53));
  return std::max(0, 53 - exponent - __builtin_ctzll(bits));
}

double largest_score(const UnigramTables& tables) {
  double most = std::fabs(tables.unk_score());
  for (const ScoredPiece& piece : tables.pieces()) most = std::max(most, std::fabs(piece.score));
  return std::max(most, 1.0);
}

// Bytes of a text whose sums are exact, each of them a piece at most; 0: of no useful length.
std::size_t longest_exact(const UnigramTables& tables) {
  int bits = fraction_bits(tables.unk_score());
  for (const ScoredPiece& piece : tables.pieces()) bits = std::max(bits, fraction_bits(piece.score));
  constexpr double kUseful = 1 << 16, kMost = 1 << 30;
  const double bytes = std::min(std::floor(std::ldexp(1.0, 53 - bits) / largest_score(tables)), kMost);
  return bytes < kUseful ? 0 : static_cast<std::size_t>(bytes);
}

// Where sums are not exact.
double margin_of(const UnigramTables& tables) {
  return 8 * static_cast<double>(kLongestCertain) * largest_score(tables) * 0x1p-53;
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
      longest_(longest_exact(*model_->tables)),
      margin_(longest_ > 0 ? -1 : margin_of(*model_->tables)),
      walk_(pieces),
      trie_(
          pieces, [&](std::uint32_t id) { return model_->tables->pieces()[id].score; },
          model_->tables->unk_score()),
      unk_id_(*model_->tables->unk_id()) {
  if (longest_ == 0) {
    whole_.emplace(pieces, PieceCuts::of_whole_words(splits));
    // Else nearly nothing would be certain.
    constexpr double kUseful = 1e-6;
    if (margin_ < kUseful) longest_ = kLongestCertain;
  }
  unknown_.unk_id = unk_id_;
  unknown_.at_spaces = splits_;
  if (model_->byte_fallback) unknown_.byte_ids = model_->tables->byte_tokens().all();
  has_plain_bytes_ = !model_->byte_fallback || !unknown_.byte_ids.empty();
}

// Unigram::best, on a part that may hold several words.
BestWay UnigramWords::best(const std::uint8_t* segment, std::size_t size, WayPlace* places,
                           std::uint32_t* out) const {
  const double slack = std::max(margin_, 0.0) * static_cast<double>(size);
  const auto sum_at = [splits = splits_](const std::uint8_t* p, double sum) {
    return splits && *p == ' ' ? 0 : sum;
  };
  BestWay way = best_way(trie_, segment, size, slack, sum_at, places, out);
  way.unknown = way.unknown || std::find(out, way.end, unk_id_) != way.end;
  return way;
}

BestWay UnigramWords::best(const std::uint8_t* segment, std::size_t size, std::uint32_t* out) const {
  if (size <= SegmentWalk::kLongest) {
    std::array<WayPlace, SegmentWalk::kLongest + 1> places;
    return best(segment, size, places.data(), out);
  }
  std::vector<WayPlace> places(size + 1);
  return best(segment, size, places.data(), out);
}

// Raw ids; `seen` tells whether one is unknown.
bool UnigramWords::append_raw(const std::uint8_t* text, std::size_t size, std::size_t limit,
                              Buffer<std::uint32_t>& out, std::uint32_t& seen) const {
  const std::size_t begin = out.size();
  if (size <= longest_) {
    bool certain = true;
    seen = walk_.append(text, size, limit, out,
                        [&](const std::uint8_t* segment, std::size_t length, std::uint32_t* to) {
                          const BestWay way = best(segment, length, to);
                          const bool is_certain = way.lead > margin_ * static_cast<double>(length);
                          certain &= is_certain;
                          return SegmentAnswer{way.end, way.unknown ? kUnknownChar : 0, is_certain};
                        });
    if (certain) return true;
    out.set_size(begin);
  }
  if (!whole_ || std::memchr(text, 0, size) || size > UINT32_MAX) return false;
  seen = whole_->append(text, size, limit, out,
                        [&](const std::uint8_t* segment, std::size_t length, std::uint32_t* to) {
                          const BestWay way = best(segment, length, to);
                          return SegmentAnswer{way.end, way.unknown ? kUnknownChar : 0, true};
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
