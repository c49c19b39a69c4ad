"""From rows of text to the columns of a `BatchEncoding`, in the fastest of three ways.

    lists     no tensors, no padding           the core writes the ids as lists
    arrays    tensors or padding               the core writes ids, type ids and mask as int64 matrices
    objects   windows, offsets, special masks  the columns are read from the core's `Encoding` objects

After the first two, `Encoding` objects are made when they are first asked for. Truncation, padding and the
treatment of special tokens are arguments of the core, never a state of it: any number of threads may call one
object.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from fasttok._core import lists_of_one, tuple_of_rows
from fasttok.batch_encoding import BatchEncoding
from fasttok.call_settings import Call
from fasttok.settings import CoreSettings
from fasttok.special_tokens import SpecialTokens

if TYPE_CHECKING:
    from fasttok import _core
    from fasttok._core import Encoding, Padding

__all__ = ["EncodingColumns"]

_log = logging.getLogger("fasttok")

_NO_PADDING: Padding = (None, "right", None, 0, 0, "")


class EncodingColumns(SpecialTokens):
    """Rows in, columns out; a base of `EncodingCalls`."""

    model_max_length: int
    _warned_too_long: bool

    def _encode_rows(self, rows: Sequence[Any], batched: bool, call: Call) -> BatchEncoding:
        """Encode `rows` in the fastest of the three ways that gives what `call` asks for."""
        core = self._tokenizer._compiled()  # never changes, whatever happens to the tokenizer during the call
        settings: CoreSettings = {
            "is_pretokenized": call.is_split_into_words,
            "add_special_tokens": call.add_special_tokens,
            "truncation": call.truncation,
            "specials": call.specials,
            "surrogates": "error",
            "num_threads": None,
        }
        padding = call.padding
        if not (call.want_windows or call.want_special_mask or call.want_offsets):
            # The Encodings, if they are asked for, are of the same rows, whoever changes the list meanwhile.
            rows = tuple_of_rows(rows)
            later = partial(core.encode_batch, rows, padding=padding, fast=False, **settings)
            if padding is not None and not batched and padding[0] is None and padding[2] is None:
                padding = None  # one row is as long as the longest
            if padding is None:
                if call.tensors is None or batched:
                    return self._as_lists(core, rows, batched, call, settings, later)
                return self._as_arrays(core, rows, batched, call, settings, _NO_PADDING, later)
            if padding[0] is None or self._all_fit(padding[0], call):
                return self._as_arrays(core, rows, batched, call, settings, padding, later)
        encodings = core.encode_batch(rows, padding=padding, fast=False, **settings)
        return self._from_encodings(encodings, batched, call)

    def _all_fit(self, length: int, call: Call) -> bool:
        """Whether truncation leaves no row longer than `length`; below the special tokens it does nothing."""
        if call.truncation is None or length == 0:
            return False
        return not call.add_special_tokens or length >= self._tokenizer.num_special_tokens_to_add(True)

    def _as_lists(
        self,
        core: _core.Tokenizer,
        rows: Sequence[Any],
        batched: bool,
        call: Call,
        settings: CoreSettings,
        later: Callable[[], list[Encoding]],
    ) -> BatchEncoding:
        """Columns as lists of unequal lengths, written by the core."""
        type_ids = None
        if not call.want_type_ids:
            ids, longest = core.encode_lists(rows, **settings)
        elif self._type_ids_are_zero(core, rows, call):
            ids, longest = core.encode_lists(rows, **settings)
            type_ids = lists_of_one(ids, 0)
        else:
            ids, type_ids = _ids_and_type_ids(core, rows, settings)
            longest = max(map(len, ids), default=0)
        columns: dict[str, Any] = {"input_ids": ids}
        if type_ids is not None:
            columns["token_type_ids"] = type_ids
        if call.want_mask:
            columns["attention_mask"] = lists_of_one(ids, 1)
        if call.want_length:
            columns["length"] = list(map(len, ids))
        if call.max_length is None:
            self._warn_if_too_long(longest, None, call.verbose)
        if not batched:
            columns = {key: value[0] if key != "length" else value for key, value in columns.items()}
        encoded = BatchEncoding._lazy(columns, later)
        return encoded if call.tensors is None else encoded.convert_to_tensors(call.tensors)

    def _type_ids_are_zero(self, core: _core.Tokenizer, rows: Sequence[Any], call: Call) -> bool:
        """Whether all rows are single texts and the post-processor gives those no other type id than 0."""
        kinds = set(map(type, rows))
        if call.is_split_into_words or (kinds != {str} and not all(issubclass(kind, str) for kind in kinds)):
            return False
        return core.type_ids_are_zero(add_special_tokens=call.add_special_tokens)

    def _as_arrays(
        self,
        core: _core.Tokenizer,
        rows: Sequence[Any],
        batched: bool,
        call: Call,
        settings: CoreSettings,
        padding: Padding,
        later: Callable[[], list[Encoding]],
    ) -> BatchEncoding:
        """Columns as int64[rows, width], written by the core; lists where no tensors are asked for."""
        length, side, multiple, pad_id, pad_type_id, _ = padding
        ids, type_ids, mask = core.encode_padded(
            rows,
            length=length,
            pad_to_multiple_of=multiple,
            pad_id=pad_id,
            pad_type_id=pad_type_id,
            side=side,
            want_type_ids=call.want_type_ids,
            want_mask=call.want_mask,
            **settings,
        )
        columns: dict[str, Any] = {"input_ids": ids}
        if type_ids is not None:
            columns["token_type_ids"] = type_ids
        if mask is not None:
            columns["attention_mask"] = mask
        if call.want_length:
            columns["length"] = np.full(len(ids), ids.shape[1], dtype=np.int64)
        if call.max_length is None:
            self._warn_if_too_long(ids.shape[1], None, call.verbose)
        if call.tensors is None:
            columns = {
                key: column.tolist() if key == "length" else core.lists_of_matrix(column)
                for key, column in columns.items()
            }
            if not batched:
                columns = {key: value[0] if key != "length" else value for key, value in columns.items()}
        encoded = BatchEncoding._lazy(columns, later)
        return encoded if call.tensors in (None, "np") else encoded.convert_to_tensors(call.tensors)

    def _from_encodings(self, encodings: list[Encoding], batched: bool, call: Call) -> BatchEncoding:
        """Columns read from Encodings; windows are rows after the row that they belong to."""
        samples: list[int] = []
        if call.want_windows:
            windows: list[Encoding] = []
            for sample, encoding in enumerate(encodings):
                parts = [encoding, *encoding.overflowing]
                windows += parts
                samples += [sample] * len(parts)
            encodings = windows
        columns: dict[str, Any] = {"input_ids": [encoding.ids for encoding in encodings]}
        if call.want_type_ids:
            columns["token_type_ids"] = [encoding.type_ids for encoding in encodings]
        if call.want_mask:
            columns["attention_mask"] = [encoding.attention_mask for encoding in encodings]
        if call.want_special_mask:
            columns["special_tokens_mask"] = [encoding.special_tokens_mask for encoding in encodings]
        if call.want_offsets:
            columns["offset_mapping"] = [encoding.offsets for encoding in encodings]
        if call.want_length:
            columns["length"] = [len(encoding) for encoding in encodings]
        if call.want_windows:
            columns["overflow_to_sample_mapping"] = samples
        if call.max_length is None:
            self._warn_if_too_long(max(map(len, encodings)), None, call.verbose)
        if not batched and call.tensors is None and not call.want_windows:
            columns = {
                key: value[0] if isinstance(value[0], list) else value for key, value in columns.items()
            }
        return BatchEncoding(columns, encodings, tensor_type=call.tensors)

    def _warn_if_too_long(self, length: int, max_length: int | None, verbose: bool) -> None:
        if (
            max_length is None
            and verbose
            and length > self.model_max_length != 0
            and not self._warned_too_long
        ):
            self._warned_too_long = True
            _log.warning(
                "Token indices sequence length is longer than the specified maximum sequence length "
                "for this model (%d > %d). Running this sequence through the model will result in indexing "
                "errors",
                length,
                self.model_max_length,
            )


def _has_bytes(rows: Sequence[Any]) -> bool:
    """Whether there are bytes among rows, the texts of pairs, or words."""
    for _ in range(3):
        kinds = set(map(type, rows))
        if any(issubclass(kind, bytes) for kind in kinds):
            return True
        rows = list(chain.from_iterable(row for row in rows if isinstance(row, list | tuple)))
    return False


def _ids_and_type_ids(
    core: _core.Tokenizer, rows: Sequence[Any], settings: CoreSettings
) -> tuple[list[list[int]], list[list[int]]]:
    """Lists of ids and of type ids, for what has type ids that are not all 0."""
    if _has_bytes(rows):
        raise TypeError("bytes among the texts")  # the flat call takes UTF-8 bytes, transformers does not
    columns = core.encode_batch_flat(rows, offsets=None, type_ids=True, word_ids=False, **settings)
    ids, ends, _, type_ids, _ = columns
    assert type_ids is not None
    return core.lists_of(ids, ends), core.lists_of(type_ids, ends)
