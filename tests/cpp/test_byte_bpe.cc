// The fused byte-level BPE beside its literal forms: cut and cached words beside plain merges, words by masks
// beside words one by one.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fasttok/model/byte_bpe.h"
#include "fasttok/simd/kernels.h"
#include "fasttok/simd/utf8_unit.h"
#include "fasttok/text/byte_splitter.h"
#include "fasttok/text/char_classes.h"
#include "fasttok/text/word_scanner.h"
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
    if (std::find(tokens.begin(), tokens.end(), left + right) == tokens.end()) tokens.push_back(left + right);
    if (below(random, 8) == 0) made.emplace_back(left, right);  // again: the last rank counts
  }
  // Tokens that no merge makes: only a whole word may be one.
  tokens.push_back(symbols.front() + symbols[1] + symbols.front());
  tokens.push_back(kWholeWord);
  std::sort(tokens.begin() + 256, tokens.end());
  tokens.erase(std::unique(tokens.begin() + 256, tokens.end()), tokens.end());
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

}  // namespace

// Whether the fast twin finds what the model does: a few words, one behind the other, most of them seen
// before.
template <class Model>
bool agrees(const Model& literal, const ByteBpe& model, Random& random, bool ascii) {
  std::string text;
  std::vector<std::uint32_t> ends, expected, expected_counts;
  for (unsigned words = 1 + below(random, 3 * kWordRun); words > 0; --words) {
    Random word_random(below(random, 200));
    const std::string word = ascii && below(word_random, 10) == 0
                                 ? kWholeWord
                                 : byte_text(word_random, 1 + below(word_random, words == 3 ? 90 : 7), ascii);
    text += word;
    ends.push_back(static_cast<std::uint32_t>(text.size()));
    std::string visible;
    for (const char byte : word) visible += byte_token(static_cast<std::uint8_t>(byte));
    const std::vector<Token> tokens = literal.tokenize(visible);
    for (const Token& token : tokens) expected.push_back(token.id);
    expected_counts.push_back(static_cast<std::uint32_t>(tokens.size()));
  }
  const std::size_t size = text.size();
  const bool has_nul = text.find('\0') != std::string::npos;
  text.append(16, ' ');
  std::vector<std::uint32_t> ids(size + WordCache::kMaxIds + 1), counts(ends.size());
  ids.resize(model.append(reinterpret_cast<const std::uint8_t*>(text.data()), ends.data(), ends.size(),
                          has_nul ? ByteBpe::Content::kNul : ByteBpe::Content::kAny,
                          WordCache::of_this_thread(model.owner()), ids.data(), counts.data()));
  return ids == expected && counts == expected_counts;
}

// The same of units, as many words as they hold.
template <class Model>
bool agrees_in_units(const Model& literal, const ByteBpe& model, Random& random) {
  std::vector<std::uint16_t> units;
  std::vector<std::uint64_t> starts(ByteBpe::kMostUnits / 64 + 1), high = starts;
  std::vector<std::uint16_t> ends;
  std::vector<std::uint32_t> expected_counts;
  std::vector<std::uint32_t> expected;
  const std::size_t most = 1 + below(random, ByteBpe::kMostUnits);
  const bool few_are_wide = below(random, 2);
  for (const unsigned longest = below(random, 4) ? 7 : 150; units.size() < most;) {
    Random word_random(below(random, 200));
    std::string visible;
    const std::size_t begin = units.size();
    const std::u32string word = to_utf32(byte_text(word_random, 1 + below(word_random, longest)));
    for (char32_t c : word) {
      if (few_are_wide && c >= 0x80 && below(word_random, 20) != 0) c = U"ab x"[c % 4];
      if (c == 0 || c >= 0x10000 || units.size() == most) continue;
      units.push_back(static_cast<std::uint16_t>(c));
      for (const char byte : to_utf8(std::u32string(1, c)))
        visible += byte_token(static_cast<std::uint8_t>(byte));
    }
    if (units.size() == begin) continue;
    starts[begin / 64] |= std::uint64_t{1} << begin % 64;
    for (std::size_t i = begin; i < units.size(); ++i)
      high[i / 64] |= static_cast<std::uint64_t>(units[i] >= 0x80) << i % 64;
    for (const Token& token : literal.tokenize(visible)) expected.push_back(token.id);
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

TEST_CASE("byte_bpe: words cut and cached are the words merged") {
  for (unsigned seed = 0; seed < 60 * test_rounds(); ++seed) {
    Random random(seed);
    const bool ascii = seed % 6 < 2;
    const Bpe bpe = random_bpe(random, byte_text(random, 400, ascii), 10 + below(random, 300), seed % 2);
    REQUIRE(ByteBpe::fits(bpe));
    const ByteBpe model(bpe);
    bool good = true;
    for (unsigned round = 0; round < 300; ++round) good = good && agrees(bpe, model, random, ascii);
    for (unsigned round = 0; round < 20; ++round) good = good && agrees_in_units(bpe, model, random);
    CHECK(good);
  }
}

TEST_CASE("byte_bpe: merges by rank are merges of ids") {
  for (unsigned seed = 0; seed < 60 * test_rounds(); ++seed) {
    Random random(seed);
    const bool ascii = seed % 6 < 2;
    const RankBpe ranks = random_ranks(random, byte_text(random, 400, ascii), 10 + below(random, 300));
    REQUIRE(ByteBpe::fits(ranks));
    const ByteBpe model(ranks);
    bool good = true;
    for (unsigned round = 0; round < 300; ++round) good = good && agrees(ranks, model, random, ascii);
    for (unsigned round = 0; round < 20; ++round) good = good && agrees_in_units(ranks, model, random);
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

TEST_CASE("byte_splitter: single digits split off first are one more rule") {
  const auto splitter = ByteSplitter::of(PreTokenizer{{Digits{true}, ByteLevel{false, true}}});
  REQUIRE(splitter);
  REQUIRE(splitter->rules());
  CHECK_FALSE(ByteSplitter::of(PreTokenizer{{Digits{false}, ByteLevel{false, true}}})->rules());
  bool good = true;
  for (unsigned seed = 0; seed < 8000 * test_rounds() && good; ++seed) {
    Random random(seed);
    static const std::u32string kChars =
        U"ab1234  \t\n\u3000.,'st\u0663\u00BD\u4E2D\u2160\U0001D7D8\U00011DE1";
    std::string text;
    for (unsigned n = 1 + below(random, 25); n > 0; --n)
      append_utf8(text, kChars[below(random, kChars.size())]);
    // Stage by stage: the digits, and GPT-2's rules between them.
    std::vector<std::size_t> expected, found, scanned;
    std::vector<PatternPiece> pieces;
    find_chars(
        text, [](char32_t c) { return (char_flags(c) & kNumeric) != 0; }, pieces);
    for (const PatternPiece& piece : pieces) {
      const std::size_t begin = piece.range.begin;
      const std::string_view part = std::string_view(text).substr(begin, piece.range.end - begin);
      for (std::size_t at = 0; at < part.size();) {
        at = SplitRules::gpt2().word_end(part, at);
        expected.push_back(begin + at);
      }
    }
    for (std::size_t at = 0; at < text.size();) {
      at = splitter->rules()->word_end(text, at);
      found.push_back(at);
    }
    WordScanner scanner(*splitter->rules(), text);
    std::vector<std::uint32_t> ends(WordScanner::kRoom);
    for (std::size_t at = 0; at < text.size(); at = scanned.back()) {
      const std::size_t count = scanner.next(at, ends.data()).count;
      for (std::size_t k = 0; k < count; ++k) scanned.push_back(at + ends[k]);
    }
    good = found == expected && scanned == expected;
    if (!good) MESSAGE("seed " << seed);
  }
  CHECK(good);
}

TEST_CASE("word scanner: a NUL in a word that reaches beyond the chunk is known") {
  const std::string text = std::string(WordScanner::kMostWords, '!') + '\0' + " a";
  const SplitRules rules = SplitRules::gpt2();
  WordScanner scanner(rules, text);
  std::vector<std::uint32_t> ends(WordScanner::kRoom);
  CHECK(scanner.next(0, ends.data()).nul);
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::vector<std::string> words_of(const SplitRules& rules, const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = rules.word_end(text, at);
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

std::vector<std::string> joined(std::vector<std::string> words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST_CASE("word_scanner: words by masks are words one by one; SplitRules::divides") {
  static const std::vector<std::u32string> kKinds = {U"abcdefgh",
                                                     U"ABCdef",
                                                     U"0123456789",
                                                     U"中文字国的",
                                                     U"かなガ",
                                                     U"한국어",
                                                     U"éÉüñıİ",
                                                     U"e\u0301\u0327\u20DD",
                                                     U"'stmdrevlSTMDREVL\u017F",
                                                     U" ",
                                                     U"  \t",
                                                     U"\n\r ",
                                                     U"\u3000\xA0\u2028\x85",
                                                     U".,!?/-",
                                                     U"“”。，",
                                                     U"٣४½\u2160",
                                                     U"\U0001F600\U00020000\U0001D7D8\U00011DE1",
                                                     U"ʰªǅ",
                                                     U"\x01\u200B"};
  for (const SplitRules& rules : {SplitRules::gpt2(), SplitRules{.most_digits = 1, .digits_apart = true},
                                  SplitRules{.contraction = SplitRules::Contraction::kAnyCase,
                                  .any_prefix = true,
                                  .most_digits = 3,
                                  .newline_tail = true,
                                  .newline_run = true},
                                  SplitRules{.contraction = SplitRules::Contraction::kAnyCase,
                                  .any_prefix = true,
                                  .newline_tail = true,
                                  .newline_run = true,
                                  .space_end = true},
                                  SplitRules{.contraction = SplitRules::Contraction::kAnyCase,
                                  .any_prefix = true,
                                  .most_digits = 1,
                                  .newline_tail = true,
                                  .newline_run = true},
                                  SplitRules{.contraction = SplitRules::Contraction::kSuffix,
                                  .any_prefix = true,
                                  .most_digits = 3,
                                  .case_split = true,
                                  .newline_tail = true,
                                  .slash_tail = true,
                                  .newline_run = true}}) {
    bool good = true;
    std::size_t cuts = 0, divided = 0, ascii = 0;
    for (unsigned seed = 0; seed < 6000 * test_rounds() && good; ++seed) {
      Random random(seed);
      std::string text;
      const unsigned runs = 1 + below(random, seed % 16 ? 30 : 600);
      for (unsigned run = 0; run < runs; ++run) {
        const std::u32string& kind = kKinds[below(random, seed % 3 ? kKinds.size() : 11)];
        const unsigned lengths[] = {1, 1, 2, 3, 5, 9, 70, seed % 16 ? 4u : 1500u};
        for (unsigned n = lengths[below(random, 8)]; n > 0; --n)
          append_utf8(text, kind[below(random, kind.size())]);
        if (seed % 5 == 0 && below(random, 9) == 0) text += '\0';
      }
      WordScanner scanner(rules, text);
      std::vector<std::uint32_t> ends(WordScanner::kRoom);
      for (std::size_t at = 0, begin = 0; at < text.size();) {
        const WordScanner::Words words = scanner.next(at, ends.data());
        for (std::size_t k = 0; k < words.count; ++k) {
          good = good && rules.word_end(text, begin) == at + ends[k];
          begin = at + ends[k];
        }
        const std::string_view all(text.data() + at, begin - at);
        good = good && (words.nul || all.find('\0') == all.npos) && (!words.ascii || is_ascii(all));
        ascii += words.ascii;
        at = begin;
        if (!good) break;
      }
      // Where it may be cut, the words of the parts are those of the whole.
      const std::u32string chars = to_utf32(text);
      for (std::size_t i = 1 + below(random, 40), last = i + 40; i < std::min(last, chars.size()); ++i) {
        if (!SplitRules::divides(chars[i - 1], chars[i])) continue;
        const std::string before = to_utf8(chars.substr(0, i)), behind = text.substr(before.size());
        good = good && words_of(rules, text) == joined(words_of(rules, before), words_of(rules, behind));
        ++cuts;
        break;
      }
      // The words of two texts, and between them those of what divides them.
      const std::size_t middle = below(random, static_cast<unsigned>(chars.size()) + 1);
      const std::string left = to_utf8(chars.substr(0, middle)), right = text.substr(left.size());
      const auto divider = left.empty() || right.empty()
                               ? std::nullopt
                               : SplitRules::divider(chars[middle - 1], chars[middle]);
      if (divider) {
        const std::string between(*divider);
        const auto apart =
            joined(joined(words_of(rules, left), words_of(rules, between)), words_of(rules, right));
        good = good && words_of(rules, left + between + right) == apart;
        ++divided;
      }
      // The same text, but for what is no unit by itself.
      std::vector<std::uint16_t> units;
      std::string of_units;
      std::vector<std::size_t> places;  // in it, by unit
      for (const char32_t c : to_utf32(text)) {
        if (c >= 0x10000) continue;
        places.push_back(of_units.size());
        append_utf8(of_units, c);
        units.push_back(static_cast<std::uint16_t>(c));
      }
      places.push_back(of_units.size());
      UnitWordScanner unit_scanner(rules, {units.data(), units.size()});
      for (std::size_t at = 0, begin = 0; at < units.size() && good; at = begin) {
        const std::size_t count = unit_scanner.next(at, ends.data()).count;
        for (std::size_t k = 0; k < count; ++k) {
          good = good && rules.word_end(of_units, places[begin]) == places[at + ends[k]];
          begin = at + ends[k];
        }
      }
      if (!good) MESSAGE("seed " << seed);
    }
    CHECK(good);
    CHECK(cuts > 100);
    CHECK(divided > 1000);
    CHECK(ascii > 100);
  }
}
