"""Every shared tokenizer.json on samples of the corpora, in every shape of call, and written again.

All lines: scripts/campaign.py vocabs."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from parity.compare import lines_of
from parity.vocabularies import Vocabulary

CORPORA = ("zh_wiki", "zh_fewclue", "en_nltk", "multi_udhr", "code_py")


@pytest.fixture(
    scope="module",
    params=["bert-base-chinese", "bert-base-uncased", "gpt-neox", "gpt2", "llama2", "xlnet-base-cased"],
)
def vocabulary(request: pytest.FixtureRequest, data_dir: Path) -> Vocabulary:
    return Vocabulary(data_dir / "vocabs" / request.param / "tokenizer.json")


@pytest.mark.parametrize("shape", Vocabulary.SHAPES)
def test_samples_of_the_corpora(shape: str, vocabulary: Vocabulary, data_dir: Path) -> None:
    for corpus in CORPORA:
        lines = list(lines_of(data_dir / "corpora" / f"{corpus}.txt", 25_000))
        if shape == "truncated":
            lines = lines[::6]  # each is many windows
        assert list(islice(vocabulary.differences(shape, lines), 5)) == [], corpus


@pytest.mark.parametrize("pretty", [False, True])
def test_written_again_byte_for_byte(pretty: bool, vocabulary: Vocabulary) -> None:
    assert vocabulary.ours.to_str(pretty) == vocabulary.theirs.to_str(pretty)
