"""The pinyin of Hanzi beside the tokens of a BertTokenizer, as ChineseBERT takes it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fasttok._core import Encoding
    from fasttok.batch_encoding import BatchEncoding

__all__ = ["pinyin_ids"]

WIDTH = 8  # ids of a token

# ChineseBERT's pinyin map: 0 is nothing, then the tones, then the letters (v is ü).
_IDS = {c: number for number, c in enumerate("12345abcdefghijklmnopqrstuvwxyz", 1)}
_NOTHING = (0,) * WIDTH


def pinyin_ids(batch: BatchEncoding, text: str | Sequence[str] | None = None) -> Any:
    """For each token of a batch 8 ids: the letters of its pinyin and its tone, then zeros.

    Args:
        batch: what a BertTokenizer returned, for one text or for several.
        text: the text or texts that were encoded. Without them the characters are taken from the tokens, so
        that
            those that the vocabulary does not know have no pinyin. Not for pairs.

    Returns:
        Where `input_ids` is an array: int64[rows, tokens, 8]. Where it is lists: lists of 8 ids in the shape
        of `input_ids`. Tokens that are not one Han character have zeros.

    Raises:
        ImportError: pypinyin is missing (extra `pinyin`). TypeError: `batch` is no BatchEncoding, `text` no
        str. ValueError: `batch` does not know its tokens; as many texts as rows are expected.

    >>> from fasttok import BertTokenizer
    >>> tokenizer = BertTokenizer.from_pretrained("zh-en-wordpiece")
    >>> pinyin_ids(tokenizer("银行"))[1:3]
    [[30, 14, 19, 2, 0, 0, 0, 0], [13, 6, 19, 12, 2, 0, 0, 0]]

    The ids are those of ChineseBERT's pinyin_map.json: 1 to 5 the tones, 6 to 31 the letters a to z; a
    neutral tone has no digit (pypinyin's style TONE3), as in its dataset code.
    """
    from fasttok.batch_encoding import BatchEncoding

    if not isinstance(batch, BatchEncoding):
        raise TypeError(f"batch is {type(batch).__name__}; expected the BatchEncoding of a BertTokenizer")
    rows = batch.encodings
    if rows is None:
        raise ValueError("batch does not know its tokens: it was pickled, or made without a tokenizer")
    texts: list[str | None] = [None] * len(rows)
    if text is not None:
        given = [text] if isinstance(text, str) else list(text)
        for number, item in enumerate(given):
            if not isinstance(item, str):
                raise TypeError(f"text[{number}] is {type(item).__name__}; expected str")
        samples = batch.data.get("overflow_to_sample_mapping")
        places = range(len(rows)) if samples is None else [int(sample) for sample in samples]
        if len(given) <= max(places, default=-1) or (samples is None and len(given) != len(rows)):
            raise ValueError(f"text has {len(given)} texts for {len(rows)} rows")
        texts = [given[place] for place in places]
    lists = [_row_ids(row, row_text) for row, row_text in zip(rows, texts, strict=True)]
    column = batch.data.get("input_ids")
    if hasattr(column, "ndim"):  # an array or a tensor
        shape = (*np.shape(column), WIDTH)  # type: ignore[arg-type]
        made: npt.NDArray[np.int64] = np.array(lists, dtype=np.int64).reshape(shape)
        return made
    single = isinstance(column, list) and not (column and isinstance(column[0], list)) and len(lists) == 1
    return lists[0] if single else lists


def _row_ids(row: Encoding, text: str | None) -> list[list[int]]:
    tokens, offsets, sequences = row.tokens, row.offsets, row.sequence_ids
    of_character = [end - start == 1 for start, end in offsets]
    if text is not None:
        characters = {0: list(text)}
    else:
        characters = {}
        for token, (start, _), sequence, single in zip(tokens, offsets, sequences, of_character, strict=True):
            if sequence is None or not single or len(token) != 1:
                continue
            places = characters.setdefault(sequence, [])
            places += "\0" * (start + 1 - len(places))
            places[start] = token
    readings = {sequence: _read("".join(places)) for sequence, places in characters.items()}
    result = []
    for (start, _), sequence, single in zip(offsets, sequences, of_character, strict=True):
        known = () if sequence is None else readings.get(sequence, ())
        result.append(list(known[start] if single and start < len(known) else _NOTHING))
    return result


def _read(text: str) -> list[tuple[int, ...]]:
    """The ids of each character."""
    ids: list[tuple[int, ...]] = []
    begin = 0
    while begin < len(text):
        end = begin + 1
        han = _may_be_han(text[begin])
        while end < len(text) and _may_be_han(text[end]) == han:
            end += 1
        ids += _read_run(text[begin:end]) if han else [_NOTHING] * (end - begin)
        begin = end
    return ids


def _may_be_han(character: str) -> bool:
    """Pypinyin reads out characters from U+3007 on; what it does not know has no ids."""
    return character >= "\u3007"


@lru_cache(maxsize=4096)
def _read_run(run: str) -> tuple[tuple[int, ...], ...]:
    """The ids of each character of a run without ASCII, polyphones by the phrases that they stand in."""
    try:
        from pypinyin import Style, pinyin
    except ImportError:
        raise ImportError(
            "pinyin_ids needs pypinyin; install it with: pip install 'fasttok-native[pinyin]'"
        ) from None
    readings: Any = pinyin(
        run,
        style=Style.TONE3,
        errors=lambda part: [[""] for _ in part],  # type: ignore[arg-type, return-value]
    )
    return tuple(_ids_of(reading[0]) for reading in readings)


def _ids_of(reading: str) -> tuple[int, ...]:
    ids = [_IDS.get(c, 0) for c in reading]
    if 0 in ids or len(ids) > WIDTH:
        return _NOTHING
    return (*ids, *_NOTHING[len(ids) :])
