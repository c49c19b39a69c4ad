"""600 kB of each corpus, three vocabularies, every shape of call; whole corpora by scripts/campaign.py."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from parity.compare import Corpora, lines_of

CORPORA = ("zh_wiki", "zh_fewclue", "en_nltk", "multi_udhr", "code_py")


@pytest.fixture(scope="module", params=["bert-base-chinese", "bert-base-uncased", "zh-en-wordpiece"])
def pair(request: pytest.FixtureRequest, data_dir: Path) -> Corpora:
    return Corpora(request.param, data_dir / "vocabs")


@pytest.mark.parametrize("shape", Corpora.SHAPES)
@pytest.mark.parametrize("corpus", CORPORA)
def test_corpora(corpus: str, shape: str, pair: Corpora, data_dir: Path) -> None:
    lines = list(lines_of(data_dir / "corpora" / f"{corpus}.txt", 600_000))
    if shape.startswith("truncated"):
        lines = lines[::4]  # many windows of many columns: the rest is the campaign's
    assert list(islice(pair.differences(shape, lines), 5)) == []
