"""Whole random tokenizers against the reference; 200,000 of them by scripts/campaign.py."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

import fasttok
from parity.pipeline_chains import difference, random_case

KEYS = ("normalizer", "pre_tokenizer", "post_processor", "decoder", "model")
PARTS = ("normalizers", "pretokenizers", "processors", "decoders")


@pytest.mark.parametrize("seed", range(4))
def test_seeded_pipelines(seed: int) -> None:
    rng = random.Random(f"suite {seed}")
    for _ in range(60):
        assert difference(*random_case(rng)) is None


UNIGRAM = {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["▁", -1.0], ["a", -1.0], ["▁a", -1.5]]}
FIRST = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True}
A, B = ({"Sequence": {"id": name, "type_id": type_id}} for name, type_id in (("A", 1), ("B", 2)))
X = {"SpecialToken": {"id": "X", "type_id": 0}}
TOKENS = {"X": {"id": "X", "ids": [7, 8], "tokens": ["x", "y"]}}


def template(single: list[Any], pair: list[Any]) -> dict[str, Any]:
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": TOKENS}


@pytest.mark.parametrize(
    "stages",
    [
        # Ids without offsets lost the place of words behind a normalizer that does nothing.
        {
            "normalizer": {"type": "Sequence", "normalizers": []},
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, FIRST]},
        },
        # A template behind one met other numbers of pieces with and without special tokens.
        {
            "post_processor": {
                "type": "Sequence",
                "processors": [template([X, A], [B, A]), template([A, A, X], [A, X, B])],
            }
        },
        {
            "post_processor": {
                "type": "Sequence",
                "processors": [template([X, A, X], [X, A, B]), template([A, X], [B, A, A])],
            }
        },
        # The oldest files: without its flags it is read as BertProcessing.
        {"post_processor": {"type": "RobertaProcessing", "sep": ["a", 2], "cls": ["▁", 1]}},
    ],
)
def test_what_once_differed(stages: dict[str, Any]) -> None:
    pipeline = json.dumps({"version": "1.0", "model": UNIGRAM, **stages})
    assert difference(pipeline, ["a aa  a", "aba", "", " a"], 0) is None


def test_pipelines_are_built_of_every_component() -> None:
    rng = random.Random(0)
    seen: dict[str, set[str]] = {key: set() for key in KEYS}
    for _ in range(400):
        pipeline = json.loads(random_case(rng)[0])
        for key in KEYS:
            nodes = [pipeline[key]]
            while nodes:
                if node := nodes.pop():
                    seen[key].add(node["type"])
                    for part in PARTS:
                        nodes += node.get(part, [])
    rooms = (
        fasttok.normalizers,
        fasttok.pre_tokenizers,
        fasttok.processors,
        fasttok.decoders,
        fasttok.models,
    )
    ours = {"PinyinSyllables", "RankBPE", "SentencePiece"}  # the reference has none of these
    assert list(seen.values()) == [set(room.SECTION.known) - ours for room in rooms]
