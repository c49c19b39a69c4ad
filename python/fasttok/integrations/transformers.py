"""transformers on fasttok: its tokenizers run on fasttok in the place of `tokenizers`.

Two things hold the names of `tokenizers`: `sys.modules`, for what is imported from now on (transformers
imports most of its files when they are first used), and the files of transformers that are there already, in
their globals, in class attributes (`model = WordPiece`) and in tables. Both are exchanged, and put back by
`unpatch_transformers`.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["patch_transformers", "unpatch_transformers"]

_SUBMODULES = (
    "models",
    "normalizers",
    "pre_tokenizers",
    "processors",
    "decoders",
    "trainers",
    "implementations",
)

# What `sys.modules` held under the names that are exchanged; empty while nothing is.
_kept: dict[str, ModuleType | None] = {}


def patch_transformers() -> None:
    """Puts fasttok in the place of `tokenizers` in transformers, whether it is imported yet or not.

    Tokenizers that were made before stay as they are. Until `unpatch_transformers()`, `import tokenizers`
    gives fasttok in every module that is imported; a package that is only found on disk stays installed.

    Raises:
        ImportError: transformers, or `tokenizers`, which it asks for, is not installed.

    >>> import fasttok
    >>> fasttok.patch_transformers()                                   # doctest: +SKIP
    >>> from transformers import AutoTokenizer                         # doctest: +SKIP
    >>> AutoTokenizer.from_pretrained("gpt2").backend_tokenizer.engine # doctest: +SKIP
    """
    if _kept:
        return
    pairs = _pairs()  # upstream's modules, before their names are taken
    _kept.update({name: sys.modules.get(name) for name in _names()})
    for name in _names():
        sys.modules[name] = import_module("fasttok" + name.removeprefix("tokenizers"))
    try:
        import_module("transformers")
    except ImportError:
        unpatch_transformers()
        raise
    _exchange({id(theirs): ours for theirs, ours in pairs})


def unpatch_transformers() -> None:
    """Undoes `patch_transformers`; tokenizers that were made meanwhile stay as they are.

    >>> import fasttok
    >>> fasttok.unpatch_transformers()  # nothing was patched: nothing happens
    """
    if not _kept:
        return
    for name, module in _kept.items():
        if module is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = module
    _kept.clear()
    _exchange({id(ours): theirs for theirs, ours in _pairs()})


def _names() -> list[str]:
    return ["tokenizers", *(f"tokenizers.{name}" for name in _SUBMODULES)]


def _pairs() -> list[tuple[Any, Any]]:
    """Each class, function and module of `tokenizers`, and fasttok's of the same name."""
    found: list[tuple[Any, Any]] = []
    for name in _names():
        theirs = import_module(name)
        ours = import_module("fasttok" + name.removeprefix("tokenizers"))
        found.append((theirs, ours))
        for member, value in vars(theirs).items():
            belongs = str(getattr(value, "__module__", "")).startswith("tokenizers")
            if belongs and not member.startswith("_") and hasattr(ours, member):
                found.append((value, getattr(ours, member)))
    return found


def _exchange(new: dict[int, Any]) -> None:
    """Every value in transformers whose `id` is in `new` becomes what stands there."""
    for module in _modules():
        for name, value in list(vars(module).items()):
            if id(value) in new:
                setattr(module, name, new[id(value)])
            elif inspect.isclass(value) and value.__module__ == module.__name__:
                for attribute, held in list(vars(value).items()):
                    if id(held) in new:
                        setattr(value, attribute, new[id(held)])
            elif type(value) is dict:
                value.update({key: new[id(held)] for key, held in value.items() if id(held) in new})


def _modules() -> Iterator[ModuleType]:
    for name, module in list(sys.modules.items()):
        if (name == "transformers" or name.startswith("transformers.")) and isinstance(module, ModuleType):
            yield module
