// In both syntaxes, any pattern compiles or is refused with an Error; the engines that it has find the same.
//
// The input is the pattern, a NUL, and the text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "fasttok/base/error.h"
#include "fasttok/regex/regex.h"
#include "fasttok/unicode/utf8.h"

namespace {

using fasttok::regex::Engine;
using fasttok::regex::Syntax;

// The bytes that are UTF-8, as Python would give them.
std::string valid_utf8(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[at]);
    const std::size_t size = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
    bool valid = size > 0 && at + size <= bytes.size();
    for (std::size_t i = 1; valid && i < size; ++i) valid = fasttok::is_continuation_byte(bytes[at + i]);
    const char32_t c = valid ? fasttok::decode_char(bytes, at).c : 0;
    valid = valid && fasttok::utf8_size(c) == size && c <= 0x10FFFF && !(c >= 0xD800 && c < 0xE000);
    if (valid) out += bytes.substr(at, size);
    at += valid ? size : 1;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = input.find('\0');
  const std::string pattern = valid_utf8(input.substr(0, cut));
  const std::string text = valid_utf8(cut == input.npos ? input : input.substr(cut + 1));
  for (const Syntax syntax : {Syntax::kOniguruma, Syntax::kRust}) {
    try {
      const fasttok::Regex regex(pattern, syntax);
      const auto matches = regex.find_all(text);
      for (const Engine engine : {Engine::kTwoPass, Engine::kBacktrack}) {
        try {
          if (regex.with_engine(engine).find_all(text) != matches) std::abort();
        } catch (const fasttok::ValueError&) {
        }
      }
    } catch (const fasttok::Error&) {
    }
  }
  return 0;
}
