"""Added tokens with all flags, random pipelines, random text; a million texts by scripts/campaign.py."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from parity.random_cases import difference, differing_row, many_rows, random_case, shrunk


@pytest.mark.parametrize("seed", range(8))
def test_random_cases(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(150):
        case = random_case(rng, texts=20)
        if difference(case) is not None:
            smallest = shrunk(case)
            pytest.fail(f"{difference(smallest)}\n{smallest!a}")


def test_many_rows() -> None:
    rng = random.Random(0)
    for _ in range(8):
        case = many_rows(rng, rows=1000)
        if (row := differing_row(case)) is not None:
            pytest.fail(f"{case.texts[row]!a} of {replace(case, texts=())!a}")
