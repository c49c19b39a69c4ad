// The bytes of a `.model` file, and a text: a model or FormatError; what it encodes, it consumes whole.
#include "fasttok/formats/sentencepiece_model.h"
#include "fasttok/base/error.h"
#include "fuzzed_text.h"

using fasttok::FormatError;
using fasttok::testing::require;
using namespace fasttok::sentencepiece;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view file(reinterpret_cast<const char*>(data) + 1, size - 1);
  // The text is the end of the file, so that it has pieces in it.
  const std::string_view text = file.substr(file.size() - file.size() * (data[0] % 16) / 16);
  try {
    const Processor processor(read_model(file, "model"));
    const Tokens tokens = processor.encode(text, {});
    std::vector<std::int32_t> ids;
    std::size_t end = 0;
    for (const Token& token : tokens.tokens) {
      ids.push_back(token.id);
      require(token.begin <= token.end && token.end <= text.size() && token.begin >= end,
              "places are ordered and inside");
      end = token.begin;
    }
    require(ids == processor.encode_ids(text, {}), "ids are those of the tokens");
    for (const std::int32_t id : ids) require(id >= 0, "every token has an id");
    (void)processor.decode_ids(ids);
    (void)processor.decode(ids);
    (void)to_proto(tokens);
    if (processor.pieces().type() == ModelType::kUnigram && text.size() < 64) (void)processor.n_best(text, 5);
    (void)processor.encode_chunks(text, 7, 1);
  } catch (const FormatError&) {
  }
  return 0;
}
