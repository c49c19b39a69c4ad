#include "fasttok/text/sentencepiece_normalizer.h"

#include <algorithm>

#include "fasttok/base/error.h"
#include "fasttok/base/interrupt.h"
#include "fasttok/text/darts_units.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

using darts::has_leaf;
using darts::label_of;
using darts::offset_of;
using darts::value_of;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kSpaceMark = "\xE2\x96\x81";
// Of nested rules, the reference looks at so many.
constexpr int kMostRules = 32;

// So that no step of a walk leaves the array, and every value is a place in the replacements.
bool is_sound(const std::vector<std::uint32_t>& units, std::size_t replacements) {
  const auto block_ends_inside = [&](std::size_t i) {
    return ((i ^ offset_of(units[i])) | 0xFF) < units.size();
  };
  if (label_of(units[0]) != 0 || has_leaf(units[0]) || offset_of(units[0]) == 0 || !block_ends_inside(0)) {
    return false;
  }
  for (std::size_t i = 1; i < units.size(); ++i) {
    if (label_of(units[i]) > 0xFF) {
      if (value_of(units[i]) >= replacements) return false;
    } else if (!block_ends_inside(i) ||
               (has_leaf(units[i]) && label_of(units[i ^ offset_of(units[i])]) <= 0xFF)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::size_t valid_char_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation_byte(text[i])) return 0;
  }
  const char32_t c = decode_char(text, 0).c;
  return utf8_size(c) == size && c <= 0x10FFFF && (c & 0xFFFFF800u) != 0xD800u ? size : 0;
}

std::vector<std::uint32_t> char_numbers(std::string_view text) {
  std::vector<std::uint32_t> numbers(text.size() + 1);
  std::uint32_t number = 0;
  for (std::size_t at = 0; at < text.size(); ++number) {
    const std::size_t size = size_by_lead(text.substr(at));
    for (std::size_t i = 0; i < size; ++i) numbers[at + i] = number;
    at += size;
  }
  numbers.back() = number;
  return numbers;
}

std::vector<std::size_t> origins_in_chars(std::string_view input, std::string_view text,
                                          const std::vector<std::size_t>& origins) {
  const std::vector<std::uint32_t> of_input = char_numbers(input), of_text = char_numbers(text);
  std::vector<std::size_t> made(of_text.back() + std::size_t{1}, 0);
  for (std::size_t i = 0; i < origins.size(); ++i) {
    if (i < of_text.size() && origins[i] < of_input.size()) made[of_text[i]] = of_input[origins[i]];
  }
  return made;
}

LongestCharsmap::LongestCharsmap(std::string bytes) {
  if (bytes.empty()) return;
  const auto fail = [](const char* why) {
    throw FormatError(std::string("precompiled_charsmap: ") + why + "; the model file is damaged");
  };
  if (bytes.size() <= 4) fail("too short for the size of its trie");
  const std::size_t size = darts::read_u32(bytes, 0);
  if (size >= bytes.size() - 4) fail("its trie runs past its end");
  if (size < 1024 || size % 1024 != 0) fail("the size of its trie is not a multiple of 1024");
  if (bytes.back() != '\0') fail("its replacements do not end in NUL");
  units_ = darts::read_units(std::string_view(bytes).substr(4, size));
  replacements_ = bytes.substr(4 + size);
  if (!is_sound(units_, replacements_.size())) fail("a unit of its trie points past its end");
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    begins_[byte] = label_of(units_[offset_of(units_[0]) ^ byte]) == byte;
  }
}

std::string_view LongestCharsmap::replacement_at(std::uint32_t begin) const {
  return replacements_.c_str() + begin;
}

LongestCharsmap::Place LongestCharsmap::root() const {
  return {offset_of(units_[0]), nullptr};
}

bool LongestCharsmap::descend(Place& place, std::uint8_t byte) const {
  // Every step stays inside: see is_sound().
  const std::uint32_t node = place.node ^ byte;
  const std::uint32_t unit = units_[node];
  if (label_of(unit) != byte) return false;
  place.node = node ^ offset_of(unit);
  place.rule = has_leaf(unit) ? replacements_.c_str() + value_of(units_[place.node]) : nullptr;
  return true;
}

bool LongestCharsmap::goes_on(const Place& place) const {
  for (std::uint32_t byte = 1; byte < 256; ++byte) {
    if (label_of(units_[place.node ^ byte]) == byte) return true;
  }
  return false;
}

LongestCharsmap::Rule LongestCharsmap::find(std::string_view text, bool* ran_out) const {
  Rule longest{0, {}};
  if (units_.empty() || !may_begin(text[0])) return longest;
  std::uint32_t value = 0;
  int found = 0;
  // Every step stays inside: see is_sound().
  std::uint32_t node = offset_of(units_[0]);
  bool ended = false;
  for (std::size_t at = 0; at < text.size() && found < kMostRules; ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    node ^= byte;
    const std::uint32_t unit = units_[node];
    ended = label_of(unit) != byte;
    if (ended) break;
    node ^= offset_of(unit);
    if (!has_leaf(unit)) continue;
    value = value_of(units_[node]);
    longest.size = at + 1;
    ++found;
  }
  if (longest.size > 0) longest.replacement = replacement_at(value);
  if (ran_out && !ended) *ran_out = true;
  return longest;
}

std::vector<std::pair<std::string, std::string>> LongestCharsmap::rules() const {
  std::vector<std::pair<std::string, std::string>> made;
  if (units_.empty()) return made;
  // Deep first, with a stack of our own: the text so far, and the next byte to try.
  struct Frame {
    std::uint32_t base;
    unsigned next;
  };
  std::vector<Frame> frames{{offset_of(units_[0]), 0}};
  std::string key;
  constexpr std::size_t kLongestRule = 1000, kMostListed = 1'000'000;
  while (!frames.empty()) {
    Frame& frame = frames.back();
    if (frame.next == 256) {
      frames.pop_back();
      if (!key.empty()) key.pop_back();
      continue;
    }
    const std::uint32_t byte = frame.next++;
    const std::uint32_t node = frame.base ^ byte;
    const std::uint32_t unit = units_[node];
    if (label_of(unit) != byte || (byte == 0 && offset_of(unit) == 0)) continue;
    // Rules share their ends, so there may be more of them than units.
    if (key.size() == kLongestRule || made.size() == kMostListed) {
      throw FormatError("precompiled_charsmap: its trie goes on without end; the model file is damaged");
    }
    key += static_cast<char>(byte);
    const std::uint32_t base = node ^ offset_of(unit);
    if (has_leaf(unit)) made.emplace_back(key, replacement_at(value_of(units_[base])));
    frames.push_back({base, 0});
  }
  return made;
}

SentencePieceNormalizer::SentencePieceNormalizer(const SentencePieceNormalizerSpec& spec,
                                                 bool whitespace_as_suffix,
                                                 std::shared_ptr<const PrefixMatcher> matcher)
    : charsmap_(std::make_shared<LongestCharsmap>(spec.charsmap)),
      matcher_(std::move(matcher)),
      whitespace_as_suffix_(whitespace_as_suffix),
      add_dummy_prefix_(spec.add_dummy_prefix),
      remove_extra_whitespaces_(spec.remove_extra_whitespaces),
      escape_whitespaces_(spec.escape_whitespaces) {
  for (int byte = 0; byte < 0x80; ++byte) {
    const char c = static_cast<char>(byte);
    plain_[byte] = c != ' ' && !charsmap_->may_begin(c) && !matcher_->may_begin(c);
  }
}

SentencePieceNormalizer SentencePieceNormalizer::with(bool add_dummy_prefix, bool remove_extra_whitespaces,
                                                      bool escape_whitespaces) const {
  SentencePieceNormalizer changed = *this;
  changed.add_dummy_prefix_ = add_dummy_prefix;
  changed.remove_extra_whitespaces_ = remove_extra_whitespaces;
  changed.escape_whitespaces_ = escape_whitespaces;
  return changed;
}

SentencePieceNormalizer::Step SentencePieceNormalizer::step(std::string_view input, bool* ran_out) const {
  if (matcher_->may_begin(input[0])) {
    if (const PrefixMatcher::Match match = matcher_->match(input); match.found) {
      return {input.substr(0, match.size), match.size};
    }
  }
  if (const LongestCharsmap::Rule rule = charsmap_->find(input, ran_out); rule.size > 0) {
    return {rule.replacement, rule.size};
  }
  if (const std::size_t size = valid_char_size(input); size > 0) return {input.substr(0, size), size};
  return {kReplacement, 1};
}

void SentencePieceNormalizer::normalize(std::string_view input, std::string& text,
                                        std::vector<std::size_t>* origins) const {
  text.clear();
  if (origins) origins->clear();
  std::size_t at = 0;
  if (remove_extra_whitespaces_) {
    while (at < input.size()) {
      const Step first = step(input.substr(at));
      if (first.text != " ") break;
      at += first.size;
    }
  }
  if (at == input.size()) return;

  text.reserve(input.size() + input.size() / 2);
  if (origins) origins->reserve(input.size() + input.size() / 2);
  const std::string_view space = escape_whitespaces_ ? kSpaceMark : std::string_view(" ");
  const auto add = [&](std::string_view part) {
    text += part;
    if (origins) origins->insert(origins->end(), part.size(), at);
  };

  if (!whitespace_as_suffix_ && add_dummy_prefix_) add(space);
  bool after_space = remove_extra_whitespaces_;
  for (std::size_t steps = 0; at < input.size(); ++steps) {
    check_interrupt_at(steps);
    if (plain_[static_cast<unsigned char>(input[at])]) {
      text += input[at];
      if (origins) origins->push_back(at);
      after_space = false;
      ++at;
      continue;
    }
    const Step next = step(input.substr(at));
    std::string_view part = next.text;
    if (after_space) part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    if (!part.empty()) {
      after_space = remove_extra_whitespaces_ && part.back() == ' ';
      for (std::size_t begin = 0; begin < part.size();) {
        if (part[begin] == ' ') {
          add(space);
          ++begin;
          continue;
        }
        const std::size_t end = std::min(part.find(' ', begin), part.size());
        add(part.substr(begin, end - begin));
        begin = end;
      }
    }
    at += next.size;
  }
  if (remove_extra_whitespaces_) {
    while (text.ends_with(space)) {
      text.resize(text.size() - space.size());
      if (origins) {
        at = (*origins)[text.size()];
        origins->resize(text.size());
      }
    }
  }
  if (whitespace_as_suffix_ && add_dummy_prefix_) add(space);
  if (origins) origins->push_back(at);
}

}  // namespace fasttok
