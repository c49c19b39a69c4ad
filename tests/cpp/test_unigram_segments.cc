// What a segment's certificate promises, held against the literal model started from the same sum; and the
// replay, which is taken where it promises nothing.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "fasttok/model/unigram_segments.h"
#include "fasttok/text/space_form.h"
#include "fasttok/unicode/utf8.h"

using namespace fasttok;
using namespace fasttok::sentencepiece;

namespace {

struct Model {
  std::shared_ptr<const Pieces> pieces;
  std::shared_ptr<const Types> types;
  std::shared_ptr<const UnigramModel> unigram;
  std::string arena;
  std::vector<SpacePiece> found;

  explicit Model(std::vector<Piece> list)
      : pieces(std::make_shared<Pieces>(std::move(list), false, ModelType::kUnigram)) {
    Types made;
    for (std::size_t id = 0; id < pieces->size(); ++id) made.push_back((*pieces)[id].type);
    types = std::make_shared<Types>(std::move(made));
    unigram = std::make_shared<UnigramModel>(pieces);
    found = space_pieces(*pieces, *types, arena);
  }
  UnigramSegments segments(bool replay) const { return {*unigram, *types, found, replay}; }
};

// Pieces over "abcd", of which some ways are equal or nearly so.
Model random_model(std::mt19937& rng) {
  std::vector<Piece> pieces{{"<unk>", 0, PieceType::kUnknown}};
  std::vector<std::string> seen;
  const int kind = static_cast<int>(rng() % 3);
  for (int i = 0; i < 40; ++i) {
    std::string text;
    for (std::size_t size = 1 + rng() % 4; size > 0; --size) text += static_cast<char>('a' + rng() % 4);
    if (std::find(seen.begin(), seen.end(), text) != seen.end()) continue;
    seen.push_back(text);
    const float any = static_cast<float>(rng()) / 4294967296.0f;
    const float score = kind == 0   ? -20 * any
                        : kind == 1 ? -static_cast<float>(1 + rng() % 6)
                                    : -8 - 1e-5f * any;
    pieces.push_back({text, score, rng() % 8 ? PieceType::kNormal : PieceType::kUserDefined});
  }
  return Model(std::move(pieces));
}

std::string random_text(std::mt19937& rng, std::size_t most) {
  std::string text;
  for (std::size_t size = 1 + rng() % most; size > 0; --size) text += "abcde"[rng() % 5];
  return text;
}

std::vector<std::uint32_t> literal(const Model& model, const std::string& text, float& sum) {
  std::vector<std::uint32_t> ids;
  for (const Part& part : model.unigram->best(text, *model.types, sum)) {
    ids.push_back(part.id == model.pieces->unk_id()
                      ? kUnknownChar | static_cast<std::uint32_t>(decode_char(text, part.begin).c)
                      : static_cast<std::uint32_t>(part.id));
  }
  return ids;
}

}  // namespace

TEST_CASE("a certain way is the literal one from every sum that it is certain for") {
  std::mt19937 rng(1);
  std::size_t certain = 0, uncertain = 0, differing = 0;
  for (int round = 0; round < 60; ++round) {
    const Model model = random_model(rng);
    const UnigramSegments segments = model.segments(false);
    for (int i = 0; i < 200; ++i) {
      std::string text = random_text(rng, 30);
      const std::size_t size = text.size();
      text.append(SegmentWalk::kSlack, '\0');
      std::vector<std::uint32_t> ids(size);
      const auto way = segments.best(reinterpret_cast<const std::uint8_t*>(text.data()), size, ids.data());
      ids.resize(way.count);
      for (const float scale : {1.0f, 100.0f, 1000.0f, 20'000.0f, 90'000.0f}) {
        const float before = -scale * (1 + static_cast<float>(rng() % 1000) / 10'000);
        float sum = before;
        const bool same = literal(model, text.substr(0, size), sum) == ids;
        differing += !same;
        if (segments.holds(way.note, before)) {
          ++certain;
          CHECK(same);
        } else {
          ++uncertain;
        }
      }
    }
  }
  // The certificate decides most, not all; and there were ways that rounding changes.
  CHECK(certain > 10'000);
  CHECK(uncertain > 1'000);
  CHECK(differing > 100);
}

TEST_CASE("equal sums are never certain") {
  const Model model({{"<unk>", 0, PieceType::kUnknown}, {"a", -1}, {"aa", -2}});
  std::string text("aa");
  text.append(SegmentWalk::kSlack, '\0');
  std::uint32_t ids[2];
  const auto way = model.segments(false).best(reinterpret_cast<const std::uint8_t*>(text.data()), 2, ids);
  CHECK(certain_until(way.note) == 0);
  CHECK(!model.segments(false).holds(way.note, 0));
}

TEST_CASE("segments, cached or replayed, join to the literal way of the whole text") {
  std::mt19937 rng(2);
  for (int round = 0; round < 40; ++round) {
    const Model model = random_model(rng);
    for (const bool replay : {false, true}) {
      const UnigramSegments segments = model.segments(replay);
      for (const std::size_t most : {10, 300, 30'000}) {
        std::string text = random_text(rng, most);
        float sum = 0;
        const std::vector<std::uint32_t> expected = literal(model, text, sum);
        const std::size_t size = text.size();
        text.append(SegmentWalk::kSlack, '\0');
        Buffer<std::uint32_t> ids;
        segments.append(reinterpret_cast<const std::uint8_t*>(text.data()), size, ids);
        CHECK(std::vector<std::uint32_t>(ids.begin(), ids.end()) == expected);
        ids.clear();
        const std::vector<std::uint16_t> units(text.begin(), text.end());
        segments.append(units.data(), size, ids);
        CHECK(std::vector<std::uint32_t>(ids.begin(), ids.end()) == expected);
      }
    }
  }
}

TEST_CASE("a NUL whose way is not certain at first is kept under no other segment's key") {
  const Model model({{"<unk>", 0, PieceType::kUnknown}, {"é", -1}, {"b", -3}, {"bb", -5}});
  const UnigramSegments segments = model.segments(false);
  const auto check = [&](std::string text) {
    std::vector<std::uint32_t> expected;
    float sum = 0;
    for (const Part& part : model.unigram->best(text, *model.types, sum)) {
      const bool known = part.id != model.pieces->unk_id();
      expected.push_back(known ? static_cast<std::uint32_t>(part.id) : kUnknownChar);
    }
    const std::size_t size = text.size();
    text.append(SegmentWalk::kSlack, '\0');
    Buffer<std::uint32_t> ids;
    segments.append(reinterpret_cast<const std::uint8_t*>(text.data()), size, ids);
    CHECK(std::vector<std::uint32_t>(ids.begin(), ids.end()) == expected);
  };
  std::string one("b");
  one.append(SegmentWalk::kSlack, '\0');
  std::uint32_t id;
  const std::size_t certain =
      certain_until(segments.best(reinterpret_cast<const std::uint8_t*>(one.data()), 1, &id).note);
  for (std::size_t pieces = certain - 3; pieces < certain + 3; ++pieces) {
    std::string text;
    for (std::size_t i = 0; i < pieces; ++i) text += "é";
    check(text + '\0');
    check(std::string(21, 'b'));
  }
}

TEST_CASE("units, of which most pairs are pieces, have the literal ids of their UTF-8") {
  std::mt19937 rng(4);
  const auto letter = [&] {
    return static_cast<char32_t>(rng() % 8 ? 0x4E00 + rng() % 150 : 'a' + rng() % 3);
  };
  std::vector<Piece> pieces{{"<unk>", 0, PieceType::kUnknown}};
  std::vector<std::string> seen;
  for (int i = 0; i < 6000; ++i) {
    std::string text;
    for (std::size_t n = rng() % 12 ? 1 + rng() % 2 : 3 + rng() % 6; n > 0; --n) append_utf8(text, letter());
    seen.push_back(text);
  }
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  for (const std::string& text : seen) {
    pieces.push_back({text, -static_cast<float>(1 + rng() % 40) / 4, PieceType::kNormal});
  }
  const Model model(std::move(pieces));
  const UnigramSegments segments = model.segments(false), replayed = model.segments(true);
  for (int round = 0; round < 2; ++round) {  // the second time from the cache
    for (int i = 0; i < 300; ++i) {
      std::vector<std::uint16_t> units;
      std::string text;
      for (std::size_t n = 1 + rng() % (i % 50 ? 60 : 3000); n > 0; --n) {
        units.push_back(static_cast<std::uint16_t>(letter()));
        append_utf8(text, units.back());
      }
      const std::size_t size = text.size();
      text.append(SegmentWalk::kSlack, '\0');
      float sum = 0;
      const std::vector<std::uint32_t> expected = literal(model, text.substr(0, size), sum);
      const std::size_t count = units.size();
      units.resize(count + UnitWalk::kSlack);
      for (const UnigramSegments* some : {&segments, &replayed}) {
        Buffer<std::uint32_t> ids;
        some->append(reinterpret_cast<const std::uint8_t*>(text.data()), size, ids);
        CHECK(std::vector(ids.begin(), ids.end()) == expected);
        ids.clear();
        some->append(units.data(), count, ids);
        CHECK(std::vector(ids.begin(), ids.end()) == expected);
      }
    }
  }
}

TEST_CASE("the space form is the literal normalization with spaces for marks") {
  std::mt19937 rng(3);
  const std::vector<std::string_view> parts{"a",
                                            " ",
                                            "  ",
                                            "▁",
                                            "中",
                                            "é",
                                            "<m>",
                                            "<",
                                            "\xFF",
                                            "\xE4\xB8",
                                            "😀",
                                            "bcdefghijklmnopqrstu",
                                            std::string_view("\0", 1)};
  const std::vector<std::string_view> symbols{"<m>", "a▁", "."};
  int in_units = 0;
  for (int flags = 0; flags < 8; ++flags) {
    const SentencePieceNormalizer normalizer({"", (flags & 1) != 0, (flags & 2) != 0, true}, (flags & 4) != 0,
                                             std::make_shared<PrefixMatcher>(symbols));
    REQUIRE(SpaceForm::fits(normalizer, symbols));
    const SpaceForm form(normalizer, symbols);
    for (int i = 0; i < 2000; ++i) {
      std::string input, expected;
      for (std::size_t n = rng() % 12; n > 0; --n) input += parts[rng() % parts.size()];
      normalizer.normalize(input, expected, nullptr);
      std::string marked;
      Buffer<std::uint8_t> out;
      REQUIRE(form.write_utf8(input, out) == SpaceForm::Result::kDone);
      for (const std::uint8_t byte : out) {
        if (byte == ' ') {
          marked += "▁";
        } else {
          marked += static_cast<char>(byte);
        }
      }
      CHECK(marked == expected);

      std::vector<std::uint16_t> units;
      bool is_wide = invalid_utf8_at(input) != input.size();
      for (std::size_t at = 0; !is_wide && at < input.size();) {
        const DecodedChar next = decode_char(input, at);
        is_wide = next.c > 0xFFFF || next.c == 0;
        units.push_back(static_cast<std::uint16_t>(next.c));
        at += next.size;
      }
      Buffer<std::uint16_t> wide;
      if (is_wide || form.write_units(units.data(), units.size(), wide) != SpaceForm::Result::kDone) continue;
      ++in_units;
      std::string narrow;
      for (const std::uint16_t unit : wide) append_utf8(narrow, unit);
      CHECK(narrow == std::string(out.begin(), out.end()));
    }
  }
  CHECK(in_units > 1000);
}

TEST_CASE("ASCII is cut by classes only where no piece spans, and there mostly") {
  std::mt19937 rng(5);
  std::size_t cut = 0, may = 0;
  bool good = true;
  for (int round = 0; round < 50; ++round) {
    std::vector<CharPair> pairs;
    for (int i = 0; i < 400; ++i)
      pairs.push_back({U"abcz09 "[rng() % 7], static_cast<char32_t>(rng() % 128)});
    for (int i = 0; i < 5; ++i)
      pairs.push_back({static_cast<char32_t>(rng() % 128), static_cast<char32_t>(rng() % 128)});
    const PieceCuts exact(pairs);
    const AsciiCuts classes = exact.by_classes();
    for (unsigned a = 1; a < 128; ++a) {
      for (unsigned b = 1; b < 128; ++b) {
        good = good && !(classes.has(a, b) && exact.spans_ascii(a, b));
        cut += classes.has(a, b);
        may += !exact.spans_ascii(a, b);
      }
    }
  }
  CHECK(good);
  CHECK(cut > may / 2);
  const AsciiCuts words = PieceCuts::of_whole_words(true).by_classes();
  CHECK(words.has('a', ' '));
  CHECK(!words.has(' ', 'a'));
  CHECK(!words.has('a', ','));
}
