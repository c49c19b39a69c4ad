"""The WordPiece model, and vocab.txt files."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar, final

from fasttok import _core
from fasttok.errors import InputError
from fasttok.model_base import Model, explain_vocab, vocab_of_node
from fasttok.tokenizer_json import Field, Node, check_size, check_str

__all__ = ["WordPiece"]


def _core_from_vocab(vocab: Mapping[str, int], settings: tuple[str, int, str]) -> _core.WordPiece:
    try:
        return _core.WordPiece(dict(vocab), *settings)
    except (TypeError, ValueError, OverflowError):
        explain_vocab(vocab)
        raise


@final
class WordPiece(Model):
    """WordPiece: the longest piece of the vocabulary that fits, again and again; one misfit makes the whole
    word unknown.

    Args:
        vocab: token -> id (0 to 2^32 - 1), or the path of a vocab.txt; None is an empty vocabulary.
        unk_token: what stands for an unknown word.
        max_input_chars_per_word: longer words (in characters) are unknown.
        continuing_subword_prefix: what pieces inside a word begin with in the vocabulary.

    Raises:
        InputError: a token that is not a str, an id that is not an int of 32 bits. TypeError: other wrong
            types.
        OSError, FormatError: the file cannot be read, is not UTF-8.
        An unknown keyword gives a UserWarning only.

    >>> WordPiece({"[UNK]": 0, "token": 1, "##izer": 2}).max_input_chars_per_word
    100

    Mirrors `tokenizers.models.WordPiece`; `save` and JSON keep all tokens where two share an id (upstream
    drops one).
    """

    __slots__ = (
        "_compiled",
        "_continuing_subword_prefix",
        "_max_input_chars_per_word",
        "_unk_token",
        "_vocab",
    )

    KIND: ClassVar[str] = "WordPiece"

    _vocab: _core.WordPiece  # holds the vocabulary; its settings may be older than this object's
    _compiled: tuple[tuple[str, int, str], _core.WordPiece]  # the settings that it was compiled with, too

    unk_token = Field(check_str, "What stands for an unknown word.")
    max_input_chars_per_word = Field(check_size, "Longer words (in characters) are unknown.")
    continuing_subword_prefix = Field(check_str, "What pieces inside a word begin with in the vocabulary.")

    def __init__(
        self,
        vocab: Mapping[str, int] | str | None = None,
        *,
        unk_token: str = "[UNK]",
        max_input_chars_per_word: int = 100,
        continuing_subword_prefix: str = "##",
        **unknown: object,
    ) -> None:
        super().__init__()
        for name in unknown:
            warnings.warn(f"Ignored unknown kwargs option {name}", UserWarning, stacklevel=2)
        self.unk_token = unk_token
        self.max_input_chars_per_word = max_input_chars_per_word
        self.continuing_subword_prefix = continuing_subword_prefix
        settings = self._settings()
        if isinstance(vocab, str | os.PathLike):
            with open(vocab, "rb") as file:
                self._vocab = core_from_vocab_txt(file.read(), os.fspath(vocab), *settings)
        elif vocab is None or isinstance(vocab, Mapping):
            self._vocab = _core_from_vocab(vocab or {}, settings)
        else:
            raise InputError(
                f"vocab is {type(vocab).__name__}; expected a dict[str, int] or the path of a vocab.txt"
            )
        self._compiled = (settings, self._vocab)

    @staticmethod
    def from_file(vocab: str, **kwargs: Any) -> WordPiece:
        """The model of a vocab.txt (one token a line, ids from 0).

        Args:
            vocab: the path; a byte order mark at its beginning is dropped with a warning.
            kwargs: the other arguments of `WordPiece`.

        Raises:
            OSError, FormatError: the file cannot be read, is not UTF-8.

        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     WordPiece.from_file(WordPiece({"[UNK]": 0, "a": 1}).save(folder)[0]).token_to_id("a")
        1
        """
        return WordPiece(vocab, **kwargs)

    @staticmethod
    def read_file(vocab: str) -> dict[str, int]:
        """The vocabulary of a vocab.txt: token -> id; of two equal lines the last counts.

        Raises:
            OSError, FormatError: the file cannot be read, is not UTF-8.

        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     WordPiece.read_file(WordPiece({"[UNK]": 0, "a": 1}).save(folder)[0])
        {'[UNK]': 0, 'a': 1}
        """
        return WordPiece(vocab)._get_vocab()

    def _settings(self) -> tuple[str, int, str]:
        return (self._unk_token, self._max_input_chars_per_word, self._continuing_subword_prefix)

    def _spec(self) -> _core.WordPiece:
        settings = self._settings()
        compiled_with, compiled = self._compiled
        if compiled_with != settings:
            compiled = self._vocab.with_settings(*settings)
            self._compiled = (settings, compiled)
        return compiled

    def _copy(self) -> WordPiece:
        copy = WordPiece.__new__(WordPiece)
        for slot in WordPiece.__slots__:
            setattr(copy, slot, getattr(self, slot))
        return copy

    def _files(self) -> dict[str, str]:
        tokens = list(self._get_vocab())
        if broken := [token for token in tokens if token != token.rstrip() or "\n" in token]:
            warnings.warn(
                f"a vocab.txt cannot hold {broken[0]!r} as it is (line breaks, whitespace at the end); "
                "save a tokenizer.json",
                UserWarning,
                stacklevel=3,
            )
        return {"vocab.txt": "".join(token + "\n" for token in tokens)}

    def _vocab_size(self) -> int:
        return self._vocab.vocab_size()

    def _get_vocab(self) -> dict[str, int]:
        return self._vocab.get_vocab()

    def _fields(self) -> dict[str, object]:
        return {
            "unk_token": self._unk_token,
            "continuing_subword_prefix": self._continuing_subword_prefix,
            "max_input_chars_per_word": self._max_input_chars_per_word,
            "vocab": self._get_vocab(),
        }

    def _load(self, node: Node) -> None:
        unk_token = node["unk_token"].text()
        prefix = node["continuing_subword_prefix"].text()
        max_chars = node["max_input_chars_per_word"].uint(2**64 - 1)
        vocab = vocab_of_node(node["vocab"])
        settings = (unk_token, max_chars, prefix)
        try:
            self._vocab = _core_from_vocab(vocab, settings)
        except InputError as error:
            node["vocab"].fail(str(error))
        self._compiled = (settings, self._vocab)
        self._unk_token, self._max_input_chars_per_word, self._continuing_subword_prefix = settings


_BOM = b"\xef\xbb\xbf"


def core_from_vocab_txt(
    data: bytes, name: str, unk_token: str, max_chars: int, prefix: str
) -> _core.WordPiece:
    """A vocab.txt's model; a byte order mark is dropped with a warning (upstream makes it part of the first
    token)."""
    if data.startswith(_BOM):
        warnings.warn(f"{name}: the byte order mark at the beginning is dropped", UserWarning, stacklevel=4)
        data = data[len(_BOM) :]
    return _core.WordPiece.from_vocab_txt(data, name, unk_token, max_chars, prefix)


def wordpiece_from_vocab_txt(data: bytes, name: str) -> WordPiece:
    """The model of a vocab.txt's bytes, with BERT's settings."""
    model = WordPiece()
    settings = model._settings()
    model._vocab = core_from_vocab_txt(data, name, *settings)
    model._compiled = (settings, model._vocab)
    return model
