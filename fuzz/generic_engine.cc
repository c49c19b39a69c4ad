// Any normalizers, pre-tokenizers, model and added tokens, any text: an Error, or tokens whose places lie in
// the text, and the same ids where no places are asked for.
#include "engine_pairs.h"
#include "fasttok/base/error.h"
#include "fasttok/regex/regex.h"
#include "fasttok/unicode/utf8.h"
#include "fuzzed_text.h"

using namespace fasttok;
using namespace fasttok::testing;

namespace {

std::string utf8_text(FuzzedDataProvider& input, std::size_t most) {
  Chars chars = fuzzed_text(input, most);
  std::erase_if(chars, [](char32_t c) { return is_surrogate(c); });
  return to_utf8(chars);
}

TextPattern pattern(FuzzedDataProvider& input) {
  static const std::vector<std::shared_ptr<const Regex>> kRegexes = [] {
    std::vector<std::shared_ptr<const Regex>> all;
    for (const char* source : {R"(\s+)", R"(\p{L}+|\d)", "a*", R"(\b)", R"(\s+(?!\S)|\s+)", "(?<=a)b", "$|^"})
      all.push_back(std::make_shared<const Regex>(source, regex::Syntax::kOniguruma));
    return all;
  }();
  const auto number = input.ConsumeIntegralInRange<std::size_t>(0, kRegexes.size());
  if (number < kRegexes.size()) return {"", kRegexes[number]};
  return {utf8_text(input, 4)};
}

Normalizer normalizer(FuzzedDataProvider& input) {
  Normalizer made;
  for (int n = input.ConsumeIntegralInRange(0, 3); n > 0; --n) {
    switch (input.ConsumeIntegralInRange(0, 8)) {
      case 0:
        made.steps.push_back(BertNormalizer{input.ConsumeBool(), input.ConsumeBool(), input.ConsumeBool(),
                                            input.ConsumeBool()});
        break;
      case 1:
        made.steps.push_back(UnicodeForm{static_cast<NormalForm>(input.ConsumeIntegralInRange(0, 3))});
        break;
      case 2:
        made.steps.push_back(Lowercase{});
        break;
      case 3:
        made.steps.push_back(Strip{input.ConsumeBool(), input.ConsumeBool()});
        break;
      case 4:
        made.steps.push_back(StripAccents{});
        break;
      case 5:
        made.steps.push_back(Nmt{});
        break;
      case 6:
        made.steps.push_back(ByteLevelNormalizer{});
        break;
      case 7:
        made.steps.push_back(Prepend{utf8_text(input, 4)});
        break;
      default: {
        TextPattern where = pattern(input);
        made.steps.push_back(Replace{std::move(where), utf8_text(input, 4)});
      }
    }
  }
  return made;
}

PreTokenizer pre_tokenizer(FuzzedDataProvider& input) {
  PreTokenizer made;
  const auto behavior = [&] { return static_cast<SplitBehavior>(input.ConsumeIntegralInRange(0, 4)); };
  for (int n = input.ConsumeIntegralInRange(0, 3); n > 0; --n) {
    switch (input.ConsumeIntegralInRange(0, 10)) {
      case 0:
        made.steps.push_back(BertPreTokenizer{});
        break;
      case 1:
        made.steps.push_back(ByteLevel{input.ConsumeBool(), input.ConsumeBool()});
        break;
      case 2:
        made.steps.push_back(CharDelimiterSplit{input.ConsumeBool() ? U' ' : U'文'});
        break;
      case 3:
        made.steps.push_back(Digits{input.ConsumeBool()});
        break;
      case 4:
        made.steps.push_back(FixedLength{input.ConsumeIntegralInRange<std::size_t>(1, 5)});
        break;
      case 5:
        made.steps.push_back(Metaspace{
            U'▁', static_cast<Metaspace::Prepend>(input.ConsumeIntegralInRange(0, 2)), input.ConsumeBool()});
        break;
      case 6:
        made.steps.push_back(Punctuation{behavior()});
        break;
      case 7: {
        TextPattern where = pattern(input);
        const SplitBehavior how = behavior();
        made.steps.push_back(SplitAtPattern{std::move(where), how, input.ConsumeBool()});
        break;
      }
      case 8:
        made.steps.push_back(UnicodeScripts{});
        break;
      case 9:
        made.steps.push_back(Whitespace{});
        break;
      default:
        made.steps.push_back(WhitespaceSplit{});
    }
  }
  return made;
}

// Different texts, so that ids stand for one each.
std::vector<std::string> pieces(FuzzedDataProvider& input) {
  std::set<std::string> made{"a", "b", "▁", "<unk>", "é", "<0x61>"};
  for (int n = input.ConsumeIntegralInRange(0, 12); n > 0; --n) made.insert(utf8_text(input, 6));
  return {made.begin(), made.end()};
}

Vocab vocab(const std::vector<std::string>& texts) {
  std::vector<std::pair<std::string, std::uint32_t>> entries;
  for (const std::string& text : texts) entries.emplace_back(text, entries.size());
  return Vocab(entries);
}

Model model(FuzzedDataProvider& input) {
  const int kind = input.ConsumeIntegralInRange(0, 3);
  const std::vector<std::string> texts = pieces(input);
  const auto number = [&] { return input.ConsumeIntegralInRange<std::size_t>(0, texts.size() - 1); };
  if (kind == 0) return small_model(input.ConsumeBool() ? 100 : 2);
  if (kind == 1) return std::make_shared<const WordLevel>(WordLevel{std::make_shared<Vocab>(vocab(texts))});
  if (kind == 2) {
    std::vector<ScoredPiece> scored;
    for (const std::string& text : texts)
      scored.push_back({text, -input.ConsumeFloatingPointInRange(0.0, 9.0)});
    Unigram unigram{std::make_shared<const UnigramTables>(scored, number())};
    unigram.byte_fallback = input.ConsumeBool();
    return std::make_shared<const Unigram>(unigram);
  }
  // Merges of two pieces that make a third.
  std::vector<BpeTables::TokenPair> merges;
  const std::set<std::string> known(texts.begin(), texts.end());
  for (int n = input.ConsumeIntegralInRange(0, 8); n > 0; --n) {
    const std::string &left = texts[number()], &right = texts[number()];
    if (known.contains(left + right)) merges.emplace_back(left, right);
  }
  Bpe bpe{std::make_shared<const BpeTables>(vocab(texts), merges, 0)};
  if (input.ConsumeBool()) bpe.unk_token = texts[number()];
  if (input.ConsumeBool()) bpe.continuing_subword_prefix = utf8_text(input, 2);
  if (input.ConsumeBool()) bpe.end_of_word_suffix = utf8_text(input, 2);
  bpe.fuse_unk = input.ConsumeBool();
  bpe.byte_fallback = input.ConsumeBool();
  bpe.ignore_merges = input.ConsumeBool();
  return std::make_shared<const Bpe>(bpe);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  try {
    Spec spec;
    spec.normalizer = normalizer(input);
    spec.pre_tokenizer = pre_tokenizer(input);
    spec.model = model(input);
    spec.added_tokens = added_sets()[input.ConsumeIntegralInRange<std::size_t>(0, added_sets().size() - 1)];
    // By byte fallback each byte of a prefix and a suffix, too, is a token that takes one of the text.
    std::size_t stretch = 1;
    if (const auto* bpe = std::get_if<std::shared_ptr<const Bpe>>(&spec.model);
        bpe && (*bpe)->byte_fallback) {
      stretch = 4 + (*bpe)->continuing_subword_prefix.value_or("").size() +
                (*bpe)->end_of_word_suffix.value_or("").size();
    }
    const GenericEngine engine(spec);
    for (const HeldText& form : held(fuzzed_text(input, size))) {
      const SequenceRequest request{.texts = {&form.view(), 1}};
      const Outcome with = run(engine, request, true), without = run(engine, request, false);
      require(with.ids == without.ids && with.error == without.error, "details change no ids");
      for (const auto& [begin, end, word] : with.places) {
        require(word >= 0, "every token is of a word");
        // Ends may lie behind the text: see Bpe and Precompiled.
        require(begin <= stretch * form.view().length + 8, "places begin in the text");
      }
    }
  } catch (const Error&) {
  }
  return 0;
}
