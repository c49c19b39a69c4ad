// Pinyin: letters, lattices against all readings tried one by one, searches against each other, damaged
// tables.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/pinyin/peer_trie.h"
#include "fasttok/pinyin/segment.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok::pinyin {
namespace {

TextView view_of(const std::u32string& text) {
  return {text.data(), text.size(), 4, false};
}

// A table in the format of costs.bin with costs from a seed; the trigrams are few, so that most pairs have
// none.
std::string table_of(std::uint32_t seed) {
  std::mt19937 random(seed);
  const std::size_t symbols = syllable_count() + 1;
  std::string bytes = "FTPINYIN";
  const auto number = [&](std::size_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i & 0xFF);
  };
  number(symbols, 4);
  for (std::size_t i = 0; i < symbols + symbols * symbols; ++i) bytes += static_cast<char>(random() % 256);
  std::set<std::pair<std::size_t, std::size_t>> contexts;
  while (contexts.size() < 20'000) contexts.insert({random() % symbols, random() % symbols});
  number(contexts.size(), 4);
  number(contexts.size() * 2, 4);
  for (const auto& [a, b] : contexts) {
    number(a, 2);
    number(b, 2);
    number(random() % 256, 1);
    number(0, 1);
    number(2, 2);
  }
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    const std::size_t c = random() % (symbols - 1);
    for (const std::size_t third : {c, c + 1}) {
      number(third, 2);
      number(random() % 256, 1);
    }
  }
  return bytes;
}

std::u32string random_text(std::mt19937& random, std::size_t most) {
  static const std::vector<std::u32string> kPieces = {
      U"a",    U"e",      U"g",   U"i",  U"n",  U"o",       U"u",      U"h",  U"x", U"r", U"v",
      U"xian", U"zhuang", U"er",  U"ǚ",  U"ā",  U"u\u0308", U"\u0301", U"3",  U"9", U" ", U"'",
      U"\n",   U"A",      U"The", U"u:", U"你", U"ｘ",      U"m",      U"ng", U"-"};
  std::u32string text;
  for (std::size_t i = random() % most; i-- > 0;) text += kPieces[random() % kPieces.size()];
  return text;
}

using Reading = std::vector<std::uint32_t>;

void all_paths(const Lattice& lattice, std::uint32_t at, Reading& way, std::vector<Reading>& found) {
  if (at == lattice.letters.size()) {
    found.push_back(way);
    return;
  }
  for (std::uint32_t i = 0; i < lattice.edges.size(); ++i) {
    if (lattice.edges[i].begin != at) continue;
    way.push_back(i);
    all_paths(lattice, lattice.edges[i].end, way, found);
    way.pop_back();
  }
}

std::uint64_t count_of(const Lattice& lattice) {
  const PathCount count = count_paths(lattice);
  std::uint64_t product = 1;
  for (const std::uint64_t factor : count.factors) product *= factor;
  CHECK(count.chains.empty());
  return product;
}

bool same(const std::vector<Piece>& a, const std::vector<Piece>& b) {
  return std::ranges::equal(a, b, [](const Piece& x, const Piece& y) {
    return x.begin == y.begin && x.end == y.end && x.spelling == y.spelling && x.kind == y.kind &&
           x.tone == y.tone && x.look == y.look;
  });
}

TEST_CASE("The automaton knows every spelling and its parts") {
  const Automaton& automaton = Automaton::get();
  for (const Spelling& spelling : spellings()) {
    if (spelling.kind == SyllableKind::kAlone || spelling.kind == SyllableKind::kErhua) continue;
    Automaton::State state = Automaton::kRoot;
    for (const char* c = spelling.letters; *c; ++c) state = automaton.step(state, letter_of(*c));
    REQUIRE(state != Automaton::kDead);
    CHECK(spellings()[automaton.spelling(state, true)].letters == spelling.letters);
    const bool standard = spelling.kind == SyllableKind::kStandard;
    CHECK((automaton.spelling(state, false) != kNoSpelling) == standard);
    CHECK(automaton.parts(state, true).size() >= 1);
    CHECK(automaton.parts(state, false).empty() == !standard);
  }
  CHECK(automaton.mark_place(automaton.spelling(automaton.step(Automaton::kRoot, 'a' - 'a'), false)) == 0);
}

TEST_CASE("Letters: marks, breaks and what is foreign") {
  Letters letters;
  const std::u32string text = U"Xī'ān 3月lu:4";
  read_letters(view_of(text), letters);
  REQUIRE(letters.size() == 7);  // x i a n, foreign, l ü
  CHECK(letters.any_upper);
  CHECK((letters.looks[1] & kMark) == 1);
  CHECK(letters.codes[4] == kNoLetter);
  CHECK(letters.codes[6] == kLetterV);
  CHECK(letters.ends[6] == 11);
  REQUIRE(letters.breaks.size() == 3);
  CHECK(letters.breaks[0].place == 2);
  CHECK(letters.breaks[1].place == 4);
  CHECK(letters.breaks[2].tone == 4);
}

// What segment() gives, which must be what segment_literally() gives.
std::vector<Piece> segmented(const TextView& text, const Costs& costs, Method method, bool extended) {
  Buffer<Cut> cuts;
  segment(text, costs, method, extended, cuts);
  std::vector<Piece> pieces, literal;
  std::uint32_t begin = 0;
  for (const Cut& cut : cuts) {
    pieces.push_back(cut.piece(begin));
    begin = cut.end;
  }
  segment_literally(text, costs, method, extended, literal);
  REQUIRE(same(pieces, literal));
  return pieces;
}

TEST_CASE("Best, n best, lattice and count agree, with any costs") {
  for (std::uint32_t seed = 0; seed < 3; ++seed) {
    const auto costs = Costs::parse(table_of(seed));
    std::mt19937 random(seed);
    for (int round = 0; round < 1500; ++round) {
      const std::u32string text = random_text(random, 9);
      INFO(to_utf8(text));
      Lattice lattice;
      read_lattice(view_of(text), *costs, round % 2 == 0, false, lattice);
      std::vector<Reading> all;
      Reading way;
      all_paths(lattice, 0, way, all);
      REQUIRE(count_of(lattice) == all.size());
      Search search;
      search.run(lattice, *costs, true);
      std::vector<Reading> found;
      search.n_best(all.size() + 5, ~std::size_t{0}, [&](const Path& path) { found.push_back(path); });
      std::vector<Reading> sorted = found;
      std::ranges::sort(sorted);
      std::ranges::sort(all);
      REQUIRE(sorted == all);
      // What is left out for the best path does not change it.
      std::vector<Piece> first;
      const auto best = segmented(view_of(text), *costs, Method::kBest, round % 2 == 0);
      pieces_of(lattice, found.front(), first);
      CHECK(same(best, first));
      const auto longest = segmented(view_of(text), *costs, Method::kLongest, round % 2 == 0);
      std::uint32_t at = 0;
      for (const Piece& piece : longest) {
        CHECK(piece.begin == at);
        at = piece.end;
      }
      CHECK(at == text.size());
    }
  }
}

TEST_CASE("The width of the text's units changes nothing") {
  const auto costs = Costs::parse(table_of(7));
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    const std::u32string text = random_text(random, 12);
    const std::u16string narrow(text.begin(), text.end());
    const auto a = segmented(view_of(text), *costs, Method::kBest, false);
    CHECK(same(a, segmented({narrow.data(), narrow.size(), 2, false}, *costs, Method::kBest, false)));
    if (std::ranges::all_of(text, [](char32_t c) { return c < 256; })) {
      const std::string bytes(text.begin(), text.end());
      CHECK(same(a, segmented({bytes.data(), bytes.size(), 1, false}, *costs, Method::kBest, false)));
    }
  }
}

TEST_CASE("All short texts are segmented as literally") {
  const auto costs = Costs::parse(table_of(5));
  const std::string letters = "aegixnuo3 :";
  for (std::size_t length = 1; length <= 4; ++length) {
    std::vector<std::size_t> digits(length, 0);
    std::string text(length, letters[0]);
    for (std::size_t i = 0; i < length;) {
      segmented({text.data(), length, 1, true}, *costs, Method::kBest, false);
      for (i = 0; i < length; ++i) {
        digits[i] = (digits[i] + 1) % letters.size();
        text[i] = letters[digits[i]];
        if (digits[i] != 0) break;
      }
    }
  }
}

TEST_CASE("Long plain texts are segmented as literally, with any costs") {
  const std::vector<std::string> parts = {"xian", "nan",   "an",     "jia", "ng", "lian", "hao", "guo",
                                          "e",    "jiang", " ",      "3",   "x",  "'",    "A",   "xiao",
                                          "ni",   "\n",    "zhuang", "shi", "er", "r",    "."};
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const auto costs = Costs::parse(table_of(seed % 4));
    std::mt19937 random(seed);
    // Few kinds of parts, so that texts without separators and errors are among them.
    const std::size_t kinds = 3 + seed % (parts.size() - 2), skipped = seed % 2 == 0 ? 0 : random() % 8;
    std::string text;
    while (text.size() < 20'000) text += parts[(skipped + random() % kinds) % parts.size()];
    segmented({text.data(), text.size(), 1, true}, *costs, Method::kBest, seed % 3 == 0);
  }
}

TEST_CASE("Damaged tables") {
  const std::string good = table_of(1);
  CHECK_NOTHROW(Costs::parse(good));
  for (std::size_t size = 0; size < good.size(); size += 1 + size / 3) {
    CHECK_THROWS_AS(Costs::parse(std::string_view(good).substr(0, size)), FormatError);
  }
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::string bad = good;
    for (int i = 0; i < 3; ++i) bad[random() % bad.size()] = static_cast<char>(random());
    try {
      const auto costs = Costs::parse(bad);
      segmented(view_of(U"xiananguanxiang"), *costs, Method::kBest, false);
    } catch (const FormatError&) {
    }
  }
}

TEST_CASE("Long texts") {
  const auto costs = Costs::parse(table_of(2));
  std::vector<Piece> pieces;
  for (const std::u32string part : {U"x", U"an", U"xian", U"Xa", U"n3", U"ā", U" ", U"rr", U"gn"}) {
    std::u32string text;
    while (text.size() < 200'000) text += part;
    pieces = segmented(view_of(text), *costs, Method::kBest, false);
    CHECK(pieces.back().end == text.size());
    Lattice lattice;
    read_lattice(view_of(text), *costs, false, false, lattice);
    pieces_of_all(lattice, pieces);
    CHECK(count_paths(lattice).factors.size() >= 1);
  }
}

// The reference's find, as it stands in Python.
struct Literal {
  const std::vector<PeerTrie::Source>& nodes;
  std::pair<std::u32string, bool> find(std::uint32_t node, const std::u32string& text) const {
    for (std::size_t j = text.size(); j > 0; --j) {
      const auto child = at(node, text.substr(0, j));
      if (child == PeerTrie::kNone) continue;
      const auto [below, found] = find(child, text.substr(j));
      if (!found) continue;
      if (!below.empty() && below.back() == U'g') {
        const auto [shorter, stands] = find(child, below.substr(0, below.size() - 1));
        if (at(node, U"g") == PeerTrie::kNone) throw PeerTrie::NoChildG{};
        if (stands && find(at(node, U"g"), text.substr(j + below.size())).second)
          return {text.substr(0, j) + shorter, true};
      }
      return {text.substr(0, j) + below, true};
    }
    return {U"", nodes[node].end};
  }
  std::uint32_t at(std::uint32_t node, const std::u32string& key) const {
    for (const auto& [name, child] : nodes[node].children) {
      if (name == key) return child;
    }
    return PeerTrie::kNone;
  }
};

TEST_CASE("The peer's trie is its literal form") {
  std::mt19937 random(4);
  const std::u32string letters = U"agn";
  const auto word = [&](std::size_t most) {
    std::u32string made;
    for (std::size_t i = random() % most; i-- > 0;) made += letters[random() % letters.size()];
    return made;
  };
  for (int round = 0; round < 400; ++round) {
    std::vector<PeerTrie::Source> nodes(1 + random() % 12);
    for (std::uint32_t i = 1; i < nodes.size(); ++i) {
      nodes[i].end = random() % 2;
      auto& parent = nodes[random() % i];
      const std::u32string key = word(4);
      if (std::ranges::none_of(parent.children, [&](const auto& child) { return child.first == key; })) {
        parent.children.emplace_back(key, i);
      }
    }
    const PeerTrie trie(nodes);
    for (int k = 0; k < 50; ++k) {
      const std::u32string text = word(9);
      std::pair<std::u32string, bool> expected;
      bool missing = false;
      try {
        expected = Literal{nodes}.find(0, text);
      } catch (const PeerTrie::NoChildG&) {
        missing = true;
      }
      if (missing) {
        CHECK_THROWS_AS(trie.find(text.data(), text.size(), 0), PeerTrie::NoChildG);
        continue;
      }
      const std::uint32_t found = trie.find(text.data(), text.size(), 0);
      REQUIRE((found != PeerTrie::kNone) == expected.second);
      if (expected.second) CHECK(trie.text_of(found) == expected.first);
    }
  }
}

}  // namespace
}  // namespace fasttok::pinyin
