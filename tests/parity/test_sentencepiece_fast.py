"""The fused path of SentencePiece models against the literal one, and both against sentencepiece 0.2.3."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sentencepiece as reference

from fasttok._core import SentencePiece, cache_info, set_cache_bytes
from fasttok.sentencepiece import sentencepiece_model_pb2
from parity.sentencepiece_cases import SHARED, random_text, trained

KINDS = ("unigram", "bpe")
ENGINES = ("fast", "replayed", "literal")


def ids_of(model: SentencePiece, text: str | bytes) -> list[int]:
    ids: list[int] = model.encode(text, "ids", False, -1, 0.1, False, False, False, False)
    return ids


def pieces_of(model: SentencePiece, text: str | bytes) -> list[bytes]:
    pieces: list[bytes] = model.encode(text, "bytes_pieces", False, -1, 0.1, False, False, False, False)
    return pieces


class Engines:
    """One model on every path, and the reference."""

    def __init__(self, model: bytes, fused: bool = True) -> None:
        self.theirs = reference.SentencePieceProcessor(model_proto=model)
        loaded = SentencePiece(model, "test")
        assert (loaded.engine == "fast") == fused
        self.paths = {name: loaded.with_engine(name) for name in ENGINES}
        if fused:
            assert [path.engine for path in self.paths.values()] == list(ENGINES)

    def check(self, text: str | bytes) -> None:
        expected = self.theirs.encode(text, return_type=int)
        pieces = self.theirs.encode(text, return_type=bytes)
        data = text.encode() if isinstance(text, str) else text
        for name, path in self.paths.items():
            for form in {text, data}:
                assert ids_of(path, form) == expected, (name, text)
            assert pieces_of(path, data) == pieces, (name, text)


def random_model(rng: random.Random, kind: str, **settings: Any) -> bytes:
    """A model of random pieces over a few characters: scores that tie, or nearly, and symbols among them."""
    message: Any = sentencepiece_model_pb2.ModelProto.FromString(trained(kind, **settings))
    del message.pieces[3:]
    seen: set[str] = set()
    alphabet = "▁▁abcde.,中国的"
    ways: list[Callable[[], float]] = [
        lambda: -rng.random() * 20,
        lambda: -float(rng.randrange(1, 8)),  # ties everywhere
        lambda: -8 - rng.random() * 1e-6,  # nearly
        lambda: rng.choice([-12.5, 3.25, 0.0, -0.001]),
    ]
    score = rng.choice(ways)
    types = rng.choice([[1], [1, 1, 1, 4], [1, 1, 5] if kind == "unigram" else [1, 4]])
    for _ in range(rng.randrange(5, 60)):
        piece = "".join(rng.choices(alphabet, k=rng.randrange(1, 6)))
        if piece not in seen:
            seen.add(piece)
            message.pieces.add(piece=piece, score=score(), type=rng.choice(types))
    if len(message.pieces) == 3:
        message.pieces.add(piece="a", score=-1)
    serialized: bytes = message.SerializeToString()
    return serialized


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(30))
def test_random_models(seed: int, kind: str) -> None:
    rng = random.Random(seed)
    settings: list[dict[str, Any]] = [
        {},
        {"normalization_rule_name": "identity"},
        {"remove_extra_whitespaces": False},
        {"treat_whitespace_as_suffix": True, "add_dummy_prefix": rng.random() < 0.8},
    ]
    engines = Engines(random_model(rng, kind, **rng.choice(settings)))
    for _ in range(60):
        size = rng.choice([3, 20, 200])
        engines.check("".join(rng.choices("  abcde.,中国的人xé▁\0", k=rng.randrange(size))))
        engines.check(random_text(rng))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fallback", [False, True])
@pytest.mark.parametrize("symbols", [False, True])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"normalization_rule_name": "nfkc_cf", "remove_extra_whitespaces": False},
        {"normalization_rule_name": "nmt_nfkc", "add_dummy_prefix": False},
        {"treat_whitespace_as_suffix": True},
    ],
    ids=str,
)
def test_settings(kind: str, fallback: bool, symbols: bool, settings: dict[str, Any]) -> None:
    engines = Engines(trained(kind, fallback, symbols, **settings))
    rng = random.Random(20)
    for _ in range(300):
        engines.check(random_text(rng))


def test_shapes_that_are_left_to_the_literal_path() -> None:
    model = SentencePiece(trained("unigram"), "test")
    assert model.with_normalizer(True, True, False).engine == "literal"
    assert model.with_normalizer(False, False, True).engine == "fast"
    message = sentencepiece_model_pb2.ModelProto.FromString(trained("unigram"))
    message.pieces.add(piece="huge", score=-1e9)
    Engines(message.SerializeToString(), fused=False).check("huge things")
    message = sentencepiece_model_pb2.ModelProto.FromString(trained("bpe"))
    message.pieces[10].type = 5  # unused
    Engines(message.SerializeToString(), fused=False).check("the quick brown fox")
    for kind in ("word", "char"):
        Engines(trained(kind), fused=False).check("the quick brown fox")


def test_restricted_vocabulary() -> None:
    model = SentencePiece(trained("unigram"), "test")
    rng = random.Random(21)
    for _ in range(5):
        kinds = [
            5 if model.type(number) == 1 and rng.random() < 0.4 else model.type(number)
            for number in range(len(model))
        ]
        restricted = model.with_types(kinds)
        assert restricted.engine == "fast"
        for _ in range(100):
            text = random_text(rng)
            for name in ENGINES:
                assert ids_of(restricted.with_engine(name), text) == ids_of(
                    restricted.with_engine("literal"), text
                )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fallback", [False, True])
def test_bytes_that_are_not_utf8(kind: str, fallback: bool) -> None:
    engines = Engines(trained(kind, fallback, True))
    rng = random.Random(22)
    for _ in range(300):
        engines.check(random_text(rng, 8).encode() + rng.randbytes(rng.randrange(9)) + b"\xe4\xb8the")


@pytest.mark.parametrize("settings", [{}, {"normalization_rule_name": "nfkc_cf"}], ids=str)
def test_every_character(settings: dict[str, Any]) -> None:
    engines = Engines(trained("unigram", True, True, **settings))
    numbers = [c for c in range(0x30000) if not 0xD800 <= c < 0xE000]
    for form in ("{}", "a{}b", " {} ", "e{}\u0301", "中{}{}"):
        texts = [form.format(chr(c), chr(c)) for c in numbers]
        for begin in range(0, len(texts), 97):
            # Many in one text, so that it is fast; each between characters that keep them apart.
            text = "か|".join(texts[begin : begin + 97])
            expected = engines.theirs.encode(text, return_type=int)
            for name in ("fast", "literal"):
                assert ids_of(engines.paths[name], text) == expected, (name, begin)


def test_code_units_of_every_width() -> None:
    engines = Engines(trained("unigram", True, True))
    rng = random.Random(23)
    for tail in ("", "é", "中", "😀"):
        for _ in range(100):
            body = "".join(c for c in random_text(rng, 60) if c <= (tail or "\x7f"))
            engines.check(body + tail)


def test_sums_beyond_the_bound() -> None:
    engines = Engines(trained("unigram"))
    rng = random.Random(24)
    unknown = "qzxj☃" * 12_000  # sums that are taken off at 100,000, several times
    engines.check(unknown)
    engines.check(" ".join(random_text(rng) + unknown[: rng.randrange(900)] for _ in range(400)))
    engines.check("the" * 40_000)  # one segment


def test_long_segments() -> None:
    engines = Engines(trained("bpe", True, True))
    rng = random.Random(26)
    for size in (40, 127, 128, 129, 200, 5000, 70_000):
        engines.check(("the quick" * size)[:size].replace(" ", ""))
        engines.check("the " + "".join(rng.choices("thequick", k=size)) + " fox")


def test_the_answer_does_not_depend_on_the_cache() -> None:
    model = SentencePiece(trained("unigram", False, True), "test")
    rng = random.Random(25)
    texts = [random_text(rng) for _ in range(200)]
    expected = [ids_of(model.with_engine("literal"), text) for text in texts]
    cap = cache_info()["max_bytes"]
    try:
        for size in (0, 4096, 1 << 20):
            set_cache_bytes(size)
            for _ in range(2):
                assert [ids_of(model, text) for text in texts] == expected
    finally:
        set_cache_bytes(cap)


@pytest.mark.parametrize("name", SHARED)
def test_corpora(name: str, data_dir: Path) -> None:
    engines = Engines((data_dir / "vocabs" / name).read_bytes())
    for corpus in ("zh_fewclue", "zh_wiki", "en_nltk", "code_py", "multi_udhr"):
        text = (data_dir / "corpora" / f"{corpus}.txt").read_text("utf-8")[:300_000]
        lines = text.split("\n")
        rows = [
            text[:100_000],  # a sum that grows
            *lines,
        ]
        expected = engines.theirs.encode(rows, return_type=int)
        for path in engines.paths.values():
            assert path.encode_batch(rows, "ids", 2, False, -1, 0.1, False, False, False, False) == expected
        for threads in (1, 2):
            ids, offsets = engines.paths["fast"].encode_flat(rows, threads, False, False, False)
            assert ids.tolist() == [number for row in expected for number in row]
            assert offsets.tolist()[1:] == [int(n) for n in _running(len(row) for row in expected)]


def _running(sizes: Any) -> list[int]:
    total, made = 0, []
    for size in sizes:
        total += size
        made.append(total)
    return made


def test_flat_rows() -> None:
    model = SentencePiece(trained("unigram"), "test")
    texts = ["the fox", "", "☃ 中国", "models"]
    for bos in (False, True):
        for reverse in (False, True):
            rows = model.encode_batch(texts, "ids", 1, False, -1, 0.1, bos, not bos, reverse, False)
            single = [
                model.encode(text, "ids", False, -1, 0.1, bos, not bos, reverse, False) for text in texts
            ]
            literal = model.with_engine("literal")
            assert rows == single
            assert rows == literal.encode_batch(texts, "ids", 1, False, -1, 0.1, bos, not bos, reverse, False)
            ids, offsets = model.encode_flat(texts, 1, bos, not bos, reverse)
            assert [ids[a:b].tolist() for a, b in itertools.pairwise(offsets)] == rows
    with pytest.raises(TypeError, match="row 1 has a lone surrogate"):
        model.encode_flat(["a", "\ud800"], 1, False, False, False)
    with pytest.raises(TypeError, match="must be str"):
        model.encode_flat(["a", b"b"], 1, False, False, False)  # type: ignore[list-item]
    with pytest.raises(ValueError, match="unknown engine"):
        model.with_engine("quick")
