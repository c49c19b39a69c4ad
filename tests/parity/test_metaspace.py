"""The engine metaspace: equal to tokenizers, and to the engine generic, on random pipelines of its family
and on the published vocabularies."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tokenizers as reference

import fasttok
from parity.compare import columns
from parity.metaspace_cases import columns_of, random_pipeline, random_text

PLACES = {"offsets": "char", "word_ids": True}
CORPORA = ("en_nltk", "zh_wiki", "zh_fewclue", "multi_udhr", "code_py")
VOCABULARIES: dict[str, Callable[[Path], Any]] = {
    "xlnet.json": lambda at: fasttok.Tokenizer.from_file(at / "xlnet-base-cased" / "tokenizer.json"),
    "llama2.json": lambda at: fasttok.Tokenizer.from_file(at / "llama2" / "tokenizer.json"),
    "T5": lambda at: fasttok.T5Tokenizer(at / "t5-nai" / "spiece.model").backend_tokenizer,
    "XLNet": lambda at: (
        fasttok.XLNetTokenizer(at / "xlnet-base-cased" / "spiece.model", do_lower_case=True).backend_tokenizer
    ),
    "XLMRoberta": lambda at: fasttok.XLMRobertaTokenizer(at / "t5-nai" / "spiece.model").backend_tokenizer,
    "Llama": lambda at: fasttok.LlamaTokenizer(at / "llama2" / "tokenizer.model").backend_tokenizer,
}


@pytest.mark.parametrize("seed", range(16))
def test_random_pipelines(seed: int) -> None:
    rng = random.Random(seed)
    engines = []
    for number in range(25):
        data = random_pipeline(rng)
        fused = fasttok.Tokenizer.from_str(data)
        engines.append(fused.engine)
        generic = fused.with_engine("generic")
        texts = [random_text(rng) for _ in range(40)]
        options: dict[str, Any] = rng.choice(
            ({}, {"num_threads": 2}, {"truncation": rng.randrange(1, 9)}, {"specials": "text"})
        ) | rng.choice(({}, PLACES))
        mine, other = columns_of(fused, texts, **options), columns_of(generic, texts, **options)
        if mine != other:
            ways = (
                (text, (columns_of(each, [text], **options) for each in (fused, generic))) for text in texts
            )
            differing = [text for text, (one, two) in ways if one != two]
            pytest.fail(f"seed {seed}, pipeline {number}, {options}: {differing[:1]!r}")
        for text in texts[:8]:
            assert fused.encode_ids(text) == generic.encode_ids(text), (text, data)
            assert columns(fused.encode(text)) == columns(generic.encode(text)), (text, data)
            words = text.split(" ")
            one, two = (each.encode(words, is_pretokenized=True) for each in (fused, generic))
            assert columns(one) == columns(two), (text, data)
    assert engines.count("metaspace") >= len(engines) // 3


@pytest.mark.parametrize("name", VOCABULARIES)
def test_corpora(name: str, data_dir: Path) -> None:
    fused = VOCABULARIES[name](data_dir / "vocabs")
    assert fused.engine == "metaspace"
    generic = fused.with_engine("generic")
    theirs = reference.Tokenizer.from_str(fused.to_str())
    for corpus in CORPORA:
        with open(data_dir / "corpora" / f"{corpus}.txt", encoding="utf-8") as file:
            text = file.read(120_000)
        rows = [*text.split("\n"), text[:40_000], *(text[cut : cut + 300] for cut in range(70))]
        mine = columns_of(fused, rows, add_special_tokens=False)
        assert mine == columns_of(generic, rows, add_special_tokens=False)
        assert columns_of(fused, rows, **PLACES) == columns_of(generic, rows, **PLACES)
        few = [row for row in rows[:400] if row]
        expected = [row.ids for row in theirs.encode_batch_fast(few, add_special_tokens=False)]
        assert fused.encode_batch_flat(few, add_special_tokens=False).to_lists() == expected


@pytest.mark.parametrize("name", ["xlnet.json", "XLNet", "T5", "Llama"])
def test_every_character(name: str, data_dir: Path) -> None:
    """Each code point among letters, spaces, marks that join, and itself, as the engine generic has it."""
    fused = VOCABULARIES[name](data_dir / "vocabs")
    points = [*range(0xD800), *range(0xE000, 0x10000), *range(0x10000, 0x110000, 61)]
    texts = [
        "".join(f"{c}ab{c}c {c} {c}{c}d'{c} efgh e\u0301{c} ''{c}" for c in map(chr, points[at : at + 8]))
        for at in range(0, len(points), 8)
    ]
    generic = fused.with_engine("generic")
    assert columns_of(fused, texts) == columns_of(generic, texts)
    short = [f"{c}ab {c}c {c} d{c}" for c in map(chr, points[:60_000])]
    assert columns_of(fused, short, **PLACES) == columns_of(generic, short, **PLACES)


def test_caches(data_dir: Path) -> None:
    fused = VOCABULARIES["T5"](data_dir / "vocabs")
    with open(data_dir / "corpora" / "en_nltk.txt", encoding="utf-8") as file:
        rows = file.read(100_000).split("\n")
    expected = columns_of(fused.with_engine("generic"), rows)
    before = fasttok.cache_info()["max_bytes"]
    try:
        for threads, size in ((1, 0), (2, 4096), (1, before), (4, before)):
            fasttok.set_cache_bytes(size)
            assert columns_of(fused, rows, num_threads=threads) == expected
    finally:
        fasttok.set_cache_bytes(before)


@pytest.mark.parametrize("name", ["xlnet.json", "llama2.json"])
def test_long_words(name: str, data_dir: Path) -> None:
    """Megabytes of one pattern; were they not linear, this would not end."""
    fused = VOCABULARIES[name](data_dir / "vocabs")
    for pattern in (*"a 中é'▁\U0001f600\x00", "e\u0301", "ab“e\u0301", "ab  e\u0301"):
        assert len(fused.encode_ids(pattern * 300_000)) > 0 or pattern == " "
        short = pattern * 1_000
        assert fused.encode_ids(short) == fused.with_engine("generic").encode_ids(short)


UNIGRAM = {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["▁", -1.0], ["▁a", -2.0]]}
METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
SPEC: dict[str, Any] = {
    "version": "1.0",
    "added_tokens": [],
    "normalizer": None,
    "pre_tokenizer": METASPACE,
    "model": UNIGRAM,
}


@pytest.mark.parametrize(
    "change",
    [
        {"model": {**UNIGRAM, "unk_id": None}},
        {"model": {**UNIGRAM, "vocab": [["u", 0.0], ["▁a", -2.0]]}},  # known or unknown: the id does not tell
        {"pre_tokenizer": {**METASPACE, "replacement": "_"}},
        {"pre_tokenizer": None},
        {"normalizer": {"type": "Strip", "strip_left": True, "strip_right": True}},
        {"normalizer": {"type": "Replace", "pattern": {"Regex": "a+"}, "content": "b"}},
        {"normalizer": {"type": "Lowercase"}, "pre_tokenizer": {**METASPACE, "prepend_scheme": "first"}},
    ],
)
def test_other_shapes_are_left_to_generic(change: dict[str, Any]) -> None:
    assert fasttok.Tokenizer.from_str(json.dumps(SPEC)).engine == "metaspace"
    assert fasttok.Tokenizer.from_str(json.dumps({**SPEC, **change})).engine == "generic"


def test_surrogates() -> None:
    tokenizer = fasttok.Tokenizer.from_str(json.dumps(SPEC))
    with pytest.raises(ValueError, match=r"inputs\[1\]"):
        tokenizer.encode_batch_flat(["a", "a\ud800"])
