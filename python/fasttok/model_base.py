"""What all models share: `Token`, the base class, and vocabularies given as dicts."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from operator import index
from typing import TYPE_CHECKING, Any, Protocol, final

from fasttok._core import is_plain_vocab
from fasttok.errors import FormatError, InputError
from fasttok.tokenizer_json import U32_MAX, Component, Node, check_path, check_size, check_str, parse
from fasttok.whole_file import write_text

if TYPE_CHECKING:
    from fasttok import _core
    from fasttok.trainers import Trainer

__all__ = ["Model", "Token"]


@final
class Token:
    """One token of a word: its id, its text, and (start, end) in UTF-8 bytes of the word.

    Args:
        id: from 0 to 2^32 - 1.
        value: the text.
        offsets: (start, end).

    Raises:
        TypeError: another type. OverflowError: an id or offset out of range.

    >>> from fasttok.models import WordPiece
    >>> WordPiece({"[UNK]": 0, "ab": 1, "##c": 2}).tokenize("abc")[1].as_tuple()
    (2, '##c', (2, 3))

    Mirrors `tokenizers.Token`, which has neither equality nor a `repr` of its own; this one has both.
    """

    __slots__ = ("_id", "_offsets", "_value")

    def __init__(self, id: int, value: str, offsets: tuple[int, int]) -> None:
        self._id = check_size("id", id, U32_MAX)
        self._value = check_str("value", value)
        if not isinstance(offsets, tuple):
            raise TypeError(f"'{type(offsets).__name__}' object is not an instance of 'tuple'")
        if len(offsets) != 2:
            raise ValueError(f"expected tuple of length 2, but got tuple of length {len(offsets)}")
        self._offsets = (check_size("offsets[0]", offsets[0]), check_size("offsets[1]", offsets[1]))

    @classmethod
    def _of_core(cls, token: tuple[int, str, tuple[int, int]]) -> Token:
        self = cls.__new__(cls)
        self._id, self._value, self._offsets = token
        return self

    @property
    def id(self) -> int:
        """The id."""
        return self._id

    @property
    def value(self) -> str:
        """The text."""
        return self._value

    @property
    def offsets(self) -> tuple[int, int]:
        """(start, end)."""
        return self._offsets

    def as_tuple(self) -> tuple[int, str, tuple[int, int]]:
        """(id, value, offsets).

        >>> Token(1, "a", (0, 1)).as_tuple()
        (1, 'a', (0, 1))
        """
        return (self._id, self._value, self._offsets)

    def __eq__(self, other: object) -> bool:
        return self.as_tuple() == other.as_tuple() if isinstance(other, Token) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.as_tuple())

    def __repr__(self) -> str:
        return f"Token(id={self._id}, value={self._value!r}, offsets={self._offsets})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Token, self.as_tuple())


class CoreModel(Protocol):
    """What a compiled model of the core offers."""

    def tokenize(self, word: str) -> list[tuple[int, str, tuple[int, int]]]: ...
    def token_to_id(self, token: str) -> int | None: ...
    def id_to_token(self, id: int) -> str | None: ...


class Model(Component):
    """The base of all models; it cannot be created itself.

    >>> from fasttok.models import WordPiece
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

        >>> from fasttok.models import WordPiece
        >>> [token.value for token in WordPiece({"[UNK]": 0, "ab": 1, "##c": 2}).tokenize("abc")]
        ['ab', '##c']
        """
        check_text(sequence)
        return [Token._of_core(token) for token in self._spec().tokenize(sequence)]

    def token_to_id(self, token: str) -> int | None:
        """The id of a token, None if it is not in the vocabulary.

        Raises:
            TypeError: not a str. UnicodeEncodeError: a lone surrogate.

        >>> from fasttok.models import WordPiece
        >>> WordPiece({"a": 7}).token_to_id("a")
        7
        """
        check_text(token)
        return self._spec().token_to_id(token)

    def id_to_token(self, id: int) -> str | None:
        """The token of an id, None if there is none; of two tokens with one id the first by text.

        Raises:
            TypeError: not an int. OverflowError: beyond 32 bits.

        >>> from fasttok.models import WordPiece
        >>> WordPiece({"a": 7}).id_to_token(7)
        'a'
        """
        return self._spec().id_to_token(check_size("id", id, U32_MAX))

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
        >>> from fasttok.models import WordPiece
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [os.path.basename(path) for path in WordPiece({"a": 0}).save(folder, "my")]
        ['my-vocab.txt']
        """
        if name is not None:
            warnings.warn(
                "Parameter `name` of Model.save has been renamed `prefix`", DeprecationWarning, stacklevel=2
            )
            prefix = name if prefix is None else prefix
        paths = []
        for file_name, text in self._files().items():
            path = os.path.join(folder, file_name if prefix is None else f"{prefix}-{file_name}")
            write_text(path, text)
            paths.append(path)
        return paths

    def get_trainer(self) -> Trainer:
        """The trainer of this kind of model, with its default settings.

        >>> from fasttok.models import WordPiece
        >>> WordPiece().get_trainer().vocab_size
        30000
        """
        from fasttok import trainers

        kinds: dict[str, type[Trainer]] = {
            "BPE": trainers.BpeTrainer,
            "Unigram": trainers.UnigramTrainer,
            "WordLevel": trainers.WordLevelTrainer,
            "WordPiece": trainers.WordPieceTrainer,
        }
        return kinds[self.KIND]()

    def _files(self) -> dict[str, str]:
        """What `save` writes: file name -> text."""
        raise NotImplementedError

    def _vocab_size(self) -> int:
        raise NotImplementedError

    def _get_vocab(self) -> dict[str, int]:
        """In ascending order of ids."""
        raise NotImplementedError

    def _spec(self) -> _core.Model:
        raise NotImplementedError


def check_text(value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"'{type(value).__name__}' object is not an instance of 'str'")
    value.encode()


def warn_unknown(unknown: Mapping[str, object]) -> None:
    for name in unknown:
        warnings.warn(f"Ignored unknown kwarg option {name}", UserWarning, stacklevel=3)


def explain_vocab(vocab: Mapping[Any, Any]) -> None:
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


def vocab_of_node(node: Node) -> dict[str, int]:
    """A vocabulary in tokenizer.json; FormatError names the entry that is none."""
    vocab = node.fields()
    if not is_plain_vocab(vocab):
        for token, id in vocab.items():
            node.child(token, id).uint()
    return vocab


def read_vocab_json(path: str) -> dict[str, int]:
    """The vocabulary of a vocab.json; entries that are not numbers are left out, as upstream."""
    path = check_path("vocab", path)
    with open(path, "rb") as file:
        root = parse(file.read(), path)
    numbers = {token: id for token, id in root.fields().items() if type(id) in (int, float)}
    for token, id in numbers.items():
        if type(id) is float or id < 0:
            root.child(token, id).expected("an id")
        if id > U32_MAX:
            raise FormatError(f"{path}: {token!r} has the id {id}; expected an id from 0 to {U32_MAX}")
    return numbers
