// SentencePiece models: what the reader takes and refuses, and each way of encoding on a model made by hand.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fasttok/base/error.h"
#include "fasttok/formats/protobuf.h"
#include "fasttok/formats/sentencepiece_model.h"

using namespace fasttok;
using namespace fasttok::sentencepiece;

namespace {

std::string model_of(const std::vector<Piece>& pieces, ModelType type) {
  std::string bytes, trainer;
  for (const Piece& piece : pieces) {
    std::string message;
    write_bytes_field(message, 1, piece.text);
    write_float_field(message, 2, piece.score);
    write_varint_field(message, 3, static_cast<std::uint64_t>(piece.type));
    write_bytes_field(bytes, 1, message);
  }
  write_varint_field(trainer, 3, static_cast<std::uint64_t>(type));
  write_bytes_field(bytes, 2, trainer);
  return bytes;
}

const std::vector<Piece> kPieces{
    {"<unk>", 0, PieceType::kUnknown},  {"▁", -2}, {"a", -3}, {"b", -3}, {"ab", -4}, {"▁ab", -5},
    {"<m>", 0, PieceType::kUserDefined}};

Processor processor_of(ModelType type) {
  return Processor(read_model(model_of(kPieces, type), "test"));
}

using Ids = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("each model type cuts in its own way") {
  CHECK(processor_of(ModelType::kUnigram).encode_ids(" ab  a<m>c", {}) == Ids{5, 1, 2, 6, 0});
  CHECK(processor_of(ModelType::kBpe).encode_ids("ab", {}) == Ids{5});
  CHECK(processor_of(ModelType::kWord).encode_ids("ab x", {}) == Ids{5, 0});
  CHECK(processor_of(ModelType::kChar).encode_ids("ab<m>", {}) == Ids{1, 2, 3, 6});
}

TEST_CASE("places and surfaces are those of the text") {
  const Tokens tokens = processor_of(ModelType::kUnigram).encode(" ab cc", {});
  REQUIRE(tokens.tokens.size() == 3);
  CHECK(tokens.tokens[0].surface == "ab");
  CHECK(tokens.tokens[1].surface == " ");
  CHECK(tokens.tokens[2].piece == "cc");
  CHECK(tokens.tokens[2].begin == 4);
  CHECK(tokens.tokens[2].end == 6);
}

TEST_CASE("decoding takes the dummy prefix away and writes the unknown surface") {
  const Processor processor = processor_of(ModelType::kUnigram);
  CHECK(processor.decode_ids(Ids{5, 1, 2, 0}) == "ab a ⁇ ");
  CHECK(processor.decode(Ids{5, 1, 2, 0}).text == "ab a ⁇ ");
}

TEST_CASE("the best ways come first, once each") {
  const std::vector<Tokens> ways = processor_of(ModelType::kUnigram).n_best("ab", 10);
  REQUIRE(ways.size() == 3);
  CHECK(ways[0].score == -5);
  CHECK(ways[1].score == -6);
  CHECK(ways[2].score == -8);
}

TEST_CASE("a model that is cut off, at any byte, is read or refused") {
  const std::string bytes = model_of(kPieces, ModelType::kBpe);
  std::size_t refused = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    try {
      Processor(read_model(std::string_view(bytes).substr(0, size), "test"));
    } catch (const FormatError&) {
      ++refused;
    }
  }
  CHECK(refused > bytes.size() / 2);
}

TEST_CASE("a piece is the same however it is written") {
  for (const bool typed : {false, true}) {
    std::string text, score, type;
    write_bytes_field(text, 1, "ab");
    write_float_field(score, 2, -4.5f);
    if (typed) write_varint_field(type, 3, static_cast<std::uint64_t>(PieceType::kUserDefined));
    std::string unknown;  // a field that is not known
    write_varint_field(unknown, 9, 1);
    for (const std::string& message : {text + score + type, score + text + type, type + text + score,
                                       text + score + type + unknown, text + score + text + type}) {
      std::string bytes;
      write_bytes_field(bytes, 1, message);
      const Piece piece = read_model(bytes, "test").pieces.at(0);
      CHECK(piece.text == "ab");
      CHECK(piece.score == -4.5f);
      CHECK(piece.type == (typed ? PieceType::kUserDefined : PieceType::kNormal));
    }
  }
}

TEST_CASE("what is wrong in a piece is told with its number and the byte of the file") {
  std::string bytes = model_of(kPieces, ModelType::kBpe);
  const std::size_t begin = bytes.find("▁ab");
  bytes[begin - 1] = 100;  // the text's size
  CHECK_THROWS_WITH_AS(read_model(bytes, "test"),
                       doctest::Contains(("test: pieces[5]: byte " + std::to_string(begin)).c_str()),
                       FormatError);
}

TEST_CASE("the fused path of BPE comes with enough text, or when it is asked for") {
  int made = 0;
  const Processor processor = processor_of(ModelType::kBpe);
  const auto make = [&] {
    ++made;
    return std::shared_ptr<const FastEncoder>();
  };
  const EventualEncoder few(make, 100), none(make, 100);
  for (int i = 0; i < 9; ++i) CHECK(!few.of(11));
  CHECK(made == 0);
  CHECK(!few.of(11));
  CHECK(!few.of(1'000));
  CHECK(made == 1);
  CHECK(!none.made());
  CHECK(made == 2);

  const Processor literal = processor.with_engine("literal");
  std::vector<Ids> found(4);
  std::vector<std::thread> threads;
  for (Ids& ids : found) {
    threads.emplace_back([&] {
      for (int i = 0; i < 600; ++i) {
        for (const std::int32_t id : processor.encode_ids("ab a<m>c b", {})) ids.push_back(id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Ids expected;
  for (int i = 0; i < 600; ++i) {
    for (const std::int32_t id : literal.encode_ids("ab a<m>c b", {})) expected.push_back(id);
  }
  for (const Ids& ids : found) CHECK(ids == expected);
  CHECK(processor.engine() == "fast");
}

TEST_CASE("the wire format is bounds-checked") {
  const auto read = [](std::string_view bytes) {
    ProtoReader reader(bytes, "test: ");
    int fields = 0;
    while (reader.next()) ++fields;
    return fields;
  };
  CHECK(read(std::string("\x08\x01\x13\x08\x02\x14", 6)) == 2);    // a group is one field
  CHECK_THROWS_AS(read("\x0a\xff\xff\xff\xff\x07"), FormatError);  // 2 GB
  CHECK_THROWS_AS(read("\x14"), FormatError);                      // the end of no group
  CHECK_THROWS_AS(read("\x13\x1c"), FormatError);                  // a group that ends as another
  CHECK_THROWS_AS(read(std::string(200, '\x13')), FormatError);    // groups in groups
  CHECK_THROWS_AS(read("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), FormatError);
  CHECK_THROWS_AS(read(std::string_view("\x00\x00", 2)), FormatError);  // field 0
}
