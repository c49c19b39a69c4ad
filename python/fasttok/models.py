"""Models: how a word becomes tokens. So far WordPiece."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from operator import index, itemgetter
from typing import Any, ClassVar, NamedTuple, final

from fasttok import _core
from fasttok.errors import InputError
from fasttok.tokenizer_json import U32_MAX, Component, Field, Node, Section, check_size, check_str
from fasttok.whole_file import write_text

__all__ = ["Model", "Token", "WordPiece"]


class Token(NamedTuple):
    """One token of a word: its id, its text, and (start, end) in UTF-8 bytes of the word.

    >>> WordPiece({"[UNK]": 0, "ab": 1, "##c": 2}).tokenize("abc")[1].as_tuple()
    (2, '##c', (2, 3))
    """

    id: int
    value: str
    offsets: tuple[int, int]

    def as_tuple(self) -> tuple[int, str, tuple[int, int]]:
        """(id, value, offsets)."""
        return (self.id, self.value, self.offsets)


class Model(Component):
    """The base of all models; it cannot be created itself.

    >>> isinstance(WordPiece(), Model)
    True
    """

    __slots__ = ()

    def tokenize(self, sequence: str) -> list[Token]:
        """The tokens of one word, offsets in UTF-8 bytes.

        Args:
            sequence: any str without lone surrogates.

        Raises:
            TypeError: not a str. UnicodeEncodeError: a lone surrogate. Exception: an unknown word, and no
                unknown token.

        >>> [token.value for token in WordPiece({"[UNK]": 0, "ab": 1, "##c": 2}).tokenize("abc")]
        ['ab', '##c']
        """
        raise NotImplementedError

    def token_to_id(self, token: str) -> int | None:
        """The id of a token, None if it is not in the vocabulary.

        Raises:
            TypeError: not a str. UnicodeEncodeError: a lone surrogate.

        >>> WordPiece({"a": 7}).token_to_id("a")
        7
        """
        raise NotImplementedError

    def id_to_token(self, id: int) -> str | None:
        """The token of an id, None if there is none; of two tokens with one id the first by text.

        Raises:
            TypeError: not an int. OverflowError: beyond 32 bits.

        >>> WordPiece({"a": 7}).id_to_token(7)
        'a'
        """
        raise NotImplementedError

    def save(self, folder: str, prefix: str | None = None, name: str | None = None) -> list[str]:
        """Writes the files of the model into a folder.

        Args:
            folder: an existing folder.
            prefix: begins the file names, with "-" after it.
            name: the deprecated name of `prefix`.

        Returns:
            The paths written.

        Raises:
            OSError: the folder cannot be written to.

        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [os.path.basename(path) for path in WordPiece({"a": 0}).save(folder, "my")]
        ['my-vocab.txt']
        """
        raise NotImplementedError

    def get_trainer(self) -> Any:
        """The trainer of this model; trainers come in a later issue.

        Raises:
            NotImplementedError: always, so far.
        """
        raise NotImplementedError(
            "trainers are planned for a later issue (see trainers); train with another tool so far"
        )

    def _vocab_size(self) -> int:
        raise NotImplementedError

    def _get_vocab(self) -> dict[str, int]:
        raise NotImplementedError

    def _spec(self) -> _core.WordPiece:
        raise NotImplementedError


def is_plain_vocab(vocab: Mapping[Any, Any]) -> bool:
    """Whether all tokens are str and all ids int (no bool) of 32 bits, without a loop in Python."""
    ids = vocab.values()
    return (
        set(map(type, vocab)) <= {str}
        and set(map(type, ids)) <= {int}
        and min(ids, default=0) >= 0
        and max(ids, default=0) <= U32_MAX
    )


def _explain_vocab(vocab: Mapping[Any, Any]) -> None:
    """Raises InputError for the first token or id that the core refuses."""
    for token, id in vocab.items():
        if not isinstance(token, str):
            raise InputError(f"vocab: the key {token!r} is {type(token).__name__}; expected str")
        try:
            token.encode()
            number = index(id)
        except UnicodeEncodeError:
            raise InputError(f"vocab: the key {token!r} has a lone surrogate") from None
        except TypeError:
            raise InputError(f"vocab[{token!r}] is {type(id).__name__} ({id!r}); expected int") from None
        if not 0 <= number <= U32_MAX:
            raise InputError(f"vocab[{token!r}] is {number}; expected an id from 0 to {U32_MAX}")


def _core_from_vocab(vocab: Mapping[str, int], settings: tuple[str, int, str]) -> _core.WordPiece:
    try:
        return _core.WordPiece(dict(vocab), *settings)
    except (TypeError, ValueError, OverflowError):
        _explain_vocab(vocab)
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
            compiled = _core.WordPiece(self._vocab.get_vocab(), *settings)
            self._compiled = (settings, compiled)
        return compiled

    def _copy(self) -> WordPiece:
        copy = WordPiece.__new__(WordPiece)
        for slot in WordPiece.__slots__:
            setattr(copy, slot, getattr(self, slot))
        return copy

    def tokenize(self, sequence: str) -> list[Token]:
        if not isinstance(sequence, str):
            raise TypeError(f"'{type(sequence).__name__}' object is not an instance of 'str'")
        sequence.encode()
        return [Token(*token) for token in self._spec().tokenize(sequence)]

    def token_to_id(self, token: str) -> int | None:
        if not isinstance(token, str):
            raise TypeError(f"'{type(token).__name__}' object is not an instance of 'str'")
        token.encode()
        return self._vocab.token_to_id(token)

    def id_to_token(self, id: int) -> str | None:
        return self._vocab.id_to_token(check_size("id", id, U32_MAX))

    def save(self, folder: str, prefix: str | None = None, name: str | None = None) -> list[str]:
        if name is not None:
            warnings.warn(
                "Parameter `name` of Model.save has been renamed `prefix`", DeprecationWarning, stacklevel=2
            )
            prefix = name if prefix is None else prefix
        path = os.path.join(folder, "vocab.txt" if prefix is None else f"{prefix}-vocab.txt")
        tokens = [token for token, _ in self._sorted_vocab()]
        if broken := [token for token in tokens if token != token.rstrip() or "\n" in token]:
            warnings.warn(
                f"a vocab.txt cannot hold {broken[0]!r} as it is (line breaks, whitespace at the end); "
                "save a tokenizer.json",
                UserWarning,
                stacklevel=2,
            )
        write_text(path, "".join(token + "\n" for token in tokens))
        return [path]

    def _sorted_vocab(self) -> list[tuple[str, int]]:
        return sorted(self._vocab.get_vocab().items(), key=itemgetter(1, 0))

    def _vocab_size(self) -> int:
        return self._vocab.vocab_size()

    def _get_vocab(self) -> dict[str, int]:
        return self._vocab.get_vocab()

    def _fields(self) -> dict[str, object]:
        return {
            "unk_token": self._unk_token,
            "continuing_subword_prefix": self._continuing_subword_prefix,
            "max_input_chars_per_word": self._max_input_chars_per_word,
            "vocab": dict(self._sorted_vocab()),
        }

    def _load(self, node: Node) -> None:
        unk_token = node["unk_token"].text()
        prefix = node["continuing_subword_prefix"].text()
        max_chars = node["max_input_chars_per_word"].uint(2**64 - 1)
        vocab = node["vocab"].fields()
        if not is_plain_vocab(vocab):
            for token, id in vocab.items():
                node["vocab"].child(token, id).uint()
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


def _infer(keys: set[str]) -> type[Model] | None:
    """Old files have no "type": WordPiece is the only model with these fields."""
    return WordPiece if {"max_input_chars_per_word", "vocab"} <= keys else None


SECTION: Section[Model] = Section([WordPiece], "BPE Unigram WordLevel", _infer)
