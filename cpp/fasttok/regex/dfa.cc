#include "fasttok/regex/dfa.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace fasttok::regex {

namespace {

constexpr std::size_t kMostEntries = std::size_t{1} << 20;
constexpr std::size_t kMostSteps = 30'000'000;  // of building
constexpr std::size_t kMostLoops = 64;

}  // namespace

class DfaBuilder {
 public:
  DfaBuilder(const Program& program, const CharClasses& classes) : program_(program), classes_(classes) {}

  std::optional<Dfa> build();

 private:
  // What is known of the character before: bit 0: begin of the text, bit 1: start of the search, then the
  // sets of behind_.
  using Before = std::uint64_t;
  static constexpr Before kTextBegin = 1;
  static constexpr Before kSearchStart = 2;
  struct Key {
    std::vector<std::uint32_t> threads;
    Before before;
    auto operator<=>(const Key&) const = default;
  };
  // A place in the program, and the loops whose round began at this very position.
  struct Place {
    std::uint32_t pc;
    std::uint64_t loops;
    auto operator<=>(const Place&) const = default;
  };

  bool find_behind_sets();
  Before before_of(std::size_t char_class) const;
  std::uint32_t state_of(Key key);
  // All ways from `key`, if a character of the class follows (class_count_: the end): the places that
  // consume, in order. True if a match comes after them.
  bool follow(const Key& key, std::size_t char_class, std::vector<std::uint32_t>& consuming);
  bool holds(const Inst& inst, Before before, std::size_t char_class) const;
  bool in(std::uint32_t set, std::size_t char_class) const {
    return char_class < class_count_ && classes_.contains(set, static_cast<std::uint16_t>(char_class));
  }

  const Program& program_;
  const CharClasses& classes_;
  std::size_t class_count_ = 0;
  std::vector<std::uint32_t> behind_;  // sets
  bool uses_search_start_ = false;
  bool uses_text_begin_ = false;
  std::map<Key, std::uint32_t> numbers_;
  std::vector<Key> states_;
  std::size_t steps_ = 0;
  std::vector<Place> stack_;
  std::set<Place> seen_;
};

bool DfaBuilder::find_behind_sets() {
  const auto use = [&](std::uint32_t set) {
    if (std::find(behind_.begin(), behind_.end(), set) == behind_.end()) behind_.push_back(set);
  };
  for (const Inst& inst : program_.code) {
    if (inst.op == Op::kLook || inst.op == Op::kAtomic) return false;
    if (inst.op == Op::kLookChar && inst.behind) {
      use(inst.a);
      uses_text_begin_ = true;
    }
    if (inst.op != Op::kAnchor) continue;
    switch (inst.anchor) {
      case Anchor::kEndTextOrLine:
        return false;
      case Anchor::kBeginLine:
      case Anchor::kWordBoundary:
      case Anchor::kNotWordBoundary:
        use(inst.a);
        uses_text_begin_ = true;
        break;
      case Anchor::kBeginText:
        uses_text_begin_ = true;
        break;
      case Anchor::kSearchStart:
        uses_search_start_ = true;
        break;
      default:
        break;
    }
  }
  return behind_.size() <= 60;
}

DfaBuilder::Before DfaBuilder::before_of(std::size_t char_class) const {
  if (char_class == class_count_) return uses_text_begin_ ? kTextBegin : 0;
  Before before = 0;
  for (std::size_t i = 0; i < behind_.size(); ++i) before |= Before{in(behind_[i], char_class)} << (i + 2);
  return before;
}

std::uint32_t DfaBuilder::state_of(Key key) {
  const auto [found, is_new] =
      numbers_.try_emplace(std::move(key), static_cast<std::uint32_t>(states_.size()));
  if (is_new) states_.push_back(found->first);
  return found->second;
}

bool DfaBuilder::holds(const Inst& inst, Before before, std::size_t char_class) const {
  const auto was_in = [&](std::uint32_t set) {
    const auto place =
        static_cast<unsigned>(std::find(behind_.begin(), behind_.end(), set) - behind_.begin());
    return (before >> (place + 2) & 1) != 0;
  };
  const bool at_end = char_class == class_count_;
  const bool at_begin = (before & kTextBegin) != 0;
  if (inst.op == Op::kLookChar) {
    const bool edge = inst.behind ? at_begin : at_end;
    const bool found = edge ? inst.at_edge : inst.behind ? was_in(inst.a) : in(inst.a, char_class);
    return found != inst.negative;
  }
  switch (inst.anchor) {
    case Anchor::kBeginLine:
      return at_begin || (!at_end && was_in(inst.a));
    case Anchor::kEndLine:
      return at_end || in(inst.a, char_class);
    case Anchor::kBeginText:
      return at_begin;
    case Anchor::kEndText:
      return at_end;
    case Anchor::kSearchStart:
      return (before & kSearchStart) != 0;
    case Anchor::kWordBoundary:
      return was_in(inst.a) != in(inst.a, char_class);
    case Anchor::kNotWordBoundary:
      return was_in(inst.a) == in(inst.a, char_class);
    case Anchor::kEndTextOrLine:
      break;
  }
  return false;
}

bool DfaBuilder::follow(const Key& key, std::size_t char_class, std::vector<std::uint32_t>& consuming) {
  consuming.clear();
  stack_.clear();
  seen_.clear();
  for (auto thread = key.threads.rbegin(); thread != key.threads.rend(); ++thread)
    stack_.push_back({*thread, 0});
  while (!stack_.empty()) {
    const Place place = stack_.back();
    stack_.pop_back();
    ++steps_;
    if (!seen_.insert(place).second) continue;
    const Inst& inst = program_.code[place.pc];
    const auto go_on = [&](std::uint32_t pc, std::uint64_t loops) { stack_.push_back({pc, loops}); };
    switch (inst.op) {
      case Op::kSet:
        if (in(inst.a, char_class)) consuming.push_back(place.pc);
        break;
      case Op::kSplit:
        go_on(inst.b, place.loops);
        go_on(inst.a, place.loops);
        break;
      case Op::kJump:
        go_on(inst.a, place.loops);
        break;
      case Op::kAnchor:
      case Op::kLookChar:
        if (holds(inst, key.before, char_class)) go_on(place.pc + 1, place.loops);
        break;
      case Op::kLoopStart:
        go_on(place.pc + 1, place.loops | std::uint64_t{1} << inst.a);
        break;
      case Op::kLoopEnd: {
        const std::uint64_t bit = std::uint64_t{1} << inst.a;
        go_on((place.loops & bit) != 0 ? inst.b : place.pc + 1, place.loops & ~bit);
        break;
      }
      case Op::kMatch:
        return true;
      default:
        break;
    }
  }
  return false;
}

std::optional<Dfa> DfaBuilder::build() {
  if (program_.code.empty() || program_.loop_count > kMostLoops || !find_behind_sets()) return std::nullopt;
  class_count_ = classes_.count();
  const std::size_t stride = class_count_ + 1;
  Dfa dfa;
  dfa.class_count_ = static_cast<std::uint32_t>(class_count_);
  state_of({{}, 0});  // dead
  for (const Before start : {Before{0}, kSearchStart}) {
    for (std::size_t before = 0; before <= class_count_; ++before) {
      const std::uint32_t state = state_of({{0}, before_of(before) | (uses_search_start_ ? start : 0)});
      dfa.starts_.push_back(static_cast<std::uint32_t>(state * stride));
    }
  }
  std::vector<std::uint32_t> consuming;
  for (std::size_t state = 0; state < states_.size(); ++state) {
    if (states_.size() * stride > kMostEntries || steps_ > kMostSteps) return std::nullopt;
    for (std::size_t char_class = 0; char_class <= class_count_; ++char_class) {
      const Key key = states_[state];
      const bool accept = follow(key, char_class, consuming);
      Key next{{}, 0};
      for (const std::uint32_t pc : consuming) {
        if (std::find(next.threads.begin(), next.threads.end(), pc + 1) == next.threads.end()) {
          next.threads.push_back(pc + 1);
        }
      }
      if (!next.threads.empty()) next.before = before_of(char_class);
      const auto target = static_cast<std::uint32_t>(state_of(std::move(next)) * stride);
      dfa.next_.push_back(target | (accept ? Dfa::kAccept : 0));
    }
  }
  dfa.one_start_ = std::all_of(dfa.starts_.begin(), dfa.starts_.end(),
                               [&](std::uint32_t start) { return start == dfa.starts_[0]; });
  return dfa;
}

std::optional<Dfa> Dfa::build(const Program& program, const CharClasses& classes) {
  return DfaBuilder(program, classes).build();
}

std::optional<std::size_t> Dfa::match_end(const CharClasses& classes, std::string_view text,
                                          std::size_t begin, bool at_search_start, std::size_t& read) const {
  std::uint32_t state = starts_[0];
  if (!one_start_) {
    std::size_t size = 0;
    const std::size_t before = begin == 0 ? class_count_ : classes.at(text, previous_char(text, begin), size);
    state = starts_[before + (at_search_start ? class_count_ + 1 : 0)];
  }
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t end = kNone;
  std::size_t at = begin;
  const std::uint32_t* const next = next_.data();
  while (at < text.size()) {
    std::size_t size = 0;
    const std::uint32_t entry = next[state + classes.at(text, at, size)];
    if (entry & kAccept) end = at;
    state = entry & ~kAccept;
    if (state == 0) {
      read = at;
      return end == kNone ? std::nullopt : std::optional(end);
    }
    at += size;
  }
  if (next[state + class_count_] & kAccept) end = at;
  read = at;
  return end == kNone ? std::nullopt : std::optional(end);
}

}  // namespace fasttok::regex
