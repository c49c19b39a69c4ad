// Reading and writing the wire format of Protocol Buffers, as far as SentencePiece's files need it.
//
//   ProtoReader reader(bytes, "model.model: ");
//   while (reader.next()) if (reader.is(1, WireType::kBytes)) use(reader.bytes());
//
// Mirrors the C++ parser of protobuf: fields that are not known, or come in another wire type than theirs,
// are skipped, groups with all that is in them; the last of repeated scalars counts. Everything is
// bounds-checked: what runs past the end, a varint of more than ten bytes, field number 0, or an end of a
// group without its beginning is a FormatError with the byte's place.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace fasttok {

enum class WireType : std::uint8_t { kVarint = 0, k64 = 1, kBytes = 2, kGroup = 3, kEndGroup = 4, k32 = 5 };

class ProtoReader {
 public:
  // `where` opens the messages of errors and must outlive this; with an index, "[7]: " stands behind it.
  // `base` is the place of the first byte in the file.
  static constexpr std::size_t kNoIndex = SIZE_MAX;
  ProtoReader(std::string_view bytes, std::string_view where, std::size_t base = 0,
              std::size_t index = kNoIndex)
      : bytes_(bytes), where_(where), base_(base), index_(index) {}

  // Reads the next field; false at the end.
  bool next();
  bool is(std::uint32_t field, WireType type) const { return field_ == field && type_ == type; }

  // The value of the field that next() read.
  std::uint64_t varint() const { return value_; }
  bool flag() const { return value_ != 0; }
  float number() const { return std::bit_cast<float>(static_cast<std::uint32_t>(value_)); }
  std::string_view bytes() const { return content_; }
  ProtoReader message(std::string_view where, std::size_t index = kNoIndex) const {
    return {content_, where, base_ + content_at_, index};
  }
  // The bytes of the whole field, its tag included.
  std::string_view field_bytes() const { return bytes_.substr(begin_, at_ - begin_); }

  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::uint64_t read_varint();
  std::uint64_t read_long_varint();
  std::string_view take(std::uint64_t size);
  void read_value(int depth);

  std::string_view bytes_;
  std::string_view where_;
  std::size_t base_, index_, at_ = 0, begin_ = 0, content_at_ = 0;
  std::uint32_t field_ = 0;
  WireType type_ = WireType::kVarint;
  std::uint64_t value_ = 0;
  std::string_view content_;
};

void write_varint(std::string& out, std::uint64_t value);
void write_varint_field(std::string& out, std::uint32_t field, std::uint64_t value);
void write_bytes_field(std::string& out, std::uint32_t field, std::string_view bytes);
void write_float_field(std::string& out, std::uint32_t field, float value);

}  // namespace fasttok
