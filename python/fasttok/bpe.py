"""The BPE model."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from typing import Any, ClassVar, Self, final

from fasttok import _core
from fasttok.errors import FormatError, InputError
from fasttok.json_floats import Single
from fasttok.model_base import Model, explain_vocab, read_vocab_json, vocab_of_node, warn_unknown
from fasttok.tokenizer_json import (
    Field,
    Node,
    Struct,
    check_bool,
    check_float,
    check_optional_str,
    check_path,
    check_size,
    dump,
)

__all__ = ["BPE"]


def _check_dropout(name: str, value: object) -> float | None:
    return None if value is None else Single(check_float(name, value))


@final
class BPE(Model):
    """Byte pair encoding: the characters of a word, merged pair by pair in the order of the merges.

    Args:
        vocab: token -> id (0 to 2^32 - 1), or the path of a vocab.json (deprecated, see `from_file`).
        merges: pairs of tokens, or the path of a merges.txt; needed where `vocab` is given.
        cache_capacity: accepted for compatibility; caching never changes results (`fasttok.set_cache_bytes`).
        dropout: how often a merge is passed over, from 0 to 1, kept in single precision (`fasttok.set_seed`).
        unk_token: what stands for a character that the vocabulary lacks; None drops such characters.
        continuing_subword_prefix: what characters inside a word begin with in the vocabulary.
        end_of_word_suffix: what the last character of a word ends with in the vocabulary.
        fuse_unk: whether unknown characters in a row are one token.
        byte_fallback: whether an unknown character becomes its bytes, "<0x00>" to "<0xFF>", where the
            vocabulary has them all.
        ignore_merges: whether a word that is in the vocabulary is taken whole.

    Raises:
        InputError: a token that is not a str, an id that is not an int of 32 bits. TypeError: other wrong
        types. ValueError: one of `vocab` and `merges` without the other.
        Exception: a merge of a token that the vocabulary lacks; a dropout out of range.
        An unknown keyword gives a UserWarning only.

    >>> bpe = BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")])
    >>> [token.value for token in bpe.tokenize("abb")]
    ['ab', 'b']

    Mirrors `tokenizers.models.BPE`. The setters check nothing but the type, as upstream: a dropout of 2 is
    one of 1, and a changed prefix leaves the merges as they are until the model is saved and loaded.
    """

    __slots__ = (
        "_byte_fallback",
        "_compiled",
        "_continuing_subword_prefix",
        "_dropout",
        "_end_of_word_suffix",
        "_fuse_unk",
        "_ignore_merges",
        "_tables",
        "_unk_token",
    )

    KIND: ClassVar[str] = "BPE"

    _tables: _core.BpeTables
    _compiled: tuple[tuple[Any, ...], _core.Bpe] | None  # the settings that it was compiled with, too

    dropout = Field(_check_dropout, "How often a merge is passed over; None = never.")
    unk_token = Field(check_optional_str, "What stands for an unknown character; None drops it.")
    continuing_subword_prefix = Field(check_optional_str, "What characters inside a word begin with.")
    end_of_word_suffix = Field(check_optional_str, "What the last character of a word ends with.")
    fuse_unk = Field(check_bool, "Whether unknown characters in a row are one token.")
    byte_fallback = Field(check_bool, "Whether an unknown character becomes its bytes.")
    ignore_merges = Field(check_bool, "Whether a word that is in the vocabulary is taken whole.")

    def __init__(
        self,
        vocab: Mapping[str, int] | str | None = None,
        merges: Sequence[tuple[str, str]] | str | None = None,
        *,
        cache_capacity: int | None = None,
        dropout: float | None = None,
        unk_token: str | None = None,
        continuing_subword_prefix: str | None = None,
        end_of_word_suffix: str | None = None,
        fuse_unk: bool | None = None,
        byte_fallback: bool = False,
        ignore_merges: bool = False,
        **unknown: object,
    ) -> None:
        super().__init__()
        warn_unknown(unknown)
        if cache_capacity is not None:
            check_size("cache_capacity", cache_capacity)
        self._set(
            dropout,
            unk_token,
            continuing_subword_prefix,
            end_of_word_suffix,
            False if fuse_unk is None else fuse_unk,
            byte_fallback,
            ignore_merges,
        )
        if self.dropout is not None and not 0 <= self.dropout <= 1:
            raise Exception("Error while initializing BPE: Dropout should be between 0 and 1, inclusive")
        if not isinstance(vocab, Mapping | str | PathLike | None):
            raise TypeError(f"vocab is {type(vocab).__name__}; expected dict or str")
        if (vocab is None) != (merges is None):
            raise ValueError("`vocab` and `merges` must be both specified")
        if isinstance(vocab, str | PathLike) and isinstance(merges, str | PathLike):
            warnings.warn(
                "BPE.__init__ will not create from files anymore, try `BPE.from_file` instead",
                DeprecationWarning,
                stacklevel=2,
            )
            vocab, merges = BPE.read_file(fspath(vocab), fspath(merges))
        elif isinstance(vocab, str | PathLike) or isinstance(merges, str | PathLike):
            raise ValueError("`vocab` and `merges` must be both be from memory or both filenames")
        self._tables, self._compiled = (
            self._tables_of({} if vocab is None else vocab, [] if merges is None else merges),
            None,
        )

    def _set(
        self, dropout: Any, unk: Any, prefix: Any, suffix: Any, fuse: Any, fallback: Any, ignore: Any
    ) -> None:
        self.dropout = dropout
        self.unk_token = unk
        self.continuing_subword_prefix = prefix
        self.end_of_word_suffix = suffix
        self.fuse_unk = fuse
        self.byte_fallback = fallback
        self.ignore_merges = ignore

    def _tables_of(self, vocab: object, merges: object) -> _core.BpeTables:
        if not isinstance(vocab, Mapping):
            raise InputError(f"vocab is {type(vocab).__name__}; expected a dict[str, int]")
        if not isinstance(merges, Sequence):
            raise TypeError(f"merges is {type(merges).__name__}; expected a list of pairs of str")
        for i, merge in enumerate(merges):
            if not isinstance(merge, tuple):
                raise TypeError(f"merges[{i}]: '{type(merge).__name__}' object is not an instance of 'tuple'")
        try:
            return _core.BpeTables(dict(vocab), list(merges), self.continuing_subword_prefix or "")
        except _core.BadMerge as error:
            at, what = error.args
            if what.startswith("expected"):
                raise TypeError(f"merges[{at}] is {merges[at]!r}; expected a pair of str") from None
            raise Exception(f"Error while initializing BPE: {what} (merges[{at}])") from None
        except (TypeError, ValueError, OverflowError):
            explain_vocab(vocab)
            raise

    @staticmethod
    def from_file(vocab: str, merges: str, **kwargs: Any) -> BPE:
        """The model of a vocab.json and a merges.txt.

        Args:
            vocab, merges: the paths.
            kwargs: the other arguments of `BPE`.

        Raises:
            OSError, FormatError: a file cannot be read, is damaged; else as `BPE`.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     paths = BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")]).save(folder)
        ...     BPE.from_file(*paths, unk_token="a").tokenize("ab")
        [Token(id=2, value='ab', offsets=(0, 2))]
        """
        return BPE(*BPE.read_file(vocab, merges), **kwargs)

    @staticmethod
    def read_file(vocab: str, merges: str) -> tuple[dict[str, int], list[tuple[str, str]]]:
        """The vocabulary (token -> id) and the merges of a vocab.json and a merges.txt.

        Args:
            vocab: a JSON object; entries that are no numbers are left out.
            merges: two tokens a line with a space between them; lines that begin with "#version" are left
                out.

        Raises:
            OSError, FormatError: a file cannot be read, is damaged.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     BPE.read_file(*BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")]).save(folder))
        ({'a': 0, 'b': 1, 'ab': 2}, [('a', 'b')])
        """
        tokens = read_vocab_json(vocab)
        path = check_path("merges", merges)
        with open(path, "rb") as file:
            data = file.read()
        try:
            lines = data.decode().split("\n")
        except UnicodeDecodeError as error:
            raise FormatError(f"{path}: not UTF-8 at byte {error.start}") from None
        if not lines[-1]:
            del lines[-1]
        pairs: list[tuple[str, str]] = []
        for number, line in enumerate(lines, 1):
            if line.startswith("#version"):
                continue
            parts = line.removesuffix("\r").split(" ")
            if len(parts) != 2:
                raise FormatError(
                    f"{path}: Merges text file invalid at line {number}: {line[:60]!r}; "
                    "expected two tokens with a space between them"
                )
            pairs.append((parts[0], parts[1]))
        return tokens, pairs

    def _clear_cache(self) -> None:
        """Does nothing; for compatibility."""

    def _resize_cache(self, capacity: int) -> None:
        """Does nothing; for compatibility."""
        check_size("capacity", capacity)

    def _spec(self) -> _core.Bpe:
        settings = (
            self.dropout,
            self.unk_token,
            self.continuing_subword_prefix,
            self.end_of_word_suffix,
            self.fuse_unk,
            self.byte_fallback,
            self.ignore_merges,
        )
        if (held := self._compiled) is None or held[0] != settings:
            self._compiled = held = (settings, _core.Bpe(self._tables, *settings))
        return held[1]

    def _copy(self) -> Self:
        copy = type(self).__new__(type(self))
        for slot in BPE.__slots__:
            setattr(copy, slot, getattr(self, slot))
        return copy

    def _vocab_size(self) -> int:
        return self._tables.vocab_size()

    def _get_vocab(self) -> dict[str, int]:
        return self._tables.get_vocab()

    def _files(self) -> dict[str, str]:
        merges = "".join(f"{left} {right}\n" for left, right in self._tables.get_merges())
        return {"vocab.json": dump(self._get_vocab()), "merges.txt": "#version: 0.2\n" + merges}

    def _fields(self) -> dict[str, object]:
        return {
            **self._settings(),
            "vocab": self._get_vocab(),
            "merges": list(map(list, self._tables.get_merges())),
        }

    def _settings(self) -> dict[str, object]:
        return {
            "dropout": self.dropout,
            "unk_token": self.unk_token,
            "continuing_subword_prefix": self.continuing_subword_prefix,
            "end_of_word_suffix": self.end_of_word_suffix,
            "fuse_unk": self.fuse_unk,
            "byte_fallback": self.byte_fallback,
            "ignore_merges": self.ignore_merges,
        }

    def _struct(self) -> Struct:
        fields = {**self._settings(), "vocab": self._get_vocab(), "merges": self._tables.get_merges()}
        return Struct(self.KIND, fields)

    def _load(self, node: Node) -> None:
        def optional(key: str, read: Any, default: object) -> Any:
            value = node.get(key)
            return default if value is None else read(value)

        dropout = optional("dropout", Node.number, None)
        if dropout is not None and not 0 <= Single(dropout) <= 1:
            node["dropout"].fail(f"{dropout} is out of range: dropout should be between 0 and 1, inclusive")
        settings = (
            dropout,
            optional("unk_token", Node.text, None),
            optional("continuing_subword_prefix", Node.text, None),
            optional("end_of_word_suffix", Node.text, None),
            optional("fuse_unk", Node.flag, False),
            optional("byte_fallback", Node.flag, False),
            optional("ignore_merges", Node.flag, False),
        )
        vocab, merges = vocab_of_node(node["vocab"]), node["merges"]
        pairs = merges.value
        if not isinstance(pairs, list):
            merges.expected("a list")
        kinds = set(map(type, pairs))
        if kinds == {str} and "#version" in "\n".join(pairs):  # as some old files have it
            pairs = [pair for pair in pairs if not pair.startswith("#version")]
        if len(kinds) > 1:
            merges.fail("some merges are strings, some are lists; expected one form")
        try:
            tables = _core.BpeTables(vocab, pairs, settings[2] or "")
        except _core.BadMerge as error:
            at, what = error.args
            merges.child(at, pairs[at]).fail(f"{what}: {str(pairs[at])[:60]}")
        except UnicodeEncodeError:
            node.fail("a lone surrogate in vocab or merges")
        self._set(*settings)
        self._tables, self._compiled = tables, None
