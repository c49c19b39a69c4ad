"""The SentencePiece model: a whole `.model` file, its normalizer included."""

from __future__ import annotations

import base64
import os
from typing import ClassVar, NoReturn, Self, final

from fasttok import _core
from fasttok.errors import FormatError
from fasttok.model_base import Model
from fasttok.tokenizer_json import Node, Struct, check_path
from fasttok.whole_file import write_bytes

__all__ = ["SentencePiece"]


@final
class SentencePiece(Model):
    """A `.model` file of SentencePiece (Unigram, BPE, word or char), run as sentencepiece runs it.

    Args:
        model: the bytes of the file.

    Raises:
        TypeError: not bytes. FormatError: no SentencePiece model, or a damaged one.

    It stands alone in a tokenizer: it normalizes, cuts, and decodes by itself, as long as the tokenizer has
    no decoder. Control symbols in a text are text; user-defined symbols are found by the model.

    >>> made = SentencePiece._example()
    >>> [token.as_tuple() for token in made.tokenize("ab  a")]
    [(2, '▁ab', (0, 2)), (3, '▁a', (2, 5))]

    Ids, pieces and places are those of sentencepiece 0.2.3. `tokenizers` has no such model; a tokenizer.json
    with one is read by fasttok alone.
    """

    __slots__ = ("_compiled", "_data")

    KIND: ClassVar[str] = "SentencePiece"

    _data: bytes
    _compiled: _core.SentencePieceText

    def __init__(self, model: bytes) -> None:
        super().__init__()
        if not isinstance(model, bytes | bytearray | memoryview):
            raise TypeError(f"model is {type(model).__name__}; expected the bytes of a .model file")
        self._read(bytes(model), "model")

    @classmethod
    def _of_file(cls, data: bytes, name: str) -> Self:
        self = cls.__new__(cls)
        Model.__init__(self)
        self._read(data, name)
        return self

    @classmethod
    def _example(cls) -> Self:
        """A small Unigram model, for examples."""
        pieces = [(b"<unk>", 2), (b"<s>", 3), ("▁ab".encode(), 1), ("▁a".encode(), 1), (b"b", 1)]
        data = b""
        for text, kind in pieces:
            piece = b"\x0a" + bytes([len(text)]) + text + b"\x18" + bytes([kind])
            data += b"\x0a" + bytes([len(piece)]) + piece
        return cls(data)

    def _read(self, data: bytes, name: str) -> None:
        self._compiled = _core.SentencePieceText(data, name)
        self._data = data

    @property
    def model(self) -> bytes:
        """The bytes of the `.model` file."""
        return self._data

    def save(self, folder: str, prefix: str | None = None, name: str | None = None) -> list[str]:
        """Writes the `.model` file into a folder.

        Args:
            folder: an existing folder.
            prefix, name: begins the file's name, with "-" after it; `name` is the old name of `prefix`.

        Returns:
            The path written.

        Raises:
            OSError: the folder cannot be written to.

        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [os.path.basename(path) for path in SentencePiece._example().save(folder)]
        ['spiece.model']
        """
        prefix = name if prefix is None else prefix
        file = "spiece.model" if prefix is None else f"{prefix}-spiece.model"
        path = os.path.join(check_path("folder", folder), file)
        write_bytes(path, self._data)
        return [path]

    def _spec(self) -> _core.SentencePieceText:
        return self._compiled

    def _copy(self) -> Self:
        copy = type(self).__new__(type(self))
        Model.__init__(copy)
        copy._compiled, copy._data = self._compiled, self._data
        return copy

    def _vocab_size(self) -> int:
        return self._compiled.vocab_size()

    def _get_vocab(self) -> dict[str, int]:
        return self._compiled.get_vocab()

    def _fields(self) -> dict[str, object]:
        return {"model": base64.b64encode(self._data).decode()}

    def _struct(self) -> Struct:
        return Struct(self.KIND, {"pieces": self._vocab_size(), "bytes": len(self._data)})

    def get_trainer(self) -> NoReturn:
        """Not there: a SentencePiece model is trained by `fasttok.sentencepiece.SentencePieceTrainer`.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            "a SentencePiece model is trained by fasttok.sentencepiece.SentencePieceTrainer, not by a Trainer"
        )

    def _load(self, node: Node) -> None:
        written = node["model"]
        try:
            data = base64.b64decode(written.text(), validate=True)
        except ValueError as error:
            written.fail(f"not base64: {error}")
        try:
            self._read(data, "the SentencePiece model in it")
        except FormatError as error:
            written.fail(str(error))
