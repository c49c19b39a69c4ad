"""Warnings that point at the caller's line, however deep in this package their reason was found."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable

__all__ = ["warn", "warn_unknown"]


def warn_unknown(names: Iterable[str]) -> None:
    """One warning that names the arguments that are not known; nothing without any."""
    names = list(names)
    if names:
        known = "is not a known argument and has" if len(names) == 1 else "are not known arguments and have"
        warn(f"{', '.join(names)} {known} no effect")


def warn(message: str) -> None:
    """A UserWarning at the line of the caller's code, however deep in this package it was found."""
    level, frame = 1, sys._getframe(0)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("fasttok."):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)
