"""Our own stages and calls, one by one: `pytest benches/`. With rivals, on whole corpora: benches/run.py.

The bundled vocabulary and sample only, so it runs everywhere. Batches are decoded anew for each round; the
one-text benches go round 10,000 str objects.
"""

from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

import fasttok

FOLDER = Path(__file__).parent.parent / "vocabs" / "zh-en-wordpiece"
SHORT = {"zh": "分词器把句子切成小块，模型才能读懂它们。", "en": "Tokenizers are fun !"}
PADDED: dict[str, Any] = {
    "padding": "max_length",
    "truncation": True,
    "max_length": 128,
    "return_tensors": "np",
}


@pytest.fixture(scope="module")
def tok() -> fasttok.BertTokenizer:
    fasttok.set_num_threads(1)
    return fasttok.BertTokenizer(str(FOLDER / "vocab.txt"), do_lower_case=False)


@pytest.fixture(scope="module")
def lines() -> dict[str, list[bytes]]:
    """1,000 lines of each language."""
    sample = (FOLDER / "sample.txt").read_text(encoding="utf-8").splitlines()
    parts = {
        "zh": [line for line in sample if not line.isascii()],
        "en": [line for line in sample if line.isascii()],
    }
    return {lang: [line.encode() for line in islice(cycle(part), 1000)] for lang, part in parts.items()}


Fresh = Callable[[], tuple[tuple[Any, ...], dict[str, Any]]]


def fresh(raw: list[bytes]) -> Fresh:
    """The set-up of one round: the strings decoded anew."""
    return lambda: (([line.decode() for line in raw],), {})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_encode_one(benchmark: Any, tok: fasttok.BertTokenizer, lang: str) -> None:
    texts: Iterator[str] = cycle([SHORT[lang].encode().decode() for _ in range(10_000)])
    encode = tok.backend_tokenizer.encode
    benchmark(lambda: encode(next(texts)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_ids_of_one(benchmark: Any, tok: fasttok.BertTokenizer, lang: str) -> None:
    texts: Iterator[str] = cycle([SHORT[lang].encode().decode() for _ in range(10_000)])
    benchmark(lambda: tok.encode(next(texts)))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "options", [{}, {"offsets": "char"}, {"offsets": "byte"}, {"word_ids": True}], ids=str
)
def test_flat(
    benchmark: Any,
    tok: fasttok.BertTokenizer,
    lines: dict[str, list[bytes]],
    lang: str,
    options: dict[str, Any],
) -> None:
    encode = tok.backend_tokenizer.encode_batch_flat
    benchmark.pedantic(
        lambda texts: encode(texts, num_threads=1, **options), setup=fresh(lines[lang]), rounds=50
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lists(benchmark: Any, tok: fasttok.BertTokenizer, lines: dict[str, list[bytes]], lang: str) -> None:
    benchmark.pedantic(
        lambda texts: tok(texts, return_attention_mask=False, return_token_type_ids=False)["input_ids"],
        setup=fresh(lines[lang]),
        rounds=50,
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_padded(benchmark: Any, tok: fasttok.BertTokenizer, lines: dict[str, list[bytes]], lang: str) -> None:
    benchmark.pedantic(lambda texts: tok(texts, **PADDED), setup=fresh(lines[lang]), rounds=50)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_count(benchmark: Any, tok: fasttok.BertTokenizer, lines: dict[str, list[bytes]], lang: str) -> None:
    benchmark.pedantic(tok.backend_tokenizer.count_batch, setup=fresh(lines[lang]), rounds=50)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_decode(benchmark: Any, tok: fasttok.BertTokenizer, lines: dict[str, list[bytes]], lang: str) -> None:
    rows = tok([line.decode() for line in lines[lang]])["input_ids"]
    benchmark(lambda: tok.batch_decode(rows, skip_special_tokens=True))


def test_load(benchmark: Any) -> None:
    """From the file to a compiled core."""
    vocab = str(FOLDER / "vocab.txt")
    benchmark(lambda: fasttok.BertTokenizer(vocab, do_lower_case=False).backend_tokenizer.engine)
