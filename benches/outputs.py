"""The outputs of the contenders, brought to one form so that they can be compared: all ids in one array, and
the length of each row."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class Rows(NamedTuple):
    ids: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]


def rows_of_lists(lists: list[list[int]]) -> Rows:
    lengths = np.fromiter(map(len, lists), np.int64, len(lists))
    flat = (i for row in lists for i in row)
    return Rows(np.fromiter(flat, np.int64, int(lengths.sum())), lengths)


def rows_of_encodings(encodings: list[Any]) -> Rows:
    return rows_of_lists([e.ids for e in encodings])


def rows_of_offsets(encodings: list[Any]) -> Rows:
    """id, start, end of each token: a row is three times as long as its ids."""
    return rows_of_lists(
        [[v for i, o in zip(e.ids, e.offsets, strict=True) for v in (i, *o)] for e in encodings]
    )


def rows_of_matrices(encoded: Any) -> Rows:
    """Ids, mask and type ids side by side; each row is three times max_length."""
    names = ("input_ids", "attention_mask", "token_type_ids")
    wide = np.concatenate([np.asarray(encoded[name]) for name in names], axis=1)
    return Rows(wide.ravel().astype(np.int64), np.full(len(wide), wide.shape[1], np.int64))


def bytes_of_text(text: Any) -> bytes:
    return text.encode() if isinstance(text, str) else bytes(text)


def wrong_rows(expected: Rows, got: Rows) -> int:
    if len(expected.lengths) != len(got.lengths):
        return len(expected.lengths)
    if np.array_equal(expected.lengths, got.lengths):
        if np.array_equal(expected.ids, got.ids):
            return 0
        row_of = np.repeat(np.arange(len(expected.lengths)), expected.lengths)
        return len(np.unique(row_of[expected.ids != got.ids]))
    wrong = 0
    starts = np.concatenate([[0], np.cumsum(expected.lengths)])
    others = np.concatenate([[0], np.cumsum(got.lengths)])
    for i in range(len(expected.lengths)):
        mine = expected.ids[starts[i] : starts[i + 1]]
        wrong += not np.array_equal(mine, got.ids[others[i] : others[i + 1]])
    return wrong


def framed(rows: Rows, cls: int, sep: int) -> Rows:
    """With [CLS] and [SEP] around each row, for contenders that leave them out."""
    ends = np.cumsum(rows.lengths)
    begins = ends - rows.lengths
    places = np.stack([begins, ends], axis=1).ravel()
    ids = np.insert(rows.ids, places, np.tile([cls, sep], len(rows.lengths)))
    return Rows(ids, rows.lengths + 2)
