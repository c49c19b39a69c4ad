"""Normalizers: what happens to the text before it is split into words."""

from __future__ import annotations

from base64 import b64decode, b64encode
from operator import index
from typing import ClassVar, NoReturn, final

from fasttok import _core
from fasttok.text_stages import (
    Chain,
    Custom,
    Pattern,
    Step,
    check_pattern,
    pattern_json,
    pattern_repr,
    read_pattern,
)
from fasttok.tokenizer_json import (
    Component,
    Field,
    Node,
    Section,
    Struct,
    check_bool,
    check_optional_bool,
    check_sequence,
    check_str,
)

__all__ = [
    "NFC",
    "NFD",
    "NFKC",
    "NFKD",
    "NORMALIZERS",
    "BertNormalizer",
    "ByteLevel",
    "Lowercase",
    "Nmt",
    "Normalizer",
    "Precompiled",
    "Prepend",
    "Replace",
    "Sequence",
    "Strip",
    "StripAccents",
    "unicode_normalizer_from_str",
]


class Normalizer(Component):
    """The base of all normalizers; it cannot be created itself.

    >>> isinstance(BertNormalizer(), Normalizer)
    True
    """

    __slots__ = ()

    def _steps(self) -> list[Step]:
        return [(self.KIND, *self._fields().values())]

    def _spec(self) -> _core.Normalizer:
        return _core.Normalizer(self._steps())

    def normalize(self, normalized: _core.NormalizedString) -> None:
        """Normalizes a text in place; it keeps the way back to the original.

        Args:
            normalized: the text.

        Raises:
            TypeError: not a NormalizedString. Exception: a custom normalizer failed.

        >>> from fasttok import NormalizedString
        >>> text = NormalizedString("É")
        >>> Lowercase().normalize(text)
        >>> text
        NormalizedString(original="É", normalized="é")
        """
        if not isinstance(normalized, _core.NormalizedString):
            raise TypeError(f"normalized is {type(normalized).__name__}; expected NormalizedString")
        self._spec().normalize(normalized)

    def normalize_str(self, sequence: str) -> str:
        """The normalized form of a text.

        Args:
            sequence: any str without lone surrogates.

        Raises:
            TypeError: not a str. UnicodeEncodeError: a lone surrogate. Exception: a custom normalizer failed.

        >>> BertNormalizer().normalize_str("Héllo 中文")
        'hello  中  文 '
        """
        return self._spec().normalize_str(sequence)

    @staticmethod
    def custom(obj: object) -> Normalizer:
        """A normalizer written in Python.

        Args:
            obj: any object with a method `normalize(normalized: NormalizedString) -> None`, which
                changes the text in place.

        An exception in it surfaces as `Exception("KeyError: 'x'")`, with the exception as its cause; upstream
        swallows it while encoding. A tokenizer with such a component can be neither saved nor pickled.

        >>> class Exclaim:
        ...     def normalize(self, normalized):
        ...         normalized.append("!")
        >>> Normalizer.custom(Exclaim()).normalize_str("Hi")
        'Hi!'
        """
        custom = _CustomNormalizer.__new__(_CustomNormalizer)
        custom._code = obj
        return custom


@final
class _CustomNormalizer(Custom, Normalizer):
    __slots__ = ("_code",)

    BASE = "Normalizer"


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


@final
class ByteLevel(Normalizer):
    """Each byte of the text's UTF-8 as a visible character, as byte-level models want it.

    >>> ByteLevel().normalize_str("a é")
    'aĠÃ©'

    Mirrors `tokenizers.normalizers.ByteLevel`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "ByteLevel"


@final
class Lowercase(Normalizer):
    """Lower case, character by character: no context, as for the final sigma, is looked at.

    >>> Lowercase().normalize_str("ΟΔΟΣ")
    'οδοσ'

    Mirrors `tokenizers.normalizers.Lowercase`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "Lowercase"


@final
class NFC(Normalizer):
    """Unicode normal form C: canonical decomposition, then composition.

    >>> NFC().normalize_str("e\\u0301")
    'é'

    Mirrors `tokenizers.normalizers.NFC`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "NFC"


@final
class NFD(Normalizer):
    """Unicode normal form D: canonical decomposition.

    >>> len(NFD().normalize_str("é"))
    2

    Mirrors `tokenizers.normalizers.NFD`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "NFD"


@final
class NFKC(Normalizer):
    """Unicode normal form KC: compatibility decomposition, then composition.

    >>> NFKC().normalize_str("ﬁ①")
    'fi1'

    Mirrors `tokenizers.normalizers.NFKC`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "NFKC"


@final
class NFKD(Normalizer):
    """Unicode normal form KD: compatibility decomposition.

    >>> NFKD().normalize_str("ﬁ①")
    'fi1'

    Mirrors `tokenizers.normalizers.NFKD`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "NFKD"


@final
class Nmt(Normalizer):
    """The cleaning of Google's NMT: controls go, and special white space becomes spaces.

    >>> Nmt().normalize_str("a\\u200bb\\x01c")
    'a bc'

    Mirrors `tokenizers.normalizers.Nmt`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "Nmt"


@final
class Precompiled(Normalizer):
    """The rewriting rules of a SentencePiece model.

    Args:
        precompiled_charsmap: the bytes, as `normalizer_spec` of a SentencePiece model has them.

    Raises:
        TypeError: not bytes. Exception: they cannot be parsed.

    >>> Precompiled((0).to_bytes(4, "little")).normalize_str("no rules")
    'no rules'

    Mirrors `tokenizers.normalizers.Precompiled`, which looks at grapheme clusters of less than six bytes as a
    whole: of such a cluster, a rule for its beginning replaces all.
    """

    __slots__ = ("_charsmap",)

    KIND: ClassVar[str] = "Precompiled"

    def __init__(self, precompiled_charsmap: bytes) -> None:
        super().__init__()
        try:
            data = precompiled_charsmap
            if not isinstance(data, bytes | bytearray | memoryview):  # numbers below 256, as upstream
                data = bytes([index(byte) for byte in check_sequence(data)])
        except TypeError:
            name = type(precompiled_charsmap).__name__
            raise TypeError(f"precompiled_charsmap is {name}; expected bytes") from None
        except ValueError as error:
            raise OverflowError(f"precompiled_charsmap: {error}") from None
        try:
            self._charsmap = _core.Charsmap(bytes(data))
        except Exception as error:
            raise Exception(f"Error while attempting to build Precompiled normalizer: {error}") from None

    def _fields(self) -> dict[str, object]:
        return {"precompiled_charsmap": b64encode(self._charsmap.bytes).decode()}

    def _load(self, node: Node) -> None:
        charsmap = node["precompiled_charsmap"]
        text = charsmap.text()
        bare = text.rstrip("=")  # as upstream, which does not insist on all of the padding
        padding = -len(bare) % 4
        try:
            data = b64decode(bare + "=" * padding, validate=True)
        except ValueError as error:
            charsmap.fail(f"not base64: {error}")
        if len(text) - len(bare) > padding or b64encode(data).decode().rstrip("=") != bare:
            charsmap.fail("not base64: something is left over at the end")
        try:
            self._charsmap = _core.Charsmap(data)
        except Exception as error:
            charsmap.fail(str(error))

    def _steps(self) -> list[Step]:
        return [("Precompiled", self._charsmap)]


@final
class Prepend(Normalizer):
    """Puts a text before every text that is not empty.

    Args:
        prepend: the text.

    Raises:
        TypeError: not a str.

    >>> Prepend("▁").normalize_str("hello")
    '▁hello'

    Mirrors `tokenizers.normalizers.Prepend`.
    """

    __slots__ = ("_prepend",)

    KIND: ClassVar[str] = "Prepend"

    prepend = Field(check_str, "What is put before the text.")

    def __init__(self, prepend: str = "▁") -> None:
        super().__init__()
        self.prepend = prepend

    def _fields(self) -> dict[str, object]:
        return {"prepend": self._prepend}

    def _load(self, node: Node) -> None:
        self._prepend = node["prepend"].text()


@final
class Replace(Normalizer):
    """Puts a text in the place of every match of a pattern.

    Args:
        pattern: a str, which stands for itself, or a `fasttok.Regex`.
        content: what is put there.

    Raises:
        TypeError: an argument has another type.

    >>> from fasttok import Regex
    >>> Replace(Regex(" {2,}"), " ").normalize_str("a    b")
    'a b'

    Mirrors `tokenizers.normalizers.Replace`; as there, `pattern` can be neither read nor set.
    """

    __slots__ = ("_content", "_pattern")

    KIND: ClassVar[str] = "Replace"

    content = Field(check_str, "What is put in the place of matches.")

    def __init__(self, pattern: Pattern, content: str) -> None:
        super().__init__()
        self._pattern = check_pattern(pattern)
        self.content = content

    @property
    def pattern(self) -> NoReturn:
        """Raises Exception, as upstream."""
        raise Exception("Cannot get pattern")

    @pattern.setter
    def pattern(self, value: Pattern) -> NoReturn:
        raise Exception("Cannot set pattern, please instantiate a new replace pattern instead")

    def _fields(self) -> dict[str, object]:
        return {"pattern": pattern_json(self._pattern), "content": self._content}

    def _struct(self) -> Struct:
        return Struct("Replace", {"pattern": pattern_repr(self._pattern), "content": self._content})

    def _load(self, node: Node) -> None:
        self._pattern, self._content = read_pattern(node["pattern"]), node["content"].text()

    def _steps(self) -> list[Step]:
        return [("Replace", self._pattern, self._content)]


@final
class Strip(Normalizer):
    """Takes white space off the ends of the text.

    Args:
        left: at its beginning.
        right: at its end.

    Raises:
        TypeError: an argument is not a bool.

    >>> Strip(right=False).normalize_str("  a ")
    'a '

    Mirrors `tokenizers.normalizers.Strip`.
    """

    __slots__ = ("_left", "_right")

    KIND: ClassVar[str] = "Strip"

    left = Field(check_bool, "Whether white space at the beginning is taken off.")
    right = Field(check_bool, "Whether white space at the end is taken off.")

    def __init__(self, left: bool = True, right: bool = True) -> None:
        super().__init__()
        self.left = left
        self.right = right

    def _fields(self) -> dict[str, object]:
        return {"strip_left": self._left, "strip_right": self._right}

    def _load(self, node: Node) -> None:
        self._left, self._right = node["strip_left"].flag(), node["strip_right"].flag()


@final
class StripAccents(Normalizer):
    """Drops combining marks; a decomposition (`NFD`) before it splits them off their letters.

    >>> Sequence([NFD(), StripAccents()]).normalize_str("Élan")
    'Elan'

    Mirrors `tokenizers.normalizers.StripAccents`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "StripAccents"


@final
class Sequence(Chain[Normalizer], Normalizer):
    """Normalizers that work one after the other.

    Args:
        normalizers: a list of them; sequences in it are taken apart.

    Raises:
        TypeError: not a list of normalizers.

    >>> chain = Sequence([NFC(), Prepend("a")])
    >>> chain[1].prepend = "b"
    >>> chain
    Sequence(normalizers=[NFC(), Prepend(prepend="b")])

    Mirrors `tokenizers.normalizers.Sequence`: items can be read and set by index, and setting one takes a
    copy.
    """

    __slots__ = ("_items",)

    KIND: ClassVar[str] = "Sequence"

    def __init__(self, normalizers: list[Normalizer]) -> None:
        super().__init__()
        self._take(normalizers, "normalizers", Normalizer)

    def __len__(self) -> int:
        """The number of items."""
        return len(self._items)

    def __setitem__(self, i: int, item: Normalizer) -> None:
        """Puts a copy of `item` there; IndexError where there is no such place."""
        self._set(i, item, Normalizer, "normalizer")

    def _json(self) -> dict[str, object]:
        return {"type": "Sequence", "normalizers": [item._json() for item in self._items]}

    def _struct(self) -> Struct:
        return Struct("Sequence", {"normalizers": self._items})

    def _load(self, node: Node) -> None:
        self._hold([SECTION.read(item) for item in node["normalizers"]])


NORMALIZERS = {"nfc": NFC, "nfd": NFD, "nfkc": NFKC, "nfkd": NFKD}
"""The Unicode normal forms by name."""


def unicode_normalizer_from_str(normalizer: str) -> Normalizer:
    """The normalizer of a Unicode normal form.

    Args:
        normalizer: "nfc", "nfd", "nfkc" or "nfkd".

    Raises:
        ValueError: another name.

    >>> unicode_normalizer_from_str("nfkc")
    NFKC()
    """
    if normalizer not in NORMALIZERS:
        raise ValueError(
            f"{normalizer} is not a known unicode normalizer. Available are {NORMALIZERS.keys()}"
        )
    return NORMALIZERS[normalizer]()


_FIELDS: list[tuple[set[str], type[Normalizer]]] = [
    ({"clean_text", "handle_chinese_chars", "lowercase"}, BertNormalizer),
    ({"strip_left", "strip_right"}, Strip),
    ({"normalizers"}, Sequence),
    ({"pattern", "content"}, Replace),
    ({"prepend"}, Prepend),
]


def _infer(keys: set[str]) -> type[Normalizer] | None:
    return next((kind for fields, kind in _FIELDS if fields <= keys), None)


SECTION: Section[Normalizer] = Section(
    [
        BertNormalizer,
        ByteLevel,
        Lowercase,
        NFC,
        NFD,
        NFKC,
        NFKD,
        Nmt,
        Precompiled,
        Prepend,
        Replace,
        Sequence,
        Strip,
        StripAccents,
    ],
    "",
    _infer,
)
SECTION.aliases["Bert"] = BertNormalizer
