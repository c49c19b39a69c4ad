// The engine for pinyin: each syllable is a token, with its tone; what is foreign is one unknown token.
//
//   "ni3hao lüyou"  ->  ni3 hao lü you
//
// Syllables are divided by pinyin/segment.h; their ids come from the model's vocabulary, where a syllable is
// written with ü and a tone from 1 to 5 ("lü", "lü3"; the tone 0 is 5). Separators are no tokens. Words are
// numbered as the syllables are.
#pragma once

#include <memory>
#include <vector>

#include "fasttok/pinyin/segment.h"
#include "fasttok/pipeline/engine.h"
#include "fasttok/pipeline/spec.h"

namespace fasttok {

class PinyinEngine final : public Engine {
 public:
  // The spec's pinyin must be set.
  explicit PinyinEngine(const Spec& spec);

  std::string_view name() const override { return "pinyin"; }
  void encode(const SequenceRequest& request, TokenColumns& out) const override;
  std::size_t encode_rows(std::span<const TextView> rows, const RowFrame& frame, std::size_t max_length,
                          TokenColumns& out, std::int64_t* ends) const override;

 private:
  static constexpr std::uint32_t kNoId = 0xFFFFFFFF;

  // Whether an added token may begin in the text, and whether it has a lone surrogate.
  struct Found {
    bool added, surrogate;
  };
  Found look_for_added(const TextView& text) const;
  // Calls visit(id, begin, end) for each token, with characters of the text.
  template <class Visit>
  void visit_ids(const Buffer<pinyin::Cut>& cuts, Visit visit) const;
  void encode_plain(const TextView& text, std::size_t text_index, std::size_t begin, std::int32_t& word,
                    bool one_word, TokenColumns& out) const;

  std::shared_ptr<const pinyin::Costs> costs_;
  std::shared_ptr<const WordPiece> model_;
  AddedTokens added_;
  std::vector<char32_t> firsts_;    // what added tokens begin with, ascending
  std::vector<std::uint32_t> ids_;  // of spelling × tone; the last is the unknown one's
  std::uint32_t unknown_ = kNoId;
  bool complete_ = false;  // whether every piece has an id
  // Whether what an added token begins with may be in another piece than a foreign one.
  bool added_begin_like_syllables_ = false;
};

}  // namespace fasttok
