"""Damage in the files of random pipelines: FormatError, or what the reference accepts, with equal ids."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
import tokenizers as reference

import fasttok
from parity.pipeline_chains import random_pipeline
from parity.text_chains import outcome

WRONG = ["null", "true", "0", "-1", "1.5", "4294967296", '""', '"x"', "[]", "{}", "[null]", '[["a", 1]]']

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # ids of added tokens that are given anew


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def damaged(document: Any, path: tuple[Any, ...], text: str | None) -> str:
    """`document` with `text` in one place, or without that place."""
    if not path:
        return text or ""
    document = copy.deepcopy(document)
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    if text is None:
        del parent[path[-1]]
    else:
        parent[path[-1]] = json.loads(text)
    return json.dumps(document)


def is_ours(path: tuple[Any, ...]) -> bool:
    """Whether fasttok refuses here what the reference guesses at, or fails on later (docs/exactness.md)."""
    return (
        "type" in path
        or "special_tokens" in path
        or path[-2:-1] == ("SpecialToken",)
        or path[-1]
        in (
            "trim_offsets",
            "add_prefix_space",
        )
    )


def check(text: str, path: tuple[Any, ...]) -> None:
    theirs = outcome(lambda: reference.Tokenizer.from_str(text))
    refused = ""
    try:
        ours = fasttok.Tokenizer.from_str(text)
    except fasttok.FormatError as error:
        refused = str(error)
    if refused:
        assert refused.startswith("tokenizer.json")
        assert theirs is None or isinstance(theirs, str) or is_ours(path), (path, refused)
        return
    assert not isinstance(theirs, str), (path, text)
    if theirs is None or "special_tokens" in path or "padding" in path:
        # A panic; the end of the process, where ids and tokens differ in number; rows of 2**32 tokens.
        return
    for sample in ("ab é中", ""):
        expected = outcome(lambda sample=sample: theirs.encode(sample).ids)
        assert expected is None or outcome(lambda sample=sample: ours.encode(sample).ids) == expected


@pytest.mark.parametrize("seed", range(8))
def test_each_field_of_a_wrong_type(seed: int) -> None:
    rng = random.Random(f"damage {seed}")
    for _ in range(6):
        document = json.loads(random_pipeline(rng))
        found = list(places(document))
        entries = [path for path in found if len(path) > 2 and path[1] in ("vocab", "merges")]
        others = [path for path in found if path and path not in set(entries)]
        for path in others + rng.sample(entries, min(len(entries), 6)):
            for text in (None, *rng.sample(WRONG, 3)):
                check(damaged(document, path, text), path)


@pytest.mark.parametrize("seed", range(6))
def test_cut_off_at_every_byte(seed: int) -> None:
    rng = random.Random(f"cut {seed}")
    text = min((random_pipeline(rng) for _ in range(20)), key=len)
    for end in range(len(text)):
        with pytest.raises(fasttok.FormatError):
            fasttok.Tokenizer.from_str(text[:end])


BPE = '{"version": "1.0", "model": {"type": "BPE", "vocab": %s, "merges": %s}}'
CHARSMAP = (
    '{"version": "1.0", "normalizer": {"type": "Precompiled", "precompiled_charsmap": %s}, "model": %s}'
)


@pytest.mark.parametrize(
    ("vocab", "merges"),
    [
        ('{"a": 0, "b": 1, "ab": 2}', '[["a", "ab"]]'),  # makes what is no token
        ('{"a": 0, "ab": 1}', '[["a", "b"]]'),
        ('{"a": 0, "b": 1, "ab": 2}', '["a b", "ab a"]'),
        ('{"a": 0, "b": 1, "ab": 2}', '["a b c"]'),
        ('{"a": 0, "b": 1, "ab": 2}', '["ab"]'),
        ('{"a": 0, "b": 1, "ab": 2}', '[["a"]]'),
        ('{"a": 0, "b": 1, "ab": 2}', '[["a", "b", "c"]]'),
        ('{"a": 0, "b": 1, "ab": 2}', '["#version: 0.2", "a b"]'),
        ('{"a": 0, "b": 1, "ab": 2, "abb": 3}', '["a b", "#version", "ab b"]'),
        ('{"a": 0, "b": 1, "ab": 2}', '["#version: 0.2", ["a", "b"]]'),
        ('{"a": 0, "b": 1, "a#version": 2, "#version": 3}', '["a #version", "a b"]'),
        ('{"a": 0, "aa": 1}', '[["a", "a"], ["aa", "aa"]]'),
        ('{"a": 0, "aa": 1, "aaaa": 2}', '[["a", "a"], ["aa", "aa"], ["aa", "aa"]]'),
        ('{"a": 0, "b": 1, "ab": 4294967295}', '[["a", "b"]]'),
        ('{"a": 0, "b": 1, "ab": 4294967296}', '[["a", "b"]]'),
        ('{"": 0, "a": 1}', '[["", "a"], ["a", ""]]'),
        ('{"a": 0, "b": 0, "ab": 0}', '[["a", "b"]]'),  # one id for all
        ("{}", "[]"),
        ("{}", '[["", ""]]'),
    ],
)
def test_odd_merges(vocab: str, merges: str) -> None:
    check(BPE % (vocab, merges), ("model",))


@pytest.mark.parametrize(
    "charsmap", ["", "A", "AAAA", "####", "AAAAAA==", "/////w==", "BAAAAA==", "AAAAAAA=", "é"]
)
def test_bad_charsmaps(charsmap: str) -> None:
    model = '{"type": "BPE", "vocab": {"a": 0}, "merges": []}'
    check(CHARSMAP % (json.dumps(charsmap), model), ("normalizer",))
