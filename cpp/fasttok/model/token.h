// One piece of text with its id, as every model returns it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace fasttok {

struct Token {
  std::uint32_t id;
  std::string value;
  std::pair<std::size_t, std::size_t> offsets;  // byte range in the string that was tokenized
};

struct TokenSpan {
  std::uint32_t id;
  std::size_t begin, end;  // as `offsets` above
};

}  // namespace fasttok
