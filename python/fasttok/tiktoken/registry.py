"""Encodings by name, as `tiktoken.registry`: OpenAI's, and those of plugins (modules in `tiktoken_ext`)."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from fasttok.tiktoken import openai_public
from fasttok.tiktoken.core import Encoding

__all__ = ["ENCODINGS", "ENCODING_CONSTRUCTORS", "get_encoding", "list_encoding_names"]

_lock = threading.RLock()
ENCODINGS: dict[str, Encoding] = {}
ENCODING_CONSTRUCTORS: dict[str, Callable[[], dict[str, Any]]] | None = None

# tiktoken's own plugin, whose encodings openai_public has.
_OWN = "tiktoken_ext.openai_public"


@lru_cache
def _available_plugin_modules() -> Sequence[str]:
    try:
        package = importlib.import_module("tiktoken_ext")
    except ModuleNotFoundError:
        return ()
    modules = pkgutil.iter_modules(package.__path__, package.__name__ + ".")
    return tuple(name for _, name, _ in modules if name != _OWN)


def _constructors() -> dict[str, Callable[[], dict[str, Any]]]:
    global ENCODING_CONSTRUCTORS
    with _lock:
        if ENCODING_CONSTRUCTORS is None:
            found = dict(openai_public.ENCODING_CONSTRUCTORS)
            for module in _available_plugin_modules():
                try:
                    constructors = importlib.import_module(module).ENCODING_CONSTRUCTORS
                except AttributeError as error:
                    raise ValueError(
                        f"tiktoken plugin {module} does not define ENCODING_CONSTRUCTORS"
                    ) from error
                for name, constructor in constructors.items():
                    if name in found:
                        raise ValueError(f"Duplicate encoding name {name} in tiktoken plugin {module}")
                    found[name] = constructor
            ENCODING_CONSTRUCTORS = found
        return ENCODING_CONSTRUCTORS


def get_encoding(encoding_name: str) -> Encoding:
    """The encoding of a name; the same object each time.

    Args:
        encoding_name: one of `list_encoding_names()`.

    Raises:
        ValueError: no such name, a plugin without or with colliding names; a rank file that is damaged.
        OSError, ImportError: a rank file is neither in the cache nor can be fetched.

    Rank files are read from the cache directory (`fasttok.tiktoken.load`), or fetched and kept there.

    Mirrors `tiktoken.get_encoding`.
    """
    if not isinstance(encoding_name, str):
        raise ValueError(f"Expected a string in get_encoding, got {type(encoding_name)}")
    if (known := ENCODINGS.get(encoding_name)) is not None:
        return known
    with _lock:
        if (known := ENCODINGS.get(encoding_name)) is not None:
            return known
        constructor = _constructors().get(encoding_name)
        if constructor is None:
            raise ValueError(
                f"Unknown encoding {encoding_name}.\n"
                f"Known: {', '.join(list_encoding_names())}\n"
                f"Plugins found: {list(_available_plugin_modules())}"
            )
        encoding = ENCODINGS[encoding_name] = Encoding(**constructor())
        return encoding


def list_encoding_names() -> list[str]:
    """The names that `get_encoding` takes.

    >>> list_encoding_names()[:3]
    ['gpt2', 'r50k_base', 'p50k_base']

    Mirrors `tiktoken.list_encoding_names`.
    """
    return list(_constructors())
