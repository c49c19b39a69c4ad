"""The WordLevel model."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import ClassVar, Self, final

from fasttok import _core
from fasttok.errors import InputError
from fasttok.model_base import Model, explain_vocab, read_vocab_json, vocab_of_node
from fasttok.tokenizer_json import Field, Node, check_str, dump

__all__ = ["WordLevel"]


@final
class WordLevel(Model):
    """A word is a token of the vocabulary, or unknown.

    Args:
        vocab: token -> id (0 to 2^32 - 1), or the path of a vocab.json (deprecated, see `from_file`); None
            is an empty vocabulary.
        unk_token: what stands for an unknown word; None is "<unk>".

    Raises:
        InputError: a token that is not a str, an id that is not an int of 32 bits. TypeError: other wrong
        types. OSError, FormatError: the file cannot be read, is damaged.

    >>> [token.value for token in WordLevel({"<unk>": 0, "a": 1}).tokenize("b")]
    ['<unk>']

    Mirrors `tokenizers.models.WordLevel`.
    """

    __slots__ = ("_compiled", "_unk_token")

    KIND: ClassVar[str] = "WordLevel"

    _compiled: _core.WordLevel

    unk_token = Field(check_str, "What stands for an unknown word.")

    def __init__(self, vocab: Mapping[str, int] | str | None = None, unk_token: str | None = None) -> None:
        super().__init__()
        if isinstance(vocab, str | os.PathLike):
            warnings.warn(
                "WordLevel.__init__ will not create from files anymore, try `WordLevel.from_file` instead",
                DeprecationWarning,
                stacklevel=2,
            )
            vocab = read_vocab_json(os.fspath(vocab))
        if vocab is not None and not isinstance(vocab, Mapping):
            raise InputError(
                f"vocab is {type(vocab).__name__}; expected a dict[str, int] or the path of a vocab.json"
            )
        try:
            self._compiled = _core.WordLevel(dict(vocab or {}), "")
        except (TypeError, ValueError, OverflowError):
            explain_vocab(vocab or {})
            raise
        self.unk_token = "<unk>" if unk_token is None else unk_token

    @staticmethod
    def from_file(vocab: str, unk_token: str | None = None) -> WordLevel:
        """The model of a vocab.json.

        Args:
            vocab: the path of a JSON object, token -> id.
            unk_token: as in `WordLevel`.

        Raises:
            OSError, FormatError: the file cannot be read, is damaged.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     WordLevel.from_file(WordLevel({"a": 1}).save(folder)[0]).token_to_id("a")
        1
        """
        return WordLevel(read_vocab_json(vocab), unk_token)

    @staticmethod
    def read_file(vocab: str) -> dict[str, int]:
        """The vocabulary of a vocab.json: token -> id; entries that are no numbers are left out.

        Raises:
            OSError, FormatError: the file cannot be read, is damaged.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     WordLevel.read_file(WordLevel({"a": 1}).save(folder)[0])
        {'a': 1}
        """
        return read_vocab_json(vocab)

    def _changed(self) -> None:
        self._compiled = self._compiled.with_settings(self._unk_token)
        super()._changed()

    def _spec(self) -> _core.WordLevel:
        return self._compiled

    def _copy(self) -> Self:
        copy = type(self).__new__(type(self))
        copy._compiled, copy._unk_token = self._compiled, self._unk_token
        return copy

    def _vocab_size(self) -> int:
        return self._compiled.vocab_size()

    def _get_vocab(self) -> dict[str, int]:
        return self._compiled.get_vocab()

    def _files(self) -> dict[str, str]:
        return {"vocab.json": dump(self._get_vocab())}

    def _fields(self) -> dict[str, object]:
        return {"vocab": self._get_vocab(), "unk_token": self._unk_token}

    def _load(self, node: Node) -> None:
        vocab, unk_token = vocab_of_node(node["vocab"]), node["unk_token"].text()
        try:
            core = _core.WordLevel(vocab, unk_token)
        except UnicodeEncodeError:
            node.fail("a lone surrogate in vocab or unk_token")
        self._compiled, self._unk_token = core, unk_token
