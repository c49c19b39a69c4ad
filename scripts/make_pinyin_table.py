"""Write the tables of `fasttok.pinyin`: the syllables (C++), the costs of the best reading, the vocabulary.

    python scripts/make_pinyin_table.py CORPORA [--trigrams 70000] [--syllables-only]

    cpp/fasttok/pinyin/syllables.cc   the inventory below
    vocabs/pinyin/vocab.txt           the same syllables, with and without tone, as a model's vocabulary
    vocabs/pinyin/costs.bin           what follows what: counted from CORPORA, read out by pypinyin 0.55

CORPORA is a folder with zh_wiki.txt and zh_fewclue.txt. The test lines (`test_lines`) of zh_wiki are in no
count; scripts/pinyin_quality.py measures on them. Two runs write the same bytes.

The model is a trigram of syllables within runs of Han characters, "#" at both ends: absolute discounting,
interpolated with the bigram, that with the unigram. Most trigrams never decide anything: kept are those that
weigh most, counted only where their stretch of letters can be divided in more than one way; the others back
off. Costs are -ln p in units of 1/12, one byte each.

costs.bin is a zlib stream of (little endian): "FTPINYIN", u32 symbols (syllables and "#", which is the last),
u8 unigram[symbols], u8 bigram[symbols][symbols], u32 contexts, u32 trigrams, and for each context in order
u16 a, u16 b, i8 back-off cost, u8 unused, u16 number of trigrams; then for each trigram u16 c, u8 cost.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import struct
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEST_LINES = 20_000
UNITS = 12  # of a nat
DISCOUNT = 0.75

# Finals by initial. Here and in the tables v is ü.
STANDARD = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "c": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "f": "a an ang ei en eng o ou u",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan un uo v ve",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "t": "a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo",
    "w": "a ai an ang ei en eng o u",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
}
EXTENDED = [
    "bia",
    "biang",
    "bong",
    "din",
    "duang",
    "fiao",
    "len",
    "nia",
    "pia",
    "sei",
    "wong",
    "yai",
]  # dialects, sounds, jokes
EXTENDED_COST = 100  # they are hardly counted, but who asks for them means them
LETTER_E = "ê"
ALONE = ["hm", "hng", "m", "n", "ng"]  # syllables only where nothing else stands beside them
ERHUA = "r"


def inventory() -> list[str]:
    """All syllables; the place of one is its number in every table."""
    standard = [initial + final for initial, finals in STANDARD.items() for final in finals.split()]
    return [*sorted(standard), *EXTENDED, LETTER_E, *ALONE, ERHUA]


def spellings() -> list[tuple[str, str]]:
    """(as it is written, what it is), where the two differ."""
    after_j = [s for s in inventory() if s[0] in "jqxy" and s[1] == "u"]
    return [("lue", "lve"), ("nue", "nve"), *((s[0] + "v" + s[2:], s) for s in after_j)]


def test_lines(lines: Iterable[str]) -> frozenset[str]:
    """The lines of zh_wiki that quality is measured on: the 20,000 with the smallest SHA-256."""
    return frozenset(sorted(set(lines), key=lambda line: hashlib.sha256(line.encode()).digest())[:TEST_LINES])


def lines_of(path: Path) -> list[str]:
    return path.read_text("utf-8").removesuffix("\n").split("\n")


def read_out(line: str) -> list[str]:
    """The syllables of a line (v is ü), and what is none as it is, marked by a NUL before it."""
    from pypinyin import lazy_pinyin

    return [part for part in lazy_pinyin(line, errors=lambda other: "\0" + other) if part]


def runs_of(lines: Iterable[str]) -> Iterator[list[str]]:
    """The syllables of each run of Han characters."""
    known = {*inventory()}
    for line in lines:
        run: list[str] = []
        for part in read_out(line):
            if part in known:
                run.append(part)
            elif run:
                yield run
                run = []
        if run:
            yield run


class Ambiguity:
    """Which syllables of a run lie where its letters can be divided in more than one way."""

    def __init__(self) -> None:
        self.known = {s for s in inventory() if s not in (*ALONE, *EXTENDED, ERHUA)}

    def of(self, run: list[str]) -> list[bool]:
        text = "".join(run)
        n = len(text)
        ends: list[list[int]] = [[] for _ in range(n + 1)]
        reached = bytearray(n + 1)
        reached[0] = 1
        for i in range(n):
            if reached[i]:
                for j in range(i + 1, min(n, i + 6) + 1):
                    if text[i:j] in self.known:
                        ends[i].append(j)
                        reached[j] = 1
        finishes = bytearray(n + 1)
        finishes[n] = 1
        crossed = bytearray(n + 1)
        for i in range(n - 1, -1, -1):
            alive = [j for j in ends[i] if finishes[j]]
            if alive:
                finishes[i] = 1
                for p in range(i + 1, alive[-1]):
                    crossed[p] = 1
        # Inside the only reading of a stretch no place is the end of another syllable.
        result, at = [], 0
        for syllable in run:
            end = at + len(syllable)
            inner = any(finishes[p] and reached[p] for p in range(at + 1, end))
            result.append(bool(inner or crossed[at] or crossed[end]))
            at = end
        return result


def write_costs(corpora: Path, most_trigrams: int, out: Path) -> None:
    wiki = lines_of(corpora / "zh_wiki.txt")
    test = test_lines(wiki)
    lines = [line for line in wiki + lines_of(corpora / "zh_fewclue.txt") if line not in test]
    names = inventory()
    number = {name: i for i, name in enumerate(names)}
    end = len(names)  # "#"
    bigrams: Counter[tuple[int, int]] = Counter()
    trigrams: Counter[tuple[int, int, int]] = Counter()
    decisive: Counter[tuple[int, int, int]] = Counter()
    ambiguity = Ambiguity()
    for run in runs_of(lines):
        ids = [end, end, *(number[s] for s in run), end]
        bigrams.update(pairwise(ids[1:]))
        found = list(zip(ids, ids[1:], ids[2:], strict=False))
        trigrams.update(found)
        doubtful = [False, False, *ambiguity.of(run), False]
        decisive.update(
            t for t, *d in zip(found, doubtful, doubtful[1:], doubtful[2:], strict=False) if any(d)
        )
    unigrams: Counter[int] = Counter()
    totals: Counter[int] = Counter()
    followers: Counter[int] = Counter()
    for (a, b), count in bigrams.items():
        unigrams[b] += count
        totals[a] += count
        followers[a] += 1
    symbols = end + 1
    everything = sum(unigrams.values())
    p1 = [(unigrams[b] + 0.5) / (everything + 0.5 * symbols) for b in range(symbols)]

    def p2(a: int, b: int) -> float:
        if not totals[a]:
            return p1[b]
        kept = max(bigrams[a, b] - DISCOUNT, 0)
        return (kept + DISCOUNT * followers[a] * p1[b]) / totals[a]

    pair_totals: Counter[tuple[int, int]] = Counter()
    pair_followers: Counter[tuple[int, int]] = Counter()
    for (a, b, _), count in trigrams.items():
        pair_totals[a, b] += count
        pair_followers[a, b] += 1

    def p3(a: int, b: int, c: int) -> float:
        kept = max(trigrams[a, b, c] - DISCOUNT, 0)
        return (kept + DISCOUNT * pair_followers[a, b] * p2(b, c)) / pair_totals[a, b]

    weighed = [
        (count * abs(math.log(p3(*t) / p2(*t[1:]))), t) for t, count in decisive.items() if trigrams[t] > 1
    ]
    weighed.sort(key=lambda item: (-item[0], item[1]))
    contexts: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for _, (a, b, c) in weighed[:most_trigrams]:
        contexts[a, b].append(c)

    def cost(p: float) -> int:
        return min(255, round(-math.log(p) * UNITS))

    meant = {number[name] for name in EXTENDED}

    def bigram_cost(a: int, b: int) -> int:
        return EXTENDED_COST if b in meant else cost(p2(a, b))

    parts = [b"FTPINYIN", struct.pack("<I", symbols), bytes(cost(p) for p in p1)]
    parts += [bytes(bigram_cost(a, b) for b in range(symbols)) for a in range(symbols)]
    heads, tails = [], []
    for (a, b), ends in sorted(contexts.items()):
        left = 1 - sum(p3(a, b, c) for c in ends)
        backing = 1 - sum(p2(b, c) for c in ends)
        back_off = max(-127, min(127, round(-math.log(left / backing) * UNITS)))
        heads.append(struct.pack("<HHbBH", a, b, back_off, 0, len(ends)))
        tails += [struct.pack("<HB", c, cost(p3(a, b, c))) for c in sorted(ends)]
    parts += [struct.pack("<II", len(heads), len(tails)), *heads, *tails]
    out.write_bytes(zlib.compress(b"".join(parts), 9))
    print(f"{sum(map(len, parts))} bytes, {out.stat().st_size} compressed; {everything} symbols counted,")
    print(f"{len(bigrams)} bigrams, {len(trigrams)} trigrams, {len(decisive)} where it matters,")
    print(f"{len(tails)} kept in {len(heads)} contexts")


def write_syllables(out: Path) -> None:
    names = inventory()
    number = {name: i for i, name in enumerate(names)}

    def kind(name: str) -> str:
        if name in EXTENDED:
            return "kExtended"
        if name in ALONE:
            return "kAlone"
        return "kErhua" if name == ERHUA else "kStandard"

    def row(written: str, name: str) -> str:
        return f'    {{"{written.replace(LETTER_E, "^")}", {number[name]}, SyllableKind::{kind(name)}}},'

    rows = [row(name, name) for name in names] + [row(written, name) for written, name in spellings()]
    text = f"""\
// GENERATED by scripts/make_pinyin_table.py
#include "fasttok/pinyin/syllables.h"

namespace fasttok::pinyin {{
namespace {{

constexpr Spelling kSpellings[] = {{
{chr(10).join(rows)}
}};

}}  // namespace

std::span<const Spelling> spellings() {{
  return kSpellings;
}}

std::size_t syllable_count() {{
  return {len(names)};
}}

}}  // namespace fasttok::pinyin
"""
    out.write_text(text, "utf-8")
    print(f"{len(names)} syllables, {len(rows)} spellings")


def write_vocab(out: Path) -> None:
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens += [name.replace("v", "ü") + tone for name in inventory() for tone in ("", *"12345")]
    out.write_text("\n".join(tokens) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--trigrams", type=int, default=70_000, help="how many are kept")
    parser.add_argument("--syllables-only", action="store_true", help="leave costs.bin as it is")
    options = parser.parse_args()
    folder = ROOT / "vocabs" / "pinyin"
    folder.mkdir(exist_ok=True)
    write_syllables(ROOT / "cpp" / "fasttok" / "pinyin" / "syllables.cc")
    write_vocab(folder / "vocab.txt")
    if not options.syllables_only:
        write_costs(options.corpora, options.trigrams, folder / "costs.bin")


if __name__ == "__main__":
    main()
