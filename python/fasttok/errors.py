"""The two exception classes of fasttok's own, both subclasses of what a caller already catches."""

from __future__ import annotations

__all__ = ["FormatError", "InputError"]


class FormatError(ValueError):
    """A vocabulary or model file is damaged; the message holds the file and the place inside it.

    >>> issubclass(FormatError, ValueError)
    True
    """


class InputError(TypeError, ValueError):
    """An input has a wrong type, where the references disagree on the class of the error.

    `tokenizers` raises TypeError and transformers ValueError or TypeError, depending on the row: code written
    for either catches this class.

    >>> issubclass(InputError, TypeError) and issubclass(InputError, ValueError)
    True
    """
