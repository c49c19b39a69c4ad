"""Normalizers: what happens to the text before it is split. So far BERT's."""

from __future__ import annotations

from typing import ClassVar, final

from fasttok import _core
from fasttok.tokenizer_json import Component, Field, Node, Section, check_bool, check_optional_bool

__all__ = ["BertNormalizer", "Normalizer"]


class Normalizer(Component):
    """The base of all normalizers; it cannot be created itself.

    >>> isinstance(BertNormalizer(), Normalizer)
    True
    """

    __slots__ = ()

    def _spec(self) -> tuple[bool, bool, bool | None, bool]:
        raise NotImplementedError

    def normalize(self, normalized: object) -> None:
        """Normalizes a `NormalizedString` in place; not supported yet (`normalize_str` is)."""
        raise NotImplementedError("NormalizedString is not supported yet; use normalize_str")

    def normalize_str(self, sequence: str) -> str:
        """The normalized form of a text.

        Args:
            sequence: any str without lone surrogates.

        Raises:
            TypeError: not a str. UnicodeEncodeError: a lone surrogate.

        >>> BertNormalizer().normalize_str("Héllo 中文")
        'hello  中  文 '
        """
        raise NotImplementedError

    @staticmethod
    def custom(normalizer: object) -> Normalizer:
        """A normalizer written in Python; not supported yet."""
        raise NotImplementedError("custom normalizers are not supported yet")


@final
class BertNormalizer(Normalizer):
    """BERT's normalizer: clean the text, set Han characters apart, strip accents, lower-case.

    Args:
        clean_text: drop control characters, turn every whitespace into a space.
        handle_chinese_chars: put a space on both sides of each Han character.
        strip_accents: drop combining marks after decomposition; None = as `lowercase`.
        lowercase: lower-case.

    Raises:
        TypeError: an argument is not a bool.

    >>> BertNormalizer(lowercase=False)
    BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=False)

    Mirrors `tokenizers.normalizers.BertNormalizer`. Setting a property takes effect in every tokenizer that
    holds the object; unlike upstream, added tokens are then normalized anew, too.
    """

    __slots__ = ("_clean_text", "_handle_chinese_chars", "_lowercase", "_strip_accents")

    KIND: ClassVar[str] = "BertNormalizer"

    clean_text = Field(
        check_bool, "Whether control characters are dropped and all whitespace becomes spaces."
    )
    handle_chinese_chars = Field(check_bool, "Whether Han characters are set apart by spaces.")
    strip_accents = Field(check_optional_bool, "Whether combining marks are dropped; None = as `lowercase`.")
    lowercase = Field(check_bool, "Whether the text is lower-cased.")

    def __init__(
        self,
        clean_text: bool = True,
        handle_chinese_chars: bool = True,
        strip_accents: bool | None = None,
        lowercase: bool = True,
    ) -> None:
        super().__init__()
        self.clean_text = clean_text
        self.handle_chinese_chars = handle_chinese_chars
        self.strip_accents = strip_accents
        self.lowercase = lowercase

    def _fields(self) -> dict[str, object]:
        return {
            "clean_text": self._clean_text,
            "handle_chinese_chars": self._handle_chinese_chars,
            "strip_accents": self._strip_accents,
            "lowercase": self._lowercase,
        }

    def _load(self, node: Node) -> None:
        strip = node.get("strip_accents")
        fields = (
            node["clean_text"].flag(),
            node["handle_chinese_chars"].flag(),
            None if strip is None else strip.flag(),
            node["lowercase"].flag(),
        )
        self._clean_text, self._handle_chinese_chars, self._strip_accents, self._lowercase = fields

    def _spec(self) -> tuple[bool, bool, bool | None, bool]:
        return (self._clean_text, self._handle_chinese_chars, self._strip_accents, self._lowercase)

    def normalize_str(self, sequence: str) -> str:
        if not isinstance(sequence, str):
            raise TypeError(f"'{type(sequence).__name__}' object is not an instance of 'str'")
        return _core.bert_normalize(sequence, *self._spec())


SECTION = Section(
    [BertNormalizer],
    "ByteLevel Lowercase NFC NFD NFKC NFKD Nmt Precompiled Prepend Replace Sequence Strip StripAccents",
    lambda keys: BertNormalizer if {"clean_text", "handle_chinese_chars", "lowercase"} <= keys else None,
)
