"""The long comparison of `PinyinTokenizer` with pinyintokenizer 0.0.3: too long for the test suite.

    python scripts/pinyin_campaign.py short random sentences --state FILE [--random 10000000] [--seed 0]

    short      every string of up to 6 of the letters a e g i n o u h x
    random     N random strings of 1 to 12 of the 26 letters
    sentences  N / 100 random sentences of syllables with errors, tones, spaces and English

A part is a list of units, shared out among the processes; the state file says which are done, so that an
interrupted run goes on where it was. Exit status 1 if anything differed, in this run or in one before it with
the same state file.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pinyintokenizer

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from test_pinyin_peer import LETTERS, random_text, words_of

from fasttok.pinyin import PinyinTokenizer

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
AT_A_TIME = 50_000  # texts of a unit
SHOWN = 5  # differences of a unit that are kept

Unit = tuple[str, int, int, int]  # part, seed, number, texts


def units(part: str, options: argparse.Namespace) -> Iterator[Unit]:
    if part == "short":  # by the first two letters; 0 has what is shorter
        yield from (("short", 0, number, 9**4) for number in range(1 + len(LETTERS) ** 2))
        return
    total = options.random if part == "random" else options.random // 100
    for number in range(-(-total // AT_A_TIME)):
        yield part, options.seed, number, min(AT_A_TIME, total - number * AT_A_TIME)


def texts(unit: Unit) -> Iterable[str]:
    part, seed, number, count = unit
    if part == "short":
        if number == 0:
            return ("".join(word) for n in range(6) for word in product(LETTERS, repeat=n))
        first = "".join(divmod_letters(number - 1))
        return (first + "".join(word) for word in product(LETTERS, repeat=4))
    rng = random.Random(f"{seed} {part} {number}")
    if part == "random":
        return ("".join(rng.choices(ALPHABET, k=rng.randint(1, 12))) for _ in range(count))
    syllables = ["".join(word) for word in words_of(pair()[1].root)]
    return (random_text(rng, syllables) for _ in range(count))


def divmod_letters(number: int) -> tuple[str, str]:
    first, second = divmod(number, len(LETTERS))
    return LETTERS[first], LETTERS[second]


@cache
def pair() -> tuple[Any, Any]:
    return PinyinTokenizer(), pinyintokenizer.PinyinTokenizer()


def compared(unit: Unit) -> tuple[Unit, int, list[str]]:
    ours, theirs = (each.tokenize for each in pair())
    count, found = 0, []
    for text in texts(unit):
        count += 1
        if ours(text) != theirs(text) and len(found) < SHOWN:
            found.append(text)
    return unit, count, found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="+", choices=("short", "random", "sentences"))
    parser.add_argument("--state", type=Path, required=True, help="JSON file, made if it does not exist")
    parser.add_argument("--random", type=int, default=10_000_000, help="number of random strings")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    given = {"seed": options.seed, "random": options.random}
    state = json.loads(options.state.read_text("utf-8")) if options.state.exists() else {"options": given}
    if state["options"] != given:
        parser.error(f"{options.state} was made with {state['options']}; use another state file")
    with ProcessPoolExecutor(options.processes) as pool:
        for part in options.parts:
            done = state.setdefault(part, {"units": [], "texts": 0, "seconds": 0.0, "differences": []})
            left = [unit for unit in units(part, options) if unit[2] not in done["units"]]
            start, before = time.monotonic(), done["seconds"]
            for unit, count, found in pool.map(compared, left):
                done["units"].append(unit[2])
                done["texts"] += count
                done["seconds"] = before + time.monotonic() - start
                done["differences"] += found
                for text in found:
                    print(f"DIFFERENT {part}: {text!a}", flush=True)
                save(options.state, state)
            different = len(done["differences"])
            print(
                f"{part}: {done['texts']} texts in {done['seconds']:.0f} s, {different} differences shown",
                flush=True,
            )
    return 1 if any(state[part]["differences"] for part in state if part != "options") else 0


def save(path: Path, state: dict[str, Any]) -> None:
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(state), "utf-8")
    os.replace(new, path)


if __name__ == "__main__":
    sys.exit(main())
