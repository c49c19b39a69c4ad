#include "fasttok/regex/program.h"

#include <algorithm>
#include <utility>

#include "fasttok/regex/lexer.h"

namespace fasttok::regex {

namespace {

// Oniguruma writes a repeat out up to this number of instructions.
constexpr std::uint64_t kExpandLimit = 10;
constexpr std::uint64_t kManyChars = std::uint64_t{1} << 40;  // more than any text has

struct Length {
  std::uint64_t min;
  std::uint64_t max;
};

class Compiler {
 public:
  Compiler(const Pattern& pattern, bool expand, std::size_t limit)
      : pattern_(pattern), expand_(expand), limit_(limit), called_at_(pattern.group_count + 1, kNowhere) {
    for (const Node& node : pattern.nodes) {
      for (const std::uint32_t group : node.groups)
        referred_.resize(std::max<std::size_t>(referred_.size(), group + 1)), referred_[group] = true;
      has_calls_ = has_calls_ || node.kind == NodeKind::kCall;
    }
    referred_.resize(pattern.group_count + 1);
    program_.group_count = pattern.group_count;
  }

  Program compile();

 private:
  static constexpr std::uint32_t kNowhere = 0xFFFFFFFF;
  struct TooLong {};

  std::uint32_t here() const { return static_cast<std::uint32_t>(program_.code.size()); }
  std::uint32_t emit(Op op, std::uint32_t a = 0, std::uint32_t b = 0) {
    if (program_.code.size() >= limit_) throw TooLong();
    Inst inst;
    inst.op = op;
    inst.a = a;
    inst.b = b;
    program_.code.push_back(inst);
    return here() - 1;
  }
  Inst& at(std::uint32_t pc) { return program_.code[pc]; }
  // To the next instruction first (second if lazy), and to a place that is not known yet.
  std::uint32_t emit_way_out(bool greedy) {
    const std::uint32_t split = emit(Op::kSplit, here() + 1, here() + 1);
    at(split).greedy = greedy;
    return split;
  }
  void set_way_out(std::uint32_t split, std::uint32_t target) {
    (at(split).greedy ? at(split).b : at(split).a) = target;
  }
  std::uint32_t set_index(const CharSet& set);
  std::uint32_t list_index(const std::vector<std::uint32_t>& groups);

  void node(NodeId id);
  void literal(const Node& node);
  void alternatives(const std::vector<NodeId>& nodes);
  void repeat(const Node& node);
  void loop(NodeId body, bool greedy, bool may_be_empty, bool at_least_once);
  void guarded(NodeId body, bool may_be_empty, std::vector<std::uint32_t>& exits);
  void counted(const Node& node, bool may_be_empty);
  void atomic(const Node& node);
  void look(const Node& node);
  void anchor(const Node& node);
  void group(const Node& node);
  void condition(const Node& node);
  // A look-around at one character: its set and whether the edge of the text will do.
  bool single_char(NodeId id, bool behind, CharSet& set, bool& at_edge) const;
  void check_look_behind(NodeId id, bool negative) const;

  std::uint64_t op_length(NodeId id) const;
  std::uint64_t repeat_length(const Node& node) const;
  bool may_be_empty(NodeId id) const { return length(id).min == 0; }
  Length length(NodeId id) const;

  // What stands for the characters of a literal from `at` on: sets one after the other, or another character.
  struct Folded {
    std::vector<CharSet> chars;
    CharSet instead;
  };
  Folded folded(const Node& node, std::size_t at) const;

  const Pattern& pattern_;
  const bool expand_;
  const std::size_t limit_;
  Program program_;
  std::vector<std::uint32_t> called_at_;  // [group]
  std::vector<std::uint32_t> calls_;
  std::vector<bool> referred_;
  bool has_calls_ = false;
  bool in_look_behind_ = false;
  mutable std::uint32_t length_depth_ = 0;
  struct SetLess {
    bool operator()(const CharSet& a, const CharSet& b) const {
      return std::lexicographical_compare(a.ranges().begin(), a.ranges().end(), b.ranges().begin(),
                                          b.ranges().end(), [](const CharRange& x, const CharRange& y) {
                                            return x.first != y.first ? x.first < y.first : x.last < y.last;
                                          });
    }
  };
  std::map<CharSet, std::uint32_t, SetLess> set_numbers_;
};

std::uint32_t Compiler::set_index(const CharSet& set) {
  const auto [found, is_new] =
      set_numbers_.try_emplace(set, static_cast<std::uint32_t>(program_.sets.size()));
  if (is_new) program_.sets.push_back(set);
  return found->second;
}

std::uint32_t Compiler::list_index(const std::vector<std::uint32_t>& groups) {
  program_.group_lists.push_back(groups);
  return static_cast<std::uint32_t>(program_.group_lists.size() - 1);
}

Program Compiler::compile() {
  try {
    if (has_calls_) {  // the whole is group 0
      const std::uint32_t call = emit(Op::kCall);
      calls_.push_back(call);
      emit(Op::kMatch);
      called_at_[0] = here();
      node(pattern_.root);
      emit(Op::kReturn);
    } else {
      node(pattern_.root);
      emit(Op::kMatch);
    }
    for (std::size_t i = 0; i < calls_.size(); ++i) {  // a called group that is never entered by itself
      const std::uint32_t called = at(calls_[i]).a;
      if (called_at_[called] == kNowhere) group(pattern_.at(pattern_.group_nodes[called]));
    }
    for (const std::uint32_t call : calls_) at(call).a = called_at_[at(call).a];
  } catch (const TooLong&) {
    if (!expand_) fail("too big number for repeat range");
    program_.code.clear();
  }
  if (expand_ && !program_.regular) program_.code.clear();
  return std::move(program_);
}

void Compiler::node(NodeId id) {
  const Node& n = pattern_.at(id);
  switch (n.kind) {
    case NodeKind::kEmpty:
      return;
    case NodeKind::kNever:
      emit(Op::kNever);
      return;
    case NodeKind::kLiteral:
      return literal(n);
    case NodeKind::kSet:
      emit(Op::kSet, set_index(n.set));
      return;
    case NodeKind::kConcat:
      for (const NodeId child : n.children) node(child);
      return;
    case NodeKind::kAlternate:
      return alternatives(n.children);
    case NodeKind::kRepeat:
      return repeat(n);
    case NodeKind::kOption:
      return node(n.children[0]);
    case NodeKind::kGroup:
      return group(n);
    case NodeKind::kAtomic:
      return atomic(n);
    case NodeKind::kLook:
      return look(n);
    case NodeKind::kAnchor:
      return anchor(n);
    case NodeKind::kBackref:
      program_.regular = false;
      at(emit(Op::kBackref, list_index(n.groups))).letters = n.letters;
      return;
    case NodeKind::kIf:
      return condition(n);
    case NodeKind::kCall:
      program_.regular = false;
      calls_.push_back(emit(Op::kCall, n.group));
      return;
    case NodeKind::kKeep:
      program_.regular = false;
      emit(Op::kKeep);
      return;
  }
}

Compiler::Folded Compiler::folded(const Node& node, std::size_t at) const {
  Folded result;
  const char32_t c = node.chars[at];
  if (node.letters == Case::kExact) {
    result.chars = {CharSet(c, c)};
    return result;
  }
  if (node.letters == Case::kIgnoreAscii) {
    CharSet both(c, c);
    const char32_t lower = c | 0x20;
    if (lower >= 'a' && lower <= 'z') {
      both.add(lower);
      both.add(lower - 0x20);
    }
    result.chars = {std::move(both)};
    return result;
  }
  const auto [several, count] = multi_fold(c);
  if (count > 0 && !in_look_behind_) {  // ß: "ss", ẞ
    char32_t fold[3] = {};
    std::copy_n(several, count, fold);
    for (std::size_t i = 0; i < count; ++i) result.chars.push_back(simple_fold_set(fold[i]));
    result.instead = multi_fold_set(fold, count);
    result.instead.add(c);
    return result;
  }
  if (!in_look_behind_) {  // "ss": ß, ẞ
    for (const std::size_t size : {3u, 2u}) {
      if (at + size > node.chars.size()) continue;
      char32_t fold[3] = {};
      for (std::size_t i = 0; i < size; ++i) fold[i] = simple_fold(node.chars[at + i]);
      CharSet instead = multi_fold_set(fold, size);
      if (instead.empty()) continue;
      for (std::size_t i = 0; i < size; ++i) result.chars.push_back(simple_fold_set(fold[i]));
      result.instead = std::move(instead);
      return result;
    }
  }
  result.chars = {simple_fold_set(c)};
  return result;
}

void Compiler::literal(const Node& n) {
  for (std::size_t i = 0; i < n.chars.size();) {
    const Folded fold = folded(n, i);
    std::uint32_t split = 0;
    if (!fold.instead.empty()) split = emit_way_out(true);
    for (const CharSet& set : fold.chars) emit(Op::kSet, set_index(set));
    if (!fold.instead.empty()) {
      const std::uint32_t jump = emit(Op::kJump);
      set_way_out(split, here());
      emit(Op::kSet, set_index(fold.instead));
      at(jump).a = here();
    }
    const bool one = multi_fold(n.chars[i]).second > 0 || fold.instead.empty();
    i += one ? 1 : fold.chars.size();
  }
}

void Compiler::alternatives(const std::vector<NodeId>& nodes) {
  std::vector<std::uint32_t> jumps;
  for (std::size_t i = 0; i + 1 < nodes.size(); ++i) {
    const std::uint32_t split = emit_way_out(true);
    node(nodes[i]);
    jumps.push_back(emit(Op::kJump));
    set_way_out(split, here());
  }
  node(nodes.back());
  for (const std::uint32_t jump : jumps) at(jump).a = here();
}

// Where Oniguruma looks whether a round of a loop consumed nothing can be seen in the matches, so the choice
// between writing out and counting is the same as there.
void Compiler::repeat(const Node& n) {
  const NodeId body = n.children[0];
  const std::uint64_t size = op_length(body);
  if (size == 0 || n.max == 0) return;
  const bool empty = may_be_empty(body);
  const bool infinite = n.max == kInfinite;
  if (infinite && (n.min <= 1 || size * n.min <= kExpandLimit)) {
    const bool jump_in = n.min == 1 && size > kExpandLimit;
    for (std::uint32_t i = 0; i < n.min && !jump_in; ++i) node(body);
    return loop(body, n.greedy, empty, jump_in);
  }
  if (!infinite && n.greedy && (n.max == 1 || (size + 1) * n.max <= kExpandLimit)) {
    for (std::uint32_t i = 0; i < n.min; ++i) node(body);
    std::vector<std::uint32_t> exits;
    for (std::uint32_t i = n.min; i < n.max; ++i) {
      exits.push_back(emit_way_out(true));
      node(body);
    }
    for (const std::uint32_t split : exits) set_way_out(split, here());
    return;
  }
  if (!n.greedy && n.min == 0 && n.max == 1) {
    const std::uint32_t split = emit_way_out(false);
    node(body);
    set_way_out(split, here());
    return;
  }
  counted(n, empty);
}

// The body; if it consumed nothing, on to one of `exits`.
void Compiler::guarded(NodeId body, bool may_be_empty, std::vector<std::uint32_t>& exits) {
  if (!may_be_empty) return node(body);
  const std::uint32_t slot = program_.loop_count++;
  emit(Op::kLoopStart, slot);
  node(body);
  exits.push_back(emit(Op::kLoopEnd, slot));
}

void Compiler::loop(NodeId body, bool greedy, bool may_be_empty, bool at_least_once) {
  std::vector<std::uint32_t> exits;
  std::uint32_t first_jump = 0;
  if (at_least_once) first_jump = emit(Op::kJump);
  const std::uint32_t start = here();
  const std::uint32_t split = emit_way_out(greedy);
  if (at_least_once) at(first_jump).a = here();
  guarded(body, may_be_empty, exits);
  emit(Op::kJump, start);
  set_way_out(split, here());
  for (const std::uint32_t end : exits) at(end).b = here();
}

void Compiler::counted(const Node& n, bool may_be_empty) {
  const NodeId body = n.children[0];
  std::vector<std::uint32_t> exits;
  if (!expand_) {
    emit(Op::kCount);
    std::uint32_t skip = 0;
    if (n.min == 0) skip = emit_way_out(n.greedy);
    const std::uint32_t start = here();
    guarded(body, may_be_empty, exits);
    const std::uint32_t next = emit(Op::kNext, 0, start);
    at(next).c = n.min;
    at(next).d = n.max;
    at(next).greedy = n.greedy;
    if (n.min == 0) set_way_out(skip, here());
    for (const std::uint32_t end : exits) at(end).b = here();
    emit(Op::kDrop);
    return;
  }
  std::vector<std::uint32_t> splits;
  for (std::uint32_t i = 0; i < n.min; ++i) guarded(body, may_be_empty, exits);
  if (n.max == kInfinite) {
    loop(body, n.greedy, may_be_empty, false);
  } else {
    for (std::uint32_t i = n.min; i < n.max; ++i) {
      splits.push_back(emit_way_out(n.greedy));
      guarded(body, may_be_empty, exits);
    }
  }
  for (const std::uint32_t split : splits) set_way_out(split, here());
  for (const std::uint32_t end : exits) at(end).b = here();
}

void Compiler::atomic(const Node& n) {
  if (expand_) {
    // What has one way to match is atomic as it is; [x]*+ is [x]*(?![x]).
    const Node* body = &pattern_.at(n.children[0]);
    if (body->kind == NodeKind::kSet) return node(n.children[0]);
    if (body->kind == NodeKind::kRepeat && body->greedy) {
      const Node* inner = &pattern_.at(body->children[0]);
      CharSet one = inner->set;
      bool single = inner->kind == NodeKind::kSet;
      if (inner->kind == NodeKind::kLiteral && inner->chars.size() == 1) {
        const Folded fold = folded(*inner, 0);
        single = fold.instead.empty() && fold.chars.size() == 1;
        if (single) one = fold.chars[0];
      }
      const bool to_the_end = body->max == kInfinite;
      if (single && (to_the_end || (body->min == 0 && body->max == 1))) {
        if (to_the_end) {
          node(n.children[0]);
          const std::uint32_t guard = emit(Op::kLookChar, set_index(one));
          at(guard).negative = true;
        } else {
          const std::uint32_t split = emit_way_out(true);
          node(body->children[0]);
          const std::uint32_t jump = emit(Op::kJump);
          set_way_out(split, here());
          const std::uint32_t guard = emit(Op::kLookChar, set_index(one));
          at(guard).negative = true;
          at(jump).a = here();
        }
        return;
      }
    }
  }
  const std::uint32_t start = emit(Op::kAtomic);
  node(n.children[0]);
  emit(Op::kAtomicEnd);
  at(start).a = here();
}

void Compiler::anchor(const Node& n) {
  const std::uint32_t pc = emit(Op::kAnchor);
  at(pc).anchor = n.anchor;
  CharSet members;
  switch (n.anchor) {
    case Anchor::kWordBoundary:
    case Anchor::kNotWordBoundary:
      members = named_set("word");
      if (n.ascii_word) members.intersect(CharSet(0, 0x7F));
      break;
    case Anchor::kBeginLine:
    case Anchor::kEndLine:
    case Anchor::kEndTextOrLine:
      members.add(U'\n');
      break;
    default:
      return;
  }
  at(pc).a = set_index(members);
}

bool Compiler::single_char(NodeId id, bool behind, CharSet& set, bool& at_edge) const {
  const Node& n = pattern_.at(id);
  switch (n.kind) {
    case NodeKind::kSet:
      set.add(n.set);
      return true;
    case NodeKind::kLiteral: {
      if (n.chars.size() != 1) return false;
      const Folded fold = folded(n, 0);
      if (fold.chars.size() != 1 || !fold.instead.empty()) return false;
      set.add(fold.chars[0]);
      return true;
    }
    case NodeKind::kAnchor:
      if (n.anchor != (behind ? Anchor::kBeginText : Anchor::kEndText)) {
        if (behind || n.anchor != Anchor::kEndLine) return false;
        set.add(U'\n');
      }
      at_edge = true;
      return true;
    case NodeKind::kAlternate:
      return std::all_of(n.children.begin(), n.children.end(),
                         [&](NodeId child) { return single_char(child, behind, set, at_edge); });
    case NodeKind::kOption:
      return single_char(n.children[0], behind, set, at_edge);
    default:
      return false;
  }
}

// What Oniguruma does not take in a look-behind.
void Compiler::check_look_behind(NodeId id, bool negative) const {
  const Node& n = pattern_.at(id);
  const bool bad_look = n.kind == NodeKind::kLook && (!n.behind || (n.negative && !negative));
  const bool bad_anchor =
      n.kind == NodeKind::kAnchor && (n.anchor == Anchor::kEndText || n.anchor == Anchor::kEndTextOrLine);
  if (bad_look || bad_anchor || (negative && n.kind == NodeKind::kGroup))
    fail("invalid pattern in look-behind");
  for (const NodeId child : n.children) check_look_behind(child, negative);
}

void Compiler::look(const Node& n) {
  const bool outer = in_look_behind_;
  if (n.behind) {
    check_look_behind(n.children[0], n.negative);
    in_look_behind_ = true;
  }
  CharSet set;
  bool at_edge = false;
  const bool simple = single_char(n.children[0], n.behind, set, at_edge);
  const std::uint32_t start = emit(simple ? Op::kLookChar : Op::kLook);
  at(start).behind = n.behind;
  at(start).negative = n.negative;
  at(start).at_edge = at_edge;
  if (simple) {
    at(start).a = set_index(set);
  } else {
    if (n.behind) {
      const Length chars = length(n.children[0]);
      if (chars.min > 65535 || (chars.max < kManyChars && chars.max > 65535))
        fail("invalid pattern in look-behind");
      at(start).b = static_cast<std::uint32_t>(chars.min);
      at(start).c = static_cast<std::uint32_t>(std::min<std::uint64_t>(chars.max, kInfinite));
      program_.regular = false;
    }
    node(n.children[0]);
    at(emit(Op::kLookEnd)).behind = n.behind;
    at(start).a = here();
  }
  in_look_behind_ = outer;
}

void Compiler::group(const Node& n) {
  if (!has_calls_) {
    if (referred_[n.group]) emit(Op::kSaveBegin, n.group);
    node(n.children[0]);
    if (referred_[n.group]) emit(Op::kSaveEnd, n.group);
    return;
  }
  calls_.push_back(emit(Op::kCall, n.group));
  if (called_at_[n.group] != kNowhere) return;
  const std::uint32_t jump = emit(Op::kJump);
  called_at_[n.group] = here();
  emit(Op::kSaveBegin, n.group);
  node(n.children[0]);
  emit(Op::kSaveEnd, n.group);
  emit(Op::kReturn);
  at(jump).a = here();
}

void Compiler::condition(const Node& n) {
  program_.regular = false;
  std::uint32_t start = 0;
  if (!n.groups.empty()) {
    start = emit(Op::kIfGroup, list_index(n.groups));
  } else {
    start = emit(Op::kIf);
    node(n.children[0]);
    emit(Op::kAtomicEnd);
    at(start).a = here();
  }
  const std::size_t then_part = n.groups.empty() ? 1 : 0;
  node(n.children[then_part]);
  const std::uint32_t jump = emit(Op::kJump);
  at(start).b = here();
  node(n.children[then_part + 1]);
  at(jump).a = here();
}

// How many instructions Oniguruma compiles a node to.
std::uint64_t Compiler::op_length(NodeId id) const {
  const Node& n = pattern_.at(id);
  std::uint64_t size = 0;
  switch (n.kind) {
    case NodeKind::kEmpty:
      return 0;
    case NodeKind::kLiteral: {
      if (n.letters == Case::kExact) {  // a run of characters of one size is one instruction
        for (std::size_t i = 0; i < n.chars.size(); ++i) {
          size += i == 0 || utf8_size(n.chars[i]) != utf8_size(n.chars[i - 1]);
        }
        return size;
      }
      for (std::size_t i = 0; i < n.chars.size();) {
        const Folded fold = folded(n, i);
        size += fold.instead.empty() ? 1 : 4;
        i += fold.instead.empty() || multi_fold(n.chars[i]).second > 0 ? 1 : fold.chars.size();
      }
      return size;
    }
    case NodeKind::kConcat:
    case NodeKind::kOption:
      for (const NodeId child : n.children) size += op_length(child);
      return size;
    case NodeKind::kAlternate:
      for (const NodeId child : n.children) size += op_length(child);
      return size + 2 * (n.children.size() - 1);
    case NodeKind::kRepeat:
      return repeat_length(n);
    case NodeKind::kGroup:
    case NodeKind::kAtomic:
    case NodeKind::kLook:
      return op_length(n.children[0]) + 2;
    case NodeKind::kIf:
      for (const NodeId child : n.children) size += op_length(child);
      return size + 5;
    default:
      return 1;
  }
}

std::uint64_t Compiler::repeat_length(const Node& n) const {
  const NodeId body = n.children[0];
  const std::uint64_t size = op_length(body);
  if (size == 0 || n.max == 0) return 0;
  const std::uint64_t guarded_size = size + (may_be_empty(body) ? 2 : 0);
  const bool infinite = n.max == kInfinite;
  if (infinite && (n.min <= 1 || size * n.min <= kExpandLimit)) {
    const Node& inner = pattern_.at(body);
    if (n.greedy && inner.kind == NodeKind::kSet && inner.set.ranges().size() == 2 && inner.set.contains(0) &&
        !inner.set.contains(U'\n') && inner.set.contains(kLastChar)) {
      return 1 + size * n.min;  // .*
    }
    const std::uint64_t first = n.min == 1 && size > kExpandLimit ? 1 : size * n.min;
    return first + guarded_size + 2;
  }
  if (!infinite && n.greedy && (n.max == 1 || (size + 1) * n.max <= kExpandLimit)) {
    return size * n.min + (size + 1) * (n.max - n.min);
  }
  if (!n.greedy && n.min == 0 && n.max == 1) return size + 2;
  return guarded_size + 2;
}

// In characters; a call that leads to itself counts as empty.
Length Compiler::length(NodeId id) const {
  const Node& n = pattern_.at(id);
  const auto capped = [](std::uint64_t value) { return std::min(value, kManyChars); };
  Length sum{0, 0};
  switch (n.kind) {
    case NodeKind::kSet:
      return {1, 1};
    case NodeKind::kLiteral:
      if (n.letters != Case::kIgnore) return {n.chars.size(), n.chars.size()};
      for (std::size_t i = 0; i < n.chars.size();) {
        const Folded fold = folded(n, i);
        sum.min += fold.instead.empty() ? fold.chars.size() : 1;
        sum.max += fold.chars.size();
        i += fold.instead.empty() || multi_fold(n.chars[i]).second > 0 ? 1 : fold.chars.size();
      }
      return sum;
    case NodeKind::kConcat:
      for (const NodeId child : n.children) {
        const Length part = length(child);
        sum = {capped(sum.min + part.min), capped(sum.max + part.max)};
      }
      return sum;
    case NodeKind::kAlternate:
      sum = length(n.children[0]);
      for (const NodeId child : n.children) {
        const Length part = length(child);
        sum = {std::min(sum.min, part.min), std::max(sum.max, part.max)};
      }
      return sum;
    case NodeKind::kRepeat: {
      if (n.max == 0) return sum;
      const Length part = length(n.children[0]);
      const std::uint64_t most = n.max == kInfinite ? (part.max > 0 ? kManyChars : 0) : part.max * n.max;
      return {capped(part.min * n.min), capped(most)};
    }
    case NodeKind::kOption:
    case NodeKind::kGroup:
    case NodeKind::kAtomic:
      return length(n.children[0]);
    case NodeKind::kIf: {
      const bool has_condition = n.groups.empty();
      const Length first = has_condition ? length(n.children[0]) : sum;
      const Length then_part = length(n.children[has_condition ? 1 : 0]);
      const Length else_part = length(n.children.back());
      return {std::min(capped(first.min + then_part.min), else_part.min),
              std::max(capped(first.max + then_part.max), else_part.max)};
    }
    case NodeKind::kBackref:
      return {0, kManyChars};
    case NodeKind::kCall: {
      if (length_depth_ > 20) return {0, kManyChars};
      ++length_depth_;
      const Length called = length(pattern_.group_nodes[n.group]);
      --length_depth_;
      return called;
    }
    default:
      return sum;
  }
}

}  // namespace

CharClasses::CharClasses(const std::vector<CharSet>& sets)
    : ascii_(128), index_((kLastChar + kBlock) / kBlock) {
  constexpr std::uint16_t kNoBlock = 0xFFFF;
  // Sets begin and end here; between two such places all characters are in the same sets.
  std::map<char32_t, std::vector<std::uint32_t>> changes;
  changes[0];
  for (std::uint32_t set = 0; set < sets.size(); ++set) {
    for (const CharRange range : sets[set].ranges()) {
      changes[range.first].push_back(set);
      if (range.last < kLastChar) changes[range.last + 1].push_back(set);
    }
  }
  std::map<std::vector<bool>, std::uint16_t> numbers;
  std::vector<bool> member(sets.size());
  std::vector<std::pair<char32_t, std::uint16_t>> runs;  // where one begins, and its class
  for (const auto& [at, changed] : changes) {
    for (const std::uint32_t set : changed) member[set] = !member[set];
    if (numbers.size() >= kMostClasses && !numbers.contains(member)) fail("too many different characters");
    const auto number = numbers.try_emplace(member, static_cast<std::uint16_t>(numbers.size())).first->second;
    runs.emplace_back(at, number);
  }
  class_count_ = numbers.size();
  members_.resize(sets.size() * class_count_);
  for (const auto& [row, number] : numbers) {
    for (std::size_t set = 0; set < sets.size(); ++set) members_[set * class_count_ + number] = row[set];
  }

  std::map<std::vector<std::uint16_t>, std::uint16_t> blocks;
  std::vector<std::uint16_t> uniform(class_count_, kNoBlock);  // [class]: the block that is all of it
  std::size_t run = 0;
  for (std::size_t block = 0; block < index_.size(); ++block) {
    const std::size_t begin = block * kBlock;
    while (run + 1 < runs.size() && runs[run + 1].first <= begin) ++run;
    const bool mixed = run + 1 < runs.size() && runs[run + 1].first < begin + kBlock;
    std::uint16_t& known = uniform[runs[run].second];
    if (!mixed && known != kNoBlock) {
      index_[block] = known;
      continue;
    }
    std::vector<std::uint16_t> values(kBlock);
    for (std::size_t i = 0; i < kBlock; ++i) {
      while (run + 1 < runs.size() && runs[run + 1].first <= begin + i) ++run;
      values[i] = runs[run].second;
    }
    const auto [found, is_new] =
        blocks.try_emplace(std::move(values), static_cast<std::uint16_t>(blocks.size()));
    if (is_new) blocks_.insert(blocks_.end(), found->first.begin(), found->first.end());
    index_[block] = found->second;
    if (!mixed) known = found->second;
  }
  for (std::size_t c = 0; c < ascii_.size(); ++c)
    ascii_[c] = blocks_[index_[c / kBlock] * kBlock + c % kBlock];
}

Program compile_counted(const Pattern& pattern) {
  constexpr std::size_t kMostInstructions = std::size_t{1} << 24;
  return Compiler(pattern, false, kMostInstructions).compile();
}

Program compile_expanded(const Pattern& pattern, std::size_t limit) {
  return Compiler(pattern, true, limit).compile();
}

}  // namespace fasttok::regex
