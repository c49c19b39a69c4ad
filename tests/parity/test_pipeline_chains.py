"""Whole random tokenizers against the reference; 200,000 of them by scripts/campaign.py."""

from __future__ import annotations

import json
import random

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
    ours = {"PinyinSyllables"}  # the reference has no such pre-tokenizer
    assert list(seen.values()) == [set(room.SECTION.known) - ours for room in rooms]
