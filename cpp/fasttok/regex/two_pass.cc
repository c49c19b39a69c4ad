#include "fasttok/regex/two_pass.h"

#include <algorithm>
#include <map>
#include <utility>

#include "fasttok/regex/place.h"

namespace fasttok::regex {

namespace {

constexpr std::size_t kMostQuestions = 2048;
constexpr std::size_t kMostLoops = 64;
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;  // of answers

// Where a question stands: a place in the program, the loops whose round began at this position, the level.
struct Stand {
  std::uint32_t pc;
  std::uint32_t level;
  std::uint64_t loops;
  auto operator<=>(const Stand&) const = default;
};

class Builder {
 public:
  explicit Builder(const Program& program) : program_(program) {}

  // Fills `questions`; false if there are too many.
  bool build(std::vector<Question>& questions, std::uint32_t& start);

 private:
  std::uint32_t number(const Stand& stand) {
    const auto [found, is_new] = numbers_.try_emplace(stand, static_cast<std::uint32_t>(stands_.size()));
    if (is_new) stands_.push_back(stand);
    return found->second;
  }
  Question ask(const Stand& stand);

  const Program& program_;
  std::map<Stand, std::uint32_t> numbers_;
  std::vector<Stand> stands_;
};

Question Builder::ask(const Stand& stand) {
  using Kind = Question::Kind;
  const Inst& inst = program_.code[stand.pc];
  Question question;
  question.pc = stand.pc;
  const auto at = [&](std::uint32_t pc, std::uint32_t level, std::uint64_t loops) {
    return number({pc, level, loops});
  };
  switch (inst.op) {
    case Op::kSet:
      question.kind = Kind::kSet;
      question.a = at(stand.pc + 1, stand.level, 0);
      break;
    case Op::kSplit:
      if (stand.level == 0) {
        question.kind = Kind::kEither;
        question.a = at(inst.a, 0, stand.loops);
        question.b = at(inst.b, 0, stand.loops);
      } else {
        question.kind = Kind::kFirst;
        question.a = at(inst.a, 0, stand.loops);
        question.b = at(inst.a, stand.level, stand.loops);
        question.c = at(inst.b, stand.level, stand.loops);
      }
      break;
    case Op::kJump:
      question.kind = Kind::kSame;
      question.a = at(inst.a, stand.level, stand.loops);
      break;
    case Op::kAnchor:
    case Op::kLookChar:
      question.kind = Kind::kHere;
      question.a = at(stand.pc + 1, stand.level, stand.loops);
      break;
    case Op::kLook:
      question.kind = Kind::kBoth;
      question.negative = inst.negative;
      question.a = at(stand.pc + 1, 0, 0);
      question.b = at(inst.a, stand.level, stand.loops);
      break;
    case Op::kAtomic:
      question.kind = Kind::kSame;
      question.a = at(stand.pc + 1, stand.level + 1, stand.loops);
      break;
    case Op::kAtomicEnd:
      question.kind = Kind::kYes;
      if (stand.level > 0) {
        question.kind = Kind::kSame;
        question.a = at(stand.pc + 1, stand.level - 1, stand.loops);
      }
      break;
    case Op::kLoopStart:
      question.kind = Kind::kSame;
      question.a = at(stand.pc + 1, stand.level, stand.loops | std::uint64_t{1} << inst.a);
      break;
    case Op::kLoopEnd: {
      const std::uint64_t bit = std::uint64_t{1} << inst.a;
      question.kind = Kind::kSame;
      question.a = at((stand.loops & bit) != 0 ? inst.b : stand.pc + 1, stand.level, stand.loops & ~bit);
      break;
    }
    case Op::kLookEnd:
    case Op::kMatch:
      question.kind = Kind::kYes;
      break;
    default:
      break;
  }
  return question;
}

bool Builder::build(std::vector<Question>& questions, std::uint32_t& start) {
  std::vector<Question> asked;
  number({0, 0, 0});
  for (std::size_t i = 0; i < stands_.size(); ++i) {
    if (stands_.size() > kMostQuestions) return false;
    asked.push_back(ask(Stand(stands_[i])));
  }
  // In an order in which each comes after those that it asks at the same position.
  constexpr std::uint32_t kNew = 0xFFFFFFFF;
  constexpr std::uint32_t kOpen = 0xFFFFFFFE;
  std::vector<std::uint32_t> place(asked.size(), kNew);
  std::vector<std::uint32_t> stack;
  for (std::uint32_t first = 0; first < asked.size(); ++first) {
    stack.push_back(first);
    while (!stack.empty()) {
      const std::uint32_t top = stack.back();
      if (place[top] != kNew && place[top] != kOpen) {
        stack.pop_back();
        continue;
      }
      const Question& question = asked[top];
      const bool first_visit = place[top] == kNew;
      place[top] = kOpen;
      bool ready = true;
      const auto needs = [&](std::uint32_t other) {
        if (place[other] < kOpen) return;
        ready = false;
        if (first_visit) stack.push_back(other);
      };
      using Kind = Question::Kind;
      if (question.kind == Kind::kSame || question.kind == Kind::kHere) needs(question.a);
      if (question.kind == Kind::kEither || question.kind == Kind::kBoth || question.kind == Kind::kFirst) {
        needs(question.a);
        needs(question.b);
      }
      if (question.kind == Kind::kFirst) needs(question.c);
      if (!ready) {
        if (!first_visit) return false;  // it asks itself
        continue;
      }
      place[top] = static_cast<std::uint32_t>(questions.size());
      questions.push_back(question);
      stack.pop_back();
    }
  }
  for (Question& question : questions) {
    question.a = place[question.a];
    question.b = place[question.b];
    question.c = place[question.c];
  }
  start = place[0];
  return true;
}

}  // namespace

std::optional<TwoPass> TwoPass::build(Program program) {
  if (program.code.empty() || program.loop_count > kMostLoops) return std::nullopt;
  for (const Inst& inst : program.code) {
    if (inst.op == Op::kAnchor && inst.anchor == Anchor::kSearchStart) return std::nullopt;
  }
  TwoPass result;
  result.program_ = std::move(program);
  if (!Builder(result.program_).build(result.questions_, result.start_)) return std::nullopt;
  return result;
}

TwoPassSearch::TwoPassSearch(const TwoPass& two_pass, const CharClasses& classes, std::string_view text,
                             std::size_t from)
    : two_pass_(two_pass), classes_(classes), text_(text) {
  const std::size_t count = two_pass.questions().size();
  const std::size_t block_size = std::max<std::size_t>(kBlockBytes / count, 64);
  for (std::size_t at = from; at < text.size();) {
    block_begins_.push_back(at);
    at = std::min(at + block_size, text.size());
    while (!is_char_boundary(text, at)) ++at;
  }
  block_begins_.push_back(text.size());
  boundary_answers_.resize(block_begins_.size() * count);
  Answers after(count);
  Answers here(count);
  answer(text.size(), nullptr, after.data());
  for (std::size_t block = block_begins_.size() - 1;; --block) {
    std::copy(after.begin(), after.end(),
              boundary_answers_.begin() + static_cast<std::ptrdiff_t>(block * count));
    if (block == 0) break;
    for (std::size_t at = block_begins_[block]; at > block_begins_[block - 1];) {
      at = previous_char(text, at);
      answer(at, after.data(), here.data());
      std::swap(after, here);
    }
  }
}

void TwoPassSearch::answer(std::size_t at, const std::uint8_t* after, std::uint8_t* answers) const {
  const auto& questions = two_pass_.questions();
  const auto& code = two_pass_.program().code;
  const Place place{classes_, text_, at, 0};
  std::size_t size = 0;
  const std::uint16_t char_class = after ? classes_.at(text_, at, size) : std::uint16_t{0};
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const Question& question = questions[i];
    bool yes = false;
    switch (question.kind) {
      case Question::Kind::kYes:
        yes = true;
        break;
      case Question::Kind::kNo:
        break;
      case Question::Kind::kSame:
        yes = answers[question.a] != 0;
        break;
      case Question::Kind::kSet:
        yes = after && after[question.a] && classes_.contains(code[question.pc].a, char_class);
        break;
      case Question::Kind::kHere:
        yes = answers[question.a] && place.holds(code[question.pc]);
        break;
      case Question::Kind::kEither:
        yes = answers[question.a] || answers[question.b];
        break;
      case Question::Kind::kFirst:
        yes = answers[answers[question.a] ? question.b : question.c] != 0;
        break;
      case Question::Kind::kBoth:
        yes = (answers[question.a] != 0) != question.negative && answers[question.b];
        break;
    }
    answers[i] = yes;
  }
}

std::size_t TwoPassSearch::block_of(std::size_t at) const {
  const auto after = std::upper_bound(block_begins_.begin(), block_begins_.end(), at);
  return static_cast<std::size_t>(after - block_begins_.begin()) - 1;
}

void TwoPassSearch::load(std::size_t block) {
  const std::size_t count = two_pass_.questions().size();
  const std::size_t begin = block_begins_[block];
  const std::size_t end = block_begins_[block + 1];
  answers_.resize((end - begin) * count);
  const std::uint8_t* after = &boundary_answers_[(block + 1) * count];
  for (std::size_t at = end; at > begin;) {
    at = previous_char(text_, at);
    std::uint8_t* const here = &answers_[(at - begin) * count];
    answer(at, after, here);
    after = here;
  }
  loaded_ = block;
  any_loaded_ = true;
}

const std::uint8_t* TwoPassSearch::answers_at(std::size_t at) {
  const std::size_t count = two_pass_.questions().size();
  const std::size_t block = block_of(at);
  if (block_begins_[block] == at) return &boundary_answers_[block * count];
  if (!any_loaded_ || loaded_ != block) load(block);
  return &answers_[(at - block_begins_[block]) * count];
}

std::optional<Span> TwoPassSearch::find(std::size_t from) {
  std::size_t begin = from;
  while (!answers_at(begin)[two_pass_.start()]) {
    if (begin >= text_.size()) return std::nullopt;
    begin += decode_char(text_, begin).size;
  }
  std::size_t at = begin;
  const std::uint8_t* answers = answers_at(at);
  for (std::uint32_t i = two_pass_.start();;) {
    const Question& question = two_pass_.questions()[i];
    switch (question.kind) {
      case Question::Kind::kYes:
      case Question::Kind::kNo:
        return Span{begin, at};
      case Question::Kind::kSame:
      case Question::Kind::kHere:
        i = question.a;
        break;
      case Question::Kind::kBoth:
        i = question.b;
        break;
      case Question::Kind::kEither:
        i = answers[question.a] ? question.a : question.b;
        break;
      case Question::Kind::kFirst:
        i = answers[question.a] ? question.b : question.c;
        break;
      case Question::Kind::kSet:
        i = question.a;
        at += decode_char(text_, at).size;
        answers = answers_at(at);
        break;
    }
  }
}

}  // namespace fasttok::regex
