#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/output/decoder.h"
#include "fasttok/output/encoding.h"
#include "fasttok/output/pad_truncate.h"
#include "fasttok/output/post_process.h"
#include "fasttok/output/template.h"

using namespace fasttok;

namespace {

using Ids = std::vector<std::uint32_t>;
using Range = EncodingData::Range;
using Strategy = Truncation::Strategy;

// One token of two characters for each id, words in order, one space between.
EncodingData row_of(const Ids& ids) {
  EncodingData row;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    row.ids.push_back(ids[i]);
    row.type_ids.push_back(0);
    row.tokens.push_back("t" + std::to_string(ids[i]));
    row.words.emplace_back(static_cast<std::uint32_t>(i));
    row.offsets.emplace_back(3 * i, 3 * i + 2);
    row.special_tokens_mask.push_back(0);
    row.attention_mask.push_back(1);
  }
  return row;
}

EncodingData row_of(const Ids& ids, const std::vector<Ids>& overflowing) {
  EncodingData row = row_of(ids);
  for (const Ids& part : overflowing) row.overflowing.push_back(row_of(part));
  return row;
}

std::vector<Ids> parts_of(const EncodingData& row) {
  std::vector<Ids> parts;
  for (const EncodingData& part : row.overflowing) parts.push_back(part.ids);
  return parts;
}

Template bert() {
  return bert_processing({"[SEP]", 102}, {"[CLS]", 101});
}

}  // namespace

TEST_CASE("encoding: truncate to the right and to the left, with stride") {
  EncodingData right = row_of({0, 1, 2, 3, 4});
  right.truncate(3, 1, Direction::kRight);
  CHECK(right.ids == Ids{0, 1, 2});
  CHECK(parts_of(right) == std::vector<Ids>{{2, 3, 4}});

  EncodingData left = row_of({0, 1, 2, 3, 4});
  left.truncate(2, 0, Direction::kLeft);
  CHECK(left.ids == Ids{3, 4});
  CHECK(parts_of(left) == std::vector<Ids>{{1, 2}, {0}});
  CHECK(left.overflowing[0].offsets == std::vector<Range>{{3, 5}, {6, 8}});
}

TEST_CASE("encoding: truncate to nothing keeps the row as its part") {
  EncodingData row = row_of({0, 1});
  row.set_sequence_id(0);
  const EncodingData whole = row;
  row.truncate(0, 5, Direction::kRight);
  CHECK(row.ids.empty());
  REQUIRE(row.overflowing.size() == 1);
  CHECK(row.overflowing[0] == whole);
}

TEST_CASE("encoding: truncate forgets sequence ranges, unless there is nothing to cut") {
  EncodingData row = row_of({0, 1});
  row.set_sequence_id(1);
  row.truncate(2, 9, Direction::kRight);
  CHECK(row.sequence_ranges.size() == 1);
  row.truncate(1, 0, Direction::kRight);
  CHECK(row.sequence_ranges.empty());
}

TEST_CASE("encoding: stride not below the length") {
  EncodingData row = row_of({0, 1, 2});
  CHECK_THROWS_AS(row.truncate(2, 2, Direction::kRight), ValueError);
  CHECK(row.ids == Ids{0, 1, 2});
}

TEST_CASE("encoding: pad moves the ranges to the left only") {
  EncodingData row = row_of({5, 6}, {{7}});
  row.set_sequence_id(0);
  EncodingData left = row;
  left.pad(3, 9, 4, "[PAD]", Direction::kLeft);
  CHECK(left.ids == Ids{9, 5, 6});
  CHECK(left.type_ids == Ids{4, 0, 0});
  CHECK(left.special_tokens_mask == Ids{1, 0, 0});
  CHECK(left.attention_mask == Ids{0, 1, 1});
  CHECK(left.words[0] == std::nullopt);
  CHECK(left.offsets[0] == Range{0, 0});
  CHECK(left.sequence_range(0) == Range{1, 3});
  CHECK(left.overflowing[0].ids == Ids{9, 9, 7});

  row.pad(3, 9, 4, "[PAD]", Direction::kRight);
  CHECK(row.ids == Ids{5, 6, 9});
  CHECK(row.sequence_range(0) == Range{0, 2});
  CHECK(row.overflowing[0].tokens == std::vector<std::string>{"t7", "[PAD]", "[PAD]"});
}

TEST_CASE("encoding: merge with growing offsets") {
  const std::vector<EncodingData> rows{row_of({1, 2}), row_of({3})};
  CHECK(EncodingData::merge(rows, true).offsets == std::vector<Range>{{0, 2}, {3, 5}, {5, 7}});
  CHECK(EncodingData::merge(rows, false).offsets == std::vector<Range>{{0, 2}, {3, 5}, {0, 2}});
  CHECK(EncodingData::merge({}, true) == EncodingData());
}

TEST_CASE("encoding: merging many rows moves each column a few times, not once a row") {
  EncodingData merged;
  std::size_t moves = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto* const before = merged.offsets.data();
    merged.merge_with(row_of({5, 6}), true);
    moves += merged.offsets.data() != before ? 1 : 0;
  }
  CHECK(merged.offsets.back() == Range{5 * 9'999 + 3, 5 * 10'000});
  CHECK(moves < 40);
}

TEST_CASE("encoding: merge combines overflowing parts, and nests") {
  EncodingData row = row_of({0}, {{10}, {20}});
  row.merge_with(row_of({5}, {{60}}), false);
  CHECK(row.ids == Ids{0, 5});
  CHECK(parts_of(row) == std::vector<Ids>{{10, 5}, {10, 60}, {20, 5}, {20, 60}, {0, 60}});
  CHECK(parts_of(row.overflowing[0]) == std::vector<Ids>{{10, 60}});
  CHECK(parts_of(row.overflowing[4]) == std::vector<Ids>{{10, 60}, {20, 60}});
}

TEST_CASE("encoding: maps") {
  EncodingData row = bert().process({row_of({1, 2}), row_of({3})}, true);  // [CLS] 1 2 [SEP] 3 [SEP]
  CHECK(row.n_sequences() == 2);
  const std::vector<std::optional<std::size_t>> sequences{std::nullopt, 0, 0, std::nullopt, 1, std::nullopt};
  CHECK(row.sequence_ids() == sequences);
  CHECK(row.token_to_sequence(0) == std::nullopt);
  CHECK(row.token_to_sequence(4) == 1u);
  CHECK(row.token_to_chars(2)->second == Range{3, 5});
  CHECK_FALSE(row.token_to_chars(3));
  CHECK(row.token_to_word(2)->second == 1);
  CHECK(row.word_to_tokens(0, 1) == Range{4, 5});
  CHECK(row.word_to_chars(1, 0) == Range{3, 5});
  CHECK(row.char_to_token(3, 0) == 2u);
  CHECK_FALSE(row.char_to_token(2, 0));
  CHECK(row.char_to_token(0, 1) == 4u);
  CHECK(row.char_to_word(4, 0) == 1u);
  CHECK(row.char_to_token(0, 7) == 1u);  // unknown sequence: the whole row
}

TEST_CASE("encoding: maps without sequence ranges") {
  EncodingData row = row_of({1, 2});
  CHECK(row.token_to_sequence(2) == 0u);  // the index just behind the end
  CHECK_FALSE(row.token_to_sequence(3));
  row.pad(3, 0, 0, "[PAD]", Direction::kRight);
  CHECK(row.token_to_chars(2)->second == Range{0, 0});
  CHECK_FALSE(row.token_to_word(2));
}

TEST_CASE("encoding: a lone sequence 1 answers as 0") {
  EncodingData row = row_of({1, 2});
  row.set_sequence_id(1);
  CHECK(row.sequence_ids() == std::vector<std::optional<std::size_t>>{0, 0});
  CHECK(row.token_to_sequence(0) == 1u);
}

TEST_CASE("template: pieces, type ids, and special tokens of several ids") {
  using Kind = TemplatePiece::Kind;
  Template both;
  both.pair = {{Kind::kSequenceB, 3},
               {Kind::kSpecial, 4, {{7, 8}, {"x", "y"}}},
               {Kind::kSequenceA, 5},
               {Kind::kSequenceB, 6}};
  CHECK(both.added_tokens(true) == 2);
  CHECK(both.added_tokens(false) == 0);
  const EncodingData row = both.process({row_of({1}), row_of({2})}, true);
  CHECK(row.ids == Ids{2, 7, 8, 1, 2});
  CHECK(row.type_ids == Ids{3, 4, 4, 5, 6});
  CHECK(row.sequence_range(1) == Range{4, 5});
  CHECK(both.process({row_of({1}), row_of({2})}, false).ids == Ids{2, 1, 2});
  CHECK(both.process({row_of({1})}, true) == EncodingData());
  both.single = {{Kind::kSequenceB, 0}};
  CHECK_THROWS_AS(both.process({row_of({1})}, true), ValueError);
}

TEST_CASE("template: overflowing parts keep their type ids") {
  Template single;
  single.single = {{TemplatePiece::Kind::kSpecial, 0, {{101}, {"[CLS]"}}},
                   {TemplatePiece::Kind::kSequenceA, 3}};
  const EncodingData row = single.process({row_of({1, 2}, {{3}})}, true);
  CHECK(row.type_ids == Ids{0, 3, 3});
  REQUIRE(row.overflowing.size() == 1);
  CHECK(row.overflowing[0].ids == Ids{101, 3});
  CHECK(row.overflowing[0].type_ids == Ids{0, 0});
  CHECK(row.overflowing[0].sequence_range(0) == Range{1, 2});
}

TEST_CASE("bert: clears masks") {
  EncodingData row = row_of({1});
  row.special_tokens_mask = {1};
  row.attention_mask = {0};
  CHECK(bert().process({row}, true).special_tokens_mask == Ids{1, 0, 1});
  CHECK(bert().process({row}, true).attention_mask == Ids{1, 1, 1});
  CHECK(bert().process({row}, false).attention_mask == Ids{0});
  Template plain = bert();
  plain.kind = Template::Kind::kTemplate;
  CHECK(plain.process({row}, true).special_tokens_mask == Ids{1, 1, 1});
}

TEST_CASE("default_process") {
  CHECK(default_process({row_of({1})}).sequence_ranges.empty());
  const EncodingData row = default_process({row_of({1}), row_of({2}, {{3}})});
  CHECK(row.ids == Ids{1, 2});
  CHECK(row.type_ids == Ids{0, 0});
  CHECK(row.sequence_range(1) == Range{1, 2});
  CHECK(row.overflowing[0].sequence_ranges.size() == 1);
}

TEST_CASE("truncated_lengths: longest first") {
  const auto lengths = [](std::size_t first, std::size_t second, std::size_t max_length) {
    return truncated_lengths(first, second, max_length, Strategy::kLongestFirst);
  };
  using Pair = std::pair<std::size_t, std::size_t>;
  CHECK(lengths(2, 8, 7) == Pair{2, 5});
  CHECK(lengths(8, 2, 7) == Pair{5, 2});
  CHECK(lengths(4, 8, 7) == Pair{3, 4});
  CHECK(lengths(8, 4, 7) == Pair{4, 3});
  CHECK(lengths(8, 8, 7) == Pair{3, 4});
  CHECK(lengths(0, 8, 7) == Pair{0, 7});
  CHECK(lengths(8, 8, 1) == Pair{0, 1});
  CHECK(lengths(3, 4, 7) == Pair{3, 4});
  CHECK(lengths(3, 4, 0) == Pair{0, 0});
  CHECK(truncated_lengths(9, std::nullopt, 7, Strategy::kLongestFirst) == Pair{7, 0});
}

TEST_CASE("truncated_lengths: one sequence only") {
  using Pair = std::pair<std::size_t, std::size_t>;
  CHECK(truncated_lengths(6, 3, 7, Strategy::kOnlyFirst) == Pair{4, 3});
  CHECK(truncated_lengths(6, 3, 7, Strategy::kOnlySecond) == Pair{6, 1});
  CHECK_THROWS_WITH_AS(truncated_lengths(2, 8, 8, Strategy::kOnlyFirst),
                       "Truncation error: Sequence to truncate too short to respect the provided max_length",
                       Error);
  CHECK_THROWS_WITH_AS(truncated_lengths(9, std::nullopt, 8, Strategy::kOnlySecond),
                       "Truncation error: Second sequence not provided", Error);
  CHECK(truncated_lengths(8, std::nullopt, 8, Strategy::kOnlySecond) == Pair{8, 0});
  CHECK(truncated_lengths(8, std::nullopt, 0, Strategy::kOnlySecond) == Pair{0, 0});
}

TEST_CASE("padding: target length") {
  Padding padding;
  CHECK(padding.target_length(5) == 5);
  padding.pad_to_multiple_of = 8;
  CHECK(padding.target_length(5) == 8);
  CHECK(padding.target_length(16) == 16);
  padding.fixed_length = 9;
  CHECK(padding.target_length(100) == 16);
  padding.pad_to_multiple_of = 0;
  CHECK(padding.target_length(100) == 9);

  std::vector<EncodingData> rows{row_of({1}), row_of({1, 2, 3})};
  pad_encodings(rows, Padding{});
  CHECK(rows[0].ids == Ids{1, 0, 0});
  CHECK(rows[1].ids == Ids{1, 2, 3});
}

TEST_CASE("post_process: truncation makes room for special tokens") {
  const Template processor = bert();
  const Truncation truncation{.max_length = 4, .stride = 1};
  const Padding padding{.fixed_length = 6};
  const EncodingData row =
      post_process(row_of({1, 2, 3}), std::nullopt, &processor, &truncation, &padding, true);
  CHECK(row.ids == Ids{101, 1, 2, 102, 0, 0});
  CHECK(parts_of(row) == std::vector<Ids>{{101, 2, 3, 102, 0, 0}});
  CHECK(post_process(row_of({1, 2, 3}), std::nullopt, &processor, &truncation, nullptr, false).ids ==
        Ids{1, 2, 3});
}

TEST_CASE("post_process: little room") {
  const Template processor = bert();
  const auto ids = [&](std::size_t max_length) {
    const Truncation truncation{.max_length = max_length};
    return post_process(row_of({1, 2}), row_of({3}), &processor, &truncation, nullptr, true).ids;
  };
  CHECK(ids(4) == Ids{101, 1, 102, 102});
  CHECK(ids(3) == Ids{101, 102, 102});
  CHECK(ids(2) == Ids{101, 1, 2, 102, 3, 102});  // below the number of special tokens: no truncation
}

TEST_CASE("decoder: prefixes and cleanup") {
  const WordPieceDecoder decoder;
  CHECK(decoder.decode({}) == "");
  CHECK(decoder.decode({"##uelo", "Ara", "##új", "##o", "."}) == "##uelo Araújo.");
  CHECK(decoder.decode({"a", "do not x", "n't", "'m", "i . e"}) == "a don't xn't'm i. e");
  CHECK(decoder.decode({"a", "' s"}) == "a's");
  CHECK(decoder.decode({"x ' y"}) == "x'y");
  CHECK(decoder.decode({"a", "'", "s"}) == "a ' s");  // each contribution alone
  CHECK(WordPieceDecoder{"##", false}.decode({"a", ".", "##b"}) == "a .b");
  CHECK(WordPieceDecoder{"", true}.decode({"a", "b"}) == "ab");
}

TEST_CASE("without_cjk_spacing") {
  CHECK(without_cjk_spacing("") == "");
  CHECK(without_cjk_spacing(" a  b ") == " a  b ");
  CHECK(without_cjk_spacing("我 爱 nlp ！") == "我爱 nlp ！");
  CHECK(without_cjk_spacing("中  国 3 月") == "中国 3 月");
  CHECK(without_cjk_spacing("日 本 の カメラ 。") == "日本のカメラ。");
  CHECK(without_cjk_spacing("他 说 ： “ 好 ” 。 a “ b ”") == "他说：“好”。 a “ b ”");
  CHECK(without_cjk_spacing("한국 어") == "한국 어");
  CHECK(without_cjk_spacing("𠀀 中 ") == "𠀀中 ");
}
