"""A batch as columns: the ids of all rows in one array, and where each row begins.

row_offsets  0        3     5                10
ids          101 7 102 101 102 101 9 4 4 102          row i = ids[row_offsets[i]:row_offsets[i + 1]]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from operator import index
from typing import TYPE_CHECKING, Any, final

import numpy as np

from fasttok import _core

if TYPE_CHECKING:
    import numpy.typing as npt

    from fasttok._core import Encoding

__all__ = ["TokenBatch"]

# What core.encode_batch takes for a row of encode_batch_flat that was called without settings.
_PLAIN: Mapping[str, Any] = {
    "is_pretokenized": False,
    "add_special_tokens": True,
    "truncation": None,
    "specials": "parse",
    "surrogates": "error",
}


def _whole_number(name: str, value: Any, least: int) -> int:
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}; expected an int") from None
    if number < least:
        raise ValueError(f"{name} is {number}; expected {least} or more")
    return number


@final
class TokenBatch:
    """The rows of `Tokenizer.encode_batch_flat` as read-only NumPy columns; a sequence of `Encoding`.

    Attributes:
        ids: uint32[n_tokens].
        row_offsets: int64[rows + 1]; row i is `ids[row_offsets[i]:row_offsets[i + 1]]`.
        offsets: uint32[n_tokens, 2], (start, end) in characters or bytes of the row's text; None if not asked
            for.
        type_ids: uint32[n_tokens]; None if not asked for.
        word_ids: int32[n_tokens], -1 where a token belongs to no word; None if not asked for.

    `batch[i]` encodes row i again, with everything that an `Encoding` has; it keeps the inputs alive, and a
    list that was changed since then gives other rows. A batch that was pickled or deeply copied has the
    columns only.

    >>> from fasttok import Tokenizer
    >>> from fasttok.models import WordPiece
    >>> from fasttok.pre_tokenizers import BertPreTokenizer
    >>> tokenizer = Tokenizer(WordPiece({"[UNK]": 0, "a": 1, "b": 2}))
    >>> tokenizer.pre_tokenizer = BertPreTokenizer()
    >>> batch = tokenizer.encode_batch_flat(["a b", "b"])
    >>> len(batch), batch.ids.tolist(), batch.row_offsets.tolist(), batch[0].tokens
    (2, [1, 2, 2], [0, 2, 3], ['a', 'b'])
    """

    __slots__ = (
        "_core",
        "_inputs",
        "_padding",
        "_settings",
        "ids",
        "offsets",
        "row_offsets",
        "type_ids",
        "word_ids",
    )

    def __init__(
        self,
        ids: npt.NDArray[np.uint32],
        row_offsets: npt.NDArray[np.int64],
        offsets: npt.NDArray[np.uint32] | None = None,
        type_ids: npt.NDArray[np.uint32] | None = None,
        word_ids: npt.NDArray[np.int32] | None = None,
        *,
        core: _core.Tokenizer | None = None,
        padding: tuple[int | None, int] | None = None,
        inputs: Any = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.ids = ids
        self.row_offsets = row_offsets
        self.offsets = offsets
        self.type_ids = type_ids
        self.word_ids = word_ids
        self._core = core
        self._padding = padding  # pad_id and pad_type_id of the tokenizer; None: it has none
        self._inputs = inputs
        self._settings = settings  # of core.encode_batch; None: _PLAIN

    def __len__(self) -> int:
        return len(self.row_offsets) - 1

    def __getitem__(self, row: int) -> Encoding:
        rows = len(self)
        number = index(row)
        if not -rows <= number < rows:
            raise IndexError(f"row {number} of a batch of {rows}")
        if self._core is None or self._inputs is None:
            raise ValueError(
                "this TokenBatch was pickled or deeply copied and has its columns only; encode the text "
                "again for an Encoding"
            )
        settings = _PLAIN if self._settings is None else self._settings
        text = _decode_utf8(self._inputs[number % rows])
        return self._core.encode_batch([text], padding=None, fast=False, num_threads=1, **settings)[0]

    def __iter__(self) -> Iterator[Encoding]:
        return (self[row] for row in range(len(self)))

    def __repr__(self) -> str:
        asked = [name for name in ("offsets", "type_ids", "word_ids") if getattr(self, name) is not None]
        return f"TokenBatch(rows={len(self)}, tokens={len(self.ids)}, columns=[{', '.join(['ids', *asked])}])"

    def __copy__(self) -> TokenBatch:
        made = TokenBatch.__new__(TokenBatch)
        for name in self.__slots__:
            setattr(made, name, getattr(self, name))
        return made

    def __getstate__(self) -> dict[str, Any]:
        columns = {name: getattr(self, name) for name in self.__slots__ if not name.startswith("_")}
        return columns | {"_padding": (self._id_of_padding(), self._type_id_of_padding())}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._core = self._inputs = self._settings = None
        for name, value in state.items():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            setattr(self, name, value)

    def _id_of_padding(self) -> int | None:
        if self._padding is not None:
            return self._padding[0]
        return None if self._core is None else self._core.token_to_id("[PAD]")

    def _type_id_of_padding(self) -> int:
        return 0 if self._padding is None else self._padding[1]

    def to_lists(self) -> list[list[int]]:
        """The ids as one list of int a row.

        >>> TokenBatch(np.array([1, 2, 2], np.uint32), np.array([0, 2, 3])).to_lists()
        [[1, 2], [2]]
        """
        if self._core is not None:
            return self._core.lists_of(self.ids, self.row_offsets)
        ids, ends = self.ids.tolist(), self.row_offsets.tolist()
        return [ids[begin:end] for begin, end in pairwise(ends)]

    def padded(
        self,
        pad_id: int | None = None,
        max_length: int | None = None,
        pad_to_multiple_of: int | None = None,
        side: str = "right",
        dtype: npt.DTypeLike = np.int64,
    ) -> dict[str, npt.NDArray[Any]]:
        """The rows as matrices of one width.

        Args:
            pad_id: fills the free places of input_ids; None = that of the tokenizer's padding, else of its
                "[PAD]".
            max_length: the width; None = the longest row.
            pad_to_multiple_of: the width is rounded up to a multiple of it.
            side: "right" or "left", where the free places are.
            dtype: of the matrices.

        Returns:
            "input_ids" and "attention_mask", and "token_type_ids" where the batch has type ids: dtype[rows,
            width].

        Raises:
            TypeError: a number or dtype that is no integer.
            ValueError: a row is longer than `max_length` (truncation belongs to encoding), another `side`, no
                pad id known, an id that `dtype` cannot hold.

        >>> batch = TokenBatch(np.array([1, 2, 2], np.uint32), np.array([0, 2, 3]))
        >>> batch.padded(pad_id=0)["input_ids"].tolist()
        [[1, 2], [2, 0]]
        """
        if side not in ("right", "left"):
            raise ValueError(f"Unknown `side`: `{side}`. Use one of `left` or `right`")
        if pad_id is None:
            pad_id = self._id_of_padding()
        if pad_id is None:
            raise ValueError('no pad_id: the tokenizer has neither padding nor a "[PAD]" token; give pad_id')
        pad_id = _whole_number("pad_id", pad_id, 0)
        if max_length is not None:
            max_length = _whole_number("max_length", max_length, 0)
        if pad_to_multiple_of is not None:
            pad_to_multiple_of = _whole_number("pad_to_multiple_of", pad_to_multiple_of, 1)
        dtype = np.dtype(np.int64 if dtype is None else dtype)
        if dtype.kind not in "iu":
            raise TypeError(f"dtype is {dtype}; expected an integer dtype")
        rows = len(self)
        lengths = np.diff(self.row_offsets)
        width = longest = int(lengths.max(initial=0))
        if max_length is not None:
            width = max_length
        if longest > width:
            row = int(lengths.argmax())
            raise ValueError(f"row {row} has {longest} tokens, max_length is {width}; truncate when encoding")
        if pad_to_multiple_of is not None:
            width = -(-width // pad_to_multiple_of) * pad_to_multiple_of
        highest = max(pad_id, int(self.ids.max(initial=0)))
        if highest > np.iinfo(dtype).max:
            raise ValueError(f"dtype {dtype} cannot hold the id {highest}")
        places = np.arange(width)
        taken = places < lengths[:, None] if side == "right" else places >= width - lengths[:, None]

        def matrix(column: npt.NDArray[Any], fill: int) -> npt.NDArray[Any]:
            result = np.full((rows, width), fill, dtype)
            result[taken] = column  # both in the order of rows, then places
            return result

        result = {"input_ids": matrix(self.ids, pad_id), "attention_mask": taken.astype(dtype)}
        if self.type_ids is not None:
            result["token_type_ids"] = matrix(self.type_ids, self._type_id_of_padding())
        return result


def _decode_utf8(row: Any) -> Any:
    """A row of encode_batch_flat with str in place of bytes (which are UTF-8, or it was not encoded)."""
    if isinstance(row, bytes):
        return bytes(row).decode()  # not what a subclass makes of it
    if isinstance(row, tuple | list):
        parts = [_decode_utf8(part) for part in row]
        return parts if isinstance(row, list) else tuple(parts)
    return row


_core.add_token_batch(TokenBatch)
