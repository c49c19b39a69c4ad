"""Rust's regular expressions: their matches equal those that tiktoken cuts a text by."""

from __future__ import annotations

import itertools
import random

import pytest

from fasttok import Regex

tiktoken = pytest.importorskip("tiktoken")

# The patterns that are published with vocabularies.
PUBLISHED = {
    "gpt2": r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s""",
    "gpt2 as first": r"""'s|'t|'re|'ve|'m|'ll|'d| ?[\p{L}]+| ?[\p{N}]+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+""",
    "cl100k": (
        r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"""
        r"""|\s++$|\s*[\r\n]|\s+(?!\S)|\s"""
    ),
    "o200k": "|".join(
        [
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"\p{N}{1,3}",
            r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
            r"\s*[\r\n]+",
            r"\s+(?!\S)",
            r"\s+",
        ]
    ),
    "llama3": (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
    "qwen": (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
    "kimi": "|".join(
        [
            r"[\p{Han}]+",
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*"
            r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+"
            r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"\p{N}{1,3}",
            r" ?[^\s\p{L}\p{N}]+[\r\n]*",
            r"\s*[\r\n]+",
            r"\s+(?!\S)",
            r"\s+",
        ]
    ),
}

# One for each thing that the syntax has, most of them other in Oniguruma's.
SYNTAX = [
    r"a$",
    r"(?m)a$",
    r"^a",
    r"(?m)^a|b",
    r"(?m)^",
    r"(?m)$",
    r"\s+$|.",
    r".+",
    r"(?s).+",
    r"(?s-m:.)\n",
    r"\Aa|b",
    r"a\z",
    r"a\Z",
    r"\bA|\n",
    r"\Ba",
    r"a{1,2}+a",
    r"a{1,2}",
    r"(?:ab){2}|.",
    r"a{,2}b",
    r"a{2,}",
    r"a{",
    r"a{x",
    r"a{1,",
    r"a*?b",
    r"(?U)a+b|a",
    r"(?U)a+?b|a",
    r"a++b|a+",
    r"a*+a|b",
    r"(?>a|ab)b|.",
    r"a(?=b)",
    r"a(?!b)",
    r"(?<=a)b",
    r"(?<!a)b",
    r"(?<=\n)a",
    r"(?i)s",
    r"(?i)k",
    r"(?i)ss",
    r"(?i)ß",
    r"(?i:a)b",
    r"a(?i)b|A",
    r"(?i)[k-s]+",
    r"(?i)[^k]",
    r"(?i)\p{Lu}+",
    r"(?i)\P{Lu}+",
    r"(?i)[\P{Lu}]+",
    r"(?i)é",
    r"(?x) a b # c",
    r"(?x)[a b]+",
    r"(?x: a )b",
    r"[\w&&[^a]]+",
    r"[\w--a]+",
    r"[a-c~~b-d]+",
    r"[^\w&&[^a]]+",
    r"[[:alpha:]]+",
    r"[[:^alpha:]]+",
    r"[[:space:]é]+",
    r"[[:punct:]]+",
    r"[]a]+",
    r"[^]a]+",
    r"[a-]+",
    r"[-a]+",
    r"[\]\-]+",
    r"[a\n]+",
    r"[\x41-\x{43}]+",
    "\\u0041|\\U00000042|\\x43",
    r"\w+",
    r"\W+",
    r"\d+",
    r"\D+",
    r"\S+",
    r"\h+",
    r"\H+",
    r"\pL+",
    r"\PL+",
    r"\p{^L}+",
    r"\p{Lu}",
    r"\p{gc=Lu}",
    r"\p{Script=Han}",
    r"\p{sc!=Han}+",
    r"\p{White_Space}+",
    r"\p{letter}+",
    r"\p{Han}|\p{Greek}",
    r"a|",
    r"|a",
    r"",
    r"a*",
    r"a{2,1}",
    r"(a)(?<x>b)(?P<y>A)?",
    r"a(?#note)b",
    r"\.|\*|\-|\ |\/",
    r"(?:a|b)+?A",
    r"((a|b)*)A",
    r"\p{N}{1,3}+1",
    r"(?:\p{N}{1,3}+)1?",
    r"a?+a",
    r"(?:a?){3}b",
    r"(?m:^a$)",
    r"[a-z&&[aeiou]--[e]]+",
    r"\u{41}",
]

ALPHABET = "aabbAB 1 \n\n\r\t's'Sſ中éÉßKk.-²\u0345\u200d\u3000\x85"


def _texts(rng: random.Random) -> list[str]:
    short = ["".join(t) for n in range(4) for t in itertools.product("ab\n", repeat=n)]
    return short + ["".join(rng.choices(ALPHABET, k=rng.randint(1, 14))) for _ in range(150)]


TEXTS = _texts(random.Random(7))
# Each substring is a token, so that each match is one.
RANKS = {bytes([b]): b for b in range(256)}
for _text in TEXTS:
    for _i, _j in itertools.combinations(range(len(_text) + 1), 2):
        RANKS.setdefault(_text[_i:_j].encode(), len(RANKS))
RANKS[b""] = len(RANKS)


def _pieces(pattern: str) -> list[list[str]] | None:
    try:
        core = tiktoken._tiktoken.CoreBPE(RANKS, {}, pattern)
    except ValueError:
        return None
    values = {rank: token for token, rank in RANKS.items()}
    return [[values[i].decode() for i in core.encode_ordinary(text)] for text in TEXTS]


def _ours(pattern: str) -> list[list[str]]:
    regex = Regex.from_rust(pattern)
    return [[text[i:j] for i, j in regex.find_all(text)] for text in TEXTS]


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_patterns(name: str) -> None:
    assert _ours(PUBLISHED[name]) == _pieces(PUBLISHED[name])


@pytest.mark.parametrize("pattern", SYNTAX)
def test_syntax(pattern: str) -> None:
    expected = _pieces(pattern)
    assert expected is not None
    assert _ours(pattern) == expected


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_patterns_are_run_by_the_table(name: str) -> None:
    assert Regex.from_rust(PUBLISHED[name]).engine == "dfa"


@pytest.mark.parametrize(
    "pattern",
    [
        r"(",
        r")",
        r"[",
        r"[a",
        r"a**b)",
        r"*",
        r"\q",
        r"\p{Foo}",
        r"(?q)",
        r"(?<>a)",
        r"[b-a]",
        "\\",
        r"\x{110000}",
        r"[a-\d]",
        r"(?:a",
        r"(?i",
        r"\xg1",
    ],
)
def test_what_is_malformed(pattern: str) -> None:
    assert _pieces(pattern) is None
    with pytest.raises(Exception, match=r"regex: .* at character \d+ of the pattern"):
        Regex.from_rust(pattern)


ATOMS = [
    r"a",
    r"b",
    r"A",
    r"s",
    r"1",
    r"\n",
    r".",
    r"^",
    r"$",
    r"\s",
    r"\S",
    r"\w",
    r"\d",
    r"\p{L}",
    r"\p{Lu}",
    r"\P{N}",
    r"[ab]",
    r"[^a]",
    r"[a-s]",
    r"[\w&&[^a]]",
    r"[^\s\p{L}]",
    r"\b",
    r"\B",
    r"\A",
    r"\z",
    r"(?i)",
    r"(?i:s)",
    r"(?m)",
    r"(?s)",
    r"(?=a)",
    r"(?!b)",
    r"(?<=a)",
    r"(?<!\s)",
    r"|",
    r"(?:",
    r"(",
    r")",
    r"(?>",
    r")",
    r"é",
    r"ß",
    r"k",
    r"[[:alpha:]]",
    r"\x41",
    r"-",
    r"{",
    r"}",
    r"'",
]
QUANTIFIERS = [
    "",
    "",
    "",
    "*",
    "+",
    "?",
    "{1,2}",
    "{2}",
    "{,2}",
    "++",
    "*+",
    "?+",
    "{1,2}+",
    "*?",
    "+?",
    "??",
    "{2,}",
]
OURS_ONLY = ("fasttok does not support", "matches no characters")  # what is refused on purpose


def test_random_patterns() -> None:
    rng = random.Random(11)
    compared = 0
    for _ in range(1200):
        pattern = "".join(rng.choice(ATOMS) + rng.choice(QUANTIFIERS) for _ in range(rng.randint(1, 6)))
        try:
            expected = _pieces(pattern)
        except BaseException as error:  # a panic
            if type(error).__name__ != "PanicException":
                raise
            continue
        try:
            ours, refused = _ours(pattern), ""
        except ValueError as error:
            ours, refused = None, str(error)
        if not any(reason in refused for reason in OURS_ONLY):
            assert ours == expected, (pattern, refused)
            compared += ours is not None
    assert compared > 300


def test_what_is_not_built_in_says_so() -> None:
    for pattern in (r"(a)\1", r"(?(1)a|b)", r"a\Kb", r"\R"):
        with pytest.raises(Exception, match="fasttok does not support"):
            Regex.from_rust(pattern)


def test_ignoring_case_is_simple_folding_on_every_character() -> None:
    text = "".join(map(chr, (c for c in range(0x110000) if not 0xD800 <= c < 0xE000)))
    folding = [c for c in text if len({c, c.lower(), c.upper(), c.casefold(), c.title()}) > 1]
    ranks = {bytes([b]): b for b in range(256)}
    joined = "".join(folding)
    for c in random.Random(1).sample(folding, 60) + list("kKsSſßİıǅµθΩ"):
        core = tiktoken._tiktoken.CoreBPE(ranks, {}, f"(?i:{c})")
        expected = bytes(core.encode_ordinary(joined)).decode()
        ours = "".join(joined[i:j] for i, j in Regex.from_rust(f"(?i:{c})").find_all(joined))
        assert ours == expected, c


@pytest.mark.parametrize(
    "pattern",
    [r"\p{L}", r"\p{N}", r"\p{M}", r"\p{Lu}", r"\p{Ll}", r"\p{Han}", r"\s", r"\w", r"\d", r"(?i:\p{Ll})"],
)
def test_classes_on_every_character(pattern: str) -> None:
    text = "".join(map(chr, (c for c in range(0x110000) if not 0xD800 <= c < 0xE000)))
    core = tiktoken._tiktoken.CoreBPE({bytes([b]): b for b in range(256)}, {}, pattern + "+")
    expected = bytes(core.encode_ordinary(text)).decode()
    assert "".join(text[i:j] for i, j in Regex.from_rust(pattern + "+").find_all(text)) == expected
