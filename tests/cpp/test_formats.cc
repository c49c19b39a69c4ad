// Files: what they hold, and where they are damaged.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/formats/bert_vocab.h"
#include "fasttok/unicode/utf8.h"

using namespace fasttok;

namespace {

std::vector<std::string> tokens_of(std::string_view data) {
  std::vector<std::string> tokens;
  for (const VocabEntry& entry : read_bert_vocab(data, "v")) {
    CHECK(entry.id == tokens.size());
    tokens.emplace_back(entry.token);
  }
  return tokens;
}

}  // namespace

TEST_CASE("vocab.txt: a token a line") {
  using Tokens = std::vector<std::string>;
  CHECK(tokens_of("") == Tokens{});
  CHECK(tokens_of("\n") == Tokens{""});
  CHECK(tokens_of("a\n中\n") == Tokens{"a", "中"});
  CHECK(tokens_of("a\r\n\n b\u3000\t") == Tokens{"a", "", " b"});
}

TEST_CASE("vocab.txt: what is not UTF-8 is named by line and byte") {
  for (const auto& [data, where] : std::vector<std::pair<std::string, std::string>>{
           {"\xFF", "v: line 1: not UTF-8 (byte 0 "},
           {"a\n\n中\xE4\xB8", "v: line 3: not UTF-8 (byte 6 "},
           {"12345678\x80", "v: line 1: not UTF-8 (byte 8 "},
       }) {
    std::string message;
    try {
      read_bert_vocab(data, "v");
    } catch (const FormatError& error) {
      message = error.what();
    }
    CHECK(message.starts_with(where));
  }
}

TEST_CASE("utf8: every character is valid, and nothing else is") {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    // Written as if surrogates were characters.
    std::string text = "1234567";
    append_utf8(text, c);
    const bool surrogate = c >= 0xD800 && c < 0xE000;
    if (invalid_utf8_at(text) != (surrogate ? 7 : text.size())) FAIL(static_cast<unsigned>(c));
    if (c < 0x80) continue;
    text.pop_back();
    if (invalid_utf8_at(text) != 7) FAIL(static_cast<unsigned>(c));
  }
  for (const std::string bad : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF",
                                "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xC3(", "\xE4\xB8("}) {
    CHECK(invalid_utf8_at(bad) == 0);
    CHECK(invalid_utf8_at("中" + bad + "abcdefgh") == 3);
  }
}
