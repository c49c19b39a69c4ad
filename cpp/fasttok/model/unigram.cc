#include "fasttok/model/unigram.h"

#include <algorithm>
#include <limits>

#include "fasttok/base/error.h"
#include "fasttok/model/unigram_lattice.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok {
namespace {

constexpr double kUnknownPenalty = 10.0;
constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

std::vector<VocabEntry> entries_of(std::span<const ScoredPiece> pieces) {
  if (pieces.size() >= std::numeric_limits<std::uint32_t>::max()) {
    throw ValueError("vocab: more than 2^32 - 1 pieces");
  }
  std::vector<VocabEntry> entries;
  entries.reserve(pieces.size());
  for (const ScoredPiece& piece : pieces) {
    entries.push_back({piece.text, static_cast<std::uint32_t>(entries.size())});
  }
  return entries;
}

[[noreturn]] void fail_without_unk_id() {
  throw Error("Encountered an unknown token but `unk_id` is missing");
}

}  // namespace

UnigramTables::UnigramTables(std::span<const ScoredPiece> pieces, std::optional<std::size_t> unk_id)
    : vocab_(entries_of(pieces)), byte_tokens_(vocab_) {
  if (unk_id) {
    if (pieces.empty()) throw Error("The vocabulary is empty but at least <unk> is needed");
    if (*unk_id >= pieces.size()) throw Error("The `unk_id` is larger than vocabulary size");
    unk_id_ = static_cast<std::uint32_t>(*unk_id);
  }
  double lowest = std::numeric_limits<double>::infinity();
  pieces_.reserve(pieces.size());
  for (const ScoredPiece& piece : pieces) {
    const std::uint32_t id = vocab_.token_to_id(piece.text).value();
    pieces_.push_back({vocab_.id_to_token(id).value(), piece.score});
    if (piece.score < lowest) lowest = piece.score;
  }
  unk_score_ = lowest - kUnknownPenalty;
  std::vector<std::pair<std::string_view, std::uint32_t>> keys;
  keys.reserve(vocab_.size());
  for (const VocabEntry& entry : vocab_.entries()) keys.emplace_back(entry.token, entry.id);
  trie_ = DoubleArray(keys);
}

std::vector<Unigram::Part> Unigram::best(std::string_view text) const {
  struct Node {
    double score = 0;
    std::size_t begin = kNowhere;  // of the piece that ends here
    std::uint32_t id = 0;
  };
  std::vector<Node> ends(text.size() + 1);
  for (std::size_t begin = 0; begin < text.size();) {
    const double so_far = ends[begin].score;
    const std::size_t one_char = decode_char(text, begin).size;
    bool is_piece = false;
    const auto offer = [&](std::size_t bytes, double score) -> Node* {
      Node& node = ends[begin + bytes];
      if (node.begin != kNowhere && !(so_far + score > node.score)) return nullptr;
      node.score = so_far + score;
      node.begin = begin;
      return &node;
    };
    tables->for_each_prefix(text.substr(begin), [&](std::uint32_t id, std::size_t bytes) {
      if (Node* node = offer(bytes, tables->pieces()[id].score)) node->id = id;
      is_piece = is_piece || bytes == one_char;
    });
    if (!is_piece) {
      if (Node* node = offer(one_char, tables->unk_score())) {
        if (!tables->unk_id()) fail_without_unk_id();
        node->id = *tables->unk_id();
      }
    }
    begin += one_char;
  }

  std::vector<Part> parts;
  for (std::size_t end = text.size(); end > 0; end = ends[end].begin) {
    parts.push_back({ends[end].id, ends[end].begin, end});
  }
  std::reverse(parts.begin(), parts.end());
  return parts;
}

std::vector<Unigram::Part> Unigram::sampled(std::string_view text) const {
  if (!tables->unk_id()) fail_without_unk_id();
  UnigramLattice lattice(text, *tables);
  std::vector<Part> parts;
  for (const UnigramLattice::Node* node :
       nbest_size.value_or(0) > 0 ? lattice.sample_best(*nbest_size, *alpha) : lattice.sample(*alpha)) {
    parts.push_back({node->id, node->begin, node->end});
  }
  return parts;
}

std::vector<Token> Unigram::tokenize(std::string_view text) const {
  if (text.empty()) return {};
  const Vocab& vocab = tables->vocab();
  const std::vector<Part> parts = alpha.value_or(0) == 0 ? best(text) : sampled(text);
  std::vector<Token> tokens;
  tokens.reserve(parts.size());
  for (std::size_t i = 0; i < parts.size();) {
    const std::size_t begin = parts[i].begin;
    std::size_t end = parts[i].end;
    const bool unknown = parts[i].id == tables->unk_id();
    for (++i; unknown && i < parts.size() && parts[i].id == tables->unk_id(); ++i) end = parts[i].end;

    const std::string_view piece = text.substr(begin, end - begin);
    if (const auto id = vocab.token_to_id(piece)) {
      tokens.push_back({*id, std::string(piece), {begin, end}});
      continue;
    }
    if (byte_fallback && tables->byte_tokens().cover(piece)) {
      for (const char byte : piece) {
        const std::uint32_t id = *tables->byte_tokens()[byte];
        tokens.push_back({id, std::string(tables->pieces()[id].text), {begin, end}});
      }
      continue;
    }
    tokens.push_back({tables->unk_id().value(), std::string(piece), {begin, end}});
  }
  return tokens;
}

}  // namespace fasttok
