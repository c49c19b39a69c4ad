"""Code points in five contexts: here in two of the sixteen settings, and a sample of planes that hold no
characters, or only private ones; all by scripts/campaign.py."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
import tokenizers as reference

import fasttok
from parity.compare import CASED, CODE_POINTS, CONTEXTS, UNCASED, CodePoints, every_character_vocab, model_of

SWEPT = [
    c
    for c in CODE_POINTS
    if ord(c) >> 16 in (0, 1, 2, 3, 14) or ord(c) % 29 == 0 or not 3 < ord(c) & 0xFFFF < 0xFFFC
]


@pytest.fixture(scope="module")
def models() -> tuple[Any, Any]:
    vocab = every_character_vocab()
    return model_of(fasttok, vocab), model_of(reference, vocab)


@pytest.mark.parametrize("settings", [UNCASED, CASED], ids=["uncased", "cased"])
@pytest.mark.parametrize("context", CONTEXTS, ids=ascii)
def test_code_points(context: str, settings: Any, models: tuple[Any, Any]) -> None:
    differences = CodePoints(models, settings).differences(context, SWEPT)
    assert list(islice(differences, 10)) == []
