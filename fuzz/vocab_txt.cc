// A vocab.txt, tokenized by its own vocabulary: bert must equal generic, and what is damaged must end in
// FormatError.
#include <set>

#include "engine_pairs.h"
#include "fasttok/base/error.h"
#include "fasttok/formats/bert_vocab.h"
#include "fasttok/pipeline/tokenizer.h"
#include "fasttok/unicode/utf8.h"
#include "fuzzed_text.h"

using namespace fasttok;
using namespace fasttok::testing;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const int normalizer = data[0] % kNormalizers;
  const std::size_t limit = kWordLimits[data[1] % std::size(kWordLimits)];
  const std::string_view file(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::vector<VocabEntry> entries;
  try {
    entries = read_bert_vocab(file, "vocab.txt");
  } catch (const FormatError&) {
    require(invalid_utf8_at(file) < file.size(), "only what is not UTF-8 is damaged");
    return 0;
  }
  const std::string unk = entries.empty() ? "[UNK]" : std::string(entries.front().token);
  auto model = std::make_shared<WordPiece>(WordPiece{std::make_shared<const Vocab>(entries), unk});
  model->max_input_chars_per_word = limit;
  const Spec spec = spec_of(normalizer_number(normalizer), model, {});
  for (const VocabEntry& entry : entries) {
    const auto id = model->vocab->token_to_id(entry.token);
    require(id && model->vocab->id_to_token(*id), "each token has an id, and that id a token");
  }
  if (!BertEngine::fits(spec, GenericEngine(spec))) return 0;
  const Engines engines(spec);
  Random random(static_cast<unsigned>(size));
  // The tokens, without "##" and with some glued together, are the text.
  Chars text;
  for (const VocabEntry& entry : entries) {
    text += to_utf32(entry.token.starts_with("##") ? entry.token.substr(2) : entry.token);
    if (random() % 3 == 0) text += U' ';
  }
  for (const HeldText& form : held(text)) {
    require(engines.agree({.texts = {&form.view(), 1}}, random), "bert equals generic");
  }
  return 0;
}
