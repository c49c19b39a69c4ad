// Any byte-level BPE, any shape of pre-tokenizer that it takes, any text: byte_bpe must equal generic.
#include "engine_pairs.h"
#include "fasttok/base/error.h"
#include "fasttok/pipeline/engine_byte_bpe.h"
#include "fasttok/regex/regex.h"
#include "fasttok/unicode/byte_chars.h"
#include "fasttok/unicode/utf8.h"
#include "fuzzed_text.h"

using namespace fasttok;
using namespace fasttok::testing;

namespace {

std::shared_ptr<const Bpe> model(FuzzedDataProvider& input) {
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
  for (int n = input.ConsumeIntegralInRange(0, 24); n > 0; --n) {
    const auto part = [&] {
      return input.ConsumeBool() ? texts['a' + input.ConsumeIntegralInRange<std::size_t>(0, 3)]
                                 : texts[input.ConsumeIntegralInRange<std::size_t>(0, texts.size() - 1)];
    };
    std::string left = part(), right = part();
    if (left.size() + right.size() > 64) continue;
    add(left + right);
    merges.emplace_back(std::move(left), std::move(right));
  }
  const std::vector<BpeTables::TokenPair> pairs(merges.begin(), merges.end());
  Bpe bpe{std::make_shared<const BpeTables>(Vocab(entries), pairs, 0)};
  bpe.ignore_merges = input.ConsumeBool();
  return std::make_shared<const Bpe>(bpe);
}

PreTokenizer pre_tokenizer(FuzzedDataProvider& input) {
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
  const int shape = input.ConsumeIntegralInRange(0, 3);
  if (shape == 1) made.steps.push_back(Digits{input.ConsumeBool()});
  if (shape == 2) {
    const auto number = input.ConsumeIntegralInRange<std::size_t>(0, kRegexes.size() - 1);
    const auto behavior = input.ConsumeBool() ? SplitBehavior::kIsolated : SplitBehavior::kRemoved;
    made.steps.push_back(SplitAtPattern{{"", kRegexes[number]}, behavior, input.ConsumeBool()});
  }
  made.steps.push_back(ByteLevel{input.ConsumeBool(), input.ConsumeBool()});
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  Spec spec;
  if (input.ConsumeBool()) spec.normalizer = Normalizer{{UnicodeForm{NormalForm::kNfc}}};
  spec.pre_tokenizer = pre_tokenizer(input);
  spec.model = model(input);
  spec.added_tokens = added_sets()[input.ConsumeIntegralInRange<std::size_t>(0, added_sets().size() - 1)];
  const GenericEngine generic(spec);
  if (!ByteBpeEngine::fits(spec, generic)) return 0;
  const ByteBpeEngine fused(spec, generic);
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
