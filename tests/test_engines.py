"""The fused engine beside the generic one: for each instruction set, thread count and size of the cache, with
the text cut at 70 places so that the edges of its blocks fall on every kind of character.

The instruction set is chosen at import, so each check runs in a process of its own: this file as a script.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle, pairwise, product
from typing import Any

import numpy as np
import pytest

import fasttok
from fasttok import BertTokenizer

CUTS = 70
ALL = {"offsets": "char", "word_ids": True, "type_ids": True}
ROW_LENGTHS = (1, 7, 31, 32, 33, 63, 64, 65, 257, 1000, 4096, 5000)  # characters
CORPORA = {  # and a vocabulary for each
    "zh_wiki": "bert-base-chinese",
    "zh_fewclue": "bert-base-chinese",
    "en_nltk": "bert-base-uncased",
    "code_py": "zh-en-wordpiece",
    "multi_udhr": "bert-base-uncased",
    "made": "zh-en-wordpiece",
}


@pytest.mark.parametrize("isa", ["scalar", "avx2", "avx512", "neon"])
@pytest.mark.parametrize("corpus", CORPORA)
def test_equal_to_generic(corpus: str, isa: str, request: pytest.FixtureRequest) -> None:
    arguments = [CORPORA[corpus]]
    if corpus != "made":
        data_dir = request.getfixturevalue("data_dir")
        arguments = [str(data_dir / "corpora" / f"{corpus}.txt"), CORPORA[corpus]]
        if not CORPORA[corpus].startswith("zh-en"):
            arguments[1] = str(data_dir / "vocabs" / CORPORA[corpus])
    run = subprocess.run(
        [sys.executable, __file__, *arguments],
        env={**os.environ, "FASTTOK_ISA": isa},
        capture_output=True,
        text=True,
        timeout=300,
    )
    if "cannot be used on this CPU" in run.stderr:
        pytest.skip(run.stderr.splitlines()[-1])
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.splitlines() == [f"isa {isa}"]


def main(vocab: str, path: str | None) -> None:
    print("isa", fasttok.isa())
    fused = BertTokenizer.from_pretrained(vocab).backend_tokenizer
    generic = fused.with_engine("generic")
    assert (fused.engine, generic.engine) == ("bert", "generic")
    text = made_text() if path is None else middle(path, 600_000)
    ways = cycle(product((1, 4), (0, 4096, fasttok.cache_info()["max_bytes"])))
    for difference in (
        *long_rows(fused, generic, text, ways),
        *long_rows(fused, generic, text[: len(text) // 2] + "\n\U0001f600", ways),  # a wider kind of str
        *short_rows(fused, generic, text, ways),
    ):
        print(difference)


def middle(path: str, size: int) -> str:
    with open(path, "rb") as file:
        file.seek(os.path.getsize(path) // 2)
        file.readline()
        return file.read(size).decode(errors="ignore")


def made_text() -> str:
    """Words of all kinds and lengths, 200 kB."""
    rng = random.Random(1)
    kinds = (
        *(
            "abcdefghijklmnop",
            "ABCxyz",
            "中文字符国",
            "éÉüñı",
            "e\u0301\u0327a\u0300",
            "1234",
            "한국어",
            "かなガ",
        ),
        *(
            ".,;!?、。",
            "\u200b\u200d\xad\0\x01",
            " \t\n\r\u3000\xa0\u2028",
            "\U0001f468\u200d\U0001f469",
            "\U00020000",
        ),
    )
    text = ""
    while len(text) < 70_000:
        kind = rng.choice(kinds)
        text += "".join(rng.choices(kind, k=rng.choice((1, 1, 2, 3, 5, 9, 20, 99, 101)))) + rng.choice(
            (" ", "", "\n")
        )
    return text


def encode(fused: Any, rows: list[Any], way: tuple[int, int], **options: Any) -> fasttok.TokenBatch:
    threads, cache_bytes = way
    fasttok.set_cache_bytes(cache_bytes)
    return fused.encode_batch_flat(rows, num_threads=threads, **options)


def unequal(a: fasttok.TokenBatch, b: fasttok.TokenBatch) -> list[str]:
    return [
        name
        for name in ("ids", "row_offsets", "offsets", "word_ids", "type_ids")
        if not np.array_equal(getattr(a, name), getattr(b, name))
    ]


def long_rows(fused: Any, generic: Any, text: str, ways: Iterator[tuple[int, int]]) -> Iterator[str]:
    """The text as one row, without its first k characters, as str and as bytes.

    What stands behind a line break does not depend on what stands before it, so generic reads the text once,
    and for each cut only the head up to a line break.
    """
    options = {"add_special_tokens": False, **ALL}
    head_end = text.index("\n", 200)
    head = generic.encode_batch_flat([text[:head_end]], **options)
    whole = generic.encode_batch_flat([text], **options)
    n, words = len(head.ids), int(head.word_ids.max(initial=-1)) + 1
    for cut in range(CUTS):
        way = next(ways)
        head = generic.encode_batch_flat([text[cut:head_end]], **options)
        moved = int(head.word_ids.max(initial=-1)) + 1 - words
        ids = np.concatenate([head.ids, whole.ids[n:]])
        offsets = np.concatenate([head.offsets, whole.offsets[n:] - np.uint32(cut)])
        word_ids = np.concatenate([head.word_ids, whole.word_ids[n:] + moved])
        for row in (text[cut:], text[cut:].encode()) if cut % 10 == 0 else (text[cut:],):
            batch = encode(fused, [row], way, **options)
            equal = (
                np.array_equal(batch.ids, ids)
                and np.array_equal(batch.offsets, offsets)
                and np.array_equal(batch.word_ids, word_ids)
            )
            if not equal:
                yield f"long row, {type(row).__name__}, cut {cut}, {way}"
            if not np.array_equal(encode(fused, [row], way, add_special_tokens=False).ids, ids):
                yield f"long row, ids only, {type(row).__name__}, cut {cut}, {way}"


def short_rows(fused: Any, generic: Any, text: str, ways: Iterator[tuple[int, int]]) -> Iterator[str]:
    """100 kB in rows of many lengths; cut rows; pairs; all ways at the first cut."""
    middle = len(text) // 2
    text = text[middle : middle + 100_000].encode()[:100_000].decode(errors="ignore")
    for cut in range(CUTS):
        rows: list[Any] = []
        begin = cut
        for length in cycle(ROW_LENGTHS):
            rows.append(text[begin : begin + length])
            begin += length
            if begin >= len(text):
                break
        expected = generic.encode_batch_flat(rows, **ALL)
        for way in [next(ways) for _ in range(6 if cut == 0 else 1)]:
            if names := unequal(encode(fused, rows, way, **ALL), expected):
                yield f"short rows, cut {cut}, {way}: {names}"
            if not np.array_equal(encode(fused, rows, way).ids, expected.ids):
                yield f"short rows, ids only, cut {cut}, {way}"
            if cut % 10 == 0:
                truncation = {"max_length": 20 + cut, "direction": "left" if cut == 30 else "right"}
                pairs = list(pairwise(rows))
                for name, batch in (("truncated", rows), ("truncated pairs", pairs)):
                    got = encode(fused, batch, way, truncation=truncation, **ALL)
                    if names := unequal(got, generic.encode_batch_flat(batch, truncation=truncation, **ALL)):
                        yield f"{name}, cut {cut}, {way}: {names}"
                encodings = fused.encode_batch(rows[:50], num_threads=way[0])
                for mine, other in zip(encodings, generic.encode_batch(rows[:50]), strict=True):
                    if (mine.tokens, mine.offsets, mine.ids) != (other.tokens, other.offsets, other.ids):
                        yield f"encode_batch, cut {cut}, {way}"


if __name__ == "__main__":
    *path, vocab = sys.argv[1:]
    main(vocab, path[0] if path else None)
