"""Dropout and sampling: by their chances, repeatable with a seed, and each call of one draw."""

from __future__ import annotations

import itertools
import math
from collections import Counter

from fasttok import Tokenizer, models, set_seed

PIECES = [("<unk>", -8.0), ("a", -1.0), ("aa", -1.5), ("aaa", -2.2)]
MERGES = [("a", "a"), ("aa", "aa")]
VOCAB = {"a": 0, "aa": 1, "aaaa": 2}


def cuts(size: int) -> list[tuple[int, ...]]:
    """All ways to cut so many letters into pieces of one to three."""
    return [
        lengths
        for count in range(1, size + 1)
        for lengths in itertools.product((1, 2, 3), repeat=count)
        if sum(lengths) == size
    ]


def test_nbest_by_chance() -> None:
    model = models.Unigram(PIECES, 0, alpha=0.5, nbest_size=100)
    set_seed(1)
    draws = 20_000
    seen = Counter(tuple(len(token.value) for token in model.tokenize("aaaa")) for _ in range(draws))
    weights = {cut: math.exp(0.5 * sum(PIECES[length][1] for length in cut)) for cut in cuts(4)}
    for cut, weight in weights.items():
        assert abs(seen[cut] / draws - weight / sum(weights.values())) < 0.015
    assert set(seen) == set(weights)


def test_dropout_by_chance() -> None:
    model = models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")], dropout=0.25)
    set_seed(2)
    merged = sum(len(model.tokenize("ab")) == 1 for _ in range(20_000))
    assert abs(merged / 20_000 - 0.75) < 0.015


def test_seed_repeats() -> None:
    model = models.BPE(VOCAB, MERGES, dropout=0.5)
    runs = []
    for _ in range(2):
        set_seed(3)
        runs.append([[token.id for token in model.tokenize("a" * 20)] for _ in range(20)])
    assert runs[0] == runs[1]
    assert len({tuple(run) for run in runs[0]}) > 1


def test_an_encoding_is_one_draw() -> None:
    for model in (models.BPE(VOCAB, MERGES, dropout=0.5), models.Unigram(PIECES, 0, alpha=0.5)):
        tokenizer = Tokenizer(model)
        for encoding in [*tokenizer.encode_batch(["a" * 40] * 20), tokenizer.encode("a" * 40)]:
            assert [tokenizer.id_to_token(id) for id in encoding.ids] == encoding.tokens
            assert "".join(encoding.tokens) == "a" * 40
            assert encoding.offsets[-1][1] == 40
