// Every kernel of every instruction set that this CPU has, against its scalar twin.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fasttok/base/over_read.h"
#include "fasttok/simd/kernels.h"
#include "fasttok/text/char_classes.h"
#include "kernel_tests.h"
#include "random_texts.h"

using namespace fasttok;
using namespace fasttok::testing;

namespace {

// Of all blocks that have a value, and the one behind.
bool equal_masks(const ClassMasks& a, const ClassMasks& b, std::size_t n, bool all_rows) {
  const auto equal = [&](MaskRow ClassMasks::*row) {
    if (!all_rows && (row == &ClassMasks::upper || row == &ClassMasks::slash)) return true;
    const auto* const begin = (a.*row).words;
    return std::equal(begin, begin + ClassMasks::blocks_with_value(n) + 2, (b.*row).words);
  };
  return std::all_of(std::begin(ClassMasks::kRows), std::end(ClassMasks::kRows), equal) &&
         a.any_high == b.any_high && a.any_trail == b.any_trail && a.any_nul == b.any_nul;
}

AsciiClasses bert_classes() {
  AsciiClasses classes;
  for (unsigned c = 0; c < 128; ++c) {
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (is_space)
      classes.space.add(c);
    else if (c < 32 || c == 127 || c == '[')
      classes.stop.add(c);
    else if (std::ispunct(static_cast<int>(c)))
      classes.punctuation.add(c);
  }
  return classes;
}

// Space and punctuation exclude each other; whatever is in `stop` may be in another class, too.
AsciiClasses random_classes(Random& random) {
  AsciiClasses classes;
  const unsigned stops = below(random, 3) * 8;
  for (unsigned c = 0; c < 128; ++c) {
    const unsigned kind = below(random, 8);
    if (kind == 0) classes.space.add(c);
    if (kind == 1) classes.punctuation.add(c);
    if (below(random, 256) < stops) classes.stop.add(c);
  }
  classes.stops_above = below(random, 2);
  return classes;
}

constexpr std::size_t kMostMasked = 64 * MaskRow::kBlocks;
// Up to 200 all of them, then one of the last eight.
std::size_t masked_length(Random& random, std::size_t most) {
  return most <= 200 ? most : most - below(random, 8);
}

// How the characters of a text are mixed: in 1000, how many are of which kind; the rest are letters.
struct Mix {
  unsigned space, punctuation, control, wide;
};

constexpr Mix kMixes[] = {{0, 0, 0, 0},     {150, 50, 0, 0}, {16, 0, 0, 0},   {14, 14, 0, 2},
                          {400, 400, 0, 5}, {100, 60, 4, 4}, {1000, 0, 0, 0}, {0, 1000, 0, 0}};

std::vector<std::uint16_t> random_units(Random& random, std::size_t length) {
  const Mix& mix = kMixes[below(random, std::size(kMixes))];
  static constexpr std::uint16_t kWide[] = {0x80,   0xFF,   0x100,  0x120,  0x4E2D,
                                            0x7F80, 0x8000, 0xFF41, 0xFFFF, 0x2020};
  std::vector<std::uint16_t> text;
  while (text.size() < length) {
    unsigned kind = below(random, 1000);
    auto is = [&](unsigned share) {
      const bool yes = kind < share;
      kind = yes ? kind : kind - share;
      return yes;
    };
    if (is(mix.space))
      text.push_back(static_cast<std::uint16_t>(" \t\n "[below(random, 4)]));
    else if (is(mix.punctuation))
      text.push_back(static_cast<std::uint16_t>(".,-!["[below(random, 5)]));
    else if (is(mix.control))
      text.push_back(static_cast<std::uint16_t>(below(random, 32)));
    else if (is(mix.wide))
      text.push_back(kWide[below(random, std::size(kWide))]);
    else
      text.push_back(static_cast<std::uint16_t>((below(random, 2) ? 'a' : 'A') + below(random, 26)));
  }
  return text;
}

struct Spans {
  WordSpans spans{0, 0};
  std::vector<std::uint16_t> begins, ends;
  std::vector<std::uint8_t> narrow;
  bool operator==(const Spans& other) const {
    return spans.consumed == other.spans.consumed && begins == other.begins && ends == other.ends &&
           narrow == other.narrow;
  }
};

// One call of a kernel whose outputs end at guard pages, with just the room that the contract promises.
class KernelCaller {
 public:
  template <class Unit>
  Spans operator()(const Kernels& kernels, const Unit* text, std::size_t n, bool final,
                   const AsciiClasses& classes) {
    auto* begins = reinterpret_cast<std::uint16_t*>(begins_.end()) - kRoom;
    auto* ends = reinterpret_cast<std::uint16_t*>(ends_.end()) - kRoom;
    std::uint8_t* narrow = narrow_.end() - kRoom;
    const WordOutputs out{begins, ends, narrow};
    Spans result;
    if constexpr (sizeof(Unit) == 1) {
      result.spans = kernels.ascii_words_u8(text, n, final, classes, out);
    } else {
      result.spans = kernels.ascii_words_u16(text, n, final, classes, out);
      result.narrow.assign(narrow, narrow + result.spans.consumed);
    }
    result.begins.assign(begins, begins + result.spans.count);
    result.ends.assign(ends, ends + result.spans.count);
    return result;
  }

 private:
  static constexpr std::size_t kRoom = kSpanChunk + 64;
  GuardedPages begins_, ends_, narrow_;
};

template <class Unit>
class KernelTest {
 public:
  // Compares all instruction sets on `text`, which ends `gap` bytes before an unreadable page.
  bool equal(const std::vector<std::uint16_t>& text, std::size_t gap, bool final, AsciiClasses classes) {
    if (sizeof(Unit) == 2) classes.stops_above = true;
    Unit* const begin = reinterpret_cast<Unit*>(input_.end() - gap) - text.size();
    for (std::size_t i = 0; i < text.size(); ++i) begin[i] = static_cast<Unit>(text[i]);
    const Spans expected = call_(kernels_for(Isa::kScalar), begin, text.size(), final, classes);
    for (const Isa isa : isas_) {
      if (call_(kernels_for(isa), begin, text.size(), final, classes) == expected) continue;
      CAPTURE(isa_name(isa));
      CAPTURE(sizeof(Unit));
      CAPTURE(gap);
      CAPTURE(final);
      CAPTURE(std::string(text.begin(), text.end()));
      CHECK(false);
      return false;
    }
    return true;
  }

 private:
  const std::vector<Isa> isas_ = isas_from(Isa::kAvx2);
  GuardedPages input_;
  KernelCaller call_;
};

template <class Unit>
void compare_all_lengths_and_alignments(Random& random) {
  KernelTest<Unit> test;
  bool good = true;
  for (std::size_t length = 0; length <= 200 && good; ++length) {
    for (std::size_t gap = 0; gap < 64 && good; gap += sizeof(Unit)) {
      const auto text = random_units(random, length);
      const AsciiClasses classes = below(random, 3) ? bert_classes() : random_classes(random);
      good = test.equal(text, gap, false, classes) && test.equal(text, gap, true, classes);
    }
  }
  for (int i = 0; i < 300 && good; ++i) {
    const std::size_t length =
        i < 16 ? kSpanChunk - static_cast<std::size_t>(i) : below(random, kSpanChunk + 1);
    const auto text = random_units(random, length);
    good = test.equal(text, 0, i % 2, below(random, 3) ? bert_classes() : random_classes(random));
  }
  CHECK(good);
}

template <class Unit>
void compare_words_around_a_window() {
  KernelTest<Unit> test;
  bool good = true;
  for (std::size_t length = 60; length <= 67; ++length) {
    for (std::size_t before = 0; before <= 66; ++before) {
      for (const std::string_view behind : {"", " ", ".", " b", ".b ", "\x01", "\x80"}) {
        std::vector<std::uint16_t> text(before, ' ');
        if (before > 2) text[before / 2] = 'x';
        text.insert(text.end(), length, 'w');
        for (const char c : behind) text.push_back(static_cast<std::uint8_t>(c));
        for (const bool final : {false, true}) good = good && test.equal(text, 0, final, bert_classes());
      }
    }
  }
  CHECK(good);
}

std::vector<std::string> words_of(const std::string& text, bool final, std::size_t* consumed) {
  KernelCaller call;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const Spans found = call(kernels_for(Isa::kScalar), bytes, text.size(), final, bert_classes());
  std::vector<std::string> words;
  for (std::size_t i = 0; i < found.begins.size(); ++i) {
    words.push_back(text.substr(found.begins[i], static_cast<std::size_t>(found.ends[i] - found.begins[i])));
  }
  *consumed = found.spans.consumed;
  return words;
}

}  // namespace

TEST_CASE("each instruction set of this CPU has a name and kernels of its own") {
  const std::vector<Isa> isas = isas_from(Isa::kScalar);
#if defined(__aarch64__)
  CHECK(isas == std::vector<Isa>{Isa::kScalar, Isa::kNeon});
#endif
  std::set<std::string_view> names;
  std::set<const Kernels*> kernels;
  for (const Isa isa : isas) {
    names.insert(isa_name(isa));
    kernels.insert(&kernels_for(isa));
  }
  CHECK(names.size() == isas.size());
  CHECK(kernels.size() == isas.size());
  CHECK(cpu_has(active_isa()));
}

TEST_CASE("ascii_words: the scalar text keeps the contract") {
  using Words = std::vector<std::string>;
  std::size_t consumed;
  CHECK(words_of("The cat, stop", false, &consumed) == Words{"The", "cat", ","});
  CHECK(consumed == 9);
  CHECK(words_of("The cat, stop", true, &consumed) == Words{"The", "cat", ",", "stop"});
  CHECK(consumed == 13);
  CHECK(words_of("ab cd\xC3\xA9", true, &consumed) == Words{"ab"});
  CHECK(words_of("ab.\x01", true, &consumed) == Words{"ab"});
  CHECK(consumed == 2);
  CHECK(words_of("", true, &consumed).empty());
  CHECK(consumed == 0);
  CHECK(words_of("a " + std::string(200, 'w') + " b", true, &consumed) ==
        Words{"a", std::string(200, 'w'), "b"});
}

TEST_CASE("ascii_words: every length and alignment, ending at a guard page") {
  for (unsigned round = 0; round < test_rounds(); ++round) {
    Random random(round);
    compare_all_lengths_and_alignments<std::uint8_t>(random);
    compare_all_lengths_and_alignments<std::uint16_t>(random);
  }
}

TEST_CASE("ascii_words: words around 64 characters") {
  compare_words_around_a_window<std::uint8_t>();
  compare_words_around_a_window<std::uint16_t>();
}

TEST_CASE("ascii_words: 16-bit units above ASCII never look like ASCII") {
  KernelTest<std::uint16_t> test;
  bool good = true;
  for (unsigned c = 0; c < 0x10000; ++c) {
    const std::vector<std::uint16_t> text{'a', ' ', static_cast<std::uint16_t>(c), ' ', 'b'};
    good = good && test.equal(text, 0, true, bert_classes());
  }
  CHECK(good);
}

TEST_CASE("copy_ascii: every length and alignment, between guard pages") {
  Random random(3);
  GuardedPages input, output;
  bool good = true;
  std::size_t stopped = 0;
  for (std::size_t n = 0; n <= 270; ++n) {
    for (std::size_t gap = 0; gap < 64; ++gap) {
      std::uint8_t* const text = input.end() - gap - n;
      const std::uint32_t most = below(random, 8) ? 128 : 256;
      for (std::size_t i = 0; i < n; ++i) text[i] = static_cast<std::uint8_t>(below(random, most));
      AsciiClasses classes = random_classes(random);
      if (below(random, 2)) {  // at most one, anywhere
        const auto last =
            static_cast<std::uint8_t>(n > 0 ? text[below(random, static_cast<unsigned>(n))] : 0);
        classes.stop = {};
        if (last < 128) classes.stop.add(last);
      }
      const auto stops_at = [&](unsigned c) { return c > 0x7F ? classes.stops_above : classes.stop.has(c); };
      const bool fold = below(random, 2);
      const auto first = static_cast<std::size_t>(std::find_if(text, text + n, stops_at) - text);
      stopped += first > 64 && first < n;
      std::uint8_t* const out = output.end() - 64 - n;
      for (const Isa isa : isas_from(Isa::kScalar)) {
        good = good && kernels_for(isa).copy_ascii(text, n, classes, fold, out) == first;
        for (std::size_t i = 0; i < n; ++i) {
          const bool space = text[i] < 128 && classes.space.has(text[i]);
          good = good && out[i] == (space ? 0 : fold ? std::tolower(text[i]) : text[i]);
        }
      }
    }
  }
  CHECK(good);
  CHECK(stopped > 100);
}

TEST_CASE("row_words: every length and alignment, between guard pages, and what ascii_words says") {
  Random random(15);
  GuardedPages input, outputs[4];
  bool good = true;
  for (std::size_t round = 0; round < 1200 && good; ++round) {
    const std::size_t n =
        round < 1000 ? round % 200 : kSpanChunk - below(random, 2) * below(random, kSpanChunk);
    std::uint8_t* const text = input.end() - below(random, 64) - n;
    AsciiClasses classes = random_classes(random);
    if (below(random, 2)) classes.punctuation.add(1);
    classes.punctuation.remove(0);
    const unsigned nuls = below(random, 3);
    for (std::size_t i = 0; i < n; ++i) {
      const unsigned kind = below(random, 12);
      text[i] = static_cast<std::uint8_t>(kind <= nuls ? 0
                                          : kind == 11 ? below(random, 256)
                                                       : "aaabcAB.,\1\xE9"[kind]);
    }
    AsciiClasses as_spaces;
    as_spaces.punctuation = classes.punctuation;
    as_spaces.space.add(0);
    as_spaces.stops_above = false;
    std::uint16_t begins[kSpanChunk + 64], ends[kSpanChunk + 64];
    const std::size_t words =
        kernels_for(Isa::kScalar).ascii_words_u8(text, n, true, as_spaces, {begins, ends, nullptr}).count;
    std::vector<std::uint16_t> places;
    for (std::size_t i = 0; i < n; ++i) {
      if (below(random, 4) == 0) places.push_back(static_cast<std::uint16_t>(i));
    }
    auto* const bounds = reinterpret_cast<std::uint16_t*>(outputs[0].end()) - n - 64;
    auto* const asked = reinterpret_cast<std::uint16_t*>(outputs[1].end()) - places.size();
    auto* const numbers = reinterpret_cast<std::uint16_t*>(outputs[2].end()) - places.size();
    auto* const own_ends = reinterpret_cast<std::uint16_t*>(outputs[3].end()) - n - 64;
    std::copy(places.begin(), places.end(), asked);
    for (const Isa isa : isas_from(Isa::kScalar)) {
      const bool with_ends = below(random, 2);
      good = good &&
             kernels_for(isa).row_words(text, n, classes, bounds, with_ends ? own_ends : nullptr, asked,
                                        places.size(), numbers) == words &&
             std::equal(begins, begins + words, bounds) && bounds[words] == n &&
             (!with_ends || std::equal(ends, ends + words, own_ends));
      for (std::size_t k = 0; k < places.size(); ++k)
        good = good && numbers[k] == std::lower_bound(begins, begins + words, places[k]) - begins;
    }
  }
  CHECK(good);
}

TEST_CASE("ascii_rows: what char_class says of each character") {
  for (unsigned c = 0; c < 0x80; ++c) {
    const unsigned is = char_class(c);
    const bool in_row[AsciiRowTable::kRows] = {(is & kClassSpace) != 0,
                                               (is & kClassLetter) != 0,
                                               (is & kClassNumber) != 0,
                                               (is & kClassNewline) != 0,
                                               c == '\'',
                                               (is & kClassUpper) != 0,
                                               c == ' ',
                                               c == '/'};
    CAPTURE(c);
    for (std::size_t k = 0; k < std::size(in_row); ++k)
      CHECK((kAsciiRowTable.rows_of[c] >> k & 1) == unsigned{in_row[k]});
  }
}

TEST_CASE("byte_masks: every length and alignment, between guard pages") {
  Random random(7);
  GuardedPages input;
  bool good = true;
  for (std::size_t most = 0; most <= kMostMasked; most += most < 200 ? 1 : 8) {
    for (std::size_t gap = 0; gap < 64; gap += most < 200 ? 1 : 21) {
      const std::size_t n = masked_length(random, most);
      std::uint8_t* const text = input.end() - gap - n;
      for (std::size_t i = 0; i < n; ++i) {
        constexpr std::uint8_t kLeads[] = {0xE4, 0xE9, 0xB7, 0xBF, 0xE5, 0xE8, 0xEB, 0xEC, 0x80, 0xC0};
        text[i] =
            below(random, 3) ? static_cast<std::uint8_t>(below(random, 256)) : kLeads[below(random, 10)];
      }
      ClassMasks expected;
      kernels_for(Isa::kScalar).byte_masks(text, n, true, expected);
      for (const Isa isa : isas_from(Isa::kAvx2)) {
        ClassMasks masks;
        std::memset(&masks, 0xA5, sizeof masks);  // no kernel finds here what another wrote
        const bool all_rows = below(random, 2) != 0;
        kernels_for(isa).byte_masks(text, n, all_rows, masks);
        good = good && equal_masks(masks, expected, n, all_rows);
      }
    }
  }
  CHECK(good);
}

TEST_CASE("unit_masks: every length, between guard pages") {
  Random random(9);
  GuardedPages input;
  bool good = true;
  for (std::size_t most = 0; most <= kMostMasked; most += most < 200 ? 1 : 8) {
    for (unsigned round = 0; round < 40; round += most < 200 ? 1 : 13) {
      const std::size_t n = masked_length(random, most);
      auto* const text = reinterpret_cast<std::uint16_t*>(input.end()) - n;
      for (std::size_t i = 0; i < n; ++i) {
        constexpr unsigned kEdges[] = {0x33FF, 0x3400, 0x4DBF, 0x4DC0, 0x4E00, 0x9FEF, 0x9FF0, 0xABFF,
                                       0xAC00, 0xD7A3, 0xD7A4, 0x2010, 0x2027, 0x3001, 0x3003, 0x3008,
                                       0x301F, 0xFF01, 0xFF0F, 0xFF10, 0xFF1A, 0xFF20, 0,      0x80};
        const unsigned kind = below(random, 1 + round % 4);
        text[i] = static_cast<std::uint16_t>(kind == 0   ? below(random, 0x80)
                                             : kind == 1 ? 0x4E00 + below(random, 0x5200)
                                             : kind == 2 ? kEdges[below(random, std::size(kEdges))]
                                                         : below(random, 0x10000));
      }
      ClassMasks expected;
      kernels_for(Isa::kScalar).unit_masks(text, n, true, expected);
      for (const Isa isa : isas_from(Isa::kAvx2)) {
        ClassMasks masks;
        std::memset(&masks, 0xA5, sizeof masks);  // no kernel finds here what another wrote
        const bool all_rows = below(random, 2) != 0;
        kernels_for(isa).unit_masks(text, n, all_rows, masks);
        good = good && equal_masks(masks, expected, n, all_rows);
      }
    }
  }
  CHECK(good);
}

TEST_CASE("word_starts: any masks, any rules, any length") {
  Random random(10);
  bool good = true;
  for (std::size_t n = 1; n <= 64 * MaskRow::kBlocks; n += 1 + below(random, 3)) {
    ClassMasks of{};
    StartMasks given{};
    of.any_high = of.any_trail = below(random, 2) != 0;
    // No more than one of letter, number and space; the later kinds are not in every text.
    const std::vector<std::vector<MaskRow*>> kinds{{&of.letter},
                                                   {&of.space, &of.blank},
                                                   {&of.number},
                                                   {&of.letter, &of.upper},
                                                   {&of.space, &of.newline},
                                                   {&of.apostrophe},
                                                   {&of.letter, &given.both},
                                                   {&of.slash},
                                                   {&given.complex},
                                                   {&of.trail}};
    const unsigned used = 2 + below(random, 9);
    for (std::size_t i = 0; i < n; ++i) {
      const unsigned kind = below(random, used);
      if (kind >= kinds.size() || (kinds[kind][0] == &of.trail && !of.any_trail)) continue;
      for (MaskRow* const row : kinds[kind]) (*row)[i / 64] |= std::uint64_t{1} << i % 64;
    }
    const auto flag = [&] { return below(random, 2) ? ~std::uint64_t{0} : 0; };
    const StartRules rules{flag(), flag(), flag(), flag(), flag(), flag(), flag(), flag(), flag()};
    StartMasks expected = given;
    kernels_for(Isa::kScalar).word_starts(rules, of, n, expected);
    const auto has = [](const MaskRow& row, std::size_t i) { return (row[i / 64] >> i % 64 & 1) != 0; };
    bool any_complex = false, any_behind_newline = false;
    for (std::size_t i = 0; i < n; ++i) {
      any_complex = any_complex || has(expected.complex, i);
      any_behind_newline =
          any_behind_newline || (i > 0 && rules.newline_run && has(of.newline, i - 1) &&
                                 has(expected.gap, i - 1) && has(of.space, i) && !has(of.newline, i));
    }
    good = good && expected.any_complex == any_complex && expected.any_behind_newline == any_behind_newline;
    for (const Isa isa : isas_from(Isa::kAvx2)) {
      StartMasks masks = given;
      kernels_for(isa).word_starts(rules, of, n, masks);
      for (MaskRow StartMasks::*const row : {&StartMasks::complex, &StartMasks::tail, &StartMasks::gap,
                                             &StartMasks::starts, &StartMasks::groups})
        good =
            good && std::equal(&(masks.*row)[0], &(masks.*row)[ClassMasks::blocks(n)], &(expected.*row)[0]);
      good = good && masks.any_groups == expected.any_groups && masks.any_complex == expected.any_complex &&
             masks.any_behind_newline == expected.any_behind_newline;
    }
  }
  CHECK(good);
}

TEST_CASE("pair_masks and positions: every length, between guard pages") {
  Random random(10);
  GuardedPages input, output;
  std::vector<std::uint32_t> words(std::size_t{1} << 12);
  for (std::uint32_t& word : words)
    word = static_cast<std::uint32_t>(random()) | static_cast<std::uint32_t>(random());
  std::vector<std::uint8_t> flags(0x10000 + 3);
  for (std::uint8_t& flag : flags) flag = static_cast<std::uint8_t>(random() & random());
  const PairSet set{words.data(), 20, flags.data()};
  bool good = true;
  std::uint64_t pairs = 0, flagged = 0;
  for (unsigned round = 0; round < 100; ++round) {
    for (std::size_t n = 1; n <= 64; ++n) {
      // 32 bytes from the last unit on may be read.
      auto* const text = reinterpret_cast<std::uint16_t*>(input.end()) - n - 15;
      for (std::size_t i = 0; i < n + 15; ++i) text[i] = static_cast<std::uint16_t>(random());
      const auto left = static_cast<std::uint16_t>(random());
      const PairMasks expected = kernels_for(Isa::kScalar).pair_masks(set, left, text, n);
      pairs |= expected.pairs;
      flagged |= expected.flagged;
      for (const Isa isa : isas_from(Isa::kAvx2)) {
        const PairMasks got = kernels_for(isa).pair_masks(set, left, text, n);
        good = good && got.pairs == expected.pairs && got.flagged == expected.flagged;
      }
    }
    const std::size_t blocks = below(random, 5);
    std::uint64_t masks[4];
    for (std::uint64_t& mask : masks) {
      mask = std::uint64_t{random()} << 32 | random();
      if (round % 3 == 0) mask &= std::uint64_t{random()} << 32 | random();
    }
    std::uint16_t expected[256 + 64];
    const std::size_t count = kernels_for(Isa::kScalar).positions(masks, blocks, expected);
    auto* const got = reinterpret_cast<std::uint16_t*>(output.end()) - count - 64;
    for (const Isa isa : isas_from(Isa::kAvx2)) {
      good = good && kernels_for(isa).positions(masks, blocks, got) == count;
      good = good && std::equal(got, got + count, expected);
      auto* const wide = reinterpret_cast<std::uint32_t*>(output.end()) - count - 64;
      good = good && kernels_for(isa).wide_positions(masks, blocks, wide) == count;
      good = good && std::equal(wide, wide + count, expected);
    }
  }
  CHECK(good);
  CHECK(pairs == ~std::uint64_t{0});
  CHECK(flagged == ~std::uint64_t{0});
}

TEST_CASE("part_places: every length, between guard pages") {
  Random random(11);
  GuardedPages input, keys, places;
  bool good = true;
  for (unsigned round = 0; round < 20; ++round) {
    const PartPlaces of{static_cast<int>(below(random, 32))};
    for (std::size_t n = 1; n <= 200; ++n) {
      // 32 bytes from the last unit on may be read; 16 more are written.
      auto* const text = reinterpret_cast<std::uint16_t*>(input.end()) - n - 15;
      for (std::size_t i = 0; i < n + 15; ++i) text[i] = static_cast<std::uint16_t>(random());
      std::uint64_t begins[5];
      for (std::uint64_t& mask : begins) mask = std::uint64_t{random()} << 32 | random();
      std::vector<std::uint32_t> expected_keys(n + 16), expected_places(n + 16);
      kernels_for(Isa::kScalar)
          .part_places(of, text, n, begins, expected_keys.data(), expected_places.data());
      for (const Isa isa : isas_from(Isa::kAvx2)) {
        auto* const got_keys = reinterpret_cast<std::uint32_t*>(keys.end()) - n - 16;
        auto* const got_places = reinterpret_cast<std::uint32_t*>(places.end()) - n - 16;
        kernels_for(isa).part_places(of, text, n, begins, got_keys, got_places);
        good = good && std::equal(got_keys, got_keys + n, expected_keys.begin());
        good = good && std::equal(got_places, got_places + n, expected_places.begin());
      }
    }
  }
  CHECK(good);
  // One of one unit, one of two, one of three.
  const std::uint16_t text[6 + 16] = {'a', 'b', 'c', 'd', 'e', 'f'};
  const std::uint64_t begins[2] = {0b1001011, 0};
  std::uint32_t key[6 + 16], place[6 + 16];
  const PartPlaces of{20};
  kernels().part_places(of, text, 6, begins, key, place);
  CHECK(key[0] == 'a');
  CHECK(place[0] == 'a');
  CHECK(key[1] == ('b' | 'c' << 16));
  CHECK(place[1] == of.place_of_two(key[1]));
  CHECK(key[3] == PartPlaces::kNoKey);
  CHECK(place[3] == PartPlaces::kNoPlace);
  // One of two units, half of which are the next mask's.
  const std::vector<std::uint16_t> units(66 + 16, 'x');
  const std::uint64_t ends_beyond[3] = {~std::uint64_t{0}, 0b110, 0};
  std::vector<std::uint32_t> keys_of(66 + 16), places_of(66 + 16);
  kernels().part_places(of, units.data(), 66, ends_beyond, keys_of.data(), places_of.data());
  CHECK(keys_of[62] == 'x');
  CHECK(keys_of[63] == ('x' | 'x' << 16));
  CHECK(places_of[63] == of.place_of_two(keys_of[63]));
}

TEST_CASE("to_utf8: every length and kind of text, between guard pages") {
  Random random(8);
  GuardedPages input, output;
  bool good = true;
  const auto unit = [&](unsigned kind) -> unsigned {
    constexpr unsigned kEdges[] = {0,      0x7F,   0x80,   0x7FF,  0x800,  0xD7FF, 0xE000, 0xFFFF,
                                   0x4E00, 0x9FFF, 0x4DFF, 0xA000, 0x200F, 0x2010, 0x2027, 0x2028,
                                   0x3000, 0x3001, 0x301F, 0x3020, 0xFF00, 0xFF01, 0xFF5E, 0xFF5F};
    if (kind == 0) return below(random, 0x80);
    if (kind == 1) return 0x4E00 + below(random, 0x5200);
    if (kind == 2) return kEdges[below(random, std::size(kEdges))];
    const unsigned any = below(random, 0x10000);
    return kind == 3 && any >= 0xD800 && any < 0xE000 ? 'a' : any;  // kind 4: surrogates, too
  };
  for (std::size_t n = 0; n <= 200; ++n) {
    for (unsigned round = 0; round < 60; ++round) {
      auto* const text = reinterpret_cast<std::uint16_t*>(input.end()) - n;
      for (std::size_t i = 0; i < n; ++i) {
        const unsigned kind =
            round % 6 < 3 ? (round % 3 == 2 ? below(random, 2) : round % 3) : below(random, 4);
        text[i] = static_cast<std::uint16_t>(unit(kind));
      }
      if (n > 0 && round % 5 == 4) text[below(random, n)] = static_cast<std::uint16_t>(unit(4));
      std::vector<std::uint8_t> expected(3 * n + 64);
      const Utf8Written wanted = kernels_for(Isa::kScalar).to_utf8(text, n, expected.data());
      std::uint8_t* const out = output.end() - 3 * n - 64;
      for (const Isa isa : isas_from(Isa::kAvx2)) {
        const Utf8Written got = kernels_for(isa).to_utf8(text, n, out);
        good = good && got.units == wanted.units && got.bytes == wanted.bytes && got.plain == wanted.plain &&
               std::equal(out, out + got.bytes, expected.data());
      }
    }
  }
  CHECK(good);
}

TEST_CASE("short_values: every length and place of the first large value, between guard pages") {
  Random random(4);
  GuardedPages input, output;
  std::vector<std::uint32_t> table(0x10000);
  for (std::uint32_t c = 0; c < 0x10000; ++c) table[c] = c % 256 == 255 ? 1u << 28 | c : 7 * c;
  bool good = true;
  for (const Isa isa : isas_from(Isa::kScalar)) {
    for (std::size_t n = 0; n <= 200; ++n) {
      auto* const text = reinterpret_cast<std::uint16_t*>(input.end()) - n;
      auto* const out = reinterpret_cast<std::uint32_t*>(output.end()) - 16 - n;
      for (std::size_t large = 0; large <= n; ++large) {
        for (std::size_t i = 0; i < n; ++i) text[i] = static_cast<std::uint16_t>(256 * below(random, 256));
        if (large < n) text[large] |= 0xFF;
        std::uint32_t* const before = out - 1;
        *before = 5;
        good = good && kernels_for(isa).short_values(text, n, table.data(), out) == large && *before == 5;
        for (std::size_t i = 0; i < large; ++i) good = good && out[i] == 7u * text[i];
      }
    }
  }
  CHECK(good);
}

TEST_CASE("ascii_cuts: every length, between guard pages") {
  Random random(11);
  GuardedPages input;
  bool good = true;
  std::size_t cut = 0, ended = 0;
  for (unsigned round = 0; round < 60; ++round) {
    AsciiCuts cuts;
    for (AsciiClasses* side : {cuts.left, cuts.right}) {
      for (std::size_t i = 0; i < AsciiCuts::kSets; ++i) {
        side[i].stops_above = false;
        for (AsciiClass* members : {&side[i].space, &side[i].punctuation, &side[i].stop}) {
          for (std::uint8_t& row : members->row) row = static_cast<std::uint8_t>(random() & random());
        }
      }
    }
    for (std::size_t n = 1; n <= 200; ++n) {
      std::uint8_t* const text = input.end() - n;
      for (std::size_t i = 0; i < n; ++i) text[i] = static_cast<std::uint8_t>(1 + below(random, 127));
      if (round % 2) text[below(random, static_cast<std::uint32_t>(n))] = round % 4 == 1 ? 0 : 0xE4;
      std::uint64_t expected[4], got[4];
      const std::size_t stop = kernels_for(Isa::kScalar).ascii_cuts(cuts, text, n, expected);
      ended += stop < n;
      for (std::size_t i = 0; i < n; ++i) {
        const bool is_cut = i == 0 || (i < stop && cuts.has(text[i - 1], text[i]));
        good = good && (expected[i / 64] >> i % 64 & 1) == is_cut;
        cut += is_cut;
      }
      for (const Isa isa : isas_from(Isa::kAvx2)) {
        good = good && kernels_for(isa).ascii_cuts(cuts, text, n, got) == stop;
        good = good && std::equal(got, got + (n + 63) / 64, expected);
      }
    }
  }
  CHECK(good);
  CHECK(cut > 10'000);
  CHECK(ended > 1'000);
}

TEST_CASE("widen and fill: every length and alignment, between guard pages") {
  Random random(2);
  GuardedPages input, output;
  bool good = true;
  for (const Isa isa : isas_from(Isa::kScalar)) {
    for (std::size_t n = 0; n <= 200; ++n) {
      for (std::size_t gap = 0; gap < 8; ++gap) {
        auto* const values = reinterpret_cast<std::uint32_t*>(input.end()) - gap - n;
        auto* const out = reinterpret_cast<std::int64_t*>(output.end()) - gap - n;
        for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<std::uint32_t>(random());
        out[-1] = -5;
        kernels_for(isa).widen(values, n, out);
        for (std::size_t i = 0; i < n; ++i) good = good && out[i] == std::int64_t{values[i]};
        for (std::size_t i = 0; i < gap; ++i) out[n + i] = -6;
        const std::int64_t value = n % 2 ? -1 : std::int64_t{1} << 40;
        kernels_for(isa).fill(value, n, out);
        good = good && out[-1] == -5 && std::count(out, out + n, value) == static_cast<std::ptrdiff_t>(n) &&
               std::count(out + n, out + n + gap, -6) == static_cast<std::ptrdiff_t>(gap);
      }
    }
  }
  CHECK(good);
}

TEST_CASE("addresses: every length and alignment, between guard pages, numbers up to the last and beyond") {
  Random random(3);
  GuardedPages input, output;
  bool good = true;
  unsigned refused = 0;
  for (const Isa isa : isas_from(Isa::kScalar)) {
    for (std::size_t n = 0; n <= 200; ++n) {
      for (std::size_t gap = 0; gap < 8; ++gap) {
        auto* const numbers = reinterpret_cast<std::uint32_t*>(input.end()) - gap - n;
        auto* const out = reinterpret_cast<std::uintptr_t*>(output.end()) - gap - n;
        const auto count = 300 + static_cast<std::uint32_t>(random() % 1000);
        const ObjectTable objects{std::uintptr_t{1} << 40, std::uintptr_t{1} << 45, 257, count};
        for (std::size_t i = 0; i < n; ++i) numbers[i] = static_cast<std::uint32_t>(random() % count);
        if (n > 0) numbers[random() % n] = count - 1;
        out[-1] = 5;
        for (std::size_t i = 0; i < gap; ++i) out[n + i] = 6;
        good = good && kernels_for(isa).addresses(objects, numbers, n, out);
        for (std::size_t i = 0; i < n; ++i) good = good && out[i] == objects.address(numbers[i]);
        good =
            good && out[-1] == 5 && std::count(out + n, out + n + gap, 6) == static_cast<std::ptrdiff_t>(gap);
        if (n == 0) continue;
        const std::uint32_t wrong[] = {count, count + 1, (1u << 31) - 1, 1u << 31, ~0u};
        numbers[random() % n] = wrong[random() % std::size(wrong)];
        good = good && !kernels_for(isa).addresses(objects, numbers, n, out);
        ++refused;
      }
    }
    const std::uint32_t none = 0;
    std::uintptr_t out;
    good = good && !kernels_for(isa).addresses({0, 0, 257, 0}, &none, 1, &out);
  }
  CHECK(good);
  CHECK(refused > 1000);
}

TEST_CASE("over-read: to the end of the page, and not of tagged memory") {
  alignas(4096) static const std::uint8_t page[4096] = {};
  CHECK_FALSE(may_read_beyond(page + 1, 4096));
  CHECK_FALSE(may_read_beyond(page + 4096, 1));
#if !defined(FASTTOK_NO_OVER_READ)
  CHECK(may_read_beyond(page + 1, 4095));
  CHECK(may_read_beyond(page + 4096, 0));
#endif
#if defined(__aarch64__)
  const auto address = reinterpret_cast<std::uintptr_t>(page + 1);
  CHECK_FALSE(may_read_beyond(reinterpret_cast<const void*>(address | std::uintptr_t{1} << 56), 1));
#endif
}
