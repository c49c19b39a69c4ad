"""The tables of pinyin, loaded at first use, and what results are made of."""

from __future__ import annotations

import zlib
from functools import cache
from typing import NamedTuple

from fasttok import _core
from fasttok.bundled import bundled_vocab
from fasttok.errors import FormatError

__all__ = ["BUNDLED", "Syllable", "table"]

BUNDLED = "pinyin"  # the name of the folder among the bundled vocabularies


class Syllable(NamedTuple):
    """A part of a text: a syllable, a separator, or what is foreign.

    >>> Syllable("ma", 3, 0, 2, "syllable").tone
    3
    """

    syllable: str
    tone: int | None
    start: int
    end: int
    kind: str


@cache
def table() -> _core.Pinyin:
    """The syllables and their costs.

    Raises:
        OSError, FormatError: the file is missing or damaged.
    """
    path = bundled_vocab(BUNDLED) / "costs.bin"
    try:
        data = zlib.decompress(path.read_bytes())
    except zlib.error as error:
        raise FormatError(f"{path}: damaged ({error}); install fasttok again") from None
    return _core.Pinyin(data, Syllable)
