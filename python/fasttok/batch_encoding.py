"""BatchEncoding: what a call of a transformers-shaped tokenizer returns, a dict with maps between text and
tokens.

The values of the dict are written by the call. The `Encoding` objects behind the maps (`tokens()`,
`char_to_token()` and so on) are needed by few callers and cost more than the ids: the call leaves a closure,
and they are made at the first use. Mirrors transformers 5.23's `BatchEncoding`, in which they are always
made.
"""

from __future__ import annotations

import logging
from collections import UserDict
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np

if TYPE_CHECKING:
    from fasttok.tokenizer import Encoding

__all__ = ["BatchEncoding", "CharSpan", "TokenSpan"]

_log = logging.getLogger("fasttok")


class CharSpan(NamedTuple):
    """Half-open range of characters of the original text.

    >>> CharSpan(0, 5).end
    5
    """

    start: int
    end: int


class TokenSpan(NamedTuple):
    """Half-open range of tokens of one row.

    >>> TokenSpan(1, 3)
    TokenSpan(start=1, end=3)
    """

    start: int
    end: int


class BatchEncoding(UserDict[str, Any]):
    """The columns of an encoded batch by name, with maps between characters, words and tokens.

    Args:
        data: dict of columns (`input_ids`, `attention_mask`, …); copied (the columns are not).
        encoding: one Encoding, a sequence of them (one a row), or None where there are none.
        tensor_type: "np", "pt" or "mlx" to convert the columns at once, or None.
        prepend_batch_axis: with `tensor_type`, each column gets a first axis of length 1.
        n_sequences: 1 for single texts, 2 for pairs; None takes it from the first Encoding.

    Raises:
        ValueError: unknown `tensor_type`, or a column that is not rectangular.
        ImportError: the library of `tensor_type` is not installed.

    >>> BatchEncoding({"input_ids": [[2, 3]]}, tensor_type="np")["input_ids"].shape
    (1, 2)

    Mirrors transformers 5.23. Departures: negative token indices count from the end of the row (5.23 raises
    AttributeError), and `word_to_chars` of a word without tokens is None (5.23 raises TypeError).
    """

    _rows: Sequence[Encoding] | None
    _make_rows: Callable[[], Sequence[Encoding]] | None
    _n_sequences: int | None

    def __init__(
        self,
        data: dict[str, Any] | None = None,
        encoding: Encoding | Sequence[Encoding] | None = None,
        tensor_type: str | None = None,
        prepend_batch_axis: bool = False,
        n_sequences: int | None = None,
    ) -> None:
        self.data = {} if data is None else dict(data)
        if encoding is not None and not isinstance(encoding, list | tuple):
            encoding = [encoding]  # type: ignore[list-item]
        self._rows = encoding
        self._make_rows = None
        self._n_sequences = n_sequences
        if tensor_type is not None:
            self.convert_to_tensors(tensor_type, prepend_batch_axis)

    @classmethod
    def _lazy(cls, data: dict[str, Any], make_rows: Callable[[], Sequence[Encoding]]) -> BatchEncoding:
        """A BatchEncoding that takes `data` over and calls `make_rows` when an Encoding is first needed."""
        self = cls.__new__(cls)
        self.data = data
        self._rows = None
        self._make_rows = make_rows
        self._n_sequences = None
        return self

    # The dict, and the attribute access that models' code uses.

    @overload
    def __getitem__(self, item: str) -> Any: ...
    @overload
    def __getitem__(self, item: int) -> Encoding: ...
    @overload
    def __getitem__(self, item: slice) -> Any: ...
    def __getitem__(self, item: str | int | slice) -> Any:
        """A column (str), the Encoding of a row (int), or of several rows (slice).

        Without Encodings a slice gives the sliced columns, and an int raises KeyError.
        """
        if isinstance(item, str):
            return self.data[item]
        rows = self.encodings
        if rows is not None:
            return rows[item]
        if isinstance(item, slice):
            return {key: column[item] for key, column in self.data.items()}
        raise KeyError(
            f"{item!r}: a key is a column's name (str) or, where Encodings are kept, the index of a row"
            " (int); a slice takes a part of every column"
        )

    def __getattr__(self, name: str) -> Any:
        # Only reached when the normal look-up fails. Private names must not look into `data`: copy and pickle
        # ask for them before `data` exists.
        if name.startswith("_") or name == "data" or name not in self.data:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self.data[name]

    def __getstate__(self) -> dict[str, Any]:
        return {"data": self.data, "encodings": self.encodings}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.data = state.get("data", {})
        self._rows = state.get("encodings")
        self._make_rows = None
        self._n_sequences = None

    # The Encodings and what they answer.

    @property
    def encodings(self) -> Sequence[Encoding] | None:
        """The Encoding of each row (list), or None where the object was built without them."""
        if self._rows is None and self._make_rows is not None:
            # Two threads may both get here; they make equal rows, and the last to finish wins.
            self._rows = self._make_rows()
            self._make_rows = None
        return self._rows

    @property
    def is_fast(self) -> bool:
        """True where the maps between text and tokens are available."""
        return self._rows is not None or self._make_rows is not None

    @property
    def n_sequences(self) -> int | None:
        """1 for single texts, 2 for pairs, None where it is not known."""
        if self._n_sequences is None:
            rows = self.encodings
            if rows:
                self._n_sequences = rows[0].n_sequences
        return self._n_sequences

    def _row(self, asked_by: str, index: int) -> Encoding:
        rows = self.encodings
        if not rows:
            raise ValueError(
                f"{asked_by}() is not available when using Python based tokenizers (this BatchEncoding"
                " holds no Encoding: it was not made by a tokenizer's call, or its batch is empty)"
            )
        return rows[index]

    def tokens(self, batch_index: int = 0) -> list[str]:
        """The tokens (str) of row `batch_index`; ValueError without Encodings, IndexError beyond."""
        return self._row("tokens", batch_index).tokens

    def word_ids(self, batch_index: int = 0) -> list[int | None]:
        """The index of the word of each token of row `batch_index`, None for special and padding tokens."""
        return self._row("word_ids", batch_index).word_ids

    def sequence_ids(self, batch_index: int = 0) -> list[int | None]:
        """0 (first text) or 1 (second) for each token of a row, None for special and padding tokens."""
        return self._row("sequence_ids", batch_index).sequence_ids

    # Each map below takes (index) for row 0, or (row, index). Negative token and word indices count from the
    # end.

    def token_to_sequence(self, batch_or_token_index: int, token_index: int | None = None) -> int | None:
        """0 or 1: the text that a token comes from; None for special and padding tokens."""
        row, token = self._split("token_to_sequence", batch_or_token_index, token_index)
        return row.token_to_sequence(_from_end(token, len(row)))

    def token_to_word(self, batch_or_token_index: int, token_index: int | None = None) -> int | None:
        """The index of the word that a token belongs to; None for special and padding tokens."""
        row, token = self._split("token_to_word", batch_or_token_index, token_index)
        return row.token_to_word(_from_end(token, len(row)))

    def token_to_chars(self, batch_or_token_index: int, token_index: int | None = None) -> CharSpan | None:
        """The characters that a token covers; None for special and padding tokens."""
        row, token = self._split("token_to_chars", batch_or_token_index, token_index)
        span = row.token_to_chars(_from_end(token, len(row)))
        return None if span is None else CharSpan(*span)

    def word_to_tokens(
        self, batch_or_word_index: int, word_index: int | None = None, sequence_index: int = 0
    ) -> TokenSpan | None:
        """The tokens of a word of text `sequence_index` (0 or 1); None for a word without tokens."""
        row, word = self._split("word_to_tokens", batch_or_word_index, word_index)
        span = row.word_to_tokens(_word_from_end(word, row), sequence_index)
        return None if span is None else TokenSpan(*span)

    def word_to_chars(
        self, batch_or_word_index: int, word_index: int | None = None, sequence_index: int = 0
    ) -> CharSpan | None:
        """The characters of a word of text `sequence_index` (0 or 1); None for a word without tokens."""
        row, word = self._split("word_to_chars", batch_or_word_index, word_index)
        span = row.word_to_chars(_word_from_end(word, row), sequence_index)
        return None if span is None else CharSpan(*span)

    def char_to_token(
        self, batch_or_char_index: int, char_index: int | None = None, sequence_index: int = 0
    ) -> int | None:
        """The index of the token that covers a character of text `sequence_index`; None where none does."""
        row, char = self._split("char_to_token", batch_or_char_index, char_index)
        return row.char_to_token(char, sequence_index)

    def char_to_word(
        self, batch_or_char_index: int, char_index: int | None = None, sequence_index: int = 0
    ) -> int | None:
        """The index of the word that covers a character of text `sequence_index`; None where none does."""
        row, char = self._split("char_to_word", batch_or_char_index, char_index)
        return row.char_to_word(char, sequence_index)

    def _split(self, asked_by: str, first: int, second: int | None) -> tuple[Encoding, int]:
        if second is None:
            return self._row(asked_by, 0), first
        return self._row(asked_by, first), second

    # Tensors.

    def convert_to_tensors(
        self, tensor_type: str | None = None, prepend_batch_axis: bool = False
    ) -> BatchEncoding:
        """Convert every column to arrays, in place.

        Args:
            tensor_type: "np" (int64; rows of unequal lengths give an array of arrays), "pt", "mlx", or None
            (nothing).
            prepend_batch_axis: give each column a first axis of length 1.

        Raises:
            ValueError: unknown type, or a column that is not rectangular. ImportError: library not installed.

        >>> BatchEncoding({"input_ids": [[2, 3], [2, 3]]}).convert_to_tensors("np")["input_ids"].tolist()
        [[2, 3], [2, 3]]
        """
        if tensor_type is None:
            return self
        as_tensor, is_tensor = _tensor_functions(tensor_type)
        for key, value in self.data.items():
            column = [value] if prepend_batch_axis else value
            if is_tensor(column):
                continue
            try:
                self.data[key] = as_tensor(column)
            except Exception as error:
                raise ValueError(
                    "Unable to create tensor, you should probably activate truncation and/or padding with"
                    f" 'padding=True' 'truncation=True' to have batched tensors with the same length. The"
                    f" column `{key}` is not a rectangle of numbers: {error}"
                ) from error
        return self

    def to(self, device: Any, *, non_blocking: bool = False) -> BatchEncoding:
        """Move every column that has a `.to` to `device` (str, int or torch.device), in place.

        Raises:
            ImportError: PyTorch is not installed.
        """
        try:
            torch = import_module("torch")
        except ImportError as error:
            raise ImportError(
                "BatchEncoding requires the PyTorch library but it was not found in your environment:"
                " `to(device)` moves PyTorch tensors; `pip install torch`"
            ) from error
        if not isinstance(device, str | int | torch.device):
            _log.warning(
                "Attempting to cast a BatchEncoding to type %s. This is not supported: `to` takes a device.",
                device,
            )
            return self
        self.data = {
            key: value.to(device=device, non_blocking=non_blocking)
            if callable(getattr(value, "to", None))
            else value
            for key, value in self.data.items()
        }
        return self


def _from_end(index: int, length: int) -> int:
    return index if index >= 0 else index + length


def _word_from_end(index: int, row: Encoding) -> int:
    if index >= 0:
        return index
    return index + 1 + max((word for word in row.word_ids if word is not None), default=-1)


TENSOR_TYPES = ("pt", "np", "mlx")


def tensor_type_of(value: Any) -> str:
    """The checked name of a `return_tensors` argument (str, or transformers' TensorType, which is a str)."""
    name = getattr(value, "value", value)
    if name not in TENSOR_TYPES:
        raise ValueError(f"{name} is not a valid TensorType, please select one of {list(TENSOR_TYPES)}")
    return str(name)


def import_tensor_library(tensor_type: str) -> Any:
    """The module of "pt" (torch) or "mlx" (mlx.core); ImportError with the reference's sentence."""
    try:
        if tensor_type == "pt":
            return import_module("torch")
        return import_module("mlx.core")
    except ImportError as error:
        name = "PyTorch" if tensor_type == "pt" else "MLX"
        raise ImportError(
            f"Unable to convert output to {name} tensors format, {name} is not installed."
            ' `return_tensors="np"` needs nothing more than numpy.'
        ) from error


def _tensor_functions(tensor_type: Any) -> tuple[Callable[[Any], Any], Callable[[Any], bool]]:
    tensor_type = tensor_type_of(tensor_type)
    if tensor_type == "np":
        return _as_numpy, lambda value: isinstance(value, np.ndarray)
    library = import_tensor_library(tensor_type)
    if tensor_type == "mlx":
        return (
            lambda value: library.array(value, dtype=library.int32 if _is_empty(value) else None),
            lambda value: isinstance(value, library.array),
        )

    def as_torch(value: Any) -> Any:
        if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
            value = np.stack(value)
        if isinstance(value, np.ndarray):
            return library.from_numpy(value)
        return library.tensor(value, dtype=library.int64 if _is_empty(value) else None)

    return as_torch, library.is_tensor


def _as_numpy(value: Any) -> np.ndarray[Any, Any]:
    if isinstance(value, list | tuple) and value and isinstance(value[0], list | tuple | np.ndarray):
        length = len(value[0])
        if any(len(row) != length for row in value):
            ragged = np.empty(len(value), dtype=object)
            for index, row in enumerate(value):
                ragged[index] = np.asarray(row)  # float64 where it is empty, as in transformers
            return ragged
    array = np.asarray(value)
    return array.astype(np.int64) if array.size == 0 else array


def _is_empty(value: Any) -> bool:
    """No number anywhere in nested lists."""
    return isinstance(value, list | tuple) and all(_is_empty(item) for item in value)
