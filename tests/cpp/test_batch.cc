// Columns against the literal rows: what RowEncoder writes is what encode_row() of the generic engine says.
#include <doctest/doctest.h>
#include <malloc.h>

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "fasttok/base/word_cache.h"
#include "fasttok/pipeline/engine_bert.h"
#include "fasttok/pipeline/tokenizer.h"
#include "fasttok/unicode/utf8.h"
#include "random_texts.h"

using namespace fasttok;
using namespace fasttok::testing;

namespace {

using Strategy = Truncation::Strategy;
using Kind = TemplatePiece::Kind;

enum class Rows { kSingle, kPairs, kMixed, kWords, kWordPairs };
constexpr Rows kAllRows[] = {Rows::kSingle, Rows::kPairs, Rows::kMixed, Rows::kWords, Rows::kWordPairs};

// A batch with the texts that it looks at.
struct HeldBatch {
  std::vector<HeldText> texts;
  Batch batch;

  void add(const Chars& text) {
    texts.emplace_back(text);
    batch.texts.push_back(texts.back().view());
  }
};

HeldBatch random_batch(Random& random, Rows rows, std::size_t count, std::size_t longest) {
  HeldBatch held;
  const bool words = rows == Rows::kWords || rows == Rows::kWordPairs;
  held.batch.pretokenized = words;
  for (std::size_t row = 0; row < count; ++row) {
    const std::size_t begin = held.batch.texts.size();
    auto add_sequence = [&] {
      const std::size_t n = words ? below(random, 6) : 1;
      for (std::size_t i = 0; i < n; ++i) held.add(random_text(random, below(random, words ? 4 : longest)));
      return n;
    };
    const std::size_t first = add_sequence();
    if (rows == Rows::kSingle) continue;
    const bool is_pair =
        rows == Rows::kPairs || rows == Rows::kWordPairs || (rows == Rows::kMixed && row % 2);
    const std::size_t second = is_pair ? add_sequence() : 0;
    held.batch.shapes.push_back({begin, first, second, is_pair});
  }
  return held;
}

// Sequences in the other order, special tokens of several ids, unusual type ids.
Template odd_template() {
  Template odd;
  odd.single = {
      {Kind::kSpecial, 3, {{7, 8}, {"x", "y"}}}, {Kind::kSequenceA, 2}, {Kind::kSpecial, 1, {{9}, {"z"}}}};
  odd.pair = {{Kind::kSequenceB, 5}, {Kind::kSpecial, 4, {{7, 8}, {"x", "y"}}}, {Kind::kSequenceA, 6}};
  return odd;
}

Template repeating_template() {
  Template twice;
  twice.single = {{Kind::kSequenceA, 0}, {Kind::kSequenceA, 1}};
  twice.pair = {{Kind::kSequenceA, 0}, {Kind::kSequenceB, 1}, {Kind::kSequenceA, 2}};
  return twice;
}

struct Tokenizers {
  std::shared_ptr<const Tokenizer> fast, literal;

  explicit Tokenizers(std::optional<Template> processor, const BertNormalizer& normalizer = {},
                      const std::vector<AddedToken>& added = added_sets()[1]) {
    Spec spec = spec_of(normalizer, small_model(), added);
    spec.post_processor = std::move(processor);
    fast = Tokenizer::compile(spec, EngineChoice::kAuto);
    literal = Tokenizer::compile(spec, EngineChoice::kGeneric);
  }
};

std::vector<Tokenizers> all_tokenizers() {
  std::vector<Tokenizers> all;
  all.emplace_back(bert_processing({"[SEP]", 901}, {"[CLS]", 900}));
  for (auto processor :
       {std::optional<Template>(), std::optional(odd_template()), std::optional(repeating_template())}) {
    all.emplace_back(processor);
  }
  return all;
}

struct Row {
  std::vector<std::uint32_t> ids, type_ids;
  std::vector<EncodingData::Range> offsets;
  std::vector<std::int32_t> words;
  bool operator==(const Row&) const = default;
};

Row row_of(const EncodingData& data) {
  Row row{data.ids, data.type_ids, data.offsets, {}};
  for (const auto& word : data.words) row.words.push_back(word ? static_cast<std::int32_t>(*word) : -1);
  return row;
}

Row row_of(const Columns& columns, std::size_t number) {
  Row row;
  for (auto i = static_cast<std::size_t>(columns.row_offsets[number]);
       i < static_cast<std::size_t>(columns.row_offsets[number + 1]); ++i) {
    row.ids.push_back(columns.ids[i]);
    if (!columns.type_ids.empty()) row.type_ids.push_back(columns.type_ids[i]);
    if (!columns.offsets.empty()) row.offsets.emplace_back(columns.offsets[i].begin, columns.offsets[i].end);
    if (!columns.word_ids.empty()) row.words.push_back(columns.word_ids[i]);
  }
  return row;
}

// What an error says; RowError tells its row, too.
std::string said(std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const RowError& e) {
    return std::to_string(e.row) + ": " + said(e.cause);
  } catch (const SurrogateFound& e) {
    return "surrogate in text " + std::to_string(e.text) + " at " + std::to_string(e.position);
  } catch (const SpecialTokenFound& e) {
    return e.content + " in text " + std::to_string(e.text) + " at " + std::to_string(e.position);
  } catch (const std::exception& e) {
    return e.what();
  }
}

// The rows up to the first that fails, and how it does.
struct Result {
  std::vector<Row> rows;
  std::string error;
};

Result literal_rows(const Tokenizer& tokenizer, const Batch& batch, const EncodeOptions& options) {
  Result result;
  for (std::size_t row = 0; row < batch.rows() && result.error.empty(); ++row) {
    try {
      result.rows.push_back(row_of(tokenizer.encode_row(batch, row, options, false, true)));
    } catch (...) {
      result.error = std::to_string(row) + ": " + said(std::current_exception());
    }
  }
  return result;
}

bool columns_are(const Tokenizer& tokenizer, const Batch& batch, EncodeOptions options,
                 const Result& expected) {
  options.type_ids = options.offsets = options.word_ids = true;
  Columns columns;
  try {
    columns = tokenizer.rows().encode(batch, options);
  } catch (...) {
    return said(std::current_exception()) == expected.error;
  }
  if (!expected.error.empty() || columns.row_offsets.size() != batch.rows() + 1) return false;
  options.type_ids = options.offsets = options.word_ids = false;
  const Columns ids_only = tokenizer.rows().encode(batch, options);
  const Buffer<std::int64_t> counts = tokenizer.rows().count(batch, options);
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    const Row& want = expected.rows[row];
    if (row_of(columns, row) != want || row_of(ids_only, row).ids != want.ids) return false;
    if (counts[row] != static_cast<std::int64_t>(want.ids.size())) return false;
  }
  return true;
}

std::vector<Truncation> truncations() {
  std::vector<Truncation> all;
  for (const Strategy strategy : {Strategy::kLongestFirst, Strategy::kOnlyFirst, Strategy::kOnlySecond}) {
    for (const Direction direction : {Direction::kRight, Direction::kLeft}) {
      for (const std::size_t length : {0, 2, 3, 5, 8, 9, 40}) {
        for (const std::size_t stride : {0, 2}) all.push_back({length, stride, strategy, direction});
      }
    }
  }
  return all;
}

bool check_batch(const Tokenizers& tokenizers, const Batch& batch, const EncodeOptions& options) {
  const Result expected = literal_rows(*tokenizers.literal, batch, options);
  return columns_are(*tokenizers.fast, batch, options, expected) &&
         columns_are(*tokenizers.literal, batch, options, expected);
}

// Whether each row of the matrices is a row of `rows`, filled up as the rules say.
bool is_padded(const PaddedColumns& padded, const std::vector<Row>& rows, const PadRules& rules) {
  std::size_t longest = 0;
  for (const Row& row : rows) longest = std::max(longest, row.ids.size());
  const std::size_t multiple = rules.pad_to_multiple_of.value_or(1);
  const std::size_t width = (rules.length.value_or(longest) + multiple - 1) / multiple * multiple;
  if (padded.rows != rows.size() || padded.width != width) return false;
  for (std::size_t i = 0; i < rows.size() * width; ++i) {
    const Row& row = rows[i / width];
    const std::size_t at = i % width - (rules.left ? width - row.ids.size() : 0);
    const bool text = at < row.ids.size();  // wraps around in front of a row at the right
    if (padded.ids[i] != (text ? row.ids[at] : rules.pad_id)) return false;
    if (rules.mask && padded.mask[i] != text) return false;
    if (rules.type_ids && padded.type_ids[i] != (text ? row.type_ids[at] : rules.pad_type_id)) return false;
  }
  return true;
}

template <class Call>
void throw_cause(Call call) {
  try {
    call();
  } catch (const RowError& e) {
    std::rethrow_exception(e.cause);
  }
}

}  // namespace

TEST_CASE("columns: equal the literal rows, with every truncation") {
  Random random(1);
  const auto all = all_tokenizers();
  for (std::size_t number = 0; number < all.size(); ++number) {
    for (const Rows rows : kAllRows) {
      for (unsigned round = 0; round < test_rounds(); ++round) {
        const HeldBatch held = random_batch(random, rows, 3, 10);
        CAPTURE(number);
        CAPTURE(static_cast<int>(rows));
        EncodeOptions options;
        for (options.add_special_tokens = false;; options.add_special_tokens = true) {
          options.truncation.reset();
          CHECK(check_batch(all[number], held.batch, options));
          for (const Truncation& truncation : truncations()) {
            CAPTURE(truncation.max_length);
            CAPTURE(truncation.stride);
            CAPTURE(static_cast<int>(truncation.strategy));
            CAPTURE(truncation.direction == Direction::kLeft);
            // The windows of a sequence that a template repeats are multiplied with each other.
            if (number == 3 && truncation.max_length < 40) continue;
            options.truncation = truncation;
            CHECK(check_batch(all[number], held.batch, options));
          }
          if (options.add_special_tokens) break;
        }
      }
    }
  }
}

TEST_CASE("columns: large batches on several threads") {
  Random random(2);
  const auto all = all_tokenizers();
  for (const Rows rows : {Rows::kSingle, Rows::kMixed, Rows::kWordPairs}) {
    const HeldBatch held = random_batch(random, rows, rows == Rows::kWordPairs ? 1000 : 300, 50);
    for (const std::size_t number : {0, 2}) {
      EncodeOptions options;
      for (const std::optional<Truncation>& truncation :
           {std::optional<Truncation>(), std::optional(Truncation{.max_length = 64})}) {
        options.truncation = truncation;
        const Result expected = literal_rows(*all[number].literal, held.batch, options);
        for (options.threads = 1; options.threads <= 4; options.threads += 3) {
          CHECK(columns_are(*all[number].fast, held.batch, options, expected));
        }
      }
    }
  }
}

TEST_CASE("columns: more tokens than were thought of, on several threads") {
  Random random(21);
  const auto all = all_tokenizers();
  HeldBatch held;
  for (std::size_t row = 0; row < 3000; ++row) {
    Chars text;
    for (std::size_t n = below(random, 300); n > 0; --n) text += U"a,b!-c"[below(random, 6)];
    held.add(text);
  }
  for (std::size_t row = 0; row < held.texts.size(); ++row) held.batch.texts[row] = held.texts[row].view();
  for (const std::size_t number : {0, 2}) {
    EncodeOptions options;
    const Result expected = literal_rows(*all[number].literal, held.batch, options);
    for (options.threads = 2; options.threads <= 5; ++options.threads)
      CHECK(columns_are(*all[number].fast, held.batch, options, expected));
  }
}

// Rows of ASCII are joined; what ends such a run, or is none of it, is among them.
Chars ascii_row(Random& random) {
  static const std::vector<Chars> kOdd = {U"[",  U"[SEP]", U"[SE", U"\x01", Chars(1, U'\0'),
                                          U"中", U"é",     U"<"};
  const std::size_t pieces = below(random, 8) ? below(random, 12) : below(random, 900);
  const unsigned odd = below(random, 3) ? 0 : 1 + below(random, 20);
  Chars text;
  for (std::size_t i = 0; i < pieces; ++i) {
    if (below(random, 100) < odd) {
      text += kOdd[below(random, kOdd.size())];
    } else {
      text += Chars(below(random, below(random, 9) ? 3 : 40), below(random, 2) ? U'a' : U'B');
      const std::size_t spaces = below(random, 3) ? 0 : below(random, 8) ? 1 : below(random, 40);
      text += U" cabxABab,!-"[below(random, 13)] + Chars(spaces, below(random, 9) ? U' ' : U'\t');
    }
  }
  return text;
}

// Rows of other letters are joined as well, unless they have many characters that are words.
Chars letters_row(Random& random) {
  static const Chars kAlphabets[] = {U"abcé \xFC\xDF\xC9 ",
                                     U"\u0436\u0416\u03C3\u03A3 \u05D0ab ",
                                     U"ab\u0301 \u212A\u00A0\u1E9E e",
                                     U"xab\u2019 cab \u201C\uFF0C",
                                     U"ab \U00010400 c",
                                     U"\uD55C \u0345 ab c\u30AC"};
  static const Chars kOdd = U"中。,!-[\0\x7F\uFFFD\u2028\u200D";
  const Chars& alphabet = kAlphabets[below(random, std::size(kAlphabets))];
  const unsigned odd = below(random, 3) * 5;
  Chars text;
  for (std::size_t n = below(random, below(random, 6) ? 80 : 1500); n > 0; --n) {
    text += below(random, 100) < odd ? kOdd[below(random, kOdd.size())]
                                     : alphabet[below(random, alphabet.size())];
  }
  return text;
}

TEST_CASE("columns: rows of letters, joined") {
  Random random(7);
  const auto all = all_tokenizers();
  for (unsigned round = 0; round < 12 * test_rounds(); ++round) {
    HeldBatch held;
    for (std::size_t row = 0; row < 40; ++row)
      held.add(below(random, 4) ? letters_row(random) : ascii_row(random));
    for (const std::size_t number : {0, 2}) {
      EncodeOptions options;
      for (const std::size_t length : {0, 9, 100}) {
        if (length > 0) options.truncation = Truncation{.max_length = length};
        CHECK(check_batch(all[number], held.batch, options));
      }
    }
  }
}

TEST_CASE("columns: rows of letters, joined in memory that held keys of the cache before") {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // so that memory that was given back is what is given next
#endif
  for (unsigned number = 1; number <= 3; ++number) {
    const std::uint32_t before = next_cache_owner();
    const auto all = all_tokenizers();
    // Each thread has memory of its own to join rows in; the first tokenizer has one of the owners behind.
    bool good = true;
    std::thread([&] {
      const WordKey key = WordCache::of_this_thread(before + number).tag();
      std::vector<std::vector<WordKey>> blocks;
      for (std::size_t size = 6'000; size < 20'000; size += 50) blocks.emplace_back(size, key);
      for (std::size_t i = 0; i < blocks.size(); i += 2) std::vector<WordKey>().swap(blocks[i]);
      HeldBatch held;
      Random random(number);
      for (std::size_t row = 0; row < 40; ++row) held.add(letters_row(random));
      EncodeOptions options;
      options.threads = 1;
      good = check_batch(all[0], held.batch, options);
    }).join();
    CHECK(good);
  }
}

TEST_CASE("columns: rows of ASCII, joined") {
  Random random(6);
  auto all = all_tokenizers();
  BertNormalizer keeps_control_characters;
  keeps_control_characters.clean_text = false;
  all.emplace_back(bert_processing({"[SEP]", 901}, {"[CLS]", 900}), keeps_control_characters);
  for (unsigned round = 0; round < 12 * test_rounds(); ++round) {
    HeldBatch held;
    for (std::size_t row = 0; row < 40; ++row) held.add(ascii_row(random));
    for (const std::size_t number : {std::size_t{0}, std::size_t{1}, std::size_t{2}, all.size() - 1}) {
      EncodeOptions options;
      options.add_special_tokens = round % 4 != 0;
      for (const std::size_t length : {0, 3, 9, 40, 1000}) {
        if (length > 0) {
          options.truncation = Truncation{.max_length = length};
          options.truncation->direction = round % 2 ? Direction::kLeft : Direction::kRight;
          if (round % 3 == 0) options.truncation->strategy = Strategy::kOnlyFirst;
        }
        CHECK(check_batch(all[number], held.batch, options));
      }
    }
  }
}

TEST_CASE("columns: the character that stands between joined rows, in rows") {
  BertNormalizer keeps_control_characters;
  keeps_control_characters.clean_text = false;
  const Tokenizers tokenizers(bert_processing({"[SEP]", 901}, {"[CLS]", 900}), keeps_control_characters,
                              {raw("\x01 ab", 950)});
  HeldBatch held;
  for (const Chars& row : {Chars(U"a\x01"
                                 U"b ab"),
                           Chars(U"ab \x01 ab"), Chars(U"\x01"), Chars(U"ab\x01")})
    held.add(row);
  CHECK(check_batch(tokenizers, held.batch, {}));
}

TEST_CASE("ids of one text") {
  Random random(8);
  const auto all = all_tokenizers();
  HeldBatch held;
  for (std::size_t row = 0; row < 600 * test_rounds(); ++row) {
    const unsigned kind = below(random, 4);
    Chars text = kind == 0 ? letters_row(random) : kind == 1 ? random_text(random, 20) : ascii_row(random);
    if (kind == 3) text.resize(std::min<std::size_t>(text.size(), below(random, 140)));
    held.add(text);
  }
  for (std::size_t row = 0; row < held.texts.size(); ++row) {
    const Batch one{{held.texts[row].view()}, {}};
    for (const Tokenizers& tokenizers : all) {
      EncodeOptions options;
      for (const bool add : {false, true}) {
        options.add_special_tokens = add;
        const Result expected = literal_rows(*tokenizers.literal, one, options);
        if (!expected.error.empty()) {
          CHECK_THROWS_AS(tokenizers.fast->rows().ids_of(one.texts[0], add), RowError);
          continue;
        }
        const auto ids = tokenizers.fast->rows().ids_of(one.texts[0], add);
        CHECK(std::equal(ids.begin(), ids.end(), expected.rows[0].ids.begin(), expected.rows[0].ids.end()));
      }
    }
  }
}

TEST_CASE("columns: no rows, and empty rows") {
  const Tokenizers tokenizers(bert_processing({"[SEP]", 901}, {"[CLS]", 900}));
  for (const unsigned threads : {1u, 4u}) {
    EncodeOptions options;
    options.threads = threads;
    HeldBatch held;
    CHECK(check_batch(tokenizers, held.batch, options));
    for (int i = 0; i < 3; ++i) held.add(U"");
    CHECK(check_batch(tokenizers, held.batch, options));
    held.batch.pretokenized = true;
    held.batch.shapes = {{0, 0, 0, false}, {0, 0, 3, true}, {3, 0, 0, true}};
    CHECK(check_batch(tokenizers, held.batch, options));
  }
}

TEST_CASE("matrices: the rows, padded") {
  Random random(5);
  const Tokenizers tokenizers(bert_processing({"[SEP]", 901}, {"[CLS]", 900}));
  for (const Rows rows : kAllRows) {
    for (const std::size_t count : {1, 7, 300}) {
      const HeldBatch held = random_batch(random, rows, count, 30);
      EncodeOptions options;
      options.truncation = Truncation{.max_length = 24};
      const auto expected = literal_rows(*tokenizers.literal, held.batch, options).rows;
      PadRules rules;
      rules.pad_id = 5;
      rules.pad_type_id = 6;
      for (int variant = 0; variant < 16; ++variant) {
        options.threads = variant & 1 ? 4 : 1;
        rules.left = variant & 2;
        rules.type_ids = rules.mask = variant & 4;
        if (variant & 8) rules.length = 30;
        rules.pad_to_multiple_of = variant & 2 ? std::optional<std::size_t>(8) : std::nullopt;
        CHECK(is_padded(tokenizers.fast->rows().encode_padded(held.batch, options, rules), expected, rules));
      }
      rules.length = 1;
      rules.pad_to_multiple_of.reset();
      CHECK_THROWS_AS(throw_cause([&] { tokenizers.fast->rows().encode_padded(held.batch, options, rules); }),
                      ValueError);
    }
  }
}

TEST_CASE("columns: spans in bytes") {
  Random random(3);
  const Tokenizers tokenizers(std::nullopt);
  for (int round = 0; round < 60; ++round) {
    const Chars text = random_text(random, 12);
    HeldBatch held;
    held.add(text);
    EncodeOptions options;
    options.offsets = true;
    const Columns chars = tokenizers.fast->rows().encode(held.batch, options);
    options.byte_offsets = true;
    const Columns bytes = tokenizers.fast->rows().encode(held.batch, options);
    const auto bytes_before = [&](std::size_t n) { return to_utf8(text.substr(0, n)).size(); };
    bool good = chars.ids.size() == bytes.ids.size();
    for (std::size_t i = 0; good && i < chars.ids.size(); ++i) {
      good = bytes.offsets[i].begin == bytes_before(chars.offsets[i].begin) &&
             bytes.offsets[i].end == bytes_before(chars.offsets[i].end);
    }
    CHECK(good);
  }
}

TEST_CASE("fits: says what the number of tokens says") {
  Random random(4);
  for (const Tokenizers& tokenizers : all_tokenizers()) {
    for (const Rows rows : kAllRows) {
      const HeldBatch held = random_batch(random, rows, 6, 10);
      for (const bool specials : {false, true}) {
        EncodeOptions options;
        options.add_special_tokens = specials;
        const auto counts = tokenizers.literal->rows().count(held.batch, options);
        bool good = true;
        for (std::size_t row = 0; row < held.batch.rows(); ++row) {
          for (std::size_t most = 0; most < 40; ++most) {
            const bool fits = counts[row] <= static_cast<std::int64_t>(most);
            good = good && tokenizers.fast->rows().fits(held.batch, row, most, options) == fits;
          }
        }
        CHECK(good);
      }
    }
  }
}

TEST_CASE("errors: of several failing rows the first is reported") {
  const Tokenizers tokenizers(bert_processing({"[SEP]", 901}, {"[CLS]", 900}));
  const std::map<std::size_t, Chars> bad = {{250, U"ab [SEP]"}, {377, U"[SEP]"}, {390, Chars(U"中\xDFFF")}};
  HeldBatch held;
  for (std::size_t row = 0; row < 400; ++row) {
    const auto found = bad.find(row);
    Chars text = found == bad.end() ? U"" : found->second;
    for (int i = 0; i < 60; ++i) text += U" cab";
    held.add(text);
  }
  for (const std::size_t row : {101, 102, 399}) held.texts[row] = HeldText(U"ab中\xD800 " + Chars(300, U'a'));
  for (std::size_t row = 0; row < 400; ++row) held.batch.texts[row] = held.texts[row].view();

  EncodeOptions options;
  const auto error_of = [&](const Batch& batch) {
    try {
      tokenizers.fast->rows().encode(batch, options);
    } catch (...) {
      return said(std::current_exception());
    }
    return std::string();
  };
  for (int round = 0; round < 20; ++round) {
    options.threads = round % 2 ? 4 : 1;
    options.specials_are_errors = true;
    CHECK(error_of(held.batch) == "101: surrogate in text 0 at 3");
    Batch later = held.batch;
    later.texts.erase(later.texts.begin(), later.texts.begin() + 103);
    CHECK(error_of(later) == "147: [SEP] in text 0 at 3");
    options.specials_are_errors = false;
    CHECK(error_of(later) == "287: surrogate in text 0 at 1");
    later.texts.resize(200);
    CHECK(error_of(later) == "");
  }
}
