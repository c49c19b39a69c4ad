"""SentencePiece's Unigram, from scored pieces or a .model file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from os import PathLike
from typing import Any

import fasttok
from fasttok import decoders, models, normalizers, pre_tokenizers
from fasttok.errors import FormatError
from fasttok.implementations.base_tokenizer import BaseTokenizer
from fasttok.tokenizer import Tokenizer
from fasttok.tokenizer_json import check_path

__all__ = ["SentencePieceUnigramTokenizer"]

_UNIGRAM = 1  # trainer_spec.model_type


class SentencePieceUnigramTokenizer(BaseTokenizer):
    """Unigram on text whose spaces are a character of their own.

    Args:
        vocab: (piece, score) of each id; None is the empty model.
        replacement: the character for a space.
        add_prefix_space: whether a space is put before the text.

    >>> tokenizer = SentencePieceUnigramTokenizer([("▁", -1.0), ("h", -9.0), ("i", -9.0), ("hi", -2.0)])
    >>> tokenizer.encode("hi").tokens
    ['▁', 'hi']

    Mirrors `tokenizers.SentencePieceUnigramTokenizer`.
    """

    def __init__(
        self,
        vocab: list[tuple[str, float]] | None = None,
        replacement: str = "▁",
        add_prefix_space: bool = True,
    ) -> None:
        tokenizer = Tokenizer(models.Unigram(vocab))
        scheme = "always" if add_prefix_space else "never"
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(fasttok.Regex(" {2,}"), " ")]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=replacement, prepend_scheme=scheme)
        tokenizer.decoder = decoders.Metaspace(replacement=replacement, prepend_scheme=scheme)
        parameters = {
            "model": "SentencePieceUnigram",
            "replacement": replacement,
            "add_prefix_space": add_prefix_space,
        }
        super().__init__(tokenizer, parameters)

    @staticmethod
    def from_spm(filename: str | PathLike[str]) -> SentencePieceUnigramTokenizer:
        """The tokenizer of a SentencePiece .model file that holds a Unigram model.

        Args:
            filename: the path; protobuf need not be installed.

        Raises:
            OSError: the file cannot be read. FormatError: it is damaged. Exception: it holds another kind
            of model.
        """
        path = check_path("filename", filename)
        with open(path, "rb") as file:
            data = file.read()
        pieces: list[tuple[str, float]] = []
        settings = {"unk_id": 0, "model_type": _UNIGRAM, "byte_fallback": 0}
        charsmap = b""
        for number, value in _fields(data, path):
            if number == 1:  # pieces
                parts = dict(_fields(value, path))
                (score,) = struct.unpack("<f", parts.get(2, b"\0\0\0\0"))
                pieces.append((_text(parts.get(1, b""), path), score))
            elif number == 2:  # trainer_spec
                names = {40: "unk_id", 3: "model_type", 35: "byte_fallback"}
                settings |= {names[key]: item for key, item in _fields(value, path) if key in names}
            elif number == 3:  # normalizer_spec
                charsmap = dict(_fields(value, path)).get(2, b"")
        if settings["model_type"] != _UNIGRAM:
            raise Exception(
                "You're trying to run a `Unigram` model but you're file was trained with a different "
                f"algorithm (model_type {settings['model_type']} in {path})"
            )
        self = SentencePieceUnigramTokenizer()
        self._parameters = {"model": "SentencePieceUnigram"}
        self.model = models.Unigram(pieces, settings["unk_id"], bool(settings["byte_fallback"]))
        steps: list[Any] = [normalizers.Replace(fasttok.Regex(" {2,}"), " ")]
        if charsmap:
            steps.insert(0, normalizers.Precompiled(charsmap))
        self.normalizer = normalizers.Sequence(steps)
        return self


def _text(data: Any, path: str) -> str:
    try:
        return bytes(data).decode()
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: a piece is not UTF-8: {error}") from None


def _fields(data: bytes, path: str) -> Iterator[tuple[int, Any]]:
    """(number, value) of each field of a protobuf message: int, or bytes."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while at < len(data) and shift < 64:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
        raise FormatError(f"{path}: not a SentencePiece model: it ends too early, or a number is too long")

    while at < len(data):
        number, kind = divmod(varint(), 8)
        if kind == 0:
            yield number, varint()
            continue
        size = varint() if kind == 2 else {1: 8, 5: 4}.get(kind, -1)
        if size < 0 or size > len(data) - at:
            raise FormatError(f"{path}: not a SentencePiece model: field {number} is damaged")
        yield number, data[at : at + size]
        at += size
