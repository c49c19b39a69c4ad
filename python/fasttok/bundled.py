"""The vocabularies that come with the package, found through importlib.resources.

An editable install keeps them outside the package's folder, so the folder may be several places at once
(`MultiplexedPath`): only files are asked for their path.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

__all__ = ["bundled_names", "bundled_vocab"]

_MARKS = ("vocab.txt", "tokenizer.json")


def _folders() -> Iterator[tuple[str, Path]]:
    try:
        entries: list[Traversable] = list((files("fasttok") / "vocabs").iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        for mark in _MARKS:
            file = entry / mark
            if file.is_file():
                yield entry.name, Path(str(file)).parent
                break


def bundled_names() -> list[str]:
    """The names of the bundled vocabularies, sorted.

    >>> isinstance(bundled_names(), list)
    True
    """
    return sorted({name for name, _ in _folders()})


def bundled_vocab(name: str) -> Path:
    """The folder (vocab.txt and its configuration) of a bundled vocabulary.

    Args:
        name: one of `bundled_names()`.

    Raises:
        KeyError: there is no such vocabulary; the message lists those that exist.

    >>> bundled_vocab("zh-en-wordpiece").name
    'zh-en-wordpiece'
    """
    for known, folder in _folders():
        if known == name:
            return folder
    raise KeyError(f"no bundled vocabulary {name!r}; bundled: {', '.join(bundled_names()) or 'none'}")
