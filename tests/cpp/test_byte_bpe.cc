// The fused byte-level BPE beside its literal form: cut and cached words beside plain merges.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fasttok/model/byte_bpe.h"
#include "fasttok/simd/kernels.h"
#include "fasttok/simd/utf8_unit.h"
#include "fasttok/text/char_classes.h"
#include "fasttok/unicode/byte_chars.h"
#include "fasttok/unicode/properties.h"
#include "fasttok/unicode/utf8.h"
#include "random_texts.h"

using namespace fasttok;
using namespace fasttok::testing;

namespace {

std::string byte_token(std::uint8_t byte) {
  std::string token;
  append_utf8(token, byte_char(byte));
  return token;
}

const std::string kWholeWord = "bxa,b";

// All bytes, and tokens made of neighbours in `text` wherever they are cut: inside of characters, too.
Bpe random_bpe(Random& random, std::string_view text, std::size_t merges, bool ignore_merges) {
  std::vector<std::string> tokens;
  for (unsigned byte = 0; byte < 256; ++byte) tokens.push_back(byte_token(static_cast<std::uint8_t>(byte)));
  const auto add = [&](const std::string& token) {
    if (std::find(tokens.begin(), tokens.end(), token) == tokens.end()) tokens.push_back(token);
  };
  std::vector<std::string> symbols;
  for (const char byte : text) symbols.push_back(byte_token(static_cast<std::uint8_t>(byte)));
  std::vector<std::pair<std::string, std::string>> made;
  for (std::size_t i = 0; i < merges && symbols.size() > 2; ++i) {
    const std::size_t at = below(random, symbols.size() - 1);
    const std::string left = symbols[at], right = symbols[at + 1];
    std::vector<std::string> next;
    for (std::size_t k = 0; k < symbols.size(); ++k) {
      const bool joins = k + 1 < symbols.size() && symbols[k] == left && symbols[k + 1] == right;
      next.push_back(joins ? left + right : symbols[k]);
      k += joins;
    }
    symbols = std::move(next);
    made.emplace_back(left, right);
    add(left + right);
    if (below(random, 8) == 0) made.emplace_back(left, right);  // again: the last rank counts
  }
  // Tokens that no merge makes: only a whole word may be one.
  add(symbols.front() + symbols[1] + symbols.front());
  add(kWholeWord);
  // As they were made, but for a token that two merges make, or in another order.
  if (below(random, 2)) std::sort(tokens.begin() + 256, tokens.end());
  std::vector<std::pair<std::string, std::uint32_t>> entries;
  for (const std::string& token : tokens) entries.emplace_back(token, entries.size());
  const std::vector<BpeTables::TokenPair> pairs(made.begin(), made.end());
  Bpe bpe{std::make_shared<BpeTables>(Vocab(entries), pairs, 0)};
  bpe.ignore_merges = ignore_merges;
  return bpe;
}

// Tokens as ranks say: bytes and pieces of `text` in any order, some that no merges reach, ids with holes.
RankBpe random_ranks(Random& random, std::string_view text, std::size_t merges) {
  const Bpe bpe = random_bpe(random, text, merges, false);
  std::vector<std::string> tokens;
  for (const VocabEntry& entry : bpe.tables->vocab().entries()) tokens.emplace_back(entry.token);
  for (std::size_t extra = below(random, 40); extra > 0; --extra) {
    const std::size_t at = below(random, text.size() - 8);
    std::string token;
    for (const char byte : text.substr(at, 2 + below(random, 6)))
      token += byte_token(static_cast<std::uint8_t>(byte));
    tokens.push_back(token);
  }
  std::shuffle(tokens.begin() + (below(random, 2) ? 0 : 256), tokens.end(), random);
  std::vector<std::pair<std::string, std::uint32_t>> entries;
  for (std::uint32_t id = 0; const std::string& token : tokens) {
    // Text has no such byte: neither have these vocabularies it.
    if (below(random, 2) && token == byte_token(0xFF)) continue;
    entries.emplace_back(token, id += 1 + (below(random, 50) ? 0 : 1000));
  }
  return RankBpe{std::make_shared<const Vocab>(entries)};
}

std::string byte_text(Random& random, std::size_t chars, bool ascii = false) {
  static const std::u32string kAny =
      U"ab ，。中文字的一乙丁七万三下不与é\u0301́한국か\uFF0C\U00020000\U0001F600\0x"
      U"\u4E2D\u6587\u5B57\u4E00\u4E59";
  static const std::u32string kAscii = U"abx ,";
  const std::u32string& alphabet = ascii ? kAscii : kAny;
  std::string text;
  for (std::size_t i = 0; i < chars; ++i) append_utf8(text, alphabet[below(random, alphabet.size())]);
  return text;
}

template <class Model>
std::vector<std::uint32_t> literal_ids(const Model& literal, std::string_view word) {
  std::string visible;
  for (const char byte : word) visible += byte_token(static_cast<std::uint8_t>(byte));
  std::vector<std::uint32_t> ids;
  for (const Token& token : literal.tokenize(visible)) ids.push_back(token.id);
  return ids;
}

// Words that come again and again, with the ids that the model has for them.
template <class Model>
class Words {
 public:
  struct Word {
    std::string text;
    std::vector<std::uint32_t> ids;
  };

  explicit Words(const Model& literal) : literal_(literal) {}

  const Model& literal() const { return literal_; }

  // One of kWords of a kind, below kKinds; make(random) is its text, when it comes first.
  template <class Make>
  const Word& next(unsigned kind, Random& random, Make&& make) {
    const unsigned seed = below(random, kWords);
    std::optional<Word>& word = words_[kind * kWords + seed];
    if (!word) {
      Random word_random(seed);
      std::string text = make(word_random);
      std::vector<std::uint32_t> ids = literal_ids(literal_, text);
      word = Word{std::move(text), std::move(ids)};
    }
    return *word;
  }

 private:
  static constexpr unsigned kKinds = 4, kWords = 200;
  const Model& literal_;
  std::vector<std::optional<Word>> words_ = std::vector<std::optional<Word>>(kKinds * kWords);
};

// Whether the fast twin finds what the model does: a few words, one behind the other, most of them seen
// before.
template <class Model>
bool agrees(Words<Model>& known, const ByteBpe& model, Random& random, bool ascii) {
  std::string text;
  std::vector<std::uint32_t> bounds{0}, expected, expected_counts;
  for (unsigned words = 1 + below(random, 3 * kWordRun); words > 0; --words) {
    const bool may_be_long = words == 3;
    const auto& word = known.next(may_be_long, random, [&](Random& word_random) {
      if (ascii && below(word_random, 10) == 0) return kWholeWord;
      const unsigned most = !may_be_long ? 7 : below(word_random, 3) ? 90 : 700;
      return byte_text(word_random, 1 + below(word_random, most), ascii);
    });
    text += word.text;
    bounds.push_back(static_cast<std::uint32_t>(text.size()));
    expected.insert(expected.end(), word.ids.begin(), word.ids.end());
    expected_counts.push_back(static_cast<std::uint32_t>(word.ids.size()));
  }
  const std::size_t size = text.size();
  const bool has_nul = text.find('\0') != std::string::npos;
  text.append(16, ' ');
  const std::size_t count = expected_counts.size();
  bounds.resize(count + ByteBpe::kReadBounds);
  std::vector<std::uint32_t> counts(count);
  const auto ids_of = [&](std::uint32_t* counts_or_null) {
    std::vector<std::uint32_t> ids(size + WordCache::kMaxIds + 1);
    ids.resize(model.append(reinterpret_cast<const std::uint8_t*>(text.data()), bounds.data(), count,
                            has_nul ? ByteBpe::Content::kNul : ByteBpe::Content::kAny,
                            WordCache::of_this_thread(model.owner()), ids.data(), counts_or_null));
    return ids;
  };
  return ids_of(counts.data()) == expected && counts == expected_counts && ids_of(nullptr) == expected;
}

// The same of units, as many words as they hold.
template <class Model>
bool agrees_in_units(Words<Model>& known, const ByteBpe& model, Random& random) {
  std::vector<std::uint16_t> units;
  std::vector<std::uint64_t> starts(ByteBpe::kMostUnits / 64 + 1), high = starts;
  std::vector<std::uint16_t> ends;
  std::vector<std::uint32_t> expected_counts;
  std::vector<std::uint32_t> expected;
  const std::size_t most = 1 + below(random, ByteBpe::kMostUnits);
  const bool few_are_wide = below(random, 2);
  const bool may_be_long = below(random, 4) == 0;
  while (units.size() < most) {
    const auto& word = known.next(2 * few_are_wide + may_be_long, random, [&](Random& word_random) {
      std::string text;
      for (char32_t c : to_utf32(byte_text(word_random, 1 + below(word_random, may_be_long ? 150 : 7)))) {
        if (few_are_wide && c >= 0x80 && below(word_random, 20) != 0) c = U"ab x"[c % 4];
        if (c != 0 && c < 0x10000) append_utf8(text, c);
      }
      return text;
    });
    const std::u32string chars = to_utf32(word.text).substr(0, most - units.size());
    if (chars.empty()) continue;
    const std::size_t begin = units.size();
    starts[begin / 64] |= std::uint64_t{1} << begin % 64;
    for (const char32_t c : chars) {
      high[units.size() / 64] |= static_cast<std::uint64_t>(c >= 0x80) << units.size() % 64;
      units.push_back(static_cast<std::uint16_t>(c));
    }
    const std::string text = to_utf8(chars);
    const std::vector<std::uint32_t> ids = text == word.text ? word.ids : literal_ids(known.literal(), text);
    expected.insert(expected.end(), ids.begin(), ids.end());
    if (below(random, 3) && units.size() < most) continue;
    ends.push_back(static_cast<std::uint16_t>(units.size()));
    expected_counts.push_back(static_cast<std::uint32_t>(expected.size()));
  }
  const std::size_t size = units.size();
  // What is behind may be known, too.
  starts[size / 64] |= random() << size % 64;
  high[size / 64] |= random() << size % 64;
  units.resize(size + 16, 0x4E2D);
  std::vector<std::uint32_t> ids(3 * size + WordCache::kMaxIds + 1);
  std::vector<std::uint32_t> counts(ends.size());
  model.append_units(units.data(), ends, starts.data(), high.data(), WordCache::of_this_thread(model.owner()),
                     ids.data(), counts.data());
  ids.resize(counts.back());
  return ids == expected && counts == expected_counts;
}

}  // namespace

TEST_CASE("byte_bpe: words cut and cached are the words merged") {
  for (unsigned seed = 0; seed < 60 * test_rounds(); ++seed) {
    Random random(seed);
    const bool ascii = seed % 6 < 2;
    const Bpe bpe = random_bpe(random, byte_text(random, 400, ascii), 10 + below(random, 300), seed % 2);
    REQUIRE(ByteBpe::fits(bpe));
    const ByteBpe model(bpe);
    Words words(bpe), words_of_units(bpe);
    bool good = true;
    for (unsigned round = 0; round < 300; ++round) good = good && agrees(words, model, random, ascii);
    for (unsigned round = 0; round < 20; ++round)
      good = good && agrees_in_units(words_of_units, model, random);
    CHECK(good);
  }
}

// Words of hundreds of parts, of which the last one would be a token if it were the word. The order of the
// merges is not that of the ids, by one.
TEST_CASE("byte_bpe: the end of a long word is no word") {
  std::vector<std::pair<std::string, std::uint32_t>> entries;
  for (std::uint32_t byte = 0; byte < 256; ++byte)
    entries.emplace_back(byte_token(static_cast<std::uint8_t>(byte)), byte);
  for (const char* const token : {"ab", "bc", "abc"}) entries.emplace_back(token, entries.size());
  Bpe bpe{std::make_shared<BpeTables>(Vocab(entries),
                                      std::vector<BpeTables::TokenPair>{{"b", "c"}, {"a", "b"}}, 0)};
  bpe.ignore_merges = true;
  const ByteBpe model(bpe);
  bool good = true;
  for (const std::string filler : {",", "é", "中", "😀"}) {
    std::string word = "abc";
    for (unsigned n = 0; n < 600; ++n, word = filler + word) {
      const std::string text = word + std::string(16, ' ');
      const std::uint32_t bounds[ByteBpe::kReadBounds] = {0, static_cast<std::uint32_t>(word.size())};
      std::vector<std::uint32_t> ids(word.size() + WordCache::kMaxIds + 1), counts(1);
      ids.resize(model.append(reinterpret_cast<const std::uint8_t*>(text.data()), bounds, 1,
                              ByteBpe::Content::kAny, WordCache::of_this_thread(model.owner()), ids.data(),
                              counts.data()));
      good = good && ids == literal_ids(bpe, word) && ids.back() == (n == 0 ? 258u : 257u);
    }
  }
  CHECK(good);
}

TEST_CASE("byte_bpe: merges by rank are merges of ids") {
  for (unsigned seed = 0; seed < 60 * test_rounds(); ++seed) {
    Random random(seed);
    const bool ascii = seed % 6 < 2;
    const RankBpe ranks = random_ranks(random, byte_text(random, 400, ascii), 10 + below(random, 300));
    REQUIRE(ByteBpe::fits(ranks));
    const ByteBpe model(ranks);
    Words words(ranks), words_of_units(ranks);
    bool good = true;
    for (unsigned round = 0; round < 300; ++round) good = good && agrees(words, model, random, ascii);
    for (unsigned round = 0; round < 20; ++round)
      good = good && agrees_in_units(words_of_units, model, random);
    CHECK(good);
  }
  // A byte that UTF-8 has is no token; ids that no table takes.
  CHECK_FALSE(ByteBpe::fits(RankBpe{std::make_shared<const Vocab>(Vocab{{"a", 0}})}));
  std::vector<std::pair<std::string, std::uint32_t>> entries;
  for (std::uint32_t byte = 0; byte < 256; ++byte)
    entries.emplace_back(byte_token(static_cast<std::uint8_t>(byte)), byte << 20);
  CHECK_FALSE(ByteBpe::fits(RankBpe{std::make_shared<const Vocab>(entries)}));
}

TEST_CASE("byte_bpe: a table of pairs holds them all, in full lines, too") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const unsigned most = 1 + below(random, 3000), symbols = 2 + below(random, 200);
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> ranks;
    for (unsigned i = 0; i < most; ++i)
      ranks.try_emplace({below(random, symbols), below(random, symbols)}, i);
    MergeTable table(ranks.size());
    for (const auto& [pair, rank] : ranks) table.add(pair.first, pair.second, rank);
    bool good = table.find(MergeTable::kMost, 0) == MergeTable::kNone &&
                table.find(MergeTable::kMost, MergeTable::kMost) == MergeTable::kNone;
    for (std::uint32_t left = 0; left < symbols; ++left) {
      for (std::uint32_t right = 0; right < symbols; ++right) {
        const auto found = ranks.find({left, right});
        const std::uint32_t rank = found == ranks.end() ? MergeTable::kNone : found->second;
        const MergeTable::Place place = table.prefetch(left, right);
        good = good && table.find(left, right) == rank &&
               table.rank_or_most(place) == std::min(rank, MergeTable::kMost);
      }
    }
    CHECK(good);
  }
}

TEST_CASE("byte_bpe: words merged together are the words merged one by one") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    Random random(seed);
    // Symbols 0 to 9, and what they make: with the rank as its id, or with another.
    const std::uint32_t shift = seed % 2 ? 10 : 60, most = 1 + below(random, 50);
    PairMerges merges(10 + most);
    std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (std::uint32_t rank = 10; rank < 10 + most; ++rank) {
      const auto symbol = [&] {
        const std::uint32_t n = below(random, rank);
        return n < 10 ? n : n - 10 + shift;
      };
      const std::uint32_t left = symbol(), right = symbol();
      if (pairs.emplace(left, right).second) merges.add(rank, left, right, rank - 10 + shift);
    }
    std::vector<PairMerges::Few> words(below(random, PairMerges::kMostTogether + 1));
    std::vector<PairMerges::Few*> places;
    std::vector<std::vector<std::uint32_t>> expected;
    for (PairMerges::Few& word : words) {
      std::vector<std::uint32_t>& ids = expected.emplace_back(1 + below(random, PairMerges::Few::kMost));
      for (std::uint32_t& id : ids) id = below(random, 10);
      merges.begin(word, ids.data(), ids.size());
      places.push_back(&word);
      ids.resize(merges.run(ids.data(), ids.size()));
    }
    merges.run_together(places);
    bool good = true;
    for (std::size_t i = 0; i < words.size(); ++i)
      good = good && std::ranges::equal(words[i].ids(), expected[i]);
    CHECK(good);
  }
}

TEST_CASE("byte_bpe: a long word of one character") {
  Random random(1);
  const Bpe bpe = random_bpe(random, std::string(300, 'a'), 40, false);
  const ByteBpe model(bpe);
  const std::string word(100'000, 'a');
  std::vector<std::uint32_t> ids(word.size());
  ids.resize(model.merge(reinterpret_cast<const std::uint8_t*>(word.data()), word.size(), ids.data()));
  std::vector<std::uint32_t> expected;
  for (const Token& token : bpe.tokenize(word)) expected.push_back(token.id);
  CHECK(ids == expected);
}

TEST_CASE("byte_bpe: NFC leaves alone what the kernel calls plain") {
  bool good = true;
  std::size_t plain = 0;
  for (char32_t c = 0; c < 0x10000; ++c) {
    const auto unit = static_cast<std::uint16_t>(c);
    std::uint8_t out[3 + 64];
    if ((c & 0xF800) == 0xD800 || !kernels_for(Isa::kScalar).to_utf8(&unit, 1, out).plain) continue;
    ++plain;
    good = good && !(char_class(c) & kClassNotNfc);
  }
  CHECK(good);
  CHECK(plain > 20'000);
}

TEST_CASE("byte_bpe: units that the kernels know are of the classes that they are taken for") {
  bool good = true;
  std::size_t syllables = 0, signs = 0;
  for (unsigned c = 0; c < 0x10000; ++c) {
    const auto unit = static_cast<std::uint16_t>(c);
    if (is_syllable_unit(unit)) good = good && ++syllables && char_class(c) == kClassLetter;
    if (is_sign_unit(unit)) good = good && ++signs && char_class(c) == 0;
  }
  CHECK(good);
  CHECK(syllables > 20'000);
  CHECK(signs > 50);
}
