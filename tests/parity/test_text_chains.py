"""Normalizers and pre-tokenizers against the reference: alone on every code point, and in random chains."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
import tokenizers as reference
from hypothesis import given, settings
from hypothesis import strategies as st

import fasttok
from parity.text_chains import (
    BEHAVIORS,
    CHARSMAP,
    PIECES,
    SCHEMES,
    Node,
    difference,
    random_chain,
    random_text,
    stages,
    tokenizer_json,
)

NORMALIZERS: list[Node] = [
    *(
        {"type": name}
        for name in ("ByteLevel", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt", "StripAccents")
    ),
    {"type": "Strip", "strip_left": True, "strip_right": True},
    {"type": "Precompiled", "precompiled_charsmap": CHARSMAP},
    {"type": "Prepend", "prepend": "▁"},
]
PRE_TOKENIZERS: list[Node] = [
    *({"type": name} for name in ("BertPreTokenizer", "UnicodeScripts", "Whitespace", "WhitespaceSplit")),
    {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    {"type": "Digits", "individual_digits": True},
    {"type": "Punctuation", "behavior": "Isolated"},
    {"type": "FixedLength", "length": 3},
    {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
]
CODE_POINTS = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def batches() -> Iterator[list[str]]:
    return (CODE_POINTS[i : i + 100_000] for i in range(0, len(CODE_POINTS), 100_000))


def both(normalizer: Node | None, pre_tokenizer: Node | None) -> tuple[Any, Any]:
    chain = tokenizer_json(normalizer, pre_tokenizer)
    return fasttok.Tokenizer.from_str(chain), reference.Tokenizer.from_str(chain)


def name_of(node: Node) -> str:
    return str(node["type"])


@pytest.mark.parametrize("node", NORMALIZERS, ids=name_of)
@pytest.mark.parametrize("context", ["{}", "a{}\u0301"])
def test_normalizer_on_every_code_point(node: Node, context: str) -> None:
    ours, theirs = both(node, None)
    for part in batches():
        text = "\n".join(map(context.format, part))
        assert ours.normalizer.normalize_str(text) == theirs.normalizer.normalize_str(text)


@pytest.mark.parametrize("node", PRE_TOKENIZERS, ids=name_of)
def test_pre_tokenizer_on_every_code_point(node: Node) -> None:
    # Above U+3400 one in 17 here, and all in scripts/campaign.py: lists of millions of words take their time.
    ours, theirs = both(None, node)
    text = "".join(f"x{c}5 {c}!" for c in CODE_POINTS if c < "\u3400" or ord(c) % 17 == 0)
    assert ours.pre_tokenizer.pre_tokenize_str(text) == theirs.pre_tokenizer.pre_tokenize_str(text)


@pytest.mark.parametrize("node", NORMALIZERS, ids=name_of)
def test_normalizer_offsets(node: Node) -> None:
    ours, theirs = both(node, None)
    rng = random.Random(0)
    special = [c for c in CODE_POINTS if theirs.normalizer.normalize_str(c) != c] or CODE_POINTS
    for _ in range(150):
        text = "".join(
            rng.choice([rng.choice(special), rng.choice(PIECES)]) for _ in range(rng.randrange(12))
        )
        assert stages(fasttok, ours, text) == stages(reference, theirs, text), ascii(text)


@pytest.mark.parametrize("behavior", BEHAVIORS)
@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("pattern", [{"String": "ab"}, {"Regex": "a+"}, {"Regex": "b*"}, {"String": ""}])
def test_split_on_all_short_texts(pattern: Node, behavior: str, invert: bool) -> None:
    node = {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}
    ours, theirs = both(None, node)
    for number in range(3**6):
        text = "".join("abé"[number // 3**i % 3] for i in range(number % 7))
        assert ours.pre_tokenizer.pre_tokenize_str(text) == theirs.pre_tokenizer.pre_tokenize_str(text)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("replacement", ["▁", "_"])
def test_metaspace_on_all_short_texts(scheme: str, split: bool, replacement: str) -> None:
    node = {"type": "Metaspace", "replacement": replacement, "prepend_scheme": scheme, "split": split}
    ours, theirs = both(None, node)
    for number in range(4**6):
        text = "".join("a ▁_"[number // 4**i % 4] for i in range(number % 7))
        assert ours.pre_tokenizer.pre_tokenize_str(text) == theirs.pre_tokenizer.pre_tokenize_str(text)


def test_a_text_is_taken_for_itself_in_patterns() -> None:
    for c in map(chr, range(1, 0x250)):
        ours = fasttok.pre_tokenizers.Split(c + c, "removed")
        theirs = reference.pre_tokenizers.Split(c + c, "removed")
        text = f"x{c}{c}y\\{c}{c}{c}z"
        assert ours.pre_tokenize_str(text) == theirs.pre_tokenize_str(text), c


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    texts=st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), max_size=4),
)
def test_random_chains(seed: int, texts: list[str]) -> None:
    chain = random_chain(random.Random(seed))
    assert difference(chain, texts) is None, chain


@pytest.mark.parametrize("seed", range(4))
def test_seeded_chains(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(60):
        chain = random_chain(rng)
        found = difference(chain, [random_text(rng) for _ in range(5)])
        assert found is None, found


def test_chains_are_built_of_every_component() -> None:
    rng = random.Random(0)
    seen: set[str] = set()
    for _ in range(300):
        stack = [json.loads(random_chain(rng))[key] for key in ("normalizer", "pre_tokenizer")]
        while stack:
            if node := stack.pop():
                seen.add(node["type"])
                stack += node.get("normalizers", []) + node.get("pretokenizers", [])
    ours = {"PinyinSyllables"}  # the reference has no such pre-tokenizer
    assert seen == (set(fasttok.normalizers.SECTION.known) | set(fasttok.pre_tokenizers.SECTION.known)) - ours
