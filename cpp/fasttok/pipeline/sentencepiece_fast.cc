#include "fasttok/pipeline/sentencepiece_fast.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "fasttok/base/thread_scratch.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok::sentencepiece {
struct FastEncoder::Scratch {
  Buffer<std::uint8_t> utf8;
  Buffer<std::uint16_t> units;

  std::size_t bytes() const { return utf8.size() + 2 * units.size(); }
  template <class Unit>
  Buffer<Unit>& of() {
    if constexpr (sizeof(Unit) == 1) {
      return utf8;
    } else {
      return units;
    }
  }
};

FastEncoder::FastEncoder(std::shared_ptr<const Pieces> pieces, SpaceForm form)
    : pieces_(std::move(pieces)), form_(std::move(form)) {
  unknown_.unk_id = static_cast<std::uint32_t>(pieces_->unk_id());
  if (!pieces_->byte_fallback()) return;
  for (unsigned byte = 0; byte < 256; ++byte) {
    unknown_.byte_ids.push_back(
        static_cast<std::uint32_t>(pieces_->id_of(byte_piece(static_cast<std::uint8_t>(byte)))));
  }
}

std::shared_ptr<const FastEncoder> FastEncoder::make(const std::shared_ptr<const Pieces>& pieces,
                                                     const std::shared_ptr<const Types>& types,
                                                     const std::shared_ptr<const UnigramModel>& unigram,
                                                     const SentencePieceNormalizer& normalizer, Path path) {
  if (unigram ? !UnigramSegments::fits(*unigram, *types) : !BpeSegments::fits(*pieces, *types))
    return nullptr;
  std::vector<std::string_view> symbols;
  for (std::size_t id = 0; id < pieces->size(); ++id) {
    const Piece& piece = (*pieces)[id];
    if (piece.type == PieceType::kUserDefined) symbols.push_back(piece.text);
    // An unknown character is told from pieces by its id, and fused with others by it.
    const bool unknown = static_cast<std::int32_t>(id) == pieces->unk_id();
    if (!unknown && (*types)[id] == PieceType::kUnknown) return nullptr;
  }
  const std::int32_t unk_id = pieces->unk_id();
  if (unk_id >= 0 && (*types)[static_cast<std::size_t>(unk_id)] != PieceType::kUnknown) return nullptr;
  if (!SpaceForm::fits(normalizer, symbols)) return nullptr;
  std::string arena;
  const std::vector<SpacePiece> found = space_pieces(*pieces, *types, arena);
  if (found.empty()) return nullptr;
  const std::shared_ptr<FastEncoder> made(new FastEncoder(pieces, SpaceForm(normalizer, symbols)));
  if (unigram) {
    made->unigram_.emplace(*unigram, *types, found, path == Path::kReplayed);
  } else {
    made->bpe_.emplace(pieces, types, found, path == Path::kReplayed);
  }
  return made;
}

template <class Unit, class Write>
FastEncoder::Result FastEncoder::raw_ids(Write&& write, Buffer<std::uint32_t>& out, bool& unknown) const {
  ThreadScratch<Scratch> borrowed;
  Buffer<Unit>& text = borrowed->template of<Unit>();
  switch (write(text)) {
    case SpaceForm::Result::kSurrogate:
      return Result::kSurrogate;
    case SpaceForm::Result::kLiteral:
      return Result::kLiteral;
    case SpaceForm::Result::kNoUnits:
      return Result::kNoUnits;
    case SpaceForm::Result::kDone:
      break;
  }
  const std::size_t size = text.size();
  if constexpr (sizeof(Unit) == 1) {
    text.make_room(SegmentWalk::kSlack);
    std::memset(text.data() + size, 0, SegmentWalk::kSlack);
  } else {
    text.make_room(UnitWalk::kSlack);
  }
  unknown = unigram_ ? unigram_->append(text.data(), size, out) : bpe_->append(text.data(), size, out);
  return Result::kDone;
}

template <class Unit, class Write>
FastEncoder::Result FastEncoder::ids(Write&& write, Buffer<std::uint32_t>& out) const {
  const std::size_t begin = out.size();
  bool unknown = false;
  const Result result = raw_ids<Unit>(write, out, unknown);
  if (result == Result::kDone && unknown) unknown_.spell(begin, out);
  return result;
}

FastEncoder::Result FastEncoder::encode(const TextView& text, Buffer<std::uint32_t>& out) const {
  if (text.kind == 2) {
    const auto* units = static_cast<const std::uint16_t*>(text.data);
    const Result result = ids<std::uint16_t>(
        [&](Buffer<std::uint16_t>& to) { return form_.write_units(units, text.length, to); }, out);
    if (result != Result::kNoUnits) return result;
  }
  return ids<std::uint8_t>([&](Buffer<std::uint8_t>& to) { return form_.write(text, to); }, out);
}

FastEncoder::Result FastEncoder::encode_utf8(std::string_view text, Buffer<std::uint32_t>& out) const {
  return ids<std::uint8_t>([&](Buffer<std::uint8_t>& to) { return form_.write_utf8(text, to); }, out);
}

FastEncoder::Result FastEncoder::encode_pieces(std::string_view text, std::vector<std::string>& out) const {
  Buffer<std::uint32_t> raw;
  bool unknown = false;
  const Result result = raw_ids<std::uint8_t>(
      [&](Buffer<std::uint8_t>& to) { return form_.write_utf8(text, to); }, raw, unknown);
  if (result != Result::kDone) return result;
  bool after_unknown = false;
  out.reserve(raw.size());
  for (const std::uint32_t id : raw) {
    const bool is_unknown = id & kUnknownChar;
    if (!is_unknown) {
      out.push_back((*pieces_)[id].text);
    } else {
      std::uint8_t utf8[4];
      const std::size_t size = literal_char(id, utf8);
      if (!unknown_.byte_ids.empty()) {
        for (std::size_t i = 0; i < size; ++i) out.emplace_back(byte_piece(utf8[i]));
      } else {
        if (!after_unknown) out.emplace_back();
        out.back().append(reinterpret_cast<const char*>(utf8), size);
      }
    }
    after_unknown = is_unknown;
  }
  return Result::kDone;
}

const FastEncoder* EventualEncoder::of_first(std::size_t size) const {
  if (size < worth_ && seen_.fetch_add(size, std::memory_order_relaxed) + size < worth_) return nullptr;
  auto made = std::make_unique<const Made>(make_());
  const Made* kept = nullptr;
  if (made_.compare_exchange_strong(kept, made.get(), std::memory_order_acq_rel)) kept = made.release();
  return kept->get();
}

}  // namespace fasttok::sentencepiece
