"""Pre-tokenizers: how the normalized text is split into words. So far BERT's."""

from __future__ import annotations

from typing import ClassVar, final

from fasttok import _core
from fasttok.tokenizer_json import Component, Section

__all__ = ["BertPreTokenizer", "PreTokenizer"]


class PreTokenizer(Component):
    """The base of all pre-tokenizers; it cannot be created itself.

    >>> isinstance(BertPreTokenizer(), PreTokenizer)
    True
    """

    __slots__ = ()

    def _spec(self) -> str:
        raise NotImplementedError

    def pre_tokenize(self, pretok: object) -> None:
        """Splits a `PreTokenizedString` in place; not supported yet (`pre_tokenize_str` is)."""
        raise NotImplementedError("PreTokenizedString is not supported yet; use pre_tokenize_str")

    def pre_tokenize_str(self, sequence: str) -> list[tuple[str, tuple[int, int]]]:
        """The words of a text, each with (start, end) in characters of the text.

        Args:
            sequence: any str without lone surrogates.

        Raises:
            TypeError: not a str. UnicodeEncodeError: a lone surrogate.

        >>> BertPreTokenizer().pre_tokenize_str("Hi, 中文")
        [('Hi', (0, 2)), (',', (2, 3)), ('中文', (4, 6))]
        """
        raise NotImplementedError

    @staticmethod
    def custom(pretok: object) -> PreTokenizer:
        """A pre-tokenizer written in Python; not supported yet."""
        raise NotImplementedError("custom pre-tokenizers are not supported yet")


@final
class BertPreTokenizer(PreTokenizer):
    """BERT's pre-tokenizer: split at whitespace, each punctuation mark by itself.

    >>> BertPreTokenizer()
    BertPreTokenizer()

    Mirrors `tokenizers.pre_tokenizers.BertPreTokenizer`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "BertPreTokenizer"

    def _spec(self) -> str:
        return "bert"

    def pre_tokenize_str(self, sequence: str) -> list[tuple[str, tuple[int, int]]]:
        if not isinstance(sequence, str):
            raise TypeError(f"'{type(sequence).__name__}' object is not an instance of 'str'")
        return _core.bert_pre_tokenize(sequence)


SECTION = Section(
    [BertPreTokenizer],
    "ByteLevel CharDelimiterSplit Delimiter Digits FixedLength Metaspace Punctuation Sequence Split "
    "UnicodeScripts Whitespace WhitespaceSplit",
    lambda keys: None,
)
