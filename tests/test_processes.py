"""fork, spawn, pickle: a child works at once, in parallel and silently; state does not depend on calls."""

import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from fasttok import BertTokenizer, Tokenizer

ROWS = [f"快速的 tokenizer {i} 一二三" * 3 for i in range(3000)]

# Forks again and again, warm and cold, also while another thread encodes; each child encodes a batch on two
# threads, says nothing, and must have started a thread of its own.
FORKS = """
import os, sys, threading, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # CPython's own, of fork among threads, from 3.12 on
from fasttok import BertTokenizer

times, warm = int(sys.argv[1]), sys.argv[2] == "warm"
tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer
rows = [f"快速的 tokenizer {i} 一二三" * 3 for i in range(3000)]
expected = tokenizer.encode_batch_flat(rows, num_threads=1).ids.tobytes()
if warm:
    assert tokenizer.encode_batch_flat(rows, num_threads=2).ids.tobytes() == expected
done = threading.Event()

def encode():
    while not done.is_set():
        assert tokenizer.encode_batch_flat(rows, num_threads=2).ids.tobytes() == expected

other = threading.Thread(target=encode)
if warm:
    other.start()
failures = 0
for _ in range(times):
    child = os.fork()
    if child == 0:
        import signal
        signal.alarm(60)
        before = len(os.listdir("/proc/self/task"))
        good = tokenizer.encode_batch_flat(rows, num_threads=2).ids.tobytes() == expected
        good = good and len(os.listdir("/proc/self/task")) == before + 1
        good = good and [e.ids for e in tokenizer.encode_batch(rows[:2])] == [
            tokenizer.encode(row).ids for row in rows[:2]
        ]
        os._exit(0 if good else 1)
    failures += os.waitpid(child, 0)[1] != 0
done.set()
if warm:
    other.join()
print(failures)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("state", ["cold", "warm"])
def test_fork(state: str) -> None:
    times = os.environ.get("FASTTOK_FORKS", "12")
    done = subprocess.run(
        [sys.executable, "-c", FORKS, times, state], capture_output=True, text=True, timeout=900
    )
    assert (done.stdout.strip(), done.stderr, done.returncode) == ("0", "", 0)


# The interpreter shuts down while a daemon thread is in the midst of a batch.
ENDS = """
import sys, threading
from fasttok import BertTokenizer

tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer
rows = ["快速的 tokenizer 一二三" * 100] * 300
threads = int(sys.argv[1])
begun = threading.Event()

def encode():
    while True:
        tokenizer.encode_batch_flat(rows, num_threads=threads)
        tokenizer.encode(rows[0] * 20)
        begun.set()

threading.Thread(target=encode, daemon=True).start()
begun.wait()
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_exit_while_a_thread_encodes(threads: int) -> None:
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", ENDS, str(threads)], capture_output=True, text=True, timeout=300
        )
        assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def ids_of(tokenizer: Tokenizer) -> bytes:
    return tokenizer.encode_batch_flat(ROWS, num_threads=2).ids.tobytes()


@pytest.mark.parametrize("method", ["spawn", "fork"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_pool_of_processes(method: str) -> None:
    tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer
    expected = ids_of(tokenizer)
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(ids_of, [tokenizer] * 3) == [expected] * 3


def use(tokenizer: BertTokenizer) -> None:
    """Calls of all kinds, also such that fail."""
    tokenizer(["a b", "中文"], padding=True, truncation=True, max_length=8, return_tensors="np")
    tokenizer("a", "b", return_offsets_mapping=True, specials="text")
    tokenizer.encode_batch_flat(ROWS[:50], truncation=4)
    tokenizer.decode(tokenizer("x").input_ids)
    tokenizer("x " * 600)
    for bad in (5, ["a", None], "\ud800"):
        with pytest.raises((TypeError, ValueError)):
            tokenizer(bad)
    core = tokenizer.backend_tokenizer
    assert core.encode("a").tokens
    core.get_vocab_size()
    core.with_engine("generic").encode("a")


def test_pickle_and_fingerprint_do_not_depend_on_calls() -> None:
    tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece")
    core = tokenizer.backend_tokenizer
    before = (pickle.dumps(tokenizer), pickle.dumps(core), tokenizer.fingerprint(), core.to_str())
    use(tokenizer)
    assert (pickle.dumps(tokenizer), pickle.dumps(core), tokenizer.fingerprint(), core.to_str()) == before
    for again in (pickle.loads(before[0]), BertTokenizer.from_pretrained("zh-en-wordpiece")):
        assert pickle.dumps(again) == before[0]
        assert again.fingerprint() == before[2]
    other = (
        "from fasttok import BertTokenizer as T; print(T.from_pretrained('zh-en-wordpiece').fingerprint())"
    )
    done = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == before[2]


def test_fingerprint_of_datasets_does_not_depend_on_calls() -> None:
    # datasets.fingerprint.Hasher hashes what dill writes, functions that hold the tokenizer included.
    dill = pytest.importorskip("dill")
    tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece")
    written = [dill.dumps(tokenizer), dill.dumps(lambda row: tokenizer(row["text"]))]
    use(tokenizer)
    assert [dill.dumps(tokenizer), dill.dumps(lambda row: tokenizer(row["text"]))][0] == written[0]


def test_unpickled_in_a_thread_with_a_small_stack() -> None:
    tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece")
    data = pickle.dumps(tokenizer)
    found = []
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=lambda: found.append(pickle.loads(data)("快速 a" * 5000).input_ids))
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert found == [tokenizer("快速 a" * 5000).input_ids]


def test_a_process_that_only_imports_has_no_threads(tmp_path: Path) -> None:
    code = "import os, numpy; n = len(os.listdir('/proc/self/task')); import fasttok; "
    code += "t = fasttok.BertTokenizer.from_pretrained('zh-en-wordpiece'); t(['a'] * 9); "
    code += "print(len(os.listdir('/proc/self/task')) - n)"
    if not Path("/proc/self/task").is_dir():
        pytest.skip("looks into /proc")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


def test_columns_of_a_pickled_batch() -> None:
    batch = BertTokenizer.from_pretrained("zh-en-wordpiece").encode_batch_flat(ROWS[:9], offsets="char")
    again = pickle.loads(pickle.dumps(batch))
    assert np.array_equal(again.ids, batch.ids)
    assert np.array_equal(again.offsets, batch.offsets)
