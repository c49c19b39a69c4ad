"""Padding of rows that are ids already: the `pad` method of the transformers-shaped classes.

Mirrors `PreTrainedTokenizerBase.pad` of transformers 5.23, which data collators call. Texts that are still to
be encoded are padded by the core.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from fasttok.batch_encoding import BatchEncoding
from fasttok.errors import InputError

__all__ = ["PadSettings", "as_python", "columns_of", "pad_columns"]


@dataclass(frozen=True, slots=True)
class PadSettings:
    """How rows are padded. Lengths in tokens."""

    main: str  # the column whose length counts: "input_ids"
    strategy: str  # "longest", "max_length" or "do_not_pad"
    max_length: int | None  # for "max_length"
    multiple: int | None  # lengths are rounded up to a multiple of it
    side: str  # "right" or "left"
    pad_id: int | None
    pad_type_id: int
    want_mask: bool  # make an attention_mask where there is none


def columns_of(encoded: Any, main: str) -> dict[str, Any]:
    """A new dict of columns from one encoded text, a batch, or a list of encoded texts.

    Raises:
        InputError: something else. ValueError: `main` is not among the columns.
    """
    if isinstance(encoded, list | tuple) and encoded and isinstance(encoded[0], Mapping):
        columns = {key: [row[key] for row in encoded] for key in encoded[0]}
    elif isinstance(encoded, Mapping):
        columns = dict(encoded)
    elif isinstance(encoded, list | tuple) and not encoded:
        return {main: []}
    else:
        kind = (
            f"list of {type(encoded[0]).__name__}"
            if isinstance(encoded, list | tuple)
            else type(encoded).__name__
        )
        raise InputError(f"encoded_inputs is {kind}; expected a dict of columns, or a list of dicts")
    if main not in columns:
        raise ValueError(
            "You should supply an encoding or a list of encodings to this method that includes "
            f"{main}, but you provided {list(columns)}"
        )
    return columns


def as_python(value: Any) -> Any:
    """Lists of numbers from arrays and tensors, at any depth; anything else as it is."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, list | tuple):
        if value and (hasattr(value[0], "tolist") or isinstance(value[0], list | tuple)):
            return [as_python(item) for item in value]
        return list(value)
    return value


def pad_columns(columns: dict[str, Any], settings: PadSettings, tensors: str | None) -> BatchEncoding:
    """`columns` (one text or a batch, not empty) with its rows padded, as lists or as tensors of type
    `tensors`.

    Arrays and tensors come back as what they were unless `tensors` says otherwise.

    Raises:
        ValueError: columns of different batch sizes, or an unknown side.
    """
    rows = columns[settings.main]
    stacked_mask = None
    mask = columns.get("attention_mask")
    if isinstance(mask, list) and mask and getattr(mask[0], "ndim", 0) > 1:
        # Masks of more than one dimension are complete: stacked, not padded.
        stacked_mask = columns.pop("attention_mask")
    given = _tensors_given(rows)
    tensors = tensors or given
    columns = {key: as_python(value) for key, value in columns.items()}
    rows = columns[settings.main]
    if not isinstance(rows[0], list | tuple):
        length = _target(settings, len(rows))
        return BatchEncoding(_pad_row(columns, settings, length), tensor_type=tensors)
    for key, value in columns.items():
        if len(value) != len(rows):
            raise ValueError(
                "Some items in the output dictionary have a different batch size than others."
                f" {settings.main} has {len(rows)} rows and {key} has {len(value)}"
            )
    length = _target(settings, max(map(len, rows)))
    padded: dict[str, Any] = {}
    for index in range(len(rows)):
        row = _pad_row({key: value[index] for key, value in columns.items()}, settings, length)
        for key, value in row.items():
            padded.setdefault(key, []).append(value)
    if stacked_mask is not None:
        is_numpy = isinstance(stacked_mask[0], np.ndarray)
        padded["attention_mask"] = np.stack(stacked_mask) if is_numpy else _stack_torch(stacked_mask)
    return BatchEncoding(padded, tensor_type=tensors)


def _target(settings: PadSettings, longest: int) -> int | None:
    """The length that rows are padded to, None for no padding."""
    if settings.strategy == "do_not_pad":
        return None
    length = longest if settings.strategy == "longest" else settings.max_length
    if length is not None and settings.multiple is not None:
        length = -(-length // settings.multiple) * settings.multiple
    return length


def _pad_row(row: dict[str, Any], settings: PadSettings, length: int | None) -> dict[str, Any]:
    """One row's columns, padded in a new dict; a row of `length` or more stays as it is."""
    main = row[settings.main]
    if settings.want_mask and "attention_mask" not in row:
        row["attention_mask"] = [1] * len(main)
    if length is None or len(main) >= length:
        return row
    fill = {settings.main: settings.pad_id, "token_type_ids": settings.pad_type_id, "special_tokens_mask": 1}
    if settings.want_mask:
        fill["attention_mask"] = 0
    missing = length - len(main)
    for key, value in fill.items():
        if key in row:
            row[key] = (
                list(row[key]) + [value] * missing
                if settings.side == "right"
                else [value] * missing + list(row[key])
            )
    return row


def _tensors_given(rows: Any) -> str | None:
    """The tensor type of the rows that were given, None for lists of int.

    Raises:
        InputError: rows of something else.
    """
    first = rows[0]
    if isinstance(first, list | tuple):
        first = next((row[0] for row in rows if len(row)), first)
    if isinstance(first, int | list | tuple):
        return None
    if isinstance(first, np.ndarray | np.generic):
        return "np"
    if type(first).__module__.partition(".")[0] == "torch":
        return "pt"
    raise InputError(
        f"type of {first} unknown: {type(first)}. Should be one of a python, numpy, or pytorch object."
        " Rows are lists or one-dimensional arrays of int"
    )


def _stack_torch(masks: list[Any]) -> Any:
    return import_module("torch").stack(masks)
