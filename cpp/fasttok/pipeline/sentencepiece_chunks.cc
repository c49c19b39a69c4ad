// Processor::encode_chunks(): one long text on several threads.
//
// The text is cut every so many characters, each chunk is encoded together with the beginning of the next
// one, and two neighbours are joined at the first token of the left one, behind the cut, that the right one
// has, too. Where they share none, the two become one chunk, which is encoded again; after four rounds all
// become one.
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <utility>

#include "fasttok/base/thread_pool.h"
#include "fasttok/pipeline/sentencepiece.h"

namespace fasttok::sentencepiece {

class Chunks {
 public:
  Chunks(const Processor& processor, std::string_view text, std::size_t length)
      : processor_(processor), text_(text) {
    processor.normalizer_.normalize(text, normalized_, &origins_);
    std::vector<std::size_t> places;  // of each character
    for (std::size_t at = 0; at < text.size();
         at += std::max<std::size_t>(1, valid_char_size(text.substr(at)))) {
      places.push_back(at);
    }
    const std::size_t chars = places.size();
    places.push_back(text.size());
    const std::size_t overlap = std::size_t{processor.spec().longest_piece} * 2;
    for (std::size_t i = 0; i < chars; i += length) {
      const std::size_t end = length < chars - i ? i + length : chars;
      const std::size_t beyond = overlap < chars - end ? end + overlap : chars;
      chunks_.push_back({places[i], places[end], places[beyond], {}});
    }
  }

  Tokens run(unsigned threads) {
    encode_all(threads);
    Tokens joined;
    joined.text = text_;
    constexpr int kMostRounds = 3;
    for (int round = 0;; ++round) {
      joined.tokens.clear();
      std::vector<std::size_t> loose = join(joined.tokens);
      if (loose.empty()) return joined;
      merge(round < kMostRounds ? ranges_of(loose)
                                : std::vector{std::pair{std::size_t{0}, chunks_.size() - 1}});
    }
  }

 private:
  struct Chunk {
    std::size_t begin, end, beyond;  // bytes; what is behind `end` is the overlap
    Tokens tokens;                   // places from `begin` on
  };
  using Range = std::pair<std::size_t, std::size_t>;  // chunks, the last one included

  void encode_all(unsigned threads) {
    std::atomic<std::size_t> next{0};
    std::mutex lock;
    std::exception_ptr failed;
    run_parallel(threads, [&](unsigned) {
      try {
        for (std::size_t i; (i = next.fetch_add(1)) < chunks_.size();) encode(chunks_[i]);
      } catch (...) {
        const std::lock_guard guard(lock);
        failed = std::current_exception();
      }
    });
    if (failed) std::rethrow_exception(failed);
  }

  void encode(Chunk& chunk) const {
    std::string_view normalized;
    std::span<const std::size_t> origins;
    const auto first = std::lower_bound(origins_.begin(), origins_.end(), chunk.begin);
    const auto last = std::upper_bound(first, origins_.end(), chunk.beyond);
    if (first != last) {
      const auto begin = static_cast<std::size_t>(first - origins_.begin());
      const auto count = static_cast<std::size_t>(last - first);
      normalized = std::string_view(normalized_).substr(begin, count - 1);
      origins = std::span(origins_).subspan(begin, count);
    }
    chunk.tokens = processor_.tokens_of(text_.substr(chunk.begin, chunk.beyond - chunk.begin), normalized,
                                        origins, processor_.parts_of(normalized), chunk.begin);
  }

  // Where the next chunk's good tokens begin if it shares this token.
  bool find(const Token& token, const Chunk& next, std::size_t length, std::size_t& good) const {
    for (const Token& other : next.tokens.tokens) {
      const bool same =
          other.id == token.id && other.begin + length == token.begin && other.end + length == token.end;
      const std::size_t end = token.end - length;
      const bool both_unknown = processor_.unk_id() >= 0 && token.id == processor_.unk_id() &&
                                other.id == processor_.unk_id() && other.begin <= end && end <= other.end;
      if (!same && !both_unknown) continue;
      good = other.end;
      return true;
    }
    return false;
  }

  // Appends the tokens of all chunks; returns those that share none with the next.
  std::vector<std::size_t> join(std::vector<Token>& tokens) const {
    std::vector<std::size_t> loose;
    std::size_t good = 0;
    for (std::size_t i = 0; i < chunks_.size(); ++i) {
      const Chunk& chunk = chunks_[i];
      const std::size_t length = chunk.end - chunk.begin;
      const bool last = i + 1 == chunks_.size();
      bool found = false;
      for (const Token& token : chunk.tokens.tokens) {
        const bool empty = token.begin == token.end;
        // An empty one at the beginning is a dummy prefix.
        if (token.begin < good || (i > 0 && token.begin == 0 && empty)) continue;
        Token& added = tokens.emplace_back(
            Token{token.id, token.piece, token.begin + chunk.begin, token.end + chunk.begin});
        if (!processor_.is(token.id, PieceType::kControl) &&
            (!processor_.is(token.id, PieceType::kByte) || !empty)) {
          added.surface = text_.substr(added.begin, added.end - added.begin);
        }
        if (last || empty || token.end < length) continue;
        found = find(token, chunks_[i + 1], length, good);
        if (found) break;
      }
      if (!found && !last) loose.push_back(i);
    }
    return loose;
  }

  static std::vector<Range> ranges_of(const std::vector<std::size_t>& loose) {
    std::vector<Range> ranges;
    for (const std::size_t i : loose) {
      if (ranges.empty() || ranges.back().second < i) ranges.emplace_back(i, i + 1);
      ranges.back().second = i + 1;
    }
    return ranges;
  }

  void merge(const std::vector<Range>& ranges) {
    std::vector<Chunk> merged;
    std::size_t old = 0;
    for (const auto& [first, last] : ranges) {
      while (old < first) merged.push_back(std::move(chunks_[old++]));
      Chunk& chunk =
          merged.emplace_back(Chunk{chunks_[first].begin, chunks_[last].end, chunks_[last].beyond, {}});
      encode(chunk);
      old = last + 1;
    }
    while (old < chunks_.size()) merged.push_back(std::move(chunks_[old++]));
    chunks_ = std::move(merged);
  }

  const Processor& processor_;
  std::string_view text_;
  std::string normalized_;
  std::vector<std::size_t> origins_;
  std::vector<Chunk> chunks_;
};

Tokens Processor::encode_chunks(std::string_view text, std::size_t chunk_length, unsigned threads) const {
  if (text.empty()) return {};
  return Chunks(*this, text, chunk_length).run(threads);
}

}  // namespace fasttok::sentencepiece
