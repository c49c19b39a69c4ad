#include "fasttok/regex/rust_syntax.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "fasttok/base/error.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok::regex {
namespace {

constexpr std::uint32_t kMaxRepeat = 100000;

struct Flags {
  bool ignore_case = false;  // i
  bool multi_line = false;   // m
  bool dot_all = false;      // s
  bool swap_greed = false;   // U
  bool extended = false;     // x
};

CharSet union_of(CharSet a, const CharSet& b) {
  a.add(b);
  return a;
}

CharSet without(CharSet a, CharSet b) {
  b.negate();
  a.intersect(b);
  return a;
}

CharSet word_set() {
  CharSet set = named_set("alphabetic");
  for (const char* name : {"m", "nd", "pc"}) set.add(named_set(name));
  set.add(0x200C, 0x200D);
  return set;
}

CharSet perl_set(char32_t letter) {
  switch (letter) {
    case 'd':
      return named_set("nd");
    case 's':
      return named_set("whitespace");
    case 'w':
      return word_set();
    default: {  // 'h'
      CharSet set('0', '9');
      set.add('a', 'f');
      set.add('A', 'F');
      return set;
    }
  }
}

std::optional<CharSet> posix_set(std::u32string_view name) {
  static constexpr std::pair<std::u32string_view, std::string_view> kNames[] = {
      {U"alnum", "09AZaz"},
      {U"alpha", "AZaz"},
      {U"ascii", std::string_view("\0\x7f", 2)},
      {U"blank", "\t\t  "},
      {U"cntrl", std::string_view("\0\x1f\x7f\x7f", 4)},
      {U"digit", "09"},
      {U"graph", "!~"},
      {U"lower", "az"},
      {U"print", " ~"},
      {U"punct", "!/:@[`{~"},
      {U"space", "\t\r  "},
      {U"upper", "AZ"},
      {U"word", "09AZaz__"},
      {U"xdigit", "09AFaf"},
  };
  for (const auto& [known, ranges] : kNames) {
    if (known != name) continue;
    CharSet set;
    for (std::size_t i = 0; i < ranges.size(); i += 2) {
      set.add(static_cast<unsigned char>(ranges[i]), static_cast<unsigned char>(ranges[i + 1]));
    }
    return set;
  }
  return std::nullopt;
}

class RustParser {
 public:
  explicit RustParser(std::string_view pattern) : text_(to_utf32(pattern)) {}

  Pattern parse() {
    out_.group_nodes.assign(1, 0);
    out_.root = alternatives();
    if (!at_end()) fail("closing parenthesis without an opening one");
    drop_needless_atomics(out_.root);
    return std::move(out_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error("regex: " + what + " at character " + std::to_string(std::min(at_, text_.size())) +
                " of the pattern");
  }
  [[noreturn]] void fail_unsupported(const std::string& what) const {
    fail("fasttok does not support " + what);
  }

  bool at_end() const { return at_ >= text_.size(); }
  bool sees(std::u32string_view what) const { return text_.compare(at_, what.size(), what) == 0; }
  bool take(std::u32string_view what) {
    if (at_end() || !sees(what)) return false;
    at_ += what.size();
    return true;
  }
  char32_t next() {
    if (at_end()) fail("the pattern ends too early");
    return text_[at_++];
  }

  NodeId add(Node node) {
    for (const NodeId child : node.children) node.depth = std::max(node.depth, out_.nodes[child].depth + 1);
    if (node.depth > kMaxNodeDepth) fail("too deeply nested");
    out_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(out_.nodes.size() - 1);
  }
  NodeId parent(NodeKind kind, std::vector<NodeId> children) {
    Node node;
    node.kind = kind;
    node.children = std::move(children);
    return add(std::move(node));
  }
  NodeId set_node(CharSet set) {
    Node node;
    node.kind = NodeKind::kSet;
    node.set = std::move(set);
    return add(std::move(node));
  }
  NodeId anchor_node(Anchor anchor) {
    Node node;
    node.kind = NodeKind::kAnchor;
    node.anchor = anchor;
    return add(std::move(node));
  }
  NodeId look_node(NodeId body, bool behind, bool negative) {
    Node node;
    node.kind = NodeKind::kLook;
    node.behind = behind;
    node.negative = negative;
    node.children = {body};
    return add(std::move(node));
  }
  NodeId repeat_node(NodeId body, std::uint32_t min, std::uint32_t max, bool greedy) {
    Node node;
    node.kind = NodeKind::kRepeat;
    node.min = min;
    node.max = max;
    node.greedy = greedy;
    node.children = {body};
    return add(std::move(node));
  }
  NodeId char_node(char32_t c) {
    CharSet set(c, c);
    if (flags_.ignore_case) close_under_case(set);
    return set_node(std::move(set));
  }
  NodeId class_node(CharSet set, bool negated) {
    if (flags_.ignore_case) close_under_case(set);
    if (negated) set.negate();
    return set_node(std::move(set));
  }
  NodeId word_boundary(bool negated) {
    const auto side = [&](bool behind, bool negative) {
      return look_node(set_node(word_set()), behind, negative);
    };
    const NodeId enter = parent(NodeKind::kConcat, {side(true, !negated), side(false, false)});
    const NodeId leave = parent(NodeKind::kConcat, {side(true, negated), side(false, true)});
    return parent(NodeKind::kAlternate, {enter, leave});
  }

  // The flags hold to the end of the group.
  NodeId alternatives() {
    if (++depth_ > kMaxDepth) fail("too deeply nested");
    std::vector<NodeId> ways;
    do {
      std::vector<NodeId> parts;
      while (!at_end() && !sees(U"|") && !sees(U")")) piece(parts);
      ways.push_back(parts.size() == 1 ? parts[0] : parent(NodeKind::kConcat, std::move(parts)));
    } while (take(U"|"));
    --depth_;
    return ways.size() == 1 ? ways[0] : parent(NodeKind::kAlternate, std::move(ways));
  }

  void piece(std::vector<NodeId>& parts) {
    if (skip_space()) return;
    const std::size_t start = at_;
    const std::optional<NodeId> target = atom();
    std::uint32_t min = 0, max = 0;
    skip_space();
    const std::size_t behind = at_;
    const auto is_empty = [&](const Node& node) {
      return node.kind == NodeKind::kConcat && node.children.empty();
    };
    const bool matches_nothing = !target || asserts(start) || is_empty(out_.nodes[*target]);
    if (matches_nothing && quantifier(min, max)) {
      at_ = behind;
      fail("a repetition of what matches no characters");
    }
    if (!target) return;
    NodeId node = *target;
    while (quantifier(min, max)) {
      skip_space();
      const bool lazy = take(U"?");
      const bool possessive = !lazy && take(U"+");
      node = repeat_node(node, min, max, lazy == flags_.swap_greed);
      if (possessive) node = parent(NodeKind::kAtomic, {node});
      skip_space();
    }
    parts.push_back(node);
  }

  // Whether an anchor or a look-around stands at `start`: fancy-regex takes no quantifier behind most of
  // them, and finds what nobody would expect behind the others.
  bool asserts(std::size_t start) const {
    const std::u32string_view text = std::u32string_view(text_).substr(start);
    for (const auto opening :
         {U"^", U"$", U"(?=", U"(?!", U"(?<=", U"(?<!", U"\\A", U"\\z", U"\\Z", U"\\b", U"\\B"}) {
      if (text.starts_with(opening)) return true;
    }
    return false;
  }

  bool quantifier(std::uint32_t& min, std::uint32_t& max) {
    max = kInfinite;
    if (take(U"*")) return min = 0, true;
    if (take(U"+")) return min = 1, true;
    if (take(U"?")) return min = 0, max = 1, true;
    const std::size_t start = at_;
    if (!take(U"{")) return false;
    const auto low = number();
    std::optional<std::uint32_t> high = low;
    if (take(U",")) {
      high = number();
      if (!high) high = kInfinite;
    } else if (!low) {
      return at_ = start, false;
    }
    if (!take(U"}")) return at_ = start, false;  // a brace that is a plain character
    min = low.value_or(0);
    max = std::max(min, *high);
    return true;
  }

  std::optional<std::uint32_t> number() {
    while (take(U" ")) {
    }
    const std::size_t start = at_;
    std::uint32_t value = 0;
    for (; !at_end() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      value = value * 10 + static_cast<std::uint32_t>(text_[at_] - '0');
      if (value > kMaxRepeat) fail("too large a repetition");
    }
    if (at_ == start) return std::nullopt;
    while (take(U" ")) {
    }
    return value;
  }

  // Under (?x), white space and comments.
  bool skip_space() {
    if (!flags_.extended) return false;
    const std::size_t start = at_;
    while (!at_end()) {
      if (text_[at_] == '#') {
        while (!at_end() && text_[at_] != '\n') ++at_;
      } else if (perl_set('s').contains(text_[at_])) {
        ++at_;
      } else {
        break;
      }
    }
    return at_ != start;
  }

  // Nothing for flags such as (?i).
  std::optional<NodeId> atom() {
    const char32_t c = next();
    switch (c) {
      case '.': {
        CharSet set;
        if (!flags_.dot_all) set.add('\n');
        set.negate();
        return set_node(std::move(set));
      }
      case '^': {
        const NodeId begin = anchor_node(Anchor::kBeginText);
        if (!flags_.multi_line) return begin;
        return parent(NodeKind::kAlternate, {begin, look_node(set_node(CharSet('\n', '\n')), true, false)});
      }
      case '$':
        return anchor_node(flags_.multi_line ? Anchor::kEndLine : Anchor::kEndText);
      case '(':
        return group();
      case '[':
        return bracket();
      case '\\':
        return escape();
      case '*':
      case '+':
      case '?':
        --at_;
        fail("a repetition of nothing");
      default:
        return char_node(c);
    }
  }

  NodeId close(NodeId body, const Flags& outer) {
    if (!take(U")")) fail("opening parenthesis without a closing one");
    flags_ = outer;
    return body;
  }

  std::optional<NodeId> group() {
    const Flags outer = flags_;
    if (!sees(U"?")) return close(alternatives(), outer);  // what groups capture is never asked for
    ++at_;
    if (take(U"#")) {
      while (next() != ')') {
      }
      return std::nullopt;
    }
    if (take(U":")) return close(alternatives(), outer);
    if (take(U">")) return parent(NodeKind::kAtomic, {close(alternatives(), outer)});
    if (take(U"=")) return look_node(close(alternatives(), outer), false, false);
    if (take(U"!")) return look_node(close(alternatives(), outer), false, true);
    if (take(U"<=")) return look_node(close(alternatives(), outer), true, false);
    if (take(U"<!")) return look_node(close(alternatives(), outer), true, true);
    if (take(U"P<") || take(U"<")) {
      std::size_t size = 0;
      for (; next() != '>'; ++size) {
      }
      if (size == 0) fail("a group with an empty name");
      return close(alternatives(), outer);
    }
    if (sees(U"(")) fail_unsupported("conditionals");
    if (sees(U"P") || sees(U"&") || sees(U"R")) fail_unsupported("calls of groups");
    bool on = true, any = false;
    while (true) {
      const char32_t c = next();
      if (c == ')' || c == ':') {
        if (!on && !any) fail("a flag is missing");
        if (c == ')') return std::nullopt;
        return close(alternatives(), outer);
      }
      if (c == '-' && on) {
        on = any = false;
        continue;
      }
      any = true;
      if (c == 'i')
        flags_.ignore_case = on;
      else if (c == 'm')
        flags_.multi_line = on;
      else if (c == 's')
        flags_.dot_all = on;
      else if (c == 'x')
        flags_.extended = on;
      else if (c == 'U')
        flags_.swap_greed = on;
      else if (c != 'u' || !on) {
        --at_;
        fail("an unknown flag");
      }
    }
  }

  NodeId escape() {
    const char32_t c = next();
    switch (c) {
      case 'A':
        return anchor_node(Anchor::kBeginText);
      case 'z':
        return anchor_node(Anchor::kEndText);
      case 'Z': {
        const NodeId breaks = repeat_node(set_node(CharSet('\n', '\n')), 0, kInfinite, true);
        return look_node(parent(NodeKind::kConcat, {breaks, anchor_node(Anchor::kEndText)}), false, false);
      }
      case 'b':
      case 'B':
        if (sees(U"{")) fail_unsupported("\\b{...}");
        return word_boundary(c == 'B');
      case 'K':
      case 'G':
      case 'X':
      case 'R':
      case 'N':
      case 'O':
      case 'g':
      case 'k':
        fail_unsupported("\\" + to_utf8(std::u32string(1, c)));
      default:
        break;
    }
    if (c >= '1' && c <= '9') fail_unsupported("back-references");
    --at_;
    bool negated = false;
    if (auto set = escaped_set(negated)) return class_node(std::move(*set), negated);
    return char_node(escaped_char());
  }

  // \d, \p{...} and their like, before the letter; nothing for other escapes.
  std::optional<CharSet> escaped_set(bool& negated) {
    const char32_t c = text_[at_];
    const char32_t letter = c | 0x20;
    if (letter == 'd' || letter == 's' || letter == 'w' || letter == 'h') {
      ++at_;
      negated = c != letter;
      return perl_set(letter);
    }
    if (letter != 'p') return std::nullopt;
    ++at_;
    negated = c == 'P';
    std::string name;
    if (take(U"{")) {
      if (take(U"^")) negated = !negated;
      for (char32_t part = next(); part != '}'; part = next()) {
        if (part == '!' && sees(U"=")) {
          negated = !negated;
          continue;
        }
        if (part == '=' || part == ':') {
          part = '=';
        }
        append_utf8(name, part);
      }
    } else {
      append_utf8(name, next());
    }
    if (const std::size_t equals = name.find('='); equals != std::string::npos) {
      std::string key = name.substr(0, equals);
      std::erase_if(key, [](char x) { return x == ' ' || x == '_' || x == '-'; });
      std::transform(key.begin(), key.end(), key.begin(),
                     [](char x) { return x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x; });
      if (key != "gc" && key != "generalcategory" && key != "sc" && key != "script") {
        fail_unsupported("\\p{" + name + "}");
      }
      name.erase(0, equals + 1);
    }
    std::optional<CharSet> set = property_set(name);
    if (!set) fail("an unknown property \\p{" + name + "}");
    return set;
  }

  char32_t hexadecimal(std::size_t digits) {
    std::uint32_t value = 0;
    const bool braced = take(U"{");
    std::size_t count = 0;
    while (braced ? !take(U"}") : count < digits) {
      const char32_t c = next();
      const int digit = c >= '0' && c <= '9'   ? static_cast<int>(c - '0')
                        : c >= 'a' && c <= 'f' ? static_cast<int>(c - 'a') + 10
                        : c >= 'A' && c <= 'F' ? static_cast<int>(c - 'A') + 10
                                               : -1;
      if (digit < 0 || ++count > 8) fail("a malformed hexadecimal number");
      value = value * 16 + static_cast<std::uint32_t>(digit);
    }
    if (count == 0 || value > kLastChar || (value >= 0xD800 && value < 0xE000)) {
      fail("a number that is no character");
    }
    return value;
  }

  char32_t escaped_char() {
    const char32_t c = next();
    switch (c) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'f':
        return '\f';
      case 'v':
        return '\v';
      case 'a':
        return '\a';
      case 'e':
        return 0x1B;
      case 'x':
        return hexadecimal(2);
      case 'u':
        return hexadecimal(4);
      case 'U':
        return hexadecimal(8);
      default:
        break;
    }
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      --at_;
      fail("an unknown escape");
    }
    return c;
  }

  NodeId bracket() { return set_node(bracket_set()); }

  // Behind "[": (items, and operators between them) to "]".
  CharSet bracket_set() {
    if (++depth_ > kMaxDepth) fail("too deeply nested");
    const bool negated = take(U"^");
    CharSet set;
    if (sees(U"]")) char_or_range(set);
    while (!take(U"]")) {
      if (take(U"&&")) {
        set.intersect(operand());
      } else if (take(U"--")) {
        set = without(set, operand());
      } else if (take(U"~~")) {
        const CharSet other = operand();
        set = union_of(without(set, other), without(other, set));
      } else {
        item(set);
      }
    }
    --depth_;
    if (flags_.ignore_case) close_under_case(set);
    if (negated) set.negate();
    return set;
  }

  // What stands to the right of an operator, up to the next operator or the end.
  CharSet operand() {
    CharSet set;
    while (!at_end() && !sees(U"]") && !sees(U"&&") && !sees(U"--") && !sees(U"~~")) item(set);
    if (flags_.ignore_case) close_under_case(set);
    return set;
  }

  void item(CharSet& set) {
    if (at_end()) fail("a character class without an end");
    if (sees(U"[:")) {
      const std::size_t start = at_;
      at_ += 2;
      const bool negated = take(U"^");
      const std::size_t name = at_;
      while (!at_end() && text_[at_] >= 'a' && text_[at_] <= 'z') ++at_;
      if (auto posix = posix_set(std::u32string_view(text_).substr(name, at_ - name)); posix && take(U":]")) {
        if (negated) posix->negate();
        set.add(*posix);
        return;
      }
      at_ = start;
    }
    if (take(U"[")) {
      set.add(bracket_set());
      return;
    }
    if (sees(U"\\") && at_ + 1 < text_.size()) {
      ++at_;
      bool negated = false;
      if (auto named = escaped_set(negated)) {
        if (flags_.ignore_case) close_under_case(*named);
        if (negated) named->negate();
        set.add(*named);
        return;
      }
      --at_;
    }
    char_or_range(set);
  }

  void char_or_range(CharSet& set) {
    const char32_t first = class_char();
    if (sees(U"-") && !sees(U"-]") && !sees(U"--")) {
      ++at_;
      const char32_t last = class_char();
      if (first > last) fail("a range whose first character is behind its last");
      set.add(first, last);
      return;
    }
    set.add(first);
  }

  char32_t class_char() {
    const char32_t c = next();
    if (c != '\\') return c;
    if (take(U"b")) return '\b';
    return escaped_char();
  }

  // An atomic group that nothing stands behind is as good as a plain one, which more engines can run.
  void drop_needless_atomics(NodeId id) {
    Node& node = out_.nodes[id];
    switch (node.kind) {
      case NodeKind::kAtomic:
        node.kind = NodeKind::kOption;
        break;
      case NodeKind::kAlternate:
        for (const NodeId child : node.children) drop_needless_atomics(child);
        return;
      case NodeKind::kConcat:
      case NodeKind::kOption:
        break;
      default:
        return;
    }
    if (!node.children.empty()) drop_needless_atomics(node.children.back());
  }

  std::u32string text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  Flags flags_;
  Pattern out_;
};

}  // namespace

Pattern parse_rust(std::string_view pattern) {
  return RustParser(pattern).parse();
}

}  // namespace fasttok::regex
