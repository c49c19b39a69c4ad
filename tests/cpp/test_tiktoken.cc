// What fasttok.tiktoken stands on: rank files, literals in texts, the bytes of tokens.
#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/formats/tiktoken.h"
#include "fasttok/output/token_bytes.h"
#include "fasttok/text/literal_finder.h"

using namespace fasttok;

namespace {

std::string shown(std::string_view data) {
  std::string text;
  try {
    const RankFile file(data, "f");
    for (const RankedToken& token : file.tokens()) {
      text += std::string(token.bytes) + "=" + std::to_string(token.rank) + " ";
    }
  } catch (const FormatError& error) {
    text = error.what();
  }
  return text;
}

}  // namespace

TEST_CASE("rank file: base64 with each padding, any line ending, any order") {
  CHECK(shown("") == "");
  CHECK(shown("YQ== 0\nYWI= 7\r\nYWJj 3\rYWJjZA== 4294967295") == "a=0 ab=7 abc=3 abcd=4294967295 ");
  CHECK(shown("\n\n\tYQ==  5 \n") == "a=5 ");
  CHECK(shown(std::string(1000, '\r') + "YQ== 5") == "a=5 ");
}

TEST_CASE("rank file: what is damaged is named") {
  CHECK(shown("YQ== 0\nYQ== 1") == "f: line 2: the token of line 1 again");
  CHECK(shown("YQ== 3\nYg== 2\n\nYw== 3") == "f: line 4: the rank of line 1 again");
  CHECK(shown("YQ== 0\nx") ==
        "Error parsing line b'x' in f: line 2: expected a token in base64, a space and a rank");
  for (const char* bad : {"Y 0", "YQ 0", "YQ=a 0", "==== 0", "Y=== 0", "YQ==YQ== 0", "Y*Jj 0"}) {
    CHECK(shown(bad).ends_with("the token is not base64"));
  }
}

TEST_CASE("rank file: random bytes are refused or read, never worse") {
  std::mt19937 random(1);
  const std::string_view alphabet = "YQ=Wb0 19\n\r\t\xff";
  std::size_t read = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string data;
    for (std::size_t size = random() % 24; size > 0; --size) data += alphabet[random() % alphabet.size()];
    read += shown(data).find("line") == std::string::npos;
  }
  CHECK(read > 0);
}

TEST_CASE("literals: leftmost, then longest, in texts of every width") {
  const LiteralFinder finder({U"ab", U"<s>", U"", U"abc", U"ab", U"é"});
  const auto found = [&]<class Unit>(const std::vector<Unit>& units, std::size_t from) {
    const TextView view{units.data(), units.size(), sizeof(Unit), false};
    const auto hit = finder.find(view, from);
    return hit ? std::to_string(hit->begin) + "-" + std::to_string(hit->end) + "=" +
                     std::to_string(hit->literal)
               : "none";
  };
  const auto everywhere = [&](const std::string& text, std::size_t from, const std::string& expected) {
    const std::vector<std::uint8_t> narrow(text.begin(), text.end());
    CHECK(found(narrow, from) == expected);
    CHECK(found(std::vector<std::uint16_t>(narrow.begin(), narrow.end()), from) == expected);
    CHECK(found(std::vector<std::uint32_t>(narrow.begin(), narrow.end()), from) == expected);
  };
  everywhere("xxabcd", 0, "2-5=3");
  everywhere("xxabxd", 0, "2-4=0");
  everywhere("xxabxd", 3, "none");
  everywhere("a<s", 0, "none");
  everywhere("<<s>", 0, "1-4=1");
  everywhere("ab", 0, "0-2=0");
  everywhere("", 0, "none");
  everywhere("\xE9", 0, "0-1=5");
  CHECK_FALSE(LiteralFinder({}).find({"ab", 2, 1, true}, 0));
}

TEST_CASE("bytes of tokens: dense and sparse ids, empty and long tokens, many ids") {
  const std::string long_token(40, 'x');
  for (const std::uint32_t far : {7u, 4000000000u}) {
    const std::vector<TokenBytes::Entry> entries{
        {"a", 0},     {"", 1},        {long_token, 3}, {"0123456789abcdef", far}, {"0123456789abcde", 4},
        {"again", 0}, {long_token, 1}};
    const TokenBytes bytes(entries);
    CHECK(bytes.find(0) == "a");
    CHECK(bytes.find(1) == "");
    CHECK(bytes.find(far) == "0123456789abcdef");
    CHECK_FALSE(bytes.find(2));
    CHECK_FALSE(bytes.find(far + 1));
    std::mt19937 random(2);
    for (int round = 0; round < 200; ++round) {
      std::vector<std::uint32_t> ids;
      std::string expected;
      for (std::size_t size = random() % (round % 10 == 0 ? 4000 : 40); size > 0; --size) {
        const auto& entry = entries[random() % 5];
        ids.push_back(entry.id);
        expected += entry.bytes;
      }
      Buffer<char> out;
      out.push_back('>');
      bytes.append(ids, out);
      CHECK(std::string(out.begin(), out.end()) == ">" + expected);
    }
    Buffer<char> out;
    CHECK_THROWS_WITH_AS(bytes.append(std::vector<std::uint32_t>{0, 2}, out), "Invalid token for decoding: 2",
                         KeyError);
  }
}
