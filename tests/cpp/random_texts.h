// What the tests of the engines and of batches share: a small vocabulary, added tokens, and random texts over
// an alphabet that is chosen to hurt.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fasttok/base/text_view.h"
#include "fasttok/base/word_cache.h"
#include "fasttok/pipeline/spec.h"

namespace fasttok::testing {

using Random = std::mt19937;
using Chars = std::u32string;

inline unsigned below(Random& random, std::size_t n) {
  return static_cast<unsigned>(random() % n);
}

// FASTTOK_TEST_ROUNDS=20 repeats the random cases twenty times with other seeds.
inline unsigned test_rounds() {
  const char* rounds = std::getenv("FASTTOK_TEST_ROUNDS");
  return rounds ? static_cast<unsigned>(std::atoi(rounds)) : 1;
}

// "a b c" -> {"a", "b", "c"}
template <class Char>
std::vector<std::basic_string<Char>> split_list(std::basic_string_view<Char> list) {
  std::vector<std::basic_string<Char>> items;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(Char{' '}, begin), list.size());
    items.emplace_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

inline std::shared_ptr<const Vocab> small_vocab() {
  static const std::shared_ptr<const Vocab> vocab = [] {
    const auto pieces = split_list<char>(
        "a b c d e i x ab abc cab abcdabcdabcd abcdabcdabcdabcd A B AB é e\u0301 \u0301 \u0307 \u0345 \u302E "
        "\uA9C0 \u05D0 中 文 豈 \uF900 𠀀 한 \u1112 \u1112\u1161\u11AB \u1161 \u11AB か か\u3099 が 𐐨 𐐀 😀 "
        "\u200D ß ς K ﬁ 0 12 , ! # - 。 「 \uFF0C [ ]");
    std::set<std::string> tokens(pieces.begin(), pieces.end());
    for (const std::string& piece : pieces) tokens.insert("##" + piece);
    tokens.insert({"##", std::string("\0", 1), std::string("a\0b", 3), "[PAD]", "[CLS]", "[SEP]", "[UNK]"});
    std::vector<std::pair<std::string, std::uint32_t>> entries;
    for (const std::string& token : tokens) entries.emplace_back(token, 2 * entries.size() + 1);
    return std::make_shared<const Vocab>(entries);
  }();
  return vocab;
}

inline std::shared_ptr<const WordPiece> small_model(std::size_t word_limit = 100, std::string prefix = "##") {
  auto model = std::make_shared<WordPiece>(WordPiece{small_vocab()});
  model->max_input_chars_per_word = word_limit;
  model->continuing_subword_prefix = std::move(prefix);
  return model;
}

inline Spec spec_of(std::optional<BertNormalizer> normalizer, std::shared_ptr<const WordPiece> model,
                    std::vector<AddedToken> added) {
  Spec spec;
  if (normalizer) spec.normalizer = Normalizer{{*normalizer}};
  spec.pre_tokenizer = PreTokenizer{{BertPreTokenizer{}}};
  spec.model = std::move(model);
  spec.added_tokens = std::move(added);
  return spec;
}

inline AddedToken raw(std::string content, std::uint32_t id, bool special = false) {
  return {.content = std::move(content), .id = id, .normalized = false, .special = special};
}

inline AddedToken flagged(AddedToken token, bool single_word, bool lstrip, bool rstrip) {
  token.single_word = single_word;
  token.lstrip = lstrip;
  token.rstrip = rstrip;
  return token;
}

inline AddedToken looked_for(std::string content, std::uint32_t id, bool special = false) {
  AddedToken token = raw(std::move(content), id, special);
  token.normalized = true;
  return token;
}

inline const std::vector<std::vector<AddedToken>>& added_sets() {
  static const std::vector<std::vector<AddedToken>> sets = {
      {},
      {raw("[CLS]", 900, true), raw("[SEP]", 901, true), raw("[X]", 902)},
      {raw("ab", 903), raw("abcab", 904, true), raw("bca", 905), raw("b中", 906), raw("é", 907)},
      {raw("😀x", 909, true), raw("𐐀", 910), raw("한", 911), raw("\u302E", 912), raw("e\u0301", 913),
       raw("!", 914), raw("文", 908)},
      {flagged(raw("ab", 915), true, false, false), flagged(raw("[L]", 916, true), false, true, false),
       flagged(raw("[R]", 917), false, false, true), raw("[X]", 918)},
      {raw(" ", 919), raw("\n\t", 920), raw(std::string("\0b", 2), 921), raw("##", 922), raw("", 923),
       raw("İ", 924)},
      {looked_for("Ab c", 925), looked_for("É", 926, true), looked_for("中", 927), looked_for(" x ", 928),
       raw("bca", 929), looked_for("\u212A!", 930), looked_for("ßς", 931), looked_for("𐐀", 932)},
  };
  return sets;
}

// What random texts are joined from: ASCII, then with Latin-1, then with the Basic Multilingual Plane, then
// with all.
inline const std::vector<Chars>& fragments(std::size_t repertoire) {
  static const std::vector<std::vector<Chars>> lists = [] {
    std::vector<Chars> list = split_list<char32_t>(
        U"a ab abc cab bca abcab A Ab 12 \t \n\t \r \x01 \x7F ! # ## [X] [CLS] [L] [R] [ , - . ^`~$");
    list.insert(list.end(), {U" ", U" ", U" ", Chars(1, U'\0')});
    std::vector<std::vector<Chars>> all{list};
    for (const std::u32string_view more :
         {U"é É ß \xA0 \xAD \x85 ¡ « e × µ",
          U"中 中 文 中文 豈 \uF900 한 한국 \u1112\u1161\u11AB \u0301 \u0301 \u0323 \u302E \u0345 \uA9C0 "
          U"\u05B0 \u0307 "
          U"\u200D \u200B \uFEFF \u3000 \u2028 \u1680 İ ı ς Σ ﬁ K Å か\u3099 が 。 「 \uFF0C \u2014 \uFFFD "
          U"\uE000 "
          U"\u0660 \u1E9E Ǆ \u0958 \u0344 \u0F73 \uFFFF",
          U"𐐀 𐐨 😀 😀x 👩\u200D👩 𠀀 \U0002F800 \U0001D15E \U0001D165 \U000110BA \U0010FFFF \U0001E944"}) {
      const auto items = split_list<char32_t>(more);
      list.insert(list.end(), items.begin(), items.end());
      all.push_back(list);
    }
    return all;
  }();
  return lists[repertoire];
}

inline Chars random_word(Random& random, std::size_t length) {
  static constexpr std::u32string_view kLetters[] = {U"abcd", U"abcABC", U"abcdabcdabcdabcdz", U"a"};
  const std::u32string_view letters = kLetters[below(random, std::size(kLetters))];
  Chars word;
  while (word.size() < length) word += letters[below(random, letters.size())];
  return word;
}

inline Chars random_text(Random& random, std::size_t pieces) {
  const auto& list = fragments(below(random, 4));
  const unsigned words = below(random, 4);
  Chars text;
  for (std::size_t i = 0; i < pieces; ++i) {
    if (below(random, 4) < words) {
      text += random_word(random, 1 + below(random, below(random, 6) ? 18 : 80)) + U" ";
    } else {
      text += list[below(random, list.size())];
    }
  }
  return text;
}

// The narrowest kind that can hold the text, as Python would choose.
inline std::uint8_t kind_of_text(const Chars& chars) {
  const char32_t top = chars.empty() ? 0 : *std::max_element(chars.begin(), chars.end());
  return top < 0x100 ? 1 : top < 0x10000 ? 2 : 4;
}

// A text in memory of its own, exactly as long as it is.
class HeldText {
 public:
  explicit HeldText(const Chars& chars) : HeldText(chars, kind_of_text(chars)) {}
  HeldText(const Chars& chars, std::uint8_t kind) : bytes_(new std::uint8_t[chars.size() * kind]) {
    for (std::size_t i = 0; i < chars.size(); ++i) {
      const char32_t c = chars[i];
      std::copy_n(reinterpret_cast<const std::uint8_t*>(&c), kind, &bytes_[i * kind]);
    }
    const bool ascii = std::all_of(chars.begin(), chars.end(), [](char32_t c) { return c < 0x80; });
    view_ = {bytes_.get(), chars.size(), kind, kind == 1 && ascii};
  }
  const TextView& view() const { return view_; }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  TextView view_;
};

// In every kind that can hold it.
inline std::vector<HeldText> held(const Chars& chars) {
  std::vector<HeldText> texts;
  for (const std::uint8_t kind : {1, 2, 4}) {
    if (kind >= kind_of_text(chars)) texts.emplace_back(chars, kind);
  }
  return texts;
}

class CacheBudget {
 public:
  explicit CacheBudget(std::size_t bytes) { set_cache_bytes(bytes); }
  ~CacheBudget() { set_cache_bytes(before_); }

 private:
  const std::size_t before_ = cache_info().bytes_cap;
};

}  // namespace fasttok::testing
