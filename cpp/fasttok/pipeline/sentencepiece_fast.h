// The fused path of a SentencePiece model: ids, and pieces as text, without places.
//
//   input ──► space form (text/space_form) ──► raw ids by segments (model/…_segments) ──► ids
//
// The twin of Processor::encode_ids() and encode_pieces() without sampling: equal on every input. What its
// tables cannot decide it declines, a whole model at make(), a text at encode().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
  enum class Path { kFast, kReplayed };  // the second one, for tests: the literal model does each segment
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

}  // namespace fasttok::sentencepiece
