"""Decoders: how tokens become text again. So far WordPiece's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, final

from fasttok import _core
from fasttok.tokenizer_json import Component, Field, Node, Section, check_bool, check_str

__all__ = ["Decoder", "WordPiece"]


class Decoder(Component):
    """The base of all decoders; it cannot be created itself.

    >>> isinstance(WordPiece(), Decoder)
    True
    """

    __slots__ = ()

    def _spec(self) -> tuple[str, bool]:
        raise NotImplementedError

    def decode(self, tokens: Sequence[str]) -> str:
        """The text of a list of tokens.

        Args:
            tokens: a list or tuple of str.

        Raises:
            TypeError: not a sequence of str.

        >>> WordPiece().decode(["token", "##izer", "."])
        'tokenizer.'
        """
        raise NotImplementedError

    @staticmethod
    def custom(decoder: object) -> Decoder:
        """A decoder written in Python; not supported yet."""
        raise NotImplementedError("custom decoders are not supported yet")


@final
class WordPiece(Decoder):
    """Joins WordPiece tokens: a prefix is dropped, every other token gets a space before it.

    Args:
        prefix: what marks the continuation of a word.
        cleanup: drop the space before English punctuation and contractions.

    Raises:
        TypeError: `prefix` is not a str or `cleanup` not a bool.

    >>> WordPiece()
    WordPiece(prefix="##", cleanup=True)

    Mirrors `tokenizers.decoders.WordPiece`.
    """

    __slots__ = ("_cleanup", "_prefix")

    KIND: ClassVar[str] = "WordPiece"

    prefix = Field(check_str, "What marks the continuation of a word.")
    cleanup = Field(check_bool, "Whether the space before English punctuation is dropped.")

    def __init__(self, prefix: str = "##", cleanup: bool = True) -> None:
        super().__init__()
        self.prefix = prefix
        self.cleanup = cleanup

    def _fields(self) -> dict[str, object]:
        return {"prefix": self._prefix, "cleanup": self._cleanup}

    def _load(self, node: Node) -> None:
        self._prefix, self._cleanup = node["prefix"].text(), node["cleanup"].flag()

    def _spec(self) -> tuple[str, bool]:
        return (self._prefix, self._cleanup)

    def decode(self, tokens: Sequence[str]) -> str:
        if isinstance(tokens, str):
            raise TypeError("Can't extract `str` to `Vec`")
        tokens = list(tokens)
        for i, token in enumerate(tokens):
            if not isinstance(token, str):
                raise TypeError(f"tokens[{i}] is {type(token).__name__}; expected str")
        return _core.wordpiece_decode(tokens, self._prefix, self._cleanup)


SECTION = Section(
    [WordPiece],
    "BPEDecoder ByteFallback ByteLevel CTC Fuse Metaspace Replace Sequence Strip",
    lambda keys: WordPiece if {"prefix", "cleanup"} <= keys else None,
)
