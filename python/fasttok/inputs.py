"""What a transformers-shaped call may be given as text, and what is said where it is given something else.

A good batch costs nothing here: rows are looked at one by one only after the core has refused them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from fasttok.errors import InputError

__all__ = ["arrange", "explain", "rename"]

# The references' sentences, which programs match.
_CONTAINER = (
    "text input must be of type `str` (single example), `list[str]` (batch or single pretokenized example) "
    "or `list[list[str]]` (batch of pretokenized examples) or `list[tuple[list[str], list[str]]]` "
    "(batch of pretokenized sequence pairs)."
)
_ROW = "TextEncodeInput must be Union[TextInputSequence, Tuple[InputSequence, InputSequence]]"
_TEXT = "TextInputSequence must be str"
_WORDS_ROW = (
    "PreTokenizedEncodeInput must be Union[PreTokenizedInputSequence, "
    "Tuple[PreTokenizedInputSequence, PreTokenizedInputSequence]]"
)
_WORDS = "PreTokenizedInputSequence must be Union[List[str], Tuple[str]]"


def arrange(text: Any, text_pair: Any, is_split_into_words: bool, name: str) -> tuple[Sequence[Any], bool]:
    """The rows to encode (str, words, or a tuple of two of either), and whether they are a batch.

    `name` is the argument's name ("text" or "text_target"), for messages. An empty pair counts as none where
    the text is a single one, as in transformers 5.23.

    Raises:
        InputError: `text` or `text_pair` is no str, list or tuple, or one is a batch and the other a str.
        ValueError: two batches of different lengths.

    >>> arrange("a", "b", False, "text")
    ([('a', 'b')], False)
    """
    if not isinstance(text, str | list | tuple):
        raise InputError(f"{_CONTAINER} {name} is {_described(text)}")
    if text_pair is not None and not isinstance(text_pair, str | list | tuple):
        raise InputError(f"{_CONTAINER} {_pair_name(name)} is {_described(text_pair)}")
    if is_split_into_words:
        batched = not isinstance(text, str) and bool(text) and isinstance(text[0], list | tuple)
    else:
        batched = not isinstance(text, str)
    if not batched:
        return [(text, text_pair) if text_pair else text], False
    if text_pair is None:
        return text, True
    if isinstance(text_pair, str):
        raise InputError(
            "when tokenizing batches of text, `text_pair` must be a list or tuple with the same length as "
            "`text`. "
            f"{name} is {type(text).__name__} of {len(text)} and {_pair_name(name)} is "
            f"{_described(text_pair)}"
        )
    if len(text) != len(text_pair):
        raise ValueError(
            f"batch length of `text`: {len(text)} does not match batch length of `text_pair`: "
            f"{len(text_pair)}."
        )
    return list(zip(text, text_pair, strict=True)), True


def explain(
    rows: Sequence[Any], batched: bool, zipped: bool, is_split_into_words: bool, name: str
) -> InputError | None:
    """The error that names the first row of a wrong type (argument, row, type, what is expected), or None.

    `zipped` says that `rows` came from two batches, so that the second item of a row is text_pair's.
    """
    for index, row in enumerate(rows):
        place = f"{name}[{index}]" if batched else name
        pair_place = (
            (f"{_pair_name(name)}[{index}]" if batched else _pair_name(name)) if zipped else f"{place}[1]"
        )
        if is_split_into_words:
            error = _explain_words_row(row, place, pair_place, zipped)
        else:
            error = _explain_row(row, place, pair_place, zipped)
        if error is not None:
            sentence, reason = error
            if index == 0 and not zipped and batched:
                sentence = _CONTAINER
            return InputError(
                f"{sentence}: {reason}" if not sentence.endswith(".") else f"{sentence} {reason}"
            )
    return None


def rename(
    error: Exception, batched: bool, zipped: bool, name: str, first_refused: Callable[[int], bool]
) -> Exception | None:
    """The core's error in terms of the call's arguments, or None where it is so already.

    `first_refused` says of a row of two texts whether the error is that of the first.

    >>> rename(ValueError("inputs[1] is bad"), True, False, "text", lambda row: True)
    ValueError('text[1] is bad')
    """
    message = str(error)
    if type(error) is TypeError and message.startswith("is_pretokenized is "):
        return TypeError(message.replace("is_pretokenized", "is_split_into_words", 1))
    # The transformers-shaped calls have no such argument.
    message = message.partition('; surrogates="replace"')[0]
    found = re.search(r"\binputs\[(\d+)\]", message)
    if found is None or type(error) not in (TypeError, ValueError, InputError):
        return None
    place = name
    if zipped and not first_refused(int(found[1])):
        place = _pair_name(name)
    if batched:
        place += f"[{found[1]}]"
    return type(error)(message[: found.start()] + place + message[found.end() :])


def _explain_row(row: Any, place: str, pair_place: str, zipped: bool) -> tuple[str, str] | None:
    if isinstance(row, str):
        return None
    if not isinstance(row, list | tuple) or len(row) != 2:
        return _ROW, f"{place} is {_described(row)}; expected str, or a pair of str"
    first_place = place if zipped else f"{place}[0]"
    for item, where in ((row[0], first_place), (row[1], pair_place)):
        if not isinstance(item, str):
            return _TEXT, f"{where} is {_described(item)}; expected str"
    return None


def _explain_words_row(row: Any, place: str, pair_place: str, zipped: bool) -> tuple[str, str] | None:
    if isinstance(row, str) or not isinstance(row, list | tuple):
        hint = " (is_split_into_words=True: a text is a list of words)" if isinstance(row, str) else ""
        return _WORDS_ROW, f"{place} is {_described(row)}; expected list of str{hint}"
    if zipped or (len(row) == 2 and all(isinstance(part, list | tuple) for part in row)):
        first_place = place if zipped else f"{place}[0]"
        return _explain_words(row[0], first_place) or _explain_words(row[1], pair_place)
    return _explain_words(row, place)


def _explain_words(words: Any, place: str) -> tuple[str, str] | None:
    if isinstance(words, str) or not isinstance(words, list | tuple):
        return _WORDS, f"{place} is {_described(words)}; expected list of str"
    for index, word in enumerate(words):
        if not isinstance(word, str):
            return _WORDS, f"{place}[{index}] is {_described(word)}; expected str"
    return None


def _pair_name(name: str) -> str:
    return name.replace("text", "text_pair", 1)


def _described(value: Any) -> str:
    """A wrong value in few words: `None`, `float (nan)`, `list of 3`."""
    if value is None:
        return "None"
    if isinstance(value, list | tuple | dict | set):
        return f"{type(value).__name__} of {len(value)}"
    if isinstance(value, str | bytes | int | float):
        shown = repr(value)
        return f"{type(value).__name__} ({shown if len(shown) <= 40 else shown[:37] + '...'})"
    return type(value).__name__
