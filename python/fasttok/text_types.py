# ruff: noqa: UP006, UP007, UP035 (the aliases print as upstream's)
"""The names of what texts, pairs and offsets may be: the type aliases and enumerations of `tokenizers`.

>>> from fasttok import SplitDelimiterBehavior
>>> SplitDelimiterBehavior.MERGED_WITH_NEXT.value
'merged_with_next'

Mirrors `tokenizers` 0.23.3, where the calls take the values (str), not the members, as here.
"""

from __future__ import annotations

from enum import Enum
from typing import List, Tuple, Union

__all__ = [
    "EncodeInput",
    "InputSequence",
    "OffsetReferential",
    "OffsetType",
    "Offsets",
    "PreTokenizedEncodeInput",
    "PreTokenizedInputSequence",
    "SplitDelimiterBehavior",
    "TextEncodeInput",
    "TextInputSequence",
]

#: (begin, end) of a token.
Offsets = Tuple[int, int]
#: A text.
TextInputSequence = str
#: A text cut into words.
PreTokenizedInputSequence = Union[List[str], Tuple[str]]
#: A text, or a pair of texts.
TextEncodeInput = Union[
    TextInputSequence, Tuple[TextInputSequence, TextInputSequence], List[TextInputSequence]
]
#: A text cut into words, or a pair of such.
PreTokenizedEncodeInput = Union[
    PreTokenizedInputSequence,
    Tuple[PreTokenizedInputSequence, PreTokenizedInputSequence],
    List[PreTokenizedInputSequence],
]
#: One sequence of any kind.
InputSequence = Union[TextInputSequence, PreTokenizedInputSequence]
#: What a row of a batch may be.
EncodeInput = Union[TextEncodeInput, PreTokenizedEncodeInput]


class OffsetReferential(Enum):
    """Which text offsets are of."""

    ORIGINAL = "original"
    NORMALIZED = "normalized"


class OffsetType(Enum):
    """What offsets count."""

    BYTE = "byte"
    CHAR = "char"


class SplitDelimiterBehavior(Enum):
    """What becomes of a delimiter that a text is split at."""

    REMOVED = "removed"
    ISOLATED = "isolated"
    MERGED_WITH_PREVIOUS = "merged_with_previous"
    MERGED_WITH_NEXT = "merged_with_next"
    CONTIGUOUS = "contiguous"
