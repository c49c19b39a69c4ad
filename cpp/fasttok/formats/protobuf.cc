#include "fasttok/formats/protobuf.h"

#include "fasttok/base/error.h"

namespace fasttok {
namespace {

// Groups in groups; the reference's parser takes no more messages in messages.
constexpr int kDeepest = 100;
// Bytes of a field; the reference's parser takes no longer one.
constexpr std::uint64_t kLongest = 0x7FFFFFFF - 16;

}  // namespace

void ProtoReader::fail(const std::string& what) const {
  std::string where(where_);
  if (index_ != kNoIndex) where += "[" + std::to_string(index_) + "]: ";
  throw FormatError(where + "byte " + std::to_string(base_ + at_) + ": " + what +
                    "; the file is damaged or no SentencePiece model");
}

inline std::uint64_t ProtoReader::read_varint() {
  // Nearly all are of one byte.
  if (at_ < bytes_.size() && static_cast<unsigned char>(bytes_[at_]) < 0x80)
    return static_cast<unsigned char>(bytes_[at_++]);
  return read_long_varint();
}

std::uint64_t ProtoReader::read_long_varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (at_ == bytes_.size()) fail("ends in the middle of a number");
    const auto byte = static_cast<unsigned char>(bytes_[at_++]);
    if (shift < 64) value |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return value;
  }
  fail("a number of more than ten bytes");
}

std::string_view ProtoReader::take(std::uint64_t size) {
  if (size > bytes_.size() - at_ || size > kLongest) {
    fail("a field of " + std::to_string(size) + " bytes, but only " + std::to_string(bytes_.size() - at_) +
         " are left");
  }
  const std::string_view taken = bytes_.substr(at_, size);
  at_ += size;
  return taken;
}

void ProtoReader::read_value(int depth) {
  begin_ = at_;
  const std::uint64_t tag = read_varint();
  if (tag > 0xFFFFFFFFu || tag >> 3 == 0) fail("a field with the number " + std::to_string(tag >> 3));
  field_ = static_cast<std::uint32_t>(tag >> 3);
  type_ = static_cast<WireType>(tag & 7);
  switch (type_) {
    case WireType::kVarint:
      value_ = read_varint();
      return;
    case WireType::k64:
      take(8);
      return;
    case WireType::kBytes: {
      const std::uint64_t size = read_varint();
      content_at_ = at_;
      content_ = take(size);
      return;
    }
    case WireType::kGroup: {
      if (depth >= kDeepest) fail("more than 100 groups in groups");
      const std::size_t begin = begin_;
      const std::uint32_t field = field_;
      for (;;) {
        if (at_ == bytes_.size()) fail("ends in the middle of a group");
        read_value(depth + 1);
        if (type_ == WireType::kEndGroup) break;
      }
      if (field_ != field) fail("a group that ends as another one");
      begin_ = begin;
      type_ = WireType::kGroup;
      return;
    }
    case WireType::kEndGroup:
      if (depth == 0) fail("the end of a group that did not begin");
      return;
    case WireType::k32: {
      const std::string_view four = take(4);
      value_ = 0;
      for (unsigned i = 0; i < 4; ++i)
        value_ |= std::uint64_t{static_cast<unsigned char>(four[i])} << (8 * i);
      return;
    }
  }
  fail("a field of the unknown wire type " + std::to_string(tag & 7));
}

bool ProtoReader::next() {
  if (at_ == bytes_.size()) return false;
  read_value(0);
  return true;
}

void write_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(0x80 | (value & 0x7F));
  out += static_cast<char>(value);
}

void write_varint_field(std::string& out, std::uint32_t field, std::uint64_t value) {
  write_varint(out, std::uint64_t{field} << 3);
  write_varint(out, value);
}

void write_bytes_field(std::string& out, std::uint32_t field, std::string_view bytes) {
  write_varint(out, (std::uint64_t{field} << 3) | 2);
  write_varint(out, bytes.size());
  out += bytes;
}

void write_float_field(std::string& out, std::uint32_t field, float value) {
  write_varint(out, (std::uint64_t{field} << 3) | 5);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (unsigned i = 0; i < 4; ++i) out += static_cast<char>(bits >> (8 * i));
}

}  // namespace fasttok
