"""Pre-tokenizers: how the normalized text is split into words."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, final

from fasttok import _core
from fasttok.text_stages import (
    BEHAVIOR_NAMES,
    BEHAVIORS,
    Behavior,
    Chain,
    Custom,
    Pattern,
    Step,
    check_behavior,
    check_pattern,
    pattern_json,
    pattern_repr,
    read_pattern,
)
from fasttok.tokenizer_json import (
    USIZE_MAX,
    Bare,
    Component,
    Field,
    Node,
    Section,
    Struct,
    check_bool,
    check_char,
    check_size,
    check_str,
)

__all__ = [
    "BertPreTokenizer",
    "ByteLevel",
    "CharDelimiterSplit",
    "Digits",
    "FixedLength",
    "Metaspace",
    "PinyinSyllables",
    "PreTokenizer",
    "Punctuation",
    "Sequence",
    "Split",
    "UnicodeScripts",
    "Whitespace",
    "WhitespaceSplit",
]


class PreTokenizer(Component):
    """The base of all pre-tokenizers; it cannot be created itself.

    >>> isinstance(BertPreTokenizer(), PreTokenizer)
    True
    """

    __slots__ = ()

    def _steps(self) -> list[Step]:
        return [(self.KIND, *self._fields().values())]

    def _spec(self) -> _core.PreTokenizer | _core.Pinyin:
        return _core.PreTokenizer(self._steps())

    def pre_tokenize(self, pretok: _core.PreTokenizedString) -> None:
        """Splits a text in place; splits that have tokens already are left alone.

        Args:
            pretok: the text.

        Raises:
            TypeError: not a PreTokenizedString. Exception: a custom pre-tokenizer failed.

        >>> from fasttok import PreTokenizedString
        >>> text = PreTokenizedString("Hi you")
        >>> Whitespace().pre_tokenize(text)
        >>> [word for word, _, _ in text.get_splits()]
        ['Hi', 'you']
        """
        if not isinstance(pretok, _core.PreTokenizedString):
            raise TypeError(f"pretok is {type(pretok).__name__}; expected PreTokenizedString")
        _core.PreTokenizer(self._steps()).pre_tokenize(pretok)

    def pre_tokenize_str(self, s: str) -> list[tuple[str, tuple[int, int]]]:
        """The words of a text, each with (start, end) in characters of the text.

        Args:
            s: any str without lone surrogates.

        Raises:
            TypeError: not a str. UnicodeEncodeError: a lone surrogate. Exception: a custom pre-tokenizer
                failed.

        >>> BertPreTokenizer().pre_tokenize_str("Hi, 中文")
        [('Hi', (0, 2)), (',', (2, 3)), ('中文', (4, 6))]
        """
        return _core.PreTokenizer(self._steps()).pre_tokenize_str(s)

    @staticmethod
    def custom(pretok: object) -> PreTokenizer:
        """A pre-tokenizer written in Python.

        Args:
            pretok: any object with a method `pre_tokenize(pretok: PreTokenizedString) -> None`, which splits
                the text in place.

        An exception in it surfaces as `Exception("KeyError: 'x'")`, with the exception as its cause. A
        tokenizer with such a component can be neither saved nor pickled.

        >>> class Halves:
        ...     def pre_tokenize(self, pretok):
        ...         pretok.split(lambda i, text: [text[:3], text[3:]])
        >>> PreTokenizer.custom(Halves()).pre_tokenize_str("abcdef")
        [('abc', (0, 3)), ('def', (3, 6))]
        """
        custom = _CustomPreTokenizer.__new__(_CustomPreTokenizer)
        custom._code = pretok
        return custom


@final
class _CustomPreTokenizer(Custom, PreTokenizer):
    __slots__ = ("_code",)

    BASE = "PreTokenizer"


@final
class BertPreTokenizer(PreTokenizer):
    """BERT's pre-tokenizer: split at whitespace, each punctuation mark by itself.

    >>> BertPreTokenizer()
    BertPreTokenizer()

    Mirrors `tokenizers.pre_tokenizers.BertPreTokenizer`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "BertPreTokenizer"


@final
class ByteLevel(PreTokenizer):
    """GPT-2's pre-tokenizer: split by its pattern, each byte as a visible character.

    Args:
        add_prefix_space: put a space before a text that does not begin with one.
        trim_offsets: used by the post-processor of this name only.
        use_regex: split; without it, only the bytes are replaced.
        **ignored: other keywords, which upstream ignores.

    Raises:
        TypeError: an argument is not a bool.

    >>> ByteLevel().pre_tokenize_str("Hello you")
    [('ĠHello', (0, 5)), ('Ġyou', (5, 9))]

    Mirrors `tokenizers.pre_tokenizers.ByteLevel`.
    """

    __slots__ = ("_add_prefix_space", "_trim_offsets", "_use_regex")

    KIND: ClassVar[str] = "ByteLevel"

    add_prefix_space = Field(check_bool, "Whether a space is put before the text.")
    trim_offsets = Field(check_bool, "Kept for the post-processor of this name.")
    use_regex = Field(check_bool, "Whether the text is split by GPT-2's pattern.")

    def __init__(
        self,
        add_prefix_space: bool = True,
        trim_offsets: bool = True,
        use_regex: bool = True,
        **ignored: object,
    ) -> None:
        super().__init__()
        self.add_prefix_space = add_prefix_space
        self.trim_offsets = trim_offsets
        self.use_regex = use_regex

    @staticmethod
    def alphabet() -> list[str]:
        """The 256 characters that stand for the bytes, in the order of the bytes; upstream's order varies.

        >>> ByteLevel.alphabet()[32]
        'Ġ'
        """
        return _core.byte_alphabet()

    def _fields(self) -> dict[str, object]:
        return {
            "add_prefix_space": self._add_prefix_space,
            "trim_offsets": self._trim_offsets,
            "use_regex": self._use_regex,
        }

    def _load(self, node: Node) -> None:
        use_regex = "use_regex" not in node.fields() or node["use_regex"].flag()
        self._add_prefix_space, self._trim_offsets, self._use_regex = (
            node["add_prefix_space"].flag(),
            node["trim_offsets"].flag(),
            use_regex,
        )

    def _steps(self) -> list[Step]:
        return [("ByteLevel", self._add_prefix_space, self._use_regex)]


@final
class CharDelimiterSplit(PreTokenizer):
    """Split at a character, which goes.

    Args:
        delimiter: the character.

    Raises:
        TypeError: not a str. ValueError: not one character.

    >>> CharDelimiterSplit("x").pre_tokenize_str("onextwo")
    [('one', (0, 3)), ('two', (4, 7))]

    Mirrors `tokenizers.pre_tokenizers.CharDelimiterSplit`.
    """

    __slots__ = ("_delimiter",)

    KIND: ClassVar[str] = "CharDelimiterSplit"

    delimiter = Field(check_char, "The character that the text is split at.")

    def __init__(self, delimiter: str) -> None:
        super().__init__()
        self.delimiter = delimiter

    def _fields(self) -> dict[str, object]:
        return {"delimiter": self._delimiter}

    def _load(self, node: Node) -> None:
        self._delimiter = node["delimiter"].char()


@final
class Digits(PreTokenizer):
    """Set numbers apart.

    Args:
        individual_digits: each digit by itself.

    Raises:
        TypeError: not a bool.

    >>> Digits(individual_digits=True).pre_tokenize_str("a12")
    [('a', (0, 1)), ('1', (1, 2)), ('2', (2, 3))]

    Mirrors `tokenizers.pre_tokenizers.Digits`.
    """

    __slots__ = ("_individual_digits",)

    KIND: ClassVar[str] = "Digits"

    individual_digits = Field(check_bool, "Whether each digit stands by itself.")

    def __init__(self, individual_digits: bool = False) -> None:
        super().__init__()
        self.individual_digits = individual_digits

    def _fields(self) -> dict[str, object]:
        return {"individual_digits": self._individual_digits}

    def _load(self, node: Node) -> None:
        self._individual_digits = node["individual_digits"].flag()


@final
class FixedLength(PreTokenizer):
    """Pieces of a fixed number of characters.

    Args:
        length: the number; the last piece may be shorter.

    Raises:
        TypeError: not an int. OverflowError: negative. ValueError, when it is used: 0.

    >>> FixedLength(3).pre_tokenize_str("Hello")
    [('Hel', (0, 3)), ('lo', (3, 5))]

    Mirrors `tokenizers.pre_tokenizers.FixedLength`.
    """

    __slots__ = ("_length",)

    KIND: ClassVar[str] = "FixedLength"

    length = Field(check_size, "The number of characters of a piece.")

    def __init__(self, length: int = 5) -> None:
        super().__init__()
        self.length = length

    def _fields(self) -> dict[str, object]:
        return {"length": self._length}

    def _load(self, node: Node) -> None:
        self._length = node["length"].uint(USIZE_MAX) if "length" in node.fields() else 5


_SCHEMES = ("first", "never", "always")


def _check_scheme(name: str, value: object) -> str:
    if (scheme := check_str(name, value)) not in _SCHEMES:
        raise ValueError(f"{scheme} is an unknown variant, should be one of {list(_SCHEMES)}")
    return scheme


@final
class Metaspace(PreTokenizer):
    """SentencePiece's pre-tokenizer: spaces become a visible mark, which words begin with.

    Args:
        replacement: the mark, one character.
        prepend_scheme: where a mark is put before a text without one: "always", "never", or "first", where
            the original text begins.
        split: split before each mark.

    Raises:
        TypeError: an argument has another type. ValueError: another scheme, or not one character.

    >>> Metaspace().pre_tokenize_str("Hello you")
    [('▁Hello', (0, 5)), ('▁you', (5, 9))]

    Mirrors `tokenizers.pre_tokenizers.Metaspace`.
    """

    __slots__ = ("_prepend_scheme", "_replacement", "_split")

    KIND: ClassVar[str] = "Metaspace"

    replacement = Field(check_char, "The character that spaces become.")
    prepend_scheme = Field(_check_scheme, 'Where one is put before the text: "always", "never" or "first".')
    split = Field(check_bool, "Whether the text is split.")

    def __init__(self, replacement: str = "▁", prepend_scheme: str = "always", split: bool = True) -> None:
        super().__init__()
        self.replacement = replacement
        self.prepend_scheme = prepend_scheme
        self.split = split

    def _fields(self) -> dict[str, object]:
        return {
            "replacement": self._replacement,
            "prepend_scheme": self._prepend_scheme,
            "split": self._split,
        }

    def _struct(self) -> Struct:
        return Struct(self.KIND, {**self._fields(), "prepend_scheme": Bare(self._prepend_scheme)})

    def _load(self, node: Node) -> None:
        replacement = node["replacement"].char()
        scheme = "always"
        if "prepend_scheme" in node.fields():
            scheme = node["prepend_scheme"].choice({name: name for name in _SCHEMES})
        # Old files say whether, and not where.
        prefix = node.get("add_prefix_space")
        if prefix is not None and not prefix.flag():
            if scheme != "never":
                prefix.fail("add_prefix_space does not match declared prepend_scheme")
            scheme = "never"
        split = node.get("split")
        if (text := node.get("str_rep")) is not None:
            text.text()
        self._replacement, self._prepend_scheme, self._split = (
            replacement,
            scheme,
            split is None or split.flag(),
        )


@final
class Punctuation(PreTokenizer):
    """Split at punctuation marks.

    Args:
        behavior: what becomes of them: "isolated", "removed", "merged_with_previous", "merged_with_next" or
            "contiguous".

    Raises:
        TypeError: not a str. ValueError: another behavior.

    >>> Punctuation("removed").pre_tokenize_str("Hi, you!")
    [('Hi', (0, 2)), (' you', (3, 7))]

    Mirrors `tokenizers.pre_tokenizers.Punctuation`.
    """

    __slots__ = ("_behavior",)

    KIND: ClassVar[str] = "Punctuation"

    behavior = Behavior()

    def __init__(self, behavior: str = "isolated") -> None:
        super().__init__()
        self._behavior = check_behavior("behavior", behavior)

    def _fields(self) -> dict[str, object]:
        return {"behavior": BEHAVIOR_NAMES[self._behavior]}

    def _struct(self) -> Struct:
        return Struct(self.KIND, {"behavior": Bare(BEHAVIOR_NAMES[self._behavior])})

    def _load(self, node: Node) -> None:
        has = "behavior" in node.fields()
        self._behavior = node["behavior"].choice(BEHAVIORS) if has else "isolated"

    def _steps(self) -> list[Step]:
        return [("Punctuation", self._behavior)]


@final
class Split(PreTokenizer):
    """Split at the matches of a pattern.

    Args:
        pattern: a str, which stands for itself, or a `fasttok.Regex`.
        behavior: what becomes of the matches: "removed", "isolated", "merged_with_previous",
            "merged_with_next" or "contiguous".
        invert: take what lies between the matches for the matches.

    Raises:
        TypeError: an argument has another type. ValueError: another behavior.

    >>> Split("-", "isolated").pre_tokenize_str("a-b")
    [('a', (0, 1)), ('-', (1, 2)), ('b', (2, 3))]

    Mirrors `tokenizers.pre_tokenizers.Split`; as there, `pattern` can be neither read nor set.
    """

    __slots__ = ("_behavior", "_invert", "_pattern")

    KIND: ClassVar[str] = "Split"

    behavior = Behavior()
    invert = Field(check_bool, "Whether matches and what lies between them change places.")

    def __init__(self, pattern: Pattern, behavior: str, invert: bool = False) -> None:
        super().__init__()
        self._pattern = check_pattern(pattern)
        self._behavior = check_behavior("behavior", behavior)
        self.invert = invert

    @property
    def pattern(self) -> NoReturn:
        """Raises Exception, as upstream."""
        raise Exception("Cannot get pattern")

    @pattern.setter
    def pattern(self, value: Pattern) -> NoReturn:
        raise Exception("Cannot set pattern, please instantiate a new split pattern instead")

    def _values(self, pattern: Any, behavior: str) -> dict[str, object]:
        return {"pattern": pattern, "behavior": behavior, "invert": self._invert}

    def _fields(self) -> dict[str, object]:
        return self._values(pattern_json(self._pattern), BEHAVIOR_NAMES[self._behavior])

    def _struct(self) -> Struct:
        return Struct(
            "Split", self._values(pattern_repr(self._pattern), Bare(BEHAVIOR_NAMES[self._behavior]))
        )

    def _load(self, node: Node) -> None:
        self._pattern, self._behavior, self._invert = (
            read_pattern(node["pattern"]),
            node["behavior"].choice(BEHAVIORS),
            node["invert"].flag(),
        )

    def _steps(self) -> list[Step]:
        return [("Split", self._pattern, self._behavior, self._invert)]


@final
class UnicodeScripts(PreTokenizer):
    """Split where the script changes; Hiragana and Katakana count as Han.

    >>> UnicodeScripts().pre_tokenize_str("どこ Where")
    [('どこ ', (0, 3)), ('Where', (3, 8))]

    Mirrors `tokenizers.pre_tokenizers.UnicodeScripts`, which drops what stands before the first character
    that has a script.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "UnicodeScripts"


@final
class Whitespace(PreTokenizer):
    r"""Runs of word characters, and runs of others that are not white space: `\w+|[^\w\s]+`.

    >>> Whitespace().pre_tokenize_str("Let's go...")
    [('Let', (0, 3)), ("'", (3, 4)), ('s', (4, 5)), ('go', (6, 8)), ('...', (8, 11))]

    Mirrors `tokenizers.pre_tokenizers.Whitespace`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "Whitespace"


@final
class WhitespaceSplit(PreTokenizer):
    """Split at white space, which goes.

    >>> WhitespaceSplit().pre_tokenize_str("Hi, you")
    [('Hi,', (0, 3)), ('you', (4, 7))]

    Mirrors `tokenizers.pre_tokenizers.WhitespaceSplit`.
    """

    __slots__ = ()

    KIND: ClassVar[str] = "WhitespaceSplit"


@final
class Sequence(Chain[PreTokenizer], PreTokenizer):
    """Pre-tokenizers that work one after the other, each on what the one before it has left.

    Args:
        pre_tokenizers: a list of them; sequences in it are taken apart.

    Raises:
        TypeError: not a list of pre-tokenizers.

    >>> chain = Sequence([Whitespace(), Digits()])
    >>> chain[1].individual_digits = True
    >>> chain
    Sequence(pretokenizers=[Whitespace(), Digits(individual_digits=True)])

    Mirrors `tokenizers.pre_tokenizers.Sequence`: items can be read and set by index, and setting one takes a
    copy.
    """

    __slots__ = ("_items",)

    KIND: ClassVar[str] = "Sequence"

    def __init__(self, pre_tokenizers: list[PreTokenizer]) -> None:
        super().__init__()
        self._take(pre_tokenizers, "pre_tokenizers", PreTokenizer)

    def __setitem__(self, i: int, item: PreTokenizer) -> None:
        """Puts a copy of `item` there; IndexError where there is no such place."""
        self._set(i, item, PreTokenizer, "pre tokenizer")

    def _json(self) -> dict[str, object]:
        return {"type": "Sequence", "pretokenizers": [item._json() for item in self._items]}

    def _struct(self) -> Struct:
        return Struct("Sequence", {"pretokenizers": self._items})

    def _load(self, node: Node) -> None:
        self._hold([SECTION.read(item) for item in node["pretokenizers"]])


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

    def _steps(self) -> list[Step]:
        raise ValueError("PinyinSyllables works as the only pre-tokenizer of a tokenizer, not in a Sequence")

    def _spec(self) -> _core.Pinyin:
        from fasttok.pinyin_table import table

        return table()

    def pre_tokenize(self, pretok: _core.PreTokenizedString) -> None:
        if not isinstance(pretok, _core.PreTokenizedString):
            raise TypeError(f"pretok is {type(pretok).__name__}; expected PreTokenizedString")
        pretok.split(lambda _, text: _syllables_of(text))

    def pre_tokenize_str(self, s: str) -> list[tuple[str, tuple[int, int]]]:
        if not isinstance(s, str):
            raise TypeError(f"'{type(s).__name__}' object is not an instance of 'str'")
        return _pinyin_words(s)


def _pinyin_words(text: str) -> list[tuple[str, tuple[int, int]]]:
    from fasttok.pinyin import segment

    return [
        (part.syllable + ("" if part.tone is None else str(part.tone or 5)), (part.start, part.end))
        for part in segment(text, v="ü")
        if part.kind != "separator"
    ]


def _syllables_of(text: _core.NormalizedString) -> list[_core.NormalizedString]:
    """The same words as slices, each of which knows its place in the original."""
    slices = []
    for word, place in _pinyin_words(text.normalized):
        piece = text.slice(place)
        assert piece is not None  # no word is empty
        if piece.normalized != word:
            piece.replace(piece.normalized, word)
        slices.append(piece)
    return slices


SECTION: Section[PreTokenizer] = Section(
    [
        BertPreTokenizer,
        ByteLevel,
        CharDelimiterSplit,
        Digits,
        FixedLength,
        Metaspace,
        PinyinSyllables,
        Punctuation,
        Sequence,
        Split,
        UnicodeScripts,
        Whitespace,
        WhitespaceSplit,
    ],
    "",
    lambda keys: None,
)
