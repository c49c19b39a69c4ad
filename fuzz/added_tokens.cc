// Any added tokens, with any flags, in any text: bert must equal generic, and building must not fail.
#include "engine_pairs.h"
#include "fasttok/base/error.h"
#include "fasttok/unicode/utf8.h"
#include "fuzzed_text.h"

using namespace fasttok;
using namespace fasttok::testing;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  const auto normalizer = normalizer_number(input.ConsumeIntegralInRange(0, kNormalizers - 1));
  std::vector<AddedToken> added;
  std::u32string contents;
  for (int n = input.ConsumeIntegralInRange(0, 6); n > 0; --n) {
    Chars content = fuzzed_text(input, 12);
    std::erase_if(content, [](char32_t c) { return is_surrogate(c); });
    contents += content;
    added.push_back({.content = to_utf8(content),
                     .id = input.ConsumeIntegralInRange<std::uint32_t>(0, 1200),
                     .single_word = input.ConsumeBool(),
                     .lstrip = input.ConsumeBool(),
                     .rstrip = input.ConsumeBool(),
                     .normalized = input.ConsumeBool(),
                     .special = input.ConsumeBool()});
  }
  const Spec spec = spec_of(normalizer, small_model(), added);
  Random random(static_cast<unsigned>(size));
  const bool fused = BertEngine::fits(spec, GenericEngine(spec));
  const Chars text = (input.ConsumeBool() ? contents : Chars()) + fuzzed_text(input, size) + contents;
  if (fused) {
    const Engines engines(spec);
    for (const HeldText& form : held(text)) {
      require(engines.agree({.texts = {&form.view(), 1}}, random), "bert equals generic");
    }
    return 0;
  }
  const GenericEngine generic(spec);
  const HeldText form(text);
  try {
    run(generic, {.texts = {&form.view(), 1}}, true);
  } catch (const Error&) {  // a content that normalizes to nothing
  }
  return 0;
}
