#!/usr/bin/env python3
"""Write cpp/fasttok/unicode/regex_tables.cc: the reference's character properties and case folds.

Each fact is read off the reference (tokenizers 0.23.3, whose regular expressions are Oniguruma's): a property
is what `(?:\\p{name})+` removes from the text of all code points, a case fold is what `(?i:c)` matches. Only
the names that are tried come from elsewhere, the `regex` package; a name stays if the reference knows it.

    python scripts/make_regex_tables.py              write the file (about ten minutes)
    python scripts/make_regex_tables.py --check      exit 1 if the committed file differs from a fresh sweep
"""

import argparse
import itertools
import sys
import unicodedata
from pathlib import Path

import tokenizers
from regex import _regex
from tokenizers import Regex, normalizers, pre_tokenizers

VERSION = "0.23.3"
OUTPUT = Path(__file__).resolve().parent.parent / "cpp/fasttok/unicode/regex_tables.cc"
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
ALL = "".join(map(chr, CODE_POINTS))
POSIX = "alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit"
MORE = """newline any assigned lc cased_letter emoji emoji_presentation emoji_modifier emoji_modifier_base
    emoji_component extended_pictographic unknown zzzz posixpunct ahex hex combining_mark other unassigned"""


def candidates():
    """Names, as Oniguruma compares them: lower case, no space, hyphen or underscore."""
    names = set(POSIX.split()) | {n.replace("_", "") for n in MORE.split()}
    for name, (_, values) in _regex.get_properties().items():
        names.add(name.lower())
        for value in values:
            names.add(value.lower())
            names.add("in" + value.lower())
    return sorted(n for n in names if n.isascii() and n.isalnum())


def ranges_of(code_points):
    """Inclusive ranges; surrogates, which no text holds, never end one."""
    ranges = []
    for c in code_points:
        if ranges and (ranges[-1][1] + 1 == c or (c == 0xE000 and ranges[-1][1] == 0xD7FF)):
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
    return tuple(map(tuple, ranges))


def members(pattern):
    rest = normalizers.Replace(Regex(f"(?:{pattern})+"), "").normalize_str(ALL)
    left = set(map(ord, rest))
    return ranges_of(c for c in CODE_POINTS if c not in left)


def known(name):
    try:
        Regex(rf"\p{{{name}}}")
    except Exception:
        return False
    return True


def escaped(c):
    return f"\\x{{{c:x}}}"


def matched(pattern, texts):
    """Which of the texts the pattern matches as a whole."""
    splitter = pre_tokenizers.Split(Regex(rf"\A(?:{pattern})\z"), "removed")
    return [t for t in texts if not splitter.pre_tokenize_str(t)]


def found_in(pattern, characters):
    """Which of the characters, each standing alone, the pattern matches."""
    text = "\0".join(characters)  # so that the strings that a class stands for (ß: "ss") do not match
    return set(characters) - set(normalizers.Replace(Regex(pattern), "").normalize_str(text))


def cased():
    """All characters that `(?i)` takes for equal to another one: halves are matched against each other."""
    result = set()
    pieces = [CODE_POINTS]
    while pieces:
        piece = pieces.pop()
        if len(piece) < 2:
            continue
        halves = piece[: len(piece) // 2], piece[len(piece) // 2 :]
        for one, other in (halves, halves[::-1]):
            members = f"(?i:[{escaped(one[0])}-{escaped(one[-1])}])"
            result |= found_in(members, [chr(c) for c in other if c])
        pieces += halves
    return sorted(map(ord, result))


def simple_folds():
    """{code point: the least of those that `(?i)` takes for equal}."""
    candidates = cased()
    texts = list(map(chr, candidates))
    folds = {}
    for c in candidates:
        same = found_in(f"(?i:{escaped(c)})", texts) | {chr(c)}
        assert len(same) > 1
        folds[c] = min(map(ord, same))
    return folds


def multi_folds(simple):
    """{code point: the two or three code points that `(?i)` takes for it}, each the least of its equals."""
    folds = {}
    for c in CODE_POINTS:
        tries = {
            chr(c).casefold(),
            unicodedata.normalize("NFD", chr(c)),
            unicodedata.normalize("NFKD", chr(c)),
        }
        tries |= {t.casefold() for t in tries}
        tries = [t for t in tries if 2 <= len(t) <= 3]
        found = {tuple(simple.get(ord(d), ord(d)) for d in t) for t in matched(f"(?i:{escaped(c)})", tries)}
        assert len(found) <= 1, hex(c)
        if found:
            (folds[c],) = found
    for c, fold in folds.items():  # and the other way round, in every spelling
        same = [[d for d in (*simple, f) if simple.get(d, d) == f] for f in fold]
        for spelling in itertools.product(*same):
            text = "".join(map(chr, spelling))
            assert matched(f"(?i:{''.join(map(escaped, spelling))})", [chr(c)]), text
            assert matched(f"(?i:{escaped(c)})", [text]), text
    return folds


def varint(number):
    out = []
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return [*out, number]


def lines(values, per_line=30):
    values = list(values)
    for i in range(0, len(values), per_line):
        yield ",".join(map(str, values[i : i + per_line])) + ","


def render():
    properties = {name: members(rf"\p{{{name}}}") for name in candidates() if known(name)}
    for name in POSIX.split():  # of some, a class in brackets has other members
        in_brackets = members(f"[[:{name}:]]")
        if in_brackets != properties[name]:
            properties[f"[{name}"] = in_brackets
    simple = simple_folds()
    multi = multi_folds(simple)
    data, places = [], {}
    for ranges in properties.values():
        if ranges in places:
            continue
        places[ranges] = len(data)
        data += varint(len(ranges))
        at = 0
        for begin, end in ranges:
            data += varint(begin - at) + varint(end - begin)
            at = end + 1
    named = [f'{{"{name}",{places[ranges]}}}' for name, ranges in sorted(properties.items())]
    folded = [f"{{{c:#x},{to:#x}}}" for c, to in sorted(simple.items())]
    several = [f"{{{c:#x},{len(to)},{{{','.join(map(hex, to))}}}}}" for c, to in sorted(multi.items())]
    out = [
        "// GENERATED by scripts/make_regex_tables.py; do not edit.",
        f"// From a sweep of tokenizers {VERSION} over every code point; layout in regex_tables.h.",
        '#include "fasttok/unicode/regex_tables.h"',
        "",
        "// clang-format off",
        "",
        "namespace fasttok::tables {",
        "",
        f"const std::uint8_t kRangeBytes[{len(data)}] = {{",
        *lines(data),
        "};",
        "",
        f"const std::size_t kPropertyCount = {len(named)};",
        "const NamedProperty kProperties[] = {",
        *lines(named, 5),
        "};",
        "",
        f"const std::size_t kSimpleFoldCount = {len(folded)};",
        "const SimpleFold kSimpleFolds[] = {",
        *lines(folded, 7),
        "};",
        "",
        f"const std::size_t kMultiFoldCount = {len(several)};",
        "const MultiFold kMultiFolds[] = {",
        *lines(several, 4),
        "};",
        "",
        "}  // namespace fasttok::tables",
        "",
    ]
    return "\n".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if tokenizers.__version__ != VERSION:
        sys.exit(f"needs tokenizers {VERSION}, found {tokenizers.__version__}")
    text = render()
    if options.check:
        sys.exit(OUTPUT.read_text() != text)
    OUTPUT.write_text(text)


if __name__ == "__main__":
    main()
