// UnigramWords held against the literal model, with scores whose sums are exact, are rounded, or are equal
// but for their rounding.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "fasttok/model/unigram.h"
#include "fasttok/model/unigram_words.h"

using namespace fasttok;

namespace {

constexpr const char* kMark = "\xE2\x96\x81";

std::string marked(const std::string& spaced) {
  std::string text;
  for (const char c : spaced) c == ' ' ? text += kMark : text += c;
  return text;
}

enum class Scores { kExact, kRounded, kNearlyEqual };

// Pieces over "abc" and the mark, none of which spans "c" and what is behind it.
std::shared_ptr<const Unigram> random_model(std::mt19937& rng, Scores kind) {
  std::vector<std::string> texts{"<unk>"};
  for (int i = 0; i < 40; ++i) {
    std::string text(rng() % 3 == 0 ? " " : "");
    for (std::size_t size = 1 + rng() % 4; size > 0; --size) text += static_cast<char>('a' + rng() % 2);
    if (rng() % 3 == 0) text += 'c';
    text = marked(text);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
  std::vector<ScoredPiece> pieces;
  for (const std::string& text : texts) {
    const double any = static_cast<double>(rng()) / 4294967296.0;
    double score = -std::round(any * 6);
    if (kind == Scores::kRounded) score = -20 * any;
    if (kind == Scores::kNearlyEqual) score = -static_cast<double>(1 + rng() % 6) / 10;
    pieces.push_back({text, score});
  }
  return std::make_shared<const Unigram>(Unigram{std::make_shared<const UnigramTables>(pieces, 0)});
}

// Words of any length, each with a space before it.
std::string random_text(std::mt19937& rng, std::size_t most) {
  std::string text;
  for (std::size_t size = 1 + rng() % most; size > 0; --size)
    text += text.empty() || rng() % 9 == 0 ? ' ' : "aabbcd"[rng() % 6];
  return text;
}

void append_literally(const Unigram& model, const std::string& text, std::vector<std::uint32_t>& ids) {
  for (const Token& token : model.tokenize(marked(text))) ids.push_back(token.id);
}

}  // namespace

TEST_CASE("words of a Unigram model, cut where no piece spans, have the literal ids") {
  std::mt19937 rng(3);
  for (int round = 0; round < 90; ++round) {
    const Scores kind = std::vector{Scores::kExact, Scores::kRounded, Scores::kNearlyEqual}[rng() % 3];
    const std::shared_ptr<const Unigram> model = random_model(rng, kind);
    for (const bool splits : {true, false}) {
      const UnigramWords words(model, splits);
      for (const std::size_t most : {20, 20, 20, 20, 300, 300, 5'000}) {
        std::string text = random_text(rng, most);
        std::vector<std::uint32_t> expected;
        if (splits) {
          for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find(' ', at + 1), text.size());
            append_literally(*model, text.substr(at, end - at), expected);
            at = end;
          }
        } else {
          append_literally(*model, text, expected);
        }
        const std::size_t size = text.size();
        text.append(SegmentWalk::kSlack, '\0');
        Buffer<std::uint32_t> ids;
        CHECK(words.append(reinterpret_cast<const std::uint8_t*>(text.data()), size, SIZE_MAX, ids));
        CHECK(std::vector<std::uint32_t>(ids.begin(), ids.end()) == expected);
      }
    }
  }
}
