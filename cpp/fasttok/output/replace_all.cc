#include "fasttok/output/replace_all.h"

#include "fasttok/unicode/utf8.h"

namespace fasttok {

std::string replace_all(std::string_view text, std::string_view pattern, std::string_view content) {
  std::string result;
  if (pattern.empty()) {
    for_each_char(text, [&](char32_t, std::size_t at, std::size_t size) {
      result.append(content).append(text, at, size);
    });
    return result.append(content);
  }
  std::size_t done = 0;
  for (std::size_t at; (at = text.find(pattern, done)) != std::string_view::npos;
       done = at + pattern.size()) {
    result.append(text, done, at - done).append(content);
  }
  return result.append(text, done);
}

std::string replace_matches(std::string_view text, std::string_view pattern, std::string_view content) {
  return text.empty() ? std::string() : replace_all(text, pattern, content);
}

std::string replace_matches(std::string_view text, const Regex& regex, std::string_view content) {
  if (text.empty()) return {};
  std::string result;
  std::size_t done = 0;
  regex.for_each_match(text, [&](const regex::Span& match) {
    result.append(text, done, match.begin - done).append(content);
    done = match.end;
  });
  return result.append(text, done);
}

}  // namespace fasttok
