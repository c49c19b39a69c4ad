#include "fasttok/output/decoder.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "fasttok/output/replace_all.h"
#include "fasttok/unicode/byte_chars.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

std::string joined(const Tokens& tokens) {
  std::size_t size = 0;
  for (const std::string& token : tokens) size += token.size();
  std::string text;
  text.reserve(size);
  for (const std::string& token : tokens) text += token;
  return text;
}

// The byte of "<0x0A>". Two characters are read as the reference's parser does, so "+A" is 10.
std::optional<std::uint8_t> byte_of_token(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || !token.ends_with('>')) return std::nullopt;
  std::string_view digits = token.substr(3, 2);
  if (digits.front() == '+') digits.remove_prefix(1);
  std::uint8_t byte = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return byte;
}

// Appends the bytes of a byte-level token; false, and nothing appended, where a character stands for none.
bool append_bytes(std::string& bytes, std::string_view token) {
  const std::size_t before = bytes.size();
  for (std::size_t at = 0; at < token.size();) {
    const DecodedChar decoded = decode_char(token, at);
    const std::optional<std::uint8_t> byte = byte_of_char(decoded.c);
    if (!byte) {
      bytes.resize(before);
      return false;
    }
    bytes.push_back(static_cast<char>(*byte));
    at += decoded.size;
  }
  return true;
}

}  // namespace

Tokens BpeDecoder::decode_chain(Tokens tokens) const {
  for (std::string& token : tokens) token = replace_all(token, suffix, &token == &tokens.back() ? "" : " ");
  return tokens;
}

Tokens ByteFallbackDecoder::decode_chain(Tokens tokens) const {
  Tokens result;
  std::string bytes;  // of the run of byte tokens so far
  const auto end_run = [&] {
    if (bytes.empty()) return;
    if (invalid_utf8_at(bytes) == bytes.size()) {
      result.push_back(bytes);
    } else {
      result.insert(result.end(), bytes.size(), "\uFFFD");
    }
    bytes.clear();
  };
  for (std::string& token : tokens) {
    if (const auto byte = byte_of_token(token)) {
      bytes.push_back(static_cast<char>(*byte));
    } else {
      end_run();
      result.push_back(std::move(token));
    }
  }
  end_run();
  return result;
}

Tokens ByteLevelDecoder::decode_chain(Tokens tokens) const {
  std::string bytes;
  for (const std::string& token : tokens) {
    if (!append_bytes(bytes, token)) bytes += token;
  }
  return {lossy_utf8(bytes)};
}

Tokens CtcDecoder::decode_chain(Tokens tokens) const {
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  Tokens result;
  for (const std::string& token : tokens) {
    std::string text = replace_all(token, pad_token, "");
    if (cleanup) {
      clean_up_spaces(text);
      text = replace_all(text, word_delimiter_token, " ");
    }
    if (!text.empty()) result.push_back(std::move(text));
  }
  return result;
}

Tokens FuseDecoder::decode_chain(Tokens tokens) const {
  return {joined(tokens)};
}

Tokens MetaspaceDecoder::decode_chain(Tokens tokens) const {
  for (std::string& token : tokens) {
    token = replace_all(token, replacement, &token == tokens.data() && !never ? "" : " ");
  }
  return tokens;
}

Tokens ReplaceDecoder::decode_chain(Tokens tokens) const {
  for (std::string& token : tokens) {
    token = regex ? replace_matches(token, *regex, content) : replace_matches(token, pattern, content);
  }
  return tokens;
}

Tokens StripDecoder::decode_chain(Tokens tokens) const {
  for (std::string& token : tokens) {
    std::string_view text = token;
    std::size_t begin = 0, end = text.size();
    for (std::size_t i = 0; i < start && text.substr(begin).starts_with(content); ++i)
      begin += content.size();
    for (std::size_t i = 0; i < stop && text.substr(0, end).ends_with(content); ++i) end -= content.size();
    token = begin < end ? std::string(text.substr(begin, end - begin)) : std::string();
  }
  return tokens;
}

Tokens Decoder::decode_chain(Tokens tokens) const {
  for (const Step& step : steps) {
    tokens = std::visit([&](const auto& held) { return held.decode_chain(std::move(tokens)); }, step);
  }
  return tokens;
}

std::string Decoder::decode(Tokens tokens) const {
  return joined(decode_chain(std::move(tokens)));
}

}  // namespace fasttok
