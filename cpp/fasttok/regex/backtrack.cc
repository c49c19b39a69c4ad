#include "fasttok/regex/backtrack.h"

#include <algorithm>

#include <utility>

#include "fasttok/base/error.h"
#include "fasttok/regex/place.h"

namespace fasttok::regex {

namespace {

constexpr std::uint64_t kMostRetries = 10'000'000;   // from one place in the text; the reference's own limit
constexpr std::uint64_t kMostSteps = 2'000'000'000;  // from all places
constexpr std::size_t kMostChoices = std::size_t{1} << 24;

[[noreturn]] void give_up() {
  throw ValueError(
      "the regular expression goes back too often on this text; write it without nested repeats or "
      "look-behind");
}

}  // namespace

Backtracker::Backtracker(const Program& program, const CharClasses& classes, std::string_view text)
    : program_(program),
      classes_(classes),
      text_(text),
      frames_(1),
      groups_(3 * (program.group_count + 1), kUnset) {}

std::optional<Span> Backtracker::find(std::size_t from) {
  search_start_ = from;
  steps_ = 0;
  for (std::size_t start = from;;) {
    position_ = keep_ = start;
    retries_ = 0;
    frame_ = 0;
    frames_.resize(1);
    choices_.clear();
    undo_to(0);
    if (run(0)) {
      const Span found{keep_, position_};
      undo_to(0);
      return found;
    }
    if (start >= text_.size()) return std::nullopt;
    start += decode_char(text_, start).size;
  }
}

void Backtracker::push(std::uint32_t pc) {
  if (choices_.size() >= kMostChoices) give_up();
  choices_.push_back({pc, frame_, position_, frames_.size(), undo_.size(), keep_});
}

std::uint32_t Backtracker::push_frame(std::uint32_t value) {
  if (frames_.size() >= kMostChoices) give_up();
  frames_.push_back({frame_, value, position_, undo_.size()});
  return static_cast<std::uint32_t>(frames_.size() - 1);
}

void Backtracker::undo_to(std::size_t size) {
  for (; undo_.size() > size; undo_.pop_back()) groups_[undo_.back().slot] = undo_.back().value;
}

void Backtracker::save(std::uint32_t slot, std::size_t value) {
  undo_.push_back({slot, groups_[slot]});
  groups_[slot] = value;
}

void Backtracker::restore(const Choice& choice) {
  frame_ = choice.frame;
  position_ = choice.position;
  keep_ = choice.keep;
  frames_.resize(choice.frame_count);
  undo_to(choice.undo_size);
}

bool Backtracker::look_behind(std::uint32_t pc, const Inst& inst) {
  const std::size_t end = position_;
  std::size_t start = end;
  for (std::uint32_t back = 0;; ++back) {
    if (back >= inst.b) {
      position_ = start;
      const std::size_t outer = std::exchange(look_behind_end_, end);
      const bool found = run(pc + 1);
      look_behind_end_ = outer;
      if (found) return true;
    }
    if (start == 0 || back == inst.c) return false;
    start = previous_char(text_, start);
  }
}

bool Backtracker::look(std::uint32_t pc, const Inst& inst) {
  const std::size_t position = position_;
  const std::size_t undo_size = undo_.size();
  const std::size_t frame_count = frames_.size();
  const std::size_t choices = choices_.size();
  const std::uint32_t frame = frame_;
  const bool found = inst.behind ? look_behind(pc, inst) : run(pc + 1);
  choices_.resize(choices);
  position_ = position;
  frame_ = frame;
  if (!found || inst.negative) {
    undo_to(undo_size);
    frames_.resize(frame_count);
  }
  return found != inst.negative;
}

bool Backtracker::match_backref(const Inst& inst) {
  for (const std::uint32_t group : program_.group_lists[inst.a]) {
    const std::size_t begin = groups_[3 * group];
    const std::size_t end = groups_[3 * group + 1];
    if (begin == kUnset || end == kUnset) continue;
    const std::string_view wanted = text_.substr(begin, end - begin);
    if (inst.letters == Case::kExact) {
      if (text_.substr(position_, wanted.size()) != wanted) continue;
      position_ += wanted.size();
      return true;
    }
    const auto same = [&](char32_t a, char32_t b) {
      if (inst.letters == Case::kIgnoreAscii) {
        const auto lower = [](char32_t c) { return c >= 'A' && c <= 'Z' ? c + 0x20 : c; };
        return lower(a) == lower(b);
      }
      const auto [fold_a, size_a] = multi_fold(a);
      const auto [fold_b, size_b] = multi_fold(b);
      if (size_a != size_b) return false;
      return size_a == 0 ? simple_fold(a) == simple_fold(b) : std::equal(fold_a, fold_a + size_a, fold_b);
    };
    std::size_t at = position_;
    std::size_t i = 0;
    while (i < wanted.size() && at < text_.size()) {
      const DecodedChar a = decode_char(wanted, i);
      const DecodedChar b = decode_char(text_, at);
      if (!same(a.c, b.c)) break;
      i += a.size;
      at += b.size;
    }
    if (i < wanted.size() || at - position_ != wanted.size()) continue;
    position_ = at;
    return true;
  }
  return false;
}

// Whether a group that is referred to has got another content in this round.
bool Backtracker::group_changed(const Frame& round) const {
  for (std::size_t i = round.undo_size; i < undo_.size(); ++i) {
    if (undo_[i].slot % 3 != 2 && groups_[undo_[i].slot] != undo_[i].value) return true;
  }
  return false;
}

bool Backtracker::run(std::uint32_t pc) {
  const std::size_t choices = choices_.size();
  const Choice start{pc, frame_, position_, frames_.size(), undo_.size(), keep_};
  for (;; ++pc) {
    if (++steps_ > kMostSteps) give_up();
    const Inst& inst = program_.code[pc];
    bool ok = true;
    switch (inst.op) {
      case Op::kSet: {
        std::size_t size = 0;
        ok = position_ < text_.size() && classes_.contains(inst.a, classes_.at(text_, position_, size));
        position_ += ok ? size : 0;
        break;
      }
      case Op::kSplit:
        push(inst.b);
        pc = inst.a - 1;
        break;
      case Op::kJump:
        pc = inst.a - 1;
        break;
      case Op::kAnchor:
      case Op::kLookChar:
        ok = Place{classes_, text_, position_, search_start_}.holds(inst);
        break;
      case Op::kLook:
        ok = look(pc, inst);
        pc = inst.a - 1;
        break;
      case Op::kLookEnd:
        if (!inst.behind || position_ == look_behind_end_) return true;
        ok = false;
        break;
      case Op::kAtomic:
      case Op::kIf: {
        const std::size_t inner = choices_.size();
        ok = run(pc + 1);
        choices_.resize(inner);
        if (inst.op == Op::kIf && !ok) {
          ok = true;
          pc = inst.b - 1;
        } else {
          pc = inst.a - 1;
        }
        break;
      }
      case Op::kAtomicEnd:
        return true;
      case Op::kIfGroup: {
        const auto& groups = program_.group_lists[inst.a];
        const bool set = std::any_of(groups.begin(), groups.end(),
                                     [&](std::uint32_t group) { return groups_[3 * group + 1] != kUnset; });
        if (!set) pc = inst.b - 1;
        break;
      }
      case Op::kLoopStart:
        frame_ = push_frame(0);
        break;
      case Op::kLoopEnd: {
        const Frame& round = frames_[frame_];
        if (round.position == position_ && !group_changed(round)) pc = inst.b - 1;
        frame_ = round.outer;
        break;
      }
      case Op::kCount:
        frame_ = push_frame(0);
        break;
      case Op::kNext: {
        const std::uint32_t count = frames_[frame_].value + 1;
        frame_ = frames_[frame_].outer;
        frame_ = push_frame(count);
        if (count >= inst.d) break;
        if (count >= inst.c) push(inst.greedy ? pc + 1 : inst.b);
        if (count < inst.c || inst.greedy) pc = inst.b - 1;
        break;
      }
      case Op::kDrop:
        frame_ = frames_[frame_].outer;
        break;
      case Op::kSaveBegin:
        save(3 * inst.a + 2, position_);
        break;
      case Op::kSaveEnd:
        save(3 * inst.a, groups_[3 * inst.a + 2]);
        save(3 * inst.a + 1, position_);
        break;
      case Op::kBackref:
        ok = match_backref(inst);
        break;
      case Op::kCall:
        frame_ = push_frame(pc);
        pc = inst.a - 1;
        break;
      case Op::kReturn:
        pc = frames_[frame_].value;
        frame_ = frames_[frame_].outer;
        break;
      case Op::kKeep:
        keep_ = position_;
        break;
      case Op::kNever:
        ok = false;
        break;
      case Op::kMatch:
        return true;
    }
    if (!ok) {
      if (choices_.size() == choices) {
        restore(start);
        return false;
      }
      if (++retries_ > kMostRetries) give_up();
      pc = choices_.back().pc - 1;
      restore(choices_.back());
      choices_.pop_back();
    }
  }
}

}  // namespace fasttok::regex
