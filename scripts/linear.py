"""Times texts that are made to hurt, at n and 2n, on a stack of 256 KiB: time(2n) / time(n) is at most 2.4.

    python scripts/linear.py                    all families up to 8 MB, as one word and as many
    python scripts/linear.py --bytes 1000000    a trial
    python scripts/linear.py --vocabs FOLDER    through each FOLDER/*/tokenizer.json in place of that

Each family is encoded by the flat call, with the bundled vocabulary where no other is given. A time is CPU
time of the thread, the least of several; below a millisecond nothing is judged. Then 100,000 to 400,000
added tokens: loading, and encoding beside none.

From some size on malloc takes its memory anew from the system at each call, and fresh pages may cost more
than the work: a step, no growth. So their price is measured first and taken off.

The exit status is 1 where a ratio is too high.
"""

from __future__ import annotations

import argparse
import base64
import random
import resource
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from fasttok import BertTokenizer, Tokenizer

MOST = 2.4
NOISE = 0.001  # seconds
TRIES = 5

random_bytes = random.Random(1).randbytes


def family(unit: str) -> Callable[[int], str]:
    """A text of about `size` bytes of UTF-8: `unit`, again and again."""
    return lambda size: unit * max(1, size // len(unit.encode()))


FAMILIES: dict[str, Callable[[int], str]] = {
    "a": family("a"),
    "a, many": family("a "),
    "a x 90, many": family("a" * 90 + " "),
    "a x 101, many": family("a" * 101 + " "),
    "spaces": family(" "),
    "newlines": family("\n"),
    "中": family("中"),
    "中, many": family("中 "),
    "ZWJ emoji": family("👩‍👩‍👧‍👦"),
    "ZWJ emoji, many": family("👩‍👩‍👧‍👦 "),
    "combining marks": family("\u0301"),
    "combining marks, many": family("a\u0301\u0323\u0308 "),
    "marks among controls": family("\u0301\u0001"),
    "jibber-jabber": family("jibber-jabber"),
    "jibber-jabber, many": family("jibber-jabber "),
    "base64": lambda size: base64.b64encode(random_bytes(size * 3 // 4)).decode(),
    "base64, many": lambda size: base64.encodebytes(random_bytes(size * 3 // 4)).decode(),
    "[CLS] begun": family("[CLS"),
    "[CLS]": family("[CLS]"),
    "hangul": family("한국어 "),
    "underscores": family("_"),
}


def time_and_faults(call: Callable[[], object]) -> tuple[float, int]:
    faults, start = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, time.thread_time()
    call()
    return time.thread_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults


def price_of_a_page() -> float:
    seconds, faults = min(time_and_faults(lambda: bytearray(64_000_000)) for _ in range(TRIES))
    return seconds / max(1, faults)


PAGE = price_of_a_page()


def least_time(call: Callable[[], object]) -> float:
    return min(seconds - faults * PAGE for seconds, faults in (time_and_faults(call) for _ in range(TRIES)))


def judge(name: str, times: dict[int, float]) -> bool:
    """Prints the ratios of one row; whether all are low enough."""
    sizes = sorted(times)
    ratios = [times[b] / max(times[a], NOISE) for a, b in pairwise(sizes) if times[b] > NOISE]
    worst = max(ratios, default=0.0)
    shown = " ".join(f"{times[size] * 1000:9.2f}" for size in sizes)
    print(f"{name:44} {shown} ms  worst ratio {worst:.2f}{'' if worst <= MOST else '  TOO HIGH'}", flush=True)
    return worst <= MOST


def texts_are_linear(tokenizer: Tokenizer, most_bytes: int, engine: str, label: str = "") -> bool:
    core = tokenizer.with_engine(engine)
    good = True
    for name, make in FAMILIES.items():
        times = {}
        for size in (most_bytes // 4, most_bytes // 2, most_bytes):
            text = make(size)
            times[size] = least_time(lambda text=text: core.encode_batch_flat([text], num_threads=1))
        good &= judge(f"{label or engine}: {name}", times)
    return good


def added_tokens_are_linear(tokenizer: BertTokenizer) -> bool:
    text = "".join(f"快速的 tokenizer {i} <tok" for i in range(20_000))
    plain = least_time(lambda: tokenizer.backend_tokenizer.encode_batch_flat([text], num_threads=1))
    loading, encoding = {}, {}
    for count in (100_000, 200_000, 400_000):
        core = BertTokenizer.from_pretrained("zh-en-wordpiece").backend_tokenizer
        core.add_special_tokens([f"<tok_{i}>" for i in range(count)])
        json = core.to_str()
        start = time.thread_time()
        core = Tokenizer.from_str(json)
        assert core.encode(f"<tok_{count - 1}>", add_special_tokens=False).ids == [30_000 + count - 1]
        loading[count] = time.thread_time() - start
        encoding[count] = least_time(lambda core=core: core.encode_batch_flat([text], num_threads=1))
    good = judge("loading added tokens", loading)
    print(f"encoding: {plain * 1000:.2f} ms without, {encoding[400_000] * 1000:.2f} ms with 400,000 of them")
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bytes", type=int, default=8_000_000, help="the largest text")
    parser.add_argument(
        "--generic-bytes", type=int, default=500_000, help="the largest for the generic engine"
    )
    parser.add_argument("--vocabs", type=Path, help="a folder of folders with a tokenizer.json each")
    options = parser.parse_args()
    outcome: list[bool] = []

    def run() -> None:
        if options.vocabs is not None:
            for path in sorted(options.vocabs.glob("*/tokenizer.json")):
                tokenizer = Tokenizer.from_file(path)
                for engine in dict.fromkeys((tokenizer.engine, "generic")):
                    name = f"{path.parent.name} {engine}"
                    kind = "generic" if engine == "generic" else "auto"
                    most = options.generic_bytes if engine == "generic" else options.bytes
                    outcome.append(texts_are_linear(tokenizer, most, kind, name))
            return
        bert = BertTokenizer.from_pretrained("zh-en-wordpiece")
        outcome.append(texts_are_linear(bert.backend_tokenizer, options.bytes, "auto"))
        outcome.append(texts_are_linear(bert.backend_tokenizer, options.generic_bytes, "generic"))
        outcome.append(added_tokens_are_linear(bert))

    threading.stack_size(256 * 1024)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return 0 if outcome and all(outcome) else 1


if __name__ == "__main__":
    sys.exit(main())
