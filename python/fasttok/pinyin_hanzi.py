"""The pinyin of Hanzi beside the tokens of a BertTokenizer, as ChineseBERT takes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from fasttok._core import Encoding
    from fasttok.batch_encoding import BatchEncoding

__all__ = ["pinyin_ids"]

WIDTH = 8  # ids of a token

# ChineseBERT's pinyin map: 0 is nothing, then the tones, then the letters (v is ü).
_IDS = {c: number for number, c in enumerate("12345abcdefghijklmnopqrstuvwxyz", 1)}
_NOTHING = (0,) * WIDTH
_LONGEST_KEPT = 512  # characters of a text whose reading is kept


def pinyin_ids(
    batch: BatchEncoding,
    text: str | Sequence[str] | None = None,
    text_pair: str | Sequence[str] | None = None,
) -> Any:
    """For each token of a batch 8 ids: the letters of its pinyin and its tone, then zeros.

    Args:
        batch: what a BertTokenizer returned, for one text or for several.
        text: str or list of str, what was encoded. Without it the characters are taken from the tokens, so
            that those that the vocabulary does not know, or that were cut off, are not seen. Not for texts
            that were given as words.
        text_pair: the same for the second texts of pairs.

    Returns:
        Where `input_ids` is an array: int64[rows, tokens, 8]. Where it is lists: lists of 8 ids in the shape
        of `input_ids`. Tokens that are not one Han character have zeros.

    Raises:
        ImportError: pypinyin is missing (extra `pinyin`). TypeError: `batch` is no BatchEncoding, `text` or
        `text_pair` no str. ValueError: `batch` does not know its tokens; the texts are not those of its rows.

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
    if text is None:
        if text_pair is not None:
            raise ValueError("text_pair without text; give both or none")
        lists = [_ids_of_tokens(row) for row in rows]
    else:
        samples = batch.data.get("overflow_to_sample_mapping")
        places = list(range(len(rows)) if samples is None else map(int, samples))
        exact = samples is None
        firsts = _texts_of("text", text, places, exact)
        seconds = (
            [None] * len(rows) if text_pair is None else _texts_of("text_pair", text_pair, places, exact)
        )
        lists = [
            _ids_in_texts(*each) for each in zip(rows, zip(firsts, seconds, strict=True), places, strict=True)
        ]
    column = batch.data.get("input_ids")
    if hasattr(column, "ndim"):  # an array or a tensor
        shape = (*np.shape(column), WIDTH)  # type: ignore[arg-type]
        made: npt.NDArray[np.int64] = np.array(lists, dtype=np.int64).reshape(shape)
        return made
    single = isinstance(column, list) and not (column and isinstance(column[0], list)) and len(lists) == 1
    return lists[0] if single else lists


def _texts_of(name: str, given: str | Sequence[str], places: list[int], exact: bool) -> list[str]:
    """The text of each row, rows being windows of the texts in `places`; `exact`: one row for each."""
    if isinstance(given, bytes) or not isinstance(given, Iterable):
        raise TypeError(f"{name} is {type(given).__name__}; expected str or a list of str")
    texts = [given] if isinstance(given, str) else list(given)
    for number, item in enumerate(texts):
        if not isinstance(item, str):
            raise TypeError(f"{name}[{number}] is {type(item).__name__}; expected str")
    if len(texts) <= max(places, default=-1) or (exact and len(texts) != len(places)):
        raise ValueError(f"{name} has {len(texts)} texts for {len(places)} rows")
    return [texts[place] for place in places]


def _tokens_of(row: Encoding) -> Iterator[tuple[str, int, int, int | None, bool]]:
    """(token, start, end, sequence, whether offsets begin anew) of each token.

    Offsets begin anew at each word where a text was given as words.
    """
    ends: dict[int | None, tuple[int, int | None]] = {}
    for token, (start, end), sequence, word in zip(
        row.tokens, row.offsets, row.sequence_ids, row.word_ids, strict=True
    ):
        before, word_before = ends.get(sequence, (0, word))
        yield token, start, end, sequence, start < before and word != word_before
        ends[sequence] = end, word


def _ids_of_tokens(row: Encoding) -> list[list[int]]:
    # The characters of each sequence, "\0" between those that do not stand side by side.
    characters: dict[int, list[str]] = {}
    ends: dict[int, int] = {}
    places: list[tuple[int, int] | None] = []
    for token, start, end, sequence, anew in _tokens_of(row):
        if sequence is None:
            places.append(None)
            continue
        text = characters.setdefault(sequence, [])
        if not (anew and start == 0) and start != ends.get(sequence, start):
            text.append("\0")
        ends[sequence] = end
        single = end - start == 1 and len(token) == 1
        places.append((sequence, len(text)) if single else None)
        text.append(token if single else "\0")
    readings = {sequence: _read("".join(text)) for sequence, text in characters.items()}
    return [list(_NOTHING if place is None else readings[place[0]][place[1]]) for place in places]


def _ids_in_texts(row: Encoding, texts: tuple[str, str | None], number: int) -> list[list[int]]:
    readings = [None if text is None else _read(text) for text in texts]
    ids = []
    for _, start, end, sequence, anew in _tokens_of(row):
        if sequence is None:
            ids.append(list(_NOTHING))
            continue
        known = readings[sequence]
        if known is None:
            raise ValueError(f"row {number} is of a pair; give text_pair as well, or neither")
        if anew or end > len(known):
            name = "text_pair" if sequence else "text"
            raise ValueError(
                f"{name}[{number}] is not what was encoded"
                if not anew
                else f"{name}[{number}] was given as words to the tokenizer; call pinyin_ids without {name}"
            )
        ids.append(list(known[start] if end - start == 1 else _NOTHING))
    return ids


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


def _read_run(run: str) -> Sequence[tuple[int, ...]]:
    """The ids of each character of a run without ASCII, polyphones by the phrases that they stand in."""
    return _read_now(run) if len(run) > _LONGEST_KEPT else _read_and_keep(run)


def _read_now(run: str) -> tuple[tuple[int, ...], ...]:
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


_read_and_keep = lru_cache(maxsize=4096)(_read_now)


@lru_cache(maxsize=4096)  # there are some 1,500 readings; their ids are the same objects in all texts
def _ids_of(reading: str) -> tuple[int, ...]:
    ids = [_IDS.get(c, 0) for c in reading]
    if 0 in ids or len(ids) > WIDTH:
        return _NOTHING
    return (*ids, *_NOTHING[len(ids) :])
