"""The two spellings of sentencepiece's methods: `encode_as_ids` and `EncodeAsIds`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["add_camel_case", "camel_case"]

T = TypeVar("T")


def camel_case(name: str) -> str:
    """The CamelCase twin of a name.

    >>> camel_case("nbest_encode_as_ids")
    'NBestEncodeAsIds'
    """
    return "".join(part.capitalize() for part in name.split("_")).replace("Nbest", "NBest")


def add_camel_case(*without: str) -> Callable[[type[T]], type[T]]:
    """A decorator of a class: its public methods get a CamelCase twin, but those in `without`."""

    def add(cls: type[T]) -> type[T]:
        for name, method in list(vars(cls).items()):
            if not name.startswith("_") and name not in without:
                setattr(cls, camel_case(name), method)
        return cls

    return add
