"""Pinyin: continuous pinyin to syllables, with everything else in its place.

    segment("lǚyóu xi'an")  ->  lǚ (3), yóu (2), " ", xi, "'", an

`segment` gives one reading, `n_best` the most probable ones, `lattice` all of them, `count_paths` their
number. How readings are ordered, what is read as what, and how good it is: docs/pinyin.md.

`PinyinTokenizer` and `PyTrieNode` are the classes of the package pinyintokenizer 0.0.3, for programs that are
written for it; they know nothing of tones, nor of probabilities. `pinyin_ids` puts the pinyin of Hanzi beside
the tokens of a BertTokenizer. Nothing of this is loaded by `import fasttok`.
"""

from __future__ import annotations

from operator import index
from typing import Literal

from fasttok.pinyin_hanzi import pinyin_ids
from fasttok.pinyin_paths import product_of_paths
from fasttok.pinyin_peer import PinyinTokenizer, PyTrieNode
from fasttok.pinyin_table import Syllable, table

__all__ = [
    "PinyinTokenizer",
    "PyTrieNode",
    "Syllable",
    "count_paths",
    "is_valid",
    "lattice",
    "n_best",
    "pinyin_ids",
    "segment",
]

MOST_READINGS = 10_000
MOST_SYLLABLES = 4_000_000

_WAYS = {"auto": -1, "v": 0, "ü": 1, "u:": 2}

Dialect = Literal["standard", "extended"]
Method = Literal["best", "longest"]
Way = Literal["auto", "v", "ü", "u:"]


def _one_of(name: str, value: object, known: tuple[str, ...]) -> int:
    """The place of a value among those that are known."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {type(value).__name__}; expected one of: {', '.join(known)}")
    if value not in known:
        raise ValueError(f"{name} is {value!r}; expected one of: {', '.join(known)}")
    return known.index(value)


def _extended(dialect: object) -> bool:
    return bool(_one_of("dialect", dialect, ("standard", "extended")))


def _way(v: object) -> int:
    return _one_of("v", v, tuple(_WAYS)) - 1


def segment(
    text: str, *, method: Method = "best", v: Way = "auto", dialect: Dialect = "standard"
) -> list[Syllable]:
    """The best reading of a text: its syllables, separators and foreign parts, which together are the text.

    Args:
        text: any str. Read are ASCII and full-width letters in both cases, tone marks (NFC and NFD), tone
            digits 0 to 5, ü as ü, v or u:, erhua; separators are white space, apostrophes and hyphens.
        method: "best" is the most probable reading of those that leave the fewest letters unread; "longest"
            goes on with the longest syllable, again and again, among the same readings.
        v: how `Syllable.syllable` writes ü. "auto": as the text does (and "lue" stays "lue"); "v", "ü" or
            "u:": so, in the standard spelling ("lue" is "lüe" then).
        dialect: "extended" adds syllables of dialects and the like (biang, fiao, wong…).

    Returns:
        Syllable(syllable, tone, start, end, kind), kind "syllable", "separator" or "other"; start and end are
        characters of the text. `syllable` is in small letters and without tone; for the other kinds it is the
        text. `tone` is what is written: 0 to 5, or None.

    Raises:
        TypeError: a wrong type. ValueError: an unknown `method`, `v` or `dialect`.

    >>> [s.syllable for s in segment("xianjintianxiaxuele")]
    ['xian', 'jin', 'tian', 'xia', 'xue', 'le']
    >>> segment("Xī'ān")[0]
    Syllable(syllable='xi', tone=1, start=0, end=2, kind='syllable')

    Has no upstream: pinyintokenizer 0.0.3 gives one list of syllables and another of what is left.
    """
    longest = bool(_one_of("method", method, ("best", "longest")))
    return table().segment(text, longest, _way(v), _extended(dialect))


def n_best(text: str, k: int, *, v: Way = "auto", dialect: Dialect = "standard") -> list[list[Syllable]]:
    """The `k` most probable readings, the best first; fewer where there are fewer.

    Args:
        text, v, dialect: as for `segment`.
        k: how many, from 1 on. At most 10,000 are given, and (after the first) no more than hold 4,000,000
            syllables together.

    Raises:
        TypeError: a wrong type. ValueError: `k` is below 1; an unknown `v` or `dialect`.

    >>> [" ".join(s.syllable for s in reading) for reading in n_best("xian", 5)]
    ['xian', 'xi an']
    """
    try:
        number = index(k)
    except TypeError:
        raise TypeError(f"k is {type(k).__name__}; expected int") from None
    if number < 1:
        raise ValueError(f"k is {number}; expected 1 or more")
    return table().n_best(text, min(number, MOST_READINGS), MOST_SYLLABLES, _way(v), _extended(dialect))


def lattice(text: str, *, v: Way = "auto", dialect: Dialect = "standard") -> list[Syllable]:
    """All readings at once: each is a way from 0 to the end of the text over these, by `start` and `end`.

    Args:
        text, v, dialect: as for `segment`.

    Returns:
        The parts that readings are made of, by start, then end.

    Raises:
        TypeError: a wrong type. ValueError: an unknown `v` or `dialect`.

    >>> [(s.syllable, s.start, s.end) for s in lattice("xian")]
    [('xi', 0, 2), ('xian', 0, 4), ('an', 2, 4)]
    """
    return table().lattice(text, _way(v), _extended(dialect))


def count_paths(text: str, *, dialect: Dialect = "standard") -> int:
    """How many readings a text has: as many as `n_best` gives if `k` is large; 1 for a text without any
    letters.

    Args:
        text, dialect: as for `segment`.

    Raises:
        TypeError: a wrong type. ValueError: an unknown `dialect`.

    >>> count_paths("xian"), count_paths("xian" * 100) == 2**100
    (2, True)
    """
    return product_of_paths(*table().path_factors(text, _extended(dialect)))


def is_valid(text: str, *, dialect: Dialect = "standard") -> bool:
    """Whether a text is pinyin: syllables and separators only, at least one syllable.

    Args:
        text, dialect: as for `segment`.

    Raises:
        TypeError: a wrong type. ValueError: an unknown `dialect`.

    >>> is_valid("ni3 hao3"), is_valid("nihaox"), is_valid("")
    (True, False, False)
    """
    return table().is_valid(text, _extended(dialect))
