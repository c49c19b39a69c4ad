"""Measure pinyin against pinyintokenizer 0.0.3, on lines of zh_fewclue read out by pypinyin, spaces removed.

    python benches/pinyin.py [--quick] [--lines 3000]

Answers are verified first: `tokenize` against the rival's on every line it is timed on, flat ids and
`n_best` against `segment`. Then rounds; in each, every call makes one pass over str objects that are decoded
anew; only the calls are timed, the garbage collector is off, the median counts. Ratios are to the rival's
`tokenize` on the first lines (it is slow) in the same run. `linear` is time(2n) / time(n) for 1 MB without
separators. Writes results/pinyin.json; a quick run writes nothing.
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

from cases import DATA, has_data, sha256

ROUNDS = 7
RIVAL_BYTES = 100_000
FLOORS = {"tokenize": 60, "flat ids": 150, "n_best(10)": 8}
AIMS = {"tokenize": 200, "flat ids": 400, "n_best(10)": 25}


def lines_of(count: int) -> list[bytes]:
    from pypinyin import lazy_pinyin

    path = DATA / "corpora" / "zh_fewclue.txt"
    lines = path.read_text("utf-8").removesuffix("\n").split("\n")
    step = max(1, len(lines) // count)
    return ["".join(lazy_pinyin(line)).replace(" ", "").encode() for line in lines[::step][:count]]


def seconds(call: Callable[[list[str]], Any], lines: list[bytes]) -> float:
    times = []
    for _ in range(ROUNDS):
        texts = [line.decode() for line in lines]
        gc.disable()
        start = time.perf_counter()
        call(texts)
        times.append(time.perf_counter() - start)
        gc.enable()
    return statistics.median(times)


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
    size = sum(map(len, lines))
    few: list[bytes] = []
    for line in lines:
        if sum(map(len, few)) < RIVAL_BYTES:
            few.append(line)
    rival, ours = pinyintokenizer.PinyinTokenizer(), pinyin.PinyinTokenizer()
    syllables = PinyinSyllableTokenizer.from_pretrained("pinyin")
    flat = syllables.backend_tokenizer.encode_batch_flat

    for line in few:
        assert ours.tokenize(line.decode()) == rival.tokenize(line.decode())
    texts = [line.decode() for line in lines]
    tokens = [[syllables.convert_ids_to_tokens(i) for i in row[1:-1]] for row in flat(texts).to_lists()]
    for text, row in zip(texts, tokens, strict=True):
        parts = [part for part in pinyin.segment(text, v="ü") if part.kind != "separator"]
        names = [part.syllable + ("" if part.tone is None else str(part.tone or 5)) for part in parts]
        assert row == ["[UNK]" if p.kind == "other" else name for p, name in zip(parts, names, strict=True)]
        assert pinyin.n_best(text, 10)[0] == pinyin.segment(text)

    few_size = sum(map(len, few))
    base = few_size / seconds(lambda texts: [rival.tokenize(text) for text in texts], few) / 1e6
    calls: dict[str, Callable[[list[str]], Any]] = {
        "tokenize": lambda texts: [ours.tokenize(text) for text in texts],
        "flat ids": lambda texts: flat(texts, num_threads=1),
        "n_best(10)": lambda texts: [pinyin.n_best(text, 10) for text in texts],
        "segment": lambda texts: [pinyin.segment(text) for text in texts],
    }
    rows = [{"call": "pinyintokenizer tokenize", "mb_per_s": round(base, 3)}]
    for name, call in calls.items():
        speed = size / seconds(call, lines) / 1e6
        rows.append({"call": name, "mb_per_s": round(speed, 1), "ratio": round(speed / base, 1)})
        if name in FLOORS:
            rows[-1] |= {"floor": FLOORS[name], "aim": AIMS[name]}
        print(rows[-1], flush=True)
    half = b"".join(lines).replace(b"\n", b"").decode(errors="ignore").encode("ascii", "ignore")[:500_000]
    letters = bytes(c for c in half if 97 <= c <= 122)
    linear = seconds(lambda t: pinyin.segment(t[0]), [letters * 2]) / seconds(
        lambda t: pinyin.segment(t[0]), [letters]
    )
    print(f"linear: {linear:.2f}")
    if not options.quick:
        out = {"case": "pinyin", "corpus": sha256(DATA / "corpora" / "zh_fewclue.txt"), "lines": len(lines)}
        path = Path(__file__).parent / "results" / "pinyin.json"
        text = json.dumps({**out, "bytes": size, "linear": round(linear, 2), "rows": rows}, indent=1)
        path.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
