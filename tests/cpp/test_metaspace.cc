// The engine metaspace against the generic one, on random pipelines of its family, in memory that ends where
// the text does.
#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fasttok/pipeline/engine_generic.h"
#include "fasttok/pipeline/engine_metaspace.h"
#include "random_texts.h"

using namespace fasttok;
using namespace fasttok::testing;

namespace {

const std::vector<std::string> kLetters{"a",  "b",  "c",  "▁", "'",  "é", "e\u0301",
                                        "中", "国", "Ａ", "👍", "\t", "B"};

std::string random_string(Random& random, std::size_t most, bool spaces) {
  std::string text;
  for (std::size_t n = 1 + below(random, most); n > 0; --n) {
    text += spaces && below(random, 4) == 0 ? " " : kLetters[below(random, kLetters.size())];
  }
  return text;
}

Model random_unigram(Random& random) {
  std::set<std::string> texts;
  for (int i = 0; i < 60; ++i) texts.insert((below(random, 2) ? "▁" : "") + random_string(random, 5, false));
  std::vector<ScoredPiece> pieces{{"<unk>", 0.0}};
  const bool exact = below(random, 2) == 0;
  for (const std::string& text : texts) {
    pieces.push_back({text, exact ? -0.25 * below(random, 40) : -0.1 * (1 + below(random, 7))});
  }
  return std::make_shared<const Unigram>(Unigram{std::make_shared<const UnigramTables>(pieces, 0)});
}

Model random_bpe(Random& random) {
  std::vector<std::string> tokens(kLetters.begin(), kLetters.end() - 3);
  std::vector<std::pair<std::string, std::string>> merges;
  for (int i = 0; i < 60; ++i) {
    const std::string left = tokens[below(random, tokens.size())],
                      right = tokens[below(random, tokens.size())];
    if (std::find(tokens.begin(), tokens.end(), left + right) != tokens.end()) continue;
    tokens.push_back(left + right);
    merges.emplace_back(left, right);
  }
  tokens.emplace_back("<unk>");
  std::vector<std::pair<std::string, std::uint32_t>> entries;
  for (const std::string& token : tokens) entries.emplace_back(token, entries.size());
  std::vector<BpeTables::TokenPair> pairs(merges.begin(), merges.end());
  Bpe bpe{std::make_shared<const BpeTables>(Vocab(entries), pairs, 0)};
  bpe.unk_token = "<unk>";
  bpe.fuse_unk = below(random, 2) == 0;
  return std::make_shared<const Bpe>(std::move(bpe));
}

Spec random_spec(Random& random) {
  Spec spec;
  spec.model = below(random, 2) ? random_unigram(random) : random_bpe(random);
  Normalizer normalizer;
  if (below(random, 2)) normalizer.steps.emplace_back(Replace{{"''"}, "\""});
  if (below(random, 2)) normalizer.steps.emplace_back(UnicodeForm{NormalForm::kNfkd});
  if (below(random, 2)) normalizer.steps.emplace_back(StripAccents{});
  if (below(random, 2)) normalizer.steps.emplace_back(Lowercase{});
  Metaspace metaspace;
  metaspace.split = below(random, 2) == 0;
  switch (below(random, 3)) {
    case 0:
      metaspace.split = true;
      spec.pre_tokenizer = PreTokenizer{{WhitespaceSplit{}, metaspace}};
      break;
    case 1:
      spec.pre_tokenizer = PreTokenizer{{metaspace}};
      break;
    default:
      normalizer.steps.emplace_back(Prepend{"▁"});
      normalizer.steps.emplace_back(Replace{{" "}, "▁"});
  }
  if (!normalizer.steps.empty()) spec.normalizer = normalizer;
  spec.added_tokens.push_back({.content = "<s>", .id = 900, .normalized = below(random, 2) == 0});
  return spec;
}

}  // namespace

TEST_CASE("metaspace and generic give the same ids") {
  Random random(7);
  std::size_t tokens = 0;
  for (unsigned round = 0; round < 60 * test_rounds(); ++round) {
    const Spec spec = random_spec(random);
    const GenericEngine generic(spec);
    REQUIRE(MetaspaceEngine::fits(spec, generic));
    const MetaspaceEngine fused(spec, generic);
    for (int i = 0; i < 60; ++i) {
      std::string utf8 = random_string(random, i % 10 == 0 ? 300 : 12, true);
      if (below(random, 8) == 0) utf8.insert(below(random, 2) ? 0 : utf8.size(), "<s>");
      // As Python holds it: the narrowest of four kinds.
      const std::u32string wide = to_utf32(utf8);
      const char32_t most = *std::max_element(wide.begin(), wide.end());
      const std::vector<std::uint8_t> one(wide.begin(), wide.end());
      const std::vector<std::uint16_t> two(wide.begin(), wide.end());
      const TextView view = most < 0x100     ? TextView{one.data(), one.size(), 1, most < 0x80}
                            : most < 0x10000 ? TextView{two.data(), two.size(), 2, false}
                                             : TextView{wide.data(), wide.size(), 4, false};
      SequenceRequest request;
      request.texts = {&view, 1};
      TokenColumns expected, found, few, rows, all, placed;
      generic.encode(request, expected);
      fused.encode(request, found);
      const std::vector<std::uint32_t> ids(expected.ids.begin(), expected.ids.end());
      CHECK(std::vector<std::uint32_t>(found.ids.begin(), found.ids.end()) == ids);
      request.max_tokens = 1 + below(random, 5);
      fused.encode(request, few);
      REQUIRE(few.ids.size() >= std::min(ids.size(), request.max_tokens));
      CHECK(std::equal(few.ids.begin(), few.ids.begin() + std::min(ids.size(), request.max_tokens),
                       ids.begin()));
      all.details = placed.details = true;
      request.max_tokens = SIZE_MAX;
      generic.encode(request, all);
      fused.encode(request, placed);
      REQUIRE(placed.ids.size() == ids.size());
      for (std::size_t k = 0; k < ids.size(); ++k) {
        CHECK(placed.ids[k] == ids[k]);
        CHECK(placed.words[k] == all.words[k]);
        CHECK(placed.spans[k].begin == all.spans[k].begin);
        CHECK(placed.spans[k].end == all.spans[k].end);
      }
      std::int64_t end = 0;
      if (fused.encode_rows({&view, 1}, {}, SIZE_MAX, rows, &end) == 1) {
        CHECK(std::vector<std::uint32_t>(rows.ids.begin(), rows.ids.end()) == ids);
      }
      tokens += ids.size();
    }
  }
  CHECK(tokens > 20'000);
}
