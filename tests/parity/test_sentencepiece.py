"""fasttok.sentencepiece against sentencepiece 0.2.3: small models of all kinds, and the shared ones."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest
import sentencepiece as reference

import fasttok.sentencepiece as spm
from parity.sentencepiece_cases import ALPHABET, SHARED, TYPES, Pair, random_text, trained

KINDS = [
    (kind, fallback, symbols) for kind in TYPES for fallback in (False, True) for symbols in (False, True)
]


@pytest.fixture(params=SHARED)
def shared_pair(request: pytest.FixtureRequest, data_dir: Path) -> Pair:
    return Pair((data_dir / "vocabs" / request.param).read_bytes())


def compare(pair: Pair, seed: int, count: int) -> None:
    rng = random.Random(seed)
    found: list[str] = []
    for _ in range(count):
        found += pair.differences(random_text(rng))
        found += pair.decoding_differences(rng)
        assert not found, found[0]


@pytest.mark.parametrize(("kind", "fallback", "symbols"), KINDS)
def test_small_models(kind: str, fallback: bool, symbols: bool) -> None:
    compare(Pair(trained(kind, fallback, symbols)), 1, 300)


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
@pytest.mark.parametrize(
    "settings",
    [
        {"normalization_rule_name": "identity"},
        {"normalization_rule_name": "nfkc_cf", "remove_extra_whitespaces": False},
        {"add_dummy_prefix": False},
        {"add_dummy_prefix": False, "remove_extra_whitespaces": False},
        {"treat_whitespace_as_suffix": True},
        {"unk_surface": "?", "unk_piece": "[UNK]", "bos_id": -1, "pad_id": 3},
    ],
    ids=str,
)
def test_settings(kind: str, settings: dict[str, Any]) -> None:
    compare(Pair(trained(kind, False, True, **settings)), 2, 200)


def test_shared_models(shared_pair: Pair) -> None:
    compare(shared_pair, 3, 300)


@pytest.mark.parametrize("fallback", [False, True])
def test_bytes_that_are_not_utf8(fallback: bool) -> None:
    pair = Pair(trained("unigram", fallback, True))
    rng = random.Random(4)
    for _ in range(300):
        data = random_text(rng, 8).encode() + rng.randbytes(rng.randrange(6)) + random_text(rng, 4).encode()
        assert list(pair.differences(data)) == []


@pytest.mark.parametrize("symbols", [False, True])
def test_n_best(symbols: bool) -> None:
    pair = Pair(trained("unigram", False, symbols))
    rng = random.Random(5)
    for _ in range(200):
        text, size = random_text(rng), rng.choice([1, 2, 3, 10, 50])
        ours, theirs = (
            each.nbest_encode(text, nbest_size=size, return_type="serialized_proto")
            for each in (pair.ours, pair.theirs)
        )
        assert ours == theirs, (text, size)


def test_n_best_of_a_search_that_is_cut(capfd: pytest.CaptureFixture[str]) -> None:
    pair = Pair(trained("unigram"))
    text = "the quick brown fox tokenizers " * 12
    ours, theirs = (each.nbest_encode(text, nbest_size=300) for each in (pair.ours, pair.theirs))
    assert ours == theirs


@pytest.mark.parametrize("kind", TYPES)
def test_chunks(kind: str) -> None:
    pair = Pair(trained(kind, False, True))
    rng = random.Random(6)
    for _ in range(100):
        text, size = random_text(rng, 60), rng.choice([1, 3, 10, 40])
        ours, theirs = (
            each.parallel_encode(text, chunk_len=size, num_threads=2, return_type="serialized_proto")
            for each in (pair.ours, pair.theirs)
        )
        assert ours == theirs, (text, size)


def test_a_long_line_whose_sum_grows() -> None:
    pair = Pair(trained("unigram"))
    text = "qzxj中" * 20_000  # sums beyond 100,000, where they start anew
    assert pair.ours.encode(text) == pair.theirs.encode(text)


def test_every_return_type() -> None:
    pair = Pair(trained("unigram", True, True))
    texts = ["Hello 中国 naïve [X]", "", " a  b ", "😀"]
    for kind in (int, str, bytes, "serialized_proto", "offset_mapping"):
        for arguments in ({}, {"num_threads": 1}):
            assert pair.ours.encode(texts, return_type=kind, **arguments) == pair.theirs.encode(
                texts, return_type=kind, **arguments
            )
        for text in texts:
            assert pair.ours.encode(text, return_type=kind) == pair.theirs.encode(text, return_type=kind)
            assert (
                pair.ours.encode(text.encode(), return_type=kind)
                == pair.theirs.encode(text.encode(), return_type=kind)
                or kind is str
            )
    for ours, theirs in zip(
        pair.ours.encode(texts, return_type="numpy"),
        pair.theirs.encode(texts, return_type="numpy"),
        strict=True,
    ):
        assert ours.dtype == theirs.dtype
        assert ours.tolist() == theirs.tolist()
        assert pair.ours.decode(ours) == pair.theirs.decode(theirs)
    ours, theirs = (each.encode_as_proto(texts[0]) for each in (pair.ours, pair.theirs))
    assert ours.SerializeToString() == theirs.SerializeToString()


@pytest.mark.parametrize("add_bos", [False, True])
@pytest.mark.parametrize("add_eos", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("emit_unk_piece", [False, True])
def test_extras(add_bos: bool, add_eos: bool, reverse: bool, emit_unk_piece: bool) -> None:
    pair = Pair(trained("unigram"))
    extras = {"add_bos": add_bos, "add_eos": add_eos, "reverse": reverse, "emit_unk_piece": emit_unk_piece}
    for text in ("the fox ☃☃ jumps", "", "☃"):
        for kind in (int, str):
            for name in ("encode", "nbest_encode"):
                ours, theirs = (
                    getattr(each, name)(text, return_type=kind, **extras) for each in (pair.ours, pair.theirs)
                )
                assert ours == theirs


def test_the_vocabulary() -> None:
    for kind, fallback, symbols in KINDS:
        pair = Pair(trained(kind, fallback, symbols))
        ids = list(range(len(pair.theirs)))
        assert len(pair.ours) == len(ids)
        for name in ("id_to_piece", "get_score", "is_unknown", "is_control", "is_unused", "is_byte"):
            assert getattr(pair.ours, name)(ids) == getattr(pair.theirs, name)(ids)
        for name in ("unk_id", "bos_id", "eos_id", "pad_id"):
            assert getattr(pair.ours, name)() == getattr(pair.theirs, name)()
        pieces = [*pair.theirs.id_to_piece(ids), "nothing", ""]
        assert pair.ours.piece_to_id(pieces) == pair.theirs.piece_to_id(pieces)
        assert pair.ours.serialized_model_proto() == pair.theirs.serialized_model_proto()


def test_sampling_has_the_distribution_of_the_reference() -> None:
    pair = Pair(trained("unigram"))
    text, alpha = "the fox", 0.4
    ways = pair.theirs.nbest_encode(text, nbest_size=512, return_type="serialized_proto")
    found = reference._to_nbest_spt(ways).nbests
    weights = {tuple(piece.id for piece in way.pieces): math.exp(alpha * way.score) for way in found}
    total = sum(weights.values())
    draws = 4000
    spm.set_random_generator_seed(11)
    counts: dict[tuple[int, ...], int] = {}
    for _ in range(draws):
        way = tuple(pair.ours.sample_encode_as_ids(text, nbest_size=-1, alpha=alpha))
        counts[way] = counts.get(way, 0) + 1
    # Five standard deviations for each of the likely ways.
    for way, weight in weights.items():
        chance = weight / total
        if chance > 0.01:
            assert abs(counts.get(way, 0) - draws * chance) < 5 * math.sqrt(draws * chance * (1 - chance))


def test_bpe_without_merges() -> None:
    pair = Pair(trained("bpe"))
    for text in ALPHABET:
        ours, theirs = (
            each.encode(text, enable_sampling=True, alpha=1.0, nbest_size=-1, return_type=str)
            for each in (pair.ours, pair.theirs)
        )
        assert ours == theirs
