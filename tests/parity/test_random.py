"""Added tokens with all flags, random pipelines, random text; a million texts by scripts/campaign.py."""

from __future__ import annotations

import random

import pytest

from parity.random_cases import difference, random_case, shrunk


@pytest.mark.parametrize("seed", range(8))
def test_random_cases(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(150):
        case = random_case(rng, texts=20)
        if difference(case) is not None:
            smallest = shrunk(case)
            pytest.fail(f"{difference(smallest)}\n{smallest!a}")
