"""Every code point in five contexts: two of the sixteen settings here, all by scripts/campaign.py."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
import tokenizers as reference

import fasttok
from parity.compare import CASED, CODE_POINTS, CONTEXTS, UNCASED, CodePoints, every_character_vocab, model_of


@pytest.fixture(scope="module")
def models() -> tuple[Any, Any]:
    vocab = every_character_vocab()
    return model_of(fasttok, vocab), model_of(reference, vocab)


@pytest.mark.parametrize("settings", [UNCASED, CASED], ids=["uncased", "cased"])
@pytest.mark.parametrize("context", CONTEXTS, ids=ascii)
def test_every_code_point(context: str, settings: Any, models: tuple[Any, Any]) -> None:
    differences = CodePoints(models, settings).differences(context, CODE_POINTS)
    assert list(islice(differences, 10)) == []
