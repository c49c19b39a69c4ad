"""Rows of a batch, read without a reference to each: whatever runs meanwhile, they are those of the call."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from fasttok import BertTokenizer, Tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer


@pytest.fixture
def eager_collector() -> Iterator[None]:
    thresholds = gc.get_threshold()
    gc.disable()
    gc.set_threshold(1, 1, 1)
    yield
    gc.set_threshold(*thresholds)
    gc.enable()


class Garbage:
    """In a cycle: the collector runs what it was given."""

    def __init__(self, action: Callable[[], object]) -> None:
        self.itself = self
        self.action = action

    def __del__(self) -> None:
        self.action()


@pytest.mark.usefixtures("eager_collector")
def test_a_finalizer_that_changes_the_list(tokenizer: Tokenizer) -> None:
    def rows() -> list[object]:
        return [*(f"row {i} of many 中文" for i in range(60)), ("a", "pair")]

    expected = tokenizer.encode_batch_flat(rows()).ids.tolist()
    for _ in range(20):
        texts = rows()
        kept: list[list[str]] = []

        def change() -> None:
            texts[:-1] = [f"other {i}" for i in range(60)]  # noqa: B023
            kept.append([f"new {i} of many 中国" for i in range(200)])  # noqa: B023

        Garbage(change)
        gc.enable()
        batch = tokenizer.encode_batch_flat(texts)
        gc.disable()
        # Should the collector have run before the rows were looked at, they are the others.
        others = tokenizer.encode_batch_flat([*(f"other {i}" for i in range(60)), ("a", "pair")])
        assert batch.ids.tolist() in (expected, others.ids.tolist())


@pytest.mark.usefixtures("eager_collector")
def test_a_finalizer_that_changes_the_ends_of_lists(tokenizer: Tokenizer) -> None:
    batch = tokenizer.encode_batch_flat(["a b"] * 100_000)
    rows = batch.ids.tolist()
    size = batch.row_offsets[1].item()
    ends = np.arange(0, 65 * size, size)

    def change() -> None:
        ends[5:] += 300_000

    batch.row_offsets = ends
    gc.collect()
    gc.set_threshold(20)  # so many lists from now on
    Garbage(change)
    gc.enable()
    lists = batch.to_lists()
    gc.disable()
    # Each list is of ends that were there at one time.
    assert len(lists) == 64
    assert all(row in (rows[:size], rows[: 300_000 + size]) for row in lists)


@pytest.mark.usefixtures("eager_collector")
def test_a_finalizer_that_encodes(tokenizer: Tokenizer) -> None:
    text = "hello world " * 100
    expected = tokenizer.encode_ids(text)
    lists = []
    for _ in range(20):
        lists.append([[0] for _ in range(100)])  # no list that was freed is left to be used again
        Garbage(lambda: tokenizer.encode_ids("中文 " * 300))
        gc.enable()
        ids = tokenizer.encode_ids(text)
        gc.disable()
        assert ids == expected


NESTED = """
import random, signal
from fasttok import BertTokenizer, Tokenizer
from fasttok.models import WordPiece
from fasttok.pre_tokenizers import PreTokenizer

tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer
rows = lambda: [f"hello world number {i} 中" for i in range(8000)]
expected = tokenizer.count_batch(rows(), num_threads=1).tolist()
texts, kept = [], []

def change(*_):
    texts.clear()
    kept.append([f"row {i} of others 中国" for i in range(8000)])

class Nested:
    def pre_tokenize(self, pretok):
        for _ in range(150):
            texts[:] = rows()
            signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-4, 1e-3))
            counts = tokenizer.count_batch(texts, num_threads=1)
            signal.setitimer(signal.ITIMER_REAL, 0)
            # The handler may have run before the call.
            assert len(counts) == 0 or counts.tolist() == expected
            kept.clear()

signal.signal(signal.SIGALRM, change)
outer = Tokenizer(WordPiece({"[UNK]": 0}))
outer.pre_tokenizer = PreTokenizer.custom(Nested())
outer.encode_batch_flat(["a"], num_threads=1)
print("done")
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs setitimer")
def test_a_signal_handler_that_changes_the_list_of_a_call_within_a_call() -> None:
    # In a process whose only thread it is: there the GIL is kept.
    done = subprocess.run([sys.executable, "-c", NESTED], capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.stderr, done.returncode) == ("done\n", "", 0)
