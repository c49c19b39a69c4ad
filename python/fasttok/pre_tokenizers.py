"""Pre-tokenizers: how the normalized text is split into words. So far BERT's."""

from __future__ import annotations

from typing import ClassVar, final

from fasttok import _core
from fasttok.tokenizer_json import Component, Section

__all__ = ["BertPreTokenizer", "PinyinSyllables", "PreTokenizer"]


class PreTokenizer(Component):
    """The base of all pre-tokenizers; it cannot be created itself.

    >>> isinstance(BertPreTokenizer(), PreTokenizer)
    True
    """

    __slots__ = ()

    def _spec(self) -> str | _core.Pinyin:
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


@final
class PinyinSyllables(PreTokenizer):
    """Divides pinyin into syllables, each with its tone, and drops separators; what is foreign stays one
    word.

    The model looks syllables up as a whole, in small letters, ü as "ü", the tone as a digit behind them.

    >>> PinyinSyllables().pre_tokenize_str("Xi'an lǚyóu")
    [('xi', (0, 2)), ('an', (3, 5)), ('lü3', (6, 8)), ('you2', (8, 11))]

    fasttok's own: other libraries cannot read a tokenizer.json with it. See `fasttok.pinyin.segment`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "PinyinSyllables"

    def _spec(self) -> _core.Pinyin:
        from fasttok.pinyin_table import table

        return table()

    def pre_tokenize_str(self, sequence: str) -> list[tuple[str, tuple[int, int]]]:
        from fasttok.pinyin import segment

        if not isinstance(sequence, str):
            raise TypeError(f"'{type(sequence).__name__}' object is not an instance of 'str'")
        return [
            (part.syllable + ("" if part.tone is None else str(part.tone or 5)), (part.start, part.end))
            for part in segment(sequence, v="ü")
            if part.kind != "separator"
        ]


SECTION = Section(
    [BertPreTokenizer, PinyinSyllables],
    "ByteLevel CharDelimiterSplit Delimiter Digits FixedLength Metaspace Punctuation Sequence Split "
    "UnicodeScripts Whitespace WhitespaceSplit",
    lambda keys: None,
)
