"""The long comparison of `PinyinTokenizer` with pinyintokenizer 0.0.3: too long for the test suite.

    python scripts/pinyin_campaign.py short random sentences [--random 10000000] [--seed 0]

    short      every string of up to 6 of the letters a e g i n o u h x
    random     N random strings of 1 to 12 of the 26 letters
    sentences  N / 100 random sentences of syllables with errors, tones, spaces and English

Exit status 1 if anything differed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pinyintokenizer

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from test_pinyin_peer import LETTERS, random_text, words_of

from fasttok.pinyin import PinyinTokenizer

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def texts(part: str, options: argparse.Namespace) -> Iterator[str]:
    rng = random.Random(f"{options.seed} {part}")
    if part == "short":
        for length in range(7):
            yield from map("".join, product(LETTERS, repeat=length))
    elif part == "random":
        for _ in range(options.random):
            yield "".join(rng.choices(ALPHABET, k=rng.randint(1, 12)))
    else:
        syllables = ["".join(word) for word in words_of(pinyintokenizer.PinyinTokenizer().root)]
        for _ in range(options.random // 100):
            yield random_text(rng, syllables)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="+", choices=("short", "random", "sentences"))
    parser.add_argument("--random", type=int, default=10_000_000, help="number of random strings")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    ours, theirs = PinyinTokenizer(), pinyintokenizer.PinyinTokenizer()
    different = 0
    for part in options.parts:
        start, count = time.monotonic(), 0
        for text in texts(part, options):
            count += 1
            if ours.tokenize(text) != theirs.tokenize(text):
                different += 1
                print(f"DIFFERENT {part}: {text!a}", flush=True)
        seconds = time.monotonic() - start
        print(f"{part}: {count} texts in {seconds:.0f} s, {different} differences so far", flush=True)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
