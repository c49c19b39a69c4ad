// A text under the tests' normalizers, added tokens and word limits: bert must equal generic.
#include <map>
#include <memory>
#include <tuple>

#include "engine_pairs.h"
#include "fuzzed_text.h"

using namespace fasttok;
using namespace fasttok::testing;

namespace {

// Each pair of engines is built once.
const Engines& engines_number(int normalizer, std::size_t set, std::size_t limit) {
  static std::map<std::tuple<int, std::size_t, std::size_t>, std::unique_ptr<Engines>> built;
  auto& engines = built[{normalizer, set, limit}];
  if (!engines) {
    engines = std::make_unique<Engines>(
        spec_of(normalizer_number(normalizer), small_model(kWordLimits[limit]), added_sets()[set]));
  }
  return *engines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  const Engines& engines =
      engines_number(input.ConsumeIntegralInRange(0, kNormalizers - 1),
                     input.ConsumeIntegralInRange<std::size_t>(0, added_sets().size() - 1),
                     input.ConsumeIntegralInRange<std::size_t>(0, std::size(kWordLimits) - 1));
  SequenceRequest request;
  std::vector<bool> allowed;
  for (const AddedToken& token : engines.generic.added_tokens().tokens()) {
    allowed.push_back(!token.special || input.ConsumeBool());
  }
  if (input.ConsumeBool()) request.allowed = &allowed;
  request.specials_are_errors = input.ConsumeBool();
  request.pretokenized = input.ConsumeBool();
  Random random(input.ConsumeIntegral<unsigned>());
  if (request.pretokenized) {
    std::vector<HeldText> words;
    std::vector<TextView> views;
    while (input.remaining_bytes() > 0) words.emplace_back(fuzzed_text(input, 64));
    for (const HeldText& word : words) views.push_back(word.view());
    request.texts = views;
    require(engines.agree(request, random), "bert equals generic on words");
    return 0;
  }
  for (const HeldText& form : held(fuzzed_text(input, size))) {
    request.texts = {&form.view(), 1};
    require(engines.agree(request, random), "bert equals generic");
  }
  return 0;
}
