"""tokenizer.json files run as they are written: the reference's own, and those of real models."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import tokenizers as reference

import fasttok
from fasttok.bundled import bundled_vocab
from parity.compare import UNCASED, columns, model_of, pipeline

BERT = reference.processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
TEMPLATE = reference.processors.TemplateProcessing(
    "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)]
)
ODD = reference.processors.TemplateProcessing(
    "$A:2 [SEP]:3",
    "$B:1 XY $A:4 [SEP]:5",
    [("[SEP]", 3), {"id": "XY", "ids": [7, 8, 7], "tokens": ["x", "y", "x"]}],
)
SETTINGS: list[dict[str, Any]] = [
    {},
    {"truncation": {"max_length": 9, "stride": 1}},
    {"truncation": {"max_length": 6, "direction": "left"}},
    {"truncation": {"max_length": 14, "stride": 2}, "padding": {"length": 12, "pad_id": 9}},
    {"padding": {"direction": "left", "pad_to_multiple_of": 5, "pad_type_id": 6}},
]


@pytest.fixture(scope="module")
def sample() -> list[str]:
    return (bundled_vocab("zh-en-wordpiece") / "sample.txt").read_text("utf-8").splitlines()[::3]


def same(ours: Any, theirs: Any, lines: list[str]) -> None:
    rows: list[Any] = [*lines, *zip(lines, lines[::-1], strict=True), ("", lines[0]), (lines[0], "")]
    words = [(line.split(), line.split()[:3]) if i % 2 else line.split() for i, line in enumerate(lines)]
    for add in (True, False):
        for batch, is_pretokenized in ((rows, False), (words, True)):
            mine = ours.encode_batch(batch, is_pretokenized, add)
            assert list(map(columns, mine)) == list(
                map(columns, theirs.encode_batch(batch, is_pretokenized, add))
            )
        fast = ours.encode_batch_fast(rows, add_special_tokens=add)
        assert list(map(columns, fast)) == list(
            map(columns, theirs.encode_batch_fast(rows, add_special_tokens=add))
        )


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: "+".join(settings) or "plain")
@pytest.mark.parametrize("post", [None, BERT, TEMPLATE, ODD], ids=["none", "bert", "template", "odd"])
def test_written_by_the_reference(post: Any, settings: dict[str, Any], sample: list[str]) -> None:
    pieces = (bundled_vocab("zh-en-wordpiece") / "vocab.txt").read_text("utf-8").splitlines()
    theirs = pipeline(reference, model_of(reference, {piece: id for id, piece in enumerate(pieces)}), UNCASED)
    if post is not None:
        theirs.post_processor = post
    theirs.add_special_tokens(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", reference.AddedToken("的", rstrip=True)]
    )
    theirs.add_tokens(
        [reference.AddedToken("Tokenizer", single_word=True), reference.AddedToken("，", lstrip=True)]
    )
    if "truncation" in settings:
        theirs.enable_truncation(**settings["truncation"])
    if "padding" in settings:
        theirs.enable_padding(**settings["padding"])
    ours = fasttok.Tokenizer.from_str(theirs.to_str())
    same(ours, theirs, sample)
    assert ours.to_str() == theirs.to_str()
    assert ours.truncation == theirs.truncation
    assert ours.padding == theirs.padding


@pytest.mark.parametrize("name", ["bert-base-chinese", "bert-base-uncased"])
@pytest.mark.parametrize("post", ["TemplateProcessing", "BertProcessing", None])
def test_of_real_models(name: str, post: str | None, sample: list[str], data_dir: Path) -> None:
    data = json.loads((data_dir / "vocabs" / name / "tokenizer.json").read_text("utf-8"))
    if post != "TemplateProcessing":
        ids = data["model"]["vocab"]
        bert = {"type": post, "sep": ["[SEP]", ids["[SEP]"]], "cls": ["[CLS]", ids["[CLS]"]]}
        data["post_processor"] = bert if post else None
    text = json.dumps(data)
    same(fasttok.Tokenizer.from_str(text), reference.Tokenizer.from_str(text), sample)


def number(draw: random.Random) -> str:
    """A number of JSON with a fraction or an exponent, often of more digits than a double holds."""

    def digits(most: int) -> str:
        return "".join(draw.choices("0123456789", k=draw.randint(1, most)))

    if draw.random() < 0.3:
        return repr(-20 * draw.random())
    whole = draw.choice(
        ["0", "1", "18446744073709551615", "1844674407370955161", draw.choice("123456789") + digits(24)]
    )
    power = draw.choice(
        [
            "",
            "e5",
            "E-7",
            "e+20",
            f"e-{draw.randint(280, 330)}",
            f"e{draw.randint(200, 270)}",
            "e-99999999999999999999",
        ]
    )
    return f"{draw.choice(['', '-'])}{whole}.{digits(25)}{power}"


def test_scores_are_read_as_the_reference_reads_them() -> None:
    draw = random.Random(5)
    scores = [number(draw) for _ in range(20_000)]
    vocab = ",".join(f'["{i:x}",{score}]' for i, score in enumerate(scores))
    text = f'{{"type":"Unigram","unk_id":0,"vocab":[{vocab}],"byte_fallback":false}}'
    whole = f'{{"added_tokens":[],"normalizer":null,"pre_tokenizer":null,"model":{text}}}'
    assert fasttok.Tokenizer.from_str(whole).to_str() == reference.Tokenizer.from_str(whole).to_str()
