// Any bytes as a charsmap, any text through it: refused with an Error, or what comes out lies where it may.
//
// The first byte says how much of the input is the charsmap; small tries are rare in random bytes, so half of
// the inputs are given a size that fits.
#include "fasttok/text/charsmap.h"
#include "fasttok/base/error.h"
#include "fasttok/text/normalizer.h"
#include "fasttok/unicode/utf8.h"
#include "fuzzed_text.h"

using namespace fasttok;
using namespace fasttok::testing;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  std::string bytes = input.ConsumeRandomLengthString(size);
  if (input.ConsumeBool() && bytes.size() >= 8) {
    const auto trie =
        static_cast<std::uint32_t>(4 * input.ConsumeIntegralInRange<std::size_t>(1, (bytes.size() - 4) / 4));
    for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<char>(trie >> 8 * i & 0xFF);
  }
  Chars chars = fuzzed_text(input, size);
  std::erase_if(chars, [](char32_t c) { return is_surrogate(c); });
  const std::string text = to_utf8(chars);
  std::shared_ptr<const Charsmap> charsmap;
  try {
    charsmap = std::make_shared<const Charsmap>(bytes);
  } catch (const Error&) {
    return 0;
  }
  for (std::size_t begin = 0; begin < text.size(); begin += decode_char(text, begin).size) {
    for (std::size_t end = begin, n = 0; n < 6 && end < text.size(); ++n) {
      end += decode_char(text, end).size;
      const std::string_view chunk = std::string_view(text).substr(begin, end - begin);
      const auto found = charsmap->transform(chunk);
      if (!found) continue;
      require(charsmap->may_begin(static_cast<unsigned char>(chunk[0])), "a rule's first byte is known");
      const std::string& all = charsmap->bytes();
      require(found->data() >= all.data() && found->data() + found->size() <= all.data() + all.size(),
              "a replacement lies in the charsmap");
    }
  }
  NormalizedString normalized(text);
  Precompiled{charsmap}.normalize(normalized);
  const std::string& made = normalized.get();
  for (std::size_t at = 0; at < made.size();) {
    const DecodedChar c = decode_char(made, at);
    require(at + c.size <= made.size() && utf8_size(c.c) == c.size, "the text is UTF-8");
    at += c.size;
  }
  return 0;
}
