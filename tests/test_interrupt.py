"""Ctrl-C in the middle of a long call: KeyboardInterrupt, and the tokenizer works on.

The calls here would take minutes; that the test ends shows that they were ended. How soon is not measured.
"""

import os
import random
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import fasttok
from fasttok import BertTokenizer, Tokenizer
from fasttok.models import BPE
from fasttok.pre_tokenizers import ByteLevel

CALLS = """
import os, signal, sys, threading, time
from fasttok import BertTokenizer

tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece")
core = tokenizer.backend_tokenizer
text = "快速的 tokenizer, naïve café 一二三! " * 100
rows = [text] * 100_000
calls = {
    "flat": lambda: core.encode_batch_flat(rows),
    "flat on one thread": lambda: core.encode_batch_flat(rows, num_threads=1, offsets="char"),
    "count": lambda: core.count_batch(rows),
    "encodings": lambda: core.encode_batch(rows),
    "lists": lambda: tokenizer(rows),
    "padded": lambda: tokenizer(
        rows, padding="max_length", max_length=2000, truncation=True, return_tensors="np"
    ),
    "pairs": lambda: tokenizer(rows, rows),
    "lists that are copied": lambda: tokenizer([["a", "b"]] * 3_000_000),
    "one text": lambda: core.encode("".join(rows[:20_000])),
    "generic": lambda: core.with_engine("generic").encode_batch_flat(rows),
    "a generic text": lambda: core.with_engine("generic").encode_batch_flat(["".join(rows[:5000])]),
}
name = sys.argv[1]
print("ready", flush=True)
sys.stdin.readline()
begun = threading.Event()

def press():
    begun.wait()
    time.sleep(0.05)  # into the call
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=press, daemon=True).start()
try:
    begun.set()
    while True:  # a call that has ended before the signal is begun again
        calls[name]()
except KeyboardInterrupt:
    pass
assert core.encode("hello").ids == core.with_engine("generic").encode("hello").ids
assert len(core.encode_batch_flat(rows[:200], num_threads=2)) == 200
print("usable")
"""

NAMES = [
    "flat",
    "flat on one thread",
    "count",
    "encodings",
    "lists",
    "padded",
    "pairs",
    "lists that are copied",
    "one text",
    "generic",
]


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
@pytest.mark.parametrize("name", [*NAMES, "a generic text"])
def test_keyboard_interrupt(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CALLS, name], input="go\n", capture_output=True, text=True, timeout=300
    )
    assert (done.stdout.split(), done.stderr, done.returncode) == (["ready", "usable"], "", 0)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs setitimer")
def test_a_signal_handler_may_encode() -> None:
    tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer
    other = BertTokenizer(
        {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "token": 5, "##izer": 6}
    )
    rows = ["快速的 tokenizer, naïve café 一二三! " * 40] * 20_000 + ["naïve tokenizer " * 100_000]
    expected = tokenizer.encode_batch_flat(rows, num_threads=1).ids
    seen: list[list[int]] = []

    def handle(*_: object) -> None:
        seen.append(other("tokenizer café " * 30).input_ids)

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.03, 0.03)
    try:
        for threads in (1, 2):
            while len(seen) < threads:
                assert np.array_equal(tokenizer.encode_batch_flat(rows, num_threads=threads).ids, expected)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert all(ids == seen[0] for ids in seen)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs setitimer")
def test_a_signal_handler_may_encode_in_the_middle_of_a_word() -> None:
    # Merging a long word asks for signals; what stands behind it has been looked for by then.
    letters = "abcdefgh"
    alphabet = sorted(ByteLevel.alphabet())
    merges = [(a, b) for a in [*letters, "\u0120"] for b in letters]
    vocab = {token: i for i, token in enumerate([*alphabet, *(a + b for a, b in merges)])}
    backwards = {token: len(vocab) - 1 - i for token, i in vocab.items()}
    first, second = (Tokenizer(BPE(vocab=ids, merges=merges)) for ids in (vocab, backwards))
    for tokenizer in (first, second):
        tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
        assert tokenizer.engine == "byte_bpe"
    choose = random.Random(1)
    text = "".join("".join(choose.choices(letters, k=20_000)) + " abcde" for _ in range(40))
    expected = first.encode_ids(text)
    assert second.encode_ids(" abcde") != first.encode_ids(" abcde")
    calls = 0

    def handle(*_: object) -> None:
        nonlocal calls
        calls += 1
        second.encode_ids(" abcde")

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
    try:
        while calls < 5:
            fasttok.clear_cache()
            assert first.encode_ids(text) == expected
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def again_and_again(tokenizer: Tokenizer) -> None:
    while True:
        tokenizer.encode_batch_flat(["快速的 tokenizer " * 1000] * 2000)


def test_what_a_handler_raises_ends_the_call() -> None:
    class Enough(Exception):
        pass

    tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer

    def handle(*_: object) -> None:
        raise Enough

    before = signal.signal(signal.SIGINT, handle)
    try:
        timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(Enough):
            again_and_again(tokenizer)
        timer.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert tokenizer.encode("a").ids


# A program of one thread, whose batches are read from the list as long as no signal comes.
HANDLER = """
import signal
from fasttok import AddedToken, BertTokenizer

core = BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer
core.add_tokens([AddedToken("naive", single_word=True)])  # texts with it are the generic engine's
texts = [f"{i}: 快速的 tokenizer, naive 一二三! " * 20 for i in range(1500)]
expected = core.encode_batch_flat([text.encode() for text in texts]).to_lists()
within, others = False, []

def handler(*_):
    if not within:
        return
    rows.clear()
    others.append(["?" * len(text) + "中" for text in texts])  # where the rows lay

signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.03, 0.03)
while not others:  # a call that has ended before the signal is begun again
    rows = ["".join(text) for text in map(list, texts)]
    within = True
    batch = core.encode_batch_flat(rows, num_threads=2)
    within = False
    assert batch.to_lists() == expected
signal.setitimer(signal.ITIMER_REAL, 0)
print("equal")
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_a_handler_that_clears_the_rows() -> None:
    done = subprocess.run([sys.executable, "-c", HANDLER], capture_output=True, text=True, timeout=300)
    assert (done.stdout.split(), done.stderr, done.returncode) == (["equal"], "", 0)


# A handler that runs while the rows are taken from the list: those that have been taken by then count.
SHORTER = """
import signal
from fasttok import BertTokenizer

core = BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer
texts = [f"{i % 100} 中" for i in range(1_000_000)]
expected = core.encode_batch_flat(tuple(texts)).to_lists()
others = []

def handler(*_):
    rows.clear()
    others.append(["?" * len(text) + "中" for text in texts[:200_000]])  # where the rows lay

signal.signal(signal.SIGALRM, handler)
taken = len(texts)
for step in range(1, 10_000):  # until a signal has come early enough
    rows = ["".join(text) for text in map(list, texts)]
    signal.setitimer(signal.ITIMER_REAL, step % 50 * 0.0005 + 0.0005)
    batch = core.encode_batch_flat(rows)
    signal.setitimer(signal.ITIMER_REAL, 0)
    taken = len(batch)
    assert batch.to_lists() == expected[:taken]
    others.clear()
    if taken < len(texts):
        break
print(0 < taken < len(texts))
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs setitimer")
def test_a_handler_that_clears_the_rows_while_they_are_taken() -> None:
    done = subprocess.run([sys.executable, "-c", SHORTER], capture_output=True, text=True, timeout=300)
    assert (done.stdout.split(), done.stderr, done.returncode) == (["True"], "", 0)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs setitimer")
def test_a_handler_that_clears_the_rows_of_a_batch_encoding() -> None:
    tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece")
    rows: list[str] = []
    before = signal.signal(signal.SIGALRM, lambda *_: rows.clear())
    try:
        for step in range(24):
            rows[:] = [f"{i} 中" for i in range(100_000)]
            signal.setitimer(signal.ITIMER_REAL, 0.001 + step * 0.002)
            encoded = tokenizer(rows)
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert len(encoded["input_ids"]) == len(encoded["attention_mask"]) == len(encoded.encodings)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
