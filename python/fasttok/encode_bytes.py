"""Bytes that need not be UTF-8, encoded by a byte-level tokenizer: what `Tokenizer.encode_bytes` computes.

A byte that belongs to no character is a character by itself. Added tokens, the normalizer and the
pre-tokenizer see it as a character of private use, which is neither letter, digit nor white space; the model
sees the byte.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from fasttok import pre_tokenizers
from fasttok._core import Encoding
from fasttok.byte_chars import characters_of
from fasttok.models import BPE, RankBPE
from fasttok.tokenizer_json import dump

if TYPE_CHECKING:
    from fasttok.tokenizer import Tokenizer

__all__ = ["encode_bytes"]

_ESCAPES = 0xDC80  # what Python's "surrogateescape" makes of the byte 0x80
_PRIVATE = range(0x100000, 0x10FF80)
_BYTES = {bytes([byte]): byte for byte in range(256)}
_NO_LIMIT = 0xFFFFFFFF


def encode_bytes(tokenizer: Tokenizer, data: bytes, add_special_tokens: bool) -> Encoding:
    """The encoding of bytes that are not UTF-8; offsets count characters, a stray byte being one.

    Raises:
        ValueError: the tokenizer is not byte-level, a byte has no token, or there are too many characters of
            private use.
    """
    if not isinstance(tokenizer.model, BPE | RankBPE) or not _has_byte_level(tokenizer.pre_tokenizer):
        raise ValueError("the bytes are not UTF-8, and this tokenizer has no byte-level model")
    text = data.decode("utf-8", "surrogateescape")
    used = {ord(char) & ~0x7F for char in set(text)}
    for char in text:
        if _ESCAPES <= ord(char) < _ESCAPES + 128:
            byte = ord(char) - _ESCAPES + 128
            if tokenizer.model.token_to_id(characters_of(bytes([byte]))) is None:
                place = data.index(byte)
                raise ValueError(f"data[{place}] is 0x{byte:02x}: the vocabulary has no token for this byte")
    first = next((block for block in _PRIVATE[::0x80] if block not in used), None)
    if first is None:
        raise ValueError("the text has characters of all of plane 16; there is none left to stand for bytes")
    splitter = _splitter_of(tokenizer)
    rows = splitter.encode_batch_flat(
        [text.translate({_ESCAPES + i: first + i for i in range(128)})],
        add_special_tokens=False,
        offsets="char",
        word_ids=True,
        truncation=_NO_LIMIT,
    )
    columns: dict[str, list[Any]] = {"ids": [], "tokens": [], "offsets": [], "words": []}

    def add(*values: object) -> None:
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)

    assert rows.offsets is not None
    assert rows.word_ids is not None
    parts = zip(rows.ids.tolist(), map(tuple, rows.offsets.tolist()), rows.word_ids.tolist(), strict=True)
    for word, group in groupby(parts, key=lambda part: part[2]):
        of_word = list(group)
        if of_word[0][0] not in range(256):
            token = splitter.id_to_token(of_word[0][0])
            assert token is not None
            add(tokenizer.token_to_id(token), token, of_word[0][1], word)
            continue
        meant, places = _without_stand_ins([part[0] for part in of_word], first)
        spans = [of_word[place][1] for place in places]
        begin = 0
        for made in tokenizer.model.tokenize(characters_of(meant)):
            end = begin + len(made.value)
            add(made.id, made.value, (spans[begin][0], spans[end - 1][1]), word)
            begin = end
    size = len(columns["ids"])
    state = {
        **columns,
        "type_ids": [0] * size,
        "special_tokens_mask": [0] * size,
        "attention_mask": [1] * size,
        "overflowing": [],
        "sequence_ranges": {},
    }
    encoding = Encoding()
    encoding.__setstate__(dump(state).encode())
    return tokenizer.post_process(encoding, None, add_special_tokens)


def _has_byte_level(component: object) -> bool:
    if isinstance(component, pre_tokenizers.Sequence):
        return any(map(_has_byte_level, component._items))
    return isinstance(component, pre_tokenizers.ByteLevel)


def _splitter_of(tokenizer: Tokenizer) -> Tokenizer:
    """The same stages before the model, and a model whose tokens are the bytes."""
    splitter = type(tokenizer)(RankBPE(_BYTES))
    splitter.normalizer = tokenizer.normalizer
    splitter.pre_tokenizer = tokenizer.pre_tokenizer
    added = list(tokenizer.get_added_tokens_decoder().values())
    splitter.add_tokens(added)
    splitter.add_special_tokens([token for token in added if token.special])
    splitter.encode_special_tokens = tokenizer.encode_special_tokens
    return splitter


def _without_stand_ins(values: list[int], first: int) -> tuple[bytes, list[int]]:
    """The bytes of a word, stand-ins (from character `first` on) as what they stand for, and the place in
    `values` of each."""
    meant, places = bytearray(), []
    at = 0
    while at < len(values):
        size = 4 if values[at] == 0xF4 else 1
        code = ord(bytes(values[at : at + 4]).decode()) if size == 4 else 0
        if first <= code < first + 128:
            meant.append(0x80 + code - first)
            places.append(at)
        else:
            meant += bytes(values[at : at + size])
            places += range(at, at + size)
        at += size
    return bytes(meant), places
