// The fused path of a SentencePiece model: ids, and pieces as text, without places.
//
//   input ──► space form (text/space_form) ──► raw ids by segments (model/…_segments) ──► ids
//
// The twin of Processor::encode_ids() and encode_pieces() without sampling: equal on every input. What its
// tables cannot decide it declines, a whole model at make(), a text at encode().
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/base/buffer.h"
#include "fasttok/base/text_view.h"
#include "fasttok/model/bpe_segments.h"
#include "fasttok/model/sentencepiece_pieces.h"
#include "fasttok/model/unigram_segments.h"
#include "fasttok/model/unknown_chars.h"
#include "fasttok/text/space_form.h"

namespace fasttok::sentencepiece {

class FastEncoder {
 public:
  enum class Path { kFast, kReplayed };  // the second one, for tests: each segment step by step
  enum class Result { kDone, kSurrogate, kLiteral, kNoUnits };  // the last one is never given back

  // Null where the model is not for this path.
  static std::shared_ptr<const FastEncoder> make(const std::shared_ptr<const Pieces>& pieces,
                                                 const std::shared_ptr<const Types>& types,
                                                 const std::shared_ptr<const UnigramModel>& unigram,
                                                 const SentencePieceNormalizer& normalizer, Path path);

  // Append the ids of a text to `out`, unless the result is another than kDone. A long text asks now and then
  // whether the call is to end.
  Result encode(const TextView& text, Buffer<std::uint32_t>& out) const;
  Result encode_utf8(std::string_view text, Buffer<std::uint32_t>& out) const;
  Result encode_pieces(std::string_view text, std::vector<std::string>& out) const;

 private:
  FastEncoder(std::shared_ptr<const Pieces> pieces, SpaceForm form);
  struct Scratch;
  // write(scratch) makes the space form.
  template <class Unit, class Write>
  Result raw_ids(Write&& write, Buffer<std::uint32_t>& out, bool& unknown) const;
  template <class Unit, class Write>
  Result ids(Write&& write, Buffer<std::uint32_t>& out) const;

  std::shared_ptr<const Pieces> pieces_;
  SpaceForm form_;
  std::optional<UnigramSegments> unigram_;  // this one or that one
  std::optional<BpeSegments> bpe_;
  UnknownChars unknown_;
};

// A FastEncoder that is made once so much text has come that it pays: its tables take longer to build than a
// few short texts take without. Several threads may make it at the same time, and one of them is kept, so
// that none waits for another, which may not be there after a fork.
class EventualEncoder {
 public:
  using Make = std::function<std::shared_ptr<const FastEncoder>()>;
  // `worth`: bytes or units; 0: with the first text.
  EventualEncoder(Make make, std::size_t worth) : make_(std::move(make)), worth_(worth) {}
  ~EventualEncoder() { delete made_.load(std::memory_order_acquire); }
  EventualEncoder(const EventualEncoder&) = delete;
  EventualEncoder& operator=(const EventualEncoder&) = delete;

  // What does a text of this size; null: the literal model.
  const FastEncoder* of(std::size_t size) const {
    const Made* const made = made_.load(std::memory_order_acquire);
    return made ? made->get() : of_first(size);
  }
  // Null where the model is not for it.
  const FastEncoder* made() const { return of(SIZE_MAX); }

 private:
  using Made = std::shared_ptr<const FastEncoder>;
  const FastEncoder* of_first(std::size_t size) const;

  Make make_;
  std::size_t worth_;
  mutable std::atomic<std::size_t> seen_{0};
  mutable std::atomic<const Made*> made_{nullptr};
};

}  // namespace fasttok::sentencepiece
