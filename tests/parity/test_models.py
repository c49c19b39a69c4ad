"""Every model against the reference: random ones on random words, real vocabularies on corpora."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers as reference
from tests.parity.random_models import KINDS, difference, tokens_of

import fasttok


@pytest.mark.parametrize("kind", KINDS)
def test_random_models(kind: str) -> None:
    for seed in range(300):
        assert difference(kind, seed, 30) is None


def model_of(package: Any, path: Path) -> Any:
    """The model of a tokenizer.json without the rest of it."""
    data = json.loads(path.read_text("utf-8"))
    return package.Tokenizer.from_str(json.dumps({"version": "1.0", "model": data["model"]})).model


@pytest.mark.parametrize("name", ["gpt2", "gpt-neox", "llama2", "xlnet-base-cased"])
@pytest.mark.parametrize("corpus", ["zh_wiki", "en_nltk", "code_py", "multi_udhr"])
def test_real_models(name: str, corpus: str, data_dir: Path) -> None:
    path = data_dir / "vocabs" / name / "tokenizer.json"
    ours, theirs = model_of(fasttok, path), model_of(reference, path)
    text = (data_dir / "corpora" / f"{corpus}.txt").read_text("utf-8")
    step = len(text) // 40
    for begin in range(0, len(text) - step, step):
        part = text[begin : begin + 1200]
        for line in (part.replace(" ", "▁"), part.replace(" ", "Ġ"), *part.split()[:60]):
            assert tokens_of(ours, line) == tokens_of(theirs, line)
