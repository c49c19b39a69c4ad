// A text under one of many byte-level BPEs, with the shapes of pre-tokenizer that byte_bpe takes: it must
// equal generic. Tables are dear, so each pair of engines is built once, from its number.
#include "engine_pairs.h"
#include "fasttok/base/error.h"
#include "fasttok/pipeline/engine_byte_bpe.h"
#include "fasttok/regex/regex.h"
#include "fasttok/unicode/byte_chars.h"
#include "fasttok/unicode/utf8.h"
#include "fuzzed_text.h"

#include <map>
#include <memory>

using namespace fasttok;
using namespace fasttok::testing;

namespace {

std::shared_ptr<const Bpe> model(Random& random) {
  std::vector<std::string> texts;
  std::vector<std::pair<std::string, std::uint32_t>> entries;
  const auto add = [&](const std::string& text) {
    if (std::find(texts.begin(), texts.end(), text) != texts.end()) return;
    entries.emplace_back(text, entries.size());
    texts.push_back(text);
  };
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::string text;
    append_utf8(text, byte_char(static_cast<std::uint8_t>(byte)));
    add(text);
  }
  // Merges of what there is, mostly of what was made last or of plain letters.
  std::vector<std::pair<std::string, std::string>> merges;
  for (unsigned n = below(random, 60); n > 0; --n) {
    const auto part = [&] {
      const unsigned kind = below(random, 3);
      if (kind == 0) return texts['a' + below(random, 4)];
      return texts[kind == 1 ? below(random, texts.size()) : texts.size() - 1 - below(random, 8)];
    };
    std::string left = part(), right = part();
    if (left.size() + right.size() > 64) continue;
    add(left + right);
    merges.emplace_back(std::move(left), std::move(right));
  }
  const std::vector<BpeTables::TokenPair> pairs(merges.begin(), merges.end());
  Bpe bpe{std::make_shared<const BpeTables>(Vocab(entries), pairs, 0)};
  bpe.ignore_merges = below(random, 2);
  return std::make_shared<const Bpe>(bpe);
}

PreTokenizer pre_tokenizer(Random& random) {
  static const std::vector<std::shared_ptr<const Regex>> kRegexes = [] {
    std::vector<std::shared_ptr<const Regex>> all;
    for (
        const char* source :
        {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
         R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
         R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
         R"(\s+|\S)", "a|b*"})
      all.push_back(std::make_shared<const Regex>(source, regex::Syntax::kOniguruma));
    return all;
  }();
  PreTokenizer made;
  const unsigned shape = below(random, 3);
  if (shape == 1) made.steps.push_back(Digits{below(random, 2) == 0});
  if (shape == 2) {
    const auto behavior = below(random, 2) ? SplitBehavior::kIsolated : SplitBehavior::kRemoved;
    made.steps.push_back(
        SplitAtPattern{{"", kRegexes[below(random, kRegexes.size())]}, behavior, below(random, 2) == 0});
  }
  made.steps.push_back(ByteLevel{below(random, 2) == 0, shape == 2 ? below(random, 4) == 0 : true});
  return made;
}

struct Pair {
  GenericEngine generic;
  std::unique_ptr<ByteBpeEngine> fused;
};

// Null where byte_bpe does not take the shape.
const Pair& pair_number(unsigned number) {
  static std::map<unsigned, std::unique_ptr<Pair>> built;
  std::unique_ptr<Pair>& pair = built[number];
  if (pair) return *pair;
  Random random(number);
  Spec spec;
  if (below(random, 3) == 0) spec.normalizer = Normalizer{{UnicodeForm{NormalForm::kNfc}}};
  spec.pre_tokenizer = pre_tokenizer(random);
  spec.model = model(random);
  spec.added_tokens = added_sets()[below(random, added_sets().size())];
  pair = std::make_unique<Pair>(Pair{GenericEngine(spec), nullptr});
  if (ByteBpeEngine::fits(spec, pair->generic)) {
    pair->fused = std::make_unique<ByteBpeEngine>(spec, pair->generic);
  }
  return *pair;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  const Pair& pair = pair_number(input.ConsumeIntegralInRange(0u, 63u));
  if (!pair.fused) return 0;
  const GenericEngine& generic = pair.generic;
  const ByteBpeEngine& fused = *pair.fused;
  for (const HeldText& form : held(fuzzed_text(input, size))) {
    // Twice, so that words come from the cache, too.
    SequenceRequest request{.texts = {&form.view(), 1}};
    const Outcome expected = run(generic, request, true);
    for (int round = 0; round < 2; ++round) {
      require(run(fused, request, true) == expected, "byte_bpe equals generic");
      require(run(fused, request, false) == expected.without_details(), "byte_bpe equals generic, ids alone");
    }
    if (!expected.error.empty()) continue;
    request.max_tokens = expected.ids.size() / 2;
    Outcome prefix = expected, found = run(fused, request, true);
    prefix.cut(request.max_tokens);
    found.cut(request.max_tokens);
    require(found == prefix, "byte_bpe equals generic as far as it reads");
  }
  return 0;
}
