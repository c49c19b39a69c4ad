// Tokens to tree.
#include <algorithm>
#include <bitset>
#include <map>
#include <optional>
#include <utility>

#include "fasttok/regex/lexer.h"
#include "fasttok/unicode/utf8.h"

namespace fasttok::regex {

namespace {

// A class in the making. Bytes from 0x80 on that were written as numbers (\xff) are no characters, but a
// negated class leaves out the characters that begin with them.
struct ClassParts {
  CharSet set;
  std::bitset<256> lead_bytes;
};

// What a quantifier is to the table of reductions: ? * + ?? *? +?, or none of them.
int quantifier_kind(const Node& node) {
  const int lazy = node.greedy ? 0 : 3;
  if (node.min == 0 && node.max == 1) return lazy;
  if (node.min == 0 && node.max == kInfinite) return lazy + 1;
  if (node.min == 1 && node.max == kInfinite) return lazy + 2;
  return -1;
}

enum class Reduce : std::uint8_t { kAsIs, kInner, kStar, kLazyStar, kLazyOption, kPlusLazyOption };

// [inner][outer]
constexpr Reduce kReductions[6][6] = {
    {Reduce::kInner, Reduce::kStar, Reduce::kStar, Reduce::kLazyOption, Reduce::kLazyStar, Reduce::kAsIs},
    {Reduce::kInner, Reduce::kInner, Reduce::kInner, Reduce::kPlusLazyOption, Reduce::kPlusLazyOption,
     Reduce::kInner},
    {Reduce::kStar, Reduce::kStar, Reduce::kInner, Reduce::kAsIs, Reduce::kPlusLazyOption, Reduce::kInner},
    {Reduce::kInner, Reduce::kLazyStar, Reduce::kLazyStar, Reduce::kInner, Reduce::kLazyStar,
     Reduce::kLazyStar},
    {Reduce::kInner, Reduce::kInner, Reduce::kInner, Reduce::kInner, Reduce::kInner, Reduce::kInner},
    {Reduce::kAsIs, Reduce::kAsIs, Reduce::kAsIs, Reduce::kLazyStar, Reduce::kLazyStar, Reduce::kInner},
};

constexpr std::u32string_view kBracketNames[] = {U"alnum", U"alpha",  U"blank", U"cntrl", U"digit",
                                                 U"graph", U"lower",  U"print", U"punct", U"space",
                                                 U"upper", U"xdigit", U"ascii", U"word"};

class Parser {
 public:
  explicit Parser(std::string_view pattern) : lexer_(to_utf32(pattern)) {}

  Pattern parse();

 private:
  struct Parsed {
    NodeId node;
    bool open_group = false;  // (?:...): its literals join their neighbours
    bool to_the_end = false;  // (?i): holds all that follows in the enclosing group
  };

  void advance() { token_ = lexer_.next(options_); }
  NodeId sequence(Tok end);
  NodeId branch(Tok end);
  Parsed expression(Tok end);
  Parsed open(Tok end);
  Parsed option_group(char32_t first, Tok end);
  NodeId conditional();
  NodeId named_group(char32_t close);
  NodeId capture(std::uint32_t group);
  NodeId backref();
  NodeId call();
  NodeId callout();
  NodeId raw_bytes();
  NodeId quantified(NodeId target, bool split, std::vector<NodeId>& before);
  bool cannot_repeat(NodeId id) const;
  std::u32string_view name(char32_t close, bool reference, std::optional<std::int64_t>& number,
                           bool& relative);
  std::uint32_t group_number(std::int64_t number, bool relative) const;
  std::vector<std::uint32_t> groups_of(std::u32string_view name) const;

  NodeId char_class();
  ClassParts class_body();
  CharSet class_type(char type, bool negated, bool in_brackets) const;
  CharSet property(bool in_brackets);
  void restrict_to_ascii(std::u32string_view name, CharSet& members) const;
  bool posix_bracket(ClassParts& parts);

  NodeId add(Node node);
  NodeId literal(char32_t c);
  NodeId set(CharSet set);
  NodeId concat(std::vector<NodeId> parts);
  Case letters() const {
    return options_.ignore_case ? (options_.ignore_case_ascii ? Case::kIgnoreAscii : Case::kIgnore)
                                : Case::kExact;
  }
  void finish_groups();
  bool must_call(NodeId id, std::uint32_t group, std::vector<bool>& seen) const;
  bool calls_first(NodeId id, std::uint32_t group, std::vector<bool>& seen, bool& passable) const;

  Lexer lexer_;
  Token token_;
  Options options_;
  Pattern out_;
  std::size_t depth_ = 0;
  std::uint32_t groups_ = 0;
  std::uint32_t finished_groups_ = 0;
  bool names_used_ = false;
  bool numbers_referred_ = false;
  std::map<std::u32string, std::vector<std::uint32_t>> names_;
  std::vector<std::pair<NodeId, std::u32string>> named_calls_;
};

NodeId Parser::add(Node node) {
  for (const NodeId child : node.children) node.depth = std::max(node.depth, out_.nodes[child].depth + 1);
  if (node.depth > kMaxNodeDepth) fail("parse depth limit over");
  out_.nodes.push_back(std::move(node));
  return static_cast<NodeId>(out_.nodes.size() - 1);
}

NodeId Parser::literal(char32_t c) {
  Node node;
  node.kind = NodeKind::kLiteral;
  node.letters = letters();
  node.chars = c;
  return add(std::move(node));
}

NodeId Parser::set(CharSet set) {
  Node node;
  node.kind = NodeKind::kSet;
  node.set = std::move(set);
  return add(std::move(node));
}

// Joins the lists of open groups, then neighbouring literals.
NodeId Parser::concat(std::vector<NodeId> parts) {
  std::vector<NodeId> joined;
  const auto push = [&](NodeId id) {
    if (!joined.empty()) {
      Node& last = out_.nodes[joined.back()];
      const Node& node = out_.nodes[id];
      if (last.kind == NodeKind::kLiteral && node.kind == NodeKind::kLiteral &&
          last.letters == node.letters) {
        last.chars += node.chars;
        return;
      }
    }
    joined.push_back(id);
  };
  for (const NodeId id : parts) {
    if (out_.nodes[id].kind == NodeKind::kConcat) {
      for (const NodeId inner : out_.nodes[id].children) push(inner);
    } else {
      push(id);
    }
  }
  if (joined.size() == 1) return joined[0];
  Node node;
  node.kind = NodeKind::kConcat;
  node.children = std::move(joined);
  return add(std::move(node));
}

Pattern Parser::parse() {
  advance();
  out_.root = sequence(Tok::kEnd);
  finish_groups();
  return std::move(out_);
}

// Alternatives up to the token `end`, which is left in token_.
NodeId Parser::sequence(Tok end) {
  if (++depth_ > kMaxDepth) fail("parse depth limit over");
  std::vector<NodeId> alternatives;
  for (;;) {
    alternatives.push_back(branch(end));
    if (token_.kind != Tok::kAlternate) break;
    advance();
  }
  if (token_.kind != end) {
    fail(end == Tok::kClose ? "end pattern with unmatched parenthesis" : "unmatched close parenthesis");
  }
  --depth_;
  if (alternatives.size() == 1) return alternatives[0];
  Node node;
  node.kind = NodeKind::kAlternate;
  node.children = std::move(alternatives);
  return add(std::move(node));
}

NodeId Parser::branch(Tok end) {
  std::vector<NodeId> parts;
  while (token_.kind != Tok::kEnd && token_.kind != end && token_.kind != Tok::kAlternate) {
    Parsed parsed = expression(end);
    while (!parsed.to_the_end && token_.kind == Tok::kRepeat) {
      parsed.node = quantified(parsed.node, !parsed.open_group, parts);
      parsed.open_group = true;
      advance();
    }
    parts.push_back(parsed.node);
  }
  if (parts.empty()) return add(Node{});
  return concat(std::move(parts));
}

// One term; the token after it is left in token_.
Parser::Parsed Parser::expression(Tok end) {
  switch (token_.kind) {
    case Tok::kOpen: {
      const Parsed parsed = open(end);
      if (!parsed.to_the_end) advance();
      return parsed;
    }
    case Tok::kClose:
      fail("unmatched close parenthesis");
    case Tok::kChar: {
      Node node;
      node.kind = NodeKind::kLiteral;
      node.letters = letters();
      for (; token_.kind == Tok::kChar; advance()) node.chars += token_.c;
      return {add(std::move(node))};
    }
    case Tok::kRawByte:
      return {raw_bytes()};
    case Tok::kRepeat:
      fail("target of repeat operator is not specified");
    default:
      break;
  }
  NodeId id = 0;
  const Token token = token_;
  switch (token.kind) {
    case Tok::kCodePoint:
      id = literal(token.c);
      break;
    case Tok::kAnyChar:
    case Tok::kNotNewline:
    case Tok::kTrueAny: {
      CharSet any(0, kLastChar);
      if (token.kind == Tok::kNotNewline || (token.kind == Tok::kAnyChar && !options_.dot_all)) {
        any = CharSet(U'\n', U'\n');
        any.negate();
      }
      id = set(std::move(any));
      break;
    }
    case Tok::kType:
      id = set(class_type(token.type, token.negated, false));
      break;
    case Tok::kProperty: {
      CharSet members = property(false);
      if (token.negated) members.negate();
      id = set(std::move(members));
      break;
    }
    case Tok::kOpenClass:
      id = char_class();
      break;
    case Tok::kBackref:
      id = backref();
      break;
    case Tok::kCall:
      id = call();
      break;
    case Tok::kAnchor: {
      Node node;
      node.kind = NodeKind::kAnchor;
      node.anchor = token.anchor;
      node.ascii_word = options_.ascii_word;
      id = add(std::move(node));
      break;
    }
    case Tok::kKeep: {
      Node node;
      node.kind = NodeKind::kKeep;
      id = add(std::move(node));
      break;
    }
    case Tok::kNewline: {  // (?>\r\n|[\n-\r\x{85}\x{2028}\x{2029}])
      CharSet one(U'\n', U'\r');
      one.add(0x85);
      one.add(0x2028, 0x2029);
      Node crlf;
      crlf.kind = NodeKind::kLiteral;
      crlf.chars = U"\r\n";
      Node either;
      either.kind = NodeKind::kAlternate;
      either.children = {add(std::move(crlf)), set(std::move(one))};
      Node atomic;
      atomic.kind = NodeKind::kAtomic;
      atomic.children = {add(std::move(either))};
      id = add(std::move(atomic));
      break;
    }
    default:
      fail("internal parser error (bug)");
  }
  advance();
  return {id};
}

// \xe4\xb8\xad is one character; a byte that begins none matches nothing.
NodeId Parser::raw_bytes() {
  const char32_t lead = token_.c;
  const std::size_t size = lead < 0xC2 || lead > 0xF4 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::string bytes(1, static_cast<char>(lead));
  advance();
  while (bytes.size() < size) {
    if (token_.kind != Tok::kRawByte) fail("too short multibyte code string");
    bytes += static_cast<char>(token_.c);
    advance();
  }
  const bool valid =
      size == 1 ? lead < 0x80
                : std::all_of(bytes.begin() + 1, bytes.end(), [](char b) { return is_continuation_byte(b); });
  return valid ? literal(decode_char(bytes, 0).c) : set(CharSet());
}

bool Parser::cannot_repeat(NodeId id) const {
  const Node& node = out_.nodes[id];
  if (node.kind == NodeKind::kAlternate) {
    return std::any_of(node.children.begin(), node.children.end(),
                       [&](NodeId c) { return cannot_repeat(c); });
  }
  return node.kind == NodeKind::kAnchor || node.kind == NodeKind::kLook || node.kind == NodeKind::kKeep ||
         node.kind == NodeKind::kNever;
}

// The target under the quantifier in token_. Of a literal that was written out ("abc+") only the last
// character is repeated; the others go `before`.
NodeId Parser::quantified(NodeId target, bool split, std::vector<NodeId>& before) {
  if (cannot_repeat(target)) fail("target of repeat operator is invalid");
  if (split && out_.nodes[target].kind == NodeKind::kLiteral && out_.nodes[target].chars.size() > 1) {
    Node last = out_.nodes[target];
    last.chars = last.chars.back();
    out_.nodes[target].chars.pop_back();
    before.push_back(target);
    target = add(std::move(last));
  }
  Node node;
  node.kind = NodeKind::kRepeat;
  node.min = token_.min;
  node.max = token_.max;
  node.greedy = token_.greedy;
  NodeId result = target;
  if (!(node.min == 1 && node.max == 1)) {
    Node& inner = out_.nodes[target];
    bool keep_outer = true;
    NodeId child = target;
    if (inner.kind == NodeKind::kRepeat) {
      const int outer_kind = quantifier_kind(node);
      const int inner_kind = quantifier_kind(inner);
      const auto become = [&](std::uint32_t min, std::uint32_t max, bool greedy) {
        node.min = min;
        node.max = max;
        node.greedy = greedy;
      };
      if (inner_kind >= 0 && outer_kind < 0) {
        if ((inner_kind == 1 || inner_kind == 2) && node.max != kInfinite && node.max > 1 && node.greedy) {
          node.max = node.min == 0 ? 1 : node.min;
        }
      } else if (inner_kind < 0 || outer_kind < 0) {
        const std::uint64_t product = std::uint64_t{node.min} * inner.min;
        if (node.min == node.max && inner.min == inner.max && product < kInfinite / 2) {
          become(static_cast<std::uint32_t>(product), static_cast<std::uint32_t>(product), node.greedy);
          child = inner.children[0];
        }
      } else {
        switch (kReductions[inner_kind][outer_kind]) {
          case Reduce::kAsIs:
            break;
          case Reduce::kInner:
            keep_outer = false;
            break;
          case Reduce::kStar:
            become(0, kInfinite, true);
            child = inner.children[0];
            break;
          case Reduce::kLazyStar:
            become(0, kInfinite, false);
            child = inner.children[0];
            break;
          case Reduce::kLazyOption:
            become(0, 1, false);
            child = inner.children[0];
            break;
          case Reduce::kPlusLazyOption:
            become(0, 1, false);
            inner.min = 1;
            inner.max = kInfinite;
            inner.greedy = true;
            break;
        }
      }
    }
    if (keep_outer) {
      node.children = {child};
      result = add(std::move(node));
    }
  }
  if (token_.possessive) {
    Node atomic;
    atomic.kind = NodeKind::kAtomic;
    atomic.children = {result};
    result = add(std::move(atomic));
  }
  return result;
}

// After "(": up to and with ")".
Parser::Parsed Parser::open(Tok end) {
  const auto body_into = [&](Node node) -> Parsed {
    advance();
    node.children = {sequence(Tok::kClose)};
    return {add(std::move(node))};
  };
  if (lexer_.sees('*')) {
    lexer_.take();
    return {callout()};
  }
  if (!lexer_.take_if('?')) {
    if (lexer_.at_end()) fail("end pattern with unmatched parenthesis");
    if (options_.plain_groups) {
      advance();
      return {sequence(Tok::kClose), true};
    }
    return {capture(++groups_)};
  }
  if (lexer_.at_end()) fail("end pattern in group");
  Node node;
  const char32_t c = lexer_.take();
  switch (c) {
    case ':':
      advance();
      return {sequence(Tok::kClose), true};
    case '=':
    case '!':
      node.kind = NodeKind::kLook;
      node.negative = c == '!';
      return body_into(std::move(node));
    case '>':
      node.kind = NodeKind::kAtomic;
      return body_into(std::move(node));
    case '\'':
      return {named_group('\'')};
    case '<':
      if (lexer_.at_end()) fail("end pattern with unmatched parenthesis");
      if (lexer_.sees('=') || lexer_.sees('!')) {
        node.kind = NodeKind::kLook;
        node.behind = true;
        node.negative = lexer_.take() == '!';
        return body_into(std::move(node));
      }
      return {named_group('>')};
    case '~':
      fail_unsupported("the absent operator (?~...)");
    case '{':
      fail_unsupported("callouts (?{...})");
    case '(':
      return {conditional()};
    default:
      return option_group(c, end);
  }
}

NodeId Parser::capture(std::uint32_t group) {
  advance();
  Node node;
  node.kind = NodeKind::kGroup;
  node.group = group;
  node.children = {sequence(Tok::kClose)};
  finished_groups_ = std::max(finished_groups_, group);
  return add(std::move(node));
}

NodeId Parser::named_group(char32_t close) {
  std::optional<std::int64_t> number;
  bool relative = false;
  const std::u32string_view found = name(close, false, number, relative);
  names_used_ = true;
  names_[std::u32string(found)].push_back(++groups_);
  return capture(groups_);
}

Parser::Parsed Parser::option_group(char32_t c, Tok end) {
  Options options = options_;
  bool on = true;
  const bool first = lexer_.at() == 3;
  for (;; c = lexer_.take()) {
    switch (c) {
      case ')':
      case ':':
        break;
      case '-':
        on = false;
        break;
      case 'x':
        options.extended = on;
        break;
      case 'i':
        options.ignore_case = on;
        break;
      case 'm':
        options.dot_all = on;
        break;
      case 'W':
        options.ascii_word = on;
        break;
      case 'D':
        options.ascii_digit = on;
        break;
      case 'S':
        options.ascii_space = on;
        break;
      case 'P':
        options.ascii_word = options.ascii_digit = options.ascii_space = options.ascii_posix = on;
        break;
      case 'C':
        if (!on) fail("invalid group option");
        options.plain_groups = true;
        break;
      case 'I':
        if (!on) fail("invalid group option");
        options.ignore_case_ascii = true;
        break;
      case 'L':
        fail_unsupported("the option (?L)");
      case 'y':
        if (!lexer_.take_if('{')) fail("undefined group option");
        if (lexer_.sees('w')) fail_unsupported("the option (?y{w})");
        if (!lexer_.take_if('g') || !lexer_.take_if('}')) fail("undefined group option");
        break;
      default:
        fail("undefined group option");
    }
    if (c == ')' || c == ':') break;
    if (lexer_.at_end()) fail("end pattern in group");
  }
  const bool whole = options.plain_groups != options_.plain_groups ||
                     options.ignore_case_ascii != options_.ignore_case_ascii;
  if (c == ')' && whole && !first) fail("invalid group option");
  const Options outer = std::exchange(options_, options);
  advance();
  Node node;
  node.kind = NodeKind::kOption;
  node.children = {sequence(c == ')' ? end : Tok::kClose)};
  options_ = outer;
  return {add(std::move(node)), false, c == ')'};
}

// (*NAME...): only FAIL means something without a program's own callouts.
NodeId Parser::callout() {
  const std::size_t begin = lexer_.at();
  while (!lexer_.at_end() && !lexer_.sees(')')) lexer_.take();
  if (lexer_.at_end()) fail("end pattern in group");
  if (lexer_.slice(begin, lexer_.at()) != U"FAIL") fail_unsupported("callouts (*NAME)");
  lexer_.take();
  Node node;
  node.kind = NodeKind::kNever;
  return add(std::move(node));
}

// After "(?(".
NodeId Parser::conditional() {
  Node node;
  node.kind = NodeKind::kIf;
  if (lexer_.at_end()) fail("end pattern in group");
  const std::size_t start = lexer_.at();
  const char32_t c = lexer_.take();
  bool checks_group = false;
  const bool enclosed = c == '<' || c == '\'';
  if ((c >= '0' && c <= '9') || c == '-' || c == '+' || enclosed) {
    if (!enclosed) lexer_.go_to(start);
    std::optional<std::int64_t> number;
    bool relative = false;
    const std::u32string_view found =
        name(enclosed ? (c == '<' ? U'>' : U'\'') : U')', true, number, relative);
    if (number) {
      numbers_referred_ = true;
      node.groups = {group_number(*number, relative)};
    } else {
      node.groups = groups_of(found);
    }
    if (enclosed && !lexer_.take_if(')')) fail("end pattern in group");
    checks_group = true;
  } else {
    if (c == '*') {
      node.children.push_back(callout());
    } else {
      lexer_.go_to(start);
      advance();
      node.children.push_back(sequence(Tok::kClose));
    }
  }
  if (lexer_.at_end()) fail("end pattern in group");
  NodeId then_part = add(Node{});
  NodeId else_part = 0;
  bool has_else = false;
  if (lexer_.take_if(')')) {
    if (!checks_group) fail("invalid if-else syntax");
  } else {
    const bool then_is_empty = lexer_.take_if('|');
    advance();
    const NodeId body = sequence(Tok::kClose);
    if (then_is_empty) {
      else_part = body;
      has_else = true;
    } else if (out_.nodes[body].kind == NodeKind::kAlternate) {
      std::vector<NodeId> parts = out_.nodes[body].children;
      then_part = parts[0];
      parts.erase(parts.begin());
      has_else = true;
      else_part = parts[0];
      if (parts.size() > 1) {
        Node rest;
        rest.kind = NodeKind::kAlternate;
        rest.children = std::move(parts);
        else_part = add(std::move(rest));
      }
    } else {
      then_part = body;
    }
  }
  if (!has_else) {
    Node never;
    never.kind = checks_group || !node.children.empty() ? NodeKind::kNever : NodeKind::kEmpty;
    else_part = add(std::move(never));
  }
  node.children.push_back(then_part);
  node.children.push_back(else_part);
  return add(std::move(node));
}

// A group's name up to `close`, or its number if it is a reference.
std::u32string_view Parser::name(char32_t close, bool reference, std::optional<std::int64_t>& number,
                                 bool& relative) {
  static const CharSet word = named_set("word");
  const std::size_t begin = lexer_.at();
  if (lexer_.at_end() || lexer_.sees(close)) fail("group name is empty");
  bool is_number = false;
  bool bad_char = false;
  const char32_t first = lexer_.char_at(begin);
  const bool signed_number = first == '-' || first == '+';
  if (signed_number || (first >= '0' && first <= '9')) {
    is_number = true;
  } else {
    bad_char = !word.contains(first);
  }
  while (!lexer_.at_end() && !lexer_.sees(close) && !lexer_.sees(')')) lexer_.take();
  const std::u32string_view found = lexer_.slice(begin, lexer_.at());
  if (bad_char) fail("invalid char in group name <", found, ">");
  if (!lexer_.sees(close)) fail("invalid group name <", found, ">");
  lexer_.take();
  if (!is_number) return found;
  if (!reference) fail("invalid group name <", found, ">");
  std::u32string_view digits = found.substr(signed_number ? 1 : 0);
  std::int64_t value = 0;
  for (const char32_t digit : digits) {
    if (digit == '+' || digit == '-') fail_unsupported("back-references with a level");
    if (digit < '0' || digit > '9') fail("invalid group name <", found, ">");
    value = value * 10 + static_cast<std::int64_t>(digit - '0');
    if (value > 0x7FFFFFFF) fail("too big number");
  }
  if (digits.empty() || (signed_number && value == 0)) fail("invalid group name <", found, ">");
  relative = signed_number;
  number = first == '-' ? -value : value;
  return found;
}

std::uint32_t Parser::group_number(std::int64_t number, bool relative) const {
  if (relative) number = number < 0 ? groups_ + 1 + number : groups_ + number;
  if (number <= 0 || number > 0x7FFFFFFF) fail("invalid backref number/name");
  return static_cast<std::uint32_t>(number);
}

std::vector<std::uint32_t> Parser::groups_of(std::u32string_view wanted) const {
  const auto found = names_.find(std::u32string(wanted));
  if (found == names_.end()) fail("undefined name <", wanted, "> reference");
  return {found->second.rbegin(), found->second.rend()};
}

// \1, \k<...>; "\12" is octal unless there are 12 groups.
NodeId Parser::backref() {
  Node node;
  node.kind = NodeKind::kBackref;
  node.letters = letters();
  std::optional<std::int64_t> number;
  if (token_.c == 'k') {
    bool relative = false;
    const std::u32string_view found = name(lexer_.take() == '<' ? U'>' : U'\'', true, number, relative);
    if (number) {
      numbers_referred_ = true;
      node.groups = {group_number(*number, relative)};
    } else {
      node.groups = groups_of(found);
    }
    return add(std::move(node));
  }
  const std::size_t start = lexer_.at() - 1;
  std::uint64_t value = token_.c - '0';
  while (!lexer_.at_end() && lexer_.char_at(lexer_.at()) >= '0' && lexer_.char_at(lexer_.at()) <= '9') {
    value = std::min<std::uint64_t>(value * 10 + (lexer_.take() - '0'), 1u << 30);
  }
  if (value <= 9 || value <= groups_) {
    numbers_referred_ = true;
    node.groups = {static_cast<std::uint32_t>(value)};
    return add(std::move(node));
  }
  lexer_.go_to(start + 1);
  if (token_.c >= '8') return literal(token_.c);
  lexer_.go_to(start);
  char32_t octal = 0;
  std::size_t digits = 0;
  for (; digits < 3 && !lexer_.at_end(); ++digits) {
    const char32_t digit = lexer_.char_at(lexer_.at());
    if (digit < '0' || digit > '7') break;
    octal = octal * 8 + (digit - '0');
    lexer_.take();
  }
  if (octal >= 256) return set(CharSet());
  if (octal < 0x80) return literal(octal);
  if (octal >= 0xC2 && octal <= 0xF4) fail("too short multibyte code string");
  return set(CharSet());
}

NodeId Parser::call() {
  Node node;
  node.kind = NodeKind::kCall;
  const char32_t close = lexer_.take() == '<' ? U'>' : U'\'';
  std::optional<std::int64_t> number;
  bool relative = false;
  const std::u32string_view found = name(close, true, number, relative);
  if (number) {
    numbers_referred_ = true;
    std::int64_t group = *number;
    if (relative) group = group < 0 ? groups_ + 1 + group : groups_ + group;
    if (group < 0) fail("undefined name <", found, "> reference");
    node.group = static_cast<std::uint32_t>(group);
  }
  const NodeId id = add(std::move(node));
  named_calls_.emplace_back(id, number ? std::u32string() : std::u32string(found));
  return id;
}

// With named groups the others do not capture; references must lead to groups.
void Parser::finish_groups() {
  if (names_used_ && numbers_referred_) fail("numbered backref/call is not allowed. (use name)");
  for (const auto& [id, called] : named_calls_) {
    Node& node = out_.nodes[id];
    if (!called.empty()) {
      const std::vector<std::uint32_t> groups = groups_of(called);
      if (groups.size() > 1) fail("multiplex definition name <", called, "> call");
      node.group = groups[0];
    } else if (node.group > groups_) {
      const std::string digits = std::to_string(node.group);
      fail("undefined group <", std::u32string(digits.begin(), digits.end()), "> reference");
    }
  }
  for (const Node& node : out_.nodes) {
    for (const std::uint32_t group : node.groups) {
      if (group > groups_) fail("invalid backref number/name");
    }
  }
  out_.group_count = groups_;
  out_.group_nodes.assign(groups_ + 1, out_.root);
  for (NodeId id = 0; id < out_.nodes.size(); ++id) {
    if (out_.nodes[id].kind == NodeKind::kGroup) out_.group_nodes[out_.nodes[id].group] = id;
  }
  std::vector<bool> checked(groups_ + 1);
  for (const auto& [id, called] : named_calls_) {
    const std::uint32_t group = out_.nodes[id].group;
    if (checked[group]) continue;
    checked[group] = true;
    std::vector<bool> seen(groups_ + 1);
    const NodeId top = out_.group_nodes[group];
    const NodeId body = out_.nodes[top].kind == NodeKind::kGroup ? out_.nodes[top].children[0] : top;
    bool passable = false;
    if (calls_first(body, group, seen, passable) || must_call(body, group, seen))
      fail("never ending recursion");
  }
}

// Whether every way through the node calls the group.
bool Parser::must_call(NodeId id, std::uint32_t group, std::vector<bool>& seen) const {
  const Node& node = out_.nodes[id];
  const auto calls = [&](NodeId child) { return must_call(child, group, seen); };
  switch (node.kind) {
    case NodeKind::kCall: {
      if (node.group == group) return true;
      if (seen[node.group]) return false;
      seen[node.group] = true;
      const bool result = calls(out_.group_nodes[node.group]);
      seen[node.group] = false;
      return result;
    }
    case NodeKind::kAlternate:
      return std::all_of(node.children.begin(), node.children.end(), calls);
    case NodeKind::kIf:
      return (node.groups.empty() && calls(node.children[0])) ||
             std::all_of(node.children.end() - 2, node.children.end(), calls);
    case NodeKind::kRepeat:
      return node.min > 0 && calls(node.children[0]);
    default:
      return std::any_of(node.children.begin(), node.children.end(), calls);
  }
}

// Whether some way through the node comes to a call of the group before it consumes anything; `passable`:
// some way consumes nothing at all.
bool Parser::calls_first(NodeId id, std::uint32_t group, std::vector<bool>& seen, bool& passable) const {
  const Node& node = out_.nodes[id];
  passable = true;
  bool first = false;
  switch (node.kind) {
    case NodeKind::kLiteral:
    case NodeKind::kSet:
    case NodeKind::kNever:
      passable = false;
      return false;
    case NodeKind::kCall:
      if (node.group == group) return true;
      if (seen[node.group]) return false;
      seen[node.group] = true;
      first = calls_first(out_.group_nodes[node.group], group, seen, passable);
      seen[node.group] = false;
      return first;
    case NodeKind::kAlternate: {
      bool any = false;
      for (const NodeId child : node.children) {
        bool through = false;
        first = calls_first(child, group, seen, through) || first;
        any = any || through;
      }
      passable = any;
      return first;
    }
    case NodeKind::kIf:
      for (const NodeId child : node.children) {
        bool through = false;
        first = calls_first(child, group, seen, through) || first;
      }
      return first;
    case NodeKind::kRepeat:
      if (node.max == 0) return false;
      first = calls_first(node.children[0], group, seen, passable);
      passable = passable || node.min == 0;
      return first;
    case NodeKind::kLook: {
      bool through = false;
      return calls_first(node.children[0], group, seen, through);
    }
    default:
      for (const NodeId child : node.children) {
        bool through = false;
        first = calls_first(child, group, seen, through) || first;
        passable = through;
        if (!through) break;
      }
      return first;
  }
}

CharSet Parser::class_type(char type, bool negated, bool in_brackets) const {
  const char* const word = in_brackets ? "[word" : "word";
  const char* const name = type == 'w' ? word : type == 'd' ? "digit" : type == 's' ? "space" : "xdigit";
  CharSet members = named_set(name);
  if ((type == 'w' && options_.ascii_word) || (type == 'd' && options_.ascii_digit) ||
      (type == 's' && options_.ascii_space)) {
    members.intersect(CharSet(0, 0x7F));
  }
  if (negated) members.negate();
  return members;
}

// Of the classes that have a name in brackets, too, the options can leave only ASCII.
void Parser::restrict_to_ascii(std::u32string_view name, CharSet& members) const {
  const bool ascii = name == U"word"    ? options_.ascii_word
                     : name == U"digit" ? options_.ascii_digit
                     : name == U"space" ? options_.ascii_space
                                        : options_.ascii_posix;
  if (ascii) members.intersect(CharSet(0, 0x7F));
}

// A property's name and the brace after it.
CharSet Parser::property(bool in_brackets) {
  const std::size_t start = lexer_.at();
  while (!lexer_.at_end()) {
    const char32_t c = lexer_.take();
    const std::u32string_view found = lexer_.slice(start, lexer_.at() - 1);
    if (c == '}') {
      auto members = property_set(to_utf8(found));
      if (!members) fail("invalid character property name {", found, "}");
      std::u32string name;
      for (const char32_t letter : found) {
        if (letter != ' ' && letter != '-' && letter != '_') name += letter | 0x20;
      }
      if (std::find(std::begin(kBracketNames), std::end(kBracketNames), name) != std::end(kBracketNames)) {
        if (in_brackets && name == U"word") members = named_set("[word");
        restrict_to_ascii(name, *members);
      }
      return *members;
    }
    if (c == '(' || c == ')' || c == '{' || c == '|') break;
  }
  fail("end pattern with unmatched parenthesis");
}

// A class with what ignoring case adds to it: characters, and strings as alternatives.
NodeId Parser::char_class() {
  const bool negated = lexer_.sees('^');
  const ClassParts parts = class_body();
  if (letters() == Case::kExact) return set(parts.set);
  CharSet members = parts.set;
  if (negated) members.negate();
  if (letters() == Case::kIgnoreAscii) {
    for (char32_t c = 'a'; c <= 'z'; ++c) {
      const bool lower = members.contains(c);
      const bool upper = members.contains(c - 0x20);
      if (lower != upper) members.add(lower ? c - 0x20 : c);
    }
  } else {
    close_under_case(members);
  }
  if (negated) {
    members.negate();
    return set(std::move(members));
  }
  std::vector<NodeId> alternatives;
  if (letters() == Case::kIgnore) {
    for_each_multi_fold(members, [&](const std::uint32_t* chars, std::size_t length) {
      const std::u32string string(chars, chars + length);
      for (const NodeId before : alternatives) {
        if (out_.nodes[before].chars == string) return;
      }
      Node node;
      node.kind = NodeKind::kLiteral;
      node.letters = Case::kIgnore;
      node.chars = string;
      alternatives.push_back(add(std::move(node)));
    });
  }
  const NodeId one = set(std::move(members));
  if (alternatives.empty()) return one;
  alternatives.insert(alternatives.begin(), one);
  Node node;
  node.kind = NodeKind::kAlternate;
  node.children = std::move(alternatives);
  return add(std::move(node));
}

bool Parser::posix_bracket(ClassParts& parts) {
  const std::size_t start = lexer_.at();
  lexer_.take();  // ':'
  const bool negated = lexer_.take_if('^');
  const std::u32string_view rest = lexer_.slice(lexer_.at(), lexer_.size());
  for (const std::u32string_view name : kBracketNames) {
    if (rest.size() < 7 || rest.substr(0, name.size()) != name) continue;
    if (rest.substr(name.size(), 2) != U":]") fail("invalid POSIX bracket type");
    lexer_.go_to(lexer_.at() + name.size() + 2);
    const auto in_brackets = property_set("[" + to_utf8(name));
    CharSet members = in_brackets ? *in_brackets : named_set(to_utf8(name));
    restrict_to_ascii(name, members);
    if (negated) members.negate();
    parts.set.add(members);
    return true;
  }
  std::size_t i = 0;
  while (i < rest.size() && rest[i] != ':' && rest[i] != ']') ++i;
  if (i > 0 && i + 1 < rest.size() && rest[i] == ':' && rest[i + 1] == ']')
    fail("invalid POSIX bracket type");
  lexer_.go_to(start);
  return false;
}

// After "[": up to and with "]".
ClassParts Parser::class_body() {
  enum class State : std::uint8_t { kStart, kValue, kClass, kRange, kComplete };
  if (++depth_ > kMaxDepth) fail("parse depth limit over");
  ClassParts parts;
  ClassParts others;  // what came before the last "&&"
  bool has_others = false;
  State state = State::kStart;
  char32_t from = 0;
  bool from_byte = false;
  const auto put = [&](char32_t first, bool first_byte, char32_t last, bool last_byte) {
    if (first > last) fail("empty range in char class");
    if (first_byte && last_byte) {  // bytes are characters only below 0x80
      parts.set.add(first, std::min<char32_t>(last, 0x7F));
      for (char32_t byte = std::max<char32_t>(first, 0x80); byte <= last; ++byte) parts.lead_bytes.set(byte);
    } else {
      parts.set.add(first, last);
    }
  };
  const auto flush = [&] {
    if (state == State::kValue) put(from, from_byte, from, from_byte);
  };
  const auto value = [&](char32_t c, bool byte) {
    if (state == State::kRange) {
      put(from, from_byte, c, byte);
      state = State::kComplete;
    } else {
      flush();
      state = State::kValue;
    }
    from = c;
    from_byte = byte;
  };
  const auto members = [&](const CharSet& set) {
    if (state == State::kRange) fail("char-class value at end of range");
    flush();
    parts.set.add(set);
    state = State::kClass;
  };
  const auto nested = [&] {
    flush();
    parts.set.add(class_body().set);
    state = State::kComplete;
  };
  const auto intersect = [&] {
    if (!has_others) return;
    parts.set.intersect(others.set);
    parts.lead_bytes &= others.lead_bytes;
  };

  Token token = lexer_.next_in_class();
  const bool negated = token.kind == Tok::kChar && token.c == '^' && !token.escaped;
  if (negated) token = lexer_.next_in_class();
  if (token.kind == Tok::kCloseClass) {  // a "]" at the beginning, if there is another one
    bool another = false;
    for (std::size_t i = lexer_.at(); i < lexer_.size() && !another; ++i) {
      if (lexer_.char_at(i) == '\\') {
        ++i;
      } else {
        another = lexer_.char_at(i) == ']';
      }
    }
    if (!another) fail("empty char-class");
    token.kind = Tok::kChar;
  }
  while (token.kind != Tok::kCloseClass) {
    bool fetched = false;
    switch (token.kind) {
      case Tok::kEnd:
        fail("premature end of char-class");
      case Tok::kChar:
        value(token.c, token.c < 0x80);
        break;
      case Tok::kCodePoint:
        if (token.c > 0x1FFFFF && state != State::kRange) fail("invalid code point value");
        value(token.c, token.c < 0x80);
        break;
      case Tok::kRawByte: {
        const char32_t lead = token.c;
        const unsigned base = token.base;
        const std::size_t size = lead < 0xC2 || lead > 0xF4 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        std::string bytes(1, static_cast<char>(lead));
        while (bytes.size() < size) {
          token = lexer_.next_in_class();
          if (token.kind != Tok::kRawByte || token.base != base) fail("too short multibyte code string");
          bytes += static_cast<char>(token.c);
        }
        value(size == 1 ? lead : decode_char(bytes, 0).c, size == 1);
        break;
      }
      case Tok::kPosix:
        if (posix_bracket(parts)) {
          members(CharSet());
        } else {
          nested();
        }
        break;
      case Tok::kType:
        members(class_type(token.type, token.negated, true));
        break;
      case Tok::kProperty: {
        CharSet set = property(true);
        if (token.negated) set.negate();
        members(set);
        break;
      }
      case Tok::kRange:
        if (state == State::kValue || state == State::kClass) {
          token = lexer_.next_in_class();
          fetched = true;
          if (token.kind == Tok::kCloseClass || token.kind == Tok::kAnd) {
            value('-', true);
          } else if (state == State::kClass) {
            fail("unmatched range specifier in char-class");
          } else {
            state = State::kRange;
          }
        } else {
          value('-', true);
        }
        break;
      case Tok::kOpenClass:
        nested();
        break;
      case Tok::kAnd:
        flush();
        state = State::kStart;
        intersect();
        others = std::move(parts);
        has_others = true;
        parts = ClassParts();
        break;
      default:
        fail("internal parser error (bug)");
    }
    if (!fetched) token = lexer_.next_in_class();
  }
  flush();
  intersect();
  if (negated) {
    parts.set.negate();
    for (char32_t lead = 0xC2; lead <= 0xF4; ++lead) {
      if (!parts.lead_bytes[lead]) continue;
      CharSet others_of_lead;
      const unsigned shift = lead < 0xE0 ? 6 : lead < 0xF0 ? 12 : 18;
      const char32_t least = lead < 0xE0 ? 0x80 : lead < 0xF0 ? 0x800 : 0x10000;
      const char32_t first = (lead & (lead < 0xE0 ? 0x1F : lead < 0xF0 ? 0xF : 7)) << shift;
      others_of_lead.add(std::max(first, least), first + (char32_t{1} << shift) - 1);
      others_of_lead.negate();
      parts.set.intersect(others_of_lead);
    }
  }
  --depth_;
  return parts;
}

}  // namespace

Pattern parse(std::string_view pattern) {
  return Parser(pattern).parse();
}

}  // namespace fasttok::regex
