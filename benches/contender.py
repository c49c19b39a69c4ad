"""One of those that are measured on a kind of case."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rivals import Call, Opened

OURS = "fasttok"
SLOW = 2_000_000
SLOWER = 1_000_000
TOKENIZERS1 = "tokenizers1"  # .venv-tokenizers1, made by `make bench`


@dataclass(frozen=True)
class Contender:
    name: str
    call: str
    open: Callable[[Opened], Call]
    rows: Callable[[Any], Any]  # Rows of its output; bytes where it decodes
    # Slow ones are timed on so many bytes of the corpus; ids are compared on all of it.
    prefix: int | None = None
    reference: bool = False  # its ids are what the others are compared with
    compare: bool = True
    bare: bool = False  # its ids come without [CLS] and [SEP]; the comparison adds them
    whole_file: bool = False  # its call takes the path of a file with all the texts as lines
    array: bool = False  # what it decodes is an array, not a list
    home: str | None = None  # the environment that it is installed in, where that is not this one
