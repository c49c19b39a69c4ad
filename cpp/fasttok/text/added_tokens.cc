#include "fasttok/text/added_tokens.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "fasttok/base/error.h"
#include "fasttok/base/interrupt.h"
#include "fasttok/unicode/properties.h"

namespace fasttok {
namespace {

bool has_flag(char32_t c, CharFlag flag) {
  return (char_flags(c) & flag) != 0;
}

// Where the reference slices a string it panics inside a character; only an empty pattern gets there.
void require_boundary(std::string_view text, std::size_t at) {
  if (!is_char_boundary(text, at)) {
    throw Error(
        "AddedVocabulary bad split: an added token whose content normalizes to nothing matches inside a "
        "character "
        "at byte " +
        std::to_string(at) + "; remove the token or set normalized=False");
  }
}

bool ends_with_word(std::string_view text) {
  return !text.empty() && has_flag(decode_char(text, previous_char(text, text.size())).c, kAddedTokenWord);
}

bool starts_with_word(std::string_view text) {
  return !text.empty() && has_flag(decode_char(text, 0).c, kAddedTokenWord);
}

// Goes left from `at` over white space, but not below `limit`, which is a character boundary.
std::size_t skip_space_left(std::string_view text, std::size_t at, std::size_t limit) {
  while (at > limit) {
    const std::size_t previous = previous_char(text, at);
    if (!has_flag(decode_char(text, previous).c, kAddedTokenSpace)) break;
    at = previous;
  }
  return std::max(at, limit);
}

std::size_t skip_space_right(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const DecodedChar d = decode_char(text, at);
    if (!has_flag(d.c, kAddedTokenSpace)) break;
    at += d.size;
  }
  return at;
}

}  // namespace

LongestMatcher::LongestMatcher(std::span<const std::string> contents) {
  sizes_.reserve(contents.size());
  for (const std::string& s : contents) sizes_.push_back(s.size());

  // Byte number `depth` of a content, from its end.
  const auto byte = [&](std::uint32_t i, std::size_t depth) {
    return static_cast<unsigned char>(contents[i][sizes_[i] - 1 - depth]);
  };
  std::vector<std::uint32_t> order(contents.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::lexicographical_compare(
        contents[a].rbegin(), contents[a].rend(), contents[b].rbegin(), contents[b].rend(),
        [](char x, char y) { return static_cast<unsigned char>(x) < static_cast<unsigned char>(y); });
  });

  // Breadth first over the sorted contents: a node is the run order[begin, end) of those that share `depth`
  // bytes.
  struct Run {
    std::size_t begin, end, depth;
  };
  std::vector<Run> runs{{0, order.size(), 0}};
  nodes_.emplace_back();
  for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
    Run run = runs[n];
    if (run.begin < run.end && sizes_[order[run.begin]] == run.depth) {
      // Contents that end here come first, and the sort is stable: this is the first of the equal ones.
      nodes_[n].content = order[run.begin];
      while (run.begin < run.end && sizes_[order[run.begin]] == run.depth) ++run.begin;
    }
    nodes_[n].first_child = static_cast<std::uint32_t>(nodes_.size());
    for (std::size_t i = run.begin; i < run.end;) {
      const unsigned char label = byte(order[i], run.depth);
      std::size_t j = i + 1;
      while (j < run.end && byte(order[j], run.depth) == label) ++j;
      nodes_.emplace_back();
      nodes_.back().label = label;
      ++nodes_[n].children;
      runs.push_back({i, j, run.depth + 1});
      i = j;
    }
  }
  empty_content_ = std::exchange(nodes_[0].content, kNone);

  root_.assign(256, 0);
  for (std::uint32_t i = 0; i < nodes_[0].children; ++i) {
    root_[nodes_[nodes_[0].first_child + i].label] = nodes_[0].first_child + i;
  }
  // A node's failure is on a higher level than the node, so it is complete before it is asked for.
  for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
    for (std::uint32_t c = nodes_[n].first_child; c < nodes_[n].first_child + nodes_[n].children; ++c) {
      nodes_[c].failure = n == 0 ? 0 : step(nodes_[n].failure, nodes_[c].label);
      if (nodes_[c].content == kNone) nodes_[c].content = nodes_[nodes_[c].failure].content;
    }
  }
}

std::uint32_t LongestMatcher::child(std::uint32_t node, unsigned char label) const {
  if (node == 0) return root_[label];
  const auto first = nodes_.begin() + nodes_[node].first_child;
  const auto last = first + nodes_[node].children;
  const auto found =
      std::lower_bound(first, last, label, [](const Node& n, unsigned char l) { return n.label < l; });
  return found != last && found->label == label ? static_cast<std::uint32_t>(found - nodes_.begin()) : 0;
}

std::uint32_t LongestMatcher::step(std::uint32_t node, unsigned char label) const {
  for (;; node = nodes_[node].failure) {
    const std::uint32_t next = child(node, label);
    if (next != 0 || node == 0) return next;
  }
}

std::vector<LongestMatcher::Hit> LongestMatcher::find(std::string_view text) const {
  std::vector<Hit> hits;
  if (empty()) return hits;

  std::vector<Hit>
      longest;  // the longest content that begins at a position, for those that have one; last first
  std::uint32_t node = 0;
  for (std::size_t at = text.size(); at-- > 0;) {
    check_interrupt_at(at);
    if (node == 0) {  // most of a text goes on from there to there
      const std::size_t stop = at / 4096 * 4096;
      while (at > stop && root_[static_cast<unsigned char>(text[at])] == 0) --at;
    }
    node = step(node, static_cast<unsigned char>(text[at]));
    const std::uint32_t content = nodes_[node].content;
    if (content != kNone) longest.push_back({at, at + sizes_[content], content});
  }

  if (empty_content_ == kNone) {
    std::size_t done = 0;
    for (auto hit = longest.rbegin(); hit != longest.rend(); ++hit) {
      if (hit->begin < done) continue;
      hits.push_back(*hit);
      done = hit->end;
    }
    return hits;
  }
  // With an empty content there is a match at every position, so the search never skips ahead.
  const auto at_position = [&](std::size_t at) -> Hit {
    while (!longest.empty() && longest.back().begin < at) longest.pop_back();
    if (!longest.empty() && longest.back().begin == at) return longest.back();
    return {at, at, empty_content_};
  };
  std::optional<std::size_t> last_end;
  for (std::size_t at = 0; at <= text.size();) {
    Hit hit = at_position(at);
    if (hit.begin == hit.end && hit.end == last_end) {
      if (++at > text.size()) break;
      hit = at_position(at);
    }
    hits.push_back(hit);
    at = hit.end;
    last_end = hit.end;
  }
  return hits;
}

AddedTokens::AddedTokens(std::vector<AddedToken> tokens, const Normalizer* normalizer)
    : tokens_(std::move(tokens)) {
  if (normalizer != nullptr) normalizer_ = *normalizer;
  std::unordered_map<std::uint32_t, std::size_t> last_of_id;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (!tokens_[i].content.empty()) last_of_id[tokens_[i].id] = i;
  }
  std::vector<std::string> raw, normalized;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const AddedToken& token = tokens_[i];
    std::string pattern = token.content;
    if (token.normalized && normalizer_) {
      NormalizedString content(std::move(pattern));
      normalizer_->normalize(content);
      pattern = content.get();
    }
    const auto last = last_of_id.find(token.id);
    if (last != last_of_id.end() && last->second == i) {
      (token.normalized ? normalized : raw).push_back(pattern);
      (token.normalized ? normalized_ : raw_).tokens.push_back(i);
    }
    patterns_.push_back(std::move(pattern));
  }
  raw_.matcher = LongestMatcher(raw);
  normalized_.matcher = LongestMatcher(normalized);
}

std::vector<AddedTokens::Match> AddedTokens::find_matches(const TokenSet& set, std::string_view text,
                                                          const Allowed* allowed) const {
  if (text.empty()) return {{std::nullopt, {0, 0}}};
  std::vector<Match> matches;
  std::size_t done = 0;
  for (const LongestMatcher::Hit& hit : set.matcher.find(text)) {
    std::size_t begin = hit.begin, end = hit.end;
    const std::size_t number = set.tokens[hit.content];
    const AddedToken& token = tokens_[number];
    if (allowed != nullptr && !(*allowed)[number]) continue;
    if (token.single_word) {
      require_boundary(text, begin);
      require_boundary(text, end);
      if (ends_with_word(text.substr(0, begin)) || starts_with_word(text.substr(end))) continue;
    }
    if (token.lstrip) {
      require_boundary(text, begin);
      begin = skip_space_left(text, begin, done);
    }
    if (token.rstrip) {
      require_boundary(text, end);
      end = skip_space_right(text, end);
    }
    if (done < begin) matches.push_back({std::nullopt, {done, begin}});
    matches.push_back({number, {begin, end}});
    done = end;
  }
  if (done != text.size()) matches.push_back({std::nullopt, {done, text.size()}});
  return matches;
}

std::vector<AddedTokens::Match> AddedTokens::find_raw(std::string_view text, const Allowed* allowed) const {
  return find_matches(raw_, text, allowed);
}

std::vector<AddedTokens::Match> AddedTokens::find_normalized(std::string_view text,
                                                             const Allowed* allowed) const {
  return find_matches(normalized_, text, allowed);
}

void AddedTokens::cut(const TokenSet& set, PreTokenizedString& text, const Allowed* allowed) const {
  text.cut([&](std::string_view s, const Split&, auto& add) {
    if (set.empty()) return add(0, s.size());
    for (const auto& [number, range] : find_matches(set, s, allowed)) {
      require_boundary(s, range.begin);
      require_boundary(s, range.end);
      if (range.begin > range.end) {
        throw Error(
            "AddedVocabulary bad split: an added token's white space was taken by the token before it");
      }
      if (!number) {
        add(range.begin, range.end);
        continue;
      }
      const std::size_t size = range.end - range.begin;
      std::vector<SplitToken> token;
      token.push_back({tokens_[*number].id, std::string(s.substr(range.begin, size)), 0, size});
      add.with_tokens(range.begin, range.end, std::move(token));
    }
  });
}

PreTokenizedString AddedTokens::extract_and_normalize(std::string text, const Allowed* allowed,
                                                      bool aligned) const {
  PreTokenizedString result(std::move(text), aligned);
  cut(raw_, result, allowed);
  if (normalizer_) result.normalize([&](NormalizedString& s) { normalizer_->normalize(s); });
  cut(normalized_, result, allowed);
  return result;
}

}  // namespace fasttok
