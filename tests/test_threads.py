"""One object, many threads, each with settings of its own: ids as in serial."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import fasttok
from fasttok import BertTokenizer

TEXTS = [
    "快速的 tokenizer, 一二三!",
    "The quick brown fox [SEP] jumps",
    "",
    "中" * 40,
    "naïve café " * 9,
    "[CLS] [MASK] x",
]
BATCH = [f"{text} {i}" for i in range(60) for text in TEXTS]


@pytest.fixture(scope="module")
def tokenizer() -> BertTokenizer:
    return BertTokenizer.from_pretrained("zh-en-wordpiece")


def settings_of(number: int) -> dict[str, Any]:
    """Truncation, padding and specials of thread `number`; no two of 32 are equal."""
    return {
        "truncation": bool(number % 2),
        "max_length": 5 + number,
        "padding": "max_length" if number % 3 else False,
        "padding_side": "left" if number % 4 else "right",
        "specials": ["parse", "text", {"[SEP]"}, {"[CLS]", "[MASK]"}][number // 8],
        "return_offsets_mapping": number % 5 == 0,
    }


def test_32_threads_with_settings_of_their_own(tokenizer: BertTokenizer) -> None:
    expected = [[tokenizer(text, **settings_of(n)).data for text in TEXTS] for n in range(32)]
    begin = threading.Barrier(32)

    def work(number: int) -> int:
        settings = settings_of(number)
        begin.wait()
        return sum(
            tokenizer(text, **settings).data != expected[number][i]
            for _ in range(30)
            for i, text in enumerate(TEXTS)
        )

    with ThreadPoolExecutor(32) as threads:
        assert sum(threads.map(work, range(32))) == 0


def test_batches_on_threads_that_share_the_pool(tokenizer: BertTokenizer) -> None:
    core = tokenizer.backend_tokenizer
    rows = BATCH * 8
    expected = {length: core.encode_batch_flat(rows, truncation=length).ids for length in (4, 9, 300)}
    begin = threading.Barrier(6)

    def work(number: int) -> bool:
        begin.wait()
        length = (4, 9, 300)[number % 3]
        return all(
            np.array_equal(
                core.encode_batch_flat(rows, truncation=length, num_threads=threads).ids, expected[length]
            )
            for threads in (1, 2, 3, 8)
        )

    with ThreadPoolExecutor(6) as threads:
        assert all(threads.map(work, range(6)))


def test_components_change_while_others_encode(tokenizer: BertTokenizer) -> None:
    core = BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer
    text = "Ab [X] Cd"
    answers = set()
    for lowercase in (True, False):
        core.normalizer.lowercase = lowercase
        answers.add(tuple(core.encode(text).ids))
    done = threading.Event()
    strange = []

    def work() -> None:
        while not done.is_set():
            if tuple(core.encode(text).ids) not in answers:
                strange.append(1)

    with ThreadPoolExecutor(4) as threads:
        running = [threads.submit(work) for _ in range(4)]
        for i in range(40):
            core.normalizer.lowercase = bool(i % 2)
        done.set()
        for future in running:
            future.result()
    assert not strange


def test_num_threads_of_a_call_and_of_the_process(tokenizer: BertTokenizer) -> None:
    core = tokenizer.backend_tokenizer
    before = fasttok.get_num_threads()
    expected = core.encode_batch_flat(BATCH * 10, num_threads=1)
    try:
        for n in (1, 2, 7, 1024):
            fasttok.set_num_threads(n)
            assert fasttok.get_num_threads() == n
            assert np.array_equal(core.encode_batch_flat(BATCH * 10).ids, expected.ids)
            assert np.array_equal(core.encode_batch_flat(BATCH * 10, num_threads=n).ids, expected.ids)
        for bad, error in (
            ("2", TypeError),
            (1.0, TypeError),
            (0, ValueError),
            (1025, ValueError),
            (2**70, ValueError),
        ):
            with pytest.raises(error, match="num_threads is"):
                fasttok.set_num_threads(bad)  # type: ignore[arg-type]
            assert fasttok.get_num_threads() == 1024
    finally:
        fasttok.set_num_threads(None)
    assert fasttok.get_num_threads() == before
