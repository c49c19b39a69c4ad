"""Measure fasttok.tiktoken against tiktoken, but for encoding: 10 million ids decoded, cl100k loaded.

    python benches/tiktoken_calls.py [--quick]

Answers are verified first: bytes, texts and ranks are equal. Then rounds; in each every call makes one pass;
wall time, the garbage collector off, the median counts. Loading is from the rank file to an Encoding that has
encoded a word, the hash checked, no cache. Writes results/tiktoken/calls.json; a quick run writes nothing.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cases import DATA, sha256

ROUNDS = 7
RANKS = DATA / "vocabs" / "tiktoken" / "cl100k_base.tiktoken"
CORPUS = DATA / "corpora" / "en_nltk.txt"
IDS = 10_000_000
# Floors and aims are ratios of times: the rival's by ours for decoding, ours by the rival's for loading.
FLOORS = {"decode_bytes": 1.5, "decode": 1.5, "load": 1.0}
AIMS = {"decode_bytes": 3.0, "decode": 3.0, "load": 0.3}


def median_of(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Seconds of each call; the calls take turns."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            gc.disable()
            start = time.perf_counter()
            answer = call()
            times[name].append(time.perf_counter() - start)
            del answer
            gc.enable()
    return {name: statistics.median(some) for name, some in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke run: few ids, writes nothing")
    options = parser.parse_args()
    if not RANKS.exists() or not CORPUS.exists():
        sys.exit(f"no {RANKS} or {CORPUS}; set FASTTOK_DATA")
    os.environ["TIKTOKEN_CACHE_DIR"] = ""
    import tiktoken.load

    from fasttok import tiktoken as fast
    from fasttok.tiktoken import load, openai_public

    digest = sha256(RANKS)

    def opened(package: Any, loader: Any) -> Any:
        ranks = loader.load_tiktoken_bpe(str(RANKS), digest)
        encoding = package.Encoding(
            "cl100k", pat_str=openai_public._CL100K_PATTERN, mergeable_ranks=ranks, special_tokens={}
        )
        encoding.encode("word")
        return encoding

    ours, rival = opened(fast, load), opened(tiktoken, tiktoken.load)
    assert ours._mergeable_ranks == rival._mergeable_ranks
    count = 100_000 if options.quick else IDS
    ids = ours.encode_ordinary(CORPUS.read_text("utf-8")[: 5 * count])
    ids = (ids * (1 + count // len(ids)))[:count]
    assert ours.decode(ids) == rival.decode(ids)
    assert ours.decode_bytes(ids) == rival.decode_bytes(ids)

    rounds = 1 if options.quick else ROUNDS
    rows = []
    for name in FLOORS:
        if name == "load":
            calls = {"ours": lambda: opened(fast, load), "rival": lambda: opened(tiktoken, tiktoken.load)}
        else:
            calls = {
                who: (lambda e=encoding, n=name: getattr(e, n)(ids))
                for who, encoding in (("ours", ours), ("rival", rival))
            }
        spent = median_of(calls, rounds)
        ratio = spent["ours"] / spent["rival"] if name == "load" else spent["rival"] / spent["ours"]
        row = {
            "call": name,
            "ours_ms": round(1000 * spent["ours"], 1),
            "tiktoken_ms": round(1000 * spent["rival"], 1),
            "ratio": round(ratio, 2),
            "floor": FLOORS[name],
            "aim": AIMS[name],
        }
        rows.append(row)
        print(row, flush=True)
    if not options.quick:
        path = Path(__file__).parent / "results" / "tiktoken" / "calls.json"
        path.parent.mkdir(exist_ok=True)
        report = {"case": "tiktoken", "ranks": digest, "corpus": sha256(CORPUS), "ids": count, "rows": rows}
        path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
