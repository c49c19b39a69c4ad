"""The calls that turn ids into text."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

from fasttok.pipeline import Pipeline
from fasttok.tokenizer_json import U32_MAX

__all__ = ["DecodeCalls"]


class DecodeCalls(Pipeline):
    """The calls that decode; a base of `Tokenizer`."""

    __slots__ = ()

    def decode(
        self, ids: Sequence[int], skip_special_tokens: bool = True, *, cjk_spacing: bool = True
    ) -> str:
        """The text of a list of ids; unknown ids are skipped.

        Args:
            ids: a sequence of int from 0 to 2^32 - 1, or an array.
            skip_special_tokens: whether special tokens are left out.
            cjk_spacing: False puts no space between Han characters.

        Raises:
            TypeError: not a sequence of int. OverflowError: an id out of range.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).decode([1, 0, 1])
        'a [UNK] a'
        """
        listed = _id_list(ids, "ids")
        try:
            return self._compiled().decode(
                listed, skip_special_tokens=skip_special_tokens, cjk_spacing=cjk_spacing
            )
        except (TypeError, ValueError, OverflowError, RuntimeError):
            _explain_ids(listed, "ids")
            raise

    def decode_batch(
        self,
        sequences: Sequence[Sequence[int]],
        skip_special_tokens: bool = True,
        *,
        cjk_spacing: bool = True,
    ) -> list[str]:
        """The texts of several lists of ids.

        Args:
            sequences: a sequence of what `decode` takes.
            skip_special_tokens, cjk_spacing: as in `decode`.

        Raises:
            As `decode`.

        >>> from fasttok import Tokenizer, models
        >>> Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).decode_batch([[1], [1, 1]])
        ['a', 'a a']
        """
        if (
            isinstance(sequences, str)
            or not hasattr(sequences, "__len__")
            or not hasattr(sequences, "__getitem__")
        ):
            _id_list(sequences, "sequences")
        listed = [_id_list(ids, f"sequences[{i}]") for i, ids in enumerate(sequences)]
        try:
            return self._compiled().decode_batch(
                listed, skip_special_tokens=skip_special_tokens, cjk_spacing=cjk_spacing
            )
        except (TypeError, ValueError, OverflowError, RuntimeError):
            for i, row in enumerate(listed):
                _explain_ids(row, f"sequences[{i}]")
            raise

    async def async_decode_batch(
        self, sequences: Sequence[Sequence[int]], skip_special_tokens: bool = True
    ) -> list[str]:
        """`decode_batch` in a thread, awaitable.

        >>> from fasttok import Tokenizer, models
        >>> import asyncio
        >>> asyncio.run(Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).async_decode_batch([[1]]))
        ['a']
        """
        from asyncio import to_thread

        return await to_thread(self.decode_batch, sequences, skip_special_tokens)


def _id_list(ids: Any, name: str) -> list[int]:
    if type(ids) is list:
        return ids
    if isinstance(ids, str):
        raise TypeError("Can't extract `str` to `Vec`")
    if hasattr(ids, "tolist"):  # NumPy, torch
        ids = ids.tolist()
    if not isinstance(ids, Sequence):
        found = "'None'" if ids is None else f"'{type(ids).__name__}' object"
        raise TypeError(f"{name}: {found} is not an instance of 'Sequence'")
    return list(ids)


def _explain_ids(ids: Sequence[Any], name: str) -> None:
    """Raises what the reference raises for the first bad id."""
    for i, id in enumerate(ids):
        try:
            number = index(id)
        except TypeError:
            raise TypeError(
                f"'{type(id).__name__}' object cannot be interpreted as an integer "
                f"({name}[{i}]; expected an id)"
            ) from None
        if number < 0:
            raise OverflowError(
                f"number too small to fit in target type ({name}[{i}] is {number}; expected an id)"
            )
        if number > U32_MAX:
            raise OverflowError(
                f"number too large to fit in target type ({name}[{i}] is {number}; expected an id)"
            )
