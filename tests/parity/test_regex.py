"""Regular expressions against `tokenizers`' Split and Replace, by every engine that can run them."""

from __future__ import annotations

import pickle
import random
import threading
from itertools import islice
from pathlib import Path

import pytest
import tokenizers as reference

import fasttok
from fasttok import _core
from parity.compare import CODE_POINTS, lines_of
from parity.regex_cases import (
    ENGINES,
    MORE_PATTERNS,
    PUBLISHED,
    difference,
    joined,
    outcome,
    patterns,
    random_pattern,
    random_text,
    strings,
)

TABLE_ONLY = {"right-to-left-digits"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_patterns_on_random_texts(name: str) -> None:
    rng = random.Random(name)
    texts = [*strings(2), *(random_text(rng) for _ in range(60))]
    assert difference(PUBLISHED[name], texts) is None


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_patterns_on_corpora(name: str, data_dir: Path) -> None:
    for path in sorted((data_dir / "corpora").glob("*.txt")):
        text = "\n".join(islice(lines_of(path), 0, 4000, 10))
        assert difference(PUBLISHED[name], [text], engines=()) is None, path.name


def test_published_patterns_have_a_table() -> None:
    engines = {name: _core.Regex(pattern).engine for name, pattern in PUBLISHED.items()}
    assert {name for name, engine in engines.items() if engine != "dfa"} == TABLE_ONLY


@pytest.mark.parametrize("name", ["kimi", "whitespace"])
def test_published_patterns_on_every_code_point(name: str) -> None:
    """Two of them, each character once; all, in four contexts, by scripts/campaign.py."""
    assert difference(PUBLISHED[name], ["".join(CODE_POINTS)], engines=()) is None


def test_small_patterns_on_all_short_strings() -> None:
    """All patterns with one operator, on all strings up to three characters."""
    texts = [*strings(2), joined(3)]
    found = [difference(pattern, texts) for n in (0, 1) for pattern in patterns(n)]
    assert [d for d in found if d] == []


def test_some_larger_patterns_on_short_strings() -> None:
    rng = random.Random(20)
    texts = [*strings(1), joined(3)]
    found = [difference(random_pattern(rng, rng.randint(2, 5)), texts) for _ in range(250)]
    assert [d for d in found if d] == []


def test_syntax() -> None:
    """What is odd in Oniguruma's syntax, and its errors, word for word."""
    found = [difference(pattern, [text]) for pattern, text in MORE_PATTERNS]
    assert [d for d in found if d] == []


@pytest.mark.parametrize("name", ["L", "Han", "Word", "In_Cyrillic"])
def test_properties_on_every_code_point(name: str) -> None:
    text = "".join(c for c in CODE_POINTS if c < "\U00032000")
    assert difference(rf"\p{{{name}}}+", [text], engines=()) is None


@pytest.mark.parametrize("letters", ["s", "ss", "ß", "ffi", "[ß]", "[^s]", "ΐ"])
def test_ignoring_case_on_every_code_point(letters: str) -> None:
    text = " ".join(c for c in CODE_POINTS if c < "\U00020000")
    assert (
        difference(f"(?i:{letters})", [text, "ss SS ſs sS ßs ffi ﬃ ﬀi fﬁ st ﬆ ﬅ i̇ ʼn ΐ"], engines=()) is None
    )


def test_back_tracking_ends() -> None:
    regex = _core.Regex(r"(a+)+\1$")
    assert regex.engine == "backtrack"
    with pytest.raises(ValueError, match="goes back too often"):
        regex.find_all("a" * 60 + "b")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(?:a|aa)+$", "a*b|a", "(?=a*b)a|a", r"(?>a|b)*c|a"])
def test_linear_where_backtracking_is_not(pattern: str) -> None:
    """Far beyond what backtracking could do: 200,000 characters."""
    count = _core.Regex(pattern).count("a" * 200_000)
    assert count == (1 if pattern.endswith("$") else 200_000)


def test_engines_by_name() -> None:
    regex = _core.Regex(r"\s+(?!\S)")
    assert [regex.with_engine(name).engine for name in ENGINES] == list(ENGINES)
    with pytest.raises(ValueError, match="known: dfa"):
        regex.with_engine("nfa")
    with pytest.raises(ValueError, match="cannot be run"):
        _core.Regex(r"(a)\1").with_engine("dfa")


def test_as_a_python_object() -> None:
    ours, theirs = fasttok.Regex("a"), reference.Regex("a")
    assert repr(ours).startswith("<fasttok.Regex object at 0x")
    assert repr(theirs).startswith("<tokenizers.Regex object at 0x")
    for regex in (ours, theirs):
        with pytest.raises(TypeError, match="cannot pickle"):
            pickle.dumps(regex)
        assert regex != type(regex)("a")
        with pytest.raises(TypeError):
            type(regex)(1)
        with pytest.raises(TypeError):
            type(regex)()
        with pytest.raises(UnicodeEncodeError):
            type(regex)("\ud800")
        with pytest.raises(TypeError):
            type("Sub", (type(regex),), {})


@pytest.mark.parametrize("pattern", [r"\X", r"\y", "(?~ab)", "(*SKIP)a", "(?{x})", "(?L)a", r"(a)\k<1+0>"])
def test_what_is_not_built_in_says_so(pattern: str) -> None:
    with pytest.raises(Exception, match="fasttok does not support"):
        fasttok.Regex(pattern)


def test_deep_patterns() -> None:
    """A little stack is enough, whatever the pattern."""
    deep = [
        "(?:a|" * 60 + ")*" * 60,
        "(" * 63 + "a" + ")+" * 63,
        "[" * 63 + "a" + "]" * 63,
        "(?=" * 63 + "a" + ")" * 63,
        "(?i:a|(?>b" * 30 + "))*" * 30,
        "a" + "{1,2}" * 190,
    ]
    found: list[object] = []

    def compile_all() -> None:
        found.extend(outcome(_core.Regex(pattern).find_all, "aaa") for pattern in deep)

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=compile_all)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert len(found) == len(deep)


def test_too_deep_patterns_are_refused() -> None:
    for pattern in ("(" * 100_000, "(?:" * 5000 + ")" * 5000, "[" * 100_000, "a" + "{1,2}" * 50_000):
        assert "Oniguruma error" in str(outcome(_core.Regex, pattern))
