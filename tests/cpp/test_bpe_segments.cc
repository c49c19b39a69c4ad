// BPE by segments against the merging of whole texts, on random models whose scores tie.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "fasttok/model/bpe_segments.h"
#include "fasttok/model/sentencepiece_bpe.h"
#include "fasttok/model/unigram_segments.h"

using namespace fasttok;
using namespace fasttok::sentencepiece;

namespace {

std::vector<Piece> random_pieces(std::mt19937& rng) {
  std::vector<Piece> pieces{{"<unk>", 0, PieceType::kUnknown}, {"</s>", 0, PieceType::kControl}};
  const bool ties = rng() % 2;
  for (int i = 0; i < 40; ++i) {
    std::string text;
    for (std::size_t size = 1 + rng() % 4; size > 0; --size) text += "abcd"[rng() % 4];
    const auto same = [&](const Piece& piece) { return piece.text == text; };
    if (std::any_of(pieces.begin(), pieces.end(), same)) continue;
    const float score =
        ties ? static_cast<float>(rng() % 5) - 2 : static_cast<float>(rng() % 100'000) / 1000 - 50;
    pieces.push_back({text, score, rng() % 8 ? PieceType::kNormal : PieceType::kUserDefined});
  }
  return pieces;
}

}  // namespace

TEST_CASE("segments, merged or literal, join to what merging the whole text gives") {
  std::mt19937 rng(1);
  std::size_t unknown = 0;
  for (int round = 0; round < 100; ++round) {
    const auto pieces = std::make_shared<Pieces>(random_pieces(rng), false, ModelType::kBpe);
    Types made;
    for (std::size_t id = 0; id < pieces->size(); ++id) made.push_back((*pieces)[id].type);
    const auto types = std::make_shared<Types>(made);
    REQUIRE(BpeSegments::fits(*pieces, *types));
    std::string arena;
    const std::vector<SpacePiece> found = space_pieces(*pieces, *types, arena);
    for (const bool literal : {false, true}) {
      const BpeSegments segments(pieces, types, found, literal);
      for (int i = 0; i < 40; ++i) {
        std::string text;
        for (std::size_t size = 1 + rng() % (i % 10 == 0 ? 400 : 20); size > 0; --size) {
          text += "abcde"[rng() % 5];
        }
        std::vector<std::uint32_t> expected;
        for (const Part& part : merge_pairs(text, *pieces, *types, 0)) {
          const bool is_unknown = part.id == pieces->unk_id();
          unknown += is_unknown;
          expected.push_back(is_unknown ? kUnknownChar | static_cast<std::uint8_t>(text[part.begin])
                                        : static_cast<std::uint32_t>(part.id));
        }
        const std::size_t size = text.size();
        text.append(SegmentWalk::kSlack, '\0');
        Buffer<std::uint32_t> ids;
        segments.append(reinterpret_cast<const std::uint8_t*>(text.data()), size, ids);
        CHECK(std::vector<std::uint32_t>(ids.begin(), ids.end()) == expected);
      }
    }
  }
  CHECK(unknown > 1000);
}

TEST_CASE("models with unused pieces are left alone") {
  const Pieces pieces({{"<unk>", 0, PieceType::kUnknown}, {"a", 0}, {"ab", 0, PieceType::kUnused}}, false,
                      ModelType::kBpe);
  CHECK(!BpeSegments::fits(pieces, {PieceType::kUnknown, PieceType::kNormal, PieceType::kUnused}));
  CHECK(!BpeSegments::fits(pieces, {PieceType::kUnknown, PieceType::kNormal, PieceType::kNormal}));
}
