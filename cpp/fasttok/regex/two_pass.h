// Linear time for every regular pattern, with look-ahead of any length and atomic groups.
//
// The idea: go through the text from its end to its begin and note at each position which places of the
// program lead to a match from there; then go forwards and take, wherever backtracking would have a choice,
// the first way that is noted to succeed. Look-ahead is one more question that is answered on the way back.
// In an atomic group two things are asked of a place: does it come to the end of the group (level 0), and
// does the first way that does so lead on to a match (level 1; more for groups in groups).
//
// The notes are kept for one block of the text at a time, with those at the blocks' ends, so memory stays
// small. Slower than the table (dfa.h): it is for the patterns that have none, and for texts on which the
// table would read the same characters over and over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "fasttok/regex/program.h"
#include "fasttok/regex/regex.h"

namespace fasttok::regex {

// Asked at each position; the answer is a formula of others.
struct Question {
  enum class Kind : std::uint8_t {
    kYes,
    kNo,
    kSame,    // a
    kSet,     // the next character is in the set, and a holds after it
    kHere,    // the instruction (kAnchor, kLookChar) holds, and a
    kEither,  // a or b
    kFirst,   // b if a holds, else c
    kBoth,    // a (not a, if negative) and b
  };
  Kind kind = Kind::kNo;
  bool negative = false;
  std::uint32_t pc = 0;  // the instruction
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
};

class TwoPass {
 public:
  // None if the program is not regular or there would be too many questions.
  static std::optional<TwoPass> build(Program program);

  const Program& program() const { return program_; }
  const std::vector<Question>& questions() const { return questions_; }
  std::uint32_t start() const { return start_; }

 private:
  Program program_;
  std::vector<Question> questions_;  // each after those of the same position that it asks
  std::uint32_t start_ = 0;
};

class TwoPassSearch {
 public:
  // Answers for the text from `from` on.
  TwoPassSearch(const TwoPass& two_pass, const CharClasses& classes, std::string_view text, std::size_t from);

  std::optional<Span> find(std::size_t from);

 private:
  using Answers = std::vector<std::uint8_t>;

  void answer(std::size_t at, const std::uint8_t* after, std::uint8_t* answers) const;
  std::size_t block_of(std::size_t at) const;
  void load(std::size_t block);
  // The answers at a position; of the block after the last one loaded, too.
  const std::uint8_t* answers_at(std::size_t at);

  const TwoPass& two_pass_;
  const CharClasses& classes_;
  const std::string_view text_;
  std::vector<std::size_t> block_begins_;  // bytes; the last is the end of the text
  Answers boundary_answers_;               // [block][question], at the begin of each block
  std::size_t loaded_ = 0;
  bool any_loaded_ = false;
  Answers answers_;  // of the loaded block: [byte of the block][question]
};

}  // namespace fasttok::regex
