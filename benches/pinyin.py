"""Measure pinyin against pinyintokenizer 0.0.3, on lines of zh_fewclue read out by pypinyin, spaces removed.

    python benches/pinyin.py [--quick] [--lines 3000]

Answers are verified first: `tokenize` against the rival's on every line it is timed on, flat ids and
`n_best` against `segment`. Then rounds; in each every call makes one pass over str objects that are decoded
anew; only the calls are timed (CPU time of the one thread), the garbage collector is off, the median counts.

The rival's time grows faster than its line, so it is timed on two samples: every 50th line, and short ones
(up to 60 letters), and so are the calls; ratios are within a sample. `linear` is time(2n) / time(n) for 1 MB
without separators, each in turn in one process. Writes results/pinyin/speed.json; a quick run writes nothing.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpora import DATA, has_data, sha256

ROUNDS = 15
FLOORS = {"tokenize": 60, "flat ids": 150, "n_best(10)": 8}
AIMS = {"tokenize": 200, "flat ids": 400, "n_best(10)": 25}


def lines_of(count: int) -> list[bytes]:
    from pypinyin import lazy_pinyin

    path = DATA / "corpora" / "zh_fewclue.txt"
    lines = path.read_text("utf-8").removesuffix("\n").split("\n")
    step = max(1, len(lines) // count)
    return ["".join(lazy_pinyin(line)).replace(" ", "").encode() for line in lines[::step][:count]]


def seconds(call: Callable[[list[str]], Any], lines: list[bytes], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        texts = [line.decode() for line in lines]
        gc.disable()
        start = time.thread_time()
        call(texts)
        times.append(time.thread_time() - start)
        gc.enable()
    return statistics.median(times)


def growth(call: Callable[[list[str]], Any], text: bytes) -> float:
    """time(2n) / time(n), medians of rounds in turns, after a call with each."""
    times: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(ROUNDS + 1):
        for count in (2, 1):
            times[count].append(seconds(call, [text * count], rounds=1))
    once, twice = (statistics.median(times[count][1:]) for count in (1, 2))
    return round(twice / once, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke run: few lines, writes nothing")
    parser.add_argument("--lines", type=int, default=3000)
    options = parser.parse_args()
    if not has_data():
        sys.exit(f"no corpora in {DATA}; set FASTTOK_DATA")
    import pinyintokenizer

    from fasttok import PinyinSyllableTokenizer, pinyin

    lines = lines_of(50 if options.quick else options.lines)
    samples = {"all": lines[::50], "short": [line for line in lines if len(line) <= 60][:1000]}
    rival, ours = pinyintokenizer.PinyinTokenizer(), pinyin.PinyinTokenizer()
    syllables = PinyinSyllableTokenizer.from_pretrained("pinyin")
    flat = syllables.backend_tokenizer.encode_batch_flat

    for line in samples["all"] + samples["short"]:
        assert ours.tokenize(line.decode()) == rival.tokenize(line.decode())
    texts = [line.decode() for line in lines]
    tokens = [[syllables.convert_ids_to_tokens(i) for i in row[1:-1]] for row in flat(texts).to_lists()]
    for text, named in zip(texts, tokens, strict=True):
        parts = [part for part in pinyin.segment(text, v="ü") if part.kind != "separator"]
        names = [part.syllable + ("" if part.tone is None else str(part.tone or 5)) for part in parts]
        assert named == ["[UNK]" if p.kind == "other" else name for p, name in zip(parts, names, strict=True)]
        assert pinyin.n_best(text, 10)[0] == pinyin.segment(text)

    calls: dict[str, Callable[[list[str]], Any]] = {
        "tokenize": lambda texts: [ours.tokenize(text) for text in texts],
        "flat ids": lambda texts: flat(texts, num_threads=1),
        "n_best(10)": lambda texts: [pinyin.n_best(text, 10) for text in texts],
        "segment": lambda texts: [pinyin.segment(text) for text in texts],
    }
    rows: list[dict[str, Any]] = []
    for sample, some in samples.items():
        size = sum(map(len, some))
        base = size / seconds(lambda texts: [rival.tokenize(text) for text in texts], some) / 1e6
        rows.append({"call": "pinyintokenizer", "lines": sample, "mb_per_s": round(base, 3)})
        print(rows[-1], flush=True)
        for name, call in calls.items():
            speed = size / seconds(call, some) / 1e6
            row: dict[str, Any] = {
                "call": name,
                "lines": sample,
                "mb_per_s": round(speed, 1),
                "ratio": round(speed / base, 1),
            }
            if name in FLOORS:
                row |= {"floor": FLOORS[name], "aim": AIMS[name]}
            rows.append(row)
            print(row, flush=True)
    letters = bytes(c for c in b"".join(lines) if 97 <= c <= 122)
    size = 10_000 if options.quick else 1_000_000
    once = (letters * (size // len(letters) + 1))[:size]
    linear = {
        "segment": growth(lambda t: pinyin.segment(t[0]), once),
        "flat ids": growth(lambda t: flat(t, num_threads=1), once),
    }
    print("linear:", linear)
    if not options.quick:
        out = {"case": "pinyin", "corpus": sha256(DATA / "corpora" / "zh_fewclue.txt"), "lines": len(lines)}
        path = Path(__file__).parent / "results" / "pinyin" / "speed.json"
        text = json.dumps({**out, "linear": linear, "rows": rows}, indent=1)
        path.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
