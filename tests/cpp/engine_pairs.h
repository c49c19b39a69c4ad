// The bert engine beside the generic one: what each makes of a request, and whether they agree.
#pragma once

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "fasttok/pipeline/engine_bert.h"
#include "fasttok/pipeline/engine_generic.h"
#include "random_texts.h"

namespace fasttok::testing {

constexpr std::size_t kWordLimits[] = {100, 5, 1, 0};

// Number 16 has no normalizer; 17 and 18 do not say strip_accents.
constexpr int kNormalizers = 19;

inline std::optional<BertNormalizer> normalizer_number(int n) {
  if (n == 16) return std::nullopt;
  BertNormalizer normalizer;
  if (n > 16) {
    normalizer.lowercase = n == 17;
    return normalizer;
  }
  normalizer.clean_text = (n & 1) == 0;
  normalizer.handle_chinese_chars = (n & 2) == 0;
  normalizer.strip_accents = (n & 4) == 0;
  normalizer.lowercase = (n & 8) == 0;
  return normalizer;
}

struct Outcome {
  std::vector<std::uint32_t> ids;
  std::vector<std::tuple<std::uint32_t, std::uint32_t, std::int32_t>> places;  // begin, end, word
  std::vector<std::size_t> added;
  std::vector<std::string> values;
  std::string error;

  bool operator==(const Outcome&) const = default;
  void cut(std::size_t size) {
    ids.resize(std::min(ids.size(), size));
    places.resize(std::min(places.size(), size));
    values.resize(std::min(values.size(), size));
    std::erase_if(added, [&](std::size_t at) { return at >= size; });
  }
  Outcome without_details() const { return {ids, {}, {}, {}, error}; }
};

inline Outcome run(const Engine& engine, const SequenceRequest& request, bool details) {
  Outcome outcome;
  TokenColumns columns;
  columns.details = details;
  columns.values = details ? &outcome.values : nullptr;
  try {
    engine.encode(request, columns);
  } catch (const SurrogateFound& e) {
    outcome.error = "surrogate " + std::to_string(e.text) + " " + std::to_string(e.position);
  } catch (const SpecialTokenFound& e) {
    outcome.error = e.content + " " + std::to_string(e.text) + " " + std::to_string(e.position);
  }
  if (!outcome.error.empty()) return {{}, {}, {}, {}, outcome.error};
  outcome.ids.assign(columns.ids.begin(), columns.ids.end());
  for (std::size_t i = 0; details && i < columns.ids.size(); ++i) {
    outcome.places.emplace_back(columns.spans[i].begin, columns.spans[i].end, columns.words[i]);
  }
  outcome.added = columns.added;
  return outcome;
}

struct Engines {
  GenericEngine generic;
  BertEngine bert;
  explicit Engines(const Spec& spec) : generic(spec), bert(spec, generic) {}

  // With and without details, and ended early: each must be what the generic engine says.
  bool agree(SequenceRequest request, Random& random) const {
    const Outcome expected = run(generic, request, true);
    if (run(bert, request, true) != expected) return false;
    if (run(bert, request, false) != expected.without_details()) return false;
    if (!expected.error.empty()) return true;
    request.max_tokens = below(random, expected.ids.size() + 3);
    Outcome prefix = expected, found = run(bert, request, true), ids = run(bert, request, false);
    for (Outcome* outcome : {&prefix, &found, &ids}) outcome->cut(request.max_tokens);
    return found == prefix && ids == prefix.without_details();
  }
};

}  // namespace fasttok::testing
